import torch
from torch.nn import functional

from skmultitag.losses._base import MultilabelLoss
from skmultitag.losses._two_sided_logsumexp import lowest
from skmultitag.utils._sklearn import StrOptions


class LabelCountLoss(MultilabelLoss):
    r"""Error of the predicted number of labels of each row.

    It does not train *which* labels a row has. So add it to another loss with
    :class:`WeightedSumLoss`. The loss named "label_count" is cross-entropy plus 0.1
    times this loss.

    Read more in the :ref:`User Guide <counts>`.

    Parameters
    ----------
    count : {"soft", "poisson_binomial"}, default="soft"
        Which error, with p = 1 / (1 + exp(-z)) and :math:`n_i` labels in row i:

        - "soft": squared error of the expected number of labels, divided by L,
          :math:`\frac{1}{nL} \sum_i (\sum_j p_{ij} - n_i)^2`;
        - "poisson_binomial": minus the log of the probability of the true number, if
          labels are independent, :math:`-\frac{1}{n} \sum_i \log P(N_i = n_i)`.

    Attributes
    ----------
    n_labels_ : int
        Number of labels seen in `fit`.

    See Also
    --------
    WeightedSumLoss : Adds this loss to one that trains which labels a row has.

    Notes
    -----
    "poisson_binomial" multiplies polynomials, one for each label, in a binary tree, and
    keeps as many terms as the row with the most labels in the batch needs. It takes
    many times as long as "soft".

    References
    ----------
    .. [1] J. Du et al., "ML-Net: multi-label classification of biomedical texts with
       deep neural networks", JAMIA 26(11), 2019.

    Examples
    --------
    >>> import torch
    >>> from skmultitag.losses import LabelCountLoss
    >>> y_true = torch.tensor([[1.0, 0.0]])
    >>> LabelCountLoss()(torch.zeros(1, 2), y_true).item()  # 1/2 + 1/2 labels
    0.0
    >>> exact = LabelCountLoss("poisson_binomial")
    >>> round(exact(torch.zeros(1, 2), y_true).item(), 4)  # -log(1/2)
    0.6931
    """

    _parameter_constraints = {"count": [StrOptions({"soft", "poisson_binomial"})]}

    def __init__(self, count="soft"):
        super().__init__()
        self.count = count

    def _row_losses(self, y_score, y_true, y_false):
        n_true, y_known = y_true.sum(dim=1), y_true + y_false
        if self.count == "soft":
            error = (torch.sigmoid(y_score) * y_known).sum(dim=1) - n_true
            return error.square() / y_known.sum(dim=1).clamp(min=1)
        n_true = n_true.long()
        y_score = torch.where(y_known > 0, y_score, lowest(y_score))
        # P(N = n) is the n-th elementary symmetric polynomial of the odds e^z,
        # times the product of all 1 - p
        most = max(n_true.tolist(), default=0)
        log_terms = _log_symmetric_polynomials(y_score, most)
        log_term = log_terms.gather(1, n_true[:, None])[:, 0]
        return functional.softplus(y_score).sum(dim=1) - log_term


def _log_symmetric_polynomials(logits, degree):
    """Logs of the coefficients of the product over labels of (1 + e^z t).

    Returns a tensor of shape (n_samples, degree + 1), lowest power first.
    """
    never = lowest(logits)
    factors = torch.stack([torch.zeros_like(logits), logits], dim=-1)
    while factors.shape[1] > 1:
        if factors.shape[1] % 2:
            one = torch.full_like(factors[:, :1], never)
            one[..., 0] = 0
            factors = torch.cat([factors, one], dim=1)
        factors = _log_product(factors[:, ::2], factors[:, 1::2])[..., : degree + 1]
    missing = degree + 1 - factors.shape[-1]
    return functional.pad(factors[:, 0], (0, missing), value=never)


def _log_product(a, b):
    """Product of polynomials with coefficients exp(a) and exp(b), as logs."""
    n_terms = a.shape[-1]
    windows = functional.pad(b, (n_terms - 1, n_terms - 1), value=lowest(a))
    windows = windows.unfold(-1, n_terms, 1)
    return torch.logsumexp(windows + a.flip(-1).unsqueeze(-2), dim=-1)

import torch

from skmultitag.losses._base import MultilabelLoss
from skmultitag.losses._pairs import n_pairs, refuse_without_pairs
from skmultitag.losses._two_sided_logsumexp import two_sided_logsumexp


class BPMLLLoss(MultilabelLoss):
    r"""Ranks the labels of a row above all others, by exponentials (BP-MLL).

    It was the first loss made for multilabel networks. The logits go through tanh, so
    no pair of labels costs more than :math:`e^2`:

    .. math:: \frac{1}{n} \sum_i \frac{1}{|P_i| |N_i|} \sum_{k \in P_i}
              \sum_{j \in N_i} e^{c_{ij} - c_{ik}}, \qquad c_{ij} = \tanh(z_{ij}) ,

    with :math:`P_i` the labels that row i has and :math:`N_i` the labels that it does
    not have. The double sum is a product of two sums, so the cost is linear in the
    number of labels. Rows that have no label, or all labels, have a loss of 0. If there
    are no other rows, `fit` raises an error.

    The loss only ranks. The paper decides with
    :class:`~skmultitag.thresholds.LinearThreshold` on c.

    Read more in the :ref:`User Guide <bp_mll>`.

    Attributes
    ----------
    n_labels_ : int
        Number of labels seen in `fit`.

    See Also
    --------
    LSEPLoss : Takes a logarithm in place of tanh.
    skmultitag.thresholds.LinearThreshold : Decides how many labels each row gets.

    Notes
    -----
    `decision_function` returns c, and `predict_proba` returns (1 + c) / 2.

    If a row has the loss :math:`E_i`, then its LSEP loss with c in place of z is
    :math:`\log(1 + |P_i| |N_i| E_i)`. Without tanh, the exponentials of this loss would
    overflow. LSEP computes them in logs, which do not overflow.

    References
    ----------
    .. [1] M.-L. Zhang, Z.-H. Zhou, "Multilabel Neural Networks with Applications to
       Functional Genomics and Text Categorization", IEEE TKDE 18(10), 2006.

    Examples
    --------
    >>> import torch
    >>> from skmultitag.losses import BPMLLLoss
    >>> y_true = torch.tensor([[1.0, 0.0, 0.0]])
    >>> BPMLLLoss()(torch.zeros(1, 3), y_true).item()  # both pairs have exp(0)
    1.0
    >>> z = torch.tensor([[100.0, -100.0, -100.0]])
    >>> round(BPMLLLoss()(z, y_true).item(), 4)  # exp(-2)
    0.1353
    """

    has_natural_threshold = False
    _fit = refuse_without_pairs

    def _row_losses(self, y_score, y_true, y_false):
        return mean_exponential(torch.tanh(y_score), y_true, y_false)

    def decision_function(self, logits):
        return torch.tanh(logits)

    def predict_proba(self, logits):
        return torch.sigmoid(2 * logits)


def mean_exponential(outputs, y_true, y_false):
    """Mean over the pairs of a row of exp(negative - positive); 0 without a pair."""
    log_neg, log_pos = two_sided_logsumexp(
        outputs * (y_false - y_true), y_true, y_false, 1
    )
    return torch.exp(log_neg + log_pos) / n_pairs(y_true, y_false).clamp(min=1)

import torch
from torch.nn import functional

from skmultitag.losses._base import MultilabelLoss
from skmultitag.losses._pairs import refuse_without_pairs
from skmultitag.losses._two_sided_logsumexp import lowest


class SparsemaxLoss(MultilabelLoss):
    r"""Trains a distribution over the labels of a row, with zeros (sparsemax).

    The target is a distribution too: the labels of a row share a probability of 1
    equally, :math:`q_{ij} = y_{ij} / \sum_k y_{ik}`. The scores become a distribution
    by projection onto the simplex, :math:`p_{ij} = \max(0, z_{ij} - \tau_i)`, with the
    :math:`\tau_i` that makes the sum 1. The loss

    .. math:: \frac{1}{n} \sum_i \frac{1}{2} \|p_i\|^2 + \frac{1}{2} \|q_i\|^2
              + \sum_j q_{ij} (\tau_i - z_{ij})

    is 0 if p = q, else larger, and its gradient is p - q. Rows without labels have a
    loss of 0.

    All labels of a row compete. So use it if rows have few labels. It only ranks: a
    number added to all scores of a row changes nothing. If each row has no label or all
    labels, there is nothing to learn, and `fit` raises an error.

    Read more in the :ref:`User Guide <sparsemax>`.

    Attributes
    ----------
    n_labels_ : int
        Number of labels seen in `fit`.

    See Also
    --------
    LSEPLoss : Compares labels in pairs.
    skmultitag.thresholds.LinearThreshold : Decides how many labels each row gets.

    References
    ----------
    .. [1] A. F. T. Martins, R. F. Astudillo, "From Softmax to Sparsemax: A Sparse Model
       of Attention and Multi-Label Classification", ICML, 2016.

    Examples
    --------
    >>> import torch
    >>> from skmultitag.losses import SparsemaxLoss
    >>> z, y_true = torch.tensor([[0.3, -0.2, 1.0, -1.1]]), torch.tensor([[1, 0, 0, 1]])
    >>> round(SparsemaxLoss()(z, y_true).item(), 4)  # p = (0.15, 0, 0.85, 0)
    1.1725
    """

    has_natural_threshold = False
    _fit = refuse_without_pairs

    def _row_losses(self, y_score, y_true, y_false):
        n_labels = y_true.sum(dim=1, keepdim=True)
        q = y_true / n_labels.clamp(min=1)
        y_score = torch.where(y_true + y_false > 0, y_score, lowest(y_score))
        # of no matter for the loss, but sums of large numbers would be rounded
        z = y_score - y_score.detach().amax(dim=1, keepdim=True)
        tau = _threshold(z)
        p = functional.relu(z - tau)
        losses = (p.square() + q.square()) / 2 + q * (tau - z)
        return (losses * (n_labels > 0)).sum(dim=1)


def _threshold(z):
    """For each row, the number t with which the sum of max(0, z - t) is 1."""
    ordered = z.sort(dim=1, descending=True).values
    sums = ordered.cumsum(dim=1) - 1
    k = torch.arange(1, z.shape[1] + 1, device=z.device)
    n_positive = (k * ordered > sums).sum(dim=1, keepdim=True).clamp(min=1)  # of NaN
    return sums.gather(1, n_positive - 1) / n_positive

from torch.nn import functional

from skmultitag.losses._base import MultilabelLoss
from skmultitag.losses._pairs import refuse_without_pairs
from skmultitag.losses._two_sided_logsumexp import two_sided_logsumexp


class LSEPLoss(MultilabelLoss):
    r"""Ranks the labels of a row above all others (log-sum-exp pairwise, LSEP).

    It only trains differences between scores of a row. To decide how many labels a row
    gets, tune thresholds on held-out rows, or learn the number with
    :class:`~skmultitag.thresholds.LabelCountThreshold`.

    .. math:: \frac{1}{n} \sum_i \log\Big(1 + \sum_{j: y_{ij} = 0} \sum_{k: y_{ik} = 1}
              e^{z_{ij} - z_{ik}}\Big)

    The double sum is a product of two sums, so the cost is linear in the number of
    labels. Rows that have no label, or all labels, have a loss of 0. If there are no
    other rows, `fit` raises an error.

    Read more in the :ref:`User Guide <lsep>`.

    Attributes
    ----------
    n_labels_ : int
        Number of labels seen in `fit`.

    See Also
    --------
    ZLPRLoss : Also compares each score with a threshold.

    References
    ----------
    .. [1] Y. Li, Y. Song, J. Luo, "Improving Pairwise Ranking for Multi-label Image
       Classification", CVPR, 2017.

    Examples
    --------
    >>> import torch
    >>> from skmultitag.losses import LSEPLoss
    >>> y_true = torch.tensor([[1.0, 0.0, 0.0]])
    >>> round(LSEPLoss()(torch.zeros(1, 3), y_true).item(), 4)  # log(1 + 2)
    1.0986
    """

    has_natural_threshold = False
    _fit = refuse_without_pairs

    def _row_losses(self, y_score, y_true, y_false):
        log_neg, log_pos = two_sided_logsumexp(
            y_score * (y_false - y_true), y_true, y_false, 1
        )
        return functional.softplus(log_neg + log_pos)

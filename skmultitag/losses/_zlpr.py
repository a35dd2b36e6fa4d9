from torch.nn import functional

from skmultitag.losses._base import MultilabelLoss
from skmultitag.losses._two_sided_logsumexp import two_sided_logsumexp


class ZLPRLoss(MultilabelLoss):
    r"""Ranks the labels of a row above 0, and all others below 0 (ZLPR).

    Positives are ranked above negatives, and both are compared with the threshold 0. So
    the loss also trains how many labels a row has, and no threshold needs to be tuned.
    With one label it is cross-entropy.

    .. math:: \frac{1}{n} \sum_i
              \log\Big(1 + \sum_{j: y_{ij} = 0} e^{z_{ij}}\Big) +
              \log\Big(1 + \sum_{j: y_{ij} = 1} e^{-z_{ij}}\Big)

    Read more in the :ref:`User Guide <zlpr>`.

    Attributes
    ----------
    n_labels_ : int
        Number of labels seen in `fit`.

    See Also
    --------
    LSEPLoss : Compares positives only with negatives.

    References
    ----------
    .. [1] J. Su, M. Zhu, A. Murtadha, S. Pan, B. Wen, Y. Liu, "ZLPR: A Novel Loss for
       Multi-label Classification", arXiv:2208.02955, 2022.

    Examples
    --------
    >>> import torch
    >>> from skmultitag.losses import ZLPRLoss
    >>> y_true = torch.tensor([[1.0, 0.0, 0.0]])
    >>> round(ZLPRLoss()(torch.zeros(1, 3), y_true).item(), 4)  # log(3) + log(2)
    1.7918
    """

    def _row_losses(self, y_score, y_true, y_false):
        log_neg, log_pos = two_sided_logsumexp(
            y_score * (y_false - y_true), y_true, y_false, 1
        )
        return functional.softplus(log_neg) + functional.softplus(log_pos)

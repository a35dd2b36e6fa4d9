from numbers import Real

import torch
from torch.nn import functional

from skmultitag.losses._base import MultilabelLoss
from skmultitag.utils._sklearn import Interval


class FocalLoss(MultilabelLoss):
    r"""Cross-entropy that counts entries less the better they are predicted.

    Most entries of a multilabel target are easy negatives. The focus on hard entries
    keeps the easy ones from dominating the gradient.

    .. math:: \frac{1}{nL} \sum_{ij} \alpha_{ij} (1 - p^t_{ij})^\gamma
              (-\log p^t_{ij})

    where :math:`p^t` is the probability of the true value (p for a positive, 1 - p for
    a negative), and :math:`\alpha_{ij}` is the weight (`alpha` for a positive,
    1 - `alpha` for a negative).

    Read more in the :ref:`User Guide <focal>`.

    Parameters
    ----------
    alpha : float or None, default=0.25
        Weight of the positives, in (0, 1). With the default, which is the published
        one, positives count *less* than negatives. With None nothing is weighted.

    gamma : float, default=2.0
        Focus, in [0, inf). With gamma=0 and alpha=None the loss is cross-entropy.

    Attributes
    ----------
    n_labels_ : int
        Number of labels seen in `fit`.

    has_natural_threshold : bool
        True only with alpha=None. Otherwise `alpha` moves p, and 1/2 is no good
        threshold.

    See Also
    --------
    AsymmetricLoss : Has one focus for positives and one for negatives.

    References
    ----------
    .. [1] T.-Y. Lin, P. Goyal, R. Girshick, K. He, P. Dollar, "Focal Loss for Dense
       Object Detection", ICCV, 2017.

    Examples
    --------
    >>> import torch
    >>> from skmultitag.losses import FocalLoss
    >>> loss = FocalLoss(alpha=None, gamma=2.0)
    >>> round(loss(torch.zeros(1, 1), torch.ones(1, 1)).item(), 4)  # log(2) / 4
    0.1733
    """

    _parameter_constraints = {
        "alpha": [Interval(Real, 0, 1, closed="neither"), None],
        "gamma": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(self, alpha=0.25, gamma=2.0):
        super().__init__()
        self.alpha = alpha
        self.gamma = gamma

    @property
    def has_natural_threshold(self):
        return self.alpha is None

    def _entry_losses(self, y_score, y_true):
        log_p, focus = log_proba_and_focus(y_score, y_true, self.gamma)
        losses = -focus * log_p
        if self.alpha is not None:
            losses = losses * (1 - self.alpha + (2 * self.alpha - 1) * y_true)
        return losses


def log_proba_and_focus(z, y_true, gamma, neg_scale=1.0):
    """log p of the true values, and (1 - p) ** gamma.

    The logits of negatives are multiplied by `neg_scale` before.
    """
    # masks are multiplied: on a CPU, torch.where takes thirty times as long
    z_true = z * ((1 + neg_scale) * y_true - neg_scale)
    log_p = functional.logsigmoid(z_true)
    # log(1 - p) = log p - z: finite gradients for gamma < 1 too, and no second log
    return log_p, torch.exp(gamma * (log_p - z_true))

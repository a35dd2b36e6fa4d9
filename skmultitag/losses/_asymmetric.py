from numbers import Real

import torch
from torch.nn import functional

from skmultitag.losses._base import MultilabelLoss
from skmultitag.utils._sklearn import Interval


class AsymmetricLoss(MultilabelLoss):
    r"""Focal loss with one focus for positives and one for negatives (ASL).

    Most negatives are easy. So they get a strong focus, and negatives with a
    probability below `clip` are dropped. Positives keep their gradient.

    .. math:: -\frac{1}{nL} \sum_{ij} y_{ij} (1 - p_{ij})^{\gamma_+} \log p_{ij}
              + (1 - y_{ij}) m_{ij}^{\gamma_-} \log(1 - m_{ij}),
              \quad m_{ij} = \max(p_{ij} - \text{clip}, 0)

    Read more in the :ref:`User Guide <asymmetric>`.

    Parameters
    ----------
    gamma_neg : float, default=4.0
        Focus of the negatives, in [0, inf).

    gamma_pos : float, default=1.0
        Focus of the positives, in [0, inf).

    clip : float, default=0.05
        Probability below which a negative has no loss, in [0, 1).

    detach_focus : bool, default=True
        Whether the gradient takes the factors with powers for constants, as in the
        published code.

    Attributes
    ----------
    n_labels_ : int
        Number of labels seen in `fit`.

    has_natural_threshold : bool
        True only if `gamma_neg` equals `gamma_pos`, and `clip` is 0. Otherwise the weak
        negatives move p upwards, and a threshold of 1/2 predicts too many labels.

    See Also
    --------
    FocalLoss : Has one focus for positives and negatives.

    Notes
    -----
    The published loss is the sum over the entries. This one is the mean.

    References
    ----------
    .. [1] T. Ridnik et al., "Asymmetric Loss For Multi-Label Classification", ICCV,
       2021.

    Examples
    --------
    >>> import torch
    >>> from skmultitag.losses import AsymmetricLoss
    >>> negative = torch.zeros(1, 1)
    >>> AsymmetricLoss()(torch.tensor([[-3.0]]), negative).item()  # p < 0.05
    0.0
    """

    _parameter_constraints = {
        "gamma_neg": [Interval(Real, 0, None, closed="left")],
        "gamma_pos": [Interval(Real, 0, None, closed="left")],
        "clip": [Interval(Real, 0, 1, closed="left")],
        "detach_focus": ["boolean"],
    }

    def __init__(self, gamma_neg=4.0, gamma_pos=1.0, clip=0.05, *, detach_focus=True):
        super().__init__()
        self.gamma_neg = gamma_neg
        self.gamma_pos = gamma_pos
        self.clip = clip
        self.detach_focus = detach_focus

    @property
    def has_natural_threshold(self):
        return self.gamma_neg == self.gamma_pos and self.clip == 0

    def _entry_losses(self, y_score, y_true):
        y_false = 1 - y_true
        p = torch.sigmoid(y_score)
        if self.detach_focus:
            with torch.no_grad():
                focus = self._focus(p, y_true, y_false)
        else:
            focus = self._focus(p, y_true, y_false)
        log_positive = functional.logsigmoid(y_score)
        if self.clip > 0:
            log_negative = torch.log((1 - p + self.clip).clamp(max=1))
        else:
            log_negative = log_positive - y_score
        log_true = y_true * log_positive + y_false * log_negative
        return -focus * log_true

    def _focus(self, p, y_true, y_false):
        wrong = y_true * (1 - p) + y_false * (p - self.clip)
        gamma = self.gamma_pos * y_true + self.gamma_neg * y_false
        # above 0, where the gradient of a power can be infinite
        return wrong.clamp(min=torch.finfo(p.dtype).tiny) ** gamma

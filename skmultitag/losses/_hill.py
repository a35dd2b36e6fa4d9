from numbers import Real

import torch
from torch.nn import functional

from skmultitag.losses._base import MultilabelLoss
from skmultitag.utils._sklearn import Interval


class HillLoss(MultilabelLoss):
    r"""Loss for targets with missing labels: unlikely negatives count less (Hill).

    If annotators forget labels, a negative that the network takes for a positive may
    well be one. So the gradient of a negative falls again as p comes near to 1: its
    curve is a hill.

    .. math:: \frac{1}{nL} \sum_{ij} - y_{ij} (1 - q_{ij})^\gamma \log q_{ij}
              + (1 - y_{ij}) (\lambda - p_{ij}) p_{ij}^2,
              \quad q_{ij} = \frac{1}{1 + \exp(\text{margin} - z_{ij})}

    Read more in the :ref:`User Guide <hill>`.

    Parameters
    ----------
    lamb : float, default=1.5
        The :math:`\lambda` of the formula, in [1, inf). The loss of a negative grows up
        to p = 2/3 lamb, which is 1 for the default.

    margin : float, default=1.0
        Number that is subtracted from the logits of positives, in [0, inf).

    gamma : float, default=2.0
        Focus of the positives, in [0, inf).

    Attributes
    ----------
    n_labels_ : int
        Number of labels seen in `fit`.

    Notes
    -----
    The published loss is the sum over the entries. This one is the mean. It has no
    natural threshold.

    References
    ----------
    .. [1] Y. Zhang et al., "Simple and Robust Loss Design for Multi-Label Learning with
       Missing Labels", arXiv:2112.07368, 2021.

    Examples
    --------
    >>> import torch
    >>> from skmultitag.losses import HillLoss
    >>> HillLoss()(torch.zeros(1, 1), torch.zeros(1, 1)).item()  # (1.5 - 0.5) / 4
    0.25
    """

    has_natural_threshold = False

    _parameter_constraints = {
        "lamb": [Interval(Real, 1, None, closed="left")],
        "margin": [Interval(Real, 0, None, closed="left")],
        "gamma": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(self, lamb=1.5, margin=1.0, gamma=2.0):
        super().__init__()
        self.lamb = lamb
        self.margin = margin
        self.gamma = gamma

    def _entry_losses(self, y_score, y_true):
        p, shifted = torch.sigmoid(y_score), y_score - self.margin
        log_q = functional.logsigmoid(shifted)
        focus = torch.exp(self.gamma * (log_q - shifted))
        losses = (1 - y_true) * (self.lamb - p) * p.square() - y_true * focus * log_q
        return losses

from numbers import Real

import numpy as np
import torch

from skmultitag.losses._base import MultilabelLoss, label_frequencies
from skmultitag.losses._focal import log_proba_and_focus
from skmultitag.utils._sklearn import Interval


class DistributionBalancedLoss(MultilabelLoss):
    r"""Focal loss for long tails, with weights and shifts from label frequencies.

    It is made for data in which rows with rare labels are drawn more often. Such a row
    also has common labels, which are then drawn too often. The weights undo this: they
    are large for the labels that are rare among the labels of the row. A shift raises
    the logits of rare labels, and negatives that are predicted well count less.

    With :math:`n_j` positives of label j among N rows, the loss is the mean over rows i
    and labels j of :math:`w_{ij}` times the focal loss of :math:`z'_{ij}`,

    .. math:: w_{ij} = a + \frac{1}{1 + e^{-b (r_{ij} - \mu)}}, \quad
              r_{ij} = \frac{1 / n_j}{\sum_{k: y_{ik} = 1} 1 / n_k}, \quad
              z'_{ij} = z_{ij} - \kappa \log(N / n_j - 1).

    For negatives, z' is multiplied by `neg_scale`, and w is divided by it.

    Read more in the :ref:`User Guide <distribution_balanced>`.

    Parameters
    ----------
    map_alpha : float, default=0.1
        The a of the weights, in [0, inf).

    map_beta : float, default=10.0
        The b of the weights, in (0, inf).

    map_gamma : float, default=0.9
        The :math:`\mu` of the weights, any finite number.

    bias_scale : float, default=0.05
        The factor :math:`\kappa` of the shifts, in [0, inf).

    neg_scale : float, default=2.0
        Factor of the logits of negatives, in (0, inf).

    alpha : float, default=0.5
        Weight of the positives in the focal loss, in (0, 1).

    gamma : float, default=2.0
        Focus of the focal loss, in [0, inf).

    Attributes
    ----------
    n_labels_ : int
        Number of labels seen in `fit`.

    label_frequency_ : ndarray of shape (n_labels,)
        Share of the rows of `fit` that have the label, in [1 / (2 n), 1 - 1 / (2 n)],
        where n is the number of rows, or the sum of their weights if that is larger.

    n_samples_ : float
        Number of rows of `fit`, or the sum of their weights.

    Notes
    -----
    The default parameters are from the version for text [2]_. The loss has no natural
    threshold.

    References
    ----------
    .. [1] T. Wu, Q. Huang, Z. Liu, Y. Wang, D. Lin, "Distribution-Balanced Loss for
       Multi-Label Classification in Long-Tailed Datasets", ECCV, 2020.
    .. [2] Y. Huang, B. Giledereli, A. Koksal, A. Ozgur, E. Ozkirimli, "Balancing
       Methods for Multi-label Text Classification with Long-Tailed Class
       Distribution", EMNLP, 2021.

    Examples
    --------
    >>> import torch
    >>> from skmultitag.losses import DistributionBalancedLoss
    >>> y_true = torch.tensor([[1.0, 0.0], [1.0, 1.0], [1.0, 0.0], [0.0, 0.0]])
    >>> loss = DistributionBalancedLoss().fit(y_true)
    >>> loss.label_frequency_
    array([0.75, 0.25])
    """

    has_natural_threshold = False

    _parameter_constraints = {
        "map_alpha": [Interval(Real, 0, None, closed="left")],
        "map_beta": [Interval(Real, 0, None, closed="neither")],
        "map_gamma": [Interval(Real, None, None, closed="neither")],
        "bias_scale": [Interval(Real, 0, None, closed="left")],
        "neg_scale": [Interval(Real, 0, None, closed="neither")],
        "alpha": [Interval(Real, 0, 1, closed="neither")],
        "gamma": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(
        self,
        map_alpha=0.1,
        map_beta=10.0,
        map_gamma=0.9,
        *,
        bias_scale=0.05,
        neg_scale=2.0,
        alpha=0.5,
        gamma=2.0,
    ):
        super().__init__()
        self.map_alpha = map_alpha
        self.map_beta = map_beta
        self.map_gamma = map_gamma
        self.bias_scale = bias_scale
        self.neg_scale = neg_scale
        self.alpha = alpha
        self.gamma = gamma

    def _fit(self, y_true, sample_weight, random_state):
        frequency, self.n_samples_ = label_frequencies(y_true, sample_weight)
        n_rows = y_true.shape[0]
        if sample_weight is not None:
            n_rows = np.count_nonzero(sample_weight)
        # weights may be shares of 1, whose sum is no number of rows
        half_a_row = 0.5 / max(self.n_samples_, n_rows)
        self.label_frequency_ = np.clip(frequency, half_a_row, 1 - half_a_row)

    def _entry_losses(self, y_score, y_true):
        self._check_is_fitted()
        frequency = self._per_label("label_frequency_", like=y_score)
        z = y_score - self.bias_scale * torch.log(1 / frequency - 1)
        log_p, focus = log_proba_and_focus(z, y_true, self.gamma, self.neg_scale)
        weight_neg = (1 - self.alpha) / self.neg_scale
        weight = weight_neg + (self.alpha - weight_neg) * y_true
        weight = weight * self._rebalance(y_true, 1 / (frequency * self.n_samples_))
        return -weight * focus * log_p

    def _rebalance(self, y_true, inverse):
        total = (y_true * inverse).sum(dim=1)
        # a row without labels: r is infinite, and its logistic function 1
        total = total.clamp(min=torch.finfo(total.dtype).tiny)
        r = inverse / total[:, None]
        return self.map_alpha + torch.sigmoid(self.map_beta * (r - self.map_gamma))

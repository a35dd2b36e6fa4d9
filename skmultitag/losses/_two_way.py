from numbers import Real

import torch
from torch.nn import functional

from skmultitag._confusion import weighted_mean
from skmultitag.losses._base import MultilabelLoss, negatives
from skmultitag.losses._two_sided_logsumexp import lowest, two_sided_logsumexp
from skmultitag.utils._sklearn import Interval


class TwoWayLoss(MultilabelLoss):
    r"""Ranks labels within each row, and rows within each label.

    The hardest positives and negatives count most, and two temperatures say how much
    more. It ranks well but has no natural threshold: tune one on held-out rows.

    .. math:: \operatorname{mean}_i \ell(\{z_{ij}\}_j) +
              \operatorname{mean}_j \ell(\{z_{ij}\}_i), \quad
              \ell(z) = \log\Big(1 + \exp\Big(T_- \log \sum_{y = 0} e^{z / T_-} +
              T_+ \log \sum_{y = 1} e^{-z / T_+}\Big)\Big)

    The means are over the rows with a positive and over the labels with a positive.

    Read more in the :ref:`User Guide <two_way>`.

    Parameters
    ----------
    temperature_pos : float, default=4.0
        Temperature T+ of the positives, in [1e-30, 1e30]. The larger it is, the more
        positives count beside the hardest.

    temperature_neg : float, default=1.0
        Temperature T- of the negatives, in [1e-30, 1e30].

    Attributes
    ----------
    n_labels_ : int
        Number of labels seen in `fit`.

    References
    ----------
    .. [1] T. Kobayashi, "Two-way Multi-Label Loss", CVPR, 2023.

    Examples
    --------
    >>> import torch
    >>> from skmultitag.losses import TwoWayLoss
    >>> y_true = torch.tensor([[1.0, 0.0]])
    >>> round(TwoWayLoss()(torch.zeros(1, 2), y_true).item(), 4)  # log(2) + 0
    0.6931
    """

    has_natural_threshold = False

    _parameter_constraints = {
        # within what float32 can divide by
        "temperature_pos": [Interval(Real, 1e-30, 1e30, closed="both")],
        "temperature_neg": [Interval(Real, 1e-30, 1e30, closed="both")],
    }

    def __init__(self, temperature_pos=4.0, temperature_neg=1.0):
        super().__init__()
        self.temperature_pos = temperature_pos
        self.temperature_neg = temperature_neg

    def _forward(self, y_score, y_true, y_known, sample_weight):
        y_false = negatives(y_true, y_known)
        slope_pos, slope_neg = -1 / self.temperature_pos, 1 / self.temperature_neg
        signed = y_score * (slope_neg + (slope_pos - slope_neg) * y_true)
        by_row = self._pair_losses(signed, y_true, y_false, 1)
        if sample_weight is None:
            row_weight = 1.0
        else:
            # a row of weight w is there w times in the sums of each label
            row_weight, is_counted = sample_weight, sample_weight > 0
            log_weight = torch.where(is_counted, sample_weight.log(), lowest(signed))
            signed = (signed + log_weight[:, None]).clamp(min=lowest(signed))
            y_true = y_true * is_counted[:, None]
        by_label = self._pair_losses(signed, y_true, y_false, 0)
        has_label = (y_true.amax(dim=1) > 0) * row_weight
        is_seen = (y_true.amax(dim=0) > 0).to(signed.dtype)
        return weighted_mean(by_row, has_label.to(signed.dtype)) + weighted_mean(
            by_label, is_seen
        )

    def _pair_losses(self, signed, y_true, y_false, dim):
        log_neg, log_pos = two_sided_logsumexp(signed, y_true, y_false, dim)
        # a temperature must not carry the log of nothing out of range
        log_neg = (self.temperature_neg * log_neg).clamp(min=lowest(signed))
        log_pos = (self.temperature_pos * log_pos).clamp(min=lowest(signed))
        return functional.softplus(log_neg + log_pos)

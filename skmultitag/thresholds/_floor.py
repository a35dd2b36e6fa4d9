from numbers import Real

import numpy as np
from scipy.special import betaincinv

from skmultitag.thresholds._base import BaseThresholder
from skmultitag.thresholds._search import (
    counts_at_positives,
    each_label,
    midpoint_below,
    never_predicted,
)
from skmultitag.utils._messages import shorten, warn
from skmultitag.utils._sklearn import Interval, StrOptions

# what is taken for rounding of sums of weights, as a share
_ROUNDING = 1e-12


class FloorThresholder(BaseThresholder):
    """Base class of thresholders that keep precision or recall at a floor.

    A subclass names its `_measure`, and defines `_totals`, and `_fit` by calling
    `_fit_floor`.
    """

    _parameter_constraints = {
        "floor": [Interval(Real, 0, 1, closed="right")],
        "average": [StrOptions({"macro", "micro"})],
        "confidence": [Interval(Real, 0, 1, closed="neither"), None],
        "unmet": [StrOptions({"warn", "ignore", "best", "raise"})],
    }

    def __init__(self, floor=0.9, average="macro", *, confidence=None, unmet="warn"):
        self.floor = floor
        self.average = average
        self.confidence = confidence
        self.unmet = unmet

    def _fit_floor(self, scores, y, sample_weight):
        """Choose thresholds: sets `threshold_` and `is_met_`.

        Returns
        -------
        measure, other : float or ndarray of shape (n_labels,)
            The measure with a floor (or its lower bound), and the other measure.
        """
        scores, y = never_predicted(scores, y)
        labels = each_label(scores, y, sample_weight, self.average)
        found = [self._search(*label) for label in labels]
        threshold, measure, other = np.array(found, dtype=np.float64).T
        is_met = _reaches(measure, self.floor)
        if not is_met.all():
            self._say_unmet(is_met, measure)
            if self.unmet != "best":
                threshold[~is_met], other[~is_met] = np.inf, 0
        if self.average == "micro":
            threshold, measure, other, is_met = (
                each.item() for each in (threshold, measure, other, is_met)
            )
        self.threshold_, self.is_met_ = threshold, is_met
        return measure, other

    def _search(self, scores, y, sample_weight):
        """The best threshold, and the values of both measures there.

        Both measures gain if a row without the label is not predicted. So the lowest
        predicted score is the score of a positive. If the floor can't be met, the best
        value of the measure takes its place.
        """
        candidates, tp, predicted = counts_at_positives(scores, y, sample_weight)
        if not tp.any():
            return np.inf, 0, 0
        has_weight = tp > 0
        candidates, tp, predicted = (
            each[has_weight] for each in (candidates, tp, predicted)
        )
        total, other_total = self._totals(predicted, tp[-1])
        measure, other = tp / total, tp / other_total
        if self.confidence is not None:
            measure = lower_bound(tp, total, self.confidence)
        is_allowed = _reaches(measure, min(self.floor, measure.max()))
        best = np.argmax(np.where(is_allowed, other, -1))
        return midpoint_below(scores, candidates[best]), measure[best], other[best]

    def _say_unmet(self, is_met, measure):
        """Raise or warn with the best values, if the user wants it."""
        if self.unmet not in ("warn", "raise"):
            return
        what = self._measure
        if self.confidence is not None:
            what = f"lower bound of {what}"
        if self.average == "micro":
            where, missed = "all labels together", "Nothing"
            best = f"{measure[0]:.3g}"
        else:
            columns = zip(self._names_of_columns, measure.tolist(), is_met, strict=True)
            values = {name: round(value, 3) for name, value, met in columns if not met}
            where, missed = f"{len(values)} of {len(is_met)} labels", "None of them"
            best = shorten(values)
        message = (
            f"No threshold reaches a {what} of {self.floor} for {where}. The best is"
            f" {best}."
        )
        if self.unmet == "raise":
            raise ValueError(
                f"{message} Use a lower floor, or unmet='best' for the threshold with"
                f" the best {self._measure}, or 'warn' or 'ignore' to predict nothing."
            )
        warn(
            f"{message} {missed} is predicted. Use a lower floor, or unmet='best' for"
            f" the threshold with the best {self._measure}, or 'ignore' for no warning."
        )


def lower_bound(tp, total, confidence):
    """Lower bound of a share, exact for binomial counts (Clopper and Pearson).

    Parameters
    ----------
    tp, total : ndarray or float
        Number of successes, above 0, and of trials.

    confidence : float
        Of the one-sided bound, in (0, 1).

    Returns
    -------
    bound : ndarray
        In [0, 1).
    """
    return betaincinv(tp, total - tp + 1, 1 - confidence)


def _reaches(values, floor):
    return values >= floor * (1 - _ROUNDING)

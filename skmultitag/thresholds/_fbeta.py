from numbers import Real

import numpy as np
from scipy.special import logit

from skmultitag.calibration import PlattCalibrator
from skmultitag.thresholds._base import BaseThresholder
from skmultitag.thresholds._search import (
    best_fbeta,
    best_mean_fbeta,
    best_micro_fbeta,
    best_samples_fbeta,
    each_label,
    never_predicted,
)
from skmultitag.utils._annotation import annotated, is_partial
from skmultitag.utils._score_transformer import fitted_inside
from skmultitag.utils._sklearn import Interval, StrOptions


class FBetaThreshold(BaseThresholder):
    r"""Thresholds with the best F-beta on given scores, found exactly.

    Use it to tune thresholds on scores of rows that the classifier was not trained on.
    No threshold on these scores has a better F-beta. Only the scores of positives need
    to be tried: if the lowest predicted score were the score of a negative, a higher
    threshold would have a better F-beta.

    Read more in the :ref:`User Guide <fbeta_threshold>`.

    Parameters
    ----------
    beta : float, default=1.0
        Weight of recall against precision, in (0, inf).

    average : {"macro", "micro", "samples", "weighted"}, default="macro"
        The average of F-beta that is optimized, as in
        :func:`sklearn.metrics.fbeta_score`. Entries that are not annotated are left
        out. So are, with "samples", rows without annotated entries.

    per_label : bool or None, default=None
        Whether each label has its own threshold, or all have the same. None is True for
        "macro" and "weighted", False for "micro" and "samples". The result is exact,
        except with "samples" and True: then one label after the other gets its best
        threshold given the others, which is a local optimum.

    shrinkage : float, default=0.0
        A number k in [0, inf); 50 is a good value for most data. A threshold tuned on
        few positives fits their noise. With k > 0, the threshold of a label with n
        positives is moved by the share :math:`k / (n + k)` toward the common threshold
        with the best micro average. Thresholds are compared as log-odds of their label,
        which Platt scaling makes from the scores. It has no effect if all labels have
        the same threshold.

    Attributes
    ----------
    threshold_ : float or ndarray of shape (n_labels,)
        Lowest score at which a label is predicted, halfway to the next lower score.
        Infinite for a label without a positive. With shrinkage, it is infinite in two
        more cases, in which the label is predicted in all rows or in none: if positives
        do not have higher scores, and if a threshold on probabilities would be outside
        [0, 1].

    score_ : float or ndarray of shape (n_labels,)
        The best F-beta on the scores of `fit`, before shrinkage. F-beta of each label
        if `average` is "macro" or "weighted" and each label has its own threshold, else
        the average.

    n_features_in_ : int
        Number of labels seen in `fit`.

    feature_names_in_ : ndarray of shape (n_labels,)
        Names of the columns of the scores, if they are strings.

    See Also
    --------
    ThresholdedClassifierCV : Fits it on out-of-fold scores of any classifier.
    HalfFThreshold : Computes the threshold from the value of the best F-beta.
    ExpectedFBetaThreshold : Decides row by row, for the average over samples.

    References
    ----------
    .. [1] Z. C. Lipton, C. Elkan, B. Naryanaswamy, "Optimal Thresholding of Classifiers
       to Maximize F1 Measure", ECML PKDD, 2014.
    .. [2] W. Dinkelbach, "On Nonlinear Fractional Programming", Management Science 13,
       1967 (the micro average with a threshold for each label).

    Examples
    --------
    >>> from skmultitag.thresholds import FBetaThreshold
    >>> scores = [[0.9], [0.5], [0.25], [0.0]]
    >>> y = [[1], [0], [1], [0]]
    >>> thresholder = FBetaThreshold().fit(scores, y)  # F1 is 2/3, 1/2 or 4/5
    >>> thresholder.threshold_, thresholder.score_
    (array([0.125]), array([0.8]))
    """

    _parameter_constraints = {
        "beta": [Interval(Real, 0, None, closed="neither")],
        "average": [StrOptions({"macro", "micro", "samples", "weighted"})],
        "per_label": ["boolean", None],
        "shrinkage": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(self, beta=1.0, average="macro", *, per_label=None, shrinkage=0.0):
        self.beta = beta
        self.average = average
        self.per_label = per_label
        self.shrinkage = shrinkage

    def _fit(self, scores, y, sample_weight):
        per_label = self.per_label
        if per_label is None:
            per_label = self.average in ("macro", "weighted")
        search = self._best_by_label if per_label else self._best_for_all
        weight = sample_weight
        if self.average == "samples":
            weight = _shares_of_rows(y, sample_weight)
        self.threshold_, self.score_ = search(*never_predicted(scores, y), weight)
        if per_label and self.shrinkage > 0:
            self.threshold_ = self._shrink(self.threshold_, scores, y, sample_weight)

    def _best_for_all(self, scores, y, sample_weight):
        if self.average == "micro" or not y.any():
            return _best_micro(scores, y, self.beta, sample_weight)
        if self.average == "samples":
            return best_mean_fbeta(scores, y, self.beta, None, sample_weight)
        weight = np.ones(y.shape[1])
        if self.average == "weighted":
            weight = y.sum(axis=0) if sample_weight is None else sample_weight @ y
        weight = weight / weight.sum()
        return best_mean_fbeta(scores.T, y.T, self.beta, sample_weight, weight)

    def _best_by_label(self, scores, y, sample_weight):
        if not y.any():
            return np.full(y.shape[1], np.inf), 0.0
        if self.average == "micro":
            return best_micro_fbeta(scores, y, self.beta, sample_weight)
        if self.average == "samples":
            return best_samples_fbeta(scores, y, self.beta, sample_weight)
        labels = each_label(scores, y, sample_weight)
        best = [best_fbeta(s, t, self.beta, weight) for s, t, weight in labels]
        threshold, score = np.array(best, dtype=np.float64).T
        return threshold, score

    def _shrink(self, threshold, scores, y, sample_weight):
        calibrator = fitted_inside(PlattCalibrator(), scores, y, sample_weight)
        slope, intercept = calibrator.slope_, calibrator.intercept_
        proba = calibrator.transform(scores)
        is_annotated = annotated(y)
        masked, y = never_predicted(proba, y)
        common, _ = _best_micro(masked, y, self.beta, sample_weight)
        n_pos = y.sum(axis=0) if sample_weight is None else sample_weight @ y
        shrinkage = float(self.shrinkage)  # an int may be too large for numpy
        share = shrinkage / (n_pos + shrinkage)
        threshold = threshold.copy()
        rises = (slope > 0) & np.isfinite(threshold)
        own = slope[rises] * threshold[rises] + intercept[rises]
        shrunken = own + share[rises] * (logit(common) - own)
        threshold[rises] = (shrunken - intercept[rises]) / slope[rises]
        # scores that do not rise with the label say nothing of it: its probability is
        # its frequency in all rows
        flat = (slope <= 0) & (n_pos > 0)
        counted = True if is_annotated is None else is_annotated[:, flat]
        # a mean of equal numbers may be rounded below them
        frequency = proba[:, flat].mean(axis=0, where=counted)
        is_predicted = frequency >= common * (1 - 1e-9)
        threshold[flat] = np.where(is_predicted, -np.inf, np.inf)
        if scores.min() >= 0 and scores.max() <= 1:
            # no probability lies beyond
            threshold[threshold < 0], threshold[threshold > 1] = -np.inf, np.inf
        return threshold


def _shares_of_rows(y, sample_weight):
    """Weights of rows in a mean over rows; those without annotated labels have none."""
    weight = np.ones(len(y)) if sample_weight is None else sample_weight
    if is_partial(y):
        weight = weight * annotated(y).any(axis=1)
    return weight / weight.sum()


def _best_micro(scores, y, beta, sample_weight):
    """The threshold for all entries with the best F-beta of all, and that F-beta."""
    [(scores, y, weight)] = each_label(scores, y, sample_weight, "micro")
    return best_fbeta(scores, y, beta, weight)

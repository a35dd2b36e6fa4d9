from numbers import Real

import numpy as np
from scipy.special import expit, logit

from skmultitag.thresholds._base import BaseThresholder
from skmultitag.utils._sklearn import Interval, StrOptions


class FBetaThreshold(BaseThresholder):
    r"""Thresholds with the best F-beta on given scores, found exactly.

    F-beta can only be best where the last predicted row is a positive, so that the
    scores of the positives are the only candidates. One sort of all scores and one of
    those of the positives give the counts at each of them.

    Parameters
    ----------
    beta : float, default=1.0
        Weight of recall against precision, in (0, inf).

    average : {"macro", "micro"}, default="macro"
        - "macro": one threshold a label, each best for its own F-beta;
        - "micro": one threshold for all labels, best for the F-beta of all entries.

    shrinkage : float, default=0.0
        k in [0, inf). A threshold tuned on few positives fits their noise: with k > 0
        the threshold of a label with n positives is moved towards the one that is best
        for all entries, :math:`t_j + \frac{k}{n_j + k} (t - t_j)`, on the scale of the
        log-odds where all scores lie in (0, 1). For "macro" only.

    Attributes
    ----------
    threshold_ : float or ndarray of shape (n_labels,)
        Least score of a predicted label, halfway to the next lower score. Infinite for
        a label without a positive, unless it is shrunken.

    score_ : float or ndarray of shape (n_labels,)
        F-beta on the scores of `fit`, before shrinkage; 0 without a positive.

    n_features_in_ : int
        Number of labels seen in `fit`.

    See Also
    --------
    ThresholdedClassifierCV : Fits it on out-of-fold scores of any classifier.

    References
    ----------
    .. [1] Z. C. Lipton, C. Elkan, B. Naryanaswamy, "Optimal Thresholding of Classifiers
       to Maximize F1 Measure", ECML PKDD, 2014.

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
        "average": [StrOptions({"macro", "micro"})],
        "shrinkage": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(self, beta=1.0, average="macro", *, shrinkage=0.0):
        self.beta = beta
        self.average = average
        self.shrinkage = shrinkage

    def _fit(self, scores, y, sample_weight):
        if self.average == "macro" and self.shrinkage == 0:
            threshold, self.score_ = self._best_by_label(scores, y, sample_weight)
            return threshold
        weights = sample_weight
        if weights is not None:
            weights = np.repeat(weights, scores.shape[1])
        pooled, score = best_fbeta(scores.ravel(), y.ravel(), self.beta, weights)
        if self.average == "micro":
            self.score_ = score
            return pooled
        threshold, self.score_ = self._best_by_label(scores, y, sample_weight)
        n_positives = y.sum(axis=0)
        kept = n_positives / (n_positives + self.shrinkage)
        to, back = _scale_of(scores)
        tuned = to(np.where(n_positives > 0, threshold, pooled))
        return back(kept * tuned + (1 - kept) * to(pooled))

    def _best_by_label(self, scores, y, sample_weight):
        best = [
            best_fbeta(label_scores, label_y, self.beta, sample_weight)
            for label_scores, label_y in zip(scores.T, y.T, strict=True)
        ]
        threshold, score = np.array(best, dtype=np.float64).T
        return threshold, score


def best_fbeta(scores, y, beta, sample_weight=None):
    """The threshold on `scores` with the best F-beta, and that F-beta.

    Parameters
    ----------
    scores : ndarray of shape (n_samples,)

    y : ndarray of bool of shape (n_samples,)

    beta : float

    sample_weight : ndarray of shape (n_samples,), default=None

    Returns
    -------
    threshold, score : float
        Infinity and 0 without a positive. Of thresholds that are equally good, the
        highest.
    """
    if not y.any():
        return np.inf, 0.0
    if sample_weight is None:
        ordered, positives = np.sort(scores), np.sort(scores[y])
        candidates = np.unique(positives)
        first = np.searchsorted(ordered, candidates)
        predicted = len(ordered) - first
        tp = len(positives) - np.searchsorted(positives, candidates)
        total = len(positives)
    else:
        order = np.argsort(scores)
        ordered = scores[order]
        candidates = np.unique(scores[y])
        first = np.searchsorted(ordered, candidates)
        predicted = _sums_from(sample_weight[order], first)
        tp = _sums_from((sample_weight * y)[order], first)
        total = (sample_weight * y).sum()
    denominator = beta**2 * total + predicted
    fbeta = (1 + beta**2) * tp / np.where(denominator > 0, denominator, 1)
    best = len(fbeta) - 1 - np.argmax(fbeta[::-1])
    threshold = candidates[best]
    if first[best] > 0:
        # halfway down, if there is a number between
        middle = threshold + (ordered[first[best] - 1] - threshold) / 2
        threshold = middle if middle > ordered[first[best] - 1] else threshold
    return float(threshold), float(fbeta[best])


def _sums_from(weights, first):
    """Sums of `weights` from each position of `first` to the end."""
    return weights.sum() - np.concatenate([[0], np.cumsum(weights)])[first]


def _scale_of(scores):
    """Functions to the log-odds and back, or of nothing if scores leave (0, 1)."""
    if scores.min() <= 0 or scores.max() >= 1:
        return _same, _same
    return logit, expit


def _same(scores):
    return scores

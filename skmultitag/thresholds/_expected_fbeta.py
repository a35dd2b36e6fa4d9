from numbers import Real

import numpy as np

from skmultitag._confusion import square_of
from skmultitag.thresholds._base import ProbabilityThresholder
from skmultitag.utils._sklearn import Interval, Options
from skmultitag.utils._top_k import top_k_indicator

_N_ENTRIES_AT_ONCE = 2**17  # a megabyte: what is worked on stays in the cache
_NEGLIGIBLE = 1e-12  # probability of more labels in a row than are looked at


class ExpectedFBetaThreshold(ProbabilityThresholder):
    r"""Predict the labels with the best expected F-beta of each row.

    For the average over samples each row is a decision of its own. If its labels are
    independent given the scores, the best set of labels consists of the k likeliest
    ones, and the expected F-beta of each k can be computed exactly from the
    distribution of the number of labels. Nothing is tuned: `fit` only makes
    probabilities of scores that leave [0, 1], by Platt scaling.

    Read more in the :ref:`User Guide <threshold_rules>`.

    Parameters
    ----------
    beta : float, default=1.0
        Weight of recall against precision, in (0, inf).

    zero_division : {0.0, 1.0}, default=0.0
        F-beta of a row without labels for which none is predicted. With 0 each row
        gets one label at least, as the measure then gives nothing for an empty one.

    Attributes
    ----------
    calibrator_ : PlattCalibrator or None
        Turns scores into probabilities; None if those of `fit` lie in [0, 1].

    n_features_in_ : int
        Number of labels seen in `fit`.

    feature_names_in_ : ndarray of shape (n_labels,)
        Names of the columns of the scores, if they are strings.

    See Also
    --------
    FBetaThreshold : With ``average="samples"``, one threshold for all rows.
    skmultitag.calibration.PlattCalibrator : Turns scores into probabilities.

    Notes
    -----
    With S the number of labels of a row and :math:`S_{-i}` that of all but label i, the
    expected F-beta of the k likeliest labels is

    .. math::
        \sum_{s \ge 1} \frac{1 + \beta^2}{\beta^2 s + k}
        \sum_{i \le k} p_i \, P(S_{-i} = s - 1).

    It takes time in the order of n_labels times the number of labels that a row can
    have with a probability that counts.

    References
    ----------
    .. [1] N. Ye, K. M. A. Chai, W. S. Lee, H. L. Chieu, "Optimizing F-measures: A Tale
       of Two Approaches", ICML, 2012.
    .. [2] W. Waegeman, K. Dembczynski, A. Jachnik, W. Cheng, E. Huellermeier, "On the
       Bayes-Optimality of F-Measure Maximizers", JMLR 15, 2014.

    Examples
    --------
    >>> from skmultitag.thresholds import ExpectedFBetaThreshold
    >>> proba = [[0.9, 0.4, 0.1], [0.4, 0.35, 0.3]]
    >>> ExpectedFBetaThreshold().fit_transform(proba, [[1, 0, 0], [0, 1, 0]])
    array([[1, 0, 0],
           [1, 1, 1]])
    """

    _parameter_constraints = {
        "beta": [Interval(Real, 0, None, closed="neither")],
        "zero_division": [Options(Real, {0.0, 1.0})],
    }

    def __init__(self, beta=1.0, *, zero_division=0.0):
        self.beta = beta
        self.zero_division = zero_division

    def _fit_proba(self, proba, y, sample_weight):
        """Nothing to learn."""

    def _decide_proba(self, proba):
        n_samples, n_labels = proba.shape
        k = np.empty(n_samples, dtype=np.int64)
        n_at_once = max(1, _N_ENTRIES_AT_ONCE // n_labels)
        for first in range(0, n_samples, n_at_once):
            rows = slice(first, first + n_at_once)
            ordered = -np.sort(-proba[rows].astype(np.float64), axis=1)
            expected = _expected_fbeta(ordered, self.beta, self.zero_division)
            k[rows] = expected.argmax(axis=1)
        return top_k_indicator(proba, k)


def _expected_fbeta(proba, beta, zero_division):
    """Expected F-beta of the k likeliest labels, for k = 0 ... n_labels.

    Parameters
    ----------
    proba : ndarray of shape (n_samples, n_labels)
        Probabilities, falling in each row.

    Returns
    -------
    expected : ndarray of shape (n_samples, n_labels + 1)
    """
    beta2 = square_of(beta)
    count = _count_distribution(proba)
    n_samples, n_labels = proba.shape
    expected = np.zeros((n_samples, n_labels + 1))
    expected[:, 0] = zero_division * count[:, 0]
    k = np.arange(1, n_labels + 1)
    # P(S_{-i} = s) follows from P(S) by division of polynomials: upwards from s = 0
    # where p_i is small, downwards from the end where it is large, so that rounding
    # errors shrink from step to step
    is_likely = proba > 0.5
    small, large = np.where(is_likely, 0, proba), np.where(is_likely, proba, 1)
    others = np.zeros_like(proba)
    for s in range(1, count.shape[1]):
        others = (count[:, [s - 1]] - small * others) / (1 - small)
        part = np.where(is_likely, 0, small * others).cumsum(axis=1)
        expected[:, 1:] += (1 + beta2) / (beta2 * s + k) * part
    if is_likely.any():
        n_likely = is_likely.any(axis=0).sum()  # they are the first columns
        is_likely, large = is_likely[:, :n_likely], large[:, :n_likely]
        others = np.zeros_like(large)
        part = np.zeros_like(proba)
        for s in range(count.shape[1] - 1, 0, -1):
            others = (count[:, [s]] - (1 - large) * others) / large
            part[:, :n_likely] = np.where(is_likely, large * others, 0)
            expected[:, 1:] += (1 + beta2) / (beta2 * s + k) * part.cumsum(axis=1)
    return expected


def _count_distribution(proba):
    """Probability of s = 0, 1, ... labels in a row, as far as it is not negligible."""
    mean = proba.sum(axis=1).max()
    # Bernstein's inequality bounds the probability of more
    log_term = -np.log(_NEGLIGIBLE)
    most = int(mean + log_term / 3 + np.sqrt(log_term**2 / 9 + 2 * log_term * mean)) + 1
    most = min(most, proba.shape[1])
    count = np.zeros((len(proba), most + 1))
    count[:, 0] = 1
    for p in proba.T:
        count[:, 1:] += p[:, None] * (count[:, :-1] - count[:, 1:])
        count[:, 0] *= 1 - p
    return count

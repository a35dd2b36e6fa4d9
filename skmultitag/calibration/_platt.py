from numbers import Real

import numpy as np
from scipy.special import expit, logit

from skmultitag.calibration._base import BaseCalibrator
from skmultitag.utils._annotation import (
    annotated,
    is_partial,
    without_empty_labels,
)
from skmultitag.utils._blocks import row_blocks
from skmultitag.utils._sklearn import Interval

_MAX_ITER = 100
_N_BISECTIONS = 60
_BELOW_ONE = 1 - 2.0**-53
_LEAST_SIZE = 2.0**-900  # of scores that are not taken for 0
_MOST_TOTAL = 1e30  # of weights; more says no more, as only 1 and 2 are added
_TOLERANCE = 1e-8  # of a Newton step, on standardized scores


class PlattCalibrator(BaseCalibrator):
    r"""Platt scaling of all labels: one logistic curve for each label.

    Use it to turn scores into probabilities. The probability of label j at score s is
    :math:`1 / (1 + \exp(-(a_j s + b_j)))`. Slope and intercept maximize the likelihood
    of targets that are a little less sure than 0 and 1:
    :math:`(n^+ + 1) / (n^+ + 2)` for the :math:`n^+` positives of the label and
    :math:`1 / (n^- + 2)` for its :math:`n^-` negatives, both counted with weights. So
    the slope is finite even if the scores separate the label perfectly.

    The result is the same as with scikit-learn's sigmoid calibration of each label
    alone. All labels are fitted together by Newton's method with step halving.

    The curve of a rare label fits noise. For example, the model that scores the single
    positive of a label out of fold was trained without a positive. So this score is
    lower than other scores, and the curve falls. `shrinkage` moves the slopes of rare
    labels toward the slope of all labels.

    Read more in the :ref:`User Guide <calibration>`.

    Parameters
    ----------
    shrinkage : float, default=0.0
        A number k in [0, inf). If n is the number of positives of a label, or of
        negatives if they are fewer, its slope is moved by the share k / (n + k) toward
        the common slope, which is the mean slope of all labels, weighted by n and not
        below 0. Slopes are per standard deviation of the scores. Then intercepts are
        set so that the expected number of positives stays the same. 0 is Platt's
        method.

    Attributes
    ----------
    slope_ : ndarray of shape (n_labels,)
        Slopes :math:`a_j`; 0 for a label with only positives or only negatives, or with
        constant scores.

    intercept_ : ndarray of shape (n_labels,)
        Intercepts :math:`b_j`.

    n_features_in_ : int
        Number of labels seen in `fit`.

    feature_names_in_ : ndarray of shape (n_labels,)
        Names of the columns of the scores, if they are strings.

    See Also
    --------
    IsotonicCalibrator : Fits any curve that never falls, and needs more positives.
    skmultitag.thresholds.PlattKnee : Uses one threshold on these probabilities.
    sklearn.calibration.CalibratedClassifierCV : Calibrates targets of one dimension.

    Notes
    -----
    Scores are not transformed first. You can also pass probabilities, as scikit-learn
    does if a classifier has no margins. Thresholds that were chosen after that had a
    better F1 than thresholds chosen with their log-odds, on all data that we tried.

    References
    ----------
    .. [1] J. Platt, "Probabilistic Outputs for Support Vector Machines and Comparisons
       to Regularized Likelihood Methods", 1999.
    .. [2] H.-T. Lin, C.-J. Lin, R. C. Weng, "A Note on Platt's Probabilistic Outputs
       for Support Vector Machines", Machine Learning 68, 2007.

    Examples
    --------
    >>> from skmultitag.calibration import PlattCalibrator
    >>> scores = [[-2.0, 0.0], [-1.0, 3.0], [1.0, 1.0], [2.0, 2.0]]
    >>> y = [[0, 1], [0, 1], [1, 1], [1, 1]]
    >>> calibrator = PlattCalibrator().fit(scores, y)
    >>> calibrator.transform(scores).round(2)
    array([[0.21, 0.83],
           [0.34, 0.83],
           [0.66, 0.83],
           [0.79, 0.83]])
    """

    _parameter_constraints = {
        "shrinkage": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(self, *, shrinkage=0.0):
        self.shrinkage = shrinkage

    def _fit(self, scores, y, sample_weight):
        y = without_empty_labels(y)
        weight = np.ones(len(scores)) if sample_weight is None else sample_weight
        self.slope_, self.intercept_ = np.empty((2, scores.shape[1]))
        for labels, *data in _blocks_of_labels(scores, y, weight):
            curves = _fit_logistic_curves(*data)
            self.slope_[labels], self.intercept_[labels] = curves
        if self.shrinkage > 0:
            self._shrink(scores, y, weight)

    def _shrink(self, scores, y, weight):
        """Move slopes toward the slope of all labels, and set intercepts anew."""
        total = weight @ annotated(y) if is_partial(y) else weight.sum()
        n_positives = weight @ (y == 1)
        n_few = np.minimum(n_positives, total - n_positives)
        spread = np.empty(scores.shape[1])
        for labels, of_scores, _, of_weight in _blocks_of_labels(scores, y, weight):
            spread[labels] = _spread(of_scores, of_weight)
        own = self.slope_ * spread
        varies = (n_few > 0) & (spread > 0)
        if not varies.any():
            return
        common = max(np.average(own[varies], weights=n_few[varies]), 0)
        shrunk = (n_few * own + self.shrinkage * common) / (n_few + self.shrinkage)
        self.slope_[varies] = shrunk[varies] / spread[varies]
        for labels, of_scores, *data in _blocks_of_labels(scores, y, weight):
            u = of_scores * self.slope_[labels, None]
            self.intercept_[labels] = _intercepts(u, *data)

    def log_odds(self, scores):
        """Calibrated log-odds of each label.

        Parameters
        ----------
        scores : array-like of shape (n_samples, n_labels)
            Scores, as in `fit`.

        Returns
        -------
        log_odds : ndarray of shape (n_samples, n_labels)
            Log-odds of the probabilities of `transform`. They are exact even if a
            probability is rounded to 0 or 1.
        """
        return self._log_odds(self._check_scores(scores))

    def _log_odds(self, scores):
        # an infinite slope would make NaN of a score of 0, an infinite u is right
        largest = np.finfo(scores.dtype).max
        slope = np.clip(self.slope_, -largest, largest).astype(scores.dtype)
        with np.errstate(over="ignore"):
            u = scores * slope
            u += self.intercept_.astype(scores.dtype)
        return u

    def _transform(self, scores):
        u = self._log_odds(scores)
        return expit(u, out=u)


def _blocks_of_labels(scores, y, weight):
    """Some labels at a time: their slice, scores and targets in rows, and weights.

    If entries are not annotated, each label has its own weights, which are 0 there.
    """
    n_samples, n_labels = scores.shape
    for labels in row_blocks(n_labels, n_samples, in_cache=True):
        of_scores = np.ascontiguousarray(scores[:, labels].T, dtype=np.float64)
        of_y = np.ascontiguousarray(y[:, labels].T)
        if not is_partial(y):
            yield labels, of_scores, of_y, weight
            continue
        seen = annotated(of_y)
        # a score of no weight is still in the range of all: it becomes another one
        other = np.take_along_axis(of_scores, seen.argmax(axis=1)[:, None], axis=1)
        yield labels, np.where(seen, of_scores, other), of_y, weight * seen


def _sums(values, weight):
    """Weighted sums of rows; the weights are the same for all, or each row's own."""
    if weight.ndim == 1:
        return values @ weight
    return np.einsum("ij,ij->i", values, weight)


def _totals(y, weight):
    """Numbers of positives and of negatives of each label, by weight."""
    n_pos = _sums(y, weight)
    return n_pos, np.maximum(weight.sum(axis=-1) - n_pos, 0)


def _spread(scores, weight):
    """Standard deviation of each row."""
    total = weight.sum(axis=-1)
    center = _sums(scores, weight) / total
    return np.sqrt(_sums((scores - center[:, None]) ** 2, weight) / total)


def _intercepts(u, y, weight):
    """Intercepts with which probabilities sum to the targets of Platt, by bisection."""
    n_pos, n_neg = _totals(y, weight)
    high, low = _targets(n_pos, n_neg)
    expected = high * n_pos + low * n_neg
    start = logit(expected / weight.sum(axis=-1))
    low, high = start - u.max(axis=1), start - u.min(axis=1)
    for _ in range(_N_BISECTIONS):
        middle = (low + high) / 2
        is_low = _sums(expit(u + middle[:, None]), weight) < expected
        low, high = np.where(is_low, middle, low), np.where(is_low, high, middle)
    return (low + high) / 2


def _targets(n_pos, n_neg):
    """Targets of positives and negatives that are a little less sure than 0 and 1."""
    # rounded to 1, the slope of separated classes would be infinite
    return np.minimum((n_pos + 1) / (n_pos + 2), _BELOW_ONE), 1 / (n_neg + 2)


def _fit_logistic_curves(scores, y, weight):
    """Slopes and intercepts of labels with their scores in the rows.

    Parameters
    ----------
    scores : ndarray of float64 of shape (n_labels, n_samples)

    y : ndarray of bool or int8 of shape (n_labels, n_samples)

    weight : ndarray of shape (n_samples,) or (n_labels, n_samples)

    Returns
    -------
    slope, intercept : ndarray of shape (n_labels,)
    """
    total = weight.sum(axis=-1)
    if np.max(total) > _MOST_TOTAL:
        weight = weight * (_MOST_TOTAL / np.maximum(total, _MOST_TOTAL))[..., None]
        total = np.minimum(total, _MOST_TOTAL)
    # on standardized scores the two parameters have the same scale; a power of 2 comes
    # first, which rounds nothing, and without which squares overflow
    least, most = scores.min(axis=1), scores.max(axis=1)
    size = np.maximum(-least, most)
    unit = 2.0 ** -np.frexp(np.maximum(size, _LEAST_SIZE))[1]
    z = scores * unit[:, None]
    center = _sums(z, weight) / total
    z -= center[:, None]
    has_both = (y == 0).any(axis=1) & (y == 1).any(axis=1)
    # these have no slope: not one of rounding errors, or too large for a float, either
    is_flat = (least == most) | (size < _LEAST_SIZE) | ~has_both
    z[is_flat] = 0
    spread = np.sqrt(_sums(z**2, weight) / total)
    spread[is_flat] = 1
    z /= spread[:, None]

    n_pos, n_neg = _totals(y, weight)
    high, low = _targets(n_pos, n_neg)
    # the targets are needed in these two sums only
    sum_t = high * n_pos + low * n_neg
    sum_tz = low * _sums(z, weight) + (high - low) * _sums(z * y, weight)
    target_sums = np.stack([sum_tz, sum_t])
    start = np.stack([np.zeros(len(z)), logit(np.minimum(sum_t / total, _BELOW_ONE))])
    slope, intercept = _newton(z, weight, target_sums, start)
    slope /= spread
    return slope * unit, intercept - slope * center


def _newton(z, weight, target_sums, params):
    """Minimize cross-entropy over `params`, of shape (2, n_labels), by Newton steps.

    A label whose step is small is done, and leaves.
    """
    params = params.copy()
    active = np.arange(len(z))
    loss, _, gradient, hessian = _derivatives(z, weight, target_sums, params)
    for _ in range(_MAX_ITER):
        step = _solve(hessian, gradient)
        goes_on = np.abs(step).max(axis=0) > _TOLERANCE
        if not goes_on.all():
            params[:, active[~goes_on]] -= step[:, ~goes_on]
            active, z, step = active[goes_on], z[goes_on], step[:, goes_on]
            loss, target_sums = loss[goes_on], target_sums[:, goes_on]
            weight = weight if weight.ndim == 1 else weight[goes_on]
        if not len(active):
            break
        old, old_loss = params[:, active], loss
        for _ in range(_MAX_ITER):
            params[:, active] = old - step
            loss, size, gradient, hessian = _derivatives(
                z, weight, target_sums, params[:, active]
            )
            # loss can't be compared more finely than its terms are rounded
            too_far = loss > old_loss + 1e-12 * size
            if not too_far.any():
                break
            step[:, too_far] /= 2
    return params


def _derivatives(z, weight, target_sums, params):
    """Cross-entropy of each label, the size of its terms, its derivatives.

    Of almost only positives the terms are large and their difference small.
    """
    slope, intercept = params
    u = slope[:, None] * z + intercept[:, None]
    e = np.exp(-np.abs(u))
    # log(1 + exp(u)) and 1 / (1 + exp(-u)), both without overflow
    softplus = np.log(1 + e)
    np.add(softplus, u, out=softplus, where=u > 0)
    p = np.where(u > 0, 1.0, e)
    p /= 1 + e
    terms = _sums(softplus, weight), (params * target_sums).sum(axis=0)
    loss, size = terms[0] - terms[1], terms[0] + np.abs(terms[1])
    pz = p * z
    gradient = np.stack([_sums(pz, weight), _sums(p, weight)]) - target_sums
    p *= (1 - p) * weight
    h_bb, h_ab = p.sum(axis=1), np.einsum("ij,ij->i", p, z)
    p *= z
    h_aa = np.einsum("ij,ij->i", p, z)
    return loss, size, gradient, (h_aa, h_ab, h_bb)


def _solve(hessian, gradient):
    h_aa, h_ab, h_bb = hessian
    # the ridge of Lin, Lin and Weng: constant scores have no curvature. With large
    # weights it would be rounded away, so that a share of them comes with it
    h_aa, h_bb = (1 + 1e-14) * h_aa + 1e-12, (1 + 1e-14) * h_bb + 1e-12
    determinant = h_aa * h_bb - h_ab**2
    g_a, g_b = gradient
    return np.stack([h_bb * g_a - h_ab * g_b, h_aa * g_b - h_ab * g_a]) / determinant

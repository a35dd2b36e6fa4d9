"""Calibrators and thresholders, as operators of ONNX."""

import numpy as np
from sklearn.dummy import DummyClassifier

from skmultitag.calibration import IsotonicCalibrator, PlattCalibrator
from skmultitag.onnx._sub_estimator import write_estimator
from skmultitag.thresholds import (
    ExpectedFBetaThreshold,
    FBetaThreshold,
    FixedThreshold,
    HalfFThreshold,
    LabelCountThreshold,
    LinearThreshold,
    PlattKnee,
    PrecisionFloorThreshold,
    ProportionalThreshold,
    RecallFloorThreshold,
    TopKThreshold,
)


def write_calibrator(graph, calibrator, scores, n_labels, dtype):
    """Add a calibrator, or no operator if it is None.

    Parameters
    ----------
    graph : Graph

    calibrator : transformer or None
        Fitted: one of this package, or any that skl2onnx knows.

    scores : str
        Tensor of shape (n_samples, n_labels).

    n_labels : int

    dtype : numpy dtype
        Of `scores`.

    Returns
    -------
    proba : str
    """
    if calibrator is None:
        return scores
    if type(calibrator) in _CALIBRATORS:
        return _CALIBRATORS[type(calibrator)](graph, calibrator, scores, dtype)
    output = write_estimator(graph, calibrator, scores, n_labels, dtype)
    return graph.cast(output, dtype)


def write_thresholder(graph, thresholder, scores, n_labels, dtype, *, is_rounded):
    """Add a thresholder.

    Parameters
    ----------
    graph : Graph

    thresholder : transformer
        Fitted: one of this package, or any that skl2onnx knows.

    scores : str
        Tensor of shape (n_samples, n_labels).

    n_labels : int

    dtype : numpy dtype
        Of `scores`.

    is_rounded : bool
        Whether `predict` may have scores of float64 where these are of float32.

    Returns
    -------
    is_predicted : str
        Tensor of bool.
    """
    if type(thresholder) is ExpectedFBetaThreshold:
        raise ValueError(
            "ExpectedFBetaThreshold can't be written as ONNX: each row needs the"
            " distribution of its number of labels. FBetaThreshold(average='samples')"
            " can be written."
        )
    if type(thresholder) is TopKThreshold:
        return _top_k(graph, scores, np.array([[thresholder.k_]]), n_labels)
    if type(thresholder) is LabelCountThreshold:
        k = _label_count(graph, thresholder, scores, n_labels, dtype)
        return _top_k(graph, scores, k, n_labels)
    if type(thresholder) is LinearThreshold:
        return _linear(graph, thresholder, scores)
    if type(thresholder) in _WITH_THRESHOLD:
        threshold = thresholder.threshold_
        calibrator = getattr(thresholder, "calibrator_", None)
        if calibrator is not None:
            of_predict = np.float64 if is_rounded else dtype
            sign, threshold = _before_calibration(calibrator, threshold, of_predict)
            if (sign < 0).any():
                scores = graph("Mul", scores, sign.astype(dtype))
        return write_comparison(graph, scores, threshold, dtype, is_rounded=is_rounded)
    decisions = write_estimator(graph, thresholder, scores, n_labels, dtype)
    return graph("Equal", graph.cast(decisions, np.int64), np.array(1))


_WITH_THRESHOLD = {
    FBetaThreshold,
    FixedThreshold,
    HalfFThreshold,
    PlattKnee,
    PrecisionFloorThreshold,
    ProportionalThreshold,
    RecallFloorThreshold,
}


def write_comparison(graph, scores, threshold, dtype, *, is_rounded=False):
    """Add `scores` >= `threshold`, as it is decided for thresholds of float64.

    Parameters
    ----------
    graph : Graph

    scores : str
        Tensor of shape (n_samples, n_labels).

    threshold : float or ndarray of shape (n_labels,)

    dtype : numpy dtype
        Of `scores`.

    is_rounded : bool, default=False
        Whether the scores were rounded to `dtype`. Then the threshold is rounded like
        them, so that a score that is equal to it stays so.

    Returns
    -------
    is_predicted : str
        Tensor of bool.
    """
    exact = np.asarray(threshold, np.float64)
    with np.errstate(over="ignore"):
        least = exact.astype(dtype)
    if not is_rounded:
        # the smallest number of this dtype that reaches the threshold
        least = np.where(least < exact, np.nextafter(least, np.inf, dtype=dtype), least)
    return graph("GreaterOrEqual", scores, least)


def _before_calibration(calibrator, threshold, dtype):
    """Thresholds on the scores that a PlattCalibrator of a thresholder gets.

    A knee is the probability of some score, which often occurs again; computed in ONNX,
    its last digit may differ.

    Returns
    -------
    sign : ndarray of shape (n_labels,)
        -1 for a label whose probability falls with its score, else 1.

    least : ndarray of shape (n_labels,)
        Smallest score, times `sign`, with a probability that reaches the threshold.
    """
    sign = np.where(calibrator.slope_ < 0, -1, 1).astype(dtype)

    def reaches(score):
        proba = calibrator.transform((sign * score)[None])[0]
        return proba >= np.atleast_1d(threshold)

    # bisection over all floats, by their numbers in order: those of the bits, but for
    # negative ones, which fall
    numbers = np.dtype(f"i{np.dtype(dtype).itemsize}")
    flip = np.iinfo(numbers).max

    def float_of(number):
        return np.where(number < 0, number ^ flip, number).view(dtype)

    largest = np.asarray(np.finfo(dtype).max).view(numbers)
    high = np.full(len(sign), largest)
    low = -1 - high
    is_always, is_ever = reaches(float_of(low)), reaches(float_of(high))
    for _ in range(8 * numbers.itemsize):
        middle = (low >> 1) + (high >> 1) + (low & high & 1)
        is_reached = reaches(float_of(middle))
        high = np.where(is_reached, middle, high)
        low = np.where(is_reached, low, middle)
    least = np.where(is_ever, float_of(high), np.inf)
    return sign, np.where(is_always, -np.inf, least)


def _top_k(graph, scores, k, n_labels):
    """Mark the `k` largest scores of each row; of equal ones, the first."""
    _, order = graph("TopK", scores, np.array([n_labels]), n_outputs=2)
    is_top = graph("Less", np.arange(n_labels)[None], k)
    is_top = graph("Expand", graph.cast(is_top, np.int64), graph("Shape", order))
    marks = graph("ScatterElements", order, order, is_top, axis=1)
    return graph.cast(marks, bool)


def _linear(graph, thresholder, scores):
    """Compare with a sum of the scores of the row, in float64 like `predict`."""
    scores = graph.cast(scores, np.float64)
    threshold = graph("MatMul", scores, thresholder.coef_[:, None])
    threshold = graph("Add", threshold, np.array(thresholder.intercept_))
    return graph("Greater", scores, threshold)


def _label_count(graph, thresholder, scores, n_labels, dtype):
    estimator = thresholder.estimator_
    if isinstance(estimator, DummyClassifier):  # all rows of `fit` have this number
        return np.reshape(estimator.classes_, (1, 1)).astype(np.int64)
    calibrator = thresholder.calibrator_
    proba = write_calibrator(graph, calibrator, scores, n_labels, dtype)
    count = write_estimator(graph, estimator, proba, n_labels, dtype)
    count = graph("Reshape", graph.cast(count, dtype), np.array([-1, 1]))
    rounded = graph("Floor", graph("Add", count, np.asarray(0.5, dtype)))
    limits = np.asarray(0, dtype), np.asarray(n_labels, dtype)
    return graph.cast(graph("Clip", rounded, *limits), np.int64)


def _platt(graph, calibrator, scores, dtype):
    return graph.sigmoid(write_log_odds(graph, calibrator, scores, dtype), dtype)


def write_log_odds(graph, calibrator, scores, dtype):
    """Add the `log_odds` of a PlattCalibrator."""
    largest = np.finfo(dtype).max
    slope = np.clip(calibrator.slope_, -largest, largest).astype(dtype)
    u = graph("Mul", scores, slope)
    return graph("Add", u, calibrator.intercept_.astype(dtype))


def _isotonic(graph, calibrator, scores, dtype):
    """Curves of all labels at once; the pieces are found by bisection."""
    curves = calibrator.regressors_
    n_knots = 2 ** max(len(each.X_thresholds_) for each in curves).bit_length()
    x, y, slope = np.zeros((3, len(curves), n_knots))
    x[:] = np.inf
    for label, curve in enumerate(curves):
        knots = slice(len(curve.X_thresholds_))
        x[label, knots], y[label, knots] = curve.X_thresholds_, curve.y_thresholds_
        pieces = slice(len(curve.X_thresholds_) - 1)
        slope[label, pieces] = np.diff(curve.y_thresholds_) / np.diff(
            curve.X_thresholds_
        )
    limits = np.array([[each.X_min_, each.X_max_] for each in curves]).T
    s = graph.cast(scores, np.float64)  # as the curves are
    s = graph("Min", graph("Max", s, limits[0]), limits[1])
    place = graph.constant(np.arange(len(curves))[None] * n_knots)
    step = n_knots // 2
    while step:
        knot = graph("Add", place, np.array(step))
        is_beyond = graph("GreaterOrEqual", s, graph("Gather", x.ravel(), knot))
        place = graph("Where", is_beyond, knot, place)
        step //= 2
    x, y, slope = (graph("Gather", each.ravel(), place) for each in (x, y, slope))
    proba = graph("Add", graph("Mul", slope, graph("Sub", s, x)), y)
    return graph.cast(graph("Clip", proba, np.zeros(()), np.ones(())), dtype)


_CALIBRATORS = {PlattCalibrator: _platt, IsotonicCalibrator: _isotonic}

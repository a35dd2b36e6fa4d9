"""Metrics at many thresholds, from counts that take one sort for each label."""

import numpy as np
from sklearn.utils import check_array

from skmultitag._confusion import (
    ConfusionCounts,
    fbeta_from_counts,
    jaccard_from_counts,
    precision_from_counts,
    recall_from_counts,
)
from skmultitag.utils._messages import naming

_RATIOS = {
    "jaccard": jaccard_from_counts,
    "precision": precision_from_counts,
    "recall": recall_from_counts,
}
METRICS = ("f1", "fbeta", *_RATIOS)
_N_THRESHOLDS = 200


def check_thresholds(thresholds, y, scores):
    """The given thresholds, sorted; if None, thresholds made from the scores."""
    if thresholds is None:
        return _default_thresholds(y, scores)
    with naming("thresholds"):
        thresholds = check_array(
            thresholds, dtype=np.float64, ensure_2d=False, input_name="thresholds"
        )
    if thresholds.ndim != 1:
        raise ValueError(
            f"thresholds must have one dimension. Got shape {thresholds.shape}."
        )
    return np.sort(thresholds)


def _default_thresholds(y, scores):
    """All distinct annotated scores if they are few, else quantiles of them.

    Half of them are quantiles of the positives, which are few among all entries.
    """
    distinct = np.unique(scores[y >= 0])
    if len(distinct) <= _N_THRESHOLDS:
        return distinct
    shares = np.linspace(0, 1, _N_THRESHOLDS // 2)
    groups = [group for group in (scores[y == 1], scores[y == 0]) if group.size]
    return np.unique([np.quantile(group, shares, method="nearest") for group in groups])


def values_at_thresholds(y, scores, thresholds, metric, beta, average, sample_weight):
    """The metric if entries with a score of at least a threshold are predicted.

    Parameters
    ----------
    y : ndarray of bool of shape (n_samples, n_labels)
        Of int8, with -1 for entries that are not annotated, if there are any.

    scores : ndarray of shape (n_samples, n_labels)

    thresholds : ndarray of shape (n_thresholds,)

    metric : one of `METRICS`, or a callable from counts to values

    beta : float

    average : {"macro", "micro"} or None

    sample_weight : ndarray of shape (n_samples,) or None

    Returns
    -------
    values : ndarray of shape (n_thresholds,), or (n_thresholds, n_labels) for None
    """
    counts = _counts(y, scores, thresholds, sample_weight)
    if average == "micro":
        counts = ConfusionCounts(*(count.sum(axis=1) for count in counts))
    values = _metric_of_counts(counts, metric, beta)
    return values.mean(axis=1) if average == "macro" else values


def name_of_metric(metric, beta):
    """Name of the metric in plots."""
    if callable(metric):
        return getattr(metric, "__name__", type(metric).__name__)
    return {"f1": "F1", "fbeta": f"F{beta:g}"}.get(metric, metric)


def last_best(values):
    """List of the last place of the largest value; empty if all are the same."""
    values = np.nan_to_num(values, nan=-np.inf)
    if values.min() == values.max():
        return []
    return [int(np.flatnonzero(values == values.max())[-1])]


def _counts(y, scores, thresholds, sample_weight):
    """Counts of shape (n_thresholds, n_labels)."""
    if sample_weight is None:
        sample_weight = np.ones(len(y))
    tp, fp, fn, tn = np.empty((4, len(thresholds), y.shape[1]))
    for label in range(y.shape[1]):
        column = scores[:, label]
        is_positive, is_negative = y[:, label] == 1, y[:, label] == 0
        tp[:, label], fn[:, label] = _sums_by_threshold(
            column[is_positive], sample_weight[is_positive], thresholds
        )
        fp[:, label], tn[:, label] = _sums_by_threshold(
            column[is_negative], sample_weight[is_negative], thresholds
        )
    return ConfusionCounts(tp=tp, fp=fp, fn=fn, tn=tn)


def _sums_by_threshold(scores, weight, thresholds):
    """Sums of the weights of scores at or above, and below, each threshold."""
    order = np.argsort(scores)
    first = np.searchsorted(scores, thresholds, sorter=order)
    weight = weight[order]
    # each is summed by itself: a difference of sums would not be exactly 0
    above = np.append(np.cumsum(weight[::-1])[::-1], 0)
    below = np.append(0, np.cumsum(weight))
    return above[first], below[first]


def _metric_of_counts(counts, metric, beta):
    """Values of the shape of the counts."""
    if metric in ("f1", "fbeta"):
        return fbeta_from_counts(counts, beta)
    if metric in _RATIOS:
        return _RATIOS[metric](counts)
    values = np.asarray(metric(counts), dtype=np.float64)
    if values.shape != counts.tp.shape:
        raise ValueError(
            f"metric must return one value for each count, of shape {counts.tp.shape}."
            f" Got shape {values.shape}."
        )
    return values

"""Metrics of scikit-learn, which refuses NaN, of the entries that are annotated."""

import numpy as np
from scipy import sparse
from sklearn import metrics

from skmultitag.utils._annotation import (
    annotated,
    annotated_rows,
    has_nan,
    positives,
)
from skmultitag.utils._scores import read_indicator
from skmultitag.utils._sklearn import check_sample_weight
from skmultitag.utils._target_encoder import dense

# entries that are 0 in targets and predictions change nothing in these
_OF_DECISIONS = (
    metrics.accuracy_score,
    metrics.f1_score,
    metrics.fbeta_score,
    metrics.jaccard_score,
    metrics.precision_score,
    metrics.recall_score,
    metrics.zero_one_loss,
)
_OF_ENTRIES = (metrics.hamming_loss,)
_WITHOUT_AVERAGE = (metrics.accuracy_score, metrics.zero_one_loss)
_OF_RANKINGS = (metrics.average_precision_score, metrics.roc_auc_score)
_KNOWN = (*_OF_DECISIONS, *_OF_ENTRIES, *_OF_RANKINGS)


def metric_of_annotated(metric, y_true, y_pred, sample_weight=None, **kwargs):
    """A metric of targets that may have NaN, where they are not annotated.

    Parameters
    ----------
    metric : callable
        Called as `metric(y_true, y_pred, sample_weight=None, **kwargs)`. One that is
        not of scikit-learn gets the targets as they are.

    y_true : ndarray or CSR matrix of shape (n_samples, n_labels)
        What `target_for` returns, with or without NaN.

    y_pred : {ndarray, sparse matrix} of shape (n_samples, n_labels) or (n_samples,)
        Predictions or scores.

    sample_weight : array-like of shape (n_samples,), default=None

    **kwargs : dict
        Parameters of the metric. By "macro" and "weighted" the annotated rows of each
        label are looked at, by "samples" the annotated labels of each row, by "micro"
        all annotated entries.

    Returns
    -------
    value : float or ndarray
    """
    if sample_weight is not None:
        kwargs["sample_weight"] = sample_weight
    if not has_nan(y_true) or not metric.__module__.startswith("sklearn."):
        return metric(y_true, y_pred, **kwargs)
    _check_known(metric)
    y_true, y_pred, kwargs = _of_annotated_rows(y_true, y_pred, kwargs)
    if not (y_true < 0).sum():
        return metric(positives(y_true), y_pred, **kwargs)
    if metric in _OF_DECISIONS:
        return metric(positives(y_true), _none_predicted(y_pred, y_true), **kwargs)
    y_true, y_pred = dense(y_true), dense(y_pred)
    if metric in _OF_ENTRIES:
        return _of_all_entries(metric, y_true, y_pred, **kwargs)
    return _of_rankings(metric, y_true, y_pred, **kwargs)


def metric_of_one_label(metric, y_true, y_pred, sample_weight=None, **kwargs):
    """`metric_of_annotated` of an indicator of one label, (n_samples, 1).

    scikit-learn would take it for two classes, and "macro" for the mean over both.
    Beside a label that no row has, it is an indicator, of which one label is asked.
    """
    is_averaged = kwargs.get("average", "binary") != "binary"
    if is_averaged and metric in _OF_DECISIONS and metric not in _WITHOUT_AVERAGE:
        y_true, y_pred = (np.reshape(dense(y), (-1, 1)) for y in (y_true, y_pred))
        rows = ~np.isnan(y_true[:, 0])
        if sample_weight is not None:
            sample_weight = check_sample_weight(sample_weight, y_true)[rows]
        y_true, y_pred = (
            np.pad(y[rows].astype(np.int64), [(0, 0), (0, 1)]) for y in (y_true, y_pred)
        )
        kwargs["labels"] = [0]
    return metric_of_annotated(metric, y_true, y_pred, sample_weight, **kwargs)


def _check_known(metric):
    if metric not in _KNOWN:
        names = ", ".join(sorted(known.__name__ for known in _KNOWN))
        raise ValueError(
            f"{metric.__name__} can't leave out entries that are not annotated, and y"
            " has such ones (NaN). Take a metric of skmultitag.metrics, such as"
            " binary_cross_entropy_error (the scorer 'neg_bce'), or of scikit-learn one"
            f" of {names}."
        )


def _of_annotated_rows(y_true, y_pred, kwargs):
    """All that is compared, without rows that have no annotated entry or no weight.

    The targets become an indicator, see `_annotation`.
    """
    if not sparse.issparse(y_pred):
        y_pred = np.asarray(y_pred)
        y_pred = y_pred.reshape(len(y_pred), -1)  # of one label there is no column
    y_true = read_indicator(
        y_true,
        y_pred.shape,
        name="y_true",
        of="the predictions",
        sparse_output=sparse.issparse(y_true),
        allow_missing=True,
    )
    weight = check_sample_weight(kwargs.get("sample_weight"), y_pred)
    rows = annotated_rows(y_true, weight)
    if weight is not None:
        kwargs = {**kwargs, "sample_weight": weight[rows]}
    return y_true[rows], y_pred[rows], kwargs


def _none_predicted(y_pred, y_true):
    """Predictions without those of entries that are not annotated."""
    if sparse.issparse(y_true):
        y_pred = sparse.csr_matrix(y_pred, dtype=np.int64)
        y_pred -= y_pred.multiply(y_true < 0)
        y_pred.eliminate_zeros()
        return y_pred
    return dense(y_pred) * annotated(y_true)


def _of_all_entries(metric, y_true, y_pred, sample_weight=None, **kwargs):
    """The metric of annotated entries as the rows of one label."""
    is_annotated = annotated(y_true)
    if sample_weight is not None:
        weights = np.broadcast_to(sample_weight[:, None], y_true.shape)
        kwargs["sample_weight"] = weights[is_annotated]
    return metric(y_true[is_annotated], y_pred[is_annotated], **kwargs)


def _of_rankings(metric, y_true, scores, average="macro", sample_weight=None, **kwargs):
    """The metric of each label or row, and their mean as scikit-learn takes it."""
    if average == "micro":
        return _of_all_entries(metric, y_true, scores, sample_weight, **kwargs)
    weight = None
    if average == "samples":
        y_true, scores = y_true.T, scores.T
        sample_weight, weight = None, sample_weight
    elif average == "weighted":
        of_rows = np.ones(len(y_true)) if sample_weight is None else sample_weight
        weight = of_rows @ (y_true == 1)
        if not weight.any():
            return 0.0
    values = np.array(
        [
            _of_column(metric, *columns, sample_weight, kwargs)
            for columns in zip(y_true.T, scores.T, strict=True)
        ]
    )
    if average is None:
        return values
    if weight is not None:
        values[weight == 0] = 0  # also if it is NaN
    return float(np.average(values, weights=weight))


def _of_column(metric, y_true, scores, sample_weight, kwargs):
    """The metric of what is annotated; without any, that of a single negative."""
    kept = y_true >= 0
    if not kept.any():
        return metric([0], [0.0], **kwargs)
    if sample_weight is not None:
        kwargs = {**kwargs, "sample_weight": sample_weight[kept]}
    return metric(y_true[kept], scores[kept], **kwargs)

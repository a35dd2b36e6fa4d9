"""Decisions and targets in one form, for reports by label."""

from typing import NamedTuple

import numpy as np
from sklearn.utils import check_array
from sklearn.utils.validation import check_is_fitted

from skmultitag.utils._annotation import (
    annotated_rows,
    as_partial,
    has_nan,
    is_partial,
)
from skmultitag.utils._by_label import check_label_names, in_order_of_labels
from skmultitag.utils._fitted_labels import encoder_of, further_in, target_for
from skmultitag.utils._messages import naming, shorten
from skmultitag.utils._rows import check_same_rows
from skmultitag.utils._scores import (
    SCORE_DTYPES,
    as_scores,
    label_scores,
    read_indicator,
)
from skmultitag.utils._sklearn import safe_indexing
from skmultitag.utils._target_forms import column_names, read_form


class Decisions(NamedTuple):
    """Targets, predictions and scores of the same rows and labels.

    Attributes
    ----------
    y_true, y_pred : ndarray of bool of shape (n_samples, n_labels)
        False if the target is not annotated.

    names : list of n_labels names

    is_annotated : ndarray of bool of shape (n_samples, n_labels) or None
        None if all entries are annotated. Each row has an annotated entry.

    scores : ndarray of shape (n_samples, n_labels) or None
        -inf if the target is not annotated.

    thresholds : ndarray of shape (n_labels,) or None
        The thresholds that the classifier has as attributes or parameters, else NaN.

    std_threshold : ndarray of shape (n_labels,) or None
        Standard deviation of the thresholds over folds.
    """

    y_true: np.ndarray
    y_pred: np.ndarray
    names: list
    is_annotated: np.ndarray | None = None
    scores: np.ndarray | None = None
    thresholds: np.ndarray | None = None
    std_threshold: np.ndarray | None = None

    def with_scores(self, scores, **further):
        """The same decisions with scores, and what else is known of them."""
        if self.is_annotated is not None:
            scores = np.where(self.is_annotated, scores, -np.inf)
        return self._replace(scores=scores, **further)


def decisions_of(estimator, X, y, label_names=None, *, with_scores=True):
    """Decisions of a fitted classifier.

    Parameters
    ----------
    estimator : classifier

    X : array-like of shape (n_samples, n_features)

    y : target in any form that the classifier knows
        Rows without an annotated label are left out.

    label_names : array-like of shape (n_labels,) or None
        None for the names that the classifier knows, else the columns of `y`.

    with_scores : bool, default=True
        Whether scores are needed too; they are None if the classifier has none.

    Returns
    -------
    decisions : Decisions
    """
    check_is_fitted(estimator)
    check_same_rows(X=X, y=y)
    encoder = encoder_of(estimator)
    known = column_names(y) if encoder is None else encoder.label_names_.tolist()
    names = known if label_names is None else label_names
    y_true = target_for(estimator, y)
    if has_nan(y_true):
        rows = annotated_rows(as_partial(y_true), name="y")
        X, y_true = safe_indexing(X, rows), y_true[rows]
    y_pred = estimator.predict(X)
    decisions = given_decisions(y_true, y_pred, names, y_name="y")
    if not with_scores or not _has_scores(estimator):
        return decisions
    n_labels = len(decisions.names)
    return decisions.with_scores(
        label_scores(estimator, X, n_labels),
        thresholds=_stated_thresholds(estimator, known or decisions.names),
        std_threshold=_std_threshold(estimator, n_labels),
    )


def given_decisions(y_true, y_pred, label_names=None, y_score=None, *, y_name="y_true"):
    """Decisions that are given.

    Parameters
    ----------
    y_true, y_pred : {array-like, sparse matrix} of shape (n_samples, n_labels) or \
            list of n_samples lists of tags
        Tags need `label_names`. Entries of `y_true` that are NaN are not annotated.

    label_names : array-like of shape (n_labels,) or None
        None for the names of the columns of `y_pred`, else of `y_true`, else 0 to
        n_labels - 1.

    y_score : array-like of shape (n_samples, n_labels) or None

    y_name : str, default="y_true"
        Name of `y_true` in errors.

    Returns
    -------
    decisions : Decisions
    """
    form = read_form(y_pred, "y_pred")
    if form.kind == "column" and np.ndim(form.data) == 1:
        raise ValueError(
            "y_pred must have several labels for each row. Got one dimension:"
            f" {shorten(form.data)}. For classes, use"
            " sklearn.metrics.classification_report."
        )
    names = label_names
    if names is None:
        names = column_names(y_pred) or column_names(y_true)
    shape = _shape(form, names)
    names = list(range(shape[1]) if names is None else names)
    check_label_names(names, shape[1])
    y_pred = read_indicator(form, shape, names, name="y_pred", of="label_names")
    y_true = read_indicator(
        y_true, shape, names, name=y_name, of="the predictions", allow_missing=True
    )
    if y_score is not None:
        y_score = _check_score(y_score, shape)
    is_annotated = None
    if is_partial(y_true):
        rows = annotated_rows(y_true, name=y_name)
        y_true, y_pred = y_true[rows], y_pred[rows]
        y_score = None if y_score is None else y_score[rows]
        is_annotated = y_true >= 0
        y_true, y_pred = y_true == 1, y_pred & is_annotated
    decisions = Decisions(y_true, y_pred, names, is_annotated)
    return decisions if y_score is None else decisions.with_scores(y_score)


def _shape(form, names):
    """Shape of the indicator that the predictions are, or stand for."""
    if form.kind != "tags":
        return form.data.shape
    if names is None:
        raise ValueError(
            "label_names must be given if y_pred has tags. Got None. Pass the names of"
            " all labels."
        )
    return len(form.data), len(names)


def _check_score(y_score, shape):
    with naming("y_score"):
        y_score = as_scores(y_score, "y_score")
        y_score = check_array(y_score, dtype=SCORE_DTYPES, input_name="y_score")
    if y_score.shape != shape:
        raise ValueError(
            f"y_score must have the shape of the predictions, {shape}. Got shape"
            f" {y_score.shape}."
        )
    return y_score


def _has_scores(estimator):
    return hasattr(estimator, "predict_proba") or hasattr(
        estimator, "decision_function"
    )


def _stated_thresholds(estimator, names):
    """Thresholds of the classifier at the end, or NaN for each label.

    `names` are those by which the classifier knows the labels.
    """
    threshold = np.nan
    while estimator is not None:
        for name in ("threshold_", "threshold"):
            value = getattr(estimator, name, None)
            if value is not None and not isinstance(value, str):
                threshold = in_order_of_labels(value, names, name=name)
        estimator = further_in(estimator)
    return np.broadcast_to(np.asarray(threshold, dtype=np.float64), len(names))


def _std_threshold(estimator, n_labels):
    """Standard deviation of the thresholds over folds if it was stored, or None."""
    while estimator is not None:
        results = getattr(estimator, "cv_results_", None) or {}
        if "std_threshold" in results:
            return np.broadcast_to(results["std_threshold"], n_labels)
        estimator = further_in(estimator)
    return None

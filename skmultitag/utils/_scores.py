"""Scores of any classifier in one form, and their checks."""

import numpy as np
from scipy import sparse
from sklearn.utils import check_array
from sklearn.utils.validation import validate_data

from skmultitag.utils._messages import shorten
from skmultitag.utils._sklearn import check_sample_weight

SCORE_DTYPES = (np.float64, np.float32)


def label_scores(estimator, X, n_labels):
    """Scores of a fitted classifier, one column a label.

    `predict_proba` is preferred to `decision_function`. The list of arrays that
    forests and nearest neighbours return is put side by side; the sparse matrix of
    scikit-multilearn's classifiers becomes an array; of a binary classifier of one
    dimension the positive class is taken.

    Parameters
    ----------
    estimator : object
        A fitted classifier.

    X : array-like of shape (n_samples, n_features)

    n_labels : int
        Number of labels; 1 for a target of one dimension.

    Returns
    -------
    scores : ndarray of shape (n_samples, n_labels)

    Raises
    ------
    TypeError
        If the classifier has neither method.

    ValueError
        If it was fitted with another number of labels.
    """
    if hasattr(estimator, "predict_proba"):
        proba = estimator.predict_proba(X)
        if isinstance(proba, list):
            columns = zip(proba, estimator.classes_, strict=True)
            scores = np.column_stack([_positive(*column) for column in columns])
            return _check_number(scores, n_labels)
        proba = _as_array(proba)
        # of a target of one dimension there is a column for each of the two classes
        is_binary = n_labels == 1 and proba.shape[1] == 2
        return _check_number(proba[:, 1:] if is_binary else proba, n_labels)
    if hasattr(estimator, "decision_function"):
        margin = _as_array(estimator.decision_function(X))
        return _check_number(margin.reshape(len(margin), -1), n_labels)
    raise TypeError(
        f"{type(estimator).__name__} has neither predict_proba nor decision_function,"
        " so that there are no scores to choose a threshold on."
    )


def _as_array(scores):
    return scores.toarray() if sparse.issparse(scores) else scores


def _check_number(scores, n_labels):
    if scores.shape[1] != n_labels:
        raise ValueError(
            f"The classifier has scores of {scores.shape[1]} labels, but y has"
            f" {n_labels}. Fit it with the labels of y, in the same order."
        )
    return scores


def _positive(proba, classes):
    """Probability of 1 among the classes that one label had in training."""
    found = np.flatnonzero(np.asarray(classes) == 1)
    return proba[:, found[0]] if len(found) else np.zeros(len(proba))


def check_scores_and_target(estimator, scores, y, sample_weight=None):
    """Check what a thresholder or calibrator is fitted on.

    Parameters
    ----------
    estimator : estimator
        Gets `n_features_in_` and `feature_names_in_`.

    scores : array-like of shape (n_samples, n_labels)

    y : {array-like, sparse matrix} of shape (n_samples, n_labels) or (n_samples,)

    sample_weight : array-like of shape (n_samples,) or None

    Returns
    -------
    scores : ndarray of float64 or float32 of shape (n_samples, n_labels)

    y : ndarray of bool of shape (n_samples, n_labels)

    sample_weight : ndarray of shape (n_samples,) or None
        Rows without weight are left out of all three, so that they can't be seen in
        ties, midpoints and ranks either.
    """
    if y is None:
        raise ValueError(
            "This estimator requires y to be passed, but the target y is None."
        )
    _check_columns(scores, y)
    scores = validate_data(estimator, scores, dtype=SCORE_DTYPES)
    y = _check_indicator(y, scores.shape)
    sample_weight = check_sample_weight(sample_weight, scores)
    if sample_weight is not None and not sample_weight.all():
        kept = sample_weight > 0
        scores, y, sample_weight = scores[kept], y[kept], sample_weight[kept]
    return scores, y, sample_weight


def _check_columns(scores, y):
    """Raise if two DataFrames have the same columns in another order."""
    if not hasattr(scores, "columns") or not hasattr(y, "columns"):
        return
    names, others = list(scores.columns), list(y.columns)
    if names != others and sorted(map(str, names)) == sorted(map(str, others)):
        raise ValueError(
            f"The columns of scores, {shorten(names)}, and of y, {shorten(others)}, are"
            " the same in another order. Pass y[scores.columns]."
        )


def _check_indicator(y, shape):
    y = check_array(_as_array(y), dtype=None, ensure_2d=False, input_name="y")
    if y.ndim == 1:
        return _column_for_all(y, shape)
    if y.shape != shape:
        raise ValueError(
            f"scores have shape {shape} but y has shape {y.shape}; they must be the"
            " same."
        )
    is_valid = (y == 0) | (y == 1)
    if not is_valid.all():
        wrong = shorten(y[~is_valid][0])
        raise ValueError(f"y must hold 0 and 1 only, got {wrong}.")
    return y.astype(bool)


def _column_for_all(y, shape):
    """A `y` of one dimension as the target of each column of scores."""
    if len(y) != shape[0]:
        raise ValueError(f"scores have {shape[0]} rows but y has {len(y)}.")
    classes = np.unique(y)
    if not np.isin(classes, (0, 1)).all() and len(classes) != 2:
        raise ValueError(
            f"A y of one dimension must have two classes, got {len(classes)}. Pass an"
            " indicator matrix of 0 and 1."
        )
    positive = 1 if np.isin(classes, (0, 1)).all() else classes[1]
    return np.broadcast_to((y == positive)[:, None], shape)

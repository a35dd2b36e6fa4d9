"""Scores of any classifier in one form, and their checks."""

from itertools import pairwise

import numpy as np
from scipy import sparse
from sklearn.utils.validation import validate_data

from skmultitag.utils._annotation import annotated_rows, has_nan, is_partial
from skmultitag.utils._given import check_is_data
from skmultitag.utils._messages import naming, shorten
from skmultitag.utils._rows import stack_column
from skmultitag.utils._sklearn import check_sample_weight
from skmultitag.utils._target_encoder import TargetEncoder, dense
from skmultitag.utils._target_forms import (
    as_objects,
    check_column,
    column_names,
    is_missing,
    names_as_list,
    read_form,
    truth_of,
)

SCORE_DTYPES = (np.float64, np.float32)


def label_scores(estimator, X, n_labels):
    """Scores of a fitted classifier, one column a label.

    `predict_proba` is preferred to `decision_function`. The list of arrays that
    forests and nearest neighbors return is put side by side; the sparse matrix of
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
    check_is_data(X, "X")
    if hasattr(estimator, "predict_proba"):
        scores = columns_of_proba(estimator.predict_proba(X), estimator, n_labels)
    elif hasattr(estimator, "decision_function"):
        scores = columns_of_margin(estimator.decision_function(X))
    else:
        raise TypeError(
            f"{type(estimator).__name__} has neither predict_proba nor"
            " decision_function, and so no scores."
        )
    if scores.shape[1] != n_labels:
        raise ValueError(
            f"The classifier has scores of {scores.shape[1]} labels, but y has"
            f" {n_labels}. Fit it with the labels of y, in the same order."
        )
    return scores


def scored_tags(estimator, X, y, names):
    """Pairs of name and score of the predicted labels, the largest score first.

    Parameters
    ----------
    estimator : classifier
        Fitted.

    X : array-like of shape (n_samples, n_features)

    y : {ndarray, sparse matrix} of shape (n_samples, n_labels)
        What it predicts.

    names : array-like of shape (n_labels,)

    Returns
    -------
    tags : list of n_samples tuples of tuples of a name and a float
        Of equal scores the first label comes first.
    """
    scores = label_scores(estimator, X, len(names))
    row, column = sparse.csr_array(y).nonzero()
    values = scores[row, column]
    order = np.lexsort((column, -values, row))
    names = as_objects(names_as_list(names))[column[order]].tolist()
    pairs = list(zip(names, values[order].tolist(), strict=True))
    ends = np.bincount(row, minlength=len(scores)).cumsum().tolist()
    return [tuple(pairs[start:end]) for start, end in pairwise([0, *ends])]


def columns_of_proba(proba, estimator, n_labels):
    """Probabilities in the form that a classifier returns them, with a column a label.

    Parameters
    ----------
    proba : array-like, sparse matrix or list of n_labels arrays
        Answer of `predict_proba`.

    estimator : object
        The classifier, asked for `classes_` if `proba` is a list.

    n_labels : int

    Returns
    -------
    proba : ndarray of shape (n_samples, n_columns)
    """
    if isinstance(proba, list):
        columns = zip(proba, estimator.classes_, strict=True)
        return np.column_stack([_positive(*column) for column in columns])
    proba = dense(proba)
    # of a target of one dimension there is a column for each of the two classes
    return proba[:, 1:] if n_labels == 1 and proba.shape[1] == 2 else proba


def columns_of_margin(margin):
    """Margins in the form that `decision_function` returns them, a column a label."""
    margin = dense(margin)
    return margin.reshape(len(margin), -1)


def _positive(proba, classes):
    """Probability of 1 among the classes that one label had in training."""
    classes = np.asarray(classes).tolist()
    if any(map(is_missing, classes)):
        raise ValueError(
            "The classifier takes the entries of y that are not annotated (NaN) for a"
            f" class: {shorten(classes)}. It can't leave them out. Put a"
            " BinaryRelevanceClassifier of skmultitag.multioutput around it."
        )
    truth = [truth_of(name) for name in classes]
    if None in truth:
        raise ValueError(
            f"The classifier was fitted on a label with the classes {shorten(classes)}."
            " Fit it with an indicator of 0 and 1."
        )
    return proba[:, truth.index(1)] if 1 in truth else np.zeros(len(proba))


def check_scores_and_target(
    estimator,
    scores,
    y,
    sample_weight=None,
    *,
    name="y",
    of="scores",
    allow_missing=False,
):
    """Check what a thresholder or calibrator is fitted on.

    Parameters
    ----------
    estimator : estimator
        Gets `n_features_in_` and `feature_names_in_`.

    scores : array-like of shape (n_samples, n_labels)

    y : {array-like, sparse matrix} of shape (n_samples, n_labels) or (n_samples,)

    sample_weight : array-like of shape (n_samples,) or None

    name, of : str
        What errors call target and scores.

    allow_missing : bool, default=False
        Whether entries of an indicator may be missing: they are not annotated.

    Returns
    -------
    scores : ndarray of float64 or float32 of shape (n_samples, n_labels)

    y : ndarray of bool of shape (n_samples, n_labels)
        Of int8, see `_annotation`, if entries are missing.

    sample_weight : ndarray of shape (n_samples,) or None
        Rows without weight are left out of all three, so that they can't be seen in
        ties, midpoints and ranks either.
    """
    names = column_names(scores)
    with naming(of):
        scores = as_scores(scores, of)
        scores = validate_data(estimator, scores, dtype=SCORE_DTYPES)
    y = read_indicator(
        y, scores.shape, names, name=name, of=of, allow_missing=allow_missing
    )
    sample_weight = check_sample_weight(sample_weight, scores)
    if sample_weight is not None and not sample_weight.all():
        kept = sample_weight > 0
        scores, y, sample_weight = scores[kept], y[kept], sample_weight[kept]
    if is_partial(y):
        annotated_rows(y, sample_weight, name)  # or an error
    return scores, y, sample_weight


def as_scores(scores, name):
    """Scores in a form that scikit-learn checks: tensors and columns as arrays.

    Raises for what is no matrix, such as a list of arrays as forests return it.
    """
    shape = np.shape(scores[:1]) if isinstance(scores, (list, tuple)) else ()
    if len(shape) == 3 and shape[2] <= 2:
        raise ValueError(
            f"{name} must have a row a sample and a column a label. Got a list of"
            f" {len(scores)} arrays with the probabilities of classes: pass"
            f" np.column_stack([proba[:, 1] for proba in {name}])."
        )
    return stack_column(scores, name)


def read_indicator(
    y,
    shape,
    names=None,
    *,
    name="y",
    of="scores",
    sparse_output=False,
    allow_missing=False,
):
    """Read the target of a matrix of scores.

    Parameters
    ----------
    y : array-like, sparse matrix or list of tag lists
        A target of one dimension, of two classes, is that of each column.

    shape : tuple of two int
        Of the scores.

    names : list, default=None
        Names of the columns of the scores: columns of `y` with the same names are put
        in their order.

    name, of : str
        What errors call target and scores.

    sparse_output : bool, default=False
        Whether to return a CSR matrix, with what is True stored and sorted.

    allow_missing : bool, default=False
        Whether entries of an indicator may be missing: they are not annotated.

    Returns
    -------
    indicator : {ndarray, CSR matrix} of bool of the given shape
        Of int8, see `_annotation`, if entries are missing.
    """
    form = read_form(y, name)
    if allow_missing and form.kind == "column" and has_nan(form.data):
        form = form._replace(kind="indicator")  # of one label
    if form.kind == "column" and (form.data.ndim == 1 or shape[1] == 1):
        indicator = _column_for_all(form.data.ravel(), shape, name, of)
        return _sparse(indicator) if sparse_output else indicator
    if form.kind == "tags" or form.of_dicts:
        if names is None:
            raise ValueError(
                f"{name} holds names of labels, but {of} have none to pair them with:"
                f" pass {of} as a DataFrame with the labels as columns, or {name}"
                " as an indicator, such as sklearn.preprocessing.MultiLabelBinarizer"
                " makes."
            )
        classes = names
    elif form.data.shape != shape:
        raise ValueError(
            f"{name} must have the shape of {of}, {shape}. Got shape {form.data.shape}."
        )
    else:
        form = form._replace(kind="indicator")
        has_common = form.names is not None and set(form.names) & set(names or [])
        if not has_common:
            form = form._replace(names=None)
        classes = names if has_common else range(shape[1])
    indicator = TargetEncoder().fit_transform(
        form, classes, name=name, allow_missing=allow_missing
    )
    if indicator.shape[0] != shape[0]:
        raise _wrong_number(indicator.shape[0], shape, name, of)
    if sparse_output:
        return _sparse(indicator)
    indicator = dense(indicator)
    return indicator if is_partial(indicator) else indicator.astype(bool)


def _sparse(indicator):
    dtype = indicator.dtype if is_partial(indicator) else bool
    indicator = sparse.csr_matrix(indicator, dtype=dtype)
    indicator.eliminate_zeros()
    indicator.sort_indices()
    return indicator


def _wrong_number(n_rows, shape, name, of):
    return ValueError(f"{name} must have the {shape[0]} rows of {of}. Got {n_rows}.")


def _column_for_all(y, shape, name, of):
    """A `y` of one dimension as the target of each column of scores."""
    if len(y) != shape[0]:
        raise _wrong_number(len(y), shape, name, of)
    check_column(y, name)
    classes = np.unique(y)
    is_indicator = np.isin(classes, (0, 1)).all()
    if not is_indicator and len(classes) != 2:
        raise ValueError(
            f"A {name} of one dimension must have two classes. Got {shorten(classes)}."
            " Pass an indicator matrix of 0 and 1."
        )
    positive = 1 if is_indicator else classes[1]
    return np.broadcast_to((y == positive)[:, None], shape)

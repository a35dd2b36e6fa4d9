"""Checks that the metrics share."""

import numpy as np
from scipy import sparse
from sklearn.utils import check_array

from skmultitag.utils._annotation import (
    annotated,
    annotated_rows,
    is_partial,
    positives,
)
from skmultitag.utils._messages import naming
from skmultitag.utils._scores import as_scores, read_indicator
from skmultitag.utils._sklearn import check_sample_weight
from skmultitag.utils._target_forms import column_names, read_form


def check_scores(y_true, y_score, sample_weight, *, score_name, score_range=None):
    """Return targets, scores and weights as float arrays of matching shape.

    Parameters
    ----------
    y_true : {array-like, sparse matrix} of shape (n_samples, n_labels) or (n_samples,)
        Targets in {0, 1}. Entries that are NaN are not annotated. One dimension is one
        label.

    y_score : array-like of the shape of `y_true`
        Finite scores.

    sample_weight : array-like of shape (n_samples,) or None
        Weights of the rows.

    score_name : str
        Name of `y_score` in errors.

    score_range : tuple of two floats, default=None
        Smallest and largest value that a score may have.

    Returns
    -------
    y_true, y_score : ndarray of shape (n_rows, n_labels)
        Targets are 0 if not annotated. Rows without any annotated entry are left out of
        all results.

    sample_weight : ndarray of shape (n_rows,) or None

    is_annotated : ndarray of bool of shape (n_rows, n_labels) or None
        None if all entries are annotated.
    """
    names = column_names(y_score)
    y_score = check_score_matrix(y_score, score_name, score_range)
    form = read_form(y_true, "y_true")
    if form.kind == "column" and y_score.shape[1] != 1:
        raise ValueError(
            f"y_true must have the shape of {score_name}, {y_score.shape}. Got shape"
            f" {form.data.shape}."
        )
    y_true = read_indicator(
        form, y_score.shape, names, name="y_true", of=score_name, allow_missing=True
    )
    sample_weight = check_sample_weight(sample_weight, y_score)
    parts = _of_annotated_rows(y_true, y_score, sample_weight)
    y_true, y_score, sample_weight = parts
    is_annotated = annotated(y_true)
    return positives(y_true).astype(np.float64), y_score, sample_weight, is_annotated


def check_score_matrix(y_score, name, score_range=None):
    """Return scores as a float64 array of shape (n_samples, n_labels).

    Parameters
    ----------
    y_score : array-like of shape (n_samples, n_labels) or (n_samples,)

    name : str
        Name of the scores in errors.

    score_range : tuple of two floats, default=None
        Smallest and largest value that a score may have.
    """
    with naming(name):
        y_score = as_scores(y_score, name)
        y_score = check_array(
            y_score, dtype=np.float64, ensure_2d=False, input_name=name
        )
    if score_range is not None:
        low, high = score_range
        if y_score.size and (y_score.min() < low or y_score.max() > high):
            raise ValueError(
                f"{name} must be in [{low}, {high}]. Got values from"
                f" {y_score.min()} to {y_score.max()}."
            )
    return y_score[:, None] if y_score.ndim == 1 else y_score


def _of_annotated_rows(y_true, y_score, sample_weight):
    """Targets, scores and weights without the rows that have no annotated entry."""
    if not is_partial(y_true):
        return y_true, y_score, sample_weight
    rows = annotated_rows(y_true, sample_weight)
    weight = None if sample_weight is None else sample_weight[rows]
    return y_true[rows], y_score[rows], weight


def check_ranking(y_true, y_score, sample_weight):
    """Return targets as a CSR matrix, scores of many labels and weights.

    Labels that are not annotated come last in the scores of their row, and rows without
    any annotated label are left out.

    Parameters
    ----------
    y_true : {array-like, sparse matrix} of shape (n_samples, n_labels)
        Targets in {0, 1}. Entries that are NaN are not annotated.

    y_score : {array-like, sparse matrix} of shape (n_samples, n_labels)
        Finite scores.

    sample_weight : array-like of shape (n_samples,) or None
        Weights of the rows.

    Returns
    -------
    y_true : CSR matrix of bool or uint8 of shape (n_rows, n_labels)
        Only positives are stored, with sorted indices.

    y_score : {ndarray, CSR matrix} of shape (n_rows, n_labels)
        An array is not copied if all labels are annotated.

    sample_weight : ndarray of shape (n_rows,) or None
    """
    names = column_names(y_score)
    with naming("y_score"):
        y_score = as_scores(y_score, "y_score")
        y_score = check_array(
            y_score,
            accept_sparse="csr",
            dtype=[np.float64, np.float32],
            ensure_2d=False,
            input_name="y_score",
        )
    if y_score.ndim == 1:
        y_score = y_score[:, None]
    y_true = read_indicator(
        y_true,
        y_score.shape,
        names,
        name="y_true",
        of="y_score",
        sparse_output=True,
        allow_missing=True,
    )
    rows = y_score[:, :1] if sparse.issparse(y_score) else y_score
    sample_weight = check_sample_weight(sample_weight, rows)
    if not is_partial(y_true):
        return y_true, y_score, sample_weight
    parts = _of_annotated_rows(y_true, y_score, sample_weight)
    y_true, y_score, sample_weight = parts
    return positives(y_true), _annotated_first(y_score, y_true < 0), sample_weight


def _annotated_first(y_score, is_unknown):
    """A copy of scores in which labels that are not annotated come last."""
    if not sparse.issparse(y_score):
        y_score = y_score.copy()
        y_score[is_unknown.nonzero()] = -np.inf
        return y_score
    place = places(y_score)
    of_annotated = ~np.isin(place, places(is_unknown))
    entries = np.divmod(place[of_annotated], y_score.shape[1])
    parts = y_score.data[of_annotated], entries
    return sparse.csr_matrix(parts, shape=y_score.shape)


def places(matrix):
    """One number for each entry that a CSR matrix stores: row * n_columns + column."""
    n_rows, n_columns = matrix.shape
    row = np.repeat(np.arange(n_rows, dtype=np.int64), np.diff(matrix.indptr))
    return row * n_columns + matrix.indices

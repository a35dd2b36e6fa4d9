"""Checks that the metrics share."""

import numpy as np
from scipy import sparse
from sklearn.utils import check_array

from skmultitag.utils._messages import naming
from skmultitag.utils._scores import read_indicator
from skmultitag.utils._sklearn import check_sample_weight
from skmultitag.utils._target_forms import column_names, read_form


def check_scores(y_true, y_score, sample_weight, *, score_name, score_range=None):
    """Return targets, scores and weights as float arrays of matching shape.

    Parameters
    ----------
    y_true : {array-like, sparse matrix} of shape (n_samples, n_labels) or (n_samples,)
        Targets in {0, 1}; one dimension is one label.

    y_score : array-like of the shape of `y_true`
        Finite scores.

    sample_weight : array-like of shape (n_samples,) or None
        Weights of the rows.

    score_name : str
        What to call `y_score` in errors.

    score_range : tuple of two floats, default=None
        Smallest and largest value that a score may have.

    Returns
    -------
    y_true, y_score : ndarray of shape (n_samples, n_labels)
    sample_weight : ndarray of shape (n_samples,) or None
    """
    names = column_names(y_score)
    y_score = check_score_matrix(y_score, score_name, score_range)
    form = read_form(y_true, "y_true")
    if form.kind == "column" and y_score.shape[1] != 1:
        raise ValueError(
            f"y_true must have the shape of {score_name}, {y_score.shape}. Got shape"
            f" {form.data.shape}."
        )
    y_true = read_indicator(form, y_score.shape, names, name="y_true", of=score_name)
    sample_weight = check_sample_weight(sample_weight, y_score)
    return y_true.astype(np.float64), y_score, sample_weight


def check_score_matrix(y_score, name, score_range=None):
    """Return scores as a float64 array of shape (n_samples, n_labels).

    Parameters
    ----------
    y_score : array-like of shape (n_samples, n_labels) or (n_samples,)

    name : str
        What to call it in errors.

    score_range : tuple of two floats, default=None
        Smallest and largest value that a score may have.
    """
    with naming(name):
        y_score = check_array(
            y_score, dtype=np.float64, ensure_2d=False, input_name=name
        )
    if score_range is not None:
        low, high = score_range
        if y_score.size and (y_score.min() < low or y_score.max() > high):
            raise ValueError(
                f"{name} must lie in [{low}, {high}], got values from"
                f" {y_score.min()} to {y_score.max()}."
            )
    return y_score[:, None] if y_score.ndim == 1 else y_score


def check_ranking(y_true, y_score, sample_weight):
    """Return targets as a CSR matrix, scores of many labels and weights.

    Parameters
    ----------
    y_true : {array-like, sparse matrix} of shape (n_samples, n_labels)
        Targets in {0, 1}.

    y_score : {array-like, sparse matrix} of shape (n_samples, n_labels)
        Finite scores.

    sample_weight : array-like of shape (n_samples,) or None
        Weights of the rows.

    Returns
    -------
    y_true : CSR matrix of bool of shape (n_samples, n_labels)
        What is True is stored and sorted.

    y_score : {ndarray, CSR matrix} of shape (n_samples, n_labels)
        With no copy of an array.

    sample_weight : ndarray of shape (n_samples,) or None
    """
    names = column_names(y_score)
    with naming("y_score"):
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
        y_true, y_score.shape, names, name="y_true", of="y_score", sparse_output=True
    )
    rows = y_score[:, :1] if sparse.issparse(y_score) else y_score
    return y_true, y_score, check_sample_weight(sample_weight, rows)

"""Checks that the metrics share."""

import numpy as np
from scipy import sparse
from sklearn.utils import check_array, check_consistent_length

from skmultitag.utils._sklearn import check_sample_weight


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
    y_true = _as_matrix(y_true, "y_true")
    y_score = _as_matrix(y_score, score_name)
    check_consistent_length(y_true, y_score, sample_weight)
    if y_true.shape != y_score.shape:
        raise ValueError(
            f"y_true has shape {y_true.shape} but {score_name} has shape"
            f" {y_score.shape}; they must be the same."
        )
    if not np.isin(y_true, (0, 1)).all():
        raise ValueError("y_true must hold 0 and 1 only.")
    if score_range is not None:
        low, high = score_range
        if y_score.size and (y_score.min() < low or y_score.max() > high):
            raise ValueError(
                f"{score_name} must lie in [{low}, {high}], got values from"
                f" {y_score.min()} to {y_score.max()}."
            )
    return y_true, y_score, check_sample_weight(sample_weight, y_true)


def _as_matrix(values, name):
    if sparse.issparse(values):
        values = values.toarray()
    values = check_array(
        values, dtype=np.float64, ensure_2d=False, input_name=name, allow_nd=False
    )
    return values[:, None] if values.ndim == 1 else values

"""Checks of X that copy nothing."""

import numpy as np
import torch
from scipy import sparse
from sklearn import get_config
from sklearn.utils import assert_all_finite, check_array
from sklearn.utils.extmath import row_norms
from sklearn.utils.validation import validate_data

from skmultitag.neural_network._sliced_rows import (
    N_ENTRIES_OF_A_BLOCK,
    SlicedRows,
    is_sliceable,
)
from skmultitag.utils._quantiles import column_quantiles

# half precision and sparse rows are converted a batch at a time, never as a whole
_DTYPES = (np.float64, np.float32, np.float16)
_PARAMS = {"accept_sparse": "csr", "dtype": _DTYPES}


def check_features(X, estimator, *, ensure_min_samples):
    """Return the `X` of a training, in a form of which rows can be taken.

    Returns
    -------
    X : {ndarray, CSR matrix, SlicedRows} of shape (n_samples, n_features)
        A copy only if `X` has to be converted.
    """
    X = _as_array(X)
    if is_sliceable(X):
        rows = SlicedRows(X)
        _check_shape_and_dtype(rows, ensure_min_samples)
    else:
        rows = check_array(
            X,
            ensure_min_samples=ensure_min_samples,
            estimator=estimator,
            input_name="X",
            order="C",
            # scikit-learn's check makes masks as large as X if X is in half precision
            ensure_all_finite=False,
            **_PARAMS,
        )
    if not get_config()["assume_finite"]:
        for block in _blocks_of(rows):
            if not _is_finite(block):
                assert_all_finite(
                    block, input_name="X", estimator_name=type(estimator).__name__
                )
    return rows


def check_features_to_predict(X, estimator):
    """Return the `X` of a prediction by a fitted estimator, as `check_features` does.

    A plain array that needs no conversion is recognised first: scikit-learn's check of
    one row takes longer than a network.
    """
    X = _as_array(X)
    if is_sliceable(X):
        validate_data(estimator, X, reset=False, skip_check_array=True)
        return check_features(X, estimator, ensure_min_samples=1)
    is_plain = (
        type(X) in (np.ndarray, np.memmap)
        and X.ndim == 2
        and X.dtype in _DTYPES
        and X.shape[0] > 0
        and X.shape[1] == estimator.n_features_in_
        and not hasattr(estimator, "feature_names_in_")
    )
    if is_plain and all(_is_finite(block) for block in _blocks_of(X)):
        return X
    return validate_data(estimator, X, reset=False, **_PARAMS)


def _as_array(X):
    """A tensor as an array of its precision; bfloat16, unknown to numpy, as float32."""
    if not isinstance(X, torch.Tensor):
        return X
    X = X.detach().cpu()
    return (X.float() if X.dtype == torch.bfloat16 else X).numpy()


def check_same_features(X, other):
    """Raise if the columns of `other` are not those of `X`."""
    names, others = (getattr(data, "columns", None) for data in (X, other))
    if names is not None and others is not None and list(names) != list(others):
        raise ValueError(
            "The columns of X_val must be those of X, in their order. Got"
            f" {list(others)} instead of {list(names)}."
        )


def typical_size(X, sample_weight=None):
    """Median norm of the rows, divided by the root of the number of features.

    About 1 for standardized features. The median, so that rows far out do not move it;
    rows without an entry other than 0 are left aside.

    Parameters
    ----------
    X : {ndarray, CSR matrix, SlicedRows} of shape (n_samples, n_features)

    sample_weight : ndarray of shape (n_samples,), default=None

    Returns
    -------
    size : float
        Positive; 1 if all entries are 0, or most too large to be squared.
    """
    norms = [np.empty(0)]
    for block in _blocks_of_rows(X):
        if block.dtype == np.float16:
            block = block.astype(np.float32)
        with np.errstate(over="ignore"):
            norms.append(row_norms(block))
    norms = np.concatenate(norms)
    is_used = norms > 0 if sample_weight is None else (norms > 0) & (sample_weight > 0)
    if not is_used.any():
        return 1.0
    weight = None if sample_weight is None else sample_weight[is_used]
    median = column_quantiles(norms[is_used, None], [0.5], weight).item()
    size = median / np.sqrt(X.shape[1])
    return size if np.isfinite(size) else 1.0


def _is_finite(block):
    """Whether all entries are finite; False also if their sum overflows."""
    dtype = np.float32 if block.dtype == np.float16 else None
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.isfinite(block.sum(dtype=dtype)))


def _blocks_of(X):
    """The entries that are stored, in parts."""
    return [X.data] if sparse.issparse(X) else _blocks_of_rows(X)


def _blocks_of_rows(X):
    if isinstance(X, SlicedRows):
        yield from X.blocks()
        return
    n_entries = X.nnz if sparse.issparse(X) else X.shape[0] * X.shape[1]
    n_rows = 1 + N_ENTRIES_OF_A_BLOCK * X.shape[0] // max(n_entries, X.shape[0])
    for start in range(0, X.shape[0], n_rows):
        yield X[start : start + n_rows]


def _check_shape_and_dtype(rows, ensure_min_samples):
    if rows.shape[0] < ensure_min_samples or rows.shape[1] == 0:
        raise ValueError(
            f"X has shape {rows.shape}, but at least {ensure_min_samples} rows and one"
            " feature are needed."
        )
    if rows.dtype not in _DTYPES:
        raise ValueError(
            f"X of type {type(rows.source).__name__} must hold floats of 16, 32 or 64"
            f" bits. Got dtype {rows.dtype}."
        )

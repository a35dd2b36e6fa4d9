"""Reads X of any form, with checks that copy nothing."""

import numpy as np
import torch
from scipy import sparse
from sklearn import get_config
from sklearn.utils import assert_all_finite, check_array
from sklearn.utils.validation import validate_data

from skmultitag.neural_network._sliced_rows import (
    SlicedRows,
    is_sliceable,
    n_block_rows,
)
from skmultitag.utils._given import check_is_matrix, without_tensor
from skmultitag.utils._messages import naming, shorten
from skmultitag.utils._rows import stacked, stacked_entries
from skmultitag.utils._target_forms import column_names

# half precision and sparse rows are converted a batch at a time, never as a whole
_DTYPES = (np.float64, np.float32, np.float16)


def as_rows(X, name="X"):
    """Return `X` as rows of entries; a table that names its features stays as it is.

    A column of embeddings, such as a Series of arrays, a list array of arrow or a frame
    of this one column, is stacked. Lists and tensors keep the precision of their
    entries; bfloat16, unknown to numpy, becomes float32. Numbers are not checked.

    Parameters
    ----------
    X : array-like, table, sparse matrix, tensor, or anything with slices of rows
        As the user has passed it.

    name : str, default="X"
        What error messages call it.

    Returns
    -------
    X : ndarray, table, sparse matrix, or anything that `SlicedRows` takes
    """
    check_is_matrix(X, name)
    if sparse.issparse(X) or is_sliceable(X) or (_is_table(X) and len(X.columns) != 1):
        return X
    if isinstance(X, (list, tuple)) and len(X) and isinstance(X[0], torch.Tensor):
        X = stacked(X, name)
    X = without_tensor(X, name)
    if isinstance(X, np.ma.MaskedArray) and X.mask.any():
        raise ValueError(f"{name} has masked entries: fill them, or leave rows out.")
    try:
        array = np.asarray(X)
    except ValueError as exc:
        raise ValueError(f"{name} must have rows of one length: {exc}") from exc
    column = stacked_entries(array, name)
    if column is not None:
        return as_rows(column, name)
    _refuse_complex(array, name)  # first of all, as estimators of scikit-learn do
    return X if _is_table(X) else array


def _refuse_complex(array, name):
    if array.dtype.kind == "c":
        raise ValueError(f"{name} must hold real numbers. Complex data not supported.")


def check_features(X, estimator, *, ensure_min_samples, name="X"):
    """Return the `X` of a training, in a form of which rows can be taken.

    Parameters
    ----------
    X : ndarray, table, sparse matrix, or anything that `SlicedRows` takes
        From `as_rows`.

    estimator : estimator object
        Which error messages name.

    ensure_min_samples : int

    name : str, default="X"
        What error messages call it.

    Returns
    -------
    X : {ndarray, CSR matrix, SlicedRows} of shape (n_samples, n_features)
        A copy only if `X` has to be converted.
    """
    if is_sliceable(X):
        rows = SlicedRows(X)
        _check_shape_and_dtype(rows, ensure_min_samples, name)
    else:
        X = X if sparse.issparse(X) else _as_numbers(X, name)
        with naming(name):
            rows = check_array(
                X,
                accept_sparse="csr",
                dtype=_DTYPES,
                ensure_min_samples=ensure_min_samples,
                estimator=estimator,
                order="C",
                # its check makes masks as large as X if X is in half precision
                ensure_all_finite=False,
            )
    if not get_config()["assume_finite"]:
        for block in _blocks_of(rows):
            if not _is_finite(block):
                with np.errstate(invalid="ignore"):  # of huge entries of both signs
                    assert_all_finite(
                        block, input_name=name, estimator_name=type(estimator).__name__
                    )
    return rows


def check_features_to_predict(X, estimator, *, is_single):
    """Return the `X` of a prediction by a fitted estimator, as `check_features` does.

    A plain array that needs no conversion is recognized first: scikit-learn's check of
    one row takes longer than a network.

    Parameters
    ----------
    X : array-like, table, sparse matrix, tensor, or anything with slices of rows
        As the user has passed it.

    estimator : estimator object
        With `n_features_in_`.

    is_single : bool
        Whether it computes in float32, which float64 must not exceed.
    """
    is_plain = (
        type(X) in (np.ndarray, np.memmap)
        and X.ndim == 2
        and X.dtype in _DTYPES
        and X.shape[0] > 0
        and X.shape[1] == estimator.n_features_in_
        and not hasattr(estimator, "feature_names_in_")
    )
    if is_plain and all(_is_finite(block, is_single) for block in _blocks_of(X)):
        return X
    X = as_rows(X)
    if len(X.shape) == 2:  # before all rows are read
        validate_data(estimator, X, reset=False, skip_check_array=True)
    rows = check_features(X, estimator, ensure_min_samples=1)
    if is_single:
        check_range_of_float32(rows)
    return rows


def check_range_of_float32(X, name="X"):
    """Raise if an entry of a checked `X` would be infinite in float32."""
    if X.dtype != np.float64 or get_config()["assume_finite"]:
        return
    for block in _blocks_of(X):
        is_inside = _is_finite(block, is_single=True)
        if not is_inside and abs(block).max() > np.finfo(np.float32).max:
            raise ValueError(
                f"{name} has values beyond the range of float32, in which the network"
                f" computes: scale {name}, or train on float64."
            )


def _is_table(X):
    return hasattr(X, "columns")


def _as_numbers(X, name):
    """A table or array as a matrix of numbers, in their own precision."""
    array = np.asarray(X)
    try:
        if array.dtype == object and hasattr(X, "iloc"):  # nullable columns of pandas
            dtypes = {getattr(each, "numpy_dtype", each) for each in X.dtypes}
            is_single = dtypes == {np.dtype(np.float32)}
            dtype = np.float32 if is_single else np.float64
            array = X.to_numpy(dtype, na_value=np.nan)
        elif array.dtype.kind in "OUS":
            array = array.astype(np.float64)
    except (TypeError, ValueError) as exc:
        kind = TypeError if isinstance(exc, TypeError) else ValueError
        problem, cure = str(exc).rstrip("."), ""
        if "string to float" in problem:
            cure = " Turn texts into embeddings first."
        elif "sequence" in problem:
            cure = " Pass a column of embeddings alone, or as np.stack(...) of it."
        raise kind(f"{name} must hold numbers: {problem}.{cure}") from exc
    _refuse_complex(array, name)
    if array.dtype.kind not in "biuf":
        raise ValueError(f"{name} must hold numbers. Got dtype {array.dtype}.")
    if array.ndim != 2:
        given = f"shape {array.shape}" if array.ndim else shorten(X)
        raise ValueError(
            f"{name} must have two dimensions, a row for each sample. Got {given}."
            f" Reshape your data: {name}.reshape(1, -1) is one row, and"
            f" {name}.reshape(-1, 1) one feature."
        )
    return array


def check_same_features(X, X_val):
    """Raise if the columns of `X_val` are not those of `X`."""
    names, others = column_names(X), column_names(X_val)
    if names is not None and others is not None and names != others:
        raise ValueError(
            "The columns of X_val must be those of X, in their order. Got"
            f" {shorten(others)} instead of {shorten(names)}."
        )


def _is_finite(block, is_single=False):
    """Whether all entries are finite, in float32 too with `is_single`.

    False also if their sum overflows.
    """
    dtype = np.float32 if is_single or block.dtype == np.float16 else None
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.isfinite(block.sum(dtype=dtype)))


def _blocks_of(X):
    """The entries that are stored, in parts."""
    if sparse.issparse(X):
        return [X.data]
    if isinstance(X, SlicedRows):
        return X.blocks()
    n_rows = n_block_rows(X)
    return (X[start : start + n_rows] for start in range(0, X.shape[0], n_rows))


def _check_shape_and_dtype(rows, ensure_min_samples, name):
    if rows.shape[0] < ensure_min_samples or rows.shape[1] == 0:
        raise ValueError(
            f"{name} has shape {rows.shape}, but at least {ensure_min_samples} rows and"
            " one feature are needed."
        )
    if rows.dtype not in _DTYPES:
        raise ValueError(
            f"{name} of type {type(rows.source).__name__} must hold floats of 16, 32 or"
            f" 64 bits. Got dtype {rows.dtype}."
        )

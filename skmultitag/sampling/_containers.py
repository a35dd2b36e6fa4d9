"""Rows of arrays, sparse matrices, frames and lists, in the same type of container."""

import itertools
from collections.abc import Mapping

import numpy as np
from scipy import sparse

from skmultitag.utils._annotation import NOT_ANNOTATED, is_partial, with_nan
from skmultitag.utils._sklearn import safe_indexing
from skmultitag.utils._target_forms import as_objects, is_missing, read_form


def select_rows(container, rows):
    """Select rows by number.

    The index of a frame is kept if rows are only left out. Otherwise its rows are
    numbered anew, as an index with repetitions is of little use.

    Parameters
    ----------
    container : array, sparse matrix, DataFrame, Series, list or tuple

    rows : ndarray of int of shape (n_rows,)
    """
    if sparse.issparse(container):
        return container.tocsr()[rows].asformat(container.format)
    taken = safe_indexing(container, rows)
    if isinstance(container, tuple):
        return tuple(taken)
    if hasattr(taken, "reset_index") and (np.diff(rows) <= 0).any():
        return taken.reset_index(drop=True)
    return taken


def append_rows(container, values):
    """Append new rows, with the types of the rows that are there.

    Parameters
    ----------
    container : array, sparse matrix, DataFrame, list or tuple
        Of numbers.

    values : ndarray or CSR array of shape (n_rows, n_columns)
        Numbers. Where the container has integers, they are rounded.
    """
    if sparse.issparse(container):
        new = _cast(sparse.csr_array(values), container.dtype)
        stacked = sparse.vstack([container, new], format=container.format)
        return type(container)(stacked)  # of matrices or arrays, as given
    if sparse.issparse(values):
        values = values.toarray()
    if hasattr(container, "columns"):
        return _append_to_frame(container, values)
    if isinstance(container, (list, tuple)):
        values = _cast(values, np.asarray(container).dtype)
        return container + type(container)(values.tolist())
    if isinstance(container, np.ma.MaskedArray):
        new = np.ma.array(_cast(np.nan_to_num(values), container.dtype))
        new[np.isnan(values)] = np.ma.masked
        return np.ma.concatenate([container, new])
    container = np.asarray(container)
    return np.concatenate([container, _cast(values, container.dtype)])


def append_labels(container, indicator, names):
    """Append rows to a target, in its form.

    Parameters
    ----------
    container : array, sparse matrix, DataFrame, or sequence of rows
        See :class:`~skmultitag.MultiTagClassifier`. A new row of a sequence is of the
        type of the first one.

    indicator : CSR array of uint8 or int8 of shape (n_rows, n_labels)
        Of int8, see `_annotation`, if entries are not annotated.

    names : ndarray of shape (n_labels,)
        The labels.
    """
    is_matrix = sparse.issparse(container) or len(getattr(container, "shape", ())) == 2
    if is_matrix and container.shape[1] == len(names):
        return append_rows(container, with_nan(indicator))
    if is_matrix or not (
        isinstance(container, (list, tuple, np.ndarray)) or hasattr(container, "iloc")
    ):
        raise TypeError(
            f"y is a {type(container).__name__} of tags, and new rows can't be appended"
            " to it. Pass y as a list."
        )
    make = _row_maker(container, names, is_partial(indicator))
    rows = [make(indicator[[number]]) for number in range(indicator.shape[0])]
    if isinstance(container, (list, tuple)):
        return container + type(container)(rows)
    new = as_objects(rows)
    if hasattr(container, "iloc"):
        new = type(container)(new, name=container.name)
        return _concatenate_frames(container, new)
    return np.concatenate([container, new])


def _row_maker(container, names, has_missing):
    """A function from a row of an indicator to one like the first of a sequence."""
    first = next(iter(container))
    is_dict = isinstance(first, Mapping)
    make = np.array if isinstance(first, np.ndarray) else type(first)
    if is_dict:
        container = [row.values() for row in container]
    elif read_form(container).kind == "tags":
        return lambda row: make(names[row.indices].tolist())
    entries = list(itertools.chain.from_iterable(container)) if has_missing else first
    known = int if is_dict else type(next(e for e in entries if not is_missing(e)))
    values = {0: known(0), 1: known(1)}
    if has_missing:
        values[NOT_ANNOTATED] = next(e for e in entries if is_missing(e))

    def make_row(row):
        row = [values[entry] for entry in row.toarray()[0].tolist()]
        return dict(zip(names.tolist(), row, strict=True)) if is_dict else make(row)

    return make_row


def _append_to_frame(frame, values):
    if not hasattr(frame, "iloc"):
        raise TypeError(
            "New rows can be appended only to a DataFrame of pandas. Got a DataFrame of"
            f" {type(frame).__module__.split('.')[0]}. Pass an array, or use pandas."
        )
    is_whole = [getattr(dtype, "kind", "O") in "iub" for dtype in frame.dtypes]
    values[:, is_whole] = np.rint(values[:, is_whole])
    new = type(frame)(values, columns=frame.columns).astype(frame.dtypes.to_dict())
    return _concatenate_frames(frame, new)


def _concatenate_frames(first, second):
    import pandas as pd  # it is there, as it made the frames

    return pd.concat([first, second], ignore_index=True)


def _cast(values, dtype):
    if dtype.kind in "iub" and values.dtype.kind == "f":
        values = values.rint() if sparse.issparse(values) else np.rint(values)
    return values.astype(dtype)

"""Rows of arrays, sparse matrices, frames and lists, in the same type of container."""

from itertools import pairwise

import numpy as np
from scipy import sparse

from skmultitag.utils._sklearn import safe_indexing


def select_rows(container, rows):
    """Select rows by number.

    The index of a frame is kept where rows are only left out. Otherwise its rows are
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
    container = np.asarray(container)
    return np.concatenate([container, _cast(values, container.dtype)])


def append_tags(container, indicator, names):
    """Append rows of tags to a list, tuple, array or Series of tag lists.

    Parameters
    ----------
    container : list, tuple, ndarray or Series
        A collection of tags a row. A new row is of the type of the first one.

    indicator : CSR array of shape (n_rows, n_labels)

    names : ndarray of shape (n_labels,)
        The tags.
    """
    first = next(iter(container))
    make = np.array if isinstance(first, np.ndarray) else type(first)
    tags = names[indicator.indices].tolist()
    rows = [make(tags[start:stop]) for start, stop in pairwise(indicator.indptr)]
    if isinstance(container, (list, tuple)):
        return container + type(container)(rows)
    new = np.empty(len(rows), dtype=object)
    for number, row in enumerate(rows):
        new[number] = row
    if hasattr(container, "iloc"):
        new = type(container)(new, name=container.name)
        return _concatenate_frames(container, new)
    return np.concatenate([container, new])


def _append_to_frame(frame, values):
    if not hasattr(frame, "iloc"):
        raise TypeError(
            "New rows can be appended to a DataFrame of pandas only. Got one of"
            f" {type(frame).__module__.split('.')[0]}: pass it as an array."
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

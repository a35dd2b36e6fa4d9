"""Rows of features: their number, and those that stand in one column."""

import re

import numpy as np
from scipy import sparse

from skmultitag.utils._given import check_is_data, check_is_matrix, without_tensor
from skmultitag.utils._messages import naming, shorten
from skmultitag.utils._sklearn import number_of_rows


def check_same_rows(**data):
    """Raise if array-likes, by name, have different numbers of rows; None is left out.

    Parameters
    ----------
    **data : dict of array-like or None
    """
    given = {name: each for name, each in data.items() if each is not None}
    n_rows = {}
    for name, each in given.items():
        check_is_data(each, name)
        with naming(name):
            n_rows[name] = number_of_rows(each)
    if len(set(n_rows.values())) > 1:
        for name, each in given.items():
            check_is_matrix(each, name)
        numbers = ", ".join(f"{name} {number}" for name, number in n_rows.items())
        raise ValueError(f"The same number of rows is needed. Got {numbers}.")


def stack_column(X, name="X"):
    """A column of embeddings as a matrix; a matrix or table of features as it is.

    Such a column is a Series of arrays, a list column of polars or arrow, or a table of
    this one column.

    Parameters
    ----------
    X : array-like, table or sparse matrix
        As the user has passed it.

    name : str, default="X"
        What error messages call it.
    """
    check_is_matrix(X, name)
    X = without_tensor(X, name)
    is_table = hasattr(X, "columns")
    if sparse.issparse(X) or isinstance(X, list) or (is_table and len(X.columns) != 1):
        return X
    array = np.asarray(X)
    column = stacked_entries(array, name)
    if column is not None:
        return np.asarray(column)
    # scikit-learn does not see the features of a column that numpy reads as a matrix
    return X if is_table or isinstance(X, np.ndarray) else array


def stacked_entries(array, name="X"):
    """The arrays, tensors, lists or tuples in an array of objects, or None.

    Raises
    ------
    ValueError
        If they differ in length, or are texts, as they come from a CSV file.
    """
    is_column = array.ndim and array.size == len(array) > 0
    if not is_column or array.dtype.kind not in "OUT":
        return None
    first = array.item(0)
    if isinstance(first, str) and re.match(r"\s*[\[(]\s*[-+.\d]", first):
        row = f"np.fromstring(text.strip('[]()'), sep={',' if ',' in first else ' '!r})"
        raise ValueError(
            f"{name} is a column of texts that look like embeddings, such as"
            f" {shorten(first)}. Make them numbers before:"
            f" np.stack([{row} for text in column]). To avoid texts, save embeddings by"
            " np.save or in a Parquet file, not as CSV."
        )
    if isinstance(first, (list, tuple)) or getattr(first, "ndim", 0):
        return stacked(array.reshape(-1).tolist(), name)
    return None


def stacked(rows, name="X"):
    """A list of arrays or tensors as one that has a dimension more."""
    stack = np.stack
    if hasattr(rows[0], "detach"):
        import torch  # not before, as most of the package does without

        stack = torch.stack
    try:
        return stack(rows)
    except (RuntimeError, TypeError, ValueError) as exc:
        raise ValueError(
            f"{name} is a column of embeddings that can't be stacked, as np.stack(...)"
            f" does it: {exc}"
        ) from exc

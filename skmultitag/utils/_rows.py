"""Rows of features: their number, and those that stand in one column."""

import numpy as np
from scipy import sparse

from skmultitag.utils._messages import naming
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
        with naming(name):
            n_rows[name] = number_of_rows(each)
    if len(set(n_rows.values())) > 1:
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
    is_table = hasattr(X, "columns")
    if sparse.issparse(X) or isinstance(X, list) or (is_table and len(X.columns) != 1):
        return X
    array = np.asarray(X)
    if is_column_of_rows(array):
        return np.asarray(stacked(array.reshape(-1).tolist(), name))
    # scikit-learn does not see the features of a column that numpy reads as a matrix
    return X if is_table or isinstance(X, np.ndarray) else array


def is_column_of_rows(array):
    """Whether an array of objects has an array, tensor, list or tuple for each row."""
    if array.dtype != object or not array.ndim or not array.size == len(array) > 0:
        return False
    first = array.item(0)
    return isinstance(first, (list, tuple)) or bool(getattr(first, "ndim", 0))


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

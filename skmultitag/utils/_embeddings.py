"""Features that come as one column of embeddings."""

import numpy as np
from scipy import sparse

from skmultitag.utils._target_forms import column_names


def stacked(X):
    """Stack a column of embeddings to a matrix; all else stays as it is.

    Parameters
    ----------
    X : array-like, table or sparse matrix
        A column is a Series of arrays, a list array of polars or arrow, an array of
        objects, or a table of one such column.

    Returns
    -------
    X : ndarray of shape (n_samples, n_features), or `X`
    """
    names = column_names(X)
    is_matrix = names is not None and len(names) != 1
    if is_matrix or sparse.issparse(X) or not hasattr(X, "__array__"):
        return X
    array = np.asarray(X)
    if array.dtype != object or array.size == 0 or array.size != len(array):
        return X
    first = array.item(0)
    if not (isinstance(first, (list, tuple)) or getattr(first, "ndim", 0)):
        return X
    try:
        return np.stack(array.reshape(-1).tolist())
    except (TypeError, ValueError) as exc:
        raise ValueError(
            "X is a column of embeddings that can't be stacked, as np.stack(...) does"
            f" it: {exc}"
        ) from exc

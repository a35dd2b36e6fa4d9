"""The mean and the typical size of features, which a network takes off first."""

import numpy as np
from sklearn.utils.extmath import row_norms

from skmultitag.neural_network._batches import take_rows
from skmultitag.utils._quantiles import column_quantiles

N_ENTRIES_SEEN = 2**21
LEAST_ROWS_SEEN = 100
FAR_OUT = 10  # times the median size
# of the size of a row with its mean: rows that differ by no more are equal but for
# rounding
ROUNDING = 1e-7


def mean_and_size(data):
    """Mean of each feature, and the typical size of the rows without the mean.

    The size of a row is its norm over the root of the number of features, and typical
    is the median. Left aside are rows without an entry other than 0, and rows far out,
    of more than ten times the median size. Of many rows some are looked at, evenly
    spaced.

    Parameters
    ----------
    data : RowDataset

    Returns
    -------
    mean : ndarray of float64 of shape (n_features,)

    size : float
        Positive. If all rows are equal, that of a row with its mean, or 1.
    """
    X, weight = _some_rows(data)
    largest = np.maximum(X.max(axis=1), -X.min(axis=1))
    X, weight, largest = _chosen(largest > 0, X, weight, largest)
    if len(X) == 0:
        return np.zeros(X.shape[1]), 1.0
    # in place, as X is the only large array; squares of entries above 1 can overflow
    X /= largest[:, None]
    sizes = largest * _sizes(X)
    size = _median(sizes, weight)
    with np.errstate(over="ignore"):
        is_near = sizes / size <= FAR_OUT
    X, weight, largest = _chosen(is_near, X, weight, largest)
    X *= (largest / size)[:, None]
    mean = weight @ X / weight.sum()
    X -= mean
    size_without_mean = _median(_sizes(X), weight)
    if size_without_mean <= ROUNDING:
        return size * mean, size
    return size * mean, size * size_without_mean


def _some_rows(data):
    """Rows of a weight above 0, as a dense array of float64, and their weights."""
    rows, weight = data.rows, data.weights()
    if weight is None:
        weight = np.ones(len(rows))
    rows, weight = _chosen(weight > 0, rows, weight)
    n_seen = max(N_ENTRIES_SEEN // data.X.shape[1], LEAST_ROWS_SEEN)
    seen = slice(None, None, max(-(-len(rows) // n_seen), 1))
    return take_rows(data.X, rows[seen]).astype(np.float64, copy=False), weight[seen]


def _chosen(is_chosen, *arrays):
    """Without a copy where all are."""
    return arrays if is_chosen.all() else [each[is_chosen] for each in arrays]


def _sizes(X):
    return row_norms(X) / np.sqrt(X.shape[1])


def _median(sizes, weight):
    # of halves, as it adds two
    return 2 * column_quantiles(sizes[:, None] / 2, [0.5], weight).item()

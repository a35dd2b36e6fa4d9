"""The mean and the typical size of features, in whose units a network sees them."""

import numpy as np

from skmultitag.neural_network._batches import take_rows
from skmultitag.utils._quantiles import column_quantiles

N_ENTRIES_SEEN = 2**21
LEAST_ROWS_SEEN = 100
FAR_OUT = 10  # times the typical size
# of the typical size: rows that differ by no more are equal but for rounding
ROUNDING = 1e-7


def mean_and_size(data):
    """Mean of each feature, and the typical size of the rows without the mean.

    The size of a row is its norm over the root of the number of features, and the
    median of the rows is typical. Rows far out move neither: those of ten times the
    typical size have no part in the mean. Rows without an entry other than 0 are left
    aside. Of many rows some are looked at, evenly spaced.

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
    largest = abs(X).max(axis=1, initial=0)
    is_used = largest > 0
    X, weight, largest = X[is_used], weight[is_used], largest[is_used]
    if len(X) == 0:
        return np.zeros(X.shape[1]), 1.0
    # squares of other numbers could leave the range of the dtype
    X /= largest[:, None]
    sizes = largest * _sizes(X)
    size = _median(sizes, weight)
    with np.errstate(over="ignore"):
        is_near = sizes / size <= FAR_OUT
        X *= (largest / size)[:, None]
        mean = np.average(X[is_near], axis=0, weights=weight[is_near])
        size_around_mean = _median(_sizes(X - mean), weight)
    if size_around_mean <= ROUNDING:
        return size * mean, size
    return size * mean, size * size_around_mean


def _some_rows(data):
    """Rows of a weight above 0, as a dense array of float64, and their weights."""
    rows, weight = data.rows, data.weights()
    if weight is None:
        weight = np.ones(len(rows))
    rows, weight = rows[weight > 0], weight[weight > 0]
    n_seen = max(N_ENTRIES_SEEN // data.X.shape[1], LEAST_ROWS_SEEN)
    seen = slice(None, None, max(-(-len(rows) // n_seen), 1))
    return take_rows(data.X, rows[seen]).astype(np.float64), weight[seen]


def _sizes(X):
    return np.sqrt(np.square(X).mean(axis=1))


def _median(sizes, weight):
    # of halves, as it adds two
    return 2 * column_quantiles(sizes[:, None] / 2, [0.5], weight).item()

import numpy as np


def column_quantiles(values, quantiles, sample_weight=None):
    """Quantiles of each column, of which a weight is a number of repeated rows.

    Where the share of rows up to a value is just the quantile, it is the mean of this
    and the next value, so that the quantile 0.5 is the usual median.

    Parameters
    ----------
    values : ndarray of shape (n_samples, n_columns)

    quantiles : sequence of float in (0, 1)

    sample_weight : ndarray of shape (n_samples,), default=None

    Returns
    -------
    quantiles : ndarray of float64 of shape (n_quantiles, n_columns)
    """
    if sample_weight is None:
        sample_weight = np.ones(len(values))
    last = len(values) - 1
    shares = np.asarray(quantiles) * sample_weight.sum()
    found = np.empty((len(shares), values.shape[1]))
    for column in range(values.shape[1]):
        order = np.argsort(values[:, column])
        ordered = values[order, column]
        sums = np.cumsum(sample_weight[order])
        # sums of weights are not exact
        slack = 1e-12 * sums[-1]
        low = np.minimum(np.searchsorted(sums, shares - slack), last)
        high = np.minimum(np.searchsorted(sums, shares + slack, "right"), last)
        found[:, column] = (ordered[low] + ordered[high]) / 2
    return found

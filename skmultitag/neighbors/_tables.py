"""Tables of numbers of rows: by label, and by the count of it among neighbors."""

import numpy as np


def count_tables(counts, y, k):
    """Count rows by label, by whether they have it, and by their neighbors' count.

    Parameters
    ----------
    counts : CSR matrix of shape (n_samples, n_labels)
        Of the k neighbors of each row.

    y : CSR matrix of int64 of shape (n_samples, n_labels)
        Indicator.

    k : int

    Returns
    -------
    tables : ndarray of int of shape (n_labels, 2, k + 1)
        First of the rows without the label, then of those with it.
    """
    n_samples, n_labels = y.shape
    n_with = np.asarray(y.sum(axis=0)).ravel()
    of_all = _table(counts, np.full(n_labels, n_samples), k)
    with_it = _table(counts.multiply(y), n_with, k)
    return np.stack([of_all - with_it, with_it], axis=1)


def _table(counts, n_rows, k):
    """Of each label, how many of its `n_rows` rows have each count."""
    counts = counts.tocoo()
    n_labels = len(n_rows)
    cells = counts.col * (k + 1) + counts.data
    table = np.bincount(cells, minlength=n_labels * (k + 1))
    table = table.reshape(n_labels, k + 1)
    # what a sparse matrix does not store
    table[:, 0] += n_rows - table.sum(axis=1)
    return table


def posterior(tables, smoothing):
    """Bayes' rule for each label and count.

    Parameters
    ----------
    tables : ndarray of shape (n_labels, 2, k + 1)
        Of `count_tables`.

    smoothing : float

    Returns
    -------
    prior : ndarray of shape (n_labels,)

    likelihood : ndarray of shape (n_labels, 2, k + 1)

    posterior : ndarray of shape (n_labels, k + 1)
    """
    n_rows = tables.sum(axis=2)
    prior = smoothed_share(n_rows[:, 1], n_rows.sum(axis=1), 2, smoothing)
    n_counts = tables.shape[2]
    likelihood = smoothed_share(tables, n_rows[:, :, None], n_counts, smoothing)
    without, with_it = np.moveaxis(likelihood, 1, 0)
    return prior, likelihood, bayes(prior[:, None], with_it, without)


def smoothed_share(number, total, n_values, smoothing):
    """Share of `number` in `total`, with `smoothing` added to each of `n_values`."""
    # divided by it where it is large, so that nothing overflows
    unit = max(1.0, smoothing)
    added = smoothing / unit
    return (added + number / unit) / (added * n_values + total / unit)


def bayes(prior, with_it, without):
    """Probability of the label from what is likely with it and without it."""
    joint = prior * with_it
    return joint / (joint + (1 - prior) * without)


def look_up(counts, table):
    """The entry of each label's table for each count, as an array.

    Parameters
    ----------
    counts : CSR matrix of shape (n_rows, n_labels)

    table : ndarray of shape (n_labels, k + 1)
    """
    found = np.tile(table[:, 0], (counts.shape[0], 1))
    counts = counts.tocoo()
    found[counts.row, counts.col] = table[counts.col, counts.data]
    return found

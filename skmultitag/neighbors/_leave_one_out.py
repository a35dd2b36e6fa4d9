import numpy as np
from scipy import sparse

from skmultitag.neighbors._tables import bayes, smoothed_share
from skmultitag.utils._blocks import row_blocks
from skmultitag.utils._target_encoder import dense


def leave_one_out_posteriors(nearest, y, k, smoothing):
    """What ML-kNN says of each row if it is fitted on all others.

    Two things change without the row: it is missing in the tables, and the rows of
    which it is a neighbor have their next one instead.

    Parameters
    ----------
    nearest : ndarray of int of shape (n_samples, min(k + 1, n_samples - 1))
        Neighbors of each row, the nearest first.

    y : CSR matrix of int64 of shape (n_samples, n_labels)

    k : int
        At most n_samples - 1, and at most n_samples - 2 are left for it.

    smoothing : float

    Returns
    -------
    proba : ndarray of shape (n_samples, n_labels)
    """
    n_samples, n_labels = y.shape
    k = min(k, n_samples - 2)
    rows, ones = np.arange(n_samples), np.ones(n_samples, dtype=np.int64)
    # from the rows that have it as a neighbor to the row, for each place of it
    to_neighbor = [
        sparse.csr_array((ones, (nearest[:, place], rows)), shape=(n_samples,) * 2)
        for place in range(k)
    ]
    proba = np.empty((n_samples, n_labels))
    for labels in row_blocks(n_labels, n_samples):
        of_labels = dense(y[:, labels])
        n_same, totals = _same_counts(of_labels, nearest, to_neighbor, k)
        n_with = totals[1]
        prior = smoothed_share(n_with, n_samples - 1, 2, smoothing)
        without, with_it = smoothed_share(n_same, totals, k + 1, smoothing)
        proba[:, labels] = bayes(prior, with_it, without)
    return proba


def _same_counts(y, nearest, to_neighbor, k):
    """Of each row, the other rows whose neighbors have a label as often as its own.

    Returns
    -------
    n_same : ndarray of int of shape (2, n_samples, n_labels)
        Number of other rows with the same count, without and with the label.

    totals : ndarray of int of shape (2, n_samples, n_labels)
        Number of other rows without and with the label.
    """
    n_samples, n_labels = y.shape
    counts = np.zeros_like(y)
    for place in range(k):
        counts += y[nearest[:, place]]
    classes = np.stack([1 - y, y])
    # by label and count, of all rows; then without the row itself
    cells = np.arange(n_labels) * (k + 1) + counts
    n_same = np.stack(
        [
            np.bincount(cells[each == 1], minlength=n_labels * (k + 1))[cells]
            for each in classes
        ]
    )
    n_same -= classes
    totals = classes.sum(axis=1, keepdims=True) - classes
    for place in range(k):
        # row r has row i as a neighbor at this place: without it, the count of r is
        i = nearest[:, place]
        changed = counts - y[i] + y[nearest[:, k]]
        own = counts[i]
        step = (changed == own).astype(np.int64) - (counts == own)
        for same, each in zip(n_same, classes, strict=True):
            same += to_neighbor[place] @ (step * each)
    return n_same, totals

import numpy as np
from scipy import sparse

from skmultitag.utils._blocks import row_blocks


def top_k_indicator(scores, k):
    """Mark the labels with the largest scores of each row.

    Parameters
    ----------
    scores : ndarray of shape (n_samples, n_labels)

    k : int or ndarray of int of shape (n_samples,)
        How many labels of each row; all if it is more than there are.

    Returns
    -------
    indicator : ndarray of bool of shape (n_samples, n_labels)
        Of equal scores, those of the first labels are marked.
    """
    order = np.argsort(-scores, axis=1, kind="stable")
    is_top = np.arange(scores.shape[1]) < np.reshape(k, (-1, 1))
    indicator = np.zeros(scores.shape, dtype=bool)
    np.put_along_axis(indicator, order, np.broadcast_to(is_top, scores.shape), axis=1)
    return indicator


def top_k_columns(scores, k):
    """Numbers of the labels with the largest scores of each row, the largest first.

    Parameters
    ----------
    scores : {ndarray, CSR matrix} of shape (n_samples, n_labels)
        Of a CSR matrix only what is stored.

    k : int
        At most n_labels.

    Returns
    -------
    columns : ndarray of int64 of shape (n_samples, k)
        Of equal scores the first labels come first; -1 where a CSR matrix has no more.
    """
    if sparse.issparse(scores):
        return _top_k_stored(scores, k)
    n_samples, n_labels = scores.shape
    columns = np.empty((n_samples, k), dtype=np.int64)
    for rows in row_blocks(n_samples, n_labels):
        columns[rows] = _top_k_of_rows(scores[rows], k)
    return columns


def top_k_scores(scores, k, order=None):
    """The largest scores of each row, as a sparse matrix.

    Parameters
    ----------
    scores : ndarray of shape (n_samples, n_labels)

    k : int
        At most n_labels.

    order : ndarray of int of shape (n_labels,), default=None
        Numbers of the labels: of equal scores, those of the first ones are taken. None
        for the order of the columns.

    Returns
    -------
    scores : CSR array of shape (n_samples, n_labels)
        `k` of each row, in the order of the columns.
    """
    if order is None:
        columns = top_k_columns(scores, k)
    else:
        columns = order[top_k_columns(scores[:, order], k)]
    columns = np.sort(columns, axis=1)
    values = np.take_along_axis(scores, columns, axis=1)
    starts = np.arange(len(scores) + 1) * k
    parts = values.ravel(), columns.ravel(), starts
    return sparse.csr_array(parts, shape=scores.shape)


def _top_k_of_rows(scores, k):
    """By a partition, not by sorting all scores of a row."""
    last = -np.partition(-scores, k - 1, axis=1)[:, k - 1 : k]
    is_above, is_last = scores > last, scores == last
    n_left = k - is_above.sum(axis=1, keepdims=True)
    is_top = is_above | (is_last & (is_last.cumsum(axis=1) <= n_left))
    columns = np.nonzero(is_top)[1].reshape(-1, k)
    falling = -np.take_along_axis(scores, columns, axis=1)
    order = np.argsort(falling, axis=1, kind="stable")
    return np.take_along_axis(columns, order, axis=1)


def _top_k_stored(scores, k):
    n_stored = np.diff(scores.indptr)
    row = np.repeat(np.arange(len(n_stored)), n_stored)
    order = np.lexsort((scores.indices, -scores.data, row))
    place = np.arange(len(row)) - scores.indptr[row]
    is_top = place < k
    columns = np.full((len(n_stored), k), -1, dtype=np.int64)
    columns[row[is_top], place[is_top]] = scores.indices[order][is_top]
    return columns

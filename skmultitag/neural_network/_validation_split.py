"""The split of early stopping: rare labels must be on both sides."""

import numpy as np
from scipy import sparse


def validation_split(y, validation_fraction, random_state):
    """Choose rows for validation so that each label keeps its frequency.

    Labels are served from the rarest to the commonest: of the rows of a label that no
    rarer label has placed, as many go to validation as it still lacks there. A label
    with two rows or more gets one on each side where the labels that come with it
    allow.

    Parameters
    ----------
    y : {ndarray, CSR matrix} of shape (n_samples, n_labels)
        Indicator of 0 and 1.

    validation_fraction : float
        In (0, 1).

    random_state : numpy.random.RandomState
        Shuffles the rows.

    Returns
    -------
    train, validation : ndarray of int
        Row numbers, ascending, neither empty.
    """
    n_samples = y.shape[0]
    columns = sparse.csc_matrix(y)
    rank = random_state.permutation(n_samples)
    n_positives = np.diff(columns.indptr)
    is_placed = np.zeros(n_samples, dtype=bool)
    is_validation = np.zeros(n_samples, dtype=bool)

    def place(rows, n_validation):
        rows = rows[~is_placed[rows]]
        rows = rows[np.argsort(rank[rows])]
        is_validation[rows[: max(n_validation, 0)]] = True
        is_placed[rows] = True

    for label in np.argsort(n_positives, kind="stable"):
        rows = columns.indices[columns.indptr[label] : columns.indptr[label + 1]]
        n_wanted = round(validation_fraction * len(rows))
        if len(rows) > 1:
            n_wanted = min(max(n_wanted, 1), len(rows) - 1)
        place(rows, n_wanted - is_validation[rows].sum())
    n_wanted = min(max(round(validation_fraction * n_samples), 1), n_samples - 1)
    place(np.arange(n_samples), n_wanted - is_validation.sum())
    _keep_both_sides(is_validation, rank)
    return np.flatnonzero(~is_validation), np.flatnonzero(is_validation)


def _keep_both_sides(is_validation, rank):
    """Move one row if a side is empty."""
    if is_validation.all() or not is_validation.any():
        is_validation[rank.argmin()] ^= True

"""Iterative stratification, one label at a time for all of its rows."""

import numpy as np
from scipy import sparse

from skmultitag.utils._annotation import is_partial, positives


def what_is_spread(y):
    """An indicator of what each part should get its share of.

    These are the positives and, of labels that are annotated in part, the annotated
    rows; or the others, which is the same, if they are fewer.

    Parameters
    ----------
    y : {ndarray, sparse matrix} of shape (n_samples, n_labels)

    Returns
    -------
    indicator : {ndarray, CSR matrix} of shape (n_samples, n_columns)
    """
    if not is_partial(y):
        return y
    is_unknown = sparse.csc_array(sparse.csc_array(y) < 0)
    n_unknown = np.diff(is_unknown.indptr)
    is_most = n_unknown > y.shape[0] / 2
    few = is_unknown[:, (n_unknown > 0) & ~is_most]
    # not sparse, but no larger than what is stored of these labels
    annotated = ~is_unknown[:, is_most].toarray()
    return sparse.hstack([positives(y), few, annotated], format="csr", dtype=np.uint8)


def stratify(y, sizes, rank):
    """Put rows into parts of given sizes so that each has its share of each label.

    Labels are served in the order of Sechidis et al. (2011): next is the one with the
    fewest rows left. Each of its rows goes to the part that wants the label most, of
    equal ones to the part that wants most rows. They do so one row after the other;
    here the rows of a label are counted out to the parts at once, which gives the same
    counts. In the end rows are moved until the sizes are exact.

    Parameters
    ----------
    y : {ndarray, sparse matrix} of shape (n_samples, n_labels)
        Indicator of 0 and 1; if entries are not annotated, each part has its share of
        the annotated rows too.

    sizes : ndarray of int of shape (n_parts,)
        Number of rows of each part, n_samples in all.

    rank : ndarray of int of shape (n_samples,) or None
        Order in which rows are served; None for their own.

    Returns
    -------
    part : ndarray of int of shape (n_samples,)
        The number of the part of each row.
    """
    y = what_is_spread(y)
    columns, rows = sparse.csc_array(y), sparse.csr_array(y)
    n_left = np.diff(columns.indptr)
    wanted = np.outer(sizes / sizes.sum(), n_left)
    # a share of less than one row: one for each part, as far as it goes
    wanted = np.maximum(wanted, (n_left >= (sizes > 0).sum()) * (sizes > 0)[:, None])
    wanted[sizes.argmax()] -= wanted.sum(axis=0) - n_left
    wanted_rows = sizes.astype(np.float64)
    part = np.full(y.shape[0], -1)

    def place(numbers, wanted_here):
        if rank is not None:
            numbers = numbers[np.argsort(rank[numbers])]
        chosen = _deal(len(numbers), wanted_here, wanted_rows)
        part[numbers] = chosen
        wanted_rows[:] -= np.bincount(chosen, minlength=len(sizes))
        placed = rows[numbers]
        part_of_entry = np.repeat(chosen, np.diff(placed.indptr))
        np.subtract.at(wanted, (part_of_entry, placed.indices), 1)
        np.subtract.at(n_left, placed.indices, 1)

    while n_left.any():
        label = np.where(n_left > 0, n_left, y.shape[0] + 1).argmin()
        numbers = columns.indices[columns.indptr[label] : columns.indptr[label + 1]]
        place(numbers[part[numbers] < 0], wanted[:, label])
    place(np.flatnonzero(part < 0), wanted_rows)
    _make_exact(part, rows, sizes, wanted)
    return part


def _deal(n, wanted, wanted_rows):
    """Parts of `n` rows, each for the part that wants most when it is its turn.

    Every row that a part gets is one that it wants less.
    """
    counts = _fill(n, wanted)
    left = np.round(wanted - counts, 9)
    # a row more makes a part want it less than all that are still to get one
    most = np.lexsort((counts - wanted_rows, -left))[: n - counts.sum()]
    counts[most] += 1
    parts = np.repeat(np.arange(len(counts)), counts)
    # rows of a part are spread evenly over the order
    first = np.cumsum(counts) - counts
    place = (np.arange(n) - first[parts] + 0.5) / counts[parts]
    return parts[np.argsort(place, kind="stable")]


def _fill(n, wanted):
    """Whole numbers, at most `n` in all, that level what is left of `wanted`."""
    order = np.sort(wanted)[::-1]
    # the level to which the first k parts sink if they share n rows
    levels = (np.cumsum(order) - n) / np.arange(1, len(order) + 1)
    level = levels.max() if n else order[0]
    return np.floor(np.maximum(wanted - level, 0) + 1e-9).astype(np.intp)


def _make_exact(part, rows, sizes, wanted):
    """Move rows from parts with too many to parts with too few, in place.

    Each time it is the row that moves the counts of its labels closest to what both
    parts want, in the sum of squares relative to the frequencies.
    """
    n_positives = np.maximum(np.bincount(rows.indices, minlength=rows.shape[1]), 1)
    excess = np.bincount(part, minlength=len(sizes)) - sizes
    while excess.any():
        source, target = excess.argmax(), excess.argmin()
        numbers = np.flatnonzero(part == source)
        # half of (a + 1)^2 - a^2 + (b - 1)^2 - b^2
        growth = (wanted[source] - wanted[target] + 1) / n_positives**2
        moved = numbers[(rows[numbers] @ growth).argmin()]
        labels = rows.indices[rows.indptr[moved] : rows.indptr[moved + 1]]
        part[moved] = target
        wanted[source, labels] += 1
        wanted[target, labels] -= 1
        excess[source] -= 1
        excess[target] += 1

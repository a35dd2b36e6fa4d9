"""The nearest other row of each row of a matrix."""

import numpy as np
from scipy import sparse
from sklearn.neighbors import NearestNeighbors
from sklearn.utils import gen_batches

# Distances of so many rows to as many others fit the cache of a processor.
N_BLOCK = 1024
# Rounding that is allowed, as a share of a squared distance. The row that is found may
# be farther than the nearest one by the same share of the distance.
TOLERANCE = 1e-3


def nearest_rows(X, n_jobs=None):
    """Number of the nearest other row of each row, by Euclidean distance.

    The result is that of :class:`sklearn.neighbors.NearestNeighbors`. But for float32
    with so many features that no tree helps, each distance is computed once for both of
    its rows, and in float32. If that is not precise enough, as for rows that are almost
    equal, the neighbor is searched again in float64.

    Parameters
    ----------
    X : ndarray or CSR matrix of shape (n_samples, n_features)
        Of 2 rows or more.

    n_jobs : int or None
        As in :class:`sklearn.neighbors.NearestNeighbors`.

    Returns
    -------
    nearest : ndarray of int of shape (n_samples,)
    """
    search = NearestNeighbors(n_jobs=n_jobs)
    # up to 15 features scikit-learn uses trees
    is_half_or_single = X.dtype in (np.float32, np.float16)
    if sparse.issparse(X) or not is_half_or_single or X.shape[1] <= 15:
        return search.fit(X).kneighbors(n_neighbors=1, return_distance=False)[:, 0]
    X = X.astype(np.float32, copy=False)
    # too large numbers are found to be imprecise afterwards
    with np.errstate(over="ignore", invalid="ignore"):
        # close to the origin distances lose less to rounding
        centered = X - X.mean(axis=0, dtype=np.float64).astype(np.float32)
        nearest = _nearest_by_blocks(centered)
        rows = np.flatnonzero(_is_imprecise(centered, nearest))
    if len(rows):
        found = search.fit(X).kneighbors(X[rows], n_neighbors=2, return_distance=False)
        # a row is itself the first, unless others are equal to it
        nearest[rows] = np.where(found[:, 0] == rows, found[:, 1], found[:, 0])
    return nearest


def _nearest_by_blocks(X):
    n_samples, n_features = X.shape
    norms = np.einsum("ij,ij->i", X, X)
    # so that the product of rows is their squared distance
    right = np.empty((n_samples, n_features + 2), dtype=X.dtype)
    right[:, :-2], right[:, -2], right[:, -1] = X, 1, norms
    nearest = np.zeros(n_samples, dtype=np.intp)
    least = np.full(n_samples, np.inf, dtype=X.dtype)
    blocks = list(gen_batches(n_samples, N_BLOCK))
    for number, rows in enumerate(blocks):
        left = np.column_stack([-2 * X[rows], norms[rows], np.ones_like(norms[rows])])
        for columns in blocks[number:]:
            distances = left @ right[columns].T
            if columns == rows:
                np.fill_diagonal(distances, np.inf)
            place = distances.argmin(axis=1)
            found = distances[np.arange(len(place)), place]
            closer = found < least[rows]
            least[rows][closer] = found[closer]
            nearest[rows][closer] = place[closer] + columns.start
            # and for the rows of the other block; few of them find a closer one
            found = distances.min(axis=0)
            closer = np.flatnonzero(found < least[columns])
            least[columns][closer] = found[closer]
            nearest[columns][closer] = distances[:, closer].argmin(axis=0) + rows.start
    return nearest


def _is_imprecise(X, nearest):
    """Whether rounding can be more than the tolerance of the squared distance."""
    norms = np.einsum("ij,ij->i", X, X, dtype=np.float64)
    limits, n_terms = np.finfo(np.float32), X.shape[1] + 4
    is_imprecise = np.empty(len(X), dtype=bool)
    for rows in gen_batches(len(X), N_BLOCK):
        difference = X[rows] - X[nearest[rows]]
        distance = np.einsum("ij,ij->i", difference, difference, dtype=np.float64)
        size = norms[rows] + norms[nearest[rows]]
        bound = n_terms * (limits.eps * size + limits.tiny)
        is_imprecise[rows] = bound > TOLERANCE * distance
        is_imprecise[rows] |= size > limits.max / 4
    return is_imprecise

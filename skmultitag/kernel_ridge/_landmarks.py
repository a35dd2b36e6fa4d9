"""Landmarks: rows by whose kernels all others are described (Nystroem's way)."""

import numpy as np

from skmultitag.kernel_ridge._symmetric import eigh
from skmultitag.utils._blocks import row_blocks

N_BYTES_TO_KEEP = 2**29


def choose_landmarks(X, n_components, sample_weight, random_state):
    """Numbers of rows, each drawn once at most, with chances by their weights.

    Parameters
    ----------
    X : {ndarray, CSR matrix} of shape (n_samples, n_features)

    n_components : int
        All rows of a weight if there are no more.

    sample_weight : ndarray of shape (n_samples,)

    random_state : RandomState

    Returns
    -------
    rows : ndarray of int of shape (n_components,)
        Sorted.
    """
    n_components = min(n_components, np.count_nonzero(sample_weight))
    rows = random_state.choice(
        len(sample_weight),
        n_components,
        replace=False,
        p=sample_weight / sample_weight.sum(),
    )
    return np.sort(rows)


def landmark_features(X, landmarks, kernel):
    """Kernels of rows with the landmarks, and what makes features of them.

    Parameters
    ----------
    X : {ndarray, CSR matrix} of shape (n_samples, n_features)

    landmarks : {ndarray, CSR matrix} of shape (n_landmarks, n_features)

    kernel : PairwiseKernel

    Returns
    -------
    features : callable
        Of a slice of rows, gives their kernels of shape (n_rows, n_landmarks). They
        are kept if they are small enough, else made each time.

    mapping : ndarray of shape (n_landmarks, n_components)
        The kernels times this have the products that the kernel of the landmarks says.

    origin : ndarray of shape (n_landmarks,)
        Mean kernel of the landmarks.
    """
    K = kernel(landmarks.astype(np.float64))
    origin = K.mean(axis=0).astype(X.dtype)
    values, vectors = eigh(K)
    # what is smaller is rounding
    kept = values > np.finfo(X.dtype).eps * max(values.max(), np.finfo(X.dtype).tiny)
    mapping = vectors[:, kept] / np.sqrt(values[kept])

    def features(rows):
        return kernel(X[rows], landmarks)

    shape = X.shape[0], landmarks.shape[0]
    if shape[0] * shape[1] * X.dtype.itemsize <= N_BYTES_TO_KEEP:
        all_rows = np.empty(shape, X.dtype)
        for rows in row_blocks(*shape):
            all_rows[rows] = features(rows)
        features = all_rows.__getitem__
    return features, mapping.astype(X.dtype), origin

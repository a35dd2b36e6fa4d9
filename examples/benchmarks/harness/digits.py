"""Embeddings of pictures with several digits, whose mean is far from 0.

They are made as in the gallery, of the digits of scikit-learn.
"""

import numpy as np
from sklearn.cluster import MiniBatchKMeans
from sklearn.datasets import load_digits

SIZE = 8  # pixels of a digit, and of a patch, in both directions


def make_digits(n_rows=6000, n_features=300):
    """Training and test parts, 4 : 1. Both have the same writings of digits."""
    rng = np.random.RandomState(0)
    digits = load_digits()
    frequency = 0.8 ** np.arange(10)
    y = np.zeros((n_rows, 10), dtype=int)
    pictures = np.zeros((n_rows, 20, 20))
    for picture, labels in zip(pictures, y, strict=True):
        kinds = rng.choice(
            10, size=rng.randint(1, 5), replace=False, p=frequency / frequency.sum()
        )
        labels[kinds] = 1
        for kind, corner in zip(kinds, rng.permutation(4), strict=False):
            top, left = 10 * np.array(divmod(corner, 2)) + rng.randint(3, size=2)
            image = rng.choice(np.flatnonzero(digits.target == kind))
            picture[top : top + SIZE, left : left + SIZE] = digits.images[image]
    some = _patches(pictures[:500]).reshape(-1, SIZE**2)
    some = some[rng.permutation(len(some))[:15_000]]
    kmeans = MiniBatchKMeans(n_features, n_init=1, random_state=0).fit(some)
    X = np.concatenate(
        [
            (_patches(batch) @ kmeans.cluster_centers_.T).max(axis=1)
            for batch in np.array_split(pictures, 100)
        ]
    ).astype(np.float32)
    n_train = n_rows * 4 // 5
    return X[:n_train], y[:n_train], X[n_train:], y[n_train:]


def _patches(pictures):
    windows = np.lib.stride_tricks.sliding_window_view
    patches = windows(pictures, (SIZE, SIZE), axis=(1, 2))
    patches = patches.reshape(len(pictures), -1, SIZE**2)
    patches = patches - patches.mean(axis=2, keepdims=True)
    return patches / (np.linalg.norm(patches, axis=2, keepdims=True) + 10)

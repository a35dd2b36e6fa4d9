"""Data sets in npz files, for the benchmarks.

A file has the arrays X (n_samples, n_features), Y (n_samples, n_labels) and split
("train" or "test" for each row). X and Y can be in the parts of a CSR matrix instead:
X_data, X_indices, X_indptr, X_shape.
"""

import numpy as np
from scipy import sparse

from skmultitag.datasets import load_debtags


def load(argument):
    """Name, and training and test parts, of an argument name=file.npz."""
    name, path = argument.split("=")
    with np.load(path) as data:
        X, y = (_matrix(data, key) for key in ("X", "Y"))
        is_train = data["split"] == "train"
    X = X.astype(np.float32)
    return name, (X[is_train], y[is_train], X[~is_train], y[~is_train])


def _matrix(data, key):
    if key in data:
        return data[key]
    parts = tuple(data[f"{key}_{part}"] for part in ("data", "indices", "indptr"))
    return sparse.csr_array(parts, shape=data[f"{key}_shape"]).toarray()


def load_all(arguments):
    """Data sets by name; the shipped one if there are no arguments."""
    if arguments:
        return dict(load(argument) for argument in arguments)
    parts = [load_debtags(subset=s, return_X_y=True) for s in ("train", "test")]
    return {"debtags": (*parts[0], *parts[1])}

"""Data sets: from npz files or shipped; their hash; what is done to them before a fit.

A file has the arrays X (n_samples, n_features), Y (n_samples, n_labels) and split
("train" or "test" for each row). X and Y can be in the parts of a CSR matrix instead:
X_data, X_indices, X_indptr, X_shape. A data set is the tuple X, y, X_test, y_test.
"""

import hashlib
import zipfile
from pathlib import Path

import numpy as np
from scipy import sparse
from sklearn.preprocessing import StandardScaler

from harness.digits import make_digits
from skmultitag.datasets import load_debtags
from skmultitag.model_selection import multilabel_train_test_split

MAX_ROWS = 4000  # of questions that need many fits


def load_all(arguments):
    """Data sets by name: of name=file.npz, of debtags (shipped) or digits (made).

    debtags is also taken if there are no arguments.
    """
    data_sets = {}
    for argument in arguments or ["debtags"]:
        name, parts = load(argument)
        if name in data_sets:
            raise SystemExit(f"Two data sets are called {name!r}: {argument}.")
        data_sets[name] = parts
    return data_sets


def load(argument):
    """Name, and training and test parts, of an argument."""
    if argument == "debtags":
        parts = [load_debtags(subset=s, return_X_y=True) for s in ("train", "test")]
        return argument, (*parts[0], *parts[1])
    if argument == "digits":
        return argument, make_digits()
    name, _, path = argument.partition("=")
    if not name or not path:
        raise SystemExit(
            "Data are given as name=file.npz, debtags or digits."
            f" Got {argument!r} instead."
        )
    X, y, split = _read(path)
    X = X.astype(np.float32)
    is_train = split == "train"
    return name, (X[is_train], y[is_train], X[~is_train], y[~is_train])


def _read(path):
    if not Path(path).is_file():
        raise SystemExit(f"{path}: there is no such file.")
    if not zipfile.is_zipfile(path):
        raise SystemExit(f"{path}: not an npz file, which numpy.savez makes.")
    with np.load(path) as data:
        X, y, split = (_array(data, key, path) for key in ("X", "Y", "split"))
    if not len(X) == len(y) == len(split):
        raise SystemExit(
            f"{path}: X, Y and split must have the same number of rows. "
            f"Got {len(X)}, {len(y)} and {len(split)}."
        )
    if set(np.unique(split)) != {"train", "test"}:
        raise SystemExit(
            f"{path}: split must be 'train' for some rows and 'test' for the others. "
            f"Got {', '.join(map(repr, np.unique(split).tolist()[:5]))}."
        )
    return X, y, split


def _array(data, key, path):
    parts = [f"{key}_{part}" for part in ("data", "indices", "indptr", "shape")]
    n_dimensions = 1 if key == "split" else 2
    try:
        if n_dimensions == 2 and all(part in data for part in parts):
            *values, shape = (data[part] for part in parts)
            array = sparse.csr_array(tuple(values), shape=shape).toarray()
        else:
            array = data[key]
    except KeyError:
        raise SystemExit(
            f"{path}: there is no {key}. Expected are X, Y and split, got "
            f"{', '.join(data.files)}."
        ) from None
    except ValueError as error:  # arrays of objects, indices that do not fit
        raise SystemExit(f"{path}: {key} cannot be read: {error}") from None
    if array.ndim != n_dimensions:
        raise SystemExit(
            f"{path}: {key} must have {n_dimensions} dimensions. Got {array.ndim}."
        )
    return array


def data_hash(*arrays):
    """Twelve hexadecimal digits, by which a row of results names its data."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.shape} {array.dtype.str}".encode())
        digest.update(np.ascontiguousarray(array))
    return digest.hexdigest()[:12]


def is_bag_of_words(X):
    """Whether all features are 0 or 1."""
    return bool(((X == 0) | (X == 1)).all())


def prepare(data, is_raw=False):
    """Training and test parts with features standardized, unless 0 and 1 or raw."""
    X, y, X_test, y_test = data
    if not is_raw and not is_bag_of_words(X):
        scaler = StandardScaler().fit(X)
        X, X_test = scaler.transform(X), scaler.transform(X_test)
    return X, y.astype(int), X_test, y_test.astype(int)


def at_most(X, y, seed, n_rows=MAX_ROWS):
    """The rows, or a stratified sample of so many if there are more."""
    if len(X) > n_rows:
        X, _, y, _ = multilabel_train_test_split(
            X, y, train_size=n_rows, random_state=seed
        )
    return X, y


def prepare_sample(data, seed, n_rows=MAX_ROWS):
    """`prepare` with at most so many training rows, which alone set the scale."""
    X, y, *test = data
    return prepare((*at_most(X, y, seed, n_rows), *test))


def random_labels(n_rows, n_labels, largest=0.3, smallest=0.001):
    """Independent labels whose frequencies fall geometrically, as an indicator."""
    rng = np.random.default_rng(0)
    y = np.empty((n_rows, n_labels), dtype=np.uint8)
    # label by label: random numbers for all at once would be eight times as large
    for label, frequency in enumerate(np.geomspace(largest, smallest, n_labels)):
        y[:, label] = rng.random(n_rows) < frequency
    return y

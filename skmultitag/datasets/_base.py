"""What the loaders share: reading files, their errors, tags as indicators, frames."""

import gzip
import zlib
from pathlib import Path

import numpy as np

from skmultitag.utils._target_encoder import TargetEncoder


def find_path(path, source, *, names=()):
    """Return `path` as a Path that exists.

    Parameters
    ----------
    path : str or path-like
        A file or folder.

    source : str
        Where the data can be had, for the error message.

    names : sequence of str, default=()
        Names of files of which a folder must hold one, which is returned.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"There is no {path}. Get the data from {source}.")
    if not names or not path.is_dir():
        return path
    for name in names:
        if (path / name).exists():
            return path / name
    raise FileNotFoundError(
        f"The folder {path} must hold {' or '.join(names)}. Get the data from {source}."
    )


def read_lines(path, source, *, encoding="utf-8"):
    """Yield the number and the text of each line of a file, also of a gzipped one."""
    number = 0
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rt", encoding=encoding) as file:
            for number, line in enumerate(file, start=1):
                yield number, line
    except (UnicodeDecodeError, EOFError, gzip.BadGzipFile, zlib.error) as exc:
        kind = f"{encoding} text" + " in a whole gzip file" * (opened is gzip.open)
        raise broken_line(path, number + 1, kind, exc, source) from exc


def broken_line(path, number, expected, got, source):
    """Return the error for a file that is not in its format."""
    return ValueError(
        f"{path}, line {number}: expected {expected}, got {got}. An unchanged file is"
        f" at {source}."
    )


def encode_tags(tags, names=None, *, sparse_output=False):
    """Return lists of tags as an indicator in int64, and the names of its columns.

    Parameters
    ----------
    tags : list of collections of str
        The tags of each row.

    names : sequence of str, default=None
        The names of the columns; those of `tags`, sorted, if None.

    sparse_output : bool, default=False
        Whether to return a CSR matrix.
    """
    encoder = TargetEncoder()
    indicator = encoder.fit_transform(tags, classes=names, as_tags=True)
    indicator = indicator.astype(np.int64)
    if not sparse_output:
        indicator = indicator.toarray()
    return indicator, encoder.label_names_


def as_strings(values):
    """Return strings as an array of objects, which masks and folds can index."""
    return np.array(list(values), dtype=object)


def as_frames(data, target, feature_names, target_names, *, index=None, caller):
    """Return the frame of all columns, and those of `data` and `target`."""
    try:
        import pandas as pd
    except ImportError as exc:
        raise ImportError(
            f"{caller}(as_frame=True) needs pandas: pip install pandas."
        ) from exc
    data = pd.DataFrame(data, columns=feature_names, index=index)
    target = pd.DataFrame(target, columns=target_names, index=index)
    return pd.concat([data, target], axis=1), data, target

"""What the loaders share: reading files, their errors, tags as indicators, frames."""

import gzip
import zlib
from importlib import resources
from pathlib import Path

import numpy as np

from skmultitag.utils._target_encoder import TargetEncoder

# Far beyond what the published files have: a small packed file can unpack to gigabytes.
_LONGEST_LINE = 2**24  # characters
_MOST_LABELS = 1000  # of a target that is dense
_MOST_BYTES = 2**26  # of a shipped file, unpacked


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
    path = Path(path).expanduser()
    if not path.exists():
        raise FileNotFoundError(f"There is no {path}. Get the data from {source}.")
    if not names or not path.is_dir():
        return path
    for name in names:
        if (path / name).exists():
            return path / name
    raise wrong_folder(path, " or ".join(names), source)


def wrong_folder(folder, wanted, source):
    """Return the error for a folder that does not hold what it should."""
    return FileNotFoundError(
        f"The folder {folder} must hold {wanted}; it holds"
        f" {some_names(folder.iterdir())}. Get the data from {source}."
    )


def some_names(files):
    """Return the names of a few files, for a message."""
    names = sorted(file.name for file in files if not file.name.startswith("."))
    return ", ".join(names[:5] + ["..."] * (len(names) > 5)) or "nothing"


def read_lines(path, source, *, encoding="utf-8-sig"):
    """Yield the number and the text of each line of a file, also of a gzipped one.

    A line is never longer than a few times those of the published files, so that it can
    be held in the memory.
    """
    _check_unpacked(path, source)
    number = 0
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rt", encoding=encoding) as file:
            lines = iter(lambda: file.readline(_LONGEST_LINE + 1), "")
            for number, line in enumerate(lines, start=1):
                if len(line) > _LONGEST_LINE:
                    expected = f"at most {_LONGEST_LINE} characters"
                    raise broken_line(path, number, expected, "more", source)
                yield number, line
    except (UnicodeDecodeError, EOFError, gzip.BadGzipFile, zlib.error) as exc:
        kind = f"{encoding.removesuffix('-sig')} text"
        kind += " in a whole gzip file" * (opened is gzip.open)
        raise broken_line(path, number + 1, kind, exc, source) from exc


def _check_unpacked(path, source):
    if path.is_dir():
        raise IsADirectoryError(
            f"{path} is a folder in place of a file. Get the data from {source}."
        )
    with open(path, "rb") as file:
        start = file.read(4)
    if start == b"PK\x03\x04":
        raise ValueError(f"{path} is a zip archive: unpack it.")
    if start[:2] == b"\x1f\x8b" and path.suffix != ".gz":
        raise ValueError(f"{path} is a gzip file: name it {path.name}.gz.")


def broken_line(path, number, expected, got, source):
    """Return the error for a file that is not in its format."""
    return ValueError(
        f"{path}, line {number}: expected {expected}, got {got}. An unchanged file is"
        f" at {source}."
    )


def check_few_labels(path, names, source):
    """Raise if a dense target of the labels `names` of a file could be too large."""
    if len(names) > _MOST_LABELS:
        raise ValueError(
            f"{path} has {len(names)} labels, more than the {_MOST_LABELS} that are"
            f" read as an array. An unchanged file is at {source}."
        )


def read_shipped(file_name, keys):
    """Return arrays of a shipped npz file by their keys; objects are never loaded."""
    path = resources.files("skmultitag.datasets.data") / file_name
    with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
        n_bytes = sum(part.file_size for part in stored.zip.infolist())
        if n_bytes > _MOST_BYTES:
            raise ValueError(
                f"{path} unpacks to {n_bytes} bytes, more than {_MOST_BYTES}: it is not"
                " the file of skmultitag. Install the package again."
            )
        return [stored[key] for key in keys]


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

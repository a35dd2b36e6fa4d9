"""What users pass in place of data by mistake, and tensors as arrays."""

import os
import re
from collections.abc import Iterator, Mapping, MappingView, Set
from io import IOBase

from skmultitag.utils._messages import naming, shorten

_LOADERS = {
    ".npy": "numpy.load(path, mmap_mode='r')",
    ".npz": "numpy.load(path)['name of the array']",
    ".csv": "pandas.read_csv(path)",
    ".parquet": "pandas.read_parquet(path)",
    ".pt": "torch.load(path)",
}


def check_is_data(value, name):
    """Raise for something that leads to data, or has them inside, but is none.

    Rows can be of any kind: texts, images, or those of a data set, which a pipeline
    turns into features.

    Parameters
    ----------
    value : object

    name : str
        What error messages call it.

    Raises
    ------
    TypeError
        With what to pass instead.

    Examples
    --------
    >>> from skmultitag.utils._given import check_is_data
    >>> check_is_data("embeddings.npy", "X")
    Traceback (most recent call last):
    TypeError: X is the path 'embeddings.npy'. Load the file, and pass what is in it: \
numpy.load(path, mmap_mode='r').
    """
    kind = type(value).__name__
    if isinstance(value, (str, bytes, os.PathLike)):
        problem = _problem_of_text(os.fsdecode(value), isinstance(value, os.PathLike))
    elif value is None:
        problem = "None. Pass an array, a table or a list of rows"
    elif isinstance(value, IOBase):
        problem = f"an open file. Pass what is in it, such as numpy.load({name})"
    elif hasattr(value, "collect"):
        problem = f"a lazy table: pass {name}.collect()"
    elif getattr(value, "is_meta", False):
        problem = "a tensor on the device 'meta', which has no data"
    elif hasattr(value, "detach") and "sparse" in str(getattr(value, "layout", "")):
        problem = (
            "a sparse tensor of torch. Pass a sparse matrix of scipy, or"
            f" {name}.to_dense()"
        )
    # the sparse matrices that are called DOK are mappings too
    elif isinstance(value, Mapping) and not hasattr(value, "shape"):
        example = f", such as {name}[{next(iter(value))!r}]" if len(value) else ""
        problem = (
            f"of type {kind}, with the entries {shorten(list(value))}. Pass one of them"
            f"{example}, or make a table of all: pandas.DataFrame(dict({name}))"
        )
    elif _is_of_torch(value, "DataLoader"):
        problem = (
            f"of type {kind} of torch, which yields batches. Join them, such as the"
            " features by torch.cat([X for X, _ in loader])"
        )
    elif _is_of_torch(value, "IterableDataset"):
        problem = _rows_of_several_parts(kind)
    elif isinstance(value, (Iterator, MappingView, Set)):
        problem = (
            f"of type {kind}, which has no rows by number. Pass an array or a list,"
            f" such as list({name})"
        )
    elif callable(value) and not hasattr(type(value), "__len__"):
        what = getattr(value, "__qualname__", shorten(value))
        problem = f"{what}, a function or class. Call it, and pass what it returns"
    else:
        return
    raise TypeError(f"{name} is {problem}.")


def check_is_matrix(value, name):
    """Raise for what is no data, and for rows that can be no rows of a matrix.

    These are lists of matrices, and data sets of which the rows have several parts.
    """
    check_is_data(value, name)
    kind = type(value).__name__
    if isinstance(value, (list, tuple)):
        if len(value) == 0 or getattr(value[0], "ndim", 0) < 2:
            return
        shapes = [tuple(getattr(each, "shape", ())) for each in value]
        problem = (
            f"a {kind} of arrays or tables with the shapes {shorten(shapes)}. Pass one"
            f" of them, such as {name}[0]. If they are batches of rows, join them:"
            f" numpy.concatenate({name})"
        )
    elif _package_of(type(value)) == "datasets" and hasattr(value, "column_names"):
        problem = (
            f"of type {kind} of Hugging Face, with the columns"
            f" {shorten(value.column_names)}. Pass one of them, such as"
            f" {name}.with_format('numpy')['embedding']"
        )
    elif _is_of_torch(value, "Dataset") and _has_several_parts(value):
        problem = _rows_of_several_parts(kind)
    else:
        return
    raise TypeError(f"{name} is {problem}.")


def without_tensor(value, name):
    """A tensor as an array on the CPU, without its gradient; all else as it is.

    bfloat16, unknown to numpy, becomes float32.
    """
    if not hasattr(value, "detach"):
        return value
    value = value.detach().cpu()
    with naming(name):
        return (value.float() if "bfloat16" in str(value.dtype) else value).numpy()


def _problem_of_text(text, is_path):
    ending = re.search(r"\.[a-z]\w*$", text.lower())
    if is_path or ending:
        loader = _LOADERS.get(ending and ending.group())
        how = f": {loader}" if loader else ""
        return f"the path {shorten(text)}. Load the file, and pass what is in it{how}"
    if "\n" in text:
        return (
            f"the text {shorten(text)}. If it is a table in CSV, read it:"
            " pandas.read_csv(io.StringIO(text))"
        )
    return f"the text {shorten(text)}. Pass an array, a table or a list of rows"


def _rows_of_several_parts(kind):
    return (
        f"of type {kind} of torch, which yields rows of several parts. Join one part,"
        " such as the features by torch.stack([X for X, _ in dataset])"
    )


def _has_several_parts(dataset):
    return len(dataset) > 0 and isinstance(dataset[0], (tuple, dict))


def _is_of_torch(value, name):
    """Whether it is of a class of torch.utils.data; without an import of torch."""
    return any(
        each.__name__ == name and _package_of(each) == "torch"
        for each in type(value).__mro__
    )


def _package_of(kind):
    return kind.__module__.partition(".")[0]

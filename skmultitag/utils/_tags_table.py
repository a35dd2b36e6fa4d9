"""Tags of rows as a table, with one line for each tag."""

from importlib import import_module
from itertools import chain

import numpy as np


def table_class(output):
    """The class of tables of an `output` of `predict_tags`; None for a list.

    Raises
    ------
    ValueError
        If there is no such output.

    ImportError
        If its package is not installed.
    """
    if output == "list":
        return None
    if output not in ("pandas", "polars"):
        raise ValueError(
            f"output must be 'list', 'pandas' or 'polars'. Got {output!r}."
        )
    try:
        return import_module(output).DataFrame
    except ImportError as exc:
        raise ImportError(
            f"output={output!r} needs {output} (pip install {output})."
        ) from exc


def tags_table(tags, X, table, with_scores):
    """Put tags of rows in a table.

    Parameters
    ----------
    tags : list of n_samples tuples
        Of names, or of pairs of a name and a score.

    X : array-like of n_samples rows
        What they were predicted from.

    table : type or None
        From `table_class`.

    with_scores : bool

    Returns
    -------
    table : DataFrame, or `tags` if `table` is None
        Columns "row", "tag" and, with scores, "score". A row is called by the index of
        `X` if that and the table are of pandas, else by its number.
    """
    if table is None:
        return tags
    n_tags = [len(row) for row in tags]
    rows = np.arange(len(tags)).repeat(n_tags)
    index = getattr(X, "index", None)  # lists have a method of this name
    if hasattr(table, "iloc") and hasattr(index, "to_flat_index"):
        rows = index.to_flat_index()[rows]
    entries = list(chain.from_iterable(tags))
    if not with_scores:
        return table({"row": rows, "tag": entries})
    names = [name for name, _ in entries]
    scores = np.array([score for _, score in entries], dtype=np.float64)
    return table({"row": rows, "tag": names, "score": scores})

"""Tags of rows as a table, with one line for each tag."""

from importlib import import_module
from itertools import chain

import numpy as np

from skmultitag.utils._target_forms import as_objects, names_as_list


def table_class(output, no_table="list"):
    """The class of tables of an `output`; None for the one that is no table.

    Raises
    ------
    ValueError
        If there is no such output.

    ImportError
        If its package is not installed.
    """
    if output not in (no_table, "pandas", "polars"):
        raise ValueError(
            f"output must be {no_table!r}, 'pandas' or 'polars'. Got {output!r}."
        )
    if output == no_table:
        return None
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
    rows = _rows(X, table, [len(row) for row in tags])
    entries = list(chain.from_iterable(tags))
    if not with_scores:
        return table({"row": rows, "tag": _name_column(entries, table)})
    names = [name for name, _ in entries]
    scores = np.array([score for _, score in entries], dtype=np.float64)
    return table({"row": rows, "tag": _name_column(names, table), "score": scores})


def ranked_table(scores, names, order, X, table):
    """Put the best labels of rows in a table.

    Parameters
    ----------
    scores : CSR array of shape (n_samples, n_labels)
        As many of each row.

    names : array-like of shape (n_labels,)

    order : ndarray of int of shape (n_labels,) or None
        Numbers of the labels: which comes first of those with equal scores. None for
        the order of the columns.

    X, table
        As in `tags_table`.

    Returns
    -------
    table : DataFrame
        Columns "row", "rank", "tag" and "score", the best label of each row first.
    """
    shape = scores.shape[0], -1
    columns, values = scores.indices.reshape(shape), scores.data.reshape(shape)
    place = columns if order is None else np.argsort(order)[columns]
    best_first = np.lexsort((place, -values))
    columns = np.take_along_axis(columns, best_first, axis=1)
    values = np.take_along_axis(values, best_first, axis=1)
    n_samples, k = columns.shape
    tags = as_objects(names_as_list(names))[columns.ravel()].tolist()
    return table(
        {
            "row": _rows(X, table, [k] * n_samples),
            "rank": np.tile(np.arange(1, k + 1), n_samples),
            "tag": _name_column(tags, table),
            "score": values.ravel(),
        }
    )


def _rows(X, table, n_lines):
    """What rows are called, each as often as it has lines."""
    rows = np.arange(len(n_lines)).repeat(n_lines)
    index = getattr(X, "index", None)  # lists have a method of this name
    if hasattr(table, "iloc") and hasattr(index, "to_flat_index"):
        rows = index.to_flat_index()[rows]
    return rows


def _name_column(names, table):
    """Names as a column: in polars, one of objects if their types differ."""
    if hasattr(table, "iloc"):
        return names
    import polars  # installed, as the table is one of it

    try:
        return polars.Series(names)
    except TypeError:
        return polars.Series(names, dtype=polars.Object)

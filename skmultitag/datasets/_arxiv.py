import json
import os
from email.utils import parsedate_to_datetime
from numbers import Integral

import numpy as np
from sklearn.utils import Bunch

from skmultitag.datasets._base import (
    as_strings,
    broken_line,
    encode_tags,
    find_path,
    read_lines,
)
from skmultitag.utils._messages import shorten, warn
from skmultitag.utils._sklearn import Interval, StrOptions, validate_params

SOURCE = "https://www.kaggle.com/datasets/Cornell-University/arxiv"

FILE_NAME = "arxiv-metadata-oai-snapshot.json"

DESCRIPTION = f"""\
arXiv: abstracts and categories
-------------------------------

Task: predict the arXiv categories of a paper, such as "cs.LG" and "stat.ML", from its
title and abstract. Authors choose the categories, and moderators may change them. A
paper has one category or more.

Source: {SOURCE}, which has all papers and is updated every week. The metadata are in
the public domain (CC0 1.0).

Clement et al. (2019), "On the use of arXiv as a dataset", arXiv:1905.00075.
"""


@validate_params(
    {
        "path": [str, os.PathLike],
        "years": ["array-like", set, range, None],
        "categories": ["array-like", set, None],
        "level": [StrOptions({"category", "archive"})],
        "max_rows": [Interval(Integral, 1, None, closed="left"), None],
        "return_X_y": ["boolean"],
    },
    prefer_skip_nested_validation=True,
)
def load_arxiv(
    path,
    *,
    years=None,
    categories=None,
    level="category",
    max_rows=None,
    return_X_y=False,
):
    r"""Load titles and abstracts of arXiv, and the categories of the papers.

    ==============   =====================
    Rows             all papers: millions
    Data                             texts
    Labels           about 170 categories
    Labels a row                 1 or more
    ==============   =====================

    The data do not come with the package. The file has several GB. It is read line by
    line, so only the rows that are kept take memory.

    Read more in the :ref:`User Guide <published_data>`.

    Parameters
    ----------
    path : str or path-like
        The file "arxiv-metadata-oai-snapshot.json", the same file compressed with gzip
        and named ".gz", or the folder of one of them. Each line has a paper in JSON.

    years : collection of int, default=None
        Keep papers whose first version is from one of these years, such as
        ``range(2015, 2021)``. None keeps all papers. A warning names years that no
        paper has, except if you pass a range, or if reading ended at `max_rows`.

    categories : collection of str, default=None
        Keep papers with at least one of these categories, such as "cs.LG", or archives,
        such as "cs". They keep all their labels. None keeps all papers. A warning names
        categories that no paper has, unless reading ended at `max_rows`.

    level : {"category", "archive"}, default="category"
        What the labels are.

        - "category": the full names, such as "cs.LG" and "hep-th";
        - "archive": the part before the dot, such as "cs" and "hep-th".

    max_rows : int or None, default=None
        Stop after this number of kept rows, in [1, inf). These are the first rows of
        the file, which begins with 2007, and not a random sample. None for all.

    return_X_y : bool, default=False
        Whether to return `(data, target)` only.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        With the attributes

        data : ndarray of str of shape (n_samples,)
            Title and abstract, with ". " between them.
        target : CSR matrix of shape (n_samples, n_labels)
            Indicator of 0 and 1, int64.
        target_names : ndarray of str of shape (n_labels,)
            The categories or archives of the kept rows.
        ids : ndarray of str of shape (n_samples,)
            Identifiers in arXiv.
        years : ndarray of shape (n_samples,)
            Years of the first versions, int64.
        DESCR : str
            What the data are.

    (data, target) : tuple
        If `return_X_y`.

    Raises
    ------
    FileNotFoundError
        If the file is missing.

    ValueError
        If a line has another format, if no row is kept, or if `years` or `categories`
        are empty. The message names the file and the line.

    TypeError
        If `years` are not integers, or `categories` not strings.

    References
    ----------
    Clement et al. (2019), `On the use of arXiv as a dataset
    <https://arxiv.org/abs/1905.00075>`_. The `data
    <https://www.kaggle.com/datasets/Cornell-University/arxiv>`_ are in the public
    domain (CC0 1.0).

    Examples
    --------
    A file in this format, with one paper:

    >>> import json
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from skmultitag.datasets import load_arxiv
    >>> paper = {
    ...     "id": "2101.00001",
    ...     "title": "On tags",
    ...     "abstract": "  We count\n tags.\n",
    ...     "categories": "stat.ML cs.LG",
    ...     "versions": [{"version": "v1", "created": "Fri, 1 Jan 2021 09:00:00 GMT"}],
    ... }
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "arxiv-metadata-oai-snapshot.json")
    ...     _ = file.write_text(json.dumps(paper) + "\n")
    ...     arxiv = load_arxiv(file, years=[2021], categories=["cs"])
    >>> arxiv.data[0], arxiv.target_names.tolist()
    ('On tags. We count tags.', ['cs.LG', 'stat.ML'])
    >>> arxiv.target.toarray()
    array([[1, 1]])
    """
    file = find_path(path, SOURCE, names=(FILE_NAME, f"{FILE_NAME}.gz"))
    wanted_years = _check_filter("years", years, Integral, "integers")
    wanted = _check_filter("categories", categories, str, "strings")
    unseen_years, unseen = set(wanted_years or ()), set(wanted or ())
    n_papers = 0
    ids, texts, tags, kept_years = [], [], [], []
    for number, line in read_lines(file, SOURCE):
        if not line.strip():
            continue
        paper_id, text, names, year = _read_paper(file, number, line)
        archives = [name.partition(".")[0] for name in names]
        n_papers += 1
        unseen_years.discard(year)
        unseen.difference_update(names, archives)
        if wanted_years is not None and year not in wanted_years:
            continue
        if wanted is not None and wanted.isdisjoint([*names, *archives]):
            continue
        ids.append(paper_id)
        texts.append(text)
        tags.append(tuple(names if level == "category" else set(archives)))
        kept_years.append(year)
        if len(ids) == max_rows:
            break
    if not n_papers:
        raise ValueError(f"{file} has no papers. Get the data from {SOURCE}.")
    if not ids:
        raise ValueError(
            f"None of the {n_papers} papers of {file} is kept with"
            f" years={shorten(years)} and categories={shorten(categories)}."
        )
    if isinstance(years, range):  # often wider than the data
        unseen_years.clear()
    # a file that is read in part says nothing of the others
    if (unseen or unseen_years) and len(ids) != max_rows:
        names = shorten([*sorted(unseen_years), *sorted(unseen)])
        warn(f"No paper of {file} has any of {names}.")
    # dense int64 would take 3 GB and more for all papers
    target, target_names = encode_tags(tags, sparse_output=True)
    data = as_strings(texts)
    if return_X_y:
        return data, target
    return Bunch(
        data=data,
        target=target,
        target_names=target_names,
        ids=as_strings(ids),
        years=np.array(kept_years, dtype=np.int64),
        DESCR=DESCRIPTION,
    )


def _check_filter(name, values, kind, kind_name):
    """The values that are wanted, as a set, or None for all."""
    if values is None:
        return None
    wanted = list(values)
    if any(isinstance(value, bool) or not isinstance(value, kind) for value in wanted):
        raise TypeError(
            f"The {name!r} parameter of load_arxiv must have {kind_name} only. Got"
            f" {shorten(values)}."
        )
    if not wanted or "" in wanted:
        raise ValueError(
            f"The {name!r} parameter of load_arxiv must have at least one value, and no"
            f" empty one. Got {shorten(values)} instead. Pass None for all papers."
        )
    return set(wanted)


def _read_paper(file, number, line):
    """The identifier, text, categories and year of the paper on a line."""

    def broken(expected, got):
        return broken_line(file, number, expected, got, SOURCE)

    try:
        paper = json.loads(line.rstrip())
    except json.JSONDecodeError as exc:
        got = f"{line[:80]!r}, not valid JSON: {exc.msg} (character {exc.colno})"
        raise broken("a paper as a JSON object", got) from exc
    except (ValueError, RecursionError) as exc:  # very long numbers, very deep brackets
        raise broken("a paper as a JSON object", f"{line[:80]!r}: {exc}") from exc
    if not isinstance(paper, dict):
        raise broken("a paper as a JSON object", repr(line[:80]))
    for key in ("id", "title", "abstract", "categories"):
        if not isinstance(paper.get(key), str):
            got = repr(paper[key]) if key in paper else "no such key"
            raise broken(f'"{key}" with a string', got)
    names = paper["categories"].split()
    if not names:
        raise broken('"categories" with one or more', repr(paper["categories"]))
    try:
        year = parsedate_to_datetime(paper["versions"][0]["created"]).year
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as exc:
        got = repr(paper.get("versions", "no such key"))[:80]
        raise broken('"versions", the first "created" at a date', got) from exc
    text = ". ".join(" ".join(paper[key].split()) for key in ("title", "abstract"))
    return paper["id"], text, names, year

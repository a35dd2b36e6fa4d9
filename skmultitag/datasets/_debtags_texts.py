import gzip
import json
from importlib import resources

import numpy as np
from sklearn.utils import Bunch

from skmultitag.datasets._base import as_strings, encode_tags
from skmultitag.utils._sklearn import validate_params

DESCRIPTION = """\
Debian packages: texts and their tags
-------------------------------------

Task: that of load_debtags, from the texts themselves: package name, synopsis and long
description. A package has 1 to 22 of the 121 tags, 2.9 on average.

:Number of rows: 300
:Number of labels: 121

300 packages of Debian 12 (main, amd64), drawn at random from the side of the split that
load_debtags has its test rows from: 129 are among those rows, and none comes from a
source that is among its training rows. Of the 121 tags, 97 are on some of the rows.

Texts: Debian contributors, each under the licence of its package. Name, synopsis and
description are put into one line, and not changed otherwise. All of the packages are
free software, as Debian main has nothing else. The licences are in the files
"debian/copyright" at https://sources.debian.org.
"""


@validate_params({"return_X_y": ["boolean"]}, prefer_skip_nested_validation=True)
def load_debtags_texts(*, return_X_y=False):
    """Load the texts of 300 Debian packages, with the tags of :func:`load_debtags`.

    ==============   ============
    Rows                      300
    Data                    texts
    Labels                    121
    Labels a row     1 to 22, 2.9
    ==============   ============

    They are there to try a pipeline from text to tags on, and are too few to compare
    methods.

    Parameters
    ----------
    return_X_y : bool, default=False
        Whether to return `(data, target)` only.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        With the attributes

        data : ndarray of str of shape (300,)
            Name, synopsis and description of each package.
        target : ndarray of shape (300, 121)
            Indicator of 0 and 1, int64.
        target_names : ndarray of 121 str
            The tags, in the order of :func:`load_debtags`. 24 are on none of the rows.
        packages : ndarray of 300 str
            Names of the packages.
        DESCR : str
            Where the texts are from, and under which licences they are.

    (data, target) : tuple
        If `return_X_y`.

    See Also
    --------
    load_debtags : Embeddings of 9200 packages, without texts.

    Examples
    --------
    >>> from skmultitag.datasets import load_debtags_texts
    >>> texts, y = load_debtags_texts(return_X_y=True)
    >>> texts[0][:44], y.shape
    ('ahcpd: Ad-Hoc Configuration Protocol. AHCP i', (300, 121))
    """
    folder = resources.files("skmultitag.datasets") / "data"
    with (
        (folder / "debtags_texts.jsonl.gz").open("rb") as packed,
        gzip.open(packed, "rt", encoding="utf-8") as lines,
    ):
        rows = [json.loads(line) for line in lines]
    with (folder / "debtags.npz").open("rb") as file, np.load(file) as stored:
        names = stored["label_names"].tolist()
    # a few tags are too rare for the 9200 packages of load_debtags
    tags = [set(row["tags"]).intersection(names) for row in rows]
    target, target_names = encode_tags(tags, names)
    data = as_strings(row["text"] for row in rows)
    if return_X_y:
        return data, target
    return Bunch(
        data=data,
        target=target,
        target_names=target_names,
        packages=as_strings(row["package"] for row in rows),
        DESCR=DESCRIPTION,
    )

import json
from importlib import resources

from sklearn.utils import Bunch

from skmultitag.datasets._base import as_strings, encode_tags
from skmultitag.datasets._debtags import read_debtags_names
from skmultitag.utils._sklearn import validate_params

DESCRIPTION = """\
Package descriptions and their tags
-----------------------------------

Task: predict the tags of load_debtags from texts: name, synopsis and description of a
package. A package has 2 to 8 of the 121 tags, 4.5 on average.

:Number of rows: 190
:Number of labels: 121

The packages are invented. The descriptions were written for skmultitag in the style of
Debian's, because Debian's descriptions are under the licenses of many packages. Ours
are under the license of skmultitag, BSD 3-Clause. The tags are those of load_debtags;
63 of them are on some rows.
"""


@validate_params({"return_X_y": ["boolean"]}, prefer_skip_nested_validation=True)
def load_debtags_texts(*, return_X_y=False):
    """Load 190 descriptions of packages, with the tags of :func:`load_debtags`.

    ==============   ============
    Rows                      190
    Data                    texts
    Labels                    121
    Labels a row      2 to 8, 4.5
    ==============   ============

    Use them to try a pipeline from texts to tags. They are too few and too regular to
    compare methods. The packages are invented, and the descriptions were written for
    skmultitag in the style of Debian's.

    Read more in the :ref:`User Guide <debtags_texts>`.

    Parameters
    ----------
    return_X_y : bool, default=False
        Whether to return `(data, target)` only.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        With the attributes

        data : ndarray of str of shape (190,)
            Name, synopsis and description of each package.
        target : ndarray of shape (190, 121)
            Indicator of 0 and 1, int64.
        target_names : ndarray of 121 str
            The tags, in the order of :func:`load_debtags`. 58 are on none of the rows.
        packages : ndarray of 190 str
            Names of the packages.
        DESCR : str
            Where the texts are from, and their license.

    (data, target) : tuple
        If `return_X_y`.

    See Also
    --------
    load_debtags : Embeddings of 9200 packages of Debian, without texts.

    Examples
    --------
    >>> from skmultitag.datasets import load_debtags_texts
    >>> texts, y = load_debtags_texts(return_X_y=True)
    >>> texts[0][:46], y.shape
    ('administrators-almanac: book on running a smal', (190, 121))
    """
    folder = resources.files("skmultitag.datasets.data")
    lines = (folder / "debtags_texts.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    tags = [row["tags"] for row in rows]
    target, target_names = encode_tags(tags, read_debtags_names())
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

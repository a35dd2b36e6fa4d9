import numpy as np
from scipy import sparse
from sklearn.utils import Bunch

from skmultitag.datasets._base import as_frames, read_shipped
from skmultitag.utils._sklearn import StrOptions, validate_params

DESCRIPTION = """\
Debian packages and their tags
------------------------------

Task: predict the tags of a software package, such as "implemented-in::python" or
"role::program", from its description. A package has 0 to 23 of 121 tags, 3.0 on
average. 98 of the tags are on fewer than 2 % of the training rows.

:Number of rows: 9200 (6900 train, 2300 test)
:Number of features: 384
:Number of labels: 121

The data are made from the package index and the English descriptions of Debian 12
(main, amd64). The sentence encoder all-MiniLM-L6-v2 embedded package name, synopsis and
long description (first 128 word pieces, mean pooling, length 1). Identical descriptions
were removed. The split is random by source package: packages of the same source are on
the same side. Of these 22440 packages, 6900 train and 2300 test rows were drawn at
random. Tags were kept if they are on at least 20 train and 5 test rows. The embeddings
are stored as 8-bit integers with a scale for each feature, which moves a row by 0.8 %
of its length.

The tags are incomplete: a package may lack a tag that fits it.

Descriptions: Debian contributors, under the license of each package. They are not
shipped, only the embeddings, the tags and the package names are. Encoder: Apache-2.0.
"""


@validate_params(
    {
        "subset": [StrOptions({"all", "train", "test"})],
        "return_X_y": ["boolean"],
        "as_frame": ["boolean"],
    },
    prefer_skip_nested_validation=True,
)
def load_debtags(*, subset="all", return_X_y=False, as_frame=False):
    """Load the Debian packages data set: real embeddings, 121 tags, most of them rare.

    ==============   ============
    Rows                     9200
    Features                  384
    Labels                    121
    Labels a row     0 to 23, 3.0
    ==============   ============

    Read more in the :ref:`User Guide <debtags>`.

    Parameters
    ----------
    subset : {"all", "train", "test"}, default="all"
        Rows of the fixed split: 6900 train, 2300 test.

    return_X_y : bool, default=False
        Whether to return `(data, target)` only.

    as_frame : bool, default=False
        Whether to return pandas objects, with names of features and labels.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        With the attributes

        data : {ndarray, DataFrame} of shape (n_samples, 384)
            Sentence embeddings in float32, of length 1 up to rounding.
        target : {ndarray, DataFrame} of shape (n_samples, 121)
            Indicator of 0 and 1, int64.
        feature_names : list of 384 str
            Names of the features.
        target_names : ndarray of 121 str
            The tags.
        packages : ndarray of n_samples str
            Names of the packages.
        is_test : ndarray of n_samples bool
            Whether a row belongs to the test part.
        frame : DataFrame of shape (n_samples, 505)
            `data` and `target` side by side. None if `as_frame` is False.
        DESCR : str
            How the data were made.

    (data, target) : tuple
        If `return_X_y`.

    Examples
    --------
    >>> from skmultitag.datasets import load_debtags
    >>> X, y = load_debtags(subset="train", return_X_y=True)
    >>> X.shape, y.shape
    ((6900, 384), (6900, 121))
    """
    is_test, packages, embedding, scale, indices, indptr = read_shipped(
        "debtags.npz",
        ["is_test", "packages", "embedding", "scale", "label_indices", "label_indptr"],
    )
    data, names = embedding * scale, read_debtags_names()
    ones = np.ones(len(indices), dtype=np.int64)
    target = sparse.csr_matrix(
        (ones, indices, indptr), shape=(len(data), len(names))
    ).toarray()

    if subset != "all":
        rows = is_test == (subset == "test")
        data, target = data[rows], target[rows]
        packages, is_test = packages[rows], is_test[rows]
    feature_names = [f"embedding_{i}" for i in range(data.shape[1])]
    frame = None
    if as_frame:
        frame, data, target = as_frames(
            data, target, feature_names, names, index=packages, caller="load_debtags"
        )
    if return_X_y:
        return data, target
    return Bunch(
        data=data,
        target=target,
        frame=frame,
        feature_names=feature_names,
        target_names=names,
        packages=packages,
        is_test=is_test,
        DESCR=DESCRIPTION,
    )


def read_debtags_names():
    """Return the tags, in the order of the columns."""
    [names] = read_shipped("debtags.npz", ["label_names"])
    return names.astype(object)

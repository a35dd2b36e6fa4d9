import os
from numbers import Integral, Real

import numpy as np
from scipy import sparse
from sklearn.datasets import fetch_openml
from sklearn.utils import Bunch

from skmultitag.datasets._base import as_frames, as_strings
from skmultitag.utils._sklearn import Interval, StrOptions, validate_params

# The data sets of OpenML with the tag "2016_multilabel_r_benchmark_paper", by their
# identifiers, as names and versions of OpenML have other data sets too.
DATA_IDS = {
    "birds": 40588,
    "emotions": 40589,
    "enron": 40590,
    "genbase": 40591,
    "image": 40592,
    "langlog": 40593,
    "reuters": 40594,
    "scene": 40595,
    "slashdot": 40596,
    "yeast": 40597,
}


@validate_params(
    {
        "name": [StrOptions(set(DATA_IDS))],
        "data_home": [str, os.PathLike, None],
        "cache": ["boolean"],
        "n_retries": [Interval(Integral, 1, None, closed="left")],
        "delay": [Interval(Real, 0, None, closed="left")],
        "return_X_y": ["boolean"],
        "as_frame": ["boolean"],
    },
    prefer_skip_nested_validation=True,
)
def fetch_mulan(
    name,
    *,
    data_home=None,
    cache=True,
    n_retries=3,
    delay=1.0,
    return_X_y=False,
    as_frame=False,
):
    """Fetch a classical multilabel data set, one of those of Mulan and Meka.

    Use these data to compare with published figures: most papers on multilabel
    classification have figures for some of them. The data sets are small, and their
    features are not embeddings. The first time, they are downloaded from OpenML with
    :func:`sklearn.datasets.fetch_openml`.

    Read more in the :ref:`User Guide <published_data>`.

    Parameters
    ----------
    name : str
        The data set.

        - "birds": sounds of birds and their species;
        - "emotions": music and the emotions that it raises;
        - "enron": words of mails and their topics;
        - "genbase": motifs of proteins and their families;
        - "image": features of images and what is on them;
        - "langlog": words of a blog on language and its topics;
        - "reuters": words of news and their topics;
        - "scene": colors of images and the kind of scene;
        - "slashdot": words of news and their topics;
        - "yeast": expressions of genes and their functions.

    data_home : str, path-like or None, default=None
        Folder for downloaded data. None for the data folder of scikit-learn.

    cache : bool, default=True
        Whether to keep downloaded data.

    n_retries : int, default=3
        Number of attempts after an error of the network, in [1, inf); see Notes.

    delay : float, default=1.0
        Seconds between attempts, in [0, inf).

    return_X_y : bool, default=False
        Whether to return `(data, target)` only.

    as_frame : bool, default=False
        Whether to return pandas objects, with names of features and labels.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        With the attributes

        data : {ndarray, CSR matrix, DataFrame} of shape (n_samples, n_features)
            Features, float64. Categories are replaced by numbers.
        target : {ndarray, DataFrame} of shape (n_samples, n_labels)
            Indicator of 0 and 1, int64.
        feature_names : list of n_features str
            Names of the features.
        target_names : ndarray of n_labels str
            Names of the labels.
        frame : DataFrame of shape (n_samples, n_features + n_labels)
            `data` and `target` side by side. None if `as_frame` is False.
        DESCR : str
            The description in OpenML.
        url : str
            The page of the data set, with its license.

    (data, target) : tuple
        If `return_X_y`.

    Raises
    ------
    OSError
        If the data set is not on this machine and can't be downloaded.

    ValueError
        If OpenML has another data set under its identifier, or if a target is neither
        true nor false.

    Notes
    -----
    OpenML has no split into training and test rows. So results can't be compared with
    results on the split of the Mulan files.

    The first request of scikit-learn, which asks where the data are, ignores
    `n_retries` and `delay`: without a network it fails at once.

    References
    ----------
    Tsoumakas et al. (2011), `Mulan: A Java Library for Multi-Label Learning
    <https://www.jmlr.org/papers/v12/tsoumakas11a.html>`_, JMLR 12. OpenML states the
    license of each data set.

    Probst et al. (2017), `Multilabel Classification with R Package mlr
    <https://arxiv.org/abs/1703.08991>`_, a benchmark on these data sets of OpenML.

    Examples
    --------
    >>> from skmultitag.datasets import fetch_mulan
    >>> X, y = fetch_mulan("emotions", return_X_y=True)  # doctest: +SKIP
    >>> X.shape, y.shape  # doctest: +SKIP
    ((593, 72), (593, 6))
    """
    try:
        fetched = fetch_openml(
            data_id=DATA_IDS[name],
            data_home=data_home,
            cache=cache,
            n_retries=n_retries,
            delay=delay,
            as_frame=False,
            # needs no pandas, and numbers the values of named features
            parser="liac-arff",
        )
    except OSError as exc:  # URLError is one
        home = "sklearn.datasets.get_data_home()" if data_home is None else data_home
        raise OSError(
            f"The data set {name!r} could not be downloaded from OpenML: {exc}. A"
            f" network is needed once: downloads are kept in the folder {home}."
        ) from exc
    found = fetched.details["name"]
    if found.lower() != name:
        raise ValueError(
            f"The data set {DATA_IDS[name]} of OpenML should be {name!r}. Got"
            f" {found!r}. Fetch the right one with sklearn.datasets.fetch_openml."
        )
    data, target = fetched.data, _as_indicator(name, fetched.target)
    feature_names = list(fetched.feature_names)
    target_names = as_strings(fetched.target_names)
    frame = None
    if as_frame:
        dense = data.toarray() if sparse.issparse(data) else data
        frame, data, target = as_frames(
            dense, target, feature_names, target_names, caller="fetch_mulan"
        )
    if return_X_y:
        return data, target
    return Bunch(
        data=data,
        target=target,
        frame=frame,
        feature_names=feature_names,
        target_names=target_names,
        DESCR=fetched.DESCR,
        url=fetched.url,
    )


def _as_indicator(name, target):
    """Targets "TRUE" and "FALSE", as OpenML has them, as 1 and 0."""
    values = np.char.upper(np.asarray(target).astype(str))
    wrong = values[~np.isin(values, ["TRUE", "FALSE"])]
    if wrong.size:
        raise ValueError(
            f'The targets of {name!r} in OpenML should be "TRUE" or "FALSE". Got'
            f" {str(wrong[0])!r}."
        )
    return (values == "TRUE").astype(np.int64)

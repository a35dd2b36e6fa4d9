"""How unequal the frequencies of labels are, in all data and within rows."""

import numpy as np

from skmultitag.sampling._labels import (
    count_labels,
    imbalance_ratios,
    mean_ratio,
    read_target,
)
from skmultitag.utils._annotation import positives
from skmultitag.utils._sklearn import validate_params


def imbalance_ratio_per_label(y):
    r"""Compute how many times rarer each label is than the commonest label.

    The imbalance ratio of a label l is called IRLbl in [1]_. It is the number of rows
    of the commonest label divided by the number of rows of l:

    .. math:: \mathrm{IRLbl}(l) = \frac{\max_k n_k}{n_l}

    Read more in the :ref:`User Guide <label_imbalance>`.

    Parameters
    ----------
    y : {array-like, sparse matrix} of shape (n_samples, n_labels) or list of tag lists
        Multilabel target: an indicator of 0 and 1, or the tags of each row. Entries
        that are NaN are not annotated, and count as 0.

    Returns
    -------
    ratios : ndarray of shape (n_labels,)
        In [1, inf]: 1 for the commonest label, infinite for a label without a positive.
        In the order of the columns, or of the sorted tags.

    See Also
    --------
    mean_imbalance_ratio : Computes the mean over the labels.

    References
    ----------
    .. [1] F. Charte, A. Rivera, M. J. del Jesus, F. Herrera, "A First Approach to Deal
       with Imbalance in Multi-label Datasets", HAIS, 2013.

    Examples
    --------
    >>> from skmultitag.sampling import imbalance_ratio_per_label
    >>> imbalance_ratio_per_label([["a"], ["a"], ["a", "b"], ["a", "b", "c"]])
    array([1., 2., 4.])
    """
    indicator = positives(read_target(y)[0])
    return imbalance_ratios(count_labels(indicator))


def mean_imbalance_ratio(y):
    """Compute the mean of the imbalance ratios of the labels.

    A label whose ratio is above this mean is a minority label. The mean is called
    MeanIR in [1]_. Labels without a positive are left out, as their ratio is infinite.

    Read more in the :ref:`User Guide <label_imbalance>`.

    Parameters
    ----------
    y : {array-like, sparse matrix} of shape (n_samples, n_labels) or list of tag lists
        Multilabel target: an indicator of 0 and 1, or the tags of each row. Entries
        that are NaN are not annotated, and count as 0.

    Returns
    -------
    ratio : float
        In [1, inf).

    See Also
    --------
    imbalance_ratio_per_label : Computes the ratio of each label.

    References
    ----------
    .. [1] F. Charte, A. Rivera, M. J. del Jesus, F. Herrera, "A First Approach to Deal
       with Imbalance in Multi-label Datasets", HAIS, 2013.

    Examples
    --------
    >>> from skmultitag.sampling import mean_imbalance_ratio
    >>> ratio = mean_imbalance_ratio([["a"], ["a"], ["a", "b"], ["a", "b", "c"]])
    >>> round(ratio, 3)  # of 1, 2 and 4
    2.333
    """
    return mean_ratio(imbalance_ratio_per_label(y))


@validate_params(
    {"y": "no_validation", "per_row": ["boolean"]}, prefer_skip_nested_validation=True
)
def scumble(y, *, per_row=False):
    r"""Compute how much common and rare labels occur in the same rows (SCUMBLE).

    If it is large, samplers that copy or remove rows work badly: a row that is copied
    for its rare label has common labels too, and a row that is removed for its common
    label has rare labels too. For a row with the label set Y, SCUMBLE is one minus the
    geometric mean over the arithmetic mean of the imbalance ratios [1]_, which is
    Atkinson's measure of inequality:

    .. math::
        1 - \frac{\left(\prod_{l \in Y} \mathrm{IRLbl}(l)\right)^{1 / |Y|}}
        {\frac{1}{|Y|} \sum_{l \in Y} \mathrm{IRLbl}(l)}

    Read more in the :ref:`User Guide <label_imbalance>`.

    Parameters
    ----------
    y : {array-like, sparse matrix} of shape (n_samples, n_labels) or list of tag lists
        Multilabel target: an indicator of 0 and 1, or the tags of each row. Entries
        that are NaN are not annotated, and count as 0.

    per_row : bool, default=False
        Whether to return the value of each row in place of the mean.

    Returns
    -------
    scumble : float or ndarray of shape (n_samples,)
        In [0, 1). 0 if the labels of a row are equally frequent.

    See Also
    --------
    REMEDIAL : Splits rows with a high value.

    Notes
    -----
    The formula of [1]_ has a product over all labels, with a ratio of 0 for labels that
    the row does not have. Taken literally, it is 1 for each row that lacks a label.
    Here the product is over the labels of the row, as in the authors' R package mldr. A
    row without labels has the value 0.

    References
    ----------
    .. [1] F. Charte, A. Rivera, M. J. del Jesus, F. Herrera, "Concurrence among
       Imbalanced Labels and Its Influence on Multilabel Resampling Algorithms", HAIS,
       2014.

    Examples
    --------
    >>> from skmultitag.sampling import scumble
    >>> y = [["a"], ["a"], ["a"], ["a", "b"]]  # the ratios of a and b are 1 and 4
    >>> scumble(y, per_row=True).round(3)  # 1 - 2 / 2.5 in the last row
    array([0. , 0. , 0. , 0.2])
    >>> round(scumble(y), 3)
    0.05
    """
    indicator = positives(read_target(y)[0])
    values = scumble_of_rows(indicator)
    return values if per_row else float(values.mean())


def scumble_of_rows(indicator):
    """SCUMBLE of each row of a sparse indicator."""
    # infinite ratios are of labels that are in no row
    ratios = imbalance_ratios(count_labels(indicator))
    n_labels = np.diff(indicator.indptr)
    n_or_one = np.maximum(n_labels, 1)
    geometric = np.exp(indicator @ np.log(ratios) / n_or_one)
    arithmetic = np.where(n_labels == 0, 1, indicator @ ratios / n_or_one)
    # rounding can leave equal means a little apart
    return np.where(n_labels <= 1, 0, np.maximum(1 - geometric / arithmetic, 0))

from numbers import Real

import numpy as np

from skmultitag.utils._annotation import positives
from skmultitag.utils._sklearn import Interval, validate_params
from skmultitag.utils._target_encoder import TargetEncoder


@validate_params(
    {
        "a": [Interval(Real, 0, None, closed="neither")],
        "b": [Interval(Real, 0, None, closed="left")],
    },
    prefer_skip_nested_validation=True,
)
def inverse_propensity(y_train, *, a=0.55, b=1.5):
    r"""Weights of labels in propensity-scored metrics, larger for rare labels.

    Use them if annotators forget rare labels more often than common ones. The
    propensity :math:`p_j` is the probability that label j is annotated in a row that
    should have it. Its inverse makes up for the rows in which the label was forgotten.
    If :math:`n_j` of the n training rows have the label, it is modeled [1]_ as

    .. math:: \frac{1}{p_j} = 1 + C (n_j + b)^{-a}, \qquad
              C = \max(\log n - 1, 0) \, (b + 1)^a .

    Read more in the :ref:`User Guide <ranking_at_k>`.

    Parameters
    ----------
    y_train : {array-like, sparse matrix} of shape (n_samples, n_labels)
        Targets of the training rows (not of the rows that the metric is computed for),
        or a list of tags for each row. If a label has entries that are not annotated
        (NaN), n is the number of its annotated rows.

    a : float, default=0.55
        How fast the propensity grows with :math:`n_j`, in (0, inf). Published values
        are 0.5 for Wikipedia and 0.6 for Amazon.

    b : float, default=1.5
        Number that is added to :math:`n_j`, in [0, inf). Published values are 0.4 for
        Wikipedia and 2.6 for Amazon.

    Returns
    -------
    inverse_propensity : ndarray of shape (n_labels,)
        In [1, inf], in the order of the columns, or of the sorted tags. Infinite only
        for a label without a positive if b is 0.

    References
    ----------
    .. [1] H. Jain, Y. Prabhu, M. Varma, "Extreme Multi-label Loss Functions for
       Recommendation, Tagging, Ranking & Other Missing Label Applications", KDD, 2016.

    Examples
    --------
    >>> from skmultitag.metrics import inverse_propensity
    >>> y_train = [[1, 1], [1, 0], [1, 0], [1, 0]]
    >>> inverse_propensity(y_train).round(2)
    array([1.25, 1.39])
    """
    y = TargetEncoder().fit_transform(y_train, name="y_train", allow_missing=True)
    n_positive = np.asarray(positives(y).sum(axis=0, dtype=np.float64)).ravel()
    n_annotated = y.shape[0] - np.asarray((y < 0).sum(axis=0)).ravel()
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.log(n_annotated) - 1
        inverse = 1 + factor * ((b + 1) / (n_positive + b)) ** a
    # of one or two rows nothing can be said
    return np.where(factor > 0, inverse, 1.0)

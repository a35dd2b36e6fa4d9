from numbers import Real

import numpy as np

from skmultitag.utils._annotation import positives
from skmultitag.utils._sklearn import Interval, validate_params
from skmultitag.utils._target_encoder import TargetEncoder


@validate_params(
    {
        "y_train": ["array-like", "sparse matrix"],
        "a": [Interval(Real, 0, None, closed="neither")],
        "b": [Interval(Real, 0, None, closed="left")],
    },
    prefer_skip_nested_validation=True,
)
def inverse_propensity(y_train, *, a=0.55, b=1.5):
    r"""What a label is worth in propensity-scored metrics: more, the rarer it is.

    Annotators forget rare labels more often than frequent ones. The propensity
    :math:`p_j` is the probability that a label which a row should have is there; its
    inverse makes up for the others. With :math:`n_j` the number of the n training rows
    that have the label, it is modeled [1]_ as

    .. math:: \frac{1}{p_j} = 1 + C (n_j + b)^{-a}, \qquad C = (\log n - 1) (b + 1)^a .

    Read more in the :ref:`User Guide <ranking_at_k>`.

    Parameters
    ----------
    y_train : {array-like, sparse matrix} of shape (n_samples, n_labels)
        Targets of the training rows, not of those that are judged. Or a list of tags
        for each row. Of a label with entries that are not annotated (NaN), n is the
        number of its annotated rows.

    a : float, default=0.55
        How fast the propensity grows, in (0, inf). Published values are 0.5 for
        Wikipedia and 0.6 for Amazon.

    b : float, default=1.5
        Where it begins to grow, in [0, inf). 0.4 for Wikipedia, 2.6 for Amazon.

    Returns
    -------
    inverse_propensity : ndarray of shape (n_labels,)
        In [1, inf), in the order of the columns, for tags of the sorted tags.

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
    with np.errstate(divide="ignore"):
        # of one or two rows nothing can be said
        factor = np.maximum(np.log(n_annotated) - 1, 0)
        return 1 + factor * ((b + 1) / (n_positive + b)) ** a

from numbers import Integral

import numpy as np

from skmultitag._confusion import safe_ratio
from skmultitag.thresholds._base import BaseThresholder
from skmultitag.utils._annotation import annotated, is_partial
from skmultitag.utils._sklearn import Interval
from skmultitag.utils._top_k import top_k_indicator


class TopKThreshold(BaseThresholder):
    """Predict the labels with the k largest scores of each row ("RCut").

    Use it if all rows have the same number of labels, or as a simple decision for a
    loss that only ranks. Each row gets exactly k labels. If scores are equal, the first
    labels are taken. Scores of different labels must be comparable.

    Read more in the :ref:`User Guide <threshold_rules>`.

    Parameters
    ----------
    k : int or None, default=None
        Number of labels of each row, in [0, inf). None takes the mean number in `fit`,
        rounded (halves up). If entries are not annotated, the mean number is the sum
        over labels of the frequency in the annotated rows of the label.

    Attributes
    ----------
    k_ : int
        The number of labels of each row.

    n_features_in_ : int
        Number of labels seen in `fit`.

    feature_names_in_ : ndarray of shape (n_labels,)
        Names of the columns of the scores, if they are strings.

    See Also
    --------
    LabelCountThreshold : Learns the number for each row from its scores.
    ExpectedFBetaThreshold : Chooses the number for each row by its probabilities.

    References
    ----------
    .. [1] Y. Yang, "A Study of Thresholding Strategies for Text Categorization",
       SIGIR, 2001.

    Examples
    --------
    >>> from skmultitag.thresholds import TopKThreshold
    >>> scores = [[0.2, 0.7, 0.1], [0.5, 0.1, 0.6]]
    >>> TopKThreshold(k=2).fit_transform(scores, [[0, 1, 0], [1, 0, 1]])
    array([[1, 1, 0],
           [1, 0, 1]])
    """

    _parameter_constraints = {"k": [Interval(Integral, 0, None, closed="left"), None]}

    def __init__(self, k=None):
        self.k = k

    def _fit(self, scores, y, sample_weight):
        self.k_ = self.k
        if self.k is None:
            mean = _mean_label_count(y, sample_weight)
            self.k_ = int(np.floor(mean + 0.5))

    def _decide(self, scores):
        return top_k_indicator(scores, self.k_)


def _mean_label_count(y, sample_weight):
    if not is_partial(y):
        return np.average(y.sum(axis=1), weights=sample_weight)
    weight = np.ones(len(y)) if sample_weight is None else sample_weight
    return safe_ratio(weight @ (y == 1), weight @ annotated(y)).sum()

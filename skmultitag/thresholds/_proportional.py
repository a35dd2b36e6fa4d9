import numpy as np

from skmultitag.thresholds._base import BaseThresholder
from skmultitag.thresholds._search import (
    each_label,
    ends_of_ties,
    midpoint_below,
    never_predicted,
)
from skmultitag.utils._sklearn import StrOptions


class ProportionalThreshold(BaseThresholder):
    """Thresholds that predict labels as often as they occur ("PCut").

    Use it if precision and recall should be about equal. It needs no measure and no
    calibration.

    Read more in the :ref:`User Guide <threshold_rules>`.

    Parameters
    ----------
    average : {"macro", "micro"}, default="macro"
        How many thresholds there are.

        - "macro": one for each label, with which it is predicted as often as it occurs;
        - "micro": one for all labels, with which rows get, on average, as many labels
          as they have.

    Attributes
    ----------
    threshold_ : float or ndarray of shape (n_labels,)
        Lowest score at which a label is predicted, halfway to the next lower score.
        Infinite for a label without a positive. If equal scores make the exact number
        of predictions impossible, the nearest number is taken, the smaller one of two.

    n_features_in_ : int
        Number of labels seen in `fit`.

    feature_names_in_ : ndarray of shape (n_labels,)
        Names of the columns of the scores, if they are strings.

    See Also
    --------
    FBetaThreshold : Thresholds with the best F-beta.

    References
    ----------
    .. [1] Y. Yang, "A Study of Thresholding Strategies for Text Categorization",
       SIGIR, 2001 (one for each label).
    .. [2] J. Read, B. Pfahringer, G. Holmes, E. Frank, "Classifier Chains for
       Multi-label Classification", Machine Learning 85, 2011 (one for all).

    Examples
    --------
    >>> from skmultitag.thresholds import ProportionalThreshold
    >>> scores = [[0.75], [0.5], [0.25], [0.0]]
    >>> y = [[1], [0], [1], [0]]
    >>> ProportionalThreshold().fit(scores, y).threshold_
    array([0.375])
    """

    _parameter_constraints = {"average": [StrOptions({"macro", "micro"})]}

    def __init__(self, average="macro"):
        self.average = average

    def _fit(self, scores, y, sample_weight):
        scores, y = never_predicted(scores, y)
        weight = np.ones(len(y)) if sample_weight is None else sample_weight
        labels = each_label(scores, y, weight, self.average)
        thresholds = [_proportional_threshold(*label) for label in labels]
        is_one = self.average == "micro"
        self.threshold_ = thresholds[0] if is_one else np.array(thresholds)


def _proportional_threshold(scores, y, weight):
    """The threshold that predicts nearest to the number of positives, by weight."""
    order = np.argsort(-scores)
    ordered = scores[order]
    is_last = ends_of_ties(ordered)
    counts = np.append(0, np.cumsum(weight[order])[is_last])
    best = np.argmin(np.abs(counts - weight @ y))
    if best == 0:
        return np.inf
    return midpoint_below(scores, ordered[is_last][best - 1])

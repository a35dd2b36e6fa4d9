from numbers import Real

import numpy as np

from skmultitag.thresholds._base import BaseThresholder
from skmultitag.utils._by_label import in_order_of_labels
from skmultitag.utils._messages import naming, shorten
from skmultitag.utils._sklearn import Interval


class FixedThreshold(BaseThresholder):
    """Predict a label if its score is at least a given number.

    Use it for a threshold that you know already, in a place that needs a thresholder.

    Read more in the :ref:`User Guide <threshold_rules>`.

    Parameters
    ----------
    threshold : float, array-like of shape (n_labels,) or dict, default=0.5
        Lowest score at which a label is predicted: one for all labels, one for each
        label in their order, or a dict or Series of them by name. It can be infinite:
        inf never predicts the label, -inf always. The names are the columns of scores
        in a DataFrame; in :class:`~skmultitag.ThresholdedClassifierCV` they are its
        `label_names_`.

    Attributes
    ----------
    threshold_ : float or ndarray of shape (n_labels,)
        The threshold.

    n_features_in_ : int
        Number of labels seen in `fit`.

    feature_names_in_ : ndarray of shape (n_labels,)
        Names of the columns of the scores, if they are strings.

    See Also
    --------
    FBetaThreshold : Chooses thresholds for the best F-beta.

    Examples
    --------
    >>> from skmultitag.thresholds import FixedThreshold
    >>> scores = [[0.2, 0.7], [0.5, 0.1]]
    >>> FixedThreshold().fit_transform(scores, [[0, 1], [1, 0]])
    array([[0, 1],
           [1, 0]])

    By name, around a classifier:

    >>> from sklearn.neighbors import KNeighborsClassifier
    >>> from skmultitag import ThresholdedClassifierCV
    >>> by_name = FixedThreshold({"cat": 0.4, "dog": 0.6})
    >>> model = ThresholdedClassifierCV(KNeighborsClassifier(2), by_name, cv=2)
    >>> tags = [["dog"], ["cat"], ["cat", "dog"], ["cat"]]
    >>> model.fit([[0.0], [1.0], [2.0], [3.0]], tags).threshold_
    array([0.4, 0.6])
    """

    _parameter_constraints = {
        "threshold": [Interval(Real, None, None, closed="both"), "array-like", dict]
    }

    def __init__(self, threshold=0.5):
        self.threshold = threshold

    def _fit(self, scores, y, sample_weight):
        if isinstance(self.threshold, Real):
            self.threshold_ = float(self.threshold)
            return
        # inside of a classifier, the names come from its y
        is_inside = hasattr(self, "_names_of_labels")
        threshold = in_order_of_labels(
            self.threshold,
            self._names_of_columns,
            name="threshold",
            named_by=f"{'y' if is_inside else 'scores'} as a DataFrame",
        )
        with naming("threshold"):
            threshold = np.asarray(threshold, dtype=np.float64)
        if threshold.shape != scores.shape[1:]:
            raise ValueError(
                "threshold must be a number or an array of shape"
                f" {scores.shape[1:]}. Got shape {threshold.shape} instead."
            )
        if np.isnan(threshold).any():
            raise ValueError(
                f"threshold must not be NaN. Got {shorten(threshold)} instead."
            )
        self.threshold_ = threshold

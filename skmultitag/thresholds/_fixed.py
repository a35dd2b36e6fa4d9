from numbers import Real

import numpy as np

from skmultitag.thresholds._base import BaseThresholder
from skmultitag.utils._messages import naming, shorten
from skmultitag.utils._sklearn import Interval


class FixedThreshold(BaseThresholder):
    """Predict a label if its score is at least a given number.

    Use it for a threshold that you know already, in a place that needs a thresholder.

    Read more in the :ref:`User Guide <threshold_rules>`.

    Parameters
    ----------
    threshold : float or array-like of shape (n_labels,), default=0.5
        Lowest score at which a label is predicted: one for all labels, or one for each
        label. It can be infinite: inf never predicts the label, -inf always.

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
    """

    _parameter_constraints = {
        "threshold": [Interval(Real, None, None, closed="both"), "array-like"]
    }

    def __init__(self, threshold=0.5):
        self.threshold = threshold

    def _fit(self, scores, y, sample_weight):
        if isinstance(self.threshold, Real):
            self.threshold_ = float(self.threshold)
            return
        with naming("threshold"):
            threshold = np.asarray(self.threshold, dtype=np.float64)
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

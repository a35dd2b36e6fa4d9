from numbers import Real

import numpy as np

from skmultitag._confusion import square_of
from skmultitag.thresholds._base import ProbabilityThresholder
from skmultitag.thresholds._fbeta import FBetaThreshold
from skmultitag.utils._score_transformer import fitted_inside
from skmultitag.utils._sklearn import Interval, StrOptions


class HalfFThreshold(ProbabilityThresholder):
    r"""Half of the best F1 as the threshold on calibrated probabilities.

    Use it in place of :class:`FBetaThreshold` if rows are few and probabilities are
    calibrated. With true probabilities, the threshold with the best expected F1 is half
    of this F1. For F-beta it is :math:`F^* / (1 + \beta^2)`. Fewer rows are needed to
    estimate the best F-beta than the threshold at which it is reached. So this
    threshold varies less than a tuned one, but it is only as good as the probabilities.
    Platt scaling first turns scores outside [0, 1] into probabilities.

    Read more in the :ref:`User Guide <threshold_rules>`.

    Parameters
    ----------
    beta : float, default=1.0
        Weight of recall against precision, in (0, inf).

    average : {"macro", "micro"}, default="macro"
        Which F-beta, and how many thresholds.

        - "macro": one threshold for each label, from its best F-beta;
        - "micro": one threshold for all labels, from the best F-beta of all entries.

    Attributes
    ----------
    threshold_ : float or ndarray of shape (n_labels,)
        Lowest probability at which a label is predicted. Infinite for a label without a
        positive.

    score_ : float or ndarray of shape (n_labels,)
        The best F-beta that a threshold reaches on the rows of `fit`.

    calibrator_ : PlattCalibrator or None
        Turns scores into probabilities. None if the scores in `fit` are in [0, 1].

    n_features_in_ : int
        Number of labels seen in `fit`.

    feature_names_in_ : ndarray of shape (n_labels,)
        Names of the columns of the scores, if they are strings.

    See Also
    --------
    FBetaThreshold : Uses the threshold at which the best F-beta is reached.
    skmultitag.calibration.PlattCalibrator : Turns scores into probabilities.

    References
    ----------
    .. [1] Z. C. Lipton, C. Elkan, B. Naryanaswamy, "Optimal Thresholding of Classifiers
       to Maximize F1 Measure", ECML PKDD, 2014.
    .. [2] N. Ye, K. M. A. Chai, W. S. Lee, H. L. Chieu, "Optimizing F-measures: A Tale
       of Two Approaches", ICML, 2012.

    Examples
    --------
    >>> from skmultitag.thresholds import HalfFThreshold
    >>> proba = [[0.9], [0.5], [0.25], [0.0]]
    >>> y = [[1], [0], [1], [0]]
    >>> HalfFThreshold().fit(proba, y).threshold_  # the best F1 is 4/5
    array([0.4])
    """

    _parameter_constraints = {
        "beta": [Interval(Real, 0, None, closed="neither")],
        "average": [StrOptions({"macro", "micro"})],
    }

    def __init__(self, beta=1.0, average="macro"):
        self.beta = beta
        self.average = average

    def _fit_proba(self, proba, y, sample_weight):
        tuned = FBetaThreshold(self.beta, self.average)
        fitted_inside(tuned, proba, y, sample_weight)
        self.score_ = tuned.score_
        half = self.score_ / (1 + square_of(self.beta))
        # a label without positives keeps the infinite threshold
        self.threshold_ = np.where(np.isinf(tuned.threshold_), np.inf, half)[()]

import numpy as np

from skmultitag.calibration import PlattCalibrator
from skmultitag.thresholds._base import BaseThresholder
from skmultitag.utils._quantiles import column_quantiles
from skmultitag.utils._score_transformer import fitted_inside

_FLAT = 1e-9  # distance from the chord that is no more than rounding


class PlattKnee(BaseThresholder):
    """One threshold at the knee of the curve of sorted probabilities.

    Platt scaling turns the scores of each label into probabilities, and the
    probabilities of each row are sorted from high to low. The median of all rows at
    each rank is a curve. It falls steeply over the labels that rows have, and is flat
    over the other labels. The threshold for all labels is the probability at the knee
    of the curve, the point that is farthest from the straight line between its ends.

    The targets are used only for calibration, and no measure is optimized. If you want
    the best F-beta, use :class:`FBetaThreshold`.

    Read more in the :ref:`User Guide <threshold_rules>`.

    Attributes
    ----------
    threshold_ : float
        Lowest probability, after Platt scaling, at which a label is predicted: the
        value of the median curve at its knee. 0.5 if there is no knee.

    knee_ : int or None
        Rank of the knee, from 0. None if the curve has no knee: with one or two labels,
        or if it is a straight line.

    median_curve_ : ndarray of shape (n_labels,)
        Median over rows of the probability at each rank.

    quartiles_ : ndarray of shape (2, n_labels)
        Lower and upper quartile over rows of the probability at each rank.

    calibrator_ : PlattCalibrator
        Turns scores into probabilities.

    n_features_in_ : int
        Number of labels seen in `fit`.

    feature_names_in_ : ndarray of shape (n_labels,)
        Names of the columns of the scores, if they are strings.

    See Also
    --------
    skmultitag.plotting.KneeDisplay : Draws the curve.
    FBetaThreshold : With ``average="micro"``, finds the one threshold with the best
        F-beta.

    References
    ----------
    .. [1] G. Bénédict, V. Koops, D. Odijk, M. de Rijke, "sigmoidF1: A Smooth F1 Score
       Surrogate Loss for Multilabel Classification", TMLR, 2022 (Figure 2).
    .. [2] V. Satopää, J. Albrecht, D. Irwin, B. Raghavan, "Finding a 'Kneedle' in a
       Haystack", ICDCS Workshops, 2011.

    Examples
    --------
    >>> from skmultitag import PlattKnee
    >>> from skmultitag.datasets import make_multitag_classification
    >>> _, y, proba = make_multitag_classification(return_proba=True, random_state=0)
    >>> knee = PlattKnee().fit(proba, y)
    >>> knee.knee_, knee.median_curve_.round(2)[:4]
    (3, array([0.89, 0.51, 0.18, 0.08]))
    >>> round(knee.threshold_, 2)
    0.08
    """

    def _fit(self, scores, y, sample_weight):
        self.calibrator_ = fitted_inside(PlattCalibrator(), scores, y, sample_weight)
        proba = self.calibrator_.transform(scores)
        proba *= -1
        proba.sort(axis=1)
        proba *= -1
        lower, self.median_curve_, upper = column_quantiles(
            proba, (0.25, 0.5, 0.75), sample_weight
        )
        self.quartiles_ = np.stack([lower, upper])
        self.knee_ = _knee(self.median_curve_)
        self.threshold_ = 0.5
        if self.knee_ is not None:
            self.threshold_ = float(self.median_curve_[self.knee_])

    def _decide(self, scores):
        return super()._decide(self.calibrator_.transform(scores))


def _knee(curve):
    """Place of the point farthest from the chord, or None."""
    chord = np.linspace(curve[0], curve[-1], len(curve))
    distance = np.abs(curve - chord)
    knee = int(distance.argmax())
    return knee if distance[knee] > _FLAT else None

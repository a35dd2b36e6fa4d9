import numpy as np
from sklearn.isotonic import IsotonicRegression

from skmultitag.calibration._base import BaseCalibrator
from skmultitag.utils._annotation import (
    annotated,
    is_partial,
    without_empty_labels,
)


class IsotonicCalibrator(BaseCalibrator):
    """Isotonic calibration of all labels: one curve that never falls for each label.

    Use it if labels have many positives. The curve can have any shape that never falls,
    so it fits probabilities as well as margins. But it needs more positives than
    :class:`PlattCalibrator`, or it fits noise. It makes some different scores equal,
    which harms rankings.

    Read more in the :ref:`User Guide <calibration>`.

    Attributes
    ----------
    regressors_ : list of IsotonicRegression
        The curve of each label.

    n_features_in_ : int
        Number of labels seen in `fit`.

    feature_names_in_ : ndarray of shape (n_labels,)
        Names of the columns of the scores, if they are strings.

    See Also
    --------
    PlattCalibrator : A logistic curve with two parameters for each label.
    sklearn.isotonic.IsotonicRegression : Fits the curve of each label.

    References
    ----------
    .. [1] B. Zadrozny, C. Elkan, "Transforming Classifier Scores into Accurate
       Multiclass Probability Estimates", KDD, 2002.

    Examples
    --------
    >>> from skmultitag.calibration import IsotonicCalibrator
    >>> scores = [[0.1], [0.2], [0.3], [0.4]]
    >>> y = [[0], [1], [0], [1]]
    >>> IsotonicCalibrator().fit_transform(scores, y).ravel()
    array([0. , 0.5, 0.5, 1. ])
    """

    def _fit(self, scores, y, sample_weight):
        y = without_empty_labels(y)
        self.regressors_ = [
            _fit_curve(label_scores, label_y, sample_weight)
            for label_scores, label_y in zip(scores.T, y.T, strict=True)
        ]

    def _transform(self, scores):
        proba = np.empty_like(scores)
        for label, regressor in enumerate(self.regressors_):
            proba[:, label] = regressor.predict(scores[:, label])
        # between two steps, 1 can be rounded to more
        return np.clip(proba, 0, 1, out=proba)


def _fit_curve(scores, y, sample_weight):
    if is_partial(y):
        kept = annotated(y)
        scores, y = scores[kept], y[kept]
        sample_weight = None if sample_weight is None else sample_weight[kept]
    curve = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip")
    # numpy interpolates float64; float32 would be for scipy, whose versions round
    # differently, so that a threshold at a step could decide differently
    return curve.fit(scores.astype(np.float64), y.astype(np.float64), sample_weight)

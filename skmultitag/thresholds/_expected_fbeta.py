from numbers import Real

import numpy as np

from skmultitag.thresholds._base import ProbabilityThresholder
from skmultitag.utils._blocks import row_blocks
from skmultitag.utils._expected_fbeta import expected_fbeta_of_first
from skmultitag.utils._sklearn import Interval, Options
from skmultitag.utils._top_k import top_k_indicator


class ExpectedFBetaThreshold(ProbabilityThresholder):
    r"""Predict the labels with the best expected F-beta of each row.

    Use it for F-beta with ``average="samples"``, which depends on each row alone. If
    the labels of a row are independent given the scores, the best decision is to
    predict its k likeliest labels. The expected F-beta of each k is computed exactly
    from the distribution of the number of labels. Nothing is tuned. If scores are
    outside [0, 1], `fit` turns them into probabilities by Platt scaling.

    Read more in the :ref:`User Guide <threshold_rules>`.

    Parameters
    ----------
    beta : float, default=1.0
        Weight of recall against precision, in (0, inf).

    zero_division : {0.0, 1.0}, default=0.0
        F-beta of a row without labels if none is predicted. With 0, it never pays to
        predict no label. So each row gets at least one label, unless all its
        probabilities are 0.

    Attributes
    ----------
    calibrator_ : PlattCalibrator or None
        Turns scores into probabilities. None if the scores in `fit` are in [0, 1].

    n_features_in_ : int
        Number of labels seen in `fit`.

    feature_names_in_ : ndarray of shape (n_labels,)
        Names of the columns of the scores, if they are strings.

    See Also
    --------
    FBetaThreshold : With ``average="samples"``, tunes one threshold for all rows.
    skmultitag.calibration.PlattCalibrator : Turns scores into probabilities.

    Notes
    -----
    If S is the number of labels of a row and :math:`S_{-i}` is the number of its labels
    other than i, the expected F-beta of the k likeliest labels is

    .. math::
        \sum_{s \ge 1} \frac{1 + \beta^2}{\beta^2 s + k}
        \sum_{i \le k} p_i \, P(S_{-i} = s - 1).

    The time for a row is proportional to n_labels times the largest number of labels
    that the row has with a probability that is not negligible.

    References
    ----------
    .. [1] N. Ye, K. M. A. Chai, W. S. Lee, H. L. Chieu, "Optimizing F-measures: A Tale
       of Two Approaches", ICML, 2012.
    .. [2] W. Waegeman, K. Dembczynski, A. Jachnik, W. Cheng, E. Huellermeier, "On the
       Bayes-Optimality of F-Measure Maximizers", JMLR 15, 2014.

    Examples
    --------
    >>> from skmultitag.thresholds import ExpectedFBetaThreshold
    >>> proba = [[0.9, 0.4, 0.1], [0.4, 0.35, 0.3]]
    >>> ExpectedFBetaThreshold().fit_transform(proba, [[1, 0, 0], [0, 1, 0]])
    array([[1, 0, 0],
           [1, 1, 1]])
    """

    _parameter_constraints = {
        "beta": [Interval(Real, 0, None, closed="neither")],
        "zero_division": [Options(Real, {0.0, 1.0})],
    }

    def __init__(self, beta=1.0, *, zero_division=0.0):
        self.beta = beta
        self.zero_division = zero_division

    def _fit_proba(self, proba, y, sample_weight):
        """Nothing to learn."""

    def _decide_proba(self, proba):
        k = np.empty(len(proba), dtype=np.int64)
        for rows in row_blocks(*proba.shape, in_cache=True):
            ordered = -np.sort(-proba[rows].astype(np.float64), axis=1)
            expected = expected_fbeta_of_first(ordered, self.beta, self.zero_division)
            k[rows] = expected.argmax(axis=1)
        return top_k_indicator(proba, k)

import numpy as np
from scipy import linalg

from skmultitag.thresholds._base import BaseThresholder
from skmultitag.utils._annotation import annotated, is_partial
from skmultitag.utils._quantiles import column_quantiles

# How far a threshold lies beyond all scores of a row, as a share of their usual range,
# where predicting none or all of its labels is best.
_MARGIN = 0.1

# What is taken for 0 of the scores, as a share of their largest direction.
_ROUNDING = 1e-10


class LinearThreshold(BaseThresholder):
    r"""A threshold for each row, as a linear function of its scores.

    Use it for losses that only rank the labels of a row, or for scores of any other
    classifier. Rank-SVM [1]_ and BP-MLL [2]_ decide in this way. For each row of `fit`,
    the threshold with the fewest wrong labels is computed. The function

    .. math:: t(s) = \sum_j a_j s_j + b

    is fitted to these thresholds by least squares, and predicts the threshold of new
    rows. Decisions do not change if all scores, in `fit` too, are multiplied by a
    positive factor or get the same number added.

    Read more in the :ref:`User Guide <linear_threshold>`.

    Attributes
    ----------
    coef_ : ndarray of float64 of shape (n_labels,)
        The factors :math:`a_j` of the scores.

    intercept_ : float
        The number b that is added.

    n_features_in_ : int
        Number of labels seen in `fit`.

    feature_names_in_ : ndarray of shape (n_labels,)
        Names of the columns of the scores, if they are strings.

    See Also
    --------
    LabelCountThreshold : Learns how many labels a row has.
    FBetaThreshold : Uses the same threshold for all rows.
    skmultitag.losses.BPMLLLoss : A loss whose paper decides in this way.
    skmultitag.losses.PairHingeLoss : The loss of Rank-SVM.

    Notes
    -----
    The papers leave some details open. They are as follows:

    - If several intervals have the fewest wrong labels, the widest is taken, and the
      highest of equally wide ones. The threshold is its middle.
    - If it is best to predict no label, or all labels, the interval reaches beyond the
      scores of the row by a tenth of the usual range of scores: the median over rows of
      the difference between largest and smallest score.
    - Rows that have no label, or all labels, are left out unless there are no others.
    - The papers fit the function on scores of training rows.
      :class:`~skmultitag.ThresholdedClassifierCV` fits it on out-of-fold scores.

    If entries are not annotated, the threshold of a row is computed from its annotated
    labels alone. The function takes the scores of all labels.

    The time to fit grows with the number of rows times the square of the number of
    labels. With fewer rows than labels, the function fits the thresholds perfectly but
    predicts badly.

    References
    ----------
    .. [1] A. Elisseeff, J. Weston, "A Kernel Method for Multi-Labelled Classification",
       NIPS, 2001.
    .. [2] M.-L. Zhang, Z.-H. Zhou, "Multilabel Neural Networks with Applications to
       Functional Genomics and Text Categorization", IEEE TKDE 18(10), 2006.

    Examples
    --------
    >>> from skmultitag.thresholds import LinearThreshold
    >>> scores = [[-0.8, 0.5, 0.6], [0.9, -0.8, -0.4], [0.7, -0.6, 0.9]]
    >>> y = [[0, 1, 1], [1, 0, 0], [1, 0, 1]]
    >>> thresholder = LinearThreshold().fit(scores, y)
    >>> thresholder.predict_threshold(scores).round(2)  # middles, (-0.8 + 0.5) / 2 etc.
    array([-0.15,  0.25,  0.05])
    >>> thresholder.transform([[0.1, 0.0, -0.9]])
    array([[0, 0, 0]])
    """

    def _fit(self, scores, y, sample_weight):
        scaled, exponent = _scaled(scores)
        is_used = (y == 1).any(axis=1) & (y == 0).any(axis=1)
        if not is_used.any():
            is_used = (y >= 0).any(axis=1)
        scaled, y = scaled[is_used], y[is_used]
        if sample_weight is not None:
            sample_weight = sample_weight[is_used]
        targets = _best_thresholds(scaled, y, _usual_range(scaled, sample_weight))
        self.coef_, intercept = _least_squares(scaled, targets, sample_weight)
        self.intercept_ = float(np.ldexp(intercept, exponent))

    def predict_threshold(self, scores):
        """Predict the threshold of each row.

        Parameters
        ----------
        scores : array-like of shape (n_samples, n_labels)
            Scores, as in `fit`.

        Returns
        -------
        threshold : ndarray of float64 of shape (n_samples,)
            Labels with a score above it are predicted.
        """
        threshold, _, exponent = self._scaled_threshold(self._check_scores(scores))
        return np.ldexp(threshold, exponent)

    def _decide(self, scores):
        threshold, scaled, _ = self._scaled_threshold(scores)
        return scaled > threshold[:, None]

    def _scaled_threshold(self, scores):
        scaled, exponent = _scaled(scores)
        # not by BLAS, whose rounding differs with the number of rows
        threshold = (scaled * self.coef_).sum(axis=1)
        return threshold + np.ldexp(self.intercept_, -exponent), scaled, exponent


def _least_squares(X, y, sample_weight):
    """Factors and intercept with the least squares, the shortest factors of all."""
    X_mean = np.average(X, axis=0, weights=sample_weight)
    y_mean = np.average(y, weights=sample_weight)
    root = 1.0 if sample_weight is None else np.sqrt(sample_weight)[:, None]
    # not LinearRegression: what it takes for rounding depends on its version
    coef, *_ = linalg.lstsq(
        root * (X - X_mean), root * (y - y_mean)[:, None], cond=_ROUNDING
    )
    coef = coef.ravel()
    return coef, y_mean - X_mean @ coef


def _scaled(scores):
    """Scores in [-1, 1] and the exponent of the power of two that they were divided by.

    Nothing is rounded by it, and nothing can overflow then.
    """
    scores = np.ascontiguousarray(scores, dtype=np.float64)
    _, exponent = np.frexp(np.abs(scores).max(initial=0))
    return np.ldexp(scores, -exponent), exponent


def _usual_range(scores, sample_weight):
    """Median over rows of the range of scores; if 0, the range of all scores, or 1."""
    [[usual]] = column_quantiles(
        np.ptp(scores, axis=1, keepdims=True), [0.5], sample_weight
    )
    return usual or np.ptp(scores) or 1.0


def _best_thresholds(scores, y, usual_range):
    """For each row, the middle of the widest interval with the fewest wrong labels.

    Labels that are not annotated get the lowest annotated score of the row, so they cut
    no interval. They are never wrong.

    Returns
    -------
    thresholds : ndarray of shape (n_samples,)
    """
    if is_partial(y):
        lowest = scores.min(axis=1, keepdims=True, where=annotated(y), initial=np.inf)
        scores = np.where(annotated(y), scores, lowest)
    order = np.argsort(-scores, axis=1)
    ordered = np.take_along_axis(scores, order, axis=1)
    y = np.take_along_axis(y, order, axis=1)
    is_positive = y == 1
    # of the intervals above and below each score, from high to low
    steps = np.where(is_positive, -1, 1)
    if is_partial(y):
        steps[y < 0] = 0
    n_positives = is_positive.sum(axis=1, keepdims=True)
    n_wrong = np.cumsum(np.hstack([n_positives, steps]), axis=1)
    beyond = _MARGIN * usual_range
    edges = np.hstack([ordered[:, :1] + beyond, ordered, ordered[:, -1:] - beyond])
    width = edges[:, :-1] - edges[:, 1:]
    # equal scores are decided together
    n_wrong[width == 0] = y.shape[1] + 1
    is_best = n_wrong == n_wrong.min(axis=1, keepdims=True)
    best = np.where(is_best, width, -1).argmax(axis=1)[:, None]
    ends = np.take_along_axis(edges, best, 1), np.take_along_axis(edges, best + 1, 1)
    return (ends[0] + ends[1]).ravel() / 2

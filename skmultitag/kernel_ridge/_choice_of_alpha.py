"""What leave-one-out scores are worth."""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin

from skmultitag.kernel_ridge._leave_one_out import coded
from skmultitag.kernel_ridge._sign_of_scores import SignOfScoresMixin
from skmultitag.metrics import get_scorer
from skmultitag.utils._blocks import row_blocks
from skmultitag.utils._messages import shorten


class _KnownScores(SignOfScoresMixin, ClassifierMixin, BaseEstimator):
    """A classifier as scorers see it, of which the scores are known: they are its X."""

    def __init__(self, encoder):
        self._encoder = encoder
        self.classes_ = encoder.classes_

    def decision_function(self, X):
        return X


def make_criterion(scoring, y, encoder, sample_weight):
    """A function of leave-one-out scores; larger is better.

    Parameters
    ----------
    scoring : str, callable or None
        None is the R^2, in the mean over the labels that vary.

    y : ndarray of uint8 of shape (n_samples, n_labels)
        Indicator.

    encoder : TargetEncoder

    sample_weight : ndarray of shape (n_samples,) or None
    """
    if scoring is None:
        return _mean_r2(y, np.ones(len(y)) if sample_weight is None else sample_weight)
    scorer, classifier = get_scorer(scoring), _KnownScores(encoder)
    target = encoder.as_target(y)
    params = {} if sample_weight is None else {"sample_weight": sample_weight}

    def criterion(scores):
        margin = encoder.as_margin(scores)
        try:
            value = float(scorer(classifier, margin, target, **params))
        except AttributeError as exc:
            if "predict_proba" not in str(exc):
                raise
            raise ValueError(
                f"scoring={shorten(scoring)} needs predict_proba, which kernel ridge"
                " does not have. Pass a scorer that uses predict or decision_function."
            ) from exc
        if np.isnan(value):
            raise ValueError(
                f"scoring={shorten(scoring)} is NaN for the leave-one-out scores, so it"
                " can't choose an alpha. Is it defined for labels without positives?"
            )
        return value

    return criterion


def _mean_r2(y, sample_weight):
    weights = np.stack([sample_weight, sample_weight > 0])
    sums = sum(weights[:, rows] @ y[rows] for rows in row_blocks(*y.shape))
    (total, n_rows), (of_positives, n_positives) = weights.sum(axis=1), sums
    varies = (n_positives > 0) & (n_positives < n_rows)
    share = of_positives / total
    variance = 4 * share * (1 - share) * total

    def criterion(scores):
        error = np.zeros(y.shape[1])
        for rows in row_blocks(*y.shape):
            difference = scores[rows] - coded(y[rows], scores.dtype)
            error += sample_weight[rows] @ difference**2
        if not varies.any():  # whatever alpha is, scores are the constants
            return 1.0
        return float(1 - (error[varies] / variance[varies]).mean())

    return criterion

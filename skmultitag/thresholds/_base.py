"""What all thresholders share: from a score matrix to an indicator matrix."""

import numpy as np

from skmultitag.calibration import PlattCalibrator
from skmultitag.utils._score_transformer import ScoreTransformer, fitted_inside


class BaseThresholder(ScoreTransformer):
    """Base class of thresholders: a transformer from scores to decisions.

    A subclass defines `_fit`, which sets `threshold_`. If its decision is not a
    comparison with `threshold_`, it defines `_decide` too.
    """

    def transform(self, scores):
        """Decide which labels the rows get.

        Parameters
        ----------
        scores : array-like of shape (n_samples, n_labels)
            Scores, as in `fit`.

        Returns
        -------
        indicator : ndarray of int64 of shape (n_samples, n_labels)
            1 if the label is predicted, else 0.
        """
        return self._decide(self._check_scores(scores)).astype(np.int64)

    def _decide(self, scores):
        # an array, as a number would be rounded to float32 for float32 scores
        return scores >= np.atleast_1d(self.threshold_)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []
        return tags


class ProbabilityThresholder(BaseThresholder):
    """Base class of thresholders that need probabilities.

    If a score is outside [0, 1], even one of an entry that is not annotated, Platt
    scaling first turns all scores into probabilities. A subclass defines `_fit_proba`
    in place of `_fit`, and `_decide_proba` in place of `_decide`.
    """

    def _fit(self, scores, y, sample_weight):
        self.calibrator_ = None
        if scores.min() < 0 or scores.max() > 1:
            self.calibrator_ = fitted_inside(
                PlattCalibrator(), scores, y, sample_weight
            )
        self._fit_proba(self._probabilities(scores), y, sample_weight)

    def _decide(self, scores):
        return self._decide_proba(self._probabilities(scores))

    def _decide_proba(self, proba):
        return super()._decide(proba)

    def _probabilities(self, scores):
        if self.calibrator_ is not None:
            return self.calibrator_.transform(scores)
        if scores.min() < 0 or scores.max() > 1:
            raise ValueError(
                f"scores must be in [0, 1], as {type(self).__name__} was fitted on"
                f" probabilities. Got scores from {scores.min():.3g} to"
                f" {scores.max():.3g}. Pass scores of the same kind as in fit."
            )
        return scores

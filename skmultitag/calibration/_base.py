"""What the calibrators share: from a score matrix to a matrix of probabilities."""

from skmultitag.utils._score_transformer import ScoreTransformer


class BaseCalibrator(ScoreTransformer):
    """Base class of calibrators.

    A subclass defines `_fit`, which sets its attributes, and `_transform`.
    """

    def transform(self, scores):
        """Turn scores into calibrated probabilities.

        Parameters
        ----------
        scores : array-like of shape (n_samples, n_labels)
            Scores, as in `fit`.

        Returns
        -------
        proba : ndarray of shape (n_samples, n_labels)
            Probability of each label, in [0, 1]. float32 if the scores are float32,
            else float64.
        """
        return self._transform(self._check_scores(scores))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

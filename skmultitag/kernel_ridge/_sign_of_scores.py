"""Decisions by the sign of scores that estimate -1 and 1."""

from skmultitag.utils._labelled_classifier import LabelledClassifierMixin
from skmultitag.utils._scores import columns_of_margin


class SignOfScoresMixin(LabelledClassifierMixin):
    """Mixin that predicts the labels of positive scores, or the class of the largest.

    For a classifier with `decision_function` and `_encoder`.
    """

    def predict(self, X):
        """Predict the labels of each row.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Features, as in `decision_function`.

        Returns
        -------
        y : {ndarray, sparse matrix} of shape (n_samples, n_labels) or (n_samples,)
            Indicator of the labels with a positive `decision_function`. It has the
            dtype of the `y` seen in `fit` (int64 for tags), and is sparse if `y` was
            sparse. If `y` had one dimension, classes; with more than two classes, the
            class with the largest value.
        """
        scores = columns_of_margin(self.decision_function(X))
        return self._encoder.inverse_transform(self._encoder.decide(scores))

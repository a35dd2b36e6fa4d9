"""Decisions by the sign of scores that estimate -1 and 1."""

from skmultitag.utils._labelled_classifier import LabelledClassifierMixin


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
        scores = self.decision_function(X)
        if self._encoder.kind_ == "multiclass":
            is_predicted = scores == scores.max(axis=1, keepdims=True)
        else:
            is_predicted = scores.reshape(len(scores), -1) > 0
        return self._encoder.inverse_transform(is_predicted)

"""What all thresholders share: from a score matrix to an indicator matrix."""

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import check_array
from sklearn.utils.validation import check_is_fitted, validate_data

from skmultitag.utils._sklearn import check_sample_weight, fit_context

SCORE_DTYPES = (np.float64, np.float32)


class BaseThresholder(TransformerMixin, BaseEstimator):
    """Base class of thresholders: a transformer from scores to decisions.

    A subclass writes `_fit`, which returns the threshold.
    """

    _parameter_constraints = {}

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, scores, y, sample_weight=None):
        """Choose the threshold.

        Parameters
        ----------
        scores : array-like of shape (n_samples, n_labels)
            Scores of rows that the classifier was not trained on: probabilities or
            other numbers, larger where a label is likelier.

        y : {array-like, sparse matrix} of shape (n_samples, n_labels)
            Targets in {0, 1}.

        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.

        Returns
        -------
        self : object
            The fitted thresholder.
        """
        scores = validate_data(self, scores, dtype=SCORE_DTYPES)
        y = y.toarray() if sparse.issparse(y) else check_array(y, input_name="y")
        if y.shape != scores.shape:
            raise ValueError(
                f"scores have shape {scores.shape} but y has shape {y.shape}; they must"
                " be the same."
            )
        if not np.isin(y, (0, 1)).all():
            raise ValueError("y must hold 0 and 1 only.")
        weight = check_sample_weight(sample_weight, scores)
        self.threshold_ = self._fit(scores, y.astype(bool), weight)
        return self

    def transform(self, scores):
        """Decide which labels the rows get.

        Parameters
        ----------
        scores : array-like of shape (n_samples, n_labels)
            Scores, as in `fit`.

        Returns
        -------
        indicator : ndarray of int64 of shape (n_samples, n_labels)
            1 where the score is the threshold or more.
        """
        check_is_fitted(self)
        scores = validate_data(self, scores, dtype=SCORE_DTYPES, reset=False)
        return (scores >= self.threshold_).astype(np.int64)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags

"""What the calibrators share: from a score matrix to a matrix of probabilities."""

from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils import ClassifierTags
from sklearn.utils.metadata_routing import UNUSED
from sklearn.utils.validation import check_is_fitted, validate_data

from skmultitag.utils._scores import SCORE_DTYPES, check_scores_and_target
from skmultitag.utils._sklearn import fit_context


class BaseCalibrator(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Base class of calibrators.

    A subclass writes `_fit`, which sets its attributes, and `_transform`.
    """

    _parameter_constraints = {}

    # scores are the data, not metadata to be routed
    __metadata_request__fit = {"scores": UNUSED}
    __metadata_request__transform = {"scores": UNUSED}

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, scores, y, sample_weight=None):
        """Learn how often a label is there, given its score.

        Parameters
        ----------
        scores : array-like of shape (n_samples, n_labels)
            Scores of rows that the classifier was not trained on: margins, logits,
            probabilities.

        y : {array-like, sparse matrix} of shape (n_samples, n_labels) or (n_samples,)
            Targets in {0, 1}. A `y` of one dimension, of two classes, is the target of
            each column.

        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.

        Returns
        -------
        self : object
            The fitted calibrator.
        """
        scores, y, weight = check_scores_and_target(self, scores, y, sample_weight)
        self._fit(scores, y, weight)
        return self

    def transform(self, scores):
        """Calibrate scores.

        Parameters
        ----------
        scores : array-like of shape (n_samples, n_labels)
            Scores, as in `fit`.

        Returns
        -------
        proba : ndarray of shape (n_samples, n_labels)
            Probability of each label, in [0, 1]; float32 for float32 scores, else
            float64.
        """
        check_is_fitted(self)
        scores = validate_data(self, scores, dtype=SCORE_DTYPES, reset=False)
        return self._transform(scores)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.classifier_tags = ClassifierTags(multi_class=False, multi_label=True)
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

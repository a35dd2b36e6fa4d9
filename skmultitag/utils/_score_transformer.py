"""What thresholders and calibrators share: they learn from scores and targets."""

import numpy as np
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils import ClassifierTags
from sklearn.utils.metadata_routing import UNUSED
from sklearn.utils.validation import check_is_fitted, validate_data

from skmultitag.utils._annotation import with_nan
from skmultitag.utils._doc_link import DocLinkMixin
from skmultitag.utils._messages import naming
from skmultitag.utils._rollback import as_before_on_error
from skmultitag.utils._scores import (
    SCORE_DTYPES,
    as_scores,
    check_scores_and_target,
)
from skmultitag.utils._sklearn import fit_context
from skmultitag.utils._versioned_state import VersionedStateMixin


class ScoreTransformer(
    DocLinkMixin,
    VersionedStateMixin,
    OneToOneFeatureMixin,
    TransformerMixin,
    BaseEstimator,
):
    """Base class of transformers of a score matrix.

    A subclass writes `_fit`, which sets its attributes, and `transform`, which gets
    its scores from `_check_scores`. The `y` of `_fit` is of bool, or of int8 with -1
    where entries are not annotated.
    """

    _parameter_constraints = {}

    # scores are the data, not metadata to be routed
    __metadata_request__fit = {"scores": UNUSED}
    __metadata_request__transform = {"scores": UNUSED}

    @fit_context(prefer_skip_nested_validation=False)  # one can hold a user's estimator
    def fit(self, scores, y, sample_weight=None):
        """Learn from scores and targets.

        Parameters
        ----------
        scores : array-like of shape (n_samples, n_labels)
            Scores of rows that the classifier was not trained on: probabilities or
            other numbers that are larger for likelier labels.

        y : {array-like, sparse matrix} of shape (n_samples, n_labels) or (n_samples,)
            Targets in {0, 1}. Entries that are NaN are not annotated, and are left out.
            A `y` of one dimension has two classes and is the target of each column.

        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.

        Returns
        -------
        self : object
            The fitted transformer.
        """
        with as_before_on_error(self):
            data = check_scores_and_target(
                self, scores, y, sample_weight, allow_missing=True
            )
            self._fit(*data)
        vars(self).pop("_names_of_labels", None)
        return self

    @property
    def _names_of_columns(self):
        """For `_fit`: names of the labels, if they are known, else their numbers.

        Those that `named_clone` has left, or of scores that are a DataFrame.
        """
        numbers = np.arange(self.n_features_in_)
        of_scores = getattr(self, "feature_names_in_", numbers)
        return getattr(self, "_names_of_labels", of_scores).tolist()

    def _check_scores(self, scores):
        check_is_fitted(self)
        with naming("scores"):
            scores = as_scores(scores, "scores")
            return validate_data(self, scores, dtype=SCORE_DTYPES, reset=False)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.classifier_tags = ClassifierTags(multi_class=False, multi_label=True)
        return tags


def with_array_output(transformer):
    """Make `transform` return arrays, whatever ``set_config(transform_output=...)`` is.

    For the transformers that the package uses inside: only what the user calls gives
    frames back. Returns `transformer`, changed.
    """
    if hasattr(transformer, "set_output"):
        transformer.set_output(transform="default")
    return transformer


def fitted_inside(transformer, scores, y, sample_weight):
    """Fit a transformer inside of another, on what `_fit` of that one got."""
    y = with_nan(y)
    return with_array_output(transformer).fit(scores, y, sample_weight)

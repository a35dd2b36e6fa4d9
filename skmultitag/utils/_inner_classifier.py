"""A classifier inside of another one: what it is, and what its `fit` gets."""

import warnings

import numpy as np
from scipy import sparse
from sklearn.base import MetaEstimatorMixin, clone
from sklearn.exceptions import DataConversionWarning
from sklearn.model_selection._search import BaseSearchCV
from sklearn.utils import get_tags
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping

from skmultitag.utils._labelled_classifier import LabelledClassifierMixin
from skmultitag.utils._score_transformer import ScoreTransformer
from skmultitag.utils._sklearn import check_sample_weight, safe_indexing
from skmultitag.utils._target_encoder import TargetEncoder

# the parameters of `fit` that have a value a row, here and in packages for boosting;
# by their names, as another may have as many values as there are rows
_PER_ROW = {"sample_weight", "base_margin", "init_score", "baseline"}


class AroundClassifierMixin(LabelledClassifierMixin, MetaEstimatorMixin):
    """Mixin for a classifier around another one, its `estimator`."""

    def get_metadata_routing(self):
        """Get metadata routing of this object.

        Returns
        -------
        routing : MetadataRouter
            Says that parameters of `fit` are passed to the `fit` of the classifier.
        """
        mapping = MethodMapping().add(caller="fit", callee="fit")
        router = MetadataRouter(owner=self)
        return router.add(estimator=self.estimator, method_mapping=mapping)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        inner = get_tags(self.estimator)
        inner_is_multi_label = getattr(inner.classifier_tags, "multi_label", True)
        tags.classifier_tags.multi_label = inner_is_multi_label
        tags.classifier_tags.multi_class = False
        tags.input_tags.sparse = inner.input_tags.sparse
        tags.input_tags.pairwise = inner.input_tags.pairwise
        tags.input_tags.allow_nan = inner.input_tags.allow_nan
        return tags


def given_params(params, X):
    """Parameters of `fit` that are not None; a number as weight becomes an array."""
    given = {name: value for name, value in params.items() if value is not None}
    if "sample_weight" in given:
        given["sample_weight"] = check_sample_weight(given["sample_weight"], X)
    return given


def estimator_has(name):
    """A check for `available_if`: whether the classifier inside has a method."""

    def check(self):
        getattr(getattr(self, "estimator_", self.estimator), name)
        return True

    return check


def named_clone(estimator, encoder):
    """Clone what will be fitted on the `as_target` of an encoder.

    A classifier, thresholder or calibrator of this package, also at the end of a
    pipeline or in a search, is told the names of the labels: its parameters can have
    values by name, and its messages name labels.
    """
    estimator = clone(estimator)
    last = in_searches(estimator)
    takes_names = isinstance(last, (LabelledClassifierMixin, ScoreTransformer))
    if encoder.kind_ == "multilabel" and takes_names:
        last._names_of_labels = encoder.label_names_
    return estimator


def forget_names(estimator):
    """Remove the names that `named_clone` has left, if they were not used.

    A search fits clones of what has them. What is cloned of it later can be fitted on
    other labels.
    """
    last = in_searches(estimator)
    if hasattr(last, "_names_of_labels"):
        del last._names_of_labels


def new_encoder(estimator):
    """What reads the target for a classifier: one that knows the hierarchy it obeys.

    Also at the end of a pipeline, or in a search.
    """
    last = in_searches(estimator)
    is_own = isinstance(last, LabelledClassifierMixin)
    return last._new_encoder() if is_own else TargetEncoder()


def in_searches(estimator):
    """The end of a pipeline, also in a search that is not fitted."""
    last = last_step(estimator)
    while isinstance(last, BaseSearchCV):
        last = last_step(last.estimator)
    return last


def last_step(estimator):
    """The end of a pipeline; any other estimator as it is."""
    while hasattr(estimator, "steps"):
        estimator = estimator.steps[-1][1]
    return estimator


def fit_all_labels(estimator, X, y, **params):
    """Fit a classifier; of one that takes no indicator, the error says what to do."""
    try:
        if np.shape(y)[1:] != (1,):
            return estimator.fit(X, y, **params)
        with warnings.catch_warnings():
            # the user may have passed tags, and can't reshape the column
            warnings.simplefilter("ignore", DataConversionWarning)
            return estimator.fit(X, y, **params)
    except ValueError as exc:
        # the words of scikit-learn's check of a y
        if np.ndim(y) != 2 or "should be a 1d array" not in str(exc):
            raise
        name = type(last_step(estimator)).__name__
        raise TypeError(
            f"{name} learns one label at a time, but y has {np.shape(y)[1]} labels. Put"
            " sklearn.multiclass.OneVsRestClassifier around it:"
            f" OneVsRestClassifier({name}(...))."
        ) from exc
    finally:
        forget_names(estimator)


def accepts_missing_labels(estimator):
    """Whether a classifier leaves out entries of its target that are not annotated.

    Also at the end of a pipeline, or in a search.
    """
    return getattr(in_searches(estimator), "_accepts_missing_labels", False)


def target_to_fit(estimator, y, missing_labels="error", member=None):
    """What the classifier gets of a target of which entries may be missing.

    An error calls it by its class, and by its name as a `member` of several.
    """
    is_complete = y.ndim == 1 or y.dtype.kind != "f"
    if is_complete or missing_labels == "pass":
        return y
    if missing_labels == "negative":
        return np.where(np.isnan(y), 0, y).astype(np.int64)
    if accepts_missing_labels(estimator):
        return y
    n_missing = np.isnan(y).sum()
    name = type(last_step(estimator)).__name__
    who = name if member is None else f"{name}, the member {member!r},"
    raise ValueError(
        f"y has {n_missing} entries that are not annotated (NaN), which {who} can't"
        " leave out. Take MultiTagClassifier, or put a BinaryRelevanceClassifier of"
        " skmultitag.multioutput around it, which learns each label from its annotated"
        " rows. Or, with ThresholdedClassifierCV, set missing_labels='negative' to fit"
        " it as if their labels were absent."
    )


def rows_of_X(estimator, X, rows, train, n_rows_of_fit):
    """Rows of `X` for an estimator that is fitted on some rows of a `fit`, `train`.

    A kernel has a column for each row of the `fit`, of which the others are left out.
    """
    if not get_tags(estimator).input_tags.pairwise:
        return safe_indexing(X, rows)
    X = X if sparse.issparse(X) else np.asarray(X)
    if X.shape[1:] != (n_rows_of_fit,):
        raise ValueError(
            f"X must be a kernel with {n_rows_of_fit} columns, one for each row of the"
            f" X of fit. Got shape {X.shape}."
        )
    return X[np.ix_(rows, train)]


def params_of_rows(params, rows):
    """Parameters of `fit` for some rows: those with a value a row are cut."""
    return {
        name: safe_indexing(value, rows) if _is_per_row(name) else value
        for name, value in params.items()
    }


def _is_per_row(name):
    return name.rpartition("__")[2] in _PER_ROW  # also of the step of a pipeline

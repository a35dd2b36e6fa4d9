"""What a classifier with names of labels can do, however it predicts."""

from numbers import Integral

from sklearn.base import clone
from sklearn.metrics import accuracy_score
from sklearn.model_selection._search import BaseSearchCV
from sklearn.utils.validation import check_is_fitted

from skmultitag.utils._doc_link import DocLinkMixin
from skmultitag.utils._fitted_labels import target_for
from skmultitag.utils._metrics_of_annotated import metric_of_annotated
from skmultitag.utils._scores import label_scores, scored_tags
from skmultitag.utils._target_encoder import TargetEncoder
from skmultitag.utils._target_forms import read_form
from skmultitag.utils._top_k import top_k_scores
from skmultitag.utils._versioned_state import VersionedStateMixin


class LabelledClassifierMixin(DocLinkMixin, VersionedStateMixin):
    """Mixin for a classifier with a `TargetEncoder` as `_encoder`."""

    def _read_target(self, y):
        """Read the `y` of `fit`, with the names that `named_clone` has left for it."""
        form, names = read_form(y), vars(self).pop("_names_of_labels", None)
        if names is None:
            return form
        # an indicator, also if it has one column only, which could be two classes
        return form._replace(kind="indicator", names=names.tolist())

    def _new_encoder(self):
        """What reads the target of a `fit`, also for a classifier around this one."""
        return TargetEncoder()

    def _describe(self, encoder, estimator):
        """Set what is known after a fit of the labels, and of the features.

        Parameters
        ----------
        encoder : TargetEncoder

        estimator : estimator
            Fitted on the features.
        """
        self._encoder = encoder
        self.classes_, self.label_names_ = encoder.classes_, encoder.label_names_
        for name in ("n_features_in_", "feature_names_in_"):
            if hasattr(estimator, name):
                setattr(self, name, getattr(estimator, name))

    def predict_tags(self, X, *, return_scores=False):
        """Predict the names of the labels of each row.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            What `predict` takes.

        return_scores : bool, default=False
            Whether each name comes with its score.

        Returns
        -------
        tags : list of n_samples tuples
            Entries of `label_names_`, in their order; an empty tuple where no label is
            predicted. One class a row for a `y` of one dimension. With scores pairs of
            name and score, the largest score first: of `predict_proba`, or of
            `decision_function` for a classifier without it.

        See Also
        --------
        skmultitag.predict_tags : For a pipeline or a search.
        predict_top : The best labels, whether or not they are predicted.
        """
        y = self.predict(X)
        if return_scores:
            self._check_several_labels("return_scores=True")
            return scored_tags(self, X, y, self.label_names_)
        return self._encoder.tags(y)

    def predict_top(self, X, k):
        """The `k` best labels of each row, with their scores, as a sparse matrix.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            What `predict` takes.

        k : int
            Number of labels of each row, from 1 to n_labels.

        Returns
        -------
        scores : CSR array of shape (n_samples, n_labels)
            Of each row the `k` largest scores, in the order of the labels, and nothing
            of the others: of `predict_proba`, or of `decision_function` for a
            classifier without it.
        """
        check_is_fitted(self)
        self._check_several_labels("predict_top")
        n_labels = self._encoder.n_outputs_
        is_integer = isinstance(k, Integral) and not isinstance(k, bool)
        if not (is_integer and 1 <= k <= n_labels):
            raise ValueError(f"k must be an integer from 1 to {n_labels}. Got {k!r}.")
        return self._top(X, k)

    def _top(self, X, k):
        return top_k_scores(label_scores(self, X, self._encoder.n_outputs_), k)

    def _check_several_labels(self, caller):
        if self._encoder.kind_ != "multilabel":
            raise ValueError(f"{caller} needs a y of several labels a row.")

    def score(self, X, y, sample_weight=None):
        """Share of the rows whose labels are all predicted right, and no others.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            What `predict` takes.

        y : {array-like, sparse matrix} of shape (n_samples, n_labels), list of \
                n_samples lists of tags, or array-like of shape (n_samples,)
            Targets in any form that `fit` takes; labels are paired by name. Of labels
            that are not annotated (NaN) any prediction is right, and rows without an
            annotated label are left out.

        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.

        Returns
        -------
        score : float
            In [0, 1]: the accuracy, for many labels also called subset accuracy.
        """
        y_pred, y_true = self.predict(X), target_for(self, y)
        return metric_of_annotated(accuracy_score, y_true, y_pred, sample_weight)


def estimator_has(name):
    """A check for `available_if`: whether the classifier inside has a method."""

    def check(self):
        getattr(getattr(self, "estimator_", self.estimator), name)
        return True

    return check


def named_clone(estimator, encoder):
    """Clone a classifier, which will be fitted on the `as_target` of an encoder.

    One of this package, also at the end of a pipeline, is told the names of the labels:
    its parameters can have values by name.
    """
    estimator = clone(estimator)
    last = last_step(estimator)
    if encoder.kind_ == "multilabel" and isinstance(last, LabelledClassifierMixin):
        last._names_of_labels = encoder.label_names_
    return estimator


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

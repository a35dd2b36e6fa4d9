"""What a classifier with names of labels can do, however it predicts."""

from sklearn.base import clone
from sklearn.metrics import accuracy_score

from skmultitag.utils._fitted_labels import target_for
from skmultitag.utils._target_forms import read_form
from skmultitag.utils._versioned_state import VersionedStateMixin


class LabelledClassifierMixin(VersionedStateMixin):
    """Mixin for a classifier with a `TargetEncoder` as `_encoder`."""

    def _read_target(self, y):
        """Read the `y` of `fit`, with the names that `named_clone` has left for it."""
        form, names = read_form(y), vars(self).pop("_names_of_labels", None)
        return form if names is None else form._replace(names=names.tolist())

    def predict_tags(self, X):
        """Predict the names of the labels of each row.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            What `predict` takes.

        Returns
        -------
        tags : list of n_samples tuples
            Entries of `label_names_`, in their order; an empty tuple where no label is
            predicted. One class a row for a `y` of one dimension.

        See Also
        --------
        skmultitag.predict_tags : For a pipeline or a search.
        """
        y = self.predict(X)
        return self._encoder.tags(y)

    def score(self, X, y, sample_weight=None):
        """Share of the rows whose labels are all predicted right, and no others.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            What `predict` takes.

        y : {array-like, sparse matrix} of shape (n_samples, n_labels), list of \
                n_samples lists of tags, or array-like of shape (n_samples,)
            Targets in any form that `fit` takes; labels are paired by name.

        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.

        Returns
        -------
        score : float
            In [0, 1]: the accuracy, for many labels also called subset accuracy.
        """
        y_pred = self.predict(X)
        return accuracy_score(target_for(self, y), y_pred, sample_weight=sample_weight)


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


def last_step(estimator):
    """The end of a pipeline; any other estimator as it is."""
    while hasattr(estimator, "steps"):
        estimator = estimator.steps[-1][1]
    return estimator

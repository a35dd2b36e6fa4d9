"""What a classifier with names of labels can do, however it predicts."""

from numbers import Integral

from sklearn.metrics import accuracy_score
from sklearn.utils.validation import check_is_fitted

from skmultitag.utils._doc_link import DocLinkMixin
from skmultitag.utils._fitted_labels import target_for
from skmultitag.utils._metrics_of_annotated import metric_of_annotated
from skmultitag.utils._scores import label_scores, scored_tags
from skmultitag.utils._tags_table import ranked_table, table_class, tags_table
from skmultitag.utils._target_encoder import TargetEncoder
from skmultitag.utils._target_forms import read_form
from skmultitag.utils._top_k import top_k_scores
from skmultitag.utils._versioned_state import VersionedStateMixin


class LabelledClassifierMixin(DocLinkMixin, VersionedStateMixin):
    """Mixin for a classifier with a `TargetEncoder` as `_encoder`."""

    def __sklearn_clone__(self):
        """A search clones its candidates: they keep what `named_clone` has left."""
        cloned = super().__sklearn_clone__()
        if hasattr(self, "_names_of_labels"):
            cloned._names_of_labels = self._names_of_labels
        return cloned

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
            vars(self).pop(name, None)  # of a fit before
            if hasattr(estimator, name):
                setattr(self, name, getattr(estimator, name))

    def predict_tags(self, X, *, return_scores=False, output="list"):
        """Predict the names of the labels of each row.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Features, as in `predict`.

        return_scores : bool, default=False
            Whether each name comes with its score.

        output : {"list", "pandas", "polars"}, default="list"
            Whether to return a list, or a DataFrame of pandas or polars.

        Returns
        -------
        tags : list of n_samples tuples, or DataFrame
            Names of the predicted labels of each row, in the order of `label_names_`.
            The tuple is empty if no label is predicted. If `y` had one dimension, the
            class of each row. With `return_scores`, pairs of name and score, the
            largest score first. Scores are those of `predict_proba`, or of
            `decision_function` if the classifier has no `predict_proba`.

            A DataFrame has a line for each tag, with the columns "row" and "tag", and
            "score" with `return_scores`. "row" is the number of the row in `X`; if `X`
            and the result are of pandas, it is the index of `X`. Rows without tags have
            no line.

        See Also
        --------
        skmultitag.predict_tags : For a pipeline or a search.
        predict_top : The best labels, whether or not they are predicted.
        """
        table = table_class(output)
        y = self.predict(X)
        if return_scores:
            self._check_several_labels("return_scores=True")
            tags = scored_tags(self, X, y, self.label_names_)
        else:
            tags = self._encoder.tags(y)
        return tags_table(tags, X, table, return_scores)

    def predict_top(self, X, k, *, output="sparse"):
        """Return the `k` best labels of each row, with their scores.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Features, as in `predict`.

        k : int
            Number of labels of each row, from 1 to n_labels.

        output : {"sparse", "pandas", "polars"}, default="sparse"
            Whether to return a sparse matrix, or a DataFrame of pandas or polars.

        Returns
        -------
        scores : CSR array of shape (n_samples, n_labels), or DataFrame
            The `k` largest scores of each row; other scores are not stored. Scores are
            those of `predict_proba`, or of `decision_function` if the classifier has no
            `predict_proba`.

            A DataFrame has `k` lines for each row, the best label first, with the
            columns "row", "rank" (from 1), "tag" and "score". "row" is the number of
            the row in `X`; if `X` and the result are of pandas, it is the index of `X`.

        See Also
        --------
        predict_tags : The labels that are predicted.
        """
        table = table_class(output, "sparse")
        check_is_fitted(self)
        self._check_several_labels("predict_top")
        n_labels = self._encoder.n_outputs_
        is_integer = isinstance(k, Integral) and not isinstance(k, bool)
        if not (is_integer and 1 <= k <= n_labels):
            raise ValueError(f"k must be an integer from 1 to {n_labels}. Got {k!r}.")
        top = self._top(X, k)
        if table is None:
            return top
        return ranked_table(top, self.label_names_, self._label_order(), X, table)

    def _top(self, X, k):
        scores = label_scores(self, X, self._encoder.n_outputs_)
        return top_k_scores(scores, k, self._label_order())

    def _label_order(self):
        """Numbers of the labels: which comes first of those with equal scores.

        None for the order of the columns.
        """

    def _check_several_labels(self, caller):
        if self._encoder.kind_ != "multilabel":
            raise ValueError(f"{caller} needs several labels for each row.")

    def score(self, X, y, sample_weight=None):
        """Share of the rows in which all labels are predicted right.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Features, as in `predict`.

        y : {array-like, sparse matrix} of shape (n_samples, n_labels), list of \
                n_samples lists of tags, or array-like of shape (n_samples,)
            Targets in any form that `fit` takes. Labels are matched by name. Entries
            that are not annotated (NaN) are left out, and so are rows without an
            annotated label.

        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.

        Returns
        -------
        score : float
            The accuracy, in [0, 1]. With several labels it is also called subset
            accuracy.
        """
        y_pred, y_true = self.predict(X), target_for(self, y)
        return metric_of_annotated(accuracy_score, y_true, y_pred, sample_weight)

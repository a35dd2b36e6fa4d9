import numpy as np
from sklearn import get_config
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin
from sklearn.utils import get_tags, indexable
from sklearn.utils.metadata_routing import (
    MetadataRouter,
    MethodMapping,
    process_routing,
)
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from skmultitag.utils._fitted_labels import with_encoded_targets
from skmultitag.utils._hierarchy import from_the_roots, max_over_descendants
from skmultitag.utils._labelled_classifier import (
    LabelledClassifierMixin,
    estimator_has,
    named_clone,
)
from skmultitag.utils._nested_target_encoder import NestedTargetEncoder
from skmultitag.utils._out_of_sample import accepts_missing_labels, target_to_fit
from skmultitag.utils._rows import check_same_rows
from skmultitag.utils._scores import columns_of_margin, columns_of_proba, label_scores
from skmultitag.utils._sklearn import HasMethods, check_sample_weight, fit_context
from skmultitag.utils._target_encoder import check_not_multiclass, dense
from skmultitag.utils._top_k import top_k_scores


class HierarchicalClassifier(
    LabelledClassifierMixin, ClassifierMixin, MetaEstimatorMixin, BaseEstimator
):
    """Any multilabel classifier, with predictions that obey a hierarchy of labels.

    A row with the label "use::checking" has the label "use" as well. Classifiers do not
    know that: one that decides label by label predicts a label without the one above it
    in some rows, and gives it a larger probability in more. Here

    - each row of the targets gets the ancestors of its labels, in `fit` and in scores;
    - the score of a label is the largest among its own and those of all labels below;
    - each row of the predictions gets the ancestors of the labels predicted.

    Read more in the :ref:`User Guide <nested_labels>`.

    Parameters
    ----------
    estimator : classifier
        Any multilabel classifier, also a pipeline or a search, and one with thresholds:
        a :class:`~skmultitag.ThresholdedClassifierCV` belongs inside of the hierarchy,
        since thresholds of their own would let labels differ from those above them.

    hierarchy : str, dict or array-like of shape (n_edges, 2)
        - A separator, such as "::": the parent of "use::checking" is "use".
        - The parent of each label, or a list of its parents, as a dict. Labels without
          a parent may be left out, or have None.
        - Pairs (parent, child), such as `list(graph.edges)` of networkx.

        Labels are called by the names they have in `y`: tags, names of the columns of a
        DataFrame, else the numbers of the columns. Labels that `y` does not have may
        have parents here; they are of no matter.

    close_targets : bool, default=True
        Whether rows of `y` may lack ancestors of their labels, which they get then.
        False takes that for a mistake.

    Attributes
    ----------
    estimator_ : classifier
        The fitted classifier.

    edges_ : ndarray of shape (n_edges, 2)
        Columns of a parent and a child, see
        :func:`~skmultitag.hierarchy.hierarchy_edges`.

    classes_ : ndarray of shape (n_labels,), (n_labels, 2) or (2,)
        0 to n_labels - 1, but rows [0, 1] for one or two labels; the two classes of a
        `y` of one dimension.

    label_names_ : ndarray of shape (n_labels,)
        Tags and all above them, or names of the columns of `y`, or 0 to n_labels - 1;
        the classes for a `y` of one dimension.

    n_features_in_ : int
        Number of features, if `estimator_` knows it.

    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, if `estimator_` knows them.

    See Also
    --------
    skmultitag.hierarchy.add_ancestors : The targets that it is fitted on.
    skmultitag.losses.MCMLoss : Trains a network on the scores as they are used here.

    References
    ----------
    .. [1] E. Giunchiglia, T. Lukasiewicz, "Coherent Hierarchical Multi-Label
       Classification Networks", NeurIPS, 2020.

    Examples
    --------
    >>> from skmultitag import MultiTagClassifier
    >>> from skmultitag.hierarchy import HierarchicalClassifier
    >>> X = [[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    >>> tags = [["use::checking"], ["use::editing"], ["game"]]
    >>> model = HierarchicalClassifier(MultiTagClassifier(random_state=0), "::")
    >>> model.fit(X, tags).label_names_
    array(['game', 'use', 'use::checking', 'use::editing'], dtype=object)
    >>> proba = model.predict_proba(X)
    >>> bool((proba[:, 1] >= proba[:, 2:].max(axis=1)).all())
    True
    """

    _parameter_constraints = {
        "estimator": [HasMethods(["fit", "predict"])],
        "hierarchy": [str, dict, "array-like"],
        "close_targets": ["boolean"],
    }

    def __init__(self, estimator, hierarchy, *, close_targets=True):
        self.estimator = estimator
        self.hierarchy = hierarchy
        self.close_targets = close_targets

    @fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y, **params):
        """Fit the classifier on targets with all ancestors.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            What the classifier takes.

        y : {array-like, sparse matrix} of shape (n_samples, n_labels), list of \
                n_samples lists of tags, or array-like of shape (n_samples,)
            Indicator of 0 and 1, tags of each row, or two classes. Ancestors of tags
            become labels; an indicator must have their columns, which
            :func:`~skmultitag.hierarchy.add_ancestors` adds. The classifier gets an
            array of int64, or of float64 with NaN where a label is not annotated.

        **params : dict
            Parameters of the `fit` of the classifier; `y_val` and the targets of
            `eval_set` in the form of `y`. With metadata routing, what it requests.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        ValueError
            If the hierarchy has a cycle, lacks a label, or has nothing to do with the
            labels of `y`; or if `y` contradicts it and `close_targets` is False.
        """
        check_same_rows(X=X, y=y)
        [X] = indexable(X)
        encoder = self._new_encoder()
        form = self._read_target(y)
        indicator = encoder.fit_transform(form, allow_missing=True)
        check_not_multiclass(encoder)
        params = {name: value for name, value in params.items() if value is not None}
        if "sample_weight" in params:
            params["sample_weight"] = check_sample_weight(params["sample_weight"], X)
        params = with_encoded_targets(params, encoder)
        if get_config()["enable_metadata_routing"]:
            params = process_routing(self, "fit", **params).estimator.fit
        estimator = named_clone(self.estimator, encoder)
        target = target_to_fit(estimator, encoder.as_target(indicator))
        self.estimator_ = estimator.fit(X, target, **params)
        self._describe(encoder, self.estimator_)
        return self

    def _new_encoder(self):
        return NestedTargetEncoder(self.hierarchy, self.close_targets)

    @property
    def _accepts_missing_labels(self):
        return accepts_missing_labels(self.estimator)

    @property
    def edges_(self):
        return self._encoder.edges_

    def predict(self, X):
        """Predict the labels of each row, and all above them.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            What the classifier takes.

        Returns
        -------
        y : {ndarray, sparse matrix} of shape (n_samples, n_labels) or (n_samples,)
            Indicator of the dtype of the `y` seen in `fit`, sparse if that was sparse;
            classes for a `y` of one dimension.
        """
        check_is_fitted(self)
        y = self.estimator_.predict(X)
        if self._encoder.kind_ == "binary":
            return y
        is_predicted = columns_of_margin(np.asarray(dense(y))) == 1
        is_predicted = max_over_descendants(is_predicted, self.edges_)
        return self._encoder.inverse_transform(is_predicted)

    @available_if(estimator_has("decision_function"))
    def decision_function(self, X):
        """Largest margin among each label and all below it.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            What the classifier takes.

        Returns
        -------
        margin : ndarray of shape (n_samples, n_labels) or (n_samples,)
            Those of the classifier, in its units.
        """
        check_is_fitted(self)
        margin = self.estimator_.decision_function(X)
        if self._encoder.kind_ == "binary":
            return margin
        return max_over_descendants(columns_of_margin(margin), self.edges_)

    @available_if(estimator_has("predict_proba"))
    def predict_proba(self, X):
        """Largest probability among each label and all below it.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            What the classifier takes.

        Returns
        -------
        proba : ndarray of shape (n_samples, n_labels) or (n_samples, 2)
            Of each label; of both classes for a `y` of one dimension.
        """
        check_is_fitted(self)
        proba = self.estimator_.predict_proba(X)
        if self._encoder.kind_ == "binary":
            return proba
        n_labels = self._encoder.n_outputs_
        proba = columns_of_proba(proba, self.estimator_, n_labels)
        return max_over_descendants(proba, self.edges_)

    def _top(self, X, k):
        # of equal scores the first labels are taken, which should be those above
        n_labels = self._encoder.n_outputs_
        order = from_the_roots(self.edges_, n_labels)
        top = top_k_scores(label_scores(self, X, n_labels)[:, order], k)
        top = top[:, np.argsort(order)]
        top.sort_indices()
        return top

    def get_metadata_routing(self):
        """Get metadata routing of this object.

        Returns
        -------
        routing : MetadataRouter
            Parameters of `fit` go to the `fit` of the classifier.
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

import numpy as np
from sklearn import get_config
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import indexable
from sklearn.utils.metadata_routing import process_routing
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from skmultitag.utils._fitted_labels import with_encoded_targets
from skmultitag.utils._given import check_is_data
from skmultitag.utils._hierarchy import from_the_roots, max_over_descendants
from skmultitag.utils._inner_classifier import (
    AroundClassifierMixin,
    accepts_missing_labels,
    estimator_has,
    fit_all_labels,
    given_params,
    named_clone,
    target_to_fit,
)
from skmultitag.utils._nested_target_encoder import NestedTargetEncoder
from skmultitag.utils._rows import check_same_rows
from skmultitag.utils._scores import columns_of_margin, columns_of_proba
from skmultitag.utils._sklearn import HasMethods, fit_context
from skmultitag.utils._target_encoder import check_not_multiclass, dense


class HierarchicalClassifier(AroundClassifierMixin, ClassifierMixin, BaseEstimator):
    """Make the predictions of any multilabel classifier follow a hierarchy of labels.

    A row with the label "use::checking" also has the label "use" above it. Classifiers
    do not know this. Some rows get a label without the label above it, and in more rows
    the lower label has the larger probability. This classifier changes three things:

    - each row of the targets gets the ancestors of its labels, in `fit` and in `score`;
    - the score of a label is the largest of its own score and the scores of all labels
      below it;
    - each row gets the ancestors of its predicted labels.

    Read more in the :ref:`User Guide <nested_labels>`.

    Parameters
    ----------
    estimator : classifier
        Any multilabel classifier, also a pipeline or a search. Put a
        :class:`~skmultitag.ThresholdedClassifierCV` here, inside of the hierarchy:
        outside, thresholds that differ from label to label can break the hierarchy.

    hierarchy : str, dict or array-like of shape (n_edges, 2)
        The hierarchy in one of three forms:

        - a separator, such as "::", with which the parent of "use::checking" is "use";
        - a dict with the parent of each label, or a list of its parents. Labels without
          a parent can be left out, or have None;
        - pairs (parent, child), such as `list(graph.edges)` of networkx.

        Names of labels are those in `y`: tags, the columns of a DataFrame, or the
        numbers of the columns of an array. Labels that are not in `y` can have parents
        here, which are ignored.

    close_targets : bool, default=True
        Whether to add missing ancestors to the rows of `y`. If False, a row that has a
        label without all its ancestors raises an error.

    Attributes
    ----------
    estimator_ : classifier
        The fitted classifier.

    edges_ : ndarray of shape (n_edges, 2)
        The columns of a parent and its child for each edge, see
        :func:`~skmultitag.hierarchy.hierarchy_edges`.

    classes_ : ndarray of shape (n_labels,), (n_labels, 2) or (2,)
        The numbers 0 to n_labels - 1. For one or two labels, a row [0, 1] for each
        label, as scikit-learn's scorers would take two numbers for the classes of one
        label. For a `y` of one dimension, its two classes.

    label_names_ : ndarray of shape (n_labels,)
        Tags and their ancestors, or names of the columns of `y`, or 0 to n_labels - 1.
        For a `y` of one dimension, its classes.

    n_features_in_ : int
        Number of features, if `estimator_` knows it.

    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, if `estimator_` knows them.

    See Also
    --------
    skmultitag.hierarchy.add_ancestors : Makes the targets that the classifier gets.
    skmultitag.losses.MCMLoss : A loss for networks that takes the same maxima.

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
            Features in any form that the classifier takes.

        y : {array-like, sparse matrix} of shape (n_samples, n_labels), list of \
                n_samples lists of tags, or array-like of shape (n_samples,)
            Indicator of 0 and 1, tags of each row, or two classes. Ancestors of tags
            become labels. An indicator must have columns for all ancestors;
            :func:`~skmultitag.hierarchy.add_ancestors` adds them. The classifier gets
            an array of int64, or of float64 with NaN if entries are not annotated.

        **params : dict
            Parameters of the `fit` of the classifier. `y_val` and the targets of
            `eval_set` must have the form of `y`. With metadata routing, the classifier
            gets what it requests.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        ValueError
            If the hierarchy has a cycle, if an indicator has no column for a parent, if
            no label of `y` has a parent, or if a row lacks an ancestor of one of its
            labels and `close_targets` is False.
        """
        check_same_rows(X=X, y=y)
        [X] = indexable(X)
        encoder = self._new_encoder()
        form = self._read_target(y)
        indicator = encoder.fit_transform(form, allow_missing=True)
        check_not_multiclass(encoder)
        params = with_encoded_targets(given_params(params, X), encoder)
        if get_config()["enable_metadata_routing"]:
            params = process_routing(self, "fit", **params).estimator.fit
        estimator = named_clone(self.estimator, encoder)
        target = target_to_fit(estimator, encoder.as_target(indicator))
        self.estimator_ = fit_all_labels(estimator, X, target, **params)
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
        """Predict the labels of each row, with all their ancestors.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features, as in `fit`.

        Returns
        -------
        y : {ndarray, sparse matrix} of shape (n_samples, n_labels) or (n_samples,)
            Indicator with the dtype of the `y` seen in `fit`, sparse if `y` was sparse.
            Classes if `y` had one dimension.
        """
        check_is_fitted(self)
        check_is_data(X, "X")
        y = self.estimator_.predict(X)
        if self._encoder.kind_ == "binary":
            return y
        is_predicted = columns_of_margin(np.asarray(dense(y))) == 1
        is_predicted = max_over_descendants(is_predicted, self.edges_)
        return self._encoder.inverse_transform(is_predicted)

    @available_if(estimator_has("decision_function"))
    def decision_function(self, X):
        """Largest margin of each label and all labels below it.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features, as in `fit`.

        Returns
        -------
        margin : ndarray of shape (n_samples, n_labels) or (n_samples,)
            Margins in the units of the classifier.
        """
        check_is_fitted(self)
        check_is_data(X, "X")
        margin = self.estimator_.decision_function(X)
        if self._encoder.kind_ == "binary":
            return margin
        return max_over_descendants(columns_of_margin(margin), self.edges_)

    @available_if(estimator_has("predict_proba"))
    def predict_proba(self, X):
        """Largest probability of each label and all labels below it.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features, as in `fit`.

        Returns
        -------
        proba : ndarray of shape (n_samples, n_labels) or (n_samples, 2)
            Probability of each label, or of both classes if `y` had one dimension.
        """
        check_is_fitted(self)
        check_is_data(X, "X")
        proba = self.estimator_.predict_proba(X)
        if self._encoder.kind_ == "binary":
            return proba
        n_labels = self._encoder.n_outputs_
        proba = columns_of_proba(proba, self.estimator_, n_labels)
        return max_over_descendants(proba, self.edges_)

    def _label_order(self):
        return from_the_roots(self.edges_, self._encoder.n_outputs_)

import numpy as np
from sklearn import get_config
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.dummy import DummyClassifier
from sklearn.utils import get_tags, indexable
from sklearn.utils.metadata_routing import process_routing
from sklearn.utils.metaestimators import available_if
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import check_is_fitted

from skmultitag.utils._annotation import annotated, is_partial
from skmultitag.utils._given import check_is_data
from skmultitag.utils._inner_classifier import (
    AroundClassifierMixin,
    estimator_has,
    given_params,
    params_of_rows,
    rows_of_X,
)
from skmultitag.utils._known_scores import known_scores
from skmultitag.utils._rows import check_same_rows
from skmultitag.utils._scores import label_scores
from skmultitag.utils._sklearn import HasMethods, fit_context, number_of_rows
from skmultitag.utils._target_encoder import TargetEncoder, check_not_multiclass, dense


class BinaryRelevanceClassifier(AroundClassifierMixin, ClassifierMixin, BaseEstimator):
    """One binary classifier for each label, fitted on the annotated rows of the label.

    Use it to fit any classifier of scikit-learn on partly annotated labels. If entries
    of `y` are NaN (not annotated), each label is learned from the rows in which it is
    known. With complete targets it fits the same classifiers as
    :class:`~sklearn.multioutput.MultiOutputClassifier`, but also takes labels that all
    rows or no row have. The literature calls this binary relevance.

    Read more in the :ref:`User Guide <partial_labels>`.

    Parameters
    ----------
    estimator : classifier
        Any binary classifier with `predict_proba` or `decision_function`, also in a
        pipeline.

    n_jobs : int or None, default=None
        Number of labels that are fitted at the same time.

    Attributes
    ----------
    estimators_ : list of n_labels classifiers
        The classifiers, each fitted on the annotated rows of its label. If all these
        rows have the same class, or there are none, it is a
        :class:`~sklearn.dummy.DummyClassifier`, and the label is always or never
        predicted.

    oof_proba_ or oof_decision_function_ : ndarray of shape (n_samples, n_labels) or \
            (n_samples,)
        Scores of the training rows from classifiers that were not trained on them. Only
        if the classifiers of all labels need no folds, see the Notes of
        :class:`~skmultitag.ThresholdedClassifierCV`, which then fits no folds. If an
        entry is not annotated, the classifier of its label was not trained on the row
        anyway.

    classes_ : ndarray of shape (n_labels,), (n_labels, 2) or (2,)
        The numbers 0 to n_labels - 1. For one or two labels, a row [0, 1] for each
        label, as scikit-learn's scorers would take two numbers for the classes of one
        label. For a `y` of one dimension, its two classes.

    label_names_ : ndarray of shape (n_labels,)
        Tags, or names of the columns of `y`, or 0 to n_labels - 1. For a `y` of one
        dimension, its classes.

    n_features_in_ : int
        Number of features, if the classifiers know it.

    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, if the classifiers know them.

    See Also
    --------
    sklearn.multioutput.MultiOutputClassifier : For complete targets.
    skmultitag.ThresholdedClassifierCV : Tunes the threshold of each label.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skmultitag.multioutput import BinaryRelevanceClassifier
    >>> X = [[0, 0], [0, 1], [1, 0], [1, 1]]
    >>> y = [[0, np.nan], [0, 1], [1, np.nan], [np.nan, 1]]
    >>> model = BinaryRelevanceClassifier(LogisticRegression(C=10)).fit(X, y)
    >>> model.predict([[0, 0], [1, 0]])  # no row is known to lack the second label
    array([[0, 1],
           [1, 1]])
    """

    _parameter_constraints = {
        "estimator": [HasMethods(["fit"])],
        "n_jobs": [None, int],
    }
    _accepts_missing_labels = True

    def __init__(self, estimator, *, n_jobs=None):
        self.estimator = estimator
        self.n_jobs = n_jobs

    @fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y, **params):
        """Fit a classifier for each label.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Features in any form that the classifier takes.

        y : {array-like, sparse matrix} of shape (n_samples, n_labels), list of \
                n_samples lists of tags, or array-like of shape (n_samples,)
            Indicator of 0, 1, and NaN for entries that are not annotated; or tags of
            each row; or two classes.

        **params : dict
            Parameters of the `fit` of the classifier. Each label gets its rows of
            `sample_weight`, `base_margin`, `init_score` and `baseline`.

        Returns
        -------
        self : object
            The fitted estimator.
        """
        check_same_rows(X=X, y=y)
        X, y = indexable(X, y)
        encoder = TargetEncoder()
        form = self._read_target(y)
        indicator = dense(encoder.fit_transform(form, allow_missing=True))
        check_not_multiclass(encoder)
        params = given_params(params, X)
        if get_config()["enable_metadata_routing"]:
            params = process_routing(self, "fit", **params).estimator.fit
        fitted = Parallel(n_jobs=self.n_jobs)(
            delayed(_fit_label)(self.estimator, X, column, params)
            for column in indicator.T
        )
        self.estimators_, columns, self._columns = map(list, zip(*fitted, strict=True))
        fitted_on_X = (each for each in self.estimators_ if not is_constant(each))
        self._describe(encoder, next(fitted_on_X, None))
        if any(each is not None for each in self._columns):  # it saw part of a kernel
            self.n_features_in_ = len(indicator)
        self._keep_out_of_sample(columns)
        return self

    def _keep_out_of_sample(self, columns):
        self._forget_training()  # of a fit before
        fixed = list(map(is_constant, self.estimators_))
        pairs = list(zip(fixed, columns, strict=True))
        if all(fixed) or any(c is None and not each for each, c in pairs):
            return
        has_proba = hasattr(self, "predict_proba")
        name = "oof_proba_" if has_proba else "oof_decision_function_"
        rows = np.zeros((max(len(c) for c in columns if c is not None), 1))
        columns = [
            _scores_of_label(each, rows, has_proba) if column is None else column
            for each, column in zip(self.estimators_, columns, strict=True)
        ]
        setattr(self, name, self._in_form(columns, has_proba))

    def _in_form(self, columns, is_proba):
        """Scores of all labels as `predict_proba` or `decision_function`."""
        encoder, scores = self._encoder, np.column_stack(columns)
        return encoder.as_proba(scores) if is_proba else encoder.as_margin(scores)

    @available_if(estimator_has("decision_function"))
    def decision_function(self, X):
        """Decision function of the classifier of each label.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Features, as in `fit`.

        Returns
        -------
        scores : ndarray of shape (n_samples, n_labels) or (n_samples,)
            Positive if the label is predicted. 1 for a label that is always predicted,
            and -1 for a label that is never predicted.
        """
        return self._scores(X, is_proba=False)

    @available_if(estimator_has("predict_proba"))
    def predict_proba(self, X):
        """Probability of each label.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Features, as in `fit`.

        Returns
        -------
        proba : ndarray of shape (n_samples, n_labels) or (n_samples, 2)
            Probability of each label, or of both classes if `y` had one dimension.
        """
        return self._scores(X, is_proba=True)

    def _scores(self, X, is_proba):
        parts = self._with_features(X)
        columns = [_scores_of_label(each, part, is_proba) for each, part in parts]
        return self._in_form(columns, is_proba)

    def _with_features(self, X):
        """The classifier of each label, and the columns of `X` that it takes."""
        check_is_fitted(self)
        check_is_data(X, "X")
        for each, columns in zip(self.estimators_, self._columns, strict=True):
            if columns is None:
                yield each, X
            else:
                rows = np.arange(number_of_rows(X))
                yield each, rows_of_X(each, X, rows, columns, self.n_features_in_)

    def predict(self, X):
        """Predict each label with its own classifier.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Features, as in `fit`.

        Returns
        -------
        y : {ndarray, sparse matrix} of shape (n_samples, n_labels) or (n_samples,)
            Indicator with the dtype of the `y` seen in `fit` (int64 if entries were
            NaN), sparse if `y` was sparse. Classes if `y` had one dimension.
        """
        columns = [each.predict(part) == 1 for each, part in self._with_features(X)]
        return self._encoder.inverse_transform(np.column_stack(columns))

    def _forget_training(self):
        for name in ("oof_proba_", "oof_decision_function_"):
            vars(self).pop(name, None)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


def _fit_label(estimator, X, column, params):
    """A clone that is fitted on the rows in which a label is annotated.

    Parameters
    ----------
    estimator : classifier

    X : array-like
        All rows.

    column : ndarray of shape (n_samples,)
        Of an indicator.

    params : dict
        Of the `fit` of the classifier.

    Returns
    -------
    estimator : classifier

    scores : ndarray of shape (n_samples,) or None
        Of all rows, by classifiers that did not see them, if it knows them.

    columns : ndarray of int or None
        Of a kernel that it takes, the rows that it was fitted on; None for all.
    """
    is_known = np.ones(len(column), dtype=bool)
    if is_partial(column):
        is_known = annotated(column)
    target = column[is_known].astype(np.int64)
    classes = np.unique(target)
    if len(classes) < 2:
        constant = int(classes.sum())  # 0 too for a label that nobody has annotated
        dummy = DummyClassifier(strategy="constant", constant=constant)
        return dummy.fit(np.zeros((1, 1)), [constant]), None, None
    estimator, rows = clone(estimator), np.flatnonzero(is_known)
    others, of_fit = np.flatnonzero(~is_known), X
    if len(others):
        of_fit = rows_of_X(estimator, X, rows, rows, len(column))
        params = params_of_rows(params, rows)
    estimator.fit(of_fit, target, **params)
    is_part_of_kernel = len(others) and get_tags(estimator).input_tags.pairwise
    columns = rows if is_part_of_kernel else None
    scores = known_scores(estimator, 1)
    if scores is None or len(scores) != len(rows):
        return estimator, None, columns
    of_all = np.empty(len(column))
    of_all[rows] = scores[:, 0]
    if len(others):
        of_others = rows_of_X(estimator, X, others, rows, len(column))
        of_all[others] = label_scores(estimator, of_others, 1)[:, 0]
    return estimator, of_all, columns


def _scores_of_label(estimator, X, is_proba):
    """Probabilities or margins of the rows, of the classifier of one label."""
    if is_constant(estimator):
        always = estimator.predict(X).astype(np.float64)
        return always if is_proba else 2 * always - 1
    if is_proba:
        return label_scores(estimator, X, 1)[:, 0].astype(np.float64, copy=False)
    return estimator.decision_function(X)


def is_constant(estimator):
    """Whether a label is predicted always or never."""
    return isinstance(estimator, DummyClassifier) and len(estimator.classes_) == 1

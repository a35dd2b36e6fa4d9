from numbers import Integral, Real

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.model_selection import check_cv
from sklearn.utils import get_tags
from sklearn.utils.validation import check_is_fitted

from skmultitag.kernel_ridge._kernel_ridge_classifier_cv import (
    N_ROWS_EXACT_BY_ITSELF,
    KernelRidgeClassifierCV,
)
from skmultitag.kernel_ridge._kernels import divided, median_distance
from skmultitag.kernel_ridge._sign_of_scores import SignOfScoresMixin
from skmultitag.model_selection import MultilabelStratifiedKFold
from skmultitag.model_selection._out_of_sample import mean_by_row, target_to_split
from skmultitag.utils._inner_classifier import named_clone
from skmultitag.utils._rollback import as_before_on_error
from skmultitag.utils._rows import check_same_rows
from skmultitag.utils._scores import columns_of_margin
from skmultitag.utils._sklearn import Interval, check_sample_weight, fit_context
from skmultitag.utils._target_encoder import TargetEncoder, dense


class StackedKernelRidgeClassifierCV(SignOfScoresMixin, ClassifierMixin, BaseEstimator):
    """Two fits of kernel ridge: the second has the scores of all labels as features.

    Use it in place of :class:`KernelRidgeClassifierCV` for a slightly better F1, in two
    to three times the time. One kernel ridge scores each label on its own, but some
    labels often occur together. So a second kernel ridge gets the scores of all labels
    as further features. For training rows these are the exact leave-one-out scores, as
    scores from a fit on the row itself would be too good. The result is the mean of the
    scores of both fits.

    Let x be the features, and s the scores, where the scores of each label are divided
    by the standard deviation of its target. The features of the second fit are

    .. math:: (x, \\; \\sqrt{q} \\, s \\, m_x / m_s)

    where :math:`m_x` and :math:`m_s` are the median distances of rows in x and in s,
    and q is `label_share`.

    Read more in the :ref:`User Guide <kernel_ridge>`.

    Parameters
    ----------
    estimator : KernelRidgeClassifierCV or None, default=None
        Both fits use clones of it. The second clone has `alpha_` and the scales of the
        first. None is
        ``KernelRidgeClassifierCV(kernel="exponential", standardize="auto")``, with the
        kernel "rbf" for more than 4,000 rows: for these it uses landmarks, which are
        too few for the sharp peaks of "exponential".

    label_share : float, default=0.5
        Weight of the squared distance of the scores, relative to the squared distance
        of the features.

    cv : int, cross-validation generator or iterable, default=5
        Folds for `oof_decision_function_`, see Notes. If it is a number, the folds keep
        the frequencies of labels.

    Attributes
    ----------
    first_ : KernelRidgeClassifierCV
        Fitted on the features.

    second_ : KernelRidgeClassifierCV
        Fitted on features and scores.

    oof_decision_function_ : ndarray of shape (n_samples, n_labels), (n_samples, \
            n_classes) or (n_samples,)
        Out-of-fold scores: for each row of `fit`, the `decision_function` of both fits
        on the other folds. NaN in rows that no fold leaves out.

    classes_ : ndarray of shape (n_labels,), (n_labels, 2) or (n_classes,)
        The numbers 0 to n_labels - 1. For one or two labels, a row [0, 1] for each
        label, as scikit-learn's scorers would take two numbers for the classes of one
        label. For a `y` of one dimension, its classes.

    label_names_ : ndarray of shape (n_labels,)
        Tags, or names of the columns of `y`, or 0 to n_labels - 1. For a `y` of one
        dimension, its classes.

    n_features_in_ : int
        Number of features.

    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, if `X` of `fit` has names that are strings.

    See Also
    --------
    KernelRidgeClassifierCV : One fit, whose leave-one-out scores are exact.
    sklearn.ensemble.StackingClassifier : The same idea for any classifiers.

    Notes
    -----
    Leave-one-out scores of the second fit would be too good. Its features are scores of
    the first fit, and the scores of the other rows were computed with the labels of the
    row that is left out. So for `oof_decision_function_` both fits are made once more
    for each fold, with the same `alpha_`. All else, such as scales and the widths of
    kernels, is computed from the other folds. This takes about as long as the rest of
    `fit`.

    References
    ----------
    .. [1] D. Wolpert, "Stacked generalization", Neural Networks 5, 1992.

    .. [2] S. Godbole and S. Sarawagi, "Discriminative methods for multi-labeled
       classification", PAKDD 2004: the scores of all labels as features.

    Examples
    --------
    >>> from skmultitag.datasets import make_multitag_classification
    >>> from skmultitag.kernel_ridge import StackedKernelRidgeClassifierCV
    >>> X, y = make_multitag_classification(n_samples=200, random_state=0)
    >>> model = StackedKernelRidgeClassifierCV().fit(X, y)
    >>> model.second_.n_features_in_ == X.shape[1] + y.shape[1]
    True
    """

    _parameter_constraints = {
        "estimator": [KernelRidgeClassifierCV, None],
        "label_share": [Interval(Real, 0, None, closed="neither")],
        "cv": ["cv_object"],
    }

    def __init__(self, estimator=None, *, label_share=0.5, cv=5):
        self.estimator = estimator
        self.label_share = label_share
        self.cv = cv

    @fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y, sample_weight=None):
        """Fit on the features, then on the features and the leave-one-out scores.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Embeddings or other features.

        y : {array-like, sparse matrix} of shape (n_samples, n_labels), list of \
                n_samples lists of tags, or array-like of shape (n_samples,)
            Targets in any form that :class:`~skmultitag.MultiTagClassifier` takes.

        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows, not negative.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        ValueError
            In the same cases as in :class:`KernelRidgeClassifierCV`, and if `estimator`
            has ``kernel="precomputed"``, as scores can't be added to such a kernel.
        """
        if self._estimator().kernel == "precomputed":
            raise ValueError(
                "estimator can't have kernel='precomputed': the second fit needs a"
                " kernel of features and scores."
            )
        check_same_rows(X=X, y=y, sample_weight=sample_weight)
        form, encoder = self._read_target(y), TargetEncoder()
        with as_before_on_error(self):
            indicator = dense(encoder.fit_transform(form))
            # of classes too an indicator, as a fold may lack some
            is_binary = encoder.kind_ == "binary"
            y = indicator[:, 0] if is_binary else indicator.astype(np.int64)
            weight = check_sample_weight(sample_weight, X)
            weight = np.ones(len(indicator)) if weight is None else weight
            first = named_clone(self._estimator(len(y)), encoder).fit(X, y, weight)
            X = first._check_X(X)
            parts = indicator, y, weight, encoder
            second, scales = self._fit_second(first, X, *parts)
            oof = self._out_of_fold(first, X, *parts)
            self.first_, self.second_, self._scales = first, second, scales
            self.oof_decision_function_ = oof
            self._describe(encoder, first)
        return self

    def _fit_second(self, first, X, indicator, y, weight, encoder):
        """The second fit, and the scales of features and of scores."""
        scores = columns_of_margin(first.loo_decision_function_)
        share = weight @ indicator / weight.sum()
        deviation = 2 * np.sqrt(share * (1 - share))  # of targets of -1 and 1
        varies = deviation > 0
        of_labels = varies / np.where(varies, deviation, 1)
        size = median_distance(X, weight, scale=first.scale_)
        size /= median_distance(scores * of_labels, weight)
        scales = first.scale_, np.sqrt(self.label_share) * size * of_labels
        # the features have scales now; and leave-one-out scores that other rows know of
        # are too good to choose alpha by
        second = named_clone(first, encoder)
        second.set_params(standardize=False, alphas=first.alpha_)
        return second.fit(_with_scores(X, scores, scales), y, weight), scales

    def _out_of_fold(self, first, X, indicator, y, weight, encoder):
        """Scores of rows by both fits on the other folds."""
        is_standardized = first.scale_ is not None
        estimator = clone(first).set_params(
            alphas=first.alpha_, standardize=is_standardized
        )
        rows, scores = [], []
        for train, test in self._splits(X, indicator, encoder):
            parts = indicator[train], y[train], weight[train]
            fold = named_clone(estimator, encoder).fit(X[train], *parts[1:])
            second, scales = self._fit_second(fold, X[train], *parts, encoder)
            of_test = _mean_of_both(fold, second, scales, X[test])
            rows.append(test)
            scores.append(columns_of_margin(of_test))
        mean = mean_by_row(np.concatenate(rows), np.concatenate(scores), len(indicator))
        return encoder.as_margin(mean.astype(first.intercept_.dtype))

    def _splits(self, X, indicator, encoder):
        if isinstance(self.cv, Integral):
            # of classes too, as scikit-learn's warns of rare ones
            target, splitter = indicator, MultilabelStratifiedKFold(self.cv)
        else:
            target = encoder.as_target(indicator)
            splitter = check_cv(self.cv, target, classifier=True)
        return splitter.split(X, target_to_split(splitter, target))

    def _estimator(self, n_rows=0):
        if self.estimator is not None:
            return self.estimator
        has_landmarks = n_rows > N_ROWS_EXACT_BY_ITSELF
        kernel = "rbf" if has_landmarks else "exponential"
        return KernelRidgeClassifierCV(kernel=kernel, standardize="auto")

    def decision_function(self, X):
        """Score each label: the score is an estimate of a target of -1 or 1.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Embeddings or other features.

        Returns
        -------
        scores : ndarray of shape (n_samples, n_labels), (n_samples, n_classes) or \
                (n_samples,)
            Positive if the label is predicted. One dimension if `y` had one dimension
            and two classes.
        """
        check_is_fitted(self)
        X = self.first_._check_X(X)
        return _mean_of_both(self.first_, self.second_, self._scales, X)

    def _forget_training(self):
        vars(self).pop("oof_decision_function_", None)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        tags.input_tags.sparse = get_tags(self._estimator()).input_tags.sparse
        return tags


def _with_scores(X, scores, scales):
    """Features and scores of all labels, in the units of the features."""
    of_features, of_labels = scales
    parts = [divided(X, of_features), (scores * of_labels).astype(X.dtype)]
    if sparse.issparse(X):
        return sparse.hstack(parts, format="csr")
    return np.hstack(parts)


def _mean_of_both(first, second, scales, X):
    scores = first._decision_function(X)
    X = _with_scores(X, columns_of_margin(scores), scales)
    return (scores + second._decision_function(X)) / 2

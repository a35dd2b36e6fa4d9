from numbers import Real

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils import get_tags
from sklearn.utils.validation import check_is_fitted

from skmultitag.kernel_ridge._kernel_ridge_classifier_cv import (
    N_ROWS_EXACT_BY_ITSELF,
    KernelRidgeClassifierCV,
)
from skmultitag.kernel_ridge._kernels import divided, median_distance
from skmultitag.kernel_ridge._sign_of_scores import SignOfScoresMixin
from skmultitag.utils._rollback import as_before_on_error
from skmultitag.utils._rows import check_same_rows
from skmultitag.utils._scores import columns_of_margin
from skmultitag.utils._sklearn import Interval, check_sample_weight, fit_context
from skmultitag.utils._target_encoder import TargetEncoder, dense


class StackedKernelRidgeClassifierCV(SignOfScoresMixin, ClassifierMixin, BaseEstimator):
    """Kernel ridge that learns from its own scores of all labels, in a second fit.

    One kernel ridge decides on each label alone. But labels occur together, and rows
    that look alike in their scores of all labels are alike in a way that the features
    do not show. So a second kernel ridge gets these scores as features beside the
    others: those of the training rows are the exact leave-one-out scores, as it would
    else learn to trust scores that know the answer. The answer is the mean of both.

    With the features x and the scores s, each label's divided by the standard deviation
    of its target, the second fit has

    .. math:: (x / m_x, \\; \\sqrt{q} \\, s / m_s)

    for the median distances m of rows in x and in s, and the share q, `label_share`.

    Read more in the :ref:`User Guide <kernel_ridge>`.

    Parameters
    ----------
    estimator : KernelRidgeClassifierCV or None, default=None
        Both fits are clones of it, but that the second has `alpha_` and the scales of
        the first.
        None is ``KernelRidgeClassifierCV(kernel="exponential", standardize="auto")``,
        with the kernel "rbf" for more than 4,000 rows, which have landmarks: so few say
        too little of the sharp peaks of "exponential".

    label_share : float, default=0.5
        What the squared distance of the scores counts beside that of the features.

    Attributes
    ----------
    first_, second_ : KernelRidgeClassifierCV
        Fitted on the features, and on features and scores.

    loo_decision_function_ : ndarray of shape (n_samples, n_labels), (n_samples, \
            n_classes) or (n_samples,)
        `decision_function` of each row of `fit` by fits on the other rows, see Notes.

    classes_ : ndarray of shape (n_labels,), (n_labels, 2) or (n_classes,)
        0 to n_labels - 1, but rows [0, 1] for one or two labels, which scikit-learn's
        scorers would else take for classes; the classes of a `y` of one dimension.

    label_names_ : ndarray of shape (n_labels,)
        Tags, or names of the columns of `y`, or 0 to n_labels - 1; the classes for a
        `y` of one dimension.

    n_features_in_ : int
        Number of features.

    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, if `X` of `fit` has any that are strings.

    See Also
    --------
    KernelRidgeClassifierCV : One fit, whose leave-one-out scores are exact.
    sklearn.ensemble.StackingClassifier : The same idea for any classifiers.

    Notes
    -----
    Leave-one-out of the second fit is exact for the features that it has. But the
    scores of the other rows, among these features, come from fits that have seen the
    row. Thresholds that are chosen on these scores were as good as those of folds; but
    their error is too small to choose alpha by, which is that of the first fit.

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
    }

    def __init__(self, estimator=None, *, label_share=0.5):
        self.estimator = estimator
        self.label_share = label_share

    @fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y, sample_weight=None):
        """Fit on the features, and again with leave-one-out scores beside them.

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
            As :class:`KernelRidgeClassifierCV`; and for ``kernel="precomputed"``, in
            which scores can't be put.
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
            y = encoder.as_target(indicator)
            first, second = (clone(self._estimator(len(y))) for _ in range(2))
            first.fit(X, y, sample_weight)
            X = first._check_X(X)
            weight = check_sample_weight(sample_weight, X)
            weight = np.ones(X.shape[0]) if weight is None else weight
            scores = columns_of_margin(first.loo_decision_function_)
            size = median_distance(X, weight, scale=first.scale_)
            scale = np.ones(X.shape[1]) if first.scale_ is None else first.scale_
            of_labels = self._scales_of_labels(scores, indicator, weight)
            self._scales = size * scale, of_labels
            # the features have scales now; and leave-one-out scores that other rows
            # know of are too good to choose alpha by
            second.set_params(standardize=False, alphas=first.alpha_)
            second.fit(self._with_scores(X, scores), y, sample_weight)
            self.first_, self.second_, self._encoder = first, second, encoder
            self.classes_, self.label_names_ = encoder.classes_, encoder.label_names_
            for name in ("n_features_in_", "feature_names_in_"):
                if hasattr(first, name):
                    setattr(self, name, getattr(first, name))
            loo = first.loo_decision_function_ + second.loo_decision_function_
            self.loo_decision_function_ = loo / 2
        return self

    def _estimator(self, n_rows=0):
        if self.estimator is not None:
            return self.estimator
        has_landmarks = n_rows > N_ROWS_EXACT_BY_ITSELF
        kernel = "rbf" if has_landmarks else "exponential"
        return KernelRidgeClassifierCV(kernel=kernel, standardize="auto")

    def _scales_of_labels(self, scores, indicator, weight):
        """What the scores of each label are multiplied by."""
        share = weight @ indicator / weight.sum()
        deviation = 2 * np.sqrt(share * (1 - share))  # of targets of -1 and 1
        varies = deviation > 0
        of_labels = varies / np.where(varies, deviation, 1)
        size = median_distance(scores * of_labels, weight)
        return np.sqrt(self.label_share) / size * of_labels

    def _with_scores(self, X, scores):
        of_features, of_labels = self._scales
        parts = [divided(X, of_features), (scores * of_labels).astype(X.dtype)]
        if sparse.issparse(X):
            return sparse.hstack(parts, format="csr")
        return np.hstack(parts)

    def decision_function(self, X):
        """Scores of each label: estimates of a target of -1 and 1.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Embeddings or other features.

        Returns
        -------
        scores : ndarray of shape (n_samples, n_labels), (n_samples, n_classes) or \
                (n_samples,)
            Positive where a label is predicted. One dimension for a binary `y` of one
            dimension.
        """
        check_is_fitted(self)
        first = self.first_.decision_function(X)
        X = self._with_scores(self.first_._check_X(X), columns_of_margin(first))
        return (first + self.second_.decision_function(X)) / 2

    def _forget_training(self):
        vars(self).pop("loo_decision_function_", None)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        tags.input_tags.sparse = get_tags(self._estimator()).input_tags.sparse
        return tags

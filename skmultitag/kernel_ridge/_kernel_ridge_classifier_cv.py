from numbers import Integral, Real

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.preprocessing import StandardScaler
from sklearn.utils.validation import check_is_fitted, validate_data

from skmultitag.kernel_ridge._choice_of_alpha import make_criterion
from skmultitag.kernel_ridge._kernels import (
    KERNEL_NAMES,
    PairwiseKernel,
    divided,
    spread_rows,
)
from skmultitag.kernel_ridge._landmarks import choose_landmarks, landmark_features
from skmultitag.kernel_ridge._leave_one_out import DualRidge, PrimalRidge
from skmultitag.kernel_ridge._sign_of_scores import SignOfScoresMixin
from skmultitag.utils._blocks import row_blocks
from skmultitag.utils._messages import shorten
from skmultitag.utils._random_state import make_random_state
from skmultitag.utils._rollback import as_before_on_error
from skmultitag.utils._rows import check_same_rows, stack_column
from skmultitag.utils._sklearn import (
    Interval,
    StrOptions,
    check_sample_weight,
    fit_context,
)
from skmultitag.utils._target_encoder import TargetEncoder, dense

N_ROWS_EXACT_BY_ITSELF = 4000
N_ROWS_EXACT_AT_MOST = 20_000
N_LANDMARKS = 2000


class KernelRidgeClassifierCV(SignOfScoresMixin, ClassifierMixin, BaseEstimator):
    """Multilabel kernel ridge, with `alpha` chosen by exact leave-one-out scores.

    Kernel ridge is a linear regression on similarities of rows, in closed form. Try it
    first on embeddings or other dense features, with up to some ten thousand rows: it
    often has a better F1 than a network. One decomposition of the kernel matrix gives
    the fits for all `alphas` and all labels. It also gives the leave-one-out scores:
    the scores that each row would get from a fit on all other rows. Choose thresholds
    on these scores, without further fits, with
    :class:`~skmultitag.ThresholdedClassifierCV`.

    Targets are read as -1 and 1. For rows `x_i` with weights `w_i` and the kernel `k`,
    each label has the function `f(x) = sum_i c_i k(x, x_i) + b` that minimizes
    `sum_i w_i (y_i - f(x_i))^2 + alpha c'Kc`. The intercept `b` is not penalized.

    Read more in the :ref:`User Guide <kernel_ridge>`.

    Parameters
    ----------
    alphas : array-like of shape (n_alphas,) or float, \
            default=(0.03, 0.1, 0.3, 1, 3, 10, 30)
        Penalties to choose from, positive. One is chosen for all labels. The default
        suits kernels with values up to 1, such as "rbf". Other kernels need penalties
        in proportion to `k(x, x)`. For example, for "linear" on 384 standardized
        features pass `np.geomspace(10, 10_000, 7)`.

    kernel : str, callable, or list or tuple of these, default="rbf"
        The kernel. A list stands for the mean of its kernels.

        - "rbf": `exp(-gamma ||x - x'||^2)`;
        - "exponential": `exp(-gamma ||x - x'||)`, the Matern kernel with nu = 1/2;
        - "laplacian": `exp(-gamma ||x - x'||_1)`, with the sum of absolute differences;
        - "linear": computed in the space of the features if there are fewer features
          than rows, so a million rows take neither much memory nor a copy;
        - "poly", "sigmoid", "cosine", "chi2", "additive_chi2": see
          :func:`~sklearn.metrics.pairwise.pairwise_kernels`, which also says how it
          calls a callable. Kernels of :mod:`sklearn.gaussian_process.kernels` can be
          passed too;
        - "precomputed": `X` is the kernel matrix of the rows with the rows of `fit`.

    gamma : "median", float, None, or list or tuple of these, default="median"
        Parameter of "rbf", "exponential", "laplacian", "poly", "sigmoid" and "chi2". If
        `kernel` is a list, `gamma` can be a list with a value for each kernel. "median"
        is 1 / median of the squared distances for "rbf", of the distances for
        "exponential", and of the sums of absolute differences for "laplacian". It is
        the same as None for other kernels. The median is taken over pairs of different
        rows, among at most 1,000 rows. None is 1 / n_features, its square root for
        "exponential", and 1 for "chi2".

    degree : float, default=3
        Degree of "poly".

    coef0 : float, default=1
        Constant term of "poly" and "sigmoid".

    kernel_params : dict, default=None
        Keyword arguments of callables.

    standardize : "auto" or bool, default=False
        Whether features are divided by their standard deviations. This is needed if
        they have different units, and harmful if their sizes mean something, as with
        principal components. "auto" tries both on at most 1,000 rows, and takes the
        choice with the better leave-one-out scores.

    scoring : str, callable or None, default=None
        Measure by which `alpha` is chosen on the leave-one-out scores: a name from
        :func:`~skmultitag.metrics.get_scorer_names`, or a scorer that uses `predict` or
        `decision_function`. None is the mean R^2 over the labels that vary, so the
        squared error of each label is divided by its variance.

    n_components : int, "auto" or None, default="auto"
        Number of landmarks. With an int, this many rows are drawn (all, if there are
        fewer), and the kernel is approximated by its values with them, as in
        :class:`~sklearn.kernel_approximation.Nystroem`. None is exact. It takes at most
        20,000 rows, and three times the memory of their kernel matrix (9.6 GB in
        float64, half of it in float32). "auto" is exact up to 4,000 rows (0.4 GB), and
        uses 2,000 landmarks for more. With `kernel="linear"` and fewer features than
        rows, these limits apply to the number of features.

    random_state : int, RandomState instance or None, default=None
        Seeds the draw of landmarks.

    Attributes
    ----------
    alpha_ : float
        The chosen penalty.

    best_score_ : float
        Value of `scoring` on the leave-one-out scores with `alpha_`.

    loo_decision_function_ : ndarray of shape (n_samples, n_labels), (n_samples, \
            n_classes) or (n_samples,)
        Leave-one-out scores: for each row of `fit`, the `decision_function` of a fit on
        all other rows with the same `alpha_`, `gamma_` and landmarks. A row with a
        weight is left out as a whole. A row of weight 0 was not in the fit.

    gamma_ : float, None or list
        The `gamma` that is used; None for kernels without it, and a list if `kernel` is
        a list.

    scale_ : ndarray of shape (n_features,) or None
        Numbers by which features are divided. None if they are not standardized.

    dual_coef_ : ndarray of shape (n_samples, n_labels) or (n_components, n_labels)
        Coefficients of the kernel with `X_fit_`. Not with `kernel="linear"`.

    X_fit_ : {ndarray, sparse matrix} of shape (n_samples, n_features) or \
            (n_components, n_features)
        Rows of `fit`, or landmarks. Not with "linear" and "precomputed".

    coef_ : ndarray of shape (n_labels, n_features)
        Coefficients of the features. Only with `kernel="linear"`.

    intercept_ : ndarray of shape (n_labels,)
        Intercept of each label.

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
    sklearn.linear_model.RidgeClassifierCV : A linear classifier for rows with one class
        each.
    sklearn.kernel_ridge.KernelRidge : Has no intercept, and does not choose alpha.
    skmultitag.ThresholdedClassifierCV : Chooses thresholds on its scores.

    Notes
    -----
    All is computed in float32 if `X` is in float32 or half precision, and in float64
    otherwise. Lists are in float64 too, and so are tables with several columns, except
    for a pandas DataFrame of numpy's float32. Kernels of 3,000 rows and more are
    decomposed on a GPU if torch finds one.

    A row with a weight of k counts as k copies: with the same alpha the fit is the
    same. Leave-one-out scores differ: if a row is really repeated, only one of its
    copies is left out. So another alpha may be chosen.

    References
    ----------
    .. [1] C. E. Rasmussen and C. K. I. Williams, "Gaussian Processes for Machine
       Learning", MIT Press, 2006, section 5.4.2 for leave-one-out by the inverse.

    .. [2] C. Williams and M. Seeger, "Using the Nystroem method to speed up kernel
       machines", NIPS 13, 2000.

    Examples
    --------
    >>> from skmultitag.datasets import make_multitag_classification
    >>> from skmultitag.kernel_ridge import KernelRidgeClassifierCV
    >>> X, y = make_multitag_classification(n_samples=200, random_state=0)
    >>> model = KernelRidgeClassifierCV().fit(X, y)
    >>> model.alpha_, model.loo_decision_function_.shape, model.predict(X).shape
    (1.0, (200, 10), (200, 10))
    """

    _parameter_constraints = {
        "alphas": ["array-like", Interval(Real, 0, None, closed="neither")],
        "kernel": [StrOptions(KERNEL_NAMES), callable, list, tuple],
        "gamma": [
            StrOptions({"median"}),
            Interval(Real, 0, None, closed="left"),
            None,
            list,
            tuple,
        ],
        "degree": [Interval(Real, 0, None, closed="left")],
        "coef0": [Interval(Real, None, None, closed="neither")],
        "kernel_params": [dict, None],
        "standardize": [StrOptions({"auto"}), "boolean"],
        "scoring": [str, callable, None],
        "n_components": [
            StrOptions({"auto"}),
            Interval(Integral, 1, None, closed="left"),
            None,
        ],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        alphas=(0.03, 0.1, 0.3, 1, 3, 10, 30),
        *,
        kernel="rbf",
        gamma="median",
        degree=3,
        coef0=1,
        kernel_params=None,
        standardize=False,
        scoring=None,
        n_components="auto",
        random_state=None,
    ):
        self.alphas = alphas
        self.kernel = kernel
        self.gamma = gamma
        self.degree = degree
        self.coef0 = coef0
        self.kernel_params = kernel_params
        self.standardize = standardize
        self.scoring = scoring
        self.n_components = n_components
        self.random_state = random_state

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y, sample_weight=None):
        """Choose `alpha` on leave-one-out scores, and fit on all rows.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Embeddings or other features. With `kernel="precomputed"`, the kernel matrix
            of all rows with all rows.

        y : {array-like, sparse matrix} of shape (n_samples, n_labels), list of \
                n_samples lists of tags, or array-like of shape (n_samples,)
            Targets in any form that :class:`~skmultitag.MultiTagClassifier` takes.

        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows, not negative. A row of weight k counts as k rows.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        ValueError
            If `X` or `y` has NaN, infinite or other unusable values; if they have
            different numbers of rows, no labels, or fewer than two rows with a weight
            above 0; if a parameter has a wrong value; if there are too many rows for
            `n_components=None`; or if the kernel is not positive semi-definite.
        """
        check_same_rows(X=X, y=y, sample_weight=sample_weight)
        form, encoder = self._read_target(y), TargetEncoder()
        with as_before_on_error(self):
            X = self._check_X(X, reset=True, ensure_min_samples=2)
            indicator = dense(encoder.fit_transform(form))
            sample_weight = check_sample_weight(sample_weight, X)
            alphas = _check_alphas(self.alphas)
            criterion = make_criterion(self.scoring, indicator, encoder, sample_weight)
            weight = np.ones(len(indicator)) if sample_weight is None else sample_weight
            _check_enough_rows(weight)

            # in the following block, we:
            # - choose whether to standardize, on some rows
            # - decompose the kernel of all rows, of landmarks, or of features
            # - choose alpha by what its leave-one-out scores are worth
            # - keep coefficients and scores of this alpha
            # what overflows is refused where it is decomposed
            with np.errstate(over="ignore", invalid="ignore"):
                scale = self._choose_scale(X, indicator, encoder, weight, alphas)
                kernel = self._make_kernel(self.gamma, scale).fit(X, weight)
                ridge, X_fit = self._decompose(X, indicator, weight, kernel, alphas)
            values = [criterion(ridge.loo_scores(n)) for n in range(len(alphas))]
            best = int(np.argmax(values))
            self._encoder = encoder
            self.classes_, self.label_names_ = encoder.classes_, encoder.label_names_
            self.gamma_, self.scale_ = kernel.gamma, kernel.scale
            self.alpha_, self.best_score_ = alphas[best].item(), values[best]
            self._keep_coefficients(*ridge.coefficients(best), X_fit, kernel)
            self.loo_decision_function_ = encoder.as_margin(ridge.loo_scores(best))
        return self

    def _make_kernel(self, gamma, scale):
        return PairwiseKernel(
            self.kernel,
            gamma,
            self.degree,
            self.coef0,
            self.kernel_params,
            scale,
        )

    def _choose_scale(self, X, indicator, encoder, weight, alphas):
        """Standard deviations of the features, if they are to be divided by them."""
        if self.standardize is False or self.kernel == "precomputed":
            return None
        scale = _standard_deviations(X, weight)
        if self.standardize is True:
            return scale
        rows, weight = spread_rows(weight)
        X, indicator = X[rows], indicator[rows]
        criterion = make_criterion(self.scoring, indicator, encoder, weight)
        values = []
        for each in (None, scale):
            kernel = self._make_kernel(self.gamma, each).fit(X, weight)
            ridge = DualRidge(kernel(X), indicator, weight, alphas)
            numbers = range(len(alphas))
            values.append(max(criterion(ridge.loo_scores(n)) for n in numbers))
        return scale if values[1] > values[0] else None

    def _decompose(self, X, indicator, weight, kernel, alphas):
        """A solved ridge problem, and the rows that its coefficients are of.

        None if they are those of the features.
        """
        n_rows, n_features = X.shape
        is_of_features = kernel.is_linear and n_features <= n_rows
        if not self._is_exact(kernel, n_features if is_of_features else n_rows):
            rng = make_random_state(self.random_state)
            n_landmarks = self.n_components
            if isinstance(n_landmarks, str):
                n_landmarks = N_LANDMARKS
            rows = choose_landmarks(X, n_landmarks, weight, rng)
            features = landmark_features(X, X[rows], kernel)
            return PrimalRidge(*features, indicator, weight, alphas, rows), X[rows]
        if is_of_features:
            some = divided(X[spread_rows(weight)[0]], kernel.scale)
            origin = np.asarray(some.mean(axis=0)).ravel().astype(X.dtype)
            features = _rows_of(X, kernel.scale), None, origin
            return PrimalRidge(*features, indicator, weight, alphas), None
        return DualRidge(kernel(X), indicator, weight, alphas), X

    def _is_exact(self, kernel, size):
        """Whether to decompose a matrix of `size` rows."""
        if kernel.is_precomputed and isinstance(self.n_components, Integral):
            raise ValueError(
                "n_components must be None or 'auto' for kernel='precomputed'. Got"
                f" {self.n_components}."
            )
        if isinstance(self.n_components, Integral):
            return False
        is_free = self.n_components == "auto" and not kernel.is_precomputed
        if is_free and size > N_ROWS_EXACT_BY_ITSELF:
            return False
        if size > N_ROWS_EXACT_AT_MOST:
            raise ValueError(
                f"Without landmarks, the kernel of {size} rows takes"
                f" {3 * 8 * size**2 / 1e9:.0f} GB of memory in float64, and half of it"
                f" in float32. At most {N_ROWS_EXACT_AT_MOST} rows are accepted. Pass"
                f" n_components={N_LANDMARKS} or 'auto', or pass fewer rows."
            )
        return True

    def _keep_coefficients(self, coef, intercept, X_fit, kernel):
        for name in ("coef_", "dual_coef_", "X_fit_"):  # of a fit before
            vars(self).pop(name, None)
        self.intercept_ = intercept
        if kernel.is_linear:
            if X_fit is not None:
                coef = divided(X_fit, kernel.scale).T @ coef
            self.coef_ = divided(coef.T, kernel.scale)
        else:
            self.dual_coef_ = coef
            if not kernel.is_precomputed:
                self.X_fit_ = X_fit.copy()  # the caller may change X

    def decision_function(self, X):
        """Score each label: the score is an estimate of a target of -1 or 1.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Embeddings or other features. With `kernel="precomputed"`, the kernel matrix
            of the rows with all rows of `fit`.

        Returns
        -------
        scores : ndarray of shape (n_samples, n_labels), (n_samples, n_classes) or \
                (n_samples,)
            Positive if the label is predicted. One dimension if `y` had one dimension
            and two classes. float32 if `X` of `fit` was float32 or half precision, and
            float64 otherwise.
        """
        check_is_fitted(self)
        return self._decision_function(self._check_X(X))

    def _decision_function(self, X):
        """Scores of features that are checked, and have no names any more."""
        coef = self.coef_.T if hasattr(self, "coef_") else self.dual_coef_
        kernel = self._make_kernel(self.gamma_, self.scale_)
        scores = np.empty((X.shape[0], coef.shape[1]), coef.dtype)
        for rows in row_blocks(X.shape[0], max(coef.shape)):
            features = X[rows]
            if hasattr(self, "X_fit_"):
                features = kernel(features, self.X_fit_)
            scores[rows] = features @ coef + self.intercept_
        return self._encoder.as_margin(scores)

    def _check_X(self, X, *, reset=False, **params):
        is_precomputed = self.kernel == "precomputed"
        X = stack_column(X)
        if getattr(X, "dtype", None) == np.float16:  # scikit-learn would double it
            X = X.astype(np.float32)
        X = validate_data(
            self,
            X,
            accept_sparse=False if is_precomputed else "csr",
            dtype=(np.float64, np.float32) if reset else self.intercept_.dtype,
            reset=reset,
            **params,
        )
        if reset and is_precomputed and X.shape[0] != X.shape[1]:
            raise ValueError(
                "With kernel='precomputed', X of fit must be the kernel matrix of all"
                f" rows with all rows, which is square. Got shape {X.shape}."
            )
        return X

    def _forget_training(self):
        vars(self).pop("loo_decision_function_", None)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        is_precomputed = self.kernel == "precomputed"
        tags.classifier_tags.multi_label = True
        tags.input_tags.sparse = not is_precomputed
        tags.input_tags.pairwise = is_precomputed
        return tags


def _rows_of(X, scale):
    """A function of a slice that gives rows as arrays."""
    return lambda rows: dense(divided(X[rows], scale))


def _standard_deviations(X, weight):
    """Those of the features, 1 where they are constant, in blocks of rows."""
    scaler = StandardScaler(with_mean=False)
    for rows in row_blocks(*X.shape):
        if weight[rows].any():
            scaler.partial_fit(X[rows], sample_weight=weight[rows])
    return scaler.scale_


def _check_alphas(alphas):
    array = np.atleast_1d(np.asarray(alphas))
    is_number = array.ndim == 1 and array.dtype.kind in "uif" and len(array)
    if not (is_number and np.isfinite(array).all() and (array > 0).all()):
        raise ValueError(
            "alphas must be a list of at least one number, all positive and finite. Got"
            f" {shorten(alphas)}."
        )
    return array.astype(np.float64)


def _check_enough_rows(weight):
    n_rows = np.count_nonzero(weight)
    if n_rows < 2:
        raise ValueError(
            "Leave-one-out scores need at least two rows with a sample_weight above 0."
            f" Got n_samples = {len(weight)}, and {n_rows} of them with such a weight."
        )

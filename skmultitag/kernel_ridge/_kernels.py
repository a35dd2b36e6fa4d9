"""Kernels by name, their widths, and their means."""

from numbers import Real

import numpy as np
from scipy import sparse
from sklearn.metrics.pairwise import (
    KERNEL_PARAMS,
    PAIRWISE_KERNEL_FUNCTIONS,
    euclidean_distances,
    manhattan_distances,
    pairwise_kernels,
)

from skmultitag.utils._messages import shorten
from skmultitag.utils._quantiles import column_quantiles

KERNEL_NAMES = {*PAIRWISE_KERNEL_FUNCTIONS, "exponential", "precomputed"}
# rows of which a median of distances is taken: its error is far below what moves scores
N_ROWS_OF_MEDIAN = 1000
_OF_EUCLIDEAN_DISTANCES = {"rbf", "exponential"}
_WITH_GAMMA = {"exponential"}.union(
    name for name, params in KERNEL_PARAMS.items() if "gamma" in params
)


class PairwiseKernel:
    """A kernel, or the mean of several.

    Parameters
    ----------
    kernel : str, callable, or list or tuple of these
        See :class:`~skmultitag.kernel_ridge.KernelRidgeClassifierCV`.

    gamma : str, float or None, or list or tuple of these
        One for all kernels, or one for each.

    degree : float

    coef0 : float

    kernel_params : dict or None
        Of callables.

    scale : ndarray of shape (n_features,) or None
        What all features are divided by.

    Attributes
    ----------
    kernels : list of str or callable

    gammas : list of str, float or None
        Of each kernel; numbers or None after `fit`.
    """

    def __init__(self, kernel, gamma, degree, coef0, kernel_params, scale):
        self.is_mean = isinstance(kernel, (list, tuple))
        self.kernels = list(kernel) if self.is_mean else [kernel]
        _check_kernels(self.kernels, self.is_mean)
        self._set_gammas(gamma)
        self._params = {"degree": degree, "coef0": coef0}
        self._kernel_params = kernel_params or {}
        self.scale = scale

    @property
    def is_linear(self):
        """Whether features are all that there is to it."""
        return self.kernels == ["linear"]

    @property
    def is_precomputed(self):
        return self.kernels == ["precomputed"]

    @property
    def gamma(self):
        """That of each kernel of a mean, as a list, or of the one kernel."""
        return self.gammas if self.is_mean else self.gammas[0]

    def fit(self, X, sample_weight):
        """Replace "median" and None by numbers."""
        n_features, medians = X.shape[1], {}
        for number, (name, gamma) in enumerate(
            zip(self.kernels, self.gammas, strict=True)
        ):
            if not isinstance(name, str) or name not in _WITH_GAMMA:
                self.gammas[number] = None
            elif gamma == "median" and name in (*_OF_EUCLIDEAN_DISTANCES, "laplacian"):
                of = manhattan_distances if name == "laplacian" else euclidean_distances
                if of not in medians:
                    medians[of] = median_distance(X, sample_weight, of, self.scale)
                power = 2 if name == "rbf" else 1
                self.gammas[number] = medians[of] ** -power
            elif isinstance(gamma, Real):  # one of numpy would make float64 of float32
                self.gammas[number] = float(gamma)
            else:
                self.gammas[number] = _default_gamma(name, n_features)
        return self

    def __call__(self, X, Y=None):
        """Values of the kernel between rows of `X` and those of `Y`, or of `X`.

        Returns
        -------
        K : ndarray of shape (n_samples_X, n_samples_Y)
            Of the dtype of `X`. Not a view of anything.
        """
        if self.is_precomputed:
            return X.copy()
        X, Y = divided(X, self.scale), None if Y is None else divided(Y, self.scale)
        squared = None
        if _OF_EUCLIDEAN_DISTANCES & {k for k in self.kernels if isinstance(k, str)}:
            squared = euclidean_distances(X, Y, squared=True)
        mean = None
        for kernel, gamma in zip(self.kernels, self.gammas, strict=True):
            K = self._one(kernel, gamma, X, Y, squared)
            mean = K if mean is None else np.add(mean, K, out=mean)
        if self.is_mean:
            mean /= len(self.kernels)
        return mean.astype(X.dtype, copy=False)

    def _one(self, kernel, gamma, X, Y, squared):
        if kernel == "rbf":
            K = squared * -gamma
            return np.exp(K, out=K)
        if kernel == "exponential":
            K = np.sqrt(squared)
            K *= -gamma
            return np.exp(K, out=K)
        if callable(kernel):
            return pairwise_kernels(X, Y, metric=kernel, **self._kernel_params)
        return pairwise_kernels(
            X, Y, metric=kernel, filter_params=True, gamma=gamma, **self._params
        )

    def _set_gammas(self, gamma):
        is_by_kernel = isinstance(gamma, (list, tuple))
        self.gammas = list(gamma) if is_by_kernel else [gamma] * len(self.kernels)
        if len(self.gammas) != len(self.kernels) or (is_by_kernel and not self.is_mean):
            raise ValueError(
                f"gamma must be one value, or one for each of the {len(self.kernels)}"
                f" kernels of a list. Got {shorten(gamma)}."
            )
        for each in self.gammas:
            is_number = isinstance(each, Real)
            if not (each is None or each == "median" or (is_number and each >= 0)):
                raise ValueError(
                    "gamma must be 'median', None or a number that is not negative."
                    f" Got {shorten(gamma)}."
                )


def _default_gamma(kernel, n_features):
    """What None is; that of scikit-learn where it has the kernel."""
    if kernel == "chi2":
        return 1.0
    return n_features ** (-0.5 if kernel == "exponential" else -1.0)


def _check_kernels(kernels, is_mean):
    for kernel in kernels:
        is_known = callable(kernel) or kernel in KERNEL_NAMES
        if not is_known or (is_mean and kernel == "precomputed"):
            raise ValueError(
                "The kernels in a list must be callables or names among"
                f" {sorted(KERNEL_NAMES - {'precomputed'})}. Got {shorten(kernel)}."
            )
    if not kernels:
        raise ValueError("kernel must have at least one kernel. Got an empty list.")


def spread_rows(sample_weight):
    """All rows of a weight, or of many rows some at equal steps of their weights.

    So that rows that are repeated are the same as rows of a weight.

    Parameters
    ----------
    sample_weight : ndarray of shape (n_samples,)

    Returns
    -------
    rows : ndarray of int

    sample_weight : ndarray
        Of these rows.
    """
    rows = np.flatnonzero(sample_weight)
    if len(rows) <= N_ROWS_OF_MEDIAN:
        return rows, sample_weight[rows]
    sums = np.cumsum(sample_weight)
    steps = (np.arange(N_ROWS_OF_MEDIAN) + 0.5) / N_ROWS_OF_MEDIAN
    rows = np.searchsorted(sums, steps * sums[-1])
    return rows, np.ones(len(rows))


def divided(X, scale):
    """Features divided by their scales, in their own dtype; None leaves them."""
    if scale is None:
        return X
    factor = (1 / scale).astype(X.dtype)
    return X.multiply(factor).tocsr() if sparse.issparse(X) else X * factor


def median_distance(X, sample_weight, distances=euclidean_distances, scale=None):
    """Median distance of rows that are not the same, of at most 1,000; 1 if all are."""
    rows, sample_weight = spread_rows(sample_weight)
    D = distances(divided(X[rows], scale).astype(np.float64))
    pairs = np.triu_indices(len(D), 1)
    distance = D[pairs]
    # those of equal rows are not always 0 when computed
    is_apart = distance > 1e-6 * distance.max(initial=0)
    if not is_apart.any():
        return 1.0
    weight = (sample_weight[pairs[0]] * sample_weight[pairs[1]])[is_apart]
    return column_quantiles(distance[is_apart, None], [0.5], weight).item()

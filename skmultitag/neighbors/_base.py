"""What the classifier and the transformer share: the labels of the nearest rows."""

from numbers import Integral

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.neighbors import NearestNeighbors
from sklearn.utils.validation import check_is_fitted, validate_data

from skmultitag.utils._rows import check_same_rows, stack_column
from skmultitag.utils._sklearn import Interval
from skmultitag.utils._target_encoder import TargetEncoder

# those of the search, which checks the values of the others
SEARCH_PARAMS = ("algorithm", "leaf_size", "metric", "p", "metric_params", "n_jobs")


class BaseNeighbors(BaseEstimator):
    """Base class: has the nearest rows of each row, and the target of `fit`.

    A subclass has the parameters of the search.
    """

    _parameter_constraints = {
        "n_neighbors": [Interval(Integral, 1, None, closed="left")],
        **{
            name: NearestNeighbors._parameter_constraints[name]
            for name in SEARCH_PARAMS
        },
    }

    def _fit_neighbors(self, X, form):
        """Keep the rows and their target. An error can leave a part of them.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)

        form : TargetForm
            Of the target, as `read_form` returns it.

        Returns
        -------
        nearest : ndarray of int of shape (n_samples, n_neighbors)
            Numbers of the rows nearest to each, one more than `n_neighbors_` if there
            are so many others.
        """
        check_same_rows(X=X, y=form.data)
        encoder = TargetEncoder()
        X = self._check_X(X, reset=True, ensure_min_samples=2)
        y = sparse.csr_matrix(encoder.fit_transform(form))
        y.eliminate_zeros()
        n_samples = X.shape[0]
        # arrays, as skops asks whether to trust a sparse matrix
        self._encoder = encoder
        self._label_indices, self._label_indptr = y.indices, y.indptr
        self.label_names_ = encoder.label_names_
        self.n_neighbors_ = min(self.n_neighbors, n_samples - 1)
        search = {name: getattr(self, name) for name in SEARCH_PARAMS}
        self.neighbors_ = NearestNeighbors(
            n_neighbors=min(self.n_neighbors_ + 1, n_samples - 1), **search
        ).fit(X)
        # of each row others only, by number: its copies stay neighbors
        return self.neighbors_.kneighbors(return_distance=False)

    @property
    def _y(self):
        """The indicator of `fit`, a CSR matrix of int64: counts reach beyond 255."""
        ones = np.ones(len(self._label_indices), dtype=np.int64)
        return sparse.csr_matrix(
            (ones, self._label_indices, self._label_indptr),
            shape=(len(self._label_indptr) - 1, self._encoder.n_outputs_),
        )

    def _check_X(self, X, *, reset=False, **params):
        return validate_data(
            self,
            stack_column(X),
            accept_sparse="csr",
            reset=reset,
            ensure_all_finite=self.metric != "nan_euclidean",
            **params,
        )

    def _counts(self, nearest):
        """How often each label is among rows of `fit`.

        Parameters
        ----------
        nearest : ndarray of int of shape (n_rows, n_neighbors)
            Numbers of the rows.

        Returns
        -------
        counts : CSR matrix of shape (n_rows, n_outputs)
        """
        n_rows, k = nearest.shape
        y = self._y
        ends = np.arange(n_rows + 1) * k
        ones = np.ones(nearest.size, dtype=np.int64)
        marks = sparse.csr_matrix(
            (ones, nearest.ravel(), ends), shape=(n_rows, y.shape[0])
        )
        return marks @ y

    def _counts_of_new(self, X):
        check_is_fitted(self)
        nearest = self.neighbors_.kneighbors(
            self._check_X(X), self.n_neighbors_, return_distance=False
        )
        return self._counts(nearest)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.input_tags.sparse = True
        tags.input_tags.pairwise = self.metric == "precomputed"
        tags.input_tags.allow_nan = self.metric == "nan_euclidean"
        return tags

"""What all samplers share: from data of any form to resampled data of that form."""

from typing import NamedTuple

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator, OneToOneFeatureMixin
from sklearn.utils import check_array
from sklearn.utils.validation import validate_data

from skmultitag.sampling._containers import append_labels, append_rows, select_rows
from skmultitag.sampling._labels import count_labels, minority_columns, read_target
from skmultitag.utils._annotation import positives
from skmultitag.utils._doc_link import DocLinkMixin
from skmultitag.utils._given import check_is_matrix
from skmultitag.utils._messages import naming
from skmultitag.utils._rows import check_same_rows
from skmultitag.utils._sklearn import StrOptions, fit_context


class Resampled(NamedTuple):
    """Result of a sampler, from which the resampled data are made.

    Attributes
    ----------
    rows : ndarray of shape (n_rows,) or None
        Numbers of the given rows to take. None for all.

    y_new : CSR array of uint8 or int8 of shape (n_new, n_labels) or None
        New label sets: of the last `n_new` of `rows`, or of the rows of `X_new`.

    X_new : ndarray or CSR array of shape (n_new, n_features) or None
        Features of new rows, which are appended to all given rows.
    """

    rows: np.ndarray | None
    y_new: sparse.csr_array | None = None
    X_new: np.ndarray | sparse.csr_array | None = None


class BaseMultilabelSampler(DocLinkMixin, OneToOneFeatureMixin, BaseEstimator):
    """Base class of samplers: it checks and converts the data, and converts them back.

    A subclass defines `_fit_resample`. It gets the checked features, the indicator as a
    CSR array of uint8 (or of int8, with -1 for entries that are not annotated), and the
    indices of the minority labels, and returns `Resampled`. If it computes with the
    features, it sets `_reads_features`. Then it gets an array or CSR matrix of finite
    numbers.

    The samplers of imbalanced-learn refuse multilabel targets by contract. So this
    class does not inherit from theirs, but the methods and their meaning are the same.
    """

    # what imbalanced-learn recognizes its samplers by
    _estimator_type = "sampler"
    _reads_features = False

    _parameter_constraints = {"sampling_strategy": [StrOptions({"auto"}), "array-like"]}

    def __init__(self, *, sampling_strategy="auto"):
        self.sampling_strategy = sampling_strategy

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y):
        """Check the data and the parameters, without resampling.

        Parameters
        ----------
        X : {array-like, sparse matrix, DataFrame} of shape (n_samples, n_features)
            Features.

        y : {array-like, sparse matrix, DataFrame} of shape (n_samples, n_labels) \
                or list of tag lists
            Multilabel target, as in `fit_resample`.

        Returns
        -------
        self : object
            The sampler.
        """
        self._check(X, y)
        return self

    @fit_context(prefer_skip_nested_validation=True)
    def fit_resample(self, X, y, **params):
        """Resample the rows.

        Parameters
        ----------
        X : {array-like, sparse matrix, DataFrame} of shape (n_samples, n_features)
            Features. `X` is not changed.

        y : {array-like, sparse matrix, DataFrame} of shape (n_samples, n_labels) \
                or list of tag lists
            Multilabel target: an indicator of 0 and 1, or the tags of each row. Entries
            that are NaN are not annotated: they count as 0, and stay NaN in the result.

        **params : dict
            Parameters of your own sampler. The samplers of this package take none.

        Returns
        -------
        X_resampled : {array, sparse matrix, DataFrame} of shape (n_new, n_features)
            The features, in a container of the type of `X`, with its dtypes and
            columns. The index of a DataFrame is kept if rows are only left out.

        y_resampled : {array, sparse matrix, DataFrame} of shape (n_new, n_labels) \
                or list of tag lists
            The target, in the form of `y`.
        """
        data, indicator, names, minority = self._check(X, y)
        rows, y_new, X_new = self._fit_resample(data, indicator, minority, **params)
        if y_new is None or y_new.shape[0] == 0:
            rows = np.arange(indicator.shape[0]) if rows is None else rows
            return select_rows(X, rows), select_rows(y, rows)
        if X_new is None:
            y = select_rows(y, rows[: -y_new.shape[0]])
            X_resampled = select_rows(X, rows)
        else:
            with naming("X"):
                X_resampled = append_rows(X, X_new)
        with naming("y"):
            return X_resampled, append_labels(y, y_new, names)

    def _check(self, X, y):
        data = self._check_features(X)
        indicator, names = read_target(y)
        check_same_rows(X=data, y=indicator)
        counts = count_labels(positives(indicator))
        minority = minority_columns(counts, names, self.sampling_strategy)
        self.minority_labels_ = names[minority]
        return data, indicator, names, minority

    def _check_features(self, X):
        with naming("X"):
            check_is_matrix(X, "X")
            if self._reads_features:
                data = validate_data(self, X, accept_sparse="csr")
                if data.dtype.kind in "mM":
                    raise TypeError(
                        f"X must have numbers. Got dates (dtype {data.dtype}): turn"
                        " them into numbers."
                    )
                return data
            if not hasattr(X, "columns"):
                check_array(X, accept_sparse=True, dtype=None, ensure_all_finite=False)
            validate_data(self, X, skip_check_array=True)
        return X

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.estimator_type = "sampler"
        tags.target_tags.required = True
        tags.target_tags.two_d_labels = True
        tags.target_tags.single_output = False
        tags.target_tags.multi_output = True
        tags.input_tags.sparse = True
        tags.input_tags.allow_nan = not self._reads_features
        tags.input_tags.string = not self._reads_features
        return tags

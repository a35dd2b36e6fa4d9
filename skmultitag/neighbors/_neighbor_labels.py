import numpy as np
from scipy import sparse
from sklearn.base import TransformerMixin
from sklearn.utils.validation import check_is_fitted

from skmultitag.neighbors._base import BaseNeighbors
from skmultitag.utils._doc_link import DocLinkMixin
from skmultitag.utils._sklearn import fit_context
from skmultitag.utils._target_forms import read_form
from skmultitag.utils._versioned_state import VersionedStateMixin


class NeighborLabels(
    DocLinkMixin, VersionedStateMixin, TransformerMixin, BaseNeighbors
):
    r"""Labels of the nearest rows as features: of each label, the share that has it.

    Beside the features themselves they tell another classifier what it does not see in
    a row alone. With logistic regression they are IBLR-ML [1]_.

    Rows of `fit` are never their own neighbors. So `fit_transform` returns what is
    true of new rows too, and is not the same as `transform` after `fit`, as in
    :class:`~sklearn.preprocessing.TargetEncoder`: a row would find itself then, and a
    classifier would believe its labels.

    Read more in the :ref:`User Guide <neighbor_labels>`.

    Parameters
    ----------
    n_neighbors : int, default=10
        Number of neighbors, in [1, inf). All other rows, if there are not so many.

    metric : str or callable, default="euclidean"
        Distance, as in :class:`~sklearn.neighbors.NearestNeighbors`. "cosine" suits
        embeddings; for "precomputed" `X` has the distances to the rows of `fit`.

    algorithm, leaf_size, p, metric_params, n_jobs : object
        Of the search, as in :class:`~sklearn.neighbors.NearestNeighbors`.

    sparse_output : bool, default=False
        Whether the shares are a sparse matrix. Of thousands of labels almost all shares
        are 0, and the sparse ones can be scores of
        :func:`~skmultitag.metrics.precision_at_k` as they are.

    Attributes
    ----------
    n_neighbors_ : int
        Number of neighbors in use.

    neighbors_ : NearestNeighbors
        The fitted search.

    label_names_ : ndarray of shape (n_labels,)
        Tags, or names of the columns of `y`, or 0 to n_labels - 1; the classes for a
        `y` of one dimension.

    n_features_in_ : int
        Number of features.

    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, if `X` of `fit` has any that are strings.

    See Also
    --------
    MLkNNClassifier : Classifies by these counts alone.
    sklearn.preprocessing.TargetEncoder : Another transformer of this kind.

    Notes
    -----
    Of equally distant rows those are neighbors that scikit-learn's search returns
    first. A copy of a row is its neighbor.

    References
    ----------
    .. [1] W. Cheng, E. Huellermeier, "Combining Instance-Based Learning and Logistic
       Regression for Multilabel Classification", Machine Learning 76, 2009.

    Examples
    --------
    >>> from skmultitag.neighbors import NeighborLabels
    >>> X = [[0.0], [1.0], [3.0], [9.0]]
    >>> y = [["bird"], ["bird", "cat"], ["cat"], []]
    >>> neighbors = NeighborLabels(n_neighbors=2)
    >>> neighbors.fit_transform(X, y)  # the first row has the next two as neighbors
    array([[0.5, 1. ],
           [0.5, 0.5],
           [1. , 0.5],
           [0.5, 1. ]])
    >>> neighbors.transform([[0.0]])  # a new row
    array([[1. , 0.5]])
    >>> neighbors.get_feature_names_out()
    array(['neighbors_bird', 'neighbors_cat'], dtype=object)
    """

    _parameter_constraints = {
        **BaseNeighbors._parameter_constraints,
        "sparse_output": ["boolean"],
    }

    def __init__(
        self,
        n_neighbors=10,
        *,
        metric="euclidean",
        algorithm="auto",
        leaf_size=30,
        p=2,
        metric_params=None,
        n_jobs=None,
        sparse_output=False,
    ):
        self.n_neighbors = n_neighbors
        self.metric = metric
        self.algorithm = algorithm
        self.leaf_size = leaf_size
        self.p = p
        self.metric_params = metric_params
        self.n_jobs = n_jobs
        self.sparse_output = sparse_output

    def fit(self, X, y):
        """Keep the rows and their labels.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Embeddings or other features; distances of all rows to all rows for
            `metric="precomputed"`.

        y : {array-like, sparse matrix} of shape (n_samples, n_labels), list of \
                n_samples lists of tags, or array-like of shape (n_samples,)
            Targets in any form that :class:`~skmultitag.MultiTagClassifier` takes.

        Returns
        -------
        self : object
            The fitted transformer.
        """
        self.fit_transform(X, y)
        return self

    @fit_context(prefer_skip_nested_validation=True)
    def fit_transform(self, X, y):
        """Keep the rows and their labels, and return the shares of other rows.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            What `fit` takes.

        y : {array-like, sparse matrix} of shape (n_samples, n_labels), list of \
                n_samples lists of tags, or array-like of shape (n_samples,)
            What `fit` takes.

        Returns
        -------
        shares : {ndarray, CSR array} of shape (n_samples, n_labels)
            In [0, 1], of the neighbors of each row without the row itself.
        """
        self._fit_neighbors(X, read_form(y))
        return self._shares(self._counts(vars(self).pop("_nearest")))

    def _fit(self, nearest):
        self._nearest = nearest[:, : self.n_neighbors_]

    def transform(self, X):
        """Return the shares of the neighbors of new rows.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            What `fit` takes; distances to all rows of `fit` for
            `metric="precomputed"`.

        Returns
        -------
        shares : {ndarray, CSR array} of shape (n_samples, n_labels)
            In [0, 1].
        """
        return self._shares(self._counts_of_new(X))

    def _shares(self, counts):
        if not self.sparse_output:
            return counts.toarray() / self.n_neighbors_
        # scipy would multiply by 1 / n_neighbors, and round
        parts = counts.data / self.n_neighbors_, counts.indices, counts.indptr
        return sparse.csr_array(parts, shape=counts.shape)

    def get_feature_names_out(self, input_features=None):
        """Names of the columns that `transform` returns.

        Parameters
        ----------
        input_features : array-like of str or None, default=None
            Not used.

        Returns
        -------
        names : ndarray of str of shape (n_labels,)
            The name of each label, after ``"neighbors_"``.
        """
        check_is_fitted(self)
        names = self.label_names_[-self._encoder.n_outputs_ :]
        return np.array([f"neighbors_{name}" for name in names], dtype=object)

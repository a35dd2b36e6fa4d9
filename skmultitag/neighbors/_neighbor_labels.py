import numpy as np
from scipy import sparse
from sklearn.base import TransformerMixin
from sklearn.utils.validation import check_is_fitted

from skmultitag.neighbors._base import BaseNeighbors
from skmultitag.utils._doc_link import DocLinkMixin
from skmultitag.utils._rollback import as_before_on_error
from skmultitag.utils._sklearn import fit_context
from skmultitag.utils._target_forms import read_form
from skmultitag.utils._versioned_state import VersionedStateMixin


class NeighborLabels(
    DocLinkMixin, VersionedStateMixin, TransformerMixin, BaseNeighbors
):
    r"""Labels of the nearest rows as features: the share of neighbors with each label.

    Use these shares as further features of another classifier, beside the features of
    the row itself. Logistic regression on them is IBLR-ML [1]_.

    In `fit_transform` a row is not its own neighbor, so training rows get shares like
    those of new rows. As in :class:`~sklearn.preprocessing.TargetEncoder`, `fit`
    followed by `transform` on the same rows gives another result: there each row is its
    own neighbor, and a classifier would learn to trust its label.

    Read more in the :ref:`User Guide <neighbor_labels>`.

    Parameters
    ----------
    n_neighbors : int, default=10
        Number of neighbors, in [1, inf). If there are fewer other rows, all of them.

    metric : str or callable, default="euclidean"
        Distance, as in :class:`~sklearn.neighbors.NearestNeighbors`. Use "cosine" for
        embeddings. With "precomputed", `X` has the distances to the rows of `fit`.

    algorithm, leaf_size, p, metric_params, n_jobs : object
        Parameters of :class:`~sklearn.neighbors.NearestNeighbors`.

    sparse_output : bool, default=False
        Whether the shares are returned as a sparse matrix. Use it with thousands of
        labels, where almost all shares are 0. You can pass the sparse shares as scores
        to :func:`~skmultitag.metrics.precision_at_k`.

    Attributes
    ----------
    n_neighbors_ : int
        Number of neighbors that is used.

    neighbors_ : NearestNeighbors
        The fitted search for neighbors.

    label_names_ : ndarray of shape (n_labels,)
        Tags, or names of the columns of `y`, or 0 to n_labels - 1. For a `y` of one
        dimension, its classes.

    n_features_in_ : int
        Number of features.

    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, if `X` of `fit` has names that are strings.

    See Also
    --------
    MLkNNClassifier : A classifier that uses only the counts of neighbors.
    sklearn.preprocessing.TargetEncoder : Another transformer of this kind.

    Notes
    -----
    If several rows are equally distant, neighbors are those that scikit-learn's search
    returns first. A copy of a row is its neighbor.

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
        """Store the rows and their labels.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Embeddings or other features. With `metric="precomputed"`, distances of all
            rows to all rows.

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
        """Store the rows and their labels, and return the shares for these rows.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Features, as in `fit`.

        y : {array-like, sparse matrix} of shape (n_samples, n_labels), list of \
                n_samples lists of tags, or array-like of shape (n_samples,)
            Targets, as in `fit`.

        Returns
        -------
        shares : {ndarray, CSR array} of shape (n_samples, n_labels)
            Share of the neighbors that have each label, in [0, 1]. A row is not its own
            neighbor.
        """
        with as_before_on_error(self):
            nearest = self._fit_neighbors(X, read_form(y))
        return self._shares(self._counts(nearest[:, : self.n_neighbors_]))

    def transform(self, X):
        """Return the shares for new rows.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Features, as in `fit`. With `metric="precomputed"`, distances to all rows of
            `fit`.

        Returns
        -------
        shares : {ndarray, CSR array} of shape (n_samples, n_labels)
            Share of the neighbors that have each label, in [0, 1].
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

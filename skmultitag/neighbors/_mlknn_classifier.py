from numbers import Real

from sklearn.base import ClassifierMixin

from skmultitag.neighbors._base import BaseNeighbors
from skmultitag.neighbors._leave_one_out import leave_one_out_posteriors
from skmultitag.neighbors._tables import count_tables, look_up, posterior
from skmultitag.utils._labelled_classifier import LabelledClassifierMixin
from skmultitag.utils._rollback import as_before_on_error
from skmultitag.utils._scores import columns_of_proba
from skmultitag.utils._sklearn import Interval, fit_context


class MLkNNClassifier(LabelledClassifierMixin, ClassifierMixin, BaseNeighbors):
    r"""Nearest neighbors with probabilities from counts of neighbors (ML-kNN).

    Use it to compare with a classical system, or with few rows and labels that come in
    clusters. For each label, a table has the probability that a row has the label,
    given how many of its k nearest neighbors have it. The tables are computed from the
    rows of `fit`; a row is not its own neighbor.

    Let :math:`c_{ij}` be the number of neighbors of row i that have label j, and s the
    `smoothing`. The table follows by Bayes' rule from

    .. math::
        P(y_j = 1) &= \frac{s + \sum_i y_{ij}}{2 s + n} , \\
        P(c \mid y_j = 1) &= \frac{s + \#\{i: y_{ij} = 1, c_{ij} = c\}}
                                  {s (k + 1) + \sum_i y_{ij}} ,

    and the same for rows without the label. A label is predicted if its probability is
    above 1/2. This is seldom the best threshold for F1.
    :class:`~skmultitag.ThresholdedClassifierCV` finds better ones, and fits this
    classifier only once, because it has leave-one-out probabilities.

    Read more in the :ref:`User Guide <mlknn>`.

    Parameters
    ----------
    n_neighbors : int, default=10
        The number k of neighbors, in [1, inf). If there are fewer other rows, all of
        them.

    smoothing : float, default=1.0
        Number that is added to each count, in (0, inf). 1 means a uniform prior.

    metric : str or callable, default="euclidean"
        Distance, as in :class:`~sklearn.neighbors.NearestNeighbors`. Use "cosine" for
        embeddings. With "precomputed", `X` has the distances to the rows of `fit`.

    algorithm, leaf_size, p, metric_params, n_jobs : object
        Parameters of :class:`~sklearn.neighbors.NearestNeighbors`.

    Attributes
    ----------
    prior_ : ndarray of shape (n_labels,)
        Smoothed frequency of each label.

    likelihood_ : ndarray of shape (n_labels, 2, `n_neighbors_` + 1)
        Probability of each count of neighbors, first for rows without the label, then
        for rows with it.

    posterior_ : ndarray of shape (n_labels, `n_neighbors_` + 1)
        The tables: probability of the label for each count of neighbors.

    loo_proba_ : ndarray
        Leave-one-out probabilities: for each row of `fit`, those of a model that was
        fitted on all other rows. Has the shape of the result of `predict_proba`. It is
        computed on each access.

    n_neighbors_ : int
        Number of neighbors that is used.

    neighbors_ : NearestNeighbors
        The fitted search for neighbors.

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
    NeighborLabels : The counts as features of another classifier.
    sklearn.neighbors.KNeighborsClassifier : Predicts from shares of neighbors.

    Notes
    -----
    The paper leaves two things open. Here a label with a probability of exactly 1/2 is
    not predicted. If several rows are equally distant, neighbors are those that
    scikit-learn's search returns first. If there are no such rows, probabilities are
    equal to those of Mulan (which decides at random at 1/2). A copy of a row is its
    neighbor. So `fit` takes no `sample_weight`: a row with weight 2 could not count as
    two rows.

    For a `y` of one dimension, the probabilities of its classes are scaled so that
    their sum is 1.

    References
    ----------
    .. [1] M.-L. Zhang, Z.-H. Zhou, "ML-KNN: A Lazy Learning Approach to Multi-Label
       Learning", Pattern Recognition 40(7), 2007.

    Examples
    --------
    >>> from skmultitag.neighbors import MLkNNClassifier
    >>> X = [[0.0], [1.0], [2.0], [7.0], [8.0], [9.0]]
    >>> y = [[1, 0], [1, 0], [1, 0], [0, 1], [0, 1], [0, 1]]
    >>> model = MLkNNClassifier(n_neighbors=2).fit(X, y)
    >>> model.posterior_[0].round(2)  # of label 0, if 0, 1 or 2 neighbors have it
    array([0.2, 0.5, 0.8])
    >>> model.predict([[0.5], [8.5]])
    array([[1, 0],
           [0, 1]])
    """

    _parameter_constraints = {
        **BaseNeighbors._parameter_constraints,
        "smoothing": [Interval(Real, 0, None, closed="neither")],
    }

    def __init__(
        self,
        n_neighbors=10,
        smoothing=1.0,
        *,
        metric="euclidean",
        algorithm="auto",
        leaf_size=30,
        p=2,
        metric_params=None,
        n_jobs=None,
    ):
        self.n_neighbors = n_neighbors
        self.smoothing = smoothing
        self.metric = metric
        self.algorithm = algorithm
        self.leaf_size = leaf_size
        self.p = p
        self.metric_params = metric_params
        self.n_jobs = n_jobs

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y):
        """Find the neighbors of all rows, and compute the tables.

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
            The fitted estimator.
        """
        form = self._read_target(y)
        with as_before_on_error(self):
            self._nearest = self._fit_neighbors(X, form)
            counts = self._counts(self._nearest[:, : self.n_neighbors_])
            tables = count_tables(counts, self._y, self.n_neighbors_)
            self.prior_, self.likelihood_, self.posterior_ = posterior(
                tables, self.smoothing
            )
            self.classes_ = self._encoder.classes_
        return self

    @property
    def loo_proba_(self):
        if not hasattr(self, "_nearest"):
            raise AttributeError(
                f"This {type(self).__name__} has no loo_proba_: it is not fitted, or"
                " was made by skmultitag.for_inference."
            )
        proba = leave_one_out_posteriors(
            self._nearest, self._y, self.n_neighbors_, self.smoothing
        )
        return self._encoder.as_proba(proba)

    def predict_proba(self, X):
        """Look up the probability of each label in the tables.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Embeddings or other features. With `metric="precomputed"`, distances to all
            rows of `fit`.

        Returns
        -------
        proba : ndarray of shape (n_samples, n_labels) or (n_samples, n_classes)
            Probabilities in (0, 1). If `y` had one dimension, each row sums to 1.
        """
        proba = look_up(self._counts_of_new(X), self.posterior_)
        return self._encoder.as_proba(proba)

    def predict(self, X):
        """Predict the labels of each row.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Features, as in `predict_proba`.

        Returns
        -------
        y : {ndarray, sparse matrix} of shape (n_samples, n_labels) or (n_samples,)
            Indicator of the labels with a probability above 1/2. It has the dtype of
            the `y` seen in `fit` (int64 for tags), and is sparse if `y` was sparse. If
            `y` had one dimension, the most probable class.
        """
        proba, encoder = self.predict_proba(X), self._encoder
        proba = columns_of_proba(proba, self, encoder.n_outputs_)
        return encoder.inverse_transform(encoder.decide(proba, 0.5))

    def _forget_training(self):
        vars(self).pop("_nearest", None)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags

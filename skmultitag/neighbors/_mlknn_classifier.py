from numbers import Real

import numpy as np
from sklearn.base import ClassifierMixin

from skmultitag.neighbors._base import BaseNeighbors
from skmultitag.neighbors._leave_one_out import leave_one_out_posteriors
from skmultitag.neighbors._tables import count_tables, look_up, posterior
from skmultitag.utils._labelled_classifier import LabelledClassifierMixin
from skmultitag.utils._sklearn import Interval, fit_context


class MLkNNClassifier(LabelledClassifierMixin, ClassifierMixin, BaseNeighbors):
    r"""Nearest neighbors whose votes are turned into probabilities (ML-kNN).

    For each label a table says how likely it is on a row, given how many of the k
    nearest rows have it. The tables are counted on the rows of `fit`, of which each is
    left out of its own neighbors.

    With :math:`c_{ij}` the number of the k nearest rows of row i, other than itself,
    that have label j, and a smoothing s, the table is Bayes' rule for

    .. math::
        P(y_j = 1) &= \frac{s + \sum_i y_{ij}}{2 s + n} , \\
        P(c \mid y_j = 1) &= \frac{s + \#\{i: y_{ij} = 1, c_{ij} = c\}}
                                  {s (k + 1) + \sum_i y_{ij}} ,

    and the same for the rows without the label. A label is predicted where it is
    likelier than 1/2. As for most classifiers, that is seldom best for F1: see
    :class:`~skmultitag.ThresholdedClassifierCV`, which needs one fit of this
    classifier only, as its leave-one-out probabilities are known.

    Read more in the :ref:`User Guide <mlknn>`.

    Parameters
    ----------
    n_neighbors : int, default=10
        The number k of neighbors, in [1, inf). All other rows, if there are not so
        many.

    smoothing : float, default=1.0
        What is added to each count, in (0, inf): 1 is a uniform prior.

    metric : str or callable, default="euclidean"
        Distance, as in :class:`~sklearn.neighbors.NearestNeighbors`. "cosine" suits
        embeddings; for "precomputed" `X` has the distances to the rows of `fit`.

    algorithm, leaf_size, p, metric_params, n_jobs : object
        Of the search, as in :class:`~sklearn.neighbors.NearestNeighbors`.

    Attributes
    ----------
    prior_ : ndarray of shape (n_labels,)
        Probabilities of the labels, smoothed.

    likelihood_ : ndarray of shape (n_labels, 2, `n_neighbors_` + 1)
        Probabilities of each count, first for rows without the label, then with it.

    posterior_ : ndarray of shape (n_labels, `n_neighbors_` + 1)
        Probability of the label for each count: the table.

    loo_proba_ : ndarray of the shape of `predict_proba`
        Probabilities of the rows of `fit`, each by the model of all other rows. They
        are computed each time that they are asked for.

    n_neighbors_ : int
        Number of neighbors in use.

    neighbors_ : NearestNeighbors
        The fitted search.

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
    NeighborLabels : The counts as features of another classifier.
    sklearn.neighbors.KNeighborsClassifier : Shares of the neighbors as they are.

    Notes
    -----
    The paper leaves open what is decided here: at 1/2 no label is predicted; of equally
    distant rows those are neighbors that scikit-learn's search returns first. Where
    there are none, probabilities are those of Mulan, which draws at 1/2. A copy of a
    row is its neighbor, so that no weights are taken: a weight would not be a number
    of repeated rows.

    For a `y` of one dimension the probabilities of its classes are scaled to a sum
    of 1.

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
        """Count the labels of the neighbors of all rows.

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
            The fitted estimator.
        """
        self._fit_neighbors(X, self._read_target(y))
        return self

    def _fit(self, nearest):
        self._nearest = nearest
        counts = self._counts(nearest[:, : self.n_neighbors_])
        tables = count_tables(counts, self._y, self.n_neighbors_)
        self.prior_, self.likelihood_, self.posterior_ = posterior(
            tables, self.smoothing
        )
        self.classes_ = self._encoder.classes_

    @property
    def loo_proba_(self):
        if not hasattr(self, "_nearest"):
            raise AttributeError(
                f"This {type(self).__name__} has no loo_proba_: it is not fitted, or"
                " was made by skmultitag.for_inference."
            )
        return self._in_form(
            leave_one_out_posteriors(
                self._nearest, self._y, self.n_neighbors_, self.smoothing
            )
        )

    def predict_proba(self, X):
        """Probabilities of the labels, from the tables.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Embeddings or other features; distances to all rows of `fit` for
            `metric="precomputed"`.

        Returns
        -------
        proba : ndarray of shape (n_samples, n_labels) or (n_samples, n_classes)
            Inside (0, 1). The rows sum to 1 for a `y` of one dimension.
        """
        return self._in_form(look_up(self._counts_of_new(X), self.posterior_))

    def _in_form(self, proba):
        if self._encoder.kind_ == "binary":
            return np.hstack([1 - proba, proba])
        if self._encoder.kind_ == "multiclass":
            return proba / proba.sum(axis=1, keepdims=True)
        return proba

    def predict(self, X):
        """Predict the labels of each row.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            What `predict_proba` takes.

        Returns
        -------
        y : {ndarray, sparse matrix} of shape (n_samples, n_labels) or (n_samples,)
            Labels that are likelier than 1/2, as an indicator of the dtype of the `y`
            seen in `fit`, sparse if that was sparse; int64 for tags. For a `y` of one
            dimension the likeliest class.
        """
        proba = self.predict_proba(X)
        if self._encoder.kind_ == "multiclass":
            is_predicted = proba == proba.max(axis=1, keepdims=True)
        elif self._encoder.kind_ == "binary":
            is_predicted = proba[:, 1:] > 0.5
        else:
            is_predicted = proba > 0.5
        return self._encoder.inverse_transform(is_predicted)

    def _forget_training(self):
        vars(self).pop("_nearest", None)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags

from numbers import Integral

import numpy as np
from imblearn.utils import check_neighbors_object
from scipy import sparse

from skmultitag.sampling._base import BaseMultilabelSampler, Resampled
from skmultitag.utils._annotation import is_partial, not_annotated, positives
from skmultitag.utils._random_state import make_random_state
from skmultitag.utils._sklearn import HasMethods, Interval, StrOptions


class MLSMOTE(BaseMultilabelSampler):
    r"""Oversample by new rows between neighbors that share a minority label (MLSMOTE).

    Use it in place of copies if features are numbers with a meaningful distance. For
    each minority label and each row that has it, a new row is made. It lies at a random
    place between the row and one of its nearest neighbors, chosen at random, among the
    rows of the label. Its labels are computed from the labels of the row and of all
    these neighbors.

    Read more in the :ref:`User Guide <samplers>`.

    Parameters
    ----------
    sampling_strategy : "auto" or list of labels, default="auto"
        Which labels are minority labels.

        - "auto": labels whose imbalance ratio is above the mean ratio of all labels.
          The ratio of a label l with :math:`n_l` rows is :math:`\max_k n_k / n_l`.
        - list of labels: names of the columns of a DataFrame, tags, or else numbers of
          columns.

    label_rule : {"ranking", "union", "intersection"}, default="ranking"
        Which labels a new row gets.

        - "ranking": labels that more than half of the row and its neighbors have.
        - "union": labels that the row or any neighbor has.
        - "intersection": labels that the row and all neighbors have.

        The minority label itself is always among them. For each label, rows in which it
        is not annotated are left out. If it is annotated in none of them, it is not
        annotated in the new row.

    k_neighbors : int or object, default=5
        Number of neighbors, in [1, inf), or an object with the methods `kneighbors`
        and `kneighbors_graph`, such as :class:`sklearn.neighbors.NearestNeighbors`, as
        in :class:`imblearn.over_sampling.SMOTE`. The object is cloned. Its
        `n_neighbors` counts the row itself, so it must be one more than the number of
        neighbors. If a label has fewer rows, all its other rows are neighbors.

    random_state : int, RandomState instance or None, default=None
        Seed of the choice of neighbors and places. With None, a new random stream is
        used, and the global one of numpy is not changed.

    Attributes
    ----------
    nn_k_ : estimator object
        The search for neighbors, as fitted for the last minority label.

    minority_labels_ : ndarray of shape (n_minority_labels,)
        Names of the minority labels that have a row.

    n_features_in_ : int
        Number of features.

    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features, if they are strings.

    See Also
    --------
    MLROS : Copies rows in place of making new ones.
    REMEDIAL : Use it first if rare labels occur together with common ones.
    mean_imbalance_ratio : Computes the mean ratio of "auto".

    Notes
    -----
    A label with one row has no neighbors, and gets no new rows. All other minority
    labels get as many new rows as they have rows, in the order of labels and rows.

    The paper [1]_ leaves some choices open, and published implementations differ. Here:

    - The place between two rows is one random number for all features, as in SMOTE and
      imbalanced-learn, so a new row lies on the line between them. The paper draws one
      number for each feature. The new row then leaves the line, and with embeddings
      also the neighborhood.
    - Neighbors are given rows, not new rows of earlier labels.
    - Imbalance ratios are those of the given data.
    - "ranking" takes labels of more than half of the rows, as the authors' R package
      mldr.resampling does. In Mulan, half of the rows are enough.
    - Distances are Euclidean over all features, so scale the features first. The
      paper's distance for nominal features is left out, so encode them first. If `X`
      has integers, new values are rounded.

    References
    ----------
    .. [1] F. Charte, A. J. Rivera, M. J. del Jesus, F. Herrera, "MLSMOTE: Approaching
       Imbalanced Multilabel Learning through Synthetic Instance Generation",
       Knowledge-Based Systems 89, 2015.

    Examples
    --------
    >>> from skmultitag.sampling import MLSMOTE
    >>> X = [[0.0], [1.0], [2.0], [3.0]]
    >>> y = [["a"], ["a"], ["a", "b"], ["a", "b", "c"]]
    >>> sampler = MLSMOTE(sampling_strategy=["b"], random_state=0)
    >>> X_resampled, y_resampled = sampler.fit_resample(X, y)
    >>> [2 <= x <= 3 for (x,) in X_resampled[4:]]
    [True, True]
    >>> y_resampled[4:]  # c is on one of the two rows of b
    [['a', 'b'], ['a', 'b']]
    """

    _reads_features = True

    _parameter_constraints = {
        **BaseMultilabelSampler._parameter_constraints,
        "label_rule": [StrOptions({"ranking", "union", "intersection"})],
        "k_neighbors": [
            Interval(Integral, 1, None, closed="left"),
            HasMethods(["kneighbors", "kneighbors_graph"]),
        ],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        *,
        sampling_strategy="auto",
        label_rule="ranking",
        k_neighbors=5,
        random_state=None,
    ):
        super().__init__(sampling_strategy=sampling_strategy)
        self.label_rule = label_rule
        self.k_neighbors = k_neighbors
        self.random_state = random_state

    def _fit_resample(self, X, y, minority):
        self.nn_k_ = check_neighbors_object(
            "k_neighbors", self.k_neighbors, additional_neighbor=1
        )
        random_state = make_random_state(self.random_state)
        by_label = positives(y).tocsc()
        X_new, y_new = [X[:0]], [y[:0]]
        for label in minority:
            rows = by_label.indices[by_label.indptr[label] : by_label.indptr[label + 1]]
            if len(rows) < 2:
                continue
            X_label, y_label = _as_float(X[rows]), y[rows]
            neighbors = self._neighbors(X_label)
            column = random_state.randint(neighbors.shape[1], size=len(rows))
            chosen = neighbors[np.arange(len(rows)), column]
            step = random_state.uniform(size=len(rows))
            X_new.append(_between(X_label, X_label[chosen], step))
            y_new.append(self._labels(y_label, neighbors))
        stack = sparse.vstack if sparse.issparse(X) else np.concatenate
        return Resampled(None, sparse.vstack(y_new, format="csr"), stack(X_new))

    def _neighbors(self, X):
        """Numbers of the nearest other rows of each row, as a matrix."""
        n_neighbors = min(self.nn_k_.n_neighbors, X.shape[0])
        found = self.nn_k_.fit(X).kneighbors(
            X, n_neighbors=n_neighbors, return_distance=False
        )
        # a row is its own neighbor, the first one unless others are equal to it: it
        # comes last here, or else the farthest neighbor does
        is_itself = found == np.arange(len(found))[:, None]
        order = np.argsort(is_itself, axis=1, kind="stable")[:, :-1]
        return np.take_along_axis(found, order, axis=1)

    def _labels(self, y, neighbors):
        """The labels of one new row for each row, as a CSR array."""
        n_samples, k = neighbors.shape
        group = np.column_stack([np.arange(n_samples), neighbors])
        ones = np.ones(group.size, dtype=np.int32)
        members = sparse.csr_array(
            (ones, group.ravel(), np.arange(0, group.size + 1, k + 1)),
            shape=(n_samples, n_samples),
        )
        # of the rows that are asked, more than half, any, or all: n is at least
        # (k + 1 - n_unknown) / 2 + 1 / 2, 1, or k + 1 - n_unknown
        least, share = {
            "ranking": (k / 2 + 1, 0.5),
            "union": (1, 0),
            "intersection": (k + 1, 1),
        }[self.label_rule]
        counts = members @ positives(y)
        if not is_partial(y):
            return _where_at_least(counts, least, y.dtype)
        n_unknown = members @ not_annotated(y)
        has_label = _where_at_least(counts + share * n_unknown, least, y.dtype)
        is_unknown = _where_at_least(n_unknown, k + 1, y.dtype)
        return has_label - has_label * is_unknown - is_unknown


def _where_at_least(counts, least, dtype):
    """Where entries of a CSR array are large enough, as a CSR array of 1."""
    counts.data = (counts.data >= least).astype(dtype)
    counts.eliminate_zeros()
    counts.sort_indices()
    return counts


def _as_float(X):
    if X.dtype in (np.float64, np.float32):
        return X
    return X.astype(np.float32 if X.dtype == np.float16 else np.float64)


def _between(X, neighbors, step):
    """The points at the shares `step` of the way from rows to neighbors."""
    step = step.astype(X.dtype)[:, None]
    if sparse.issparse(X):
        return (X + (neighbors - X).multiply(step)).tocsr()
    return X + step * (neighbors - X)

"""Precision, recall and nDCG of the k labels of each row with the largest scores."""

from numbers import Integral

import numpy as np
from sklearn.utils import check_array

from skmultitag.metrics._checks import check_ranking, places
from skmultitag.utils._messages import naming, shorten
from skmultitag.utils._sklearn import Interval, validate_params
from skmultitag.utils._top_k import top_k_columns

_CONSTRAINTS = {
    "k": [Interval(Integral, 1, None, closed="left")],
    "inverse_propensity": ["array-like", None],
    "sample_weight": ["array-like", None],
}


@validate_params(_CONSTRAINTS, prefer_skip_nested_validation=True)
def precision_at_k(y_true, y_score, *, k, inverse_propensity=None, sample_weight=None):
    r"""Share of the k labels with the largest scores that the row has.

    If :math:`T_i` are the k labels with the largest scores of row i, it is the mean

    .. math:: P@k = \frac{1}{n} \sum_i \frac{1}{k} \sum_{j \in T_i} y_{ij} .

    A row with fewer than k labels can't reach 1, and a row without labels counts as 0.
    Labels that are not annotated are removed before the k labels are chosen [2]_, and
    rows without annotated labels are left out.

    Read more in the :ref:`User Guide <ranking_at_k>`.

    Parameters
    ----------
    y_true : {array-like, sparse matrix} of shape (n_samples, n_labels)
        Targets in {0, 1}. Entries that are NaN are not annotated.

    y_score : {array-like, sparse matrix} of shape (n_samples, n_labels)
        Finite scores. If it is sparse, labels that are not stored come after all labels
        that are, whatever their scores are, and are never counted. If scores are equal,
        the first labels come first.

    k : int
        Number of labels, in [1, n_labels].

    inverse_propensity : array-like of shape (n_labels,), default=None
        Weights of the labels, see :func:`inverse_propensity`. With them, it is the
        propensity-scored precision: the weighted sum over all rows, divided by the
        largest possible one.

    sample_weight : array-like of shape (n_samples,), default=None
        Weights of the rows.

    Returns
    -------
    score : float
        In [0, 1], higher is better.

    See Also
    --------
    recall_at_k : Divides by the number of labels of the row.
    ndcg_at_k : Gives less weight to later places.
    one_error : Equals 1 minus the precision at 1.

    References
    ----------
    .. [1] H. Jain, Y. Prabhu, M. Varma, "Extreme Multi-label Loss Functions for
       Recommendation, Tagging, Ranking & Other Missing Label Applications", KDD, 2016.

    .. [2] T. Sakai, "Alternatives to Bpref", SIGIR, 2007.

    Examples
    --------
    >>> from skmultitag.metrics import precision_at_k
    >>> y_true = [[1, 0, 1, 0], [0, 1, 0, 0]]
    >>> y_score = [[0.9, 0.5, 0.7, 0.1], [0.4, 0.3, 0.2, 0.8]]
    >>> precision_at_k(y_true, y_score, k=2)  # 2 / 2 and 0 / 2
    0.5
    """
    ranking = _Ranking(y_true, y_score, k, inverse_propensity, sample_weight)
    share = ranking.mean(np.ones(k), per_row=np.ones(len(ranking.n_positive)))
    return share / k if inverse_propensity is None else share


@validate_params(_CONSTRAINTS, prefer_skip_nested_validation=True)
def recall_at_k(y_true, y_score, *, k, inverse_propensity=None, sample_weight=None):
    r"""Share of the labels of a row that are among the k with the largest scores.

    If :math:`T_i` are the k labels with the largest scores of row i, it is the mean

    .. math:: R@k = \frac{1}{n} \sum_i \frac{1}{\sum_j y_{ij}} \sum_{j \in T_i} y_{ij} .

    A row without labels counts as 0.

    Read more in the :ref:`User Guide <ranking_at_k>`.

    Parameters
    ----------
    y_true : {array-like, sparse matrix} of shape (n_samples, n_labels)
        Targets in {0, 1}. Entries that are NaN are not annotated.

    y_score : {array-like, sparse matrix} of shape (n_samples, n_labels)
        Finite scores, as in :func:`precision_at_k`.

    k : int
        Number of labels, in [1, n_labels].

    inverse_propensity : array-like of shape (n_labels,), default=None
        Weights of the labels, which make it the propensity-scored recall, as in
        :func:`precision_at_k`.

    sample_weight : array-like of shape (n_samples,), default=None
        Weights of the rows.

    Returns
    -------
    score : float
        In [0, 1], higher is better.

    See Also
    --------
    precision_at_k : Divides by k.

    Examples
    --------
    >>> from skmultitag.metrics import recall_at_k
    >>> y_true = [[1, 0, 1, 0], [0, 1, 0, 0]]
    >>> y_score = [[0.9, 0.5, 0.7, 0.1], [0.4, 0.3, 0.2, 0.8]]
    >>> recall_at_k(y_true, y_score, k=1)  # 1 / 2 and 0 / 1
    0.25
    """
    ranking = _Ranking(y_true, y_score, k, inverse_propensity, sample_weight)
    return ranking.mean(np.ones(k), per_row=1 / np.maximum(ranking.n_positive, 1))


@validate_params(_CONSTRAINTS, prefer_skip_nested_validation=True)
def ndcg_at_k(y_true, y_score, *, k, inverse_propensity=None, sample_weight=None):
    r"""Gain of the k labels with the largest scores, discounted by place (nDCG).

    If :math:`y_{i(r)}` is the target of the label with the r-th largest score of row i,
    and :math:`n_i` is the number of labels of the row, it is the mean

    .. math:: nDCG@k = \frac{1}{n} \sum_i
              \frac{\sum_{r=1}^k y_{i(r)} / \log_2(r + 1)}
                   {\sum_{r=1}^{\min(k, n_i)} 1 / \log_2(r + 1)} .

    A row without labels counts as 0. It equals :func:`sklearn.metrics.ndcg_score`,
    which takes no sparse matrices, except for ties: there, equal scores share their
    places.

    Read more in the :ref:`User Guide <ranking_at_k>`.

    Parameters
    ----------
    y_true : {array-like, sparse matrix} of shape (n_samples, n_labels)
        Targets in {0, 1}. Entries that are NaN are not annotated.

    y_score : {array-like, sparse matrix} of shape (n_samples, n_labels)
        Finite scores, as in :func:`precision_at_k`.

    k : int
        Number of labels, in [1, n_labels].

    inverse_propensity : array-like of shape (n_labels,), default=None
        Weights of the labels, which make it the propensity-scored nDCG, as in
        :func:`precision_at_k`.

    sample_weight : array-like of shape (n_samples,), default=None
        Weights of the rows.

    Returns
    -------
    score : float
        In [0, 1], higher is better.

    See Also
    --------
    precision_at_k : Gives the same weight to all k places.

    Examples
    --------
    >>> from skmultitag.metrics import ndcg_at_k
    >>> y_true = [[1, 0, 1, 0], [0, 1, 0, 0]]
    >>> y_score = [[0.9, 0.5, 0.7, 0.1], [0.4, 0.3, 0.2, 0.8]]
    >>> ndcg_at_k(y_true, y_score, k=2)  # a perfect row, and one with neither
    0.5
    """
    ranking = _Ranking(y_true, y_score, k, inverse_propensity, sample_weight)
    discount = 1 / np.log2(np.arange(k) + 2)
    ideal = np.cumsum(discount)[np.clip(ranking.n_positive, 1, k) - 1]
    return ranking.mean(discount, per_row=1 / ideal)


class _Ranking:
    """The labels at the first k places of each row, and what they are worth.

    Attributes
    ----------
    n_positive : ndarray of int of shape (n_samples,)
        Number of labels that each row has.
    """

    def __init__(self, y_true, y_score, k, inverse_propensity, sample_weight):
        y_true, y_score, self._weight = check_ranking(y_true, y_score, sample_weight)
        n_labels = y_true.shape[1]
        if k > n_labels:
            raise ValueError(
                f"k must be at most the number of labels, {n_labels}. Got {k}."
            )
        self.n_positive = np.diff(y_true.indptr)
        self._is_scored = inverse_propensity is not None
        value = np.ones(n_labels)
        if self._is_scored:
            value = _check_inverse_propensity(inverse_propensity, n_labels)
        first = top_k_columns(y_score, k)
        self._gain = np.append(value, 0)[first] * _is_stored(y_true, first)
        if self._is_scored:
            of_positives = y_true.astype(np.float64)
            of_positives.data = value[y_true.indices]
            best = top_k_columns(of_positives, k)
            self._best = np.append(value, 0)[best]

    def mean(self, discount, per_row):
        """Mean over rows of the gains times factors of places and of rows.

        With propensities, the ratio of their sum to the largest possible one.
        """
        weight = per_row if self._weight is None else self._weight * per_row
        total = weight @ (self._gain @ discount)
        if self._is_scored:
            largest = weight @ (self._best @ discount)
        else:
            n_rows = len(per_row) if self._weight is None else self._weight.sum()
            largest = n_rows
        return float(total / largest) if largest else 0.0


def _is_stored(matrix, columns):
    """Whether a CSR matrix with sorted indices has entries in these columns.

    Parameters
    ----------
    matrix : CSR matrix of shape (n_rows, n_columns)

    columns : ndarray of int of shape (n_rows, k)
        -1 for no column.
    """
    n_rows, n_columns = matrix.shape
    stored = places(matrix)
    asked = np.arange(n_rows, dtype=np.int64)[:, None] * n_columns + columns
    place = np.searchsorted(stored, asked)
    found = np.append(stored, -1)[place] == asked
    return found & (columns >= 0)


def _check_inverse_propensity(value, n_labels):
    with naming("inverse_propensity"):
        value = check_array(
            value, dtype=np.float64, ensure_2d=False, input_name="inverse_propensity"
        )
    if value.shape != (n_labels,) or not (value > 0).all():
        raise ValueError(
            "inverse_propensity must have a positive number for each of the"
            f" {n_labels} labels. Got {shorten(value)} of shape {value.shape}."
        )
    return value

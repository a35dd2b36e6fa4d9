"""Measures of how the labels of a row are ranked, as the papers define them."""

import numpy as np
from scipy.stats import rankdata

from skmultitag.metrics._at_k import precision_at_k
from skmultitag.metrics._checks import check_scores
from skmultitag.utils._sklearn import validate_params

_CONSTRAINTS = {"sample_weight": ["array-like", None]}


@validate_params(_CONSTRAINTS, prefer_skip_nested_validation=True)
def one_error(y_true, y_score, *, sample_weight=None):
    """Share of the rows that do not have the label with their largest score.

    A row without labels counts as an error, as in Mulan. scikit-learn does not have
    this metric.

    Read more in the :ref:`User Guide <row_rankings>`.

    Parameters
    ----------
    y_true : {array-like, sparse matrix} of shape (n_samples, n_labels)
        Targets in {0, 1}. Entries that are NaN are not annotated.

    y_score : array-like of shape (n_samples, n_labels)
        Finite scores. If scores are equal, the first label is taken.

    sample_weight : array-like of shape (n_samples,), default=None
        Weights of the rows.

    Returns
    -------
    error : float
        In [0, 1], lower is better.

    See Also
    --------
    precision_at_k : With k=1, equals 1 minus the one-error.

    References
    ----------
    .. [1] R. E. Schapire, Y. Singer, "BoosTexter: A Boosting-based System for Text
       Categorization", Machine Learning 39, 2000.

    Examples
    --------
    >>> from skmultitag.metrics import one_error
    >>> one_error([[1, 0], [0, 1]], [[0.9, 0.2], [0.8, 0.3]])
    0.5
    """
    return 1 - precision_at_k(y_true, y_score, k=1, sample_weight=sample_weight)


@validate_params(_CONSTRAINTS, prefer_skip_nested_validation=True)
def coverage(y_true, y_score, *, sample_weight=None):
    """Mean place of the last label of a row in the ranking of its scores, from 0 on.

    It says how many of the ranked labels a person must pass to find all labels of a
    row. :func:`sklearn.metrics.coverage_error` counts places from 1. A row without
    labels counts as 0 in both. If scores are equal, the last place is taken.

    Read more in the :ref:`User Guide <row_rankings>`.

    Parameters
    ----------
    y_true : {array-like, sparse matrix} of shape (n_samples, n_labels)
        Targets in {0, 1}. Entries that are NaN are not annotated.

    y_score : array-like of shape (n_samples, n_labels)
        Finite scores.

    sample_weight : array-like of shape (n_samples,), default=None
        Weights of the rows.

    Returns
    -------
    depth : float
        In [0, n_labels - 1], lower is better.

    References
    ----------
    .. [1] R. E. Schapire, Y. Singer, "BoosTexter: A Boosting-based System for Text
       Categorization", Machine Learning 39, 2000.

    Examples
    --------
    >>> from skmultitag.metrics import coverage
    >>> coverage([[1, 0, 1], [0, 1, 0]], [[0.9, 0.2, 0.1], [0.1, 0.3, 0.2]])
    1.0
    """
    y_true, y_score, weight, is_annotated = _check(y_true, y_score, sample_weight)
    last = np.where(y_true, y_score, np.inf).min(axis=1, keepdims=True)
    is_passed = y_score >= last
    if is_annotated is not None:
        is_passed &= is_annotated
    depth = np.average(is_passed.sum(axis=1), weights=weight)
    return float(depth - np.average(y_true.any(axis=1), weights=weight))


@validate_params(_CONSTRAINTS, prefer_skip_nested_validation=True)
def ranking_loss(y_true, y_score, *, sample_weight=None):
    """Mean share of the label pairs of a row that are in the wrong order.

    A pair is a label that the row has and a label that it does not have. Equal scores
    are in the wrong order. Rows that have no label, or all labels, have no pairs and
    are left out, as in the papers and in Mulan.
    :func:`sklearn.metrics.label_ranking_loss` counts them as 0.

    Read more in the :ref:`User Guide <row_rankings>`.

    Parameters
    ----------
    y_true : {array-like, sparse matrix} of shape (n_samples, n_labels)
        Targets in {0, 1}. Entries that are NaN are not annotated.

    y_score : array-like of shape (n_samples, n_labels)
        Finite scores.

    sample_weight : array-like of shape (n_samples,), default=None
        Weights of the rows.

    Returns
    -------
    loss : float
        In [0, 1], lower is better; 0 if no row has a pair.

    See Also
    --------
    skmultitag.losses.BPMLLLoss : A loss that trains a network to rank well.

    References
    ----------
    .. [1] R. E. Schapire, Y. Singer, "BoosTexter: A Boosting-based System for Text
       Categorization", Machine Learning 39, 2000.

    Examples
    --------
    >>> from skmultitag.metrics import ranking_loss
    >>> ranking_loss([[1, 0, 0], [0, 0, 0]], [[0.5, 0.9, 0.1], [0.1, 0.3, 0.2]])
    0.5
    """
    y_true, y_score, weight, is_annotated = _check(y_true, y_score, sample_weight)
    n_positive = y_true.sum(axis=1)
    n_negative = _n_labels(y_true, is_annotated) - n_positive
    n_pairs = n_positive * n_negative
    has_pairs = n_pairs > 0
    if weight is not None:
        has_pairs &= weight > 0
        weight = weight[has_pairs]
    if not has_pairs.any():
        return 0.0
    n_right = _n_below_positives(y_true, y_score, is_annotated)
    n_wrong = (n_pairs - n_right)[has_pairs]
    return float(np.average(n_wrong / n_pairs[has_pairs], weights=weight))


def _n_below_positives(y_true, y_score, is_annotated):
    """Pairs of each row in which a label that it has is above one that it has not."""
    if is_annotated is not None:
        y_score = np.where(is_annotated, y_score, np.inf)
    n_below = rankdata(y_score, "min", axis=1)
    n_positive_below = rankdata(np.where(y_true, y_score, np.inf), "min", axis=1)
    return ((n_below - n_positive_below) * y_true).sum(axis=1)


def _n_labels(y_true, is_annotated):
    """Number of the annotated labels of each row, or of all."""
    return y_true.shape[1] if is_annotated is None else is_annotated.sum(axis=1)


def _check(y_true, y_score, sample_weight):
    return check_scores(y_true, y_score, sample_weight, score_name="y_score")

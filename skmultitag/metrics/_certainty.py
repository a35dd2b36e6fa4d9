"""How sure the decision of each row is, to choose the rows that people look at."""

from numbers import Real

import numpy as np
from scipy.special import logit

from skmultitag.metrics._checks import check_score_matrix
from skmultitag.utils._blocks import row_blocks
from skmultitag.utils._expected_fbeta import expected_fbeta_of_first
from skmultitag.utils._messages import naming, shorten
from skmultitag.utils._scores import read_indicator
from skmultitag.utils._sklearn import Interval, Options, validate_params
from skmultitag.utils._target_forms import column_names


@validate_params(
    {
        "beta": [Interval(Real, 0, None, closed="neither")],
        "zero_division": [Options(Real, {0.0, 1.0})],
    },
    prefer_skip_nested_validation=True,
)
def expected_fbeta_of_rows(y_proba, y_pred, *, beta=1.0, zero_division=0.0):
    r"""Expected F-beta of the predictions for each row.

    No targets are needed, because the expectation is over the probabilities. Annotate
    rows with a small value next, or show them to a person before you use their labels.

    Read more in the :ref:`User Guide <annotate_next>`.

    Parameters
    ----------
    y_proba : array-like of shape (n_samples, n_labels)
        Calibrated probabilities, in [0, 1].

    y_pred : {array-like, sparse matrix} of shape (n_samples, n_labels)
        Predicted labels, an indicator of 0 and 1.

    beta : float, default=1.0
        Weight of recall against precision, in (0, inf).

    zero_division : {0.0, 1.0}, default=0.0
        F-beta of a row without labels if none is predicted.

    Returns
    -------
    expected : ndarray of shape (n_samples,)
        In [0, 1]; small if the decision is unsure.

    See Also
    --------
    log_odds_to_threshold : Measures how near a row is to another decision.
    skmultitag.thresholds.ExpectedFBetaThreshold : Predicts labels with the largest
        expected F-beta.

    Notes
    -----
    If S is the number of labels of a row and :math:`S_{-i}` is the number of its labels
    other than i, the expected F-beta is

    .. math::
        \sum_{s \ge 1} \frac{1 + \beta^2}{\beta^2 s + k}
        \sum_{i \in P} p_i \, P(S_{-i} = s - 1)

    for a set P of k predicted labels. It assumes that labels are independent given the
    features [1]_.

    References
    ----------
    .. [1] N. Ye, K. M. A. Chai, W. S. Lee, H. L. Chieu, "Optimizing F-measures: A Tale
       of Two Approaches", ICML, 2012.

    Examples
    --------
    >>> from skmultitag.metrics import expected_fbeta_of_rows
    >>> y_proba = [[0.9, 0.0], [0.5, 0.5]]
    >>> expected_fbeta_of_rows(y_proba, [[1, 0], [1, 0]]).round(3)
    array([0.9  , 0.417])
    """
    names = column_names(y_proba)
    y_proba = check_score_matrix(y_proba, "y_proba", (0, 1))
    y_pred = read_indicator(y_pred, y_proba.shape, names, name="y_pred", of="y_proba")
    expected = np.empty(len(y_proba))
    for rows in row_blocks(*y_proba.shape, in_cache=True):
        # the predicted labels come first, the likely ones of both kinds in front
        order = np.lexsort((-y_proba[rows], ~y_pred[rows]), axis=1)
        ordered = np.take_along_axis(y_proba[rows], order, axis=1)
        values = expected_fbeta_of_first(ordered, beta, zero_division)
        k = y_pred[rows].sum(axis=1)
        expected[rows] = values[np.arange(len(k)), k]
    return expected


@validate_params(
    {"threshold": [Real, "array-like"]}, prefer_skip_nested_validation=True
)
def log_odds_to_threshold(y_proba, threshold=0.5):
    """Distance from each row to the nearest other decision, in log-odds.

    It is the distance between probability and threshold of the label for which they are
    nearest. If the log-odds of this label differed by so much, other labels would be
    predicted. Annotate rows with a small distance next.

    Read more in the :ref:`User Guide <annotate_next>`.

    Parameters
    ----------
    y_proba : array-like of shape (n_samples, n_labels)
        Calibrated probabilities, in [0, 1].

    threshold : float or array-like of shape (n_labels,), default=0.5
        Lowest probability at which a label is predicted: one for all labels, or one for
        each label. A label whose threshold is outside (0, 1) is always or never
        predicted, and is left out.

    Returns
    -------
    distance : ndarray of shape (n_samples,)
        In [0, inf]; small if the decision is unsure. inf if no other decision is
        possible.

    See Also
    --------
    expected_fbeta_of_rows : Counts all labels of a row, not only the nearest one.

    Examples
    --------
    >>> from skmultitag.metrics import log_odds_to_threshold
    >>> y_proba = [[0.9, 0.01], [0.6, 0.2]]
    >>> log_odds_to_threshold(y_proba).round(2)
    array([2.2 , 0.41])
    >>> log_odds_to_threshold(y_proba, threshold=[0.5, 0.2]).round(2)
    array([2.2, 0. ])
    """
    y_proba = check_score_matrix(y_proba, "y_proba", (0, 1))
    threshold = _check_threshold(threshold, y_proba.shape[1])
    can_differ = (threshold > 0) & (threshold < 1)
    distances = np.abs(logit(y_proba[:, can_differ]) - logit(threshold[can_differ]))
    return distances.min(axis=1, initial=np.inf)


def _check_threshold(threshold, n_labels):
    with naming("threshold"):
        array = np.asarray(threshold, dtype=np.float64)
    if array.shape not in ((), (n_labels,)) or np.isnan(array).any():
        raise ValueError(
            f"threshold must be a number, or one for each of the {n_labels} labels. Got"
            f" {shorten(threshold)}."
        )
    return np.broadcast_to(array, n_labels)

from numbers import Real

import numpy as np
from scipy.special import expit

from skmultitag.metrics._checks import check_scores
from skmultitag.metrics._ranks import sigmoid_of_ranks
from skmultitag.metrics._soft_f1_score import F1_SCORE_CONSTRAINTS, f1_of_soft
from skmultitag.utils._sklearn import Interval, validate_params


@validate_params(
    F1_SCORE_CONSTRAINTS
    | {
        "beta": [Interval(Real, 0, None, closed="neither")],
        "eta": [Interval(Real, None, None, closed="neither")],
    },
    prefer_skip_nested_validation=True,
)
def sigmoid_f1_score(
    y_true,
    y_score,
    *,
    beta=1.0,
    eta=0.0,
    of_ranks=False,
    average="macro",
    sample_weight=None,
    zero_division="warn",
):
    r"""F1 score of smooth decisions S(u; beta, eta), from a decision function.

    .. math:: S(u; \beta, \eta) = \frac{1}{1 + \exp(-\beta (u + \eta))}

    Use it to compare models on few rows, for which the hard F1 is too coarse. With a
    large beta it is the hard F1 of the decision u > -eta. With a small beta it also
    rewards the distance from the decision. :class:`~skmultitag.losses.SigmoidF1Loss` is
    1 minus this score of a batch.

    Read more in the :ref:`User Guide <metrics_of_soft_predictions>`.

    Parameters
    ----------
    y_true : {array-like, sparse matrix} of shape (n_samples, n_labels) or (n_samples,)
        Targets in {0, 1}. Entries that are NaN are not annotated. One dimension is one
        label.

    y_score : array-like of shape (n_samples, n_labels) or (n_samples,)
        Decision function: any finite value, positive if the label is predicted. Not
        probabilities.

    beta : float, default=1.0
        Slope, in (0, inf).

    eta : float, default=0.0
        Offset: the decision is at y_score = -eta.

    of_ranks : bool, default=False
        Whether u is computed from the rank of a score within its label, as in the
        Notes, in place of the score itself. Then you can compare models whose scores
        have different scales. Use beta=2 with it, as the scorer "sigmoid_f1" of
        :func:`get_scorer` does.

    average : {"macro", "micro", "samples", "weighted"} or None, default="macro"
        Which F1 is computed:

        - None: the F1 of each label, as an array;
        - "macro": the plain mean of the F1 of each label;
        - "weighted": the mean weighted by the number of positives of each label;
        - "micro": one F1 of all entries together;
        - "samples": the mean of the F1 of each row.

    sample_weight : array-like of shape (n_samples,), default=None
        Weights of the rows. An integer weight equals that many copies of the row.

    zero_division : {"warn", 0.0, 1.0, np.nan}, default="warn"
        F1 if there is neither a positive nor a prediction above 0. "warn" is 0.0 with a
        warning. np.nan leaves this F1 out of the mean.

    Returns
    -------
    score : float or ndarray of shape (n_labels,)
        In [0, 1], higher is better.

    See Also
    --------
    soft_f1_score : F1 score of soft predictions, from probabilities.

    Notes
    -----
    Use the same beta and eta for all models that you compare. If each model had the
    beta and eta of its loss, the score would reward steep sigmoids. Models whose scores
    have different scales, such as models trained with different slopes, can only be
    compared with `of_ranks`: large scores have the same effect as a large beta.

    With `of_ranks`, :math:`q_i` is the share of the rows whose score of the label is
    lower than in row i, plus half the share of the rows with the same score, which
    include row i. In the same way, :math:`q_0` is computed for a score of 0, the
    decision. Then

    .. math:: u_i = \log \frac{q_i}{1 - q_i} - \log \frac{q_0}{1 - q_0} .

    Any increasing function of the scores of a label that keeps their signs gives the
    same u. If k of many rows are predicted, the row of rank r gets about
    S = 1 / (1 + (r / k)^beta). With beta=2 this is 0.8 at r = k / 2, 0.5 at the
    decision, and 0.2 at r = 2 k. If all rows are on one side of the decision, a quarter
    of the row nearest to it counts as on the other side.

    References
    ----------
    .. [1] G. Benedict, V. Koops, D. Odijk, M. de Rijke, "sigmoidF1: A Smooth F1 Score
       Surrogate Loss for Multilabel Classification", Transactions on Machine Learning
       Research, 2022.

    Examples
    --------
    >>> from skmultitag.metrics import sigmoid_f1_score
    >>> y_true, y_score = [[1], [0], [1]], [[2.0], [-1.0], [-0.5]]
    >>> round(sigmoid_f1_score(y_true, y_score), 3)
    0.713
    >>> round(sigmoid_f1_score(y_true, y_score, beta=100), 3)  # tp = fn = 1, fp = 0
    0.667

    With `of_ranks`, a factor changes nothing:

    >>> for factor in (1, 10):
    ...     scores = [[factor * u] for (u,) in y_score]
    ...     print(round(sigmoid_f1_score(y_true, scores, beta=2, of_ranks=True), 3))
    0.691
    0.691
    """
    y_true, y_score, sample_weight, is_annotated = check_scores(
        y_true, y_score, sample_weight, score_name="y_score"
    )
    beta, eta = float(beta), float(eta)  # an int may be too large for numpy
    if of_ranks:
        y_soft = sigmoid_of_ranks(
            y_score, sample_weight, beta=beta, eta=eta, is_annotated=is_annotated
        )
    else:
        with np.errstate(over="ignore"):
            y_soft = expit(beta * (y_score + eta))
    return f1_of_soft(
        y_true, y_soft, average, sample_weight, zero_division, is_annotated
    )

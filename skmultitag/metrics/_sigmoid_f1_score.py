from numbers import Real

from scipy.special import expit
from sklearn.utils import check_array

from skmultitag.metrics._soft_f1_score import F1_SCORE_CONSTRAINTS, soft_f1_score
from skmultitag.utils._sklearn import Interval, validate_params


@validate_params(
    {
        **F1_SCORE_CONSTRAINTS,
        "y_score": ["array-like"],
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
    average="macro",
    sample_weight=None,
    zero_division="warn",
):
    r"""F1 score of the smooth decisions S(u; beta, eta) of a decision function.

    .. math:: S(u; \beta, \eta) = \frac{1}{1 + \exp(-\beta (u + \eta))}

    A large beta gives the hard F1 of the decision u > -eta; a small one also rewards
    the distance from the decision, and is smooth enough to compare close models on few
    rows. 1 minus it, over a batch, is :class:`~skmultitag.losses.SigmoidF1Loss`.

    Read more in the :ref:`User Guide <metrics_of_soft_predictions>`.

    Parameters
    ----------
    y_true : {array-like, sparse matrix} of shape (n_samples, n_labels) or (n_samples,)
        Targets in {0, 1}. One dimension is one label.

    y_score : array-like of shape (n_samples, n_labels) or (n_samples,)
        Decision function: positive where a label is predicted, any finite value. Not
        probabilities.

    beta : float, default=1.0
        Slope, in (0, inf).

    eta : float, default=0.0
        Offset: the decision is at y_score = -eta.

    average : {"macro", "micro", "samples", "weighted"} or None, default="macro"
        What has an F1 of its own:

        - None: each label, returned as an array;
        - "macro": each label, then the plain mean;
        - "weighted": each label, then the mean weighted by its positives;
        - "micro": all entries counted together;
        - "samples": each row, then the mean over rows.

    sample_weight : array-like of shape (n_samples,), default=None
        Weights of the rows; an integer weight equals that many copies of the row.

    zero_division : {"warn", 0.0, 1.0, np.nan}, default="warn"
        F1 where there is neither a positive nor a prediction above 0. "warn" is 0.0
        with a warning; np.nan leaves the mean.

    Returns
    -------
    score : float or ndarray of shape (n_labels,)
        In [0, 1], higher is better.

    See Also
    --------
    soft_f1_score : The same from probabilities.

    Notes
    -----
    Keep beta and eta the same for all models that are compared. A score that took them
    from the loss of each model would reward steep sigmoids.

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
    """
    y_score = check_array(
        y_score, dtype="numeric", ensure_2d=False, input_name="y_score"
    )
    return soft_f1_score(
        y_true,
        expit(beta * (y_score + eta)),
        average=average,
        sample_weight=sample_weight,
        zero_division=zero_division,
    )

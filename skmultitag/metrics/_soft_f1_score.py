from numbers import Real

import numpy as np
from sklearn.exceptions import UndefinedMetricWarning

from skmultitag._confusion import (
    AVERAGES,
    fbeta_counts,
    fbeta_from_counts,
    weighted_mean,
)
from skmultitag.metrics._checks import check_scores
from skmultitag.metrics._ranks import sigmoid_of_ranks
from skmultitag.utils._messages import warn
from skmultitag.utils._sklearn import Options, StrOptions, validate_params

F1_SCORE_CONSTRAINTS = {
    "of_ranks": ["boolean"],
    "average": [StrOptions(set(AVERAGES)), None],
    "sample_weight": ["array-like", None],
    "zero_division": [Options(Real, {0.0, 1.0}), "nan", StrOptions({"warn"})],
}


@validate_params(F1_SCORE_CONSTRAINTS, prefer_skip_nested_validation=True)
def soft_f1_score(
    y_true,
    y_proba,
    *,
    of_ranks=False,
    average="macro",
    sample_weight=None,
    zero_division="warn",
):
    """F1 score of soft predictions, each of which counts as positive in part.

    Use it to compare models without a threshold. With predictions of 0 and 1 it is
    :func:`sklearn.metrics.f1_score`. With probabilities it changes smoothly with the
    predictions. :class:`~skmultitag.losses.SoftF1Loss` is 1 minus this score of a
    batch.

    Read more in the :ref:`User Guide <metrics_of_soft_predictions>`.

    Parameters
    ----------
    y_true : {array-like, sparse matrix} of shape (n_samples, n_labels) or (n_samples,)
        Targets in {0, 1}. Entries that are NaN are not annotated. One dimension is one
        label.

    y_proba : array-like of shape (n_samples, n_labels) or (n_samples,)
        Probabilities or other soft predictions in [0, 1].

    of_ranks : bool, default=False
        Whether to use only the decision y_proba > 1/2 and the order of the rows. It is
        then :func:`sigmoid_f1_score` of y_proba - 1/2 with `of_ranks` and beta=2. If
        False, probabilities nearer to 0 and 1 can give a better score.

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
    sigmoid_f1_score : F1 score of smooth decisions, from a decision function.

    References
    ----------
    .. [1] A. Maiza, "The Unknown Benefits of using a Soft-F1 Loss in Classification
       Systems", Towards Data Science, 2019.

    Examples
    --------
    >>> from skmultitag.metrics import soft_f1_score
    >>> y_true = [[1, 0], [0, 1]]
    >>> y_proba = [[0.5, 0.0], [0.5, 1.0]]  # F1 of 1 / 2 and of 1
    >>> soft_f1_score(y_true, y_proba)
    0.75
    >>> soft_f1_score(y_true, y_proba, average=None)
    array([0.5, 1. ])
    """
    y_true, y_proba, sample_weight, is_annotated = check_scores(
        y_true, y_proba, sample_weight, score_name="y_proba", score_range=(0, 1)
    )
    if of_ranks:
        y_proba = sigmoid_of_ranks(
            y_proba, sample_weight, decision=0.5, is_annotated=is_annotated
        )
    return f1_of_soft(
        y_true, y_proba, average, sample_weight, zero_division, is_annotated
    )


def f1_of_soft(y_true, y_soft, average, sample_weight, zero_division, is_annotated):
    """What `soft_f1_score` returns, of checked predictions in [0, 1]."""
    if is_annotated is not None:
        y_soft = y_soft * is_annotated
    counts = fbeta_counts(
        y_true, y_soft, average=average or "macro", sample_weight=sample_weight
    )
    scores = np.asarray(fbeta_from_counts(counts))
    undefined = np.asarray(counts.predicted + counts.positive == 0)
    if undefined.any():
        if zero_division == "warn":
            warn(
                "F1 is 0 / 0 if there is neither a positive nor a prediction, and is"
                " set to 0.0. Pass zero_division to choose another value.",
                UndefinedMetricWarning,
            )
            zero_division = 0.0
        scores = np.where(undefined, zero_division, scores)
    if average is None:
        return scores
    weights = np.ones_like(scores)
    if average == "weighted":
        weights = counts.positive
    elif average == "samples" and sample_weight is not None:
        weights = sample_weight
    return _mean_without_nan(scores, weights)


def _mean_without_nan(scores, weights):
    """Weighted mean of the scores that are not NaN, plain if all weights are 0."""
    defined = ~np.isnan(scores)
    scores, weights = scores[defined], weights[defined]
    if scores.size == 0:
        return np.nan
    return float(weighted_mean(scores, weights if weights.any() else weights + 1))

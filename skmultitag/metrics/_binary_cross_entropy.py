import numpy as np

from skmultitag.metrics._checks import check_scores
from skmultitag.utils._sklearn import validate_params


@validate_params(
    {"sample_weight": ["array-like", None]}, prefer_skip_nested_validation=True
)
def binary_cross_entropy_error(y_true, y_proba, *, sample_weight=None):
    """Mean binary cross-entropy over all entries that are annotated.

    It is a proper scoring rule: use it to compare probabilities. The scorer
    "neg_log_loss" of scikit-learn is not proper for multilabel targets. It uses only
    the positives, so predicting 1 everywhere is perfect.

    Read more in the :ref:`User Guide <metrics_of_soft_predictions>`.

    Parameters
    ----------
    y_true : {array-like, sparse matrix} of shape (n_samples, n_labels) or (n_samples,)
        Targets in {0, 1}. Entries that are NaN are not annotated. One dimension is one
        label.

    y_proba : array-like of shape (n_samples, n_labels) or (n_samples,)
        Probabilities in [0, 1]. Values closer to 0 or 1 than the machine epsilon are
        moved to this distance, to keep the error finite.

    sample_weight : array-like of shape (n_samples,), default=None
        Weights of the rows.

    Returns
    -------
    error : float
        In [0, inf), in nats; lower is better.

    See Also
    --------
    skmultitag.losses.BinaryCrossEntropyLoss : Binary cross-entropy as a loss.
    sklearn.metrics.log_loss : Gives the same for a single label.

    Examples
    --------
    >>> from skmultitag.metrics import binary_cross_entropy_error
    >>> round(binary_cross_entropy_error([[1, 0]], [[0.5, 0.5]]), 4)  # log(2)
    0.6931
    """
    y_true, y_proba, sample_weight, is_annotated = check_scores(
        y_true, y_proba, sample_weight, score_name="y_proba", score_range=(0, 1)
    )
    epsilon = np.finfo(y_proba.dtype).eps
    y_proba = np.clip(y_proba, epsilon, 1 - epsilon)
    errors = -np.where(y_true == 1, np.log(y_proba), np.log1p(-y_proba))
    if is_annotated is None:
        return float(np.average(errors.mean(axis=1), weights=sample_weight))
    weight = np.ones(len(errors)) if sample_weight is None else sample_weight
    return float(np.average(errors, weights=weight[:, None] * is_annotated))

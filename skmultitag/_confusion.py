"""The four counts of a confusion matrix, hard or soft, and F-beta from them.

This is the only place where they are computed. Plain operators and methods that
numpy arrays and torch tensors share keep it one code for metrics and for losses.
"""

from typing import NamedTuple

AVERAGES = ("macro", "micro", "samples", "weighted")


class ConfusionCounts(NamedTuple):
    """Counts of true and false positives and negatives, of one shape.

    With 0/1 predictions they are numbers of entries, with predictions in [0, 1]
    each entry counts in part.
    """

    tp: object
    fp: object
    fn: object
    tn: object

    def of_zeros(self):
        """The counts of the zeros of the target: what is right of them is `tn`."""
        return ConfusionCounts(tp=self.tn, fp=self.fn, fn=self.fp, tn=self.tp)


def confusion_counts(y_true, y_score, *, average="macro", sample_weight=None):
    """Count what the predictions `y_score` in [0, 1] get right and wrong.

    Parameters
    ----------
    y_true : ndarray or tensor of shape (n_samples, n_labels)
        Targets in {0, 1}.

    y_score : ndarray or tensor of shape (n_samples, n_labels)
        Predictions in [0, 1], of the same kind and dtype as `y_true`.

    average : {"macro", "weighted", "micro", "samples"}, default="macro"
        What is counted together: the rows of one label ("macro", "weighted"; counts
        of shape (n_labels,)), all entries ("micro"; scalars) or the labels of one
        row ("samples"; counts of shape (n_samples,)).

    sample_weight : ndarray or tensor of shape (n_samples,), default=None
        An integer weight counts like that many copies of the row. Not used by
        "samples", where a weight belongs to the mean over the rows.

    Returns
    -------
    counts : ConfusionCounts
    """
    axis = {"macro": 0, "weighted": 0, "micro": None, "samples": 1}[average]
    n_samples, n_labels = y_true.shape
    positive, predicted = y_true, y_score
    if sample_weight is not None and axis != 1:
        n_samples = sample_weight.sum()
        positive = sample_weight[:, None] * y_true
        predicted = sample_weight[:, None] * y_score
    n_entries = {0: n_samples, 1: n_labels, None: n_samples * n_labels}[axis]
    tp = (positive * y_score).sum(axis)
    positive, predicted = positive.sum(axis), predicted.sum(axis)
    return ConfusionCounts(
        tp=tp,
        fp=predicted - tp,
        fn=positive - tp,
        tn=n_entries - positive - predicted + tp,
    )


def fbeta_from_counts(counts, beta=1.0):
    """F-beta of each count; 0 where there is neither a positive nor a prediction."""
    weighted_tp = (1 + beta**2) * counts.tp
    return safe_ratio(weighted_tp, weighted_tp + beta**2 * counts.fn + counts.fp)


class F1Params(NamedTuple):
    """Of which F-beta an F1 loss is 1 minus the mean.

    Parameters
    ----------
    average : {"macro", "weighted", "micro", "samples"}, default="macro"
        What has an F-beta, as in `confusion_counts`. The mean is plain, or weighted by
        the positives if "weighted".

    f_beta : float, default=1.0
        Weight of recall against precision, in (0, inf).

    empty : {"ignore", "zero"}, default="ignore"
        Whether what has no positive is left out of a plain mean, or has an F-beta of 0
        in it.

    negative_class : bool, default=False
        Whether the loss is the mean of this and of the same for the zeros of the
        target.
    """

    average: str = "macro"
    f_beta: float = 1.0
    empty: str = "ignore"
    negative_class: bool = False


def fbeta_loss_and_slopes(counts, f1, sample_weight=None):
    """One minus the mean of F-beta, and how that mean changes with the counts.

    Parameters
    ----------
    counts : ConfusionCounts
        Of the ones of the target, or of its zeros.

    f1 : F1Params

    sample_weight : ndarray or tensor of shape (n_samples,), default=None
        Weights of the rows in the mean of the average "samples". For the others they
        are in the counts.

    Returns
    -------
    loss : scalar
        0 if the mean is of nothing.

    total : scalar
        Sum of the weights in the mean.

    by_tp, by_predicted : of the shape of the counts
        Derivatives of the mean by `tp` where the number of predictions stays, and by
        the number of predictions, `tp + fp`, where `tp` stays. Without a positive `tp`
        can't change: the first is any number then.
    """
    positives = counts.tp + counts.fn
    denominator = (1 + f1.f_beta**2) * counts.tp + f1.f_beta**2 * counts.fn + counts.fp
    # what is added keeps the inverse finite, and changes no product with tp = 0
    inverse = 1 / (denominator + (positives == 0))
    by_tp = (1 + f1.f_beta**2) * inverse
    fbeta = counts.tp * by_tp
    if f1.average == "weighted":
        weights = positives
    else:
        is_counted = positives > 0 if f1.empty == "ignore" else positives >= 0
        weights = is_counted + 0 * positives  # in their precision
    if f1.average == "samples" and sample_weight is not None:
        weights = weights * sample_weight
    total = weights.sum()
    weights = weights / (total + (total == 0))
    loss = (weights - weights * fbeta).sum()
    return loss, total, weights * by_tp, weights * (-fbeta * inverse)


def precision_from_counts(counts):
    """Share of the predictions that are right; 0 where there is none."""
    return safe_ratio(counts.tp, counts.tp + counts.fp)


def recall_from_counts(counts):
    """Share of the positives that are predicted; 0 where there is none."""
    return safe_ratio(counts.tp, counts.tp + counts.fn)


def jaccard_from_counts(counts):
    """Share of what is positive or predicted that is both; 0 where there is none."""
    return safe_ratio(counts.tp, counts.tp + counts.fp + counts.fn)


def safe_ratio(part, total):
    """part / total; 0 where both are 0."""
    # an exact rule for 0 / 0 instead of an epsilon, which float16 rounds to 0
    return part / (total + (total == 0))


def weighted_mean(values, weights):
    """Mean of `values`; 0 where all weights are 0."""
    return safe_ratio((weights * values).sum(), weights.sum())

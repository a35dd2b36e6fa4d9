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
    return safe_ratio((1 + beta**2) * counts.tp, _fbeta_denominator(counts, beta))


def fbeta_and_slopes_from_counts(counts, beta=1.0):
    """F-beta, and how it changes with the counts.

    Returns
    -------
    fbeta, by_tp, by_predicted
        Derivatives by `tp` where the number of predictions stays, and by the number of
        predictions, `tp + fp`, where `tp` stays. Without a positive `tp` can't change:
        the first is any number then.
    """
    # what is added keeps the inverse finite, and changes no product with tp = 0
    no_positive = counts.tp + counts.fn == 0
    inverse = 1 / (_fbeta_denominator(counts, beta) + no_positive)
    by_tp = (1 + beta**2) * inverse
    fbeta = counts.tp * by_tp
    return fbeta, by_tp, -fbeta * inverse


def _fbeta_denominator(counts, beta):
    return (1 + beta**2) * counts.tp + beta**2 * counts.fn + counts.fp


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

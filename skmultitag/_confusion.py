"""The counts of a confusion matrix, hard or soft, and F-beta from them.

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

    @property
    def predicted(self):
        """Number of predictions."""
        return self.tp + self.fp

    @property
    def positive(self):
        """Number of positives in the target."""
        return self.tp + self.fn


class FBetaCounts(NamedTuple):
    """The counts that F-beta is made of: a part of `ConfusionCounts`."""

    tp: object
    predicted: object
    positive: object


def fbeta_counts(y_true, y_score, *, average="macro", sample_weight=None):
    """Count what the predictions `y_score` in [0, 1] get right.

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
    counts : FBetaCounts
    """
    axis = {"macro": 0, "weighted": 0, "micro": None, "samples": 1}[average]
    positive, predicted = y_true, y_score
    if sample_weight is not None and axis != 1:
        positive = sample_weight[:, None] * y_true
        predicted = sample_weight[:, None] * y_score
    tp = (positive * y_score).sum(axis)
    return FBetaCounts(tp, predicted.sum(axis), positive.sum(axis))


def fbeta_from_counts(counts, beta=1.0):
    """F-beta of each count; 0 where there is neither a positive nor a prediction."""
    beta2 = square_of(beta)
    positive = counts.positive if beta == 1 else beta2 * counts.positive
    # without a positive tp is 0, and what is added to the total does not matter
    total = positive + (counts.positive == 0) + counts.predicted
    return (1 + beta2) * counts.tp / total


def square_of(beta):
    """The square of the weight of recall, from 1e-30 to 1e30.

    Beyond, F-beta is precision or recall to the last bit, and a square may overflow.
    """
    return min(max(float(beta), 1e-15), 1e15) ** 2


def precision_from_counts(counts):
    """Share of the predictions that are right; 0 where there is none."""
    return safe_ratio(counts.tp, counts.predicted)


def recall_from_counts(counts):
    """Share of the positives that are predicted; 0 where there is none."""
    return safe_ratio(counts.tp, counts.positive)


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

"""What the F1 losses share: 1 - F-beta of soft predictions, averaged."""

from numbers import Real

import torch

from skmultitag._confusion import (
    AVERAGES,
    ConfusionCounts,
    confusion_counts,
    fbeta_from_counts,
    weighted_mean,
)
from skmultitag.utils._sklearn import Interval, StrOptions

F1_CONSTRAINTS = {
    "average": [StrOptions(set(AVERAGES))],
    "f_beta": [Interval(Real, 0, None, closed="neither")],
    "empty": [StrOptions({"ignore", "zero"})],
    "negative_class": ["boolean"],
}


def soft_f1_loss(y_soft, y_true, sample_weight, loss):
    """1 - F-beta of the soft predictions `y_soft` in [0, 1], as a scalar tensor.

    `loss` has the parameters. `sample_weight` counts rows in each F-beta, or weighs the
    mean over the rows if `average` is "samples".
    """
    counts = confusion_counts(
        y_true, y_soft, average=loss.average, sample_weight=sample_weight
    )
    value = _mean_loss(counts, sample_weight, loss)
    if loss.negative_class:
        of_zeros = ConfusionCounts(counts.tn, counts.fn, counts.fp, counts.tp)
        value = (value + _mean_loss(of_zeros, sample_weight, loss)) / 2
    return value


def _mean_loss(counts, sample_weight, loss):
    losses = 1 - fbeta_from_counts(counts, beta=loss.f_beta)
    positives = (counts.tp + counts.fn).detach()
    weights = torch.ones_like(positives)
    if loss.average == "weighted":
        weights = positives
    elif loss.average == "samples" and sample_weight is not None:
        weights = sample_weight
    if loss.empty == "ignore":
        weights = weights * (positives > 0)
    return weighted_mean(losses, weights)

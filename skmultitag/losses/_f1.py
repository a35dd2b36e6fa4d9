"""What the F1 losses share: 1 - F-beta of soft predictions, averaged."""

from numbers import Real

import torch

from skmultitag._confusion import (
    AVERAGES,
    confusion_counts,
    fbeta_from_counts,
    weighted_mean,
)
from skmultitag.utils._sklearn import Interval, StrOptions

F1_CONSTRAINTS = {
    "average": [StrOptions(set(AVERAGES))],
    "f_beta": [Interval(Real, 0, None, closed="neither")],
    "empty": [StrOptions({"ignore", "zero"})],
}


def soft_f1_loss(y_soft, y_true, sample_weight, *, average, f_beta, empty):
    """1 - F-beta of the soft predictions `y_soft` in [0, 1], as a scalar tensor.

    `sample_weight` counts rows in each F-beta, or weighs the mean over the rows if
    `average` is "samples". `empty` says what a label (or row, or batch) without
    positives gives: "zero" an F-beta of 0, "ignore" nothing, it leaves the mean.
    """
    counts = confusion_counts(
        y_true, y_soft, average=average, sample_weight=sample_weight
    )
    losses = 1 - fbeta_from_counts(counts, beta=f_beta)
    positives = (counts.tp + counts.fn).detach()
    weights = torch.ones_like(positives)
    if average == "weighted":
        weights = positives
    elif average == "samples" and sample_weight is not None:
        weights = sample_weight
    if empty == "ignore":
        weights = weights * (positives > 0)
    return weighted_mean(losses, weights)

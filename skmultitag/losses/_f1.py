"""What the F1 losses share: 1 - F-beta of soft predictions, averaged."""

from numbers import Real

import torch
from torch.autograd.function import once_differentiable

from skmultitag._confusion import (
    AVERAGES,
    ConfusionCounts,
    confusion_counts,
    fbeta_and_slopes_from_counts,
    fbeta_from_counts,
    safe_ratio,
)
from skmultitag.utils._sklearn import Interval, StrOptions

N_FEW = 2**14  # entries of a batch that numpy counts faster than torch

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
    return _SoftF1.apply(y_soft, y_true, sample_weight, loss)


def soft_f1_sums(y_soft, y_true, sample_weight, loss):
    """Sums over rows of which `soft_f1_from_sums` makes the same loss.

    The four counts; for the average "samples" the losses and the weights of the rows.
    """
    counts = _counts(y_soft, y_true, sample_weight, loss)
    if loss.average != "samples":
        return counts
    sums = []
    for side in _sides(counts, loss):
        weights = _mean_weights(side, sample_weight, loss)
        losses = 1 - fbeta_from_counts(side, beta=loss.f_beta)
        sums += [(weights * losses).sum(), weights.sum()]
    return sums


def soft_f1_from_sums(sums, loss):
    """The loss, a scalar tensor, from what `soft_f1_sums` returns."""
    if loss.average == "samples":
        pairs = zip(sums[::2], sums[1::2], strict=True)
        means = [safe_ratio(*pair) for pair in pairs]
    else:
        sides = _sides(ConfusionCounts(*sums), loss)
        means = [_of_one_side(side, None, loss)[0] for side in sides]
    return sum(means) / len(means)


class _SoftF1(torch.autograd.Function):
    """The loss of a batch. Its gradient is that by the counts, spread over the entries.

    Left to itself, autograd takes more time for some twenty tensors of one number a
    label than for the counts.
    """

    @staticmethod
    def forward(ctx, y_soft, y_true, sample_weight, loss):
        batch = y_soft, y_true, sample_weight
        is_on_cpu = y_soft.device.type == "cpu"
        # an operation of numpy has a third of the overhead of torch's
        if is_on_cpu and y_soft.numel() < N_FEW:
            batch = map(_as_numpy, batch)
        counts = _counts(*batch, loss)
        weight = sample_weight
        if is_on_cpu:
            counts = ConfusionCounts(*map(_as_numpy, counts))
            weight = _as_numpy(weight)
        value, by_tp, by_predicted = (
            torch.as_tensor(part, dtype=y_soft.dtype, device=y_soft.device)
            for part in _value_and_slopes(counts, weight, loss)
        )
        if loss.average == "samples":
            by_tp, by_predicted = by_tp[:, None], by_predicted[:, None]
            sample_weight = None  # it weighs the mean, and is in the slopes
        ctx.save_for_backward(y_true, sample_weight, by_tp, by_predicted)
        return value

    @staticmethod
    @once_differentiable
    def backward(ctx, grad):
        y_true, sample_weight, by_tp, by_predicted = ctx.saved_tensors
        gradient = torch.addcmul(by_predicted, y_true, by_tp)
        if sample_weight is not None:
            gradient *= sample_weight[:, None]
        return gradient.mul_(-grad), None, None, None


def _as_numpy(value):
    return value.numpy() if isinstance(value, torch.Tensor) else value


def _counts(y_soft, y_true, sample_weight, loss):
    return confusion_counts(
        y_true, y_soft, average=loss.average, sample_weight=sample_weight
    )


def _sides(counts, loss):
    """The counts of the ones of the target and, if asked for, those of its zeros."""
    if not loss.negative_class:
        return [counts]
    return [counts, ConfusionCounts(counts.tn, counts.fn, counts.fp, counts.tp)]


def _mean_weights(counts, sample_weight, loss):
    """Weights in the mean over labels or rows; of the one number if "micro"."""
    positives = counts.tp + counts.fn
    if loss.average == "weighted":
        return positives
    is_counted = positives > 0 if loss.empty == "ignore" else positives >= 0
    if loss.average == "samples" and sample_weight is not None:
        return is_counted * sample_weight
    return is_counted + 0 * positives  # in their precision


def _value_and_slopes(counts, sample_weight, loss):
    """The loss, and the slopes of F1: by `tp` and by the number of predictions."""
    results = [_of_one_side(side, sample_weight, loss) for side in _sides(counts, loss)]
    if len(results) == 1:
        return results[0]
    (value, by_tp, by_predicted), (value_zeros, by_tn, by_rejected) = results
    # one prediction more, of a zero, is one tn and one rejection less
    by_predicted = by_predicted - by_tn - by_rejected
    return (value + value_zeros) / 2, (by_tp + by_tn) / 2, by_predicted / 2


def _of_one_side(counts, sample_weight, loss):
    fbeta, by_tp, by_predicted = fbeta_and_slopes_from_counts(counts, loss.f_beta)
    weights = _mean_weights(counts, sample_weight, loss)
    weights = safe_ratio(weights, weights.sum())
    return (weights - weights * fbeta).sum(), weights * by_tp, weights * by_predicted

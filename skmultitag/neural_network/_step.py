"""The gradient of one training step, of a batch as a whole or in parts."""

import torch
from torch.nn import functional

from skmultitag._confusion import safe_ratio
from skmultitag.losses._sums import add_sums, flat_sums, nest_sums
from skmultitag.neural_network._mlp import CountHead, Dropout, MLPModule
from skmultitag.utils._processes import sum_over_processes


def set_gradients(module, loss, batch, *, precision="full", is_shared=False):
    """Set the gradients of the parameters of `module` and `loss` to those of a batch.

    Parameters
    ----------
    module : torch.nn.Module
        From features to logits. Its gradients, and those of `loss`, are None.

    loss : MultilabelLoss

    batch : tuple or iterable of tuples
        Features and target of a batch, or of each of its parts.

    precision : {"full", "bfloat16"}
        Of the products of matrices in `module`.

    is_shared : bool
        Whether other processes have more rows of this batch.

    Returns
    -------
    value : scalar tensor without a gradient
        The loss of the whole batch.
    """
    loss.start_batch()
    if isinstance(module, CountHead):
        loss = _LossWithCounts(loss, module.count_logits)
    if is_shared or not isinstance(batch, tuple):
        return _set_gradients_by_sums(module, loss, batch, precision, is_shared)
    X, target = batch
    is_plain = isinstance(module, MLPModule) and module.has_own_backward
    if is_plain and precision == "full":
        logits, passes = module.forward_without_record(X)
        value = loss(logits.requires_grad_(), *target)
        value.backward()
        module.backward(logits.grad, passes)
    else:
        value = loss(_logits(module, X, precision), *target)
        value.backward()
    return value.detach()


def _set_gradients_by_sums(module, loss, batch, precision, is_shared):
    """The loss is a function of sums over rows: first its slope by them is found.

    So the gradient is that of the whole batch. That of F1 is not a mean over parts.
    """

    dropouts = _generators_of_dropout(module)
    states = [generator.get_state() for generator in dropouts]

    def sums_of(part):
        # all parts leave out the same units, as rows of one batch do
        for generator, state in zip(dropouts, states, strict=True):
            generator.set_state(state)
        X, target = part
        return loss.row_sums(_logits(module, X, precision), *target)

    is_whole = isinstance(batch, tuple)
    if is_whole:
        sums = sums_of(batch)
        tree = sums
    else:
        # other threads may draw from the stream of torch: our network does not touch it
        of_torch = None if _is_own(module) else torch.get_rng_state()
        with torch.no_grad():
            tree = add_sums(map(sums_of, batch))
        if of_torch is not None:  # a layer in a module of the user draws from it
            torch.set_rng_state(of_torch)
    totals = [total.detach() for total in flat_sums(tree)]
    if is_shared:
        totals = sum_over_processes(totals)
    totals = [total.requires_grad_() for total in totals]
    value = loss.loss_from_sums(nest_sums(totals, like=tree))
    slopes = torch.autograd.grad(value, totals, allow_unused=True)
    for part in [sums] if is_whole else map(sums_of, batch):
        pairs = [
            (total, slope)
            for total, slope in zip(flat_sums(part), slopes, strict=True)
            if total.requires_grad and slope is not None
        ]
        torch.autograd.backward(*zip(*pairs, strict=True))
    if is_shared:
        _sum_gradients([*module.parameters(), *loss.parameters()])
    return value.detach()


def _logits(module, X, precision):
    if precision == "full":
        return module(X)
    with torch.autocast(X.device.type, dtype=torch.bfloat16):
        logits = module(X)
    return logits.float()


def _generators_of_dropout(module):
    layers = [layer for layer in module.modules() if isinstance(layer, Dropout)]
    return list({id(layer.generator): layer.generator for layer in layers}.values())


def _is_own(module):
    return isinstance(
        module.module if isinstance(module, CountHead) else module, MLPModule
    )


def _sum_gradients(parameters):
    parameters = [parameter for parameter in parameters if parameter.requires_grad]
    gradients = [
        torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
        for parameter in parameters
    ]
    totals = sum_over_processes(gradients)
    for parameter, total in zip(parameters, totals, strict=True):
        parameter.grad = total


class _LossWithCounts:
    """A loss and the cross-entropy of the numbers of labels, as one loss."""

    def __init__(self, loss, count_logits):
        self.loss = loss
        self.count_logits = count_logits

    def __call__(self, logits, *target):
        return self.loss(logits, *target) + safe_ratio(
            *self._count_sums(logits, *target)
        )

    def row_sums(self, logits, *target):
        return self.loss.row_sums(logits, *target), self._count_sums(logits, *target)

    def loss_from_sums(self, sums):
        of_loss, of_counts = sums
        return self.loss.loss_from_sums(of_loss) + safe_ratio(*of_counts)

    def parameters(self):
        return self.loss.parameters()

    def _count_sums(self, logits, indicator, sample_weight):
        scores = self.count_logits(logits)
        # the largest known number for more
        n_labels = indicator.sum(dim=1).long().clamp(max=scores.shape[1] - 1)
        losses = functional.cross_entropy(scores, n_labels, reduction="none")
        weight = (
            losses.new_ones(len(losses)) if sample_weight is None else sample_weight
        )
        return (weight * losses).sum(), weight.sum()

"""The gradient of a batch that is computed in parts, or by several processes."""

import torch
from torch.utils.checkpoint import get_device_states, set_device_states

from skmultitag.losses._sums import add_sums, flat_sums, nest_sums
from skmultitag.neural_network._mlp import MLPModule, dropout_streams
from skmultitag.utils._processes import sum_over_processes


def backward_in_parts(row_sums, module, loss, parts, *, is_distributed=False):
    """Add the gradient of a whole batch to the parameters of `module` and `loss`.

    The gradient of F1 is not a mean over parts. But the loss is a function of sums over
    rows, so that it takes three steps:

    1. the sums of all parts, without a gradient;
    2. the slope of the loss by each of these sums;
    3. the gradient of each part's sums, times the slopes.

    Parameters
    ----------
    row_sums : callable
        From a part to the sums over its rows, see :meth:`MultilabelLoss.row_sums`.

    module : torch.nn.Module
        From features to logits.

    loss : MultilabelLoss
        With `is_additive`.

    parts : iterable with a length
        Of what `row_sums` takes; iterated over twice if there is more than one.

    is_distributed : bool, default=False
        Whether other processes have more rows of this batch.

    Returns
    -------
    value : scalar tensor without a gradient
        The loss of the whole batch.
    """
    streams = _RandomStreams(module)

    def sums_of(part):
        # all parts leave out the same units, as rows of one batch do
        streams.rewind()
        return row_sums(part)

    if len(parts) == 1:  # one pass does: step 3 can use its graph
        of_parts = [sums_of(part) for part in parts]
        tree = of_parts[0]
    else:
        with torch.no_grad():
            tree = add_sums(map(sums_of, parts))
        streams.rewind_global()
        of_parts = map(sums_of, parts)
    totals = [total.detach() for total in flat_sums(tree)]
    if is_distributed:
        totals = sum_over_processes(totals)
    totals = [total.requires_grad_() for total in totals]
    value = loss.loss_from_sums(nest_sums(totals, like=tree))
    slopes = torch.autograd.grad(value, totals, allow_unused=True)
    for sums in of_parts:
        pairs = [
            (total, slope)
            for total, slope in zip(flat_sums(sums), slopes, strict=True)
            if total.requires_grad and slope is not None
        ]
        torch.autograd.backward(*zip(*pairs, strict=True))
    if is_distributed:
        _sum_gradients([*module.parameters(), *loss.parameters()])
    return value.detach()


class _RandomStreams:
    """The streams that a network draws from, which can be put back to where they were.

    Parameters
    ----------
    module : torch.nn.Module
    """

    def __init__(self, module):
        generators = {stream.generator for stream in dropout_streams(module)}
        self._states = [(each, each.get_state()) for each in generators]
        # a module of the user may draw from the streams of torch; ours does not, and
        # other threads may
        self._is_global = not isinstance(module, MLPModule)
        if self._is_global:
            self._of_processor = torch.get_rng_state()
            self._of_devices = get_device_states(*module.parameters())

    def rewind(self):
        for generator, state in self._states:
            generator.set_state(state)

    def rewind_global(self):
        if self._is_global:
            torch.set_rng_state(self._of_processor)
            set_device_states(*self._of_devices)


def _sum_gradients(parameters):
    parameters = [parameter for parameter in parameters if parameter.requires_grad]
    gradients = [
        torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
        for parameter in parameters
    ]
    totals = sum_over_processes(gradients)
    for parameter, total in zip(parameters, totals, strict=True):
        parameter.grad = total

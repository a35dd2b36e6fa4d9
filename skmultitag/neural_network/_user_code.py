"""A look at modules and losses of the user before they are trained."""

import copy
from contextlib import contextmanager

import torch
from torch import nn

from skmultitag.losses._callable import CallableLoss
from skmultitag.neural_network._mlp import MLPModule
from skmultitag.utils._messages import warn

_N_ROWS = 32  # that are looked at
# whose outputs have one sign
_NO_LOGITS = (
    *(nn.Sigmoid, nn.Hardsigmoid, nn.Softmax, nn.Softmin, nn.LogSigmoid, nn.LogSoftmax),
    *(nn.ReLU, nn.ReLU6, nn.Softplus),
)


def check_user_code(net, data, *, is_decided):
    """Call a module or loss of the user once; nothing of them is trained.

    Parameters
    ----------
    net : MultiTagNet
        Initialized.

    data : RowDataset
        The training rows.

    is_decided : bool
        Whether the sign of a logit is to decide on its label.

    Raises
    ------
    ValueError
        If the module does not return logits, or the loss has no gradient to them.

    Warns
    -----
    UserWarning
        If outputs of the module are no logits, or the loss does not part those of
        positives from those of negatives, or knows no threshold between them.
    """
    losses = [part for part in net.criterion_.modules() if _is_used(part)]
    if type(net.module_) is MLPModule and not losses:
        return
    net.module_.eval()
    with torch.no_grad():
        batch = next(iter(net.get_iterator(data.subset(data.rows[:_N_ROWS]))))
        logits = _outputs(net, batch)
    _warn_of_outputs(net, batch, logits)
    y, weight = net.target(batch)
    for loss in losses:
        _check_loss(loss, logits, y, weight, is_decided)


def _is_used(part):
    # a wrapper has its parts twice, and only one of them is fitted
    return isinstance(part, CallableLoss) and hasattr(part, "n_labels_")


@contextmanager
def _described(what, called_with):
    try:
        yield
    except (IndexError, RuntimeError, TypeError) as exc:
        raise ValueError(f"{what} can't be called with {called_with}: {exc}") from exc


def _outputs(net, batch):
    X, y = batch
    with _described("The module", f"rows of X, a tensor of shape {tuple(X.shape)}"):
        logits = net.infer(X)
    given = type(logits).__name__
    if isinstance(logits, torch.Tensor):
        if logits.shape == y.shape:
            return logits
        given = f"shape {tuple(logits.shape)}"
    raise ValueError(
        f"The module must return logits of shape {tuple(y.shape)}, one for each row and"
        f" label. Got {given}."
    )


def _warn_of_outputs(net, batch, logits):
    last = net.module_
    while isinstance(last, nn.Sequential) and len(last):
        last = last[-1]
    if isinstance(last, _NO_LOGITS):
        seen = f"The module ends in {last}"
    elif _lie_in_0_1(logits) and _lie_in_0_1(_outputs_of_large_weights(net, batch)):
        seen = "All outputs of the module lie in [0, 1], as after a sigmoid"
    else:
        return
    warn(
        f"{seen}. But its outputs are taken for logits, of which the positive ones are"
        " predicted: leave its last function out."
    )


def _lie_in_0_1(values):
    return bool(((values >= 0) & (values <= 1)).all()) and bool(values.any())


def _outputs_of_large_weights(net, batch):
    """Outputs with all weights times 100: logits leave [0, 1], shares don't."""
    module = copy.deepcopy(net.module_)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.mul_(100)
        return module(batch[0].to(net.device))


def _check_loss(loss, logits, y, weight, is_decided):
    called_with = f"logits and targets of shape {tuple(y.shape)}"
    with torch.enable_grad(), _described(f"The loss {loss.name}", called_with):
        logits = logits.detach().requires_grad_()
        value = loss(logits, y, weight)
        zeros = torch.zeros_like(logits, requires_grad=True)
        at_0, at_1 = loss(zeros, y, weight), loss(zeros.detach() + 1, y, weight)
    for each, of in ((value, logits), (at_0, zeros)):
        is_known = each.requires_grad
        slopes = torch.autograd.grad(each, of, allow_unused=True) if is_known else None
        if slopes is None or slopes[0] is None:
            raise ValueError(
                f"The loss {loss.name} has no gradient to the logits: compute it with"
                " functions of torch, without detach() or item()."
            )
    slopes, is_positive = slopes[0], y == 1
    problem = None
    if is_positive.any() and slopes[is_positive].sum() >= 0:
        problem = "does not fall where the logit of a target of 1 rises"
    elif not is_positive.all() and slopes[~is_positive].sum() <= 0:
        problem = "does not fall where the logit of a target of 0 falls"
    if problem:
        warn(
            f"At logits of 0, the loss {loss.name} {problem}. It must take (logits,"
            " targets) in this order, targets of 0 and 1, and be small for good ones;"
            " torch.nn.BCEWithLogitsLoss, for example, does."
        )
    elif is_decided and torch.isclose(at_0, at_1, rtol=1e-6):
        warn(
            f"The loss {loss.name} stays the same when all logits rise by 1: it ranks"
            " labels, and knows no threshold. Tune one with ThresholdedClassifierCV, or"
            " use torch.nn.BCEWithLogitsLoss."
        )

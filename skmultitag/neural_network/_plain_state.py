"""A net as plain data: arrays, numbers, strings and parameters, and back.

What is saved names no device, and no type or function of torch and skorch, so that it
is read on any machine, and nothing runs when it is.
"""

import torch
from skorch.history import History

from skmultitag.neural_network._callbacks import without_optimizer
from skmultitag.neural_network._device import is_gpu
from skmultitag.neural_network._mlp import MLPModule, dropout_streams
from skmultitag.utils._tensors import to_arrays, to_tensors

FORMAT = 1
_DTYPES = {"float32": torch.float32, "float64": torch.float64}
_DTYPE_PARAMS = ("module__dtype", "iterator_train__dtype", "iterator_valid__dtype")


def state_of(net, optimizers, *, to_predict=False):
    """The state of an initialized net.

    Modules, optimizers and callbacks of the user stay the objects that they are.

    Parameters
    ----------
    net : MultiTagNet

    optimizers : dict of str to class
        Those that are written by name.

    to_predict : bool, default=False
        Whether optimizer and callbacks are left out.

    Returns
    -------
    state : dict
    """
    module = net.module_
    names = {optimizer: name for name, optimizer in optimizers.items()}
    usual = type(net)(None, None).get_params(deep=False)
    is_usual = is_as_made(net)
    optimizer = None if to_predict else getattr(net, "optimizer_", None)
    left_out = {"module", "criterion", "optimizer", "device", "callbacks"}
    prefixes = ("_",)
    prefixes += () if is_usual else ("module__",)
    prefixes += () if optimizer else ("optimizer__",)
    params = {
        name: value
        for name, value in net.get_params(deep=False).items()
        if value is not usual.get(name, usual)
        and name not in left_out
        and not name.startswith(prefixes)
    }
    for name in params.keys() & set(_DTYPE_PARAMS):
        params[name] = str(params[name]).removeprefix("torch.")
    is_frozen = {name: not p.requires_grad for name, p in module.named_parameters()}
    return {
        "format": FORMAT,
        "params": params,
        "was_on_gpu": net.was_saved_on_gpu_ or is_gpu(net.device),
        "module": None if is_usual else module,
        "weights": to_arrays(module.state_dict()) if is_usual else None,
        "frozen": [name for name, frozen in is_frozen.items() if frozen],
        # the layers of the usual module share one
        "dropout_stream": next(iter(dropout_streams(module)), None),
        "criterion": net.criterion_,
        "optimizer": names.get(net.optimizer, net.optimizer),
        "optimizer_state": to_arrays(optimizer.state_dict()) if optimizer else None,
        "history": [dict(row) for row in net.history_],
        "shuffle_stream": net.shuffle_stream_,
        "callbacks": [] if to_predict else without_optimizer(net.callbacks_),
    }


def restore(net, state, optimizers):
    """Make `net`, which is empty, the one of `state_of`, on the processor."""
    if state["format"] != FORMAT:
        raise ValueError(
            f"A network in format {state['format']} can't be read: this version reads"
            f" format {FORMAT}. Load it with the version that has saved it."
        )
    params = dict(state["params"])
    for name in params.keys() & set(_DTYPE_PARAMS):
        params[name] = _DTYPES[params[name]]
    optimizer = state["optimizer"]
    if isinstance(optimizer, str):
        optimizer = optimizers[optimizer]
    module = MLPModule if state["module"] is None else state["module"]
    net.__init__(module, state["criterion"], optimizer=optimizer, **params)
    net.initialize(with_optimizer=state["optimizer_state"] is not None)
    net.was_saved_on_gpu_ = state["was_on_gpu"]
    if state["weights"] is not None:
        net.module_.load_state_dict(to_tensors(state["weights"]))
    for name, parameter in net.module_.named_parameters():
        parameter.requires_grad_(name not in state["frozen"])
    if state["dropout_stream"] is not None:
        drawn = state["dropout_stream"].generator.get_state()
        dropout_streams(net.module_)[0].generator.set_state(drawn)
    if state["optimizer_state"] is not None:
        net.optimizer_.load_state_dict(to_tensors(state["optimizer_state"]))
    net.history_ = History(state["history"])
    net.shuffle_stream_ = state["shuffle_stream"]
    net.callbacks = state["callbacks"]
    net.callbacks_ = [*state["callbacks"], *net.callbacks_]


def is_as_made(net):
    """Whether the module is the usual one, and the user has changed nothing of it."""
    module = net.module_
    return (
        type(module) is MLPModule
        and repr(module) == net.repr_of_module_
        and not any(
            each._forward_hooks or each._forward_pre_hooks or each._backward_hooks
            for each in module.modules()
        )
    )

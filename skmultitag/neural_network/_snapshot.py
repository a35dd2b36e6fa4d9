"""A net as it is before a training, or between two epochs, to be put back."""

import copy

import torch

from skmultitag.neural_network._callbacks import put_back, without_optimizer
from skmultitag.neural_network._mlp import dropout_streams


class Snapshot:
    """What a training moves in a net, copied.

    Tensors are cloned one by one: a deep copy of the module would take ten times as
    long, as long as a small training.

    Parameters
    ----------
    net : MultiTagNet
        Initialized.
    """

    def __init__(self, net):
        self.attributes = vars(net).copy()
        self.history = list(net.history_)
        self.callbacks = without_optimizer(net.callbacks_)
        self.module = _cloned(net.module_.state_dict())
        self.optimizer = _cloned(net.optimizer_.state_dict())
        # all of a loss but its parameters, which the optimizer has too
        parameters = list(net.criterion_.parameters())
        self.parameters = _cloned(parameters)
        memo = {id(parameter): parameter for parameter in parameters}
        self.criterion = copy.deepcopy(net.criterion_, memo)
        self.streams = [
            (stream.generator, stream.generator.get_state())
            for stream in (net.shuffle_stream_, *dropout_streams(net.module_))
        ]

    def restore(self, net):
        """Put everything back in place, on the device where the net is now."""
        device = net.device
        vars(net).clear()
        vars(net).update(self.attributes, device=device)
        net.history_[:] = self.history
        net.module_.load_state_dict(self.module)
        net.criterion = net.criterion_ = self.criterion.to(device)
        with torch.no_grad():
            pairs = zip(self.criterion.parameters(), self.parameters, strict=True)
            for parameter, value in pairs:
                parameter.copy_(value)
        net.optimizer_.load_state_dict(self.optimizer)
        for generator, state in self.streams:
            generator.set_state(state)
        put_back(net.callbacks_, self.callbacks)


class Schedules:
    """Callbacks and learning rates where a training was cut off, to go on with them.

    The callbacks are told that a training begins, and most of them then start anew.

    Parameters
    ----------
    net : MultiTagNet
        Initialized.
    """

    def __init__(self, net):
        self.callbacks = without_optimizer(net.callbacks_)
        self.groups = [
            {name: value for name, value in group.items() if name != "params"}
            for group in net.optimizer_.param_groups
        ]

    def restore(self, net):
        put_back(net.callbacks_, self.callbacks)
        for group, before in zip(net.optimizer_.param_groups, self.groups, strict=True):
            group.update(before)


def _cloned(value):
    if isinstance(value, torch.Tensor):
        return value.detach().clone()
    if isinstance(value, dict):
        return {key: _cloned(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_cloned(each) for each in value]
    return copy.deepcopy(value)

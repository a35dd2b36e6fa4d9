"""A net as it is before a training that goes on, to be put back if that fails."""

import copy

import torch

from skmultitag.neural_network._mlp import Dropout


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
        self.module = _cloned(net.module_.state_dict())
        self.optimizer = _cloned(net.optimizer_.state_dict())
        # all of a loss but its parameters, which the optimizer has too
        parameters = list(net.criterion_.parameters())
        self.parameters = _cloned(parameters)
        memo = {id(parameter): parameter for parameter in parameters}
        self.criterion = copy.deepcopy(net.criterion_, memo)
        self.streams = [
            (stream.generator, stream.generator.get_state())
            for stream in (net.shuffle_stream_, *_dropout_streams(net.module_))
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


def _dropout_streams(module):
    return [layer.stream for layer in module.modules() if isinstance(layer, Dropout)]


def _cloned(value):
    if isinstance(value, torch.Tensor):
        return value.detach().clone()
    if isinstance(value, dict):
        return {key: _cloned(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_cloned(each) for each in value]
    return copy.deepcopy(value)

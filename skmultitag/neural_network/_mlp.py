"""The network that `MultiTagClassifier` trains by default."""

import numpy as np
import torch
from torch import nn

from skmultitag.neural_network._device import copy_to
from skmultitag.utils._random_stream import RandomStream

# whose dropout goes to a GPU in one copy
N_STEPS_AHEAD = 256
ACTIVATIONS = {
    "gelu": nn.GELU,
    "identity": nn.Identity,
    "logistic": nn.Sigmoid,
    "relu": nn.ReLU,
    "silu": nn.SiLU,
    "tanh": nn.Tanh,
}


class MLPModule(nn.Module):
    """Fully connected network from features to logits.

    Parameters
    ----------
    n_features : int
        Number of inputs.

    n_outputs : int
        Number of logits.

    hidden_layer_sizes : int or array-like of int
        Units of each hidden layer; empty for a linear model.

    activation : str
        A key of `ACTIVATIONS`.

    dropout : float
        Share of the hidden units that each training step leaves out.

    input_dropout : float
        Share of the inputs that each training step leaves out.

    init_seed, dropout_seed : int
        Seeds of the initial weights, and of the units and inputs that are left out.

    feature_mean : float or ndarray of shape (n_features,), default=0.0
        What is taken off the features first.

    feature_size : float, default=1.0
        What they are divided by then.

    starts_at_zero : bool, default=False
        Whether the last layer is 0 before the training, and so all logits.

    dtype : torch.dtype, default=torch.float32
        Of the weights.
    """

    def __init__(
        self,
        n_features,
        n_outputs,
        *,
        hidden_layer_sizes,
        activation,
        dropout,
        input_dropout,
        init_seed,
        dropout_seed,
        feature_mean=0.0,
        feature_size=1.0,
        starts_at_zero=False,
        dtype=torch.float32,
    ):
        super().__init__()
        init, dropouts = RandomStream(init_seed), RandomStream(dropout_seed)
        # a part of the network's state: its weights mean nothing without them
        units = {
            "feature_scale": 1 / feature_size,
            "feature_shift": np.full(n_features, feature_mean) / -feature_size,
        }
        for name, value in units.items():
            value = torch.tensor(value, dtype=torch.float64, device="cpu")
            self.register_buffer(name, value)
        layers, kind = [], (nn.Linear,)
        if input_dropout > 0:
            kind = InputDropoutLinear, input_dropout, dropouts
        for n_units in np.atleast_1d(hidden_layer_sizes).tolist():
            layers.append(_linear(init, *kind, n_features, n_units))
            layers.append(ACTIVATIONS[activation]())
            if dropout > 0:
                layers.append(Dropout(dropout, dropouts, n_units))
            n_features, kind = n_units, (nn.Linear,)
        layers.append(_linear(init, *kind, n_features, n_outputs))
        if starts_at_zero:
            with torch.no_grad():
                for parameter in layers[-1].parameters():
                    parameter.zero_()
        self.layers = nn.Sequential(*layers)
        self.to(dtype)

    def forward(self, X):
        # X * scale + shift, in half the time
        X = torch.addcmul(self.feature_shift, X, self.feature_scale)
        return self.layers(X)


class Dropout(nn.Module):
    """Dropout of the same units in all rows of a batch.

    What a batch teaches then does not depend on how its rows are grouped: a row of
    weight 2 counts as two rows do, and parts of a batch as the whole. It takes hardly
    any time for random numbers, and trains as well as units of each row's own [1]_.

    `torch.nn.Dropout` draws from the global stream, which other threads move.

    Parameters
    ----------
    p : float
        Share of the units that are left out.

    stream : RandomStream
        May be shared with other layers.

    n_units : int

    References
    ----------
    .. [1] B. Graham, J. Reizenstein, L. Robinson, "Efficient batchwise dropout training
       using submatrices", arXiv:1502.02478, 2015.
    """

    def __init__(self, p, stream, n_units):
        super().__init__()
        self.p = p
        self.stream = stream
        self.n_units = n_units
        self.ahead = []

    def forward(self, X):
        if not self.training:
            return X
        kept = self.ahead.pop() if self.ahead else self.draw(X.dtype)
        return X * kept.to(X)

    def draw(self, dtype):
        """What the units of a step are multiplied with."""
        # on the processor, whose stream gives the same units for any device
        kept = torch.empty(self.n_units, dtype=dtype, device="cpu")
        kept.bernoulli_(1 - self.p, generator=self.stream.generator)
        return kept.div_(1 - self.p)


class InputDropoutLinear(nn.Linear):
    """Linear layer with a dropout of its inputs, the same in all rows of a batch.

    Inputs that are left out are not multiplied. Always the same number of them is, and
    never all: few features would else be none in many a batch.

    Parameters
    ----------
    p : float
        Share of the inputs that are left out.

    stream : RandomStream
        May be shared with other layers.

    n_inputs, n_outputs, dtype, device
        As of :class:`torch.nn.Linear`.
    """

    def __init__(self, p, stream, n_inputs, n_outputs, *, dtype, device):
        super().__init__(n_inputs, n_outputs, dtype=dtype, device=device)
        self.p = p
        self.stream = stream
        self.ahead = []

    def forward(self, X):
        if not self.training:
            return super().forward(X)
        kept = (self.ahead.pop() if self.ahead else self.draw()).to(X.device)
        X = X.index_select(1, kept) * (self.in_features / len(kept))
        return nn.functional.linear(X, self.weight.index_select(1, kept), self.bias)

    def draw(self, dtype=None):
        """Numbers of the inputs that a step keeps."""
        n_kept = max(round((1 - self.p) * self.in_features), 1)
        order = torch.randperm(
            self.in_features, generator=self.stream.generator, device="cpu"
        )
        return order[:n_kept]


def dropout_streams(module):
    """The random stream of each layer with dropout in a module; one may be shared."""
    return [layer.stream for layer in _dropout_layers(module)]


def draw_steps(module, n_steps):
    """Draw the dropout of the next steps of a training: the numbers they would draw.

    Parameters
    ----------
    module : MLPModule

    n_steps : int

    Returns
    -------
    drawn : list of tensors of shape (n_steps, ...)
        For each layer with dropout, copied to the device at once: each copy of its own
        would wait for what the device computes.
    """
    layers, parameter = _dropout_layers(module), next(module.parameters(), None)
    steps = [[layer.draw(parameter.dtype) for layer in layers] for _ in range(n_steps)]
    columns = zip(*steps, strict=True)
    return [copy_to(torch.stack(column), parameter.device) for column in columns]


def put_ahead(module, drawn):
    """Let the next steps of a training use what `draw_steps` has drawn.

    Parameters
    ----------
    module : MLPModule

    drawn : list of tensors
        Empty: forget what is left, of steps that did not come.
    """
    layers = _dropout_layers(module)
    for layer, steps in zip(layers, drawn or [()] * len(layers), strict=True):
        layer.ahead = [*steps][::-1]


def _dropout_layers(module):
    kinds = Dropout, InputDropoutLinear
    return [layer for layer in module.modules() if isinstance(layer, kinds)]


def _linear(stream, kind, *args):
    # skip_init, since the constructor draws from the global stream
    layer = nn.utils.skip_init(kind, *args, dtype=torch.float32, device="cpu")
    bound = layer.in_features**-0.5  # as torch's own Linear
    with torch.no_grad():
        for parameter in (layer.weight, layer.bias):
            parameter.uniform_(-bound, bound, generator=stream.generator)
    return layer

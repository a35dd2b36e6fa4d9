"""The network that `MultiTagClassifier` trains by default."""

from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional

N_MANY_WEIGHTS = 2**14  # of a layer; with fewer, leaving units out saves no time

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

    hidden_layer_sizes : tuple of int
        Units of each hidden layer; empty for a linear model.

    activation : str
        A key of `ACTIVATIONS`.

    dropout : float
        Share of the hidden units that each training step leaves out.

    init_generator : torch.Generator
        Draws the initial weights.

    dropout_generator : torch.Generator
        Draws the units that are left out; on the device where the network will be.

    feature_size : float, default=1.0
        What the features are divided by.
    """

    def __init__(
        self,
        n_features,
        n_outputs,
        *,
        hidden_layer_sizes,
        activation,
        dropout,
        init_generator,
        dropout_generator,
        feature_size=1.0,
    ):
        super().__init__()
        # of the network's state: its weights mean nothing without it
        scale = torch.tensor(1 / feature_size, dtype=torch.float64)
        self.register_buffer("feature_scale", scale)
        layers = []
        for n_units in hidden_layer_sizes:
            layers += [
                _linear(n_features, n_units, init_generator),
                ACTIVATIONS[activation](),
            ]
            if dropout > 0:
                layers.append(Dropout(dropout, dropout_generator))
            n_features = n_units
        layers.append(_linear(n_features, n_outputs, init_generator))
        self.layers = nn.Sequential(*layers)
        self._linears = [layer for layer in layers if isinstance(layer, nn.Linear)]
        self._dropouts = [layer for layer in layers if isinstance(layer, Dropout)]
        # the derivative of ReLU, with or without dropout, is read off its output
        self.has_own_backward = activation == "relu" or not hidden_layer_sizes
        self._scale = 1 / (1 - dropout)

    def forward(self, X):
        return self.layers(X * self.feature_scale)

    def forward_without_record(self, X):
        """The logits, and what `backward` needs.

        What autograd records takes more time in a small network than the network, and
        units that are left out need not be computed. Only with `has_own_backward`.

        Returns
        -------
        logits : tensor of shape (n_samples, n_outputs)

        passes : list of Pass
            One for each linear layer.
        """
        passes, columns = [], None
        with torch.no_grad():
            X = X * self.feature_scale
            for number, layer in enumerate(self._linears):
                is_hidden = number < len(self._linears) - 1
                rows = keep = None
                if is_hidden and self._dropouts and self.training:
                    keep = self._dropouts[number].draw(layer.bias)
                    if layer.weight.numel() >= N_MANY_WEIGHTS:
                        rows, keep = keep.nonzero()[:, 0], 1.0
                weight = _take(layer.weight, rows, columns)
                passes.append(Pass(X, weight, rows, columns))
                X = functional.linear(X, weight, _take(layer.bias, rows))
                if is_hidden:
                    X = X.relu_()
                if keep is not None:
                    X *= keep * self._scale
                columns = rows
        return X, passes

    def backward(self, gradient, passes):
        """Set the gradients of all parameters.

        Parameters
        ----------
        gradient : tensor of shape (n_samples, n_outputs)
            Of the loss by the logits.

        passes : list of Pass
            From `forward_without_record`.
        """
        layers = zip(self._linears, passes, strict=True)
        with torch.no_grad():
            for layer, (given, weight, rows, columns) in reversed(list(layers)):
                by_weight = gradient.t() @ given
                layer.weight.grad = _spread(by_weight, layer.weight, rows, columns)
                layer.bias.grad = _spread(gradient.sum(0), layer.bias, rows)
                if given is not passes[0].given:
                    gradient = (gradient @ weight).mul_(given > 0)
                    if self._dropouts and self.training:
                        gradient *= self._scale


class Pass(NamedTuple):
    """What a linear layer was given, and its weights of the units in use.

    `rows` and `columns` are the numbers of its outputs and inputs in use, None for all.
    """

    given: torch.Tensor
    weight: torch.Tensor
    rows: torch.Tensor | None
    columns: torch.Tensor | None


def _take(parameter, rows, columns=None):
    if rows is not None:
        parameter = parameter.index_select(0, rows)
    return parameter if columns is None else parameter.index_select(1, columns)


def _spread(part, parameter, rows, columns=None):
    """`part` in a tensor of the shape of `parameter`; 0 for what is not in use."""
    if rows is None and columns is None:
        return part
    whole = torch.zeros_like(parameter)
    if columns is None:
        return whole.index_copy_(0, rows, part)
    if rows is None:
        return whole.index_copy_(1, columns, part)
    whole[rows[:, None], columns] = part
    return whole


class CountHead(nn.Module):
    """A network beside which another one predicts the number of labels of a row.

    It takes the logits of the first as they are: no gradient goes back, so that any
    network can have one, and is trained as without it.

    Parameters
    ----------
    module : torch.nn.Module
        From features to logits.

    n_outputs : int
        Number of logits.

    n_counts : int
        Number of counts that are told apart, from 0 on.

    init_generator : torch.Generator
        Draws the initial weights.
    """

    N_UNITS = 128

    def __init__(self, module, n_outputs, n_counts, init_generator):
        super().__init__()
        self.module = module
        self.head = nn.Sequential(
            _linear(n_outputs, self.N_UNITS, init_generator),
            nn.ReLU(),
            _linear(self.N_UNITS, n_counts, init_generator),
        )

    def forward(self, X):
        return self.module(X)

    def count_logits(self, logits):
        """Scores of shape (n_samples, n_counts) for the numbers of labels."""
        return self.head(logits.detach())


class Dropout(nn.Module):
    """Dropout of the same units in all rows of a batch.

    What a batch teaches then does not depend on how its rows are put: a row of weight 2
    counts as two rows do, and parts of a batch as the whole. It takes no time for
    random numbers, and trains as well as units of each row's own [1]_.

    `torch.nn.Dropout` draws from the global stream, which other threads move.

    References
    ----------
    .. [1] B. Graham, J. Reizenstein, L. Robinson, "Efficient batchwise dropout training
       using submatrices", arXiv:1502.02478, 2015.
    """

    def __init__(self, p, generator):
        super().__init__()
        self.p = p
        self.generator = generator

    def forward(self, X):
        if not self.training:
            return X
        return X * self.draw(X[0]).div_(1 - self.p)

    def draw(self, like):
        """1 for each unit in use and 0 for the others, in the form of `like`."""
        keep = torch.empty_like(like, memory_format=torch.contiguous_format)
        return keep.bernoulli_(1 - self.p, generator=self.generator)


def _linear(n_inputs, n_outputs, generator):
    # skip_init, since the constructor draws from the global stream
    layer = nn.utils.skip_init(nn.Linear, n_inputs, n_outputs, dtype=torch.float32)
    bound = n_inputs**-0.5  # as torch's own Linear
    with torch.no_grad():
        for parameter in (layer.weight, layer.bias):
            parameter.uniform_(-bound, bound, generator=generator)
    return layer

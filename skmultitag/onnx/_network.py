"""Networks and the links of losses, as operators of ONNX."""

import logging
from contextlib import contextmanager
from warnings import catch_warnings, simplefilter

import numpy as np
import torch
from onnx.inliner import inline_local_functions
from scipy.special import logit
from torch import nn

from skmultitag.losses._base import MultilabelLoss
from skmultitag.losses._mcm import MCMLoss
from skmultitag.losses._sigmoid_f1 import BaseSigmoidF1Loss
from skmultitag.losses._wrapper import WrapperLoss
from skmultitag.losses.bayesian import BayesianSigmoidF1Loss
from skmultitag.neural_network._mlp import (
    Dropout,
    InputDropoutLinear,
    MLPModule,
)
from skmultitag.onnx._hierarchy import write_max_over_descendants


def write_network(graph, module, X, n_features, dtype):
    """Add a network.

    Plain layers are written here: the file is smaller and faster than that of torch's
    exporter, and needs no package more. Other modules are left to the exporter.

    Parameters
    ----------
    graph : Graph

    module : torch.nn.Module

    X : str
        Tensor of shape (n_samples, n_features).

    n_features : int

    dtype : numpy dtype
        Of `X` and the weights.

    Returns
    -------
    logits : str
    """
    layers = list(_layers(module))
    if not all(type(layer) in _LAYERS for layer in layers):
        [logits] = write_module(graph, module, X, n_features, dtype)
        return logits
    if isinstance(module, MLPModule):
        X = graph("Mul", X, _array(module.feature_scale))
        X = graph("Add", X, _array(module.feature_shift))
    for layer in layers:
        X = _LAYERS[type(layer)](graph, layer, X, dtype)
    return X


def _layers(module):
    """Layers that follow each other, or the module itself."""
    if type(module) is MLPModule:
        module = module.layers
    if type(module) is nn.Sequential:
        for part in module:
            yield from _layers(part)
    else:
        yield module


def _linear(graph, layer, X, dtype):
    bias = [] if layer.bias is None else [_array(layer.bias)]
    return graph("Gemm", X, _array(layer.weight), *bias, transB=1)


def _gelu(graph, layer, X, dtype):
    if dtype == np.float64:
        raise ValueError(
            "ONNX Runtime computes 'gelu' in float32 only, and the network was trained"
            " on float64: fit it on X.astype(numpy.float32)."
        )
    half = np.asarray(0.5, dtype)
    z = graph("Erf", graph("Mul", X, np.asarray(0.5**0.5, dtype)))
    if layer.approximate == "tanh":
        cube = graph("Mul", X, graph("Mul", X, X))
        inner = graph("Add", X, graph("Mul", cube, np.asarray(0.044715, dtype)))
        z = graph("Tanh", graph("Mul", inner, np.asarray((2 / np.pi) ** 0.5, dtype)))
    return graph("Mul", graph("Mul", X, half), graph("Add", z, np.ones((), dtype)))


_LAYERS = {
    nn.Linear: _linear,
    InputDropoutLinear: _linear,
    Dropout: lambda graph, layer, X, dtype: X,
    nn.Dropout: lambda graph, layer, X, dtype: X,
    nn.Identity: lambda graph, layer, X, dtype: X,
    nn.GELU: _gelu,
    nn.ReLU: lambda graph, layer, X, dtype: graph("Relu", X),
    nn.Sigmoid: lambda graph, layer, X, dtype: graph.sigmoid(X, dtype),
    nn.SiLU: lambda graph, layer, X, dtype: graph("Mul", X, graph.sigmoid(X, dtype)),
    nn.Tanh: lambda graph, layer, X, dtype: graph("Tanh", X),
}


def write_module(graph, module, X, n_inputs, dtype):
    """Add any torch module from a matrix to one matrix or more, by torch's exporter.

    Parameters
    ----------
    graph : Graph

    module : torch.nn.Module

    X : str
        Tensor of shape (n_samples, n_inputs).

    n_inputs : int

    dtype : numpy dtype
        Of `X`.

    Returns
    -------
    outputs : list of str
        What it returns, one tensor or more.
    """
    model = _exported(module, n_inputs, dtype, graph.opset)
    model = inline_local_functions(model)
    names = [output.name for output in model.graph.output]
    return graph.merge(model, [X], names, dtype)


def _exported(module, n_inputs, dtype, opset):
    # two rows, as one would be taken for a size that never changes
    like = torch.from_numpy(np.zeros((2, n_inputs), dtype))
    device = next(module.parameters(), like).device
    try:
        with _silence():
            program = torch.onnx.export(
                module.eval(),
                (like.to(device),),
                dynamo=True,
                opset_version=opset,
                dynamic_shapes=({0: torch.export.Dim("n_samples")},),
                verbose=False,
            )
    except ImportError as exc:
        raise ImportError(
            f"To write {type(module).__name__} as ONNX, torch needs onnxscript in a"
            f" version that fits: pip install -U onnxscript. torch says: {exc}"
        ) from exc
    except Exception as exc:
        # the rest is advice of many lines
        reason = str(exc.__cause__ or exc).partition("\n")[0]
        raise ValueError(
            f"{type(module).__name__} can't be written as ONNX. torch.onnx.export says:"
            f" {reason}"
        ) from exc
    return program.model_proto


@contextmanager
def _silence():
    """Keep back what torch says of its plans, and of packages that it does not find."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with catch_warnings():
            simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


def write_link(graph, loss, logits, n_outputs, dtype):
    """Add the margin and the soft prediction of a loss.

    Parameters
    ----------
    graph : Graph

    loss : MultilabelLoss
        Fitted.

    logits : str
        Tensor of shape (n_samples, n_outputs).

    n_outputs : int

    dtype : numpy dtype
        Of `logits`.

    Returns
    -------
    margin, proba : str
    """
    if _has_link_of(loss, WrapperLoss):
        return write_link(graph, loss._parts()[0], logits, n_outputs, dtype)
    if _has_link_of(loss, MultilabelLoss):
        return logits, graph.sigmoid(logits, dtype)
    if _has_link_of(loss, BaseSigmoidF1Loss):
        return _link_of_sigmoid_f1(graph, loss, logits, dtype)
    if _has_link_of(loss, BayesianSigmoidF1Loss):
        return _link_of_posterior(graph, loss, logits, dtype)
    if _has_link_of(loss, MCMLoss):
        pairs = _array(loss._pairs)
        margin = write_max_over_descendants(graph, logits, pairs, n_outputs)
        return margin, graph.sigmoid(margin, dtype)
    margin, proba = write_module(graph, _Link(loss), logits, n_outputs, dtype)
    return margin, proba


def _has_link_of(loss, base):
    return isinstance(loss, base) and all(
        getattr(type(loss), name) is getattr(base, name)
        for name in ("decision_function", "predict_proba")
    )


def _link_of_sigmoid_f1(graph, loss, logits, dtype):
    if not loss.has_natural_threshold:
        return logits, graph.sigmoid(logits, dtype)
    beta = getattr(loss, "beta_", None)  # of a slope that grows
    beta = np.asarray(loss.beta if beta is None else _array(beta), np.float64)
    eta = np.asarray(loss.eta, np.float64)
    if loss.on == "logits":
        u = margin = graph("Add", logits, eta.astype(dtype)) if eta.any() else logits
    else:
        u = graph("Add", graph.sigmoid(logits, dtype), eta.astype(dtype))
        margin = graph("Sub", logits, logit(-eta).astype(dtype))
    if (beta != 1).any():
        u = graph("Mul", u, beta.astype(dtype))
    return margin, graph.sigmoid(u, dtype)


def _link_of_posterior(graph, loss, logits, dtype):
    beta, eta = (
        _array(draws).astype(dtype) for draws in (loss.beta_draws_, loss.eta_draws_)
    )
    draws = np.array([1])
    u = graph("Add", graph("Unsqueeze", logits, draws), eta)
    u = graph("Mul", u, beta)
    total, rest = (
        graph("ReduceSum", graph.sigmoid(each, dtype), draws, keepdims=0)
        for each in (u, graph("Neg", u))
    )
    least = np.asarray(np.finfo(dtype).tiny)
    logs = [graph("Log", graph("Max", each, least)) for each in (total, rest)]
    proba = graph("Div", total, np.asarray(len(beta), dtype))
    return graph("Sub", *logs), proba


class _Link(nn.Module):
    """Margin and soft prediction of a loss, as a module."""

    def __init__(self, loss):
        super().__init__()
        self.loss = loss

    def forward(self, logits):
        return self.loss.decision_function(logits), self.loss.predict_proba(logits)


def _array(tensor):
    return tensor.detach().cpu().numpy()

"""Tensors as arrays, and back, wherever they stand in a state."""

import numpy as np
import torch


def to_arrays(state):
    """A copy of dicts, lists and tuples with arrays in place of tensors."""
    return _mapped(state, torch.Tensor, lambda each: each.detach().cpu().numpy().copy())


def to_tensors(state):
    """A copy of dicts, lists and tuples with tensors in place of arrays."""
    return _mapped(state, np.ndarray, lambda each: torch.tensor(each, device="cpu"))


def _mapped(state, kind, function):
    if isinstance(state, kind):
        return function(state)
    if isinstance(state, dict):
        return {key: _mapped(value, kind, function) for key, value in state.items()}
    if isinstance(state, (list, tuple)):
        return type(state)(_mapped(value, kind, function) for value in state)
    return state

"""Modes of torch that the caller may be in, and the classifier's own."""

from contextlib import ExitStack, nullcontext

import torch

_WITH_AUTOCAST = ("cpu", "cuda", "mps", "xpu")


def modes_of_training():
    """Return a context in which gradients and full precision can be had.

    The caller may have entered :class:`torch.inference_mode`, whose tensors never get a
    gradient, or :class:`torch.autocast`.
    """
    stack = ExitStack()
    if torch.is_inference_mode_enabled():
        stack.enter_context(torch.inference_mode(False))
    for device_type in _WITH_AUTOCAST:
        stack.enter_context(without_autocast(device_type))
    return stack


def without_autocast(device_type):
    """Return a context that computes in the precision of the tensors."""
    if torch.is_autocast_enabled(device_type):
        return torch.autocast(device_type, enabled=False)
    return nullcontext()

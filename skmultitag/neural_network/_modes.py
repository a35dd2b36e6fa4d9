"""Modes of torch that the caller of `fit` may be in."""

from contextlib import ExitStack

import torch


def modes_of_training():
    """Return a context in which there are gradients, and the precision of tensors.

    The caller may have entered :class:`torch.inference_mode`, whose tensors never get a
    gradient, or :class:`torch.autocast`.
    """
    stack = ExitStack()
    if torch.is_inference_mode_enabled():
        stack.enter_context(torch.inference_mode(False))
    for device_type in ("cpu", "cuda", "mps", "xpu"):
        if torch.is_autocast_enabled(device_type):
            stack.enter_context(torch.autocast(device_type, enabled=False))
    return stack

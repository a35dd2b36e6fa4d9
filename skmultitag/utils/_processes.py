"""What the processes of torch.distributed tell each other."""

import torch
from torch import distributed


def sum_over_processes(tensors):
    """Sum each tensor over the processes of the default group, in one message.

    Parameters
    ----------
    tensors : sequence of tensors
        Of one dtype and device, and of the same shapes in all processes.

    Returns
    -------
    totals : list of tensors
        Without a gradient.
    """
    flat = torch.cat([tensor.detach().reshape(-1) for tensor in tensors])
    distributed.all_reduce(flat)
    parts = flat.split([tensor.numel() for tensor in tensors])
    return [part.view_as(tensor) for part, tensor in zip(parts, tensors, strict=True)]


def value_of_first_process(value):
    """Return the value that the first process has here; each process must call it."""
    values = [value]
    distributed.broadcast_object_list(values, src=0)
    return values[0]

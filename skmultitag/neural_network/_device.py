"""Where a network is trained and predicts."""

from itertools import pairwise

import numpy as np
import torch

# Multiplications of a training step from which "auto" takes a GPU. An H200 took 2.1,
# .63 and .09 seconds for three epochs of 20,000 rows in batches of 64, 256 and 4,096
# (384 features, 256 units, 100 labels, default loss), the 16 cores beside it 1.2, .42
# and .13: a step of a small batch is mostly the start of its many small operations. In
# between, both are equal at batches of about 1,000 rows, of 124,000 weights each.
N_MULTIPLICATIONS_FOR_GPU = 2**27


def check_device(device):
    """Return the name of a device that torch has here."""
    try:
        torch.empty(0, device=device)
        return str(torch.device(device))
    except (RuntimeError, AssertionError) as exc:
        message = str(exc).partition("\n")[0]
        raise ValueError(
            f"device must be 'auto' or one that torch has here: {message}"
        ) from exc


def is_gpu(device):
    """Whether a device is one of CUDA."""
    return str(device).startswith("cuda")


def copy_to(tensor, device):
    """A tensor on a device, without a wait for what the device computes.

    A copy to a GPU waits unless the memory that it reads is pinned.
    """
    if is_gpu(device) and not is_gpu(tensor.device):
        tensor = tensor.pin_memory()
    return tensor.to(device, non_blocking=True)


def device_to_fit(model, data):
    """Name of the device on which `model` is to be trained.

    "auto" is a GPU if there is one, and the steps are large enough for it. A module of
    the user gets it in any case, as its weights do not say how much it computes, and so
    does a distributed training, whose process group may be of GPUs only.

    Parameters
    ----------
    model : MultiTagClassifier

    data : RowDataset
        The training rows.

    Returns
    -------
    device : str
    """
    if not _is_auto(model):
        return check_device(model.device)
    if not torch.cuda.is_available():
        return "cpu"
    if model.module is not None or model.distributed:
        return "cuda"
    hidden = np.atleast_1d(model.hidden_layer_sizes).tolist()
    sizes = [data.X.shape[1], *map(int, hidden), data.y.shape[1]]
    n_weights = sum(n_inputs * n_units for n_inputs, n_units in pairwise(sizes))
    batch_size = len(data) if model.batch_size == "full" else model.batch_size
    n_rows = min(len(data), batch_size, model.micro_batch_size or len(data))
    return "cuda" if n_rows * n_weights > N_MULTIPLICATIONS_FOR_GPU else "cpu"


def device_to_go_on(model):
    """Name of the device on which a fitted `model` predicts, and takes more blocks.

    "auto" is that of the training, also after loading: what is saved knows whether it
    was a GPU.
    """
    if not _is_auto(model):
        return check_device(model.device)
    net = model.net_
    returns = net.was_saved_on_gpu_ and torch.cuda.is_available()
    return "cuda" if returns else net.device


def _is_auto(model):
    return isinstance(model.device, str) and model.device == "auto"

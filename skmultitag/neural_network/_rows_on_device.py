"""Training rows that are on the GPU from the start, if they fit."""

from contextlib import contextmanager
from math import prod

import torch

from skmultitag.neural_network._batches import as_tensor
from skmultitag.neural_network._device import is_gpu
from skmultitag.neural_network._sliced_rows import n_block_rows

# of the memory of a GPU that is free: beside network and optimizer, other trainings may
# want theirs
SHARE_OF_FREE_MEMORY = 0.25


@contextmanager
def rows_on_device(data, device):
    """Keep the rows of a data set on a GPU, so that no batch has to be copied there.

    They keep their precision; sparse ones become dense. Nothing happens on the
    processor, nor where the rows are too many.

    Parameters
    ----------
    data : RowDataset
        Its `held_out` rows are meant too.

    device : str
    """
    parts = [part for part in (data, data.held_out) if part is not None]
    columns = {
        id(each): each for part in parts for each in part.columns() if each is not None
    }
    tensors = {}
    if sum(map(_n_bytes, columns.values())) <= room_on(device):
        try:
            tensors = {key: _copied(each, device) for key, each in columns.items()}
        except torch.OutOfMemoryError:  # another process was faster
            pass
    try:
        if tensors:
            for part in parts:
                part.on_device = [tensors.get(id(each)) for each in part.columns()]
        del tensors
        yield
    finally:
        for part in parts:
            part.on_device = None


def room_on(device):
    """Number of bytes that rows may take on a device."""
    if not is_gpu(device):
        return 0
    n_free, _ = torch.cuda.mem_get_info(device)
    return SHARE_OF_FREE_MEMORY * n_free


def _n_bytes(rows):
    return prod(rows.shape) * rows.dtype.itemsize


def _copied(rows, device):
    """All rows as one dense tensor, a block at a time."""
    result, n_rows = None, n_block_rows(rows)
    for start in range(0, rows.shape[0], n_rows):
        part = slice(start, start + n_rows)
        block = as_tensor(rows[part], dtype=None, device="cpu")
        if result is None:
            result = torch.empty(rows.shape, dtype=block.dtype, device=device)
        result[part] = block
    return result

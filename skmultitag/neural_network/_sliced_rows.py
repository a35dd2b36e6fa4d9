"""Rows of data that can only be sliced, such as a file of zarr or HDF5."""

from collections import OrderedDict

import numpy as np
import torch
from scipy import sparse

N_ENTRIES_OF_A_BLOCK = 2**20  # read at once
N_BLOCKS_OF_A_WINDOW = 8  # shuffled together


class SlicedRows:
    """Rows by number of something of which slices of rows can be read.

    Blocks of rows are read whole, and the last ones are kept. Rows in the order of
    `shuffle` then read each block once.

    Parameters
    ----------
    source : object of shape (n_samples, n_features)
        With `shape`, `dtype`, and `source[start:stop]` that numpy can read.
    """

    ndim = 2

    def __init__(self, source):
        self.source = source
        self.shape = tuple(source.shape)
        self.dtype = np.dtype(source.dtype)
        self.n_block_rows = n_block_rows(source)
        self._blocks = OrderedDict()

    def __len__(self):
        return self.shape[0]

    def __getitem__(self, rows):
        """The rows of a slice, or of an array of row numbers, as a new array."""
        if isinstance(rows, slice):
            return np.array(self.source[rows])
        result = np.empty((len(rows), self.shape[1]), dtype=self.dtype)
        numbers = rows // self.n_block_rows
        needed = np.unique(numbers)
        for number in needed:
            if number in self._blocks:
                self._blocks.move_to_end(number)  # so that the others go first
        for number in needed:
            is_here = numbers == number
            first = number * self.n_block_rows
            result[is_here] = self._block(number)[rows[is_here] - first]
        return result

    def blocks(self):
        """Iterate over all rows in blocks."""
        for start in range(0, len(self), self.n_block_rows):
            yield self[start : start + self.n_block_rows]

    def shuffle(self, rows, generator):
        """Row numbers in an order that is random, and reads each block once.

        Blocks are put in random order, and rows are shuffled among the blocks of a
        window: rows far apart in the file come together only if their blocks do.
        """
        n_blocks = -(-len(self) // self.n_block_rows)
        place = torch.randperm(n_blocks, generator=generator, device="cpu").numpy()
        window = place[rows // self.n_block_rows] // N_BLOCKS_OF_A_WINDOW
        shuffled = torch.randperm(len(rows), generator=generator, device="cpu").numpy()
        order = np.argsort(window[shuffled], kind="stable")
        return rows[shuffled[order]]

    def _block(self, number):
        if number in self._blocks:
            return self._blocks[number]
        start = int(number) * self.n_block_rows
        block = np.asarray(self.source[start : start + self.n_block_rows])
        self._blocks[number] = block
        # a batch can have rows of two windows
        if len(self._blocks) > 2 * N_BLOCKS_OF_A_WINDOW:
            self._blocks.popitem(last=False)
        return block

    def __getstate__(self):
        return {**self.__dict__, "_blocks": OrderedDict()}


def is_sliceable(X):
    """Whether `X` is no array, table or matrix, but has a shape, a dtype and slices."""
    if isinstance(X, (np.ndarray, torch.Tensor)) or sparse.issparse(X):
        return False
    is_table = hasattr(X, "columns") or hasattr(X, "iloc")
    has_all = all(hasattr(X, name) for name in ("shape", "dtype", "__getitem__"))
    return has_all and not is_table and len(X.shape) == 2


def n_block_rows(source):
    """A number of rows that holds about the wanted entries, and whole chunks."""
    n_rows = max(1, N_ENTRIES_OF_A_BLOCK // max([1, *source.shape[1:]]))
    chunks = getattr(source, "chunks", None)
    # in dask, chunks are tuples of sizes
    chunk = chunks[0] if chunks else 1
    chunk = int(chunk if np.isscalar(chunk) else max(chunk))
    return max(chunk, n_rows // chunk * chunk)

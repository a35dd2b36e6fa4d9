"""Batches of rows as tensors, sliced at once: no work in Python for each row."""

import numpy as np
import torch
from scipy import sparse


class RowDataset(torch.utils.data.Dataset):
    """Rows of `X`, their targets and weights, kept in the form they came in.

    Parameters
    ----------
    X : {ndarray, CSR matrix} of shape (n_all_samples, n_features)

    y : {ndarray, CSR matrix} of shape (n_all_samples, n_outputs)
        Indicator of 0 and 1.

    sample_weight : ndarray of shape (n_all_samples,), default=None

    rows : ndarray of int of shape (n_samples,), default=None
        The rows of the data set; None for all. Nothing is copied.
    """

    def __init__(self, X, y, sample_weight=None, rows=None):
        self.X = X
        self.y = y
        self.sample_weight = sample_weight
        self.rows = np.arange(X.shape[0]) if rows is None else rows

    def __len__(self):
        return len(self.rows)

    def subset(self, rows):
        """Return the data set of some rows of `X`, without a copy."""
        return RowDataset(self.X, self.y, self.sample_weight, rows)

    def targets(self):
        """Return the indicator of the rows as an array."""
        return _dense(self.y[self.rows])

    def weights(self):
        """Return the weights of the rows, or None."""
        return None if self.sample_weight is None else self.sample_weight[self.rows]


class BatchIterator:
    """Iterate over the batches of a `RowDataset`, as skorch's loop asks for them.

    The rows are split into batches of equal size (but for one row), at most
    `batch_size`: a small last batch would give an F1 of few rows the same step.

    Parameters
    ----------
    dataset : RowDataset

    batch_size : int

    dtype : torch.dtype
        Of all tensors.

    device : torch.device
        Of all tensors.

    generator : torch.Generator, default=None
        Shuffles the rows anew in each pass. None keeps their order.

    Yields
    ------
    X : tensor of shape (n_rows, n_features)

    target : tuple of a tensor (n_rows, n_outputs) and a tensor (n_rows,) or None
        Indicator and weights.
    """

    def __init__(self, dataset, batch_size, *, dtype, device, generator=None):
        self.dataset = dataset
        self.batch_size = batch_size
        self.dtype = dtype
        self.device = device
        self.generator = generator

    def __len__(self):
        return -(-len(self.dataset) // self.batch_size)

    def __iter__(self):
        data, rows = self.dataset, self.dataset.rows
        if self.generator is not None:
            rows = rows[torch.randperm(len(rows), generator=self.generator).numpy()]
        for batch in np.array_split(rows, len(self)):
            weight = data.sample_weight
            weight = None if weight is None else self._tensor(weight[batch])
            yield self._tensor(data.X[batch]), (self._tensor(data.y[batch]), weight)

    def _tensor(self, block):
        return as_tensor(block, dtype=self.dtype, device=self.device)


def as_tensor(block, *, dtype, device):
    """Return a block of rows as a dense tensor.

    It may share the memory of the block, but for memory that is read-only.
    """
    # torch warns of read-only memory, and knows no negative strides
    block = np.require(_dense(block), requirements=("C", "W"))
    return torch.from_numpy(block).to(device=device, dtype=dtype)


def _dense(block):
    return block.toarray() if sparse.issparse(block) else block

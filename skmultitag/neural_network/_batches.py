"""Batches of rows as tensors, taken at once: no work in Python for each row."""

import numpy as np
import torch
from scipy import sparse
from torch import distributed

from skmultitag.neural_network._device import copy_to
from skmultitag.neural_network._sliced_rows import SlicedRows, is_sliceable


class RowDataset(torch.utils.data.Dataset):
    """Rows of `X`, their targets and weights, kept in the form they came in.

    Parameters
    ----------
    X : {array-like, CSR matrix, SlicedRows} of shape (n_all_samples, n_features)

    y : {array-like, CSR matrix} of shape (n_all_samples, n_outputs), default=None
        Indicator, see `skmultitag.utils._annotation`.

    sample_weight : ndarray of shape (n_all_samples,), default=None

    rows : ndarray of int of shape (n_samples,), default=None
        Numbers of the rows of the data set; None for all. Nothing is copied.

    held_out : RowDataset, default=None
        Other rows, on which the training on these is validated.

    Attributes
    ----------
    on_device : list of tensor or None
        `X`, `y` and `sample_weight` as dense tensors, of which batches are taken in
        place of these; None for most data sets. See `rows_on_device`.
    """

    on_device = None

    def __init__(self, X, y=None, sample_weight=None, rows=None, held_out=None):
        self.X, self.y = as_row_container(X), as_row_container(y)
        self.sample_weight = sample_weight
        self.rows = np.arange(self.X.shape[0]) if rows is None else rows
        self.held_out = held_out

    def __len__(self):
        return len(self.rows)

    def subset(self, rows, held_out=None):
        """Return the data set of the rows with these numbers, without a copy."""
        data = RowDataset(*self.columns(), rows, held_out)
        data.on_device = self.on_device
        return data

    @property
    def has_drawn(self):
        """Whether the held-out rows were drawn from `X`, and are not another matrix."""
        return self.held_out is not None and self.held_out.X is self.X

    def columns(self):
        """Features, targets and weights of all rows, None where there are none."""
        return self.X, self.y, self.sample_weight

    def take(self, rows):
        """The rows with these numbers, ndarray or tensor, as dense tensors or None."""
        if self.on_device is None:
            return [
                None if each is None else torch.from_numpy(take_rows(each, rows))
                for each in self.columns()
            ]
        return [
            None if each is None else each.index_select(0, rows)
            for each in self.on_device
        ]

    def shuffled_rows(self, generator):
        """Row numbers in random order, one that suits the form of `X`."""
        if isinstance(self.X, SlicedRows):
            return self.X.shuffle(self.rows, generator)
        order = torch.randperm(len(self), generator=generator, device="cpu")
        return self.rows[order.numpy()]

    def targets(self):
        """Return the indicator of the rows as an array."""
        return take_rows(self.y, self.rows)

    def weights(self):
        """Return the weights of the rows, or None."""
        return None if self.sample_weight is None else self.sample_weight[self.rows]


class Batch(tuple):
    """Features and targets of some rows: the pair that skorch takes a batch for.

    Attributes
    ----------
    weight : tensor of shape (n_rows,) or None
        Weights of the rows.
    """

    weight = None


class BatchIterator:
    """Iterate over the batches of a `RowDataset`, as skorch's loop asks for them.

    The rows are split into batches of equal size (but for one row), at most
    `batch_size`: a small last batch would give an F1 of few rows the same step.

    Parameters
    ----------
    dataset : RowDataset

    batch_size : int

    dtype : torch.dtype
        Of features and weights; targets keep theirs.

    stream : RandomStream, default=None
        Shuffles the rows anew in each pass. None keeps their order.

    micro_batch_size : int, default=None
        A batch is an iterator over parts of at most so many rows; None for a batch in
        one part.

    is_distributed : bool, default=False
        Whether to take only the rows of this process of each batch.

    Yields
    ------
    batch : Batch or BatchIterator
        Tensors on the processor, or where the rows of the data set are.
    """

    def __init__(
        self,
        dataset,
        batch_size,
        *,
        dtype=torch.float32,
        stream=None,
        micro_batch_size=None,
        is_distributed=False,
    ):
        self.dataset = dataset
        self.batch_size = batch_size
        self.dtype = dtype
        self.stream = stream
        self.micro_batch_size = micro_batch_size
        self.is_distributed = is_distributed

    def __len__(self):
        return -(-len(self.dataset) // self.batch_size)

    def sizes(self):
        """Number of rows of each batch, those of other processes included."""
        n_rows, n_batches = len(self.dataset), len(self)
        return n_rows // n_batches + (np.arange(n_batches) < n_rows % n_batches)

    def __iter__(self):
        rows = self.order()
        rank, n_processes, stop = 0, 1, 0
        if self.is_distributed:
            rank, n_processes = distributed.get_rank(), distributed.get_world_size()
        for size in self.sizes().tolist():
            start, stop = stop, stop + size
            batch = rows[start + rank : stop : n_processes]
            if self.micro_batch_size is None:
                yield self.batch(batch)
            else:
                part = self.dataset.subset(batch)
                yield BatchIterator(part, self.micro_batch_size, dtype=self.dtype)

    def order(self):
        """Numbers of the rows in the order of the next pass, where the rows are."""
        data = self.dataset
        rows = data.rows
        if self.stream is not None:
            rows = data.shuffled_rows(self.stream.generator)
        if data.on_device is None:
            return rows
        if isinstance(rows, np.ndarray):  # else of a part, on the device already
            rows = torch.from_numpy(rows)
        return copy_to(rows, data.on_device[0].device)

    def batch(self, rows):
        """The batch of the rows with these numbers."""
        X, y, weight = self.dataset.take(rows)
        # the loss makes floats of y: integers say whether all is annotated
        batch = Batch((X.to(self.dtype), y))
        batch.weight = None if weight is None else weight.to(self.dtype)
        return batch


def take_rows(data, rows):
    """Rows of an array, sparse matrix or `SlicedRows` as a new, dense array.

    None for None.
    """
    if data is None:
        return None
    if isinstance(data, np.ndarray) and data.flags.c_contiguous:
        return data.take(rows, axis=0)  # faster than an index
    return _dense(data[rows])


def as_tensor(block, *, dtype, device):
    """Return a block of rows as a dense tensor.

    The tensor may share its memory with the block, unless that is read-only.
    """
    # torch warns of read-only memory, and knows no negative strides
    block = np.require(_dense(block), requirements=("C", "W"))
    if min(block.strides) < 0:  # one row of reversed rows passes as contiguous
        block = block.copy()
    # first to the device, as numbers of half precision are copied in half the time
    return torch.from_numpy(block).to(device).to(dtype=dtype)


def as_row_container(data):
    """Return `data` in a form of which rows can be taken; None as it is."""
    if data is None or isinstance(data, SlicedRows) or sparse.issparse(data):
        return data
    if is_sliceable(data):
        return SlicedRows(data)
    # also of a memmap, as each index of one would be another, which takes its time
    return np.asarray(data)


def _dense(block):
    return block.toarray() if sparse.issparse(block) else block

"""Batches of rows as tensors, taken at once: no work in Python for each row."""

import numpy as np
import torch
from scipy import sparse

from skmultitag.model_selection._stratification import stratify
from skmultitag.neural_network._sliced_rows import SlicedRows


class RowDataset(torch.utils.data.Dataset):
    """Rows of `X`, their targets and weights, kept in the form they came in.

    Parameters
    ----------
    X : {ndarray, CSR matrix, SlicedRows} of shape (n_all_samples, n_features)

    y : {ndarray, CSR matrix} of shape (n_all_samples, n_outputs)
        Indicator of 0 and 1.

    sample_weight : ndarray of shape (n_all_samples,), default=None

    rows : ndarray of int of shape (n_samples,), default=None
        The rows of the data set; None for all. Nothing is copied.
    """

    original = None  # X as the user gave it, if it is passed on

    def __init__(self, X, y, sample_weight=None, rows=None):
        # each index of a memmap would be a memmap, which takes its time
        self.X, self.y = (_as_base_array(data) for data in (X, y))
        self.sample_weight = sample_weight
        self.rows = np.arange(X.shape[0]) if rows is None else rows

    def __len__(self):
        return len(self.rows)

    def subset(self, rows):
        """Return the data set of some rows of `X`, without a copy."""
        return RowDataset(self.X, self.y, self.sample_weight, rows)

    def shuffled_rows(self, generator):
        """The rows in random order, one that suits the form of `X`."""
        if isinstance(self.X, SlicedRows):
            return self.X.shuffle(self.rows, generator)
        return self.rows[torch.randperm(len(self), generator=generator).numpy()]

    def targets(self):
        """Return the indicator of the rows as an array."""
        return take_rows(self.y, self.rows)

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

    micro_batch_size : int, default=None
        A batch is an iterator over parts of at most so many rows; None for a batch in
        one part.

    rank, n_processes : int
        Which of the processes this is, and of how many that share each batch.

    stratified : bool, default=False
        Whether each batch gets its share of each label when rows are shuffled.

    Yields
    ------
    X : tensor of shape (n_rows, n_features)

    target : tuple of a tensor (n_rows, n_outputs) and a tensor (n_rows,) or None
        Indicator and weights.
    """

    def __init__(
        self,
        dataset,
        batch_size,
        *,
        dtype,
        device,
        generator=None,
        micro_batch_size=None,
        rank=0,
        n_processes=1,
        stratified=False,
    ):
        self.dataset = dataset
        self.batch_size = batch_size
        self.dtype = dtype
        self.device = device
        self.generator = generator
        self.micro_batch_size = micro_batch_size
        self.rank = rank
        self.n_processes = n_processes
        self.stratified = stratified

    def __len__(self):
        return -(-len(self.dataset) // self.batch_size)

    def sizes(self):
        """Number of rows of each batch, those of other processes included."""
        n_rows, n_batches = len(self.dataset), len(self)
        return n_rows // n_batches + (np.arange(n_batches) < n_rows % n_batches)

    def __iter__(self):
        rows = self.dataset.rows
        if self.generator is not None:
            rows = self.dataset.shuffled_rows(self.generator)
            if self.stratified:
                part = stratify(self.dataset.y[rows], self.sizes(), None)
                rows = rows[np.argsort(part, kind="stable")]
        stop = 0
        for size in self.sizes().tolist():
            start, stop = stop, stop + size
            batch = rows[start + self.rank : stop : self.n_processes]
            if self.micro_batch_size is None:
                yield self._tensors(batch)
            else:
                yield self._parts(batch)

    def _parts(self, batch):
        return BatchIterator(
            self.dataset.subset(batch),
            self.micro_batch_size,
            dtype=self.dtype,
            device=self.device,
        )

    def _tensors(self, rows):
        data = self.dataset
        weight = None
        if data.sample_weight is not None:
            weight = self._tensor(data.sample_weight[rows])
        X, y = take_rows(data.X, rows), take_rows(data.y, rows)
        return self._tensor(X), (self._tensor(y), weight)

    def _tensor(self, block):
        return torch.from_numpy(block).to(device=self.device, dtype=self.dtype)


def take_rows(data, rows):
    """Rows of an array, sparse matrix or `SlicedRows` as a new, dense array."""
    if isinstance(data, np.ndarray) and data.flags.c_contiguous:
        return data.take(rows, axis=0)  # faster than an index
    return _dense(data[rows])


def as_tensor(block, *, dtype, device):
    """Return a block of rows as a dense tensor.

    It may share the memory of the block, but for memory that is read-only.
    """
    # torch warns of read-only memory, and knows no negative strides
    block = np.require(_dense(block), requirements=("C", "W"))
    return torch.from_numpy(block).to(device=device, dtype=dtype)


def _dense(block):
    return block.toarray() if sparse.issparse(block) else block


def _as_base_array(data):
    return np.asarray(data) if isinstance(data, np.ndarray) else data

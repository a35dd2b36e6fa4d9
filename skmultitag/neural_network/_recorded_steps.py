"""Training steps of a GPU that are recorded once, and replayed.

A step of a small batch is mostly the start of its hundred small operations. A CUDA
graph starts all of them at once [1]_.

References
----------
.. [1] https://docs.pytorch.org/docs/stable/notes/cuda.html#cuda-graphs
"""

import threading
from contextlib import contextmanager, nullcontext

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from skmultitag.losses import MultilabelLoss
from skmultitag.losses._callable import CallableLoss
from skmultitag.losses._wrapper import WrapperLoss
from skmultitag.neural_network._device import is_gpu
from skmultitag.neural_network._mlp import N_STEPS_AHEAD, draw_steps, put_ahead

# of each size of a batch, before one is recorded: what torch asks for, as libraries
# and optimizers make what they need in the first steps
N_STEPS_BEFORE = 3
_LOCK = threading.Lock()  # torch can record one graph at a time
_BASES = MultilabelLoss, WrapperLoss


def can_record(net, data):
    """Whether the steps of a training can be recorded, as far as can be told before.

    A graph repeats what was done on the device, and nothing of Python. So the rows have
    to be there, and no callbacks, modules, optimizers or losses of the user take part,
    nor losses that draw for each batch or change from epoch to epoch.

    Parameters
    ----------
    net : MultiTagNet

    data : RowDataset

    Returns
    -------
    can_record : bool
    """
    return (
        is_gpu(net.device)
        and data.on_device is not None
        and net.is_plain
        and isinstance(net.optimizer, type)
        and all(group.get("fused") for group in net.optimizer_.param_groups)
        and all(map(_stays_the_same, net.criterion_.modules()))
    )


def _stays_the_same(loss):
    kind = type(loss)
    return (
        kind.__module__.startswith("skmultitag.")
        and kind is not CallableLoss
        and not loss.n_rows_observed
        and all(
            getattr(kind, name) in (getattr(base, name) for base in _BASES)
            for name in ("start_batch", "start_epoch")
        )
    )


class RecordedSteps:
    """The steps of a training, of which all but the first few are replayed.

    They do what `MultiTagNet.train_step` does for each batch. What differs from step to
    step is read from the device by its number, which each step counts up there.

    Parameters
    ----------
    net : MultiTagNet
        Which `can_record` is true for.
    """

    def __init__(self, net):
        self.net = net
        self.recorder = CudaRecorder(net.device)
        self.n_before = {}
        self.replays = {}
        self.can_record = True
        self.epoch = None

    def train(self, iterator):
        """Train for one epoch.

        Parameters
        ----------
        iterator : BatchIterator
            Of a data set whose rows are on the device, the same in each call.

        Returns
        -------
        losses : tensor of shape (n_batches,)
            On the device, for use before the next call.
        """
        if self.epoch is None:
            self.epoch = _EpochOnDevice(self.net, iterator)
        self.epoch.start(iterator)
        for number, size in enumerate(iterator.sizes().tolist()):
            if number % N_STEPS_AHEAD == 0:
                self.epoch.draw(min(N_STEPS_AHEAD, len(iterator) - number))
            self._step(size)
        return self.epoch.losses

    def _step(self, size):
        n_before = self.n_before.get(size, 0)
        if self.can_record and n_before == N_STEPS_BEFORE and size not in self.replays:
            self._record(size)
        if size in self.replays:
            self.replays[size]()
            return
        self.n_before[size] = n_before + 1
        is_last = n_before == N_STEPS_BEFORE - 1
        watch = HostReads() if is_last else nullcontext()
        with self.recorder.beside(), watch as reads:
            self.epoch.step(size)
        if reads:
            self.can_record = False

    def _record(self, size):
        try:
            with _capturable(self.net.optimizer_):
                self.replays[size] = self.recorder.record(lambda: self.epoch.step(size))
        except RuntimeError:  # also where the memory is too small for it
            self.can_record = False


class _EpochOnDevice:
    """One epoch of which all that a step needs is on the device, and at its place."""

    def __init__(self, net, iterator):
        self.net, self.iterator = net, iterator
        parameter = next(net.module_.parameters())
        n_rows, sizes = len(iterator.dataset), iterator.sizes()
        of_number = {"dtype": torch.int64, "device": parameter.device}
        self.order = torch.empty(n_rows, **of_number)
        self.offsets = torch.arange(sizes.max(), **of_number)
        self.first_row = torch.empty(1, **of_number)  # of the batch
        self.number = torch.empty(1, **of_number)  # of the batch
        self.drawn = None
        self.losses = parameter.new_empty(len(sizes))

    def start(self, iterator):
        self.order.copy_(iterator.order())
        self.first_row.zero_()
        self.number.zero_()

    def draw(self, n_steps):
        """Draw the dropout of the next steps."""
        drawn = draw_steps(self.net.module_, n_steps)
        if self.drawn is None:  # the first are the most
            self.drawn = drawn
        else:
            for each, new in zip(self.drawn, drawn, strict=True):
                each[:n_steps].copy_(new)

    def step(self, size):
        rows = self.order.index_select(0, self.first_row + self.offsets[:size])
        step = self.number % N_STEPS_AHEAD  # since dropout was drawn
        drawn = [each.index_select(0, step) for each in self.drawn]
        put_ahead(self.net.module_, drawn)
        loss = self.net.train_step(self.iterator.batch(rows))["loss"]
        with torch.no_grad():
            self.losses.index_copy_(0, self.number, loss.reshape(1))
            self.first_row.add_(size)
            self.number.add_(1)


class HostReads(TorchDispatchMode):
    """Sees whether operations read values of the device, or tensors of the processor.

    True after it did. In this thread only, other than the warnings of torch.
    """

    def __init__(self):
        super().__init__()
        self.found = False

    def __bool__(self):
        return self.found

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        tensors = [
            each
            for each in tree_leaves((args, kwargs, out))
            if isinstance(each, torch.Tensor)
        ]
        # a tensor without dimensions may be a number of the call itself
        devices = {each.device for each in tensors if each.ndim}
        is_read = len(devices) > 1 or torch.Tag.data_dependent_output in func.tags
        if torch.Tag.dynamic_output_shape in func.tags:
            # an index by a mask, but not by numbers
            of_index = {each.dtype for each in tree_leaves(args[1:])}
            is_index = func.overloadpacket is torch.ops.aten.index
            is_read |= not is_index or bool({torch.bool, torch.uint8} & of_index)
        self.found |= is_read
        return out


@contextmanager
def _capturable(optimizer):
    """Let an optimizer be recorded, which torch wants to be told.

    Its state is on the device anyway, as it is a fused one. Torch warns of the setting
    in steps that are not recorded.
    """
    groups = [group for group in optimizer.param_groups if "capturable" in group]
    before = [group["capturable"] for group in groups]
    try:
        for group in groups:
            group["capturable"] = True
        yield
    finally:
        for group, value in zip(groups, before, strict=True):
            group["capturable"] = value


class CudaRecorder:
    """Records what a function does on a GPU, with CUDA graphs that share a memory.

    Parameters
    ----------
    device : str
    """

    def __init__(self, device):
        self.stream = torch.cuda.Stream(device)
        self.pool = None

    @contextmanager
    def beside(self):
        """Context for what comes before a recording: another stream than the usual."""
        with torch.cuda.device(self.stream.device):
            usual = torch.cuda.current_stream()
            self.stream.wait_stream(usual)
            with torch.cuda.stream(self.stream):
                yield
            usual.wait_stream(self.stream)

    def record(self, function):
        """Return a function that does on the GPU what `function` does there.

        `function`, without arguments, is called, but nothing is computed.
        """
        graph = torch.cuda.CUDAGraph()
        with (
            _LOCK,
            torch.cuda.device(self.stream.device),
            # after an error, the context of torch would leave another stream in use
            torch.cuda.stream(torch.cuda.current_stream(self.stream.device)),
            torch.cuda.graph(
                graph,
                pool=self.pool,
                stream=self.stream,
                capture_error_mode="thread_local",  # other threads may use the GPU
            ),
        ):
            function()
        self.pool = graph.pool()
        return graph.replay

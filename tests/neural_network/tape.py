"""A recorder of the operations of torch on any device, in place of `CudaRecorder`.

As a CUDA graph does, it repeats them on the same memory, with the numbers of Python
that they had, and runs nothing of Python.
"""

from contextlib import nullcontext

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map_only


class Tape(TorchDispatchMode):
    """Notes all operations, to do them again."""

    def __init__(self):
        super().__init__()
        self.calls = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        self.calls.append((func, args, kwargs or {}, out))
        return out

    @torch.no_grad()
    def replay(self):
        for func, args, kwargs, out in self.calls:
            result = func(*args, **kwargs)
            for old, new in zip(tensors_of(out), tensors_of(result), strict=True):
                if pointer(old) != pointer(new):
                    old.detach().copy_(new)


def pointer(tensor):
    return getattr(tensor, "on_processor", tensor).data_ptr()  # of a pretended GPU


def tensors_of(out):
    found = []
    tree_map_only(torch.Tensor, found.append, out)
    return found


class TapeRecorder:
    """In place of `CudaRecorder`; it counts what it does."""

    made = []

    def __init__(self, device):
        self.n_before = self.n_recorded = self.n_replayed = 0
        self.made.append(self)

    def beside(self):
        self.n_before += 1
        return nullcontext()

    def record(self, function):
        with Tape() as tape:
            function()
        self.n_recorded += 1
        was_run = True  # by the tape, other than by a graph

        def replay():
            nonlocal was_run
            self.n_replayed += 1
            if not was_run:
                tape.replay()
            was_run = False

        return replay

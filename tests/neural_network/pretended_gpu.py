"""A GPU on any machine: tensors of its own, whose values the processor computes.

An operation on tensors of it and of the processor is an error, as on a GPU, and so is
a tensor of it that is read as an array. Its name begins as that of CUDA, so that a
training goes the way of a GPU. Torch can't forget a device: use it in a process of its
own.
"""

from contextlib import ExitStack, contextmanager
from functools import cache
from unittest import mock

import torch
from torch.overrides import TorchFunctionMode
from torch.utils import backend_registration
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map_only

NAME = "cuda_pretended"
aten = torch.ops.aten
# what may get tensors of both; the others get numbers of the processor only
OF_BOTH = {aten.copy_, aten._to_copy, aten.index}
OF_PINNED_MEMORY = {aten.is_pinned, aten._pin_memory}


def is_of_gpu(device):
    return device is not None and torch.device(device).type == NAME


class GpuTensor(torch.Tensor):
    """A tensor of the device, around one of the processor."""

    __torch_function__ = torch._C._disabled_torch_function_impl

    @staticmethod
    def __new__(cls, values):
        return torch.Tensor._make_wrapper_subclass(
            cls,
            values.size(),
            strides=values.stride(),
            storage_offset=values.storage_offset(),
            dtype=values.dtype,
            device=torch.device(NAME, 0),
        )

    def __init__(self, values):
        self.on_processor = values

    @classmethod
    def __torch_dispatch__(cls, func, types, args=(), kwargs=None):
        return compute(func, args, kwargs or {})

    def __deepcopy__(self, memo):
        copied = self.detach().clone()
        if isinstance(self, torch.nn.Parameter):
            copied = torch.nn.Parameter(copied, self.requires_grad)
        memo[id(self)] = copied
        return copied

    def tolist(self):
        return self.cpu().tolist()


def compute(func, args, kwargs):
    """Do an operation on the processor, if all tensors are on one device."""
    packet = func.overloadpacket
    if packet in OF_PINNED_MEMORY:
        return False if packet is aten.is_pinned else args[0]
    tensors = [
        each for each in tree_leaves((args, kwargs)) if isinstance(each, torch.Tensor)
    ]
    ours = [each for each in tensors if isinstance(each, GpuTensor)]
    n_others = sum(
        not isinstance(each, GpuTensor) and each.ndim > 0 for each in tensors
    )
    if ours and n_others and packet not in OF_BOTH:
        raise RuntimeError(f"{func} of tensors on two devices")
    goes_to_gpu = bool(ours)
    if packet is aten.copy_:
        goes_to_gpu = isinstance(args[0], GpuTensor)
    elif kwargs.get("device") is not None:
        goes_to_gpu = is_of_gpu(kwargs["device"])
        kwargs = {**kwargs, "device": torch.device("cpu")}
    args, kwargs = tree_map_only(
        GpuTensor, lambda each: each.on_processor, (args, {**kwargs})
    )
    out = func(*args, **kwargs)
    if not goes_to_gpu:
        return out
    in_place = {id(each.on_processor): each for each in ours}

    def wrapped(values):
        return in_place[id(values)] if id(values) in in_place else GpuTensor(values)

    return tree_map_only(torch.Tensor, wrapped, out)


class _Operations(TorchDispatchMode):
    """Operations that make the first tensors of the device."""

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if _is_composite(func):  # in inference mode
            with self:
                return func.decompose(*args, **kwargs)
        is_ours = (
            any(issubclass(each, GpuTensor) for each in types)
            or is_of_gpu(kwargs.get("device"))
            or func.overloadpacket in OF_PINNED_MEMORY
        )
        return compute(func, args, kwargs) if is_ours else func(*args, **kwargs)


@cache
def _is_composite(func):
    key = "CompositeImplicitAutograd"
    return torch._C._dispatch_has_kernel_for_dispatch_key(func.name(), key)


class _FromData(TorchFunctionMode):
    """Functions that make tensors of the device without an operation."""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if func in (torch.tensor, torch.as_tensor) and is_of_gpu(kwargs.get("device")):
            return func(*args, **{**kwargs, "device": "cpu"}).to(NAME)
        return func(*args, **kwargs)


def _to(to):
    """`Module.to`, which leaves the parameters the objects that they are."""

    def moved(module, *args, **kwargs):
        swap = torch.__future__.set_swap_module_params_on_conversion
        swap(True)
        try:
            return to(module, *args, **kwargs)
        finally:
            swap(False)

    return moved


@contextmanager
def pretended_gpu(room=2**24):
    """Context in which there is a device of the name `NAME`, with a free memory."""
    if not hasattr(torch, NAME):
        backend_registration._setup_privateuseone_for_python_backend(NAME)
    with ExitStack() as stack:
        for target, name, value in [
            (torch.cuda, "mem_get_info", lambda device=None: (room, room)),
            (torch.nn.Module, "to", _to(torch.nn.Module.to)),
            # tensors of inference can't be views of such tensors
            (torch, "inference_mode", _without_gradients),
        ]:
            stack.enter_context(mock.patch.object(target, name, value))
        stack.enter_context(_Operations())
        stack.enter_context(_FromData())
        yield NAME


def _without_gradients(mode=True):
    return torch.set_grad_enabled(not mode)

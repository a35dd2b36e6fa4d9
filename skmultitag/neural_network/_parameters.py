"""Checks of parameters that need more than a list of what is allowed."""

from numbers import Integral, Real

import numpy as np
import torch
from torch import distributed

from skmultitag.neural_network._batches import take_rows


def check_threshold(threshold, encoder, count_head):
    """Return the threshold, "auto" or an array, if it suits the labels."""
    if count_head and encoder.kind_ != "multilabel":
        raise ValueError(
            "count_head=True needs rows of several labels, but y has one dimension."
        )
    if isinstance(threshold, str) and threshold == "auto":
        return threshold
    if encoder.kind_ == "multiclass":
        raise ValueError(
            "A threshold needs labels that are decided one by one, but y is"
            " multiclass: use threshold='auto'."
        )
    try:
        threshold = np.asarray(threshold, dtype=np.float64)
    except (TypeError, ValueError) as exc:
        raise ValueError(
            f"threshold must be 'auto' or numbers. Got {threshold!r} instead."
        ) from exc
    if threshold.shape not in ((), (encoder.n_outputs_,)):
        raise ValueError(
            "threshold must be a number or one value a label, of shape"
            f" ({encoder.n_outputs_},). Got shape {threshold.shape} instead."
        )
    # an infinite one says that a label is predicted never, or always
    is_valid = (threshold >= 0) & (threshold <= 1) | np.isinf(threshold)
    if not is_valid.all():
        raise ValueError(f"threshold must lie in [0, 1]. Got {threshold} instead.")
    return threshold


def check_step(loss, micro_batch_size, is_distributed, random_state):
    """Check that batches can be split as asked for."""
    splits = {
        "micro_batch_size": micro_batch_size is not None,
        "distributed": is_distributed,
    }
    for name, is_split in splits.items():
        if is_split and not loss.is_additive:
            raise ValueError(
                f"{name} splits batches, but {loss} of a batch is not made of sums"
                f" over its rows: use another loss, or leave {name} out."
            )
    if not is_distributed:
        return
    if not (distributed.is_available() and distributed.is_initialized()):
        raise ValueError(
            "distributed=True needs the process group of torch.distributed: call"
            " init_process_group first, in a script started by torchrun."
        )
    if not isinstance(random_state, Integral):
        raise ValueError(
            "distributed=True needs an integer as random_state, the same in all"
            f" processes. Got {random_state!r}."
        )


def check_processes_agree(estimator, rows, indicator):
    """Raise in all processes if they do not train alike on the same data."""
    params = {
        name: value
        for name, value in estimator.get_params().items()
        if isinstance(value, (str, Real, tuple, list, type(None)))
    }
    del params["callbacks"]
    params["loss"] = repr(estimator.loss)
    some = np.linspace(0, rows.shape[0] - 1, num=16, dtype=np.intp)
    mine = {
        **params,
        "the shape of X": rows.shape,
        "some rows of X": take_rows(rows, some).tolist(),
        "the shape of y": indicator.shape,
        "the number of positives in y": indicator.sum(dtype=np.int64),
    }
    of_processes = [None] * distributed.get_world_size()
    distributed.all_gather_object(of_processes, mine)
    differing = [
        name
        for name in mine
        if any(mine[name] != other[name] for other in of_processes)
    ]
    if differing:
        raise ValueError(
            "With distributed=True each process must call fit with the same parameters"
            " and all of the data: each takes its part of a batch by itself. They"
            f" differ in {', '.join(differing)}."
        )


def check_device(device):
    if isinstance(device, str) and device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        return torch.device(device)
    except RuntimeError as exc:
        raise ValueError(f"device must be 'auto' or known to torch: {exc}") from exc


def check_hidden_layer_sizes(hidden_layer_sizes):
    sizes = np.atleast_1d(hidden_layer_sizes).tolist()
    if not all(type(size) is int and size > 0 for size in sizes):
        raise ValueError(
            "hidden_layer_sizes must be integers greater than 0. Got"
            f" {hidden_layer_sizes!r} instead."
        )
    return sizes


def check_same_classes(classes, encoder):
    known = encoder.label_names_.tolist()
    if classes is None:
        return
    classes = np.asarray(classes).tolist()
    if encoder.kind_ != "multilabel":
        classes = np.unique(classes).tolist()
    if classes != known:
        raise ValueError(
            f"classes must be those of the first call, {known}. Got {classes}."
        )

"""Checks of the parameters of a `MultiTagClassifier`, and what they mean for a net."""

from inspect import signature
from numbers import Integral, Real

import numpy as np
from sklearn.base import clone
from skorch.callbacks import BatchScoring, Callback, EpochScoring, InputShapeSetter
from torch import distributed, nn

from skmultitag.metrics import get_scorer
from skmultitag.neural_network._batches import take_rows
from skmultitag.neural_network._model_checkpoint import (
    ModelCheckpoint,
    check_checkpoint,
)
from skmultitag.utils._by_label import in_order_of_labels
from skmultitag.utils._messages import naming, shorten


def check_net_params(model, loss):
    """Return the parameters of the net that may change when it goes on."""
    splits = {
        "micro_batch_size": model.micro_batch_size is not None,
        "distributed": model.distributed,
    }
    for name, is_split in splits.items():
        if is_split and not loss.is_additive:
            raise ValueError(
                f"{name} splits batches, but {loss} is not a function of sums over"
                f" rows: use another loss, or leave {name} out."
            )
    if model.distributed:
        _check_process_group(model.random_state)
    decay = model.learning_rate_init * model.weight_decay
    if model.optimizer in ("adamw", "sgd") and decay > 1:
        raise ValueError(
            "learning_rate_init * weight_decay must be at most 1, as the share of the"
            f" weights that one step takes off. Got {decay:.2g}."
        )
    return {
        "lr": model.learning_rate_init,
        "batch_size": -1 if model.batch_size == "full" else model.batch_size,
        "precision": model.precision,
        "micro_batch_size": model.micro_batch_size,
        "is_distributed": model.distributed,
    }


def _check_process_group(random_state):
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


def check_threshold(threshold, encoder):
    """Return the threshold, "auto" or an array, if it suits the labels."""
    if isinstance(threshold, str) and threshold == "auto":
        return threshold
    if encoder.kind_ == "multiclass":
        raise ValueError(
            "A threshold needs labels that are decided one by one, but y is"
            " multiclass: use threshold='auto'."
        )
    threshold = in_order_of_labels(
        threshold, encoder.label_names_.tolist(), name="threshold"
    )
    try:
        threshold = np.asarray(threshold, dtype=np.float64)
    except (TypeError, ValueError) as exc:
        raise ValueError(
            f"threshold must be 'auto' or numbers. Got {shorten(threshold)} instead."
        ) from exc
    if threshold.shape not in ((), (encoder.n_outputs_,)):
        raise ValueError(
            "threshold must be a number or an array of shape"
            f" ({encoder.n_outputs_},). Got shape {threshold.shape} instead."
        )
    # an infinite one says that a label is predicted never, or always
    is_valid = (threshold >= 0) & (threshold <= 1) | np.isinf(threshold)
    if not is_valid.all():
        raise ValueError(
            f"threshold must lie in [0, 1]. Got {shorten(threshold)} instead."
        )
    return threshold


def check_hidden_layer_sizes(hidden_layer_sizes):
    with naming("hidden_layer_sizes"):
        sizes = np.atleast_1d(hidden_layer_sizes)
    if sizes.size and not (sizes.dtype.kind in "iu" and sizes.min() > 0):
        raise ValueError(
            "hidden_layer_sizes must be integers greater than 0. Got"
            f" {shorten(hidden_layer_sizes)} instead."
        )


def check_scorer(scoring):
    scorer = get_scorer(scoring)
    try:
        signature(scorer).bind("estimator", "X", "y")
    except TypeError as exc:
        raise ValueError(
            f"scoring must be a name or a function of (estimator, X, y), but {exc} in"
            f" {shorten(scoring)}: make one of a metric by sklearn.metrics.make_scorer."
        ) from exc
    return scorer


def read_callbacks(model):
    """Clones of the callbacks, each of which can be a tuple of a name and a callback.

    Returns
    -------
    callbacks : list
        For the net.

    checkpoints : list of ModelCheckpoint
    """
    is_split = model.distributed or model.micro_batch_size is not None
    clones, checkpoints = [], []
    for each in model.callbacks or []:
        is_pair = isinstance(each, tuple) and len(each) == 2
        name, callback = each if is_pair else (None, each)
        if not (isinstance(callback, Callback) and isinstance(name, (str, type(None)))):
            raise TypeError(
                "callbacks must be objects of skorch callbacks, or tuples of a name and"
                f" one. Got {shorten(each)}."
            )
        if isinstance(callback, ModelCheckpoint):
            check_checkpoint(callback)
            checkpoints.append(callback)
            continue
        _check_callback(callback, is_split)
        try:
            callback = clone(callback)
        except (TypeError, RuntimeError):  # such as one that holds a trial of a search
            pass
        clones.append(callback if name is None else (name, callback))
    return clones, checkpoints


def _check_callback(callback, is_split):
    """Raise for a callback of skorch that has nothing to do here, or not enough."""
    if isinstance(callback, InputShapeSetter):
        raise ValueError(
            "InputShapeSetter has nothing to set: a module that is a callable is"
            " called with the numbers of features and of labels."
        )
    is_scoring = isinstance(callback, (BatchScoring, EpochScoring))
    if is_split and is_scoring and callback.on_train:
        raise ValueError(
            f"{type(callback).__name__} with on_train=True needs the predictions of"
            " whole batches, which micro_batch_size and distributed split: use"
            " on_train=False with early stopping."
        )


def check_batch_norms(module):
    norms = nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.SyncBatchNorm
    if any(isinstance(part, norms) for part in module.modules()):
        raise ValueError(
            "The module has batch normalization, whose statistics are those of a batch:"
            " with distributed or micro_batch_size it would see parts of batches. Use"
            " LayerNorm or GroupNorm in its place."
        )


def check_processes_agree(model, data):
    """Raise in all processes if they do not train alike on the same data."""
    params = {
        name: value
        for name, value in model.get_params().items()
        if isinstance(value, (str, Real, tuple, list, type(None)))
    }
    del params["callbacks"]
    params["loss"] = repr(model.loss)
    some = np.linspace(0, data.X.shape[0] - 1, num=16, dtype=np.intp)
    mine = {
        **params,
        "the shape of X": data.X.shape,
        "some rows of X": take_rows(data.X, some).tolist(),
        "the shape of y": data.y.shape,
        "the number of positives in y": data.y.sum(dtype=np.int64),
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

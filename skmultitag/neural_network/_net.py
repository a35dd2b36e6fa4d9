"""The skorch net that `MultiTagClassifier` owns: the only file that builds one."""

import copy
import threading

import numpy as np
import torch
from skorch import NeuralNet
from skorch.callbacks import Callback, EarlyStopping
from skorch.utils import TeeGenerator

from skmultitag.losses._base import has_same_params
from skmultitag.losses._sums import add_sums
from skmultitag.neural_network._batches import BatchIterator, as_tensor
from skmultitag.neural_network._callbacks import StopTraining
from skmultitag.neural_network._mlp import CountHead, MLPModule
from skmultitag.neural_network._step import set_gradients

OPTIMIZERS = {
    "adam": (torch.optim.Adam, {"fused": True}),
    "adamw": (torch.optim.AdamW, {"fused": True}),
    "sgd": (torch.optim.SGD, {"momentum": 0.9, "nesterov": True, "fused": True}),
}

BATCH_NORMS = (
    torch.nn.BatchNorm1d,
    torch.nn.BatchNorm2d,
    torch.nn.BatchNorm3d,
    torch.nn.SyncBatchNorm,
)

# of the widest layer in a block of a prediction: bounds the memory, and fits the cache
N_ENTRIES_OF_A_BLOCK = 2**18
N_ROWS_OF_A_BLOCK = 32  # at least: of fewer, a product of matrices takes as long
_GLOBAL_STREAM_LOCK = threading.Lock()


class MultiTagNet(NeuralNet):
    """A skorch net whose batches carry weights, and which a real Ctrl-C stops."""

    @property
    def _default_callbacks(self):
        return []

    def get_iterator(self, dataset, training=False):
        iterator = super().get_iterator(dataset, training=training)
        if training:
            iterator.micro_batch_size = self.micro_batch_size
            iterator.rank, iterator.n_processes = self.rank, self.n_processes
            iterator.stratified = self.stratify_batches
        else:
            # the batch size of a training may be all rows
            iterator.batch_size = self.n_block_rows_
        return iterator

    def on_epoch_begin(self, net, **kwargs):
        super().on_epoch_begin(net, **kwargs)
        epoch = len(self.history) - 1
        self.criterion_.start_epoch(epoch, self.last_epoch_)
        self._show_rows_to_loss()
        for name, value in self.criterion_.epoch_figures().items():
            self.history.record(name, value)

    def _show_rows_to_loss(self, is_final=False):
        n_rows = self.criterion_.n_rows_observed
        if not n_rows:
            return
        # the same rows each time, in a fit that goes on too
        rows = np.random.RandomState(0).permutation(self.observed_.rows)[:n_rows]
        self.module_.eval()
        with torch.no_grad():
            outputs = self._evaluate(self.observed_.subset(np.sort(rows)))
            self.criterion_.observe(*outputs, is_final=is_final)

    def run_single_epoch(self, iterator, training, prefix, step_fn, **fit_params):
        """Train for one epoch.

        skorch's own makes some thirty calls for each batch, which take longer than the
        step of a small network. Here callbacks are called for a batch only where they
        have something to do then.
        """
        if iterator is None:  # for validation, which the net does not do
            return
        self._set_training(True)
        # not a list of numbers on the device: among freed blocks of memory, each would
        # keep a block from being used again for a tensor of its old size
        values = self.parameters_[0].new_empty(len(iterator))
        # the caller may have switched gradients off
        with torch.enable_grad():
            for number, batch in enumerate(iterator):
                self._notify_of_batch("on_batch_begin", batch=batch)
                value = self._step(batch)
                values[number] = value
                self._notify_of_batch("on_batch_end", batch=batch, loss=value)
        self.history.record(f"{prefix}_batch_count", len(iterator))
        loss = np.average(values.tolist(), weights=iterator.sizes())
        self.history.record(f"{prefix}_loss", float(loss))

    def _step(self, batch):
        """One step of the optimizer; return the loss before it."""
        values = []

        def closure():
            for parameter in self.parameters_:
                parameter.grad = None
            value = set_gradients(
                self.module_,
                self.criterion_,
                batch,
                precision=self.precision,
                is_shared=self.is_shared,
            )
            self._notify_of_batch(
                "on_grad_computed",
                named_parameters=TeeGenerator(self.get_all_learnable_params()),
                batch=batch,
            )
            values.append(value)
            return value

        self.optimizer_.step(closure)
        return values[0]  # some optimizers ask several times

    def _notify_of_batch(self, name, **kwargs):
        if name == "on_batch_begin" and any(self.watchers_.values()):
            self.history.new_batch()
        for callback in self.watchers_[name]:
            getattr(callback, name)(self, training=True, **kwargs)

    def train(self, dataset, *, n_epochs, first, last, last_epoch=None, held_out=None):
        """Train for up to `n_epochs` more epochs.

        Parameters
        ----------
        dataset : RowDataset
        n_epochs : int
        last_epoch : int or None
            The last one of the training as a whole; None for that of this call.
        first, last : list of Callback
            Used in this call only, before and after the callbacks of the net.
        held_out : RowDataset or None
            What a loss that observes rows is shown; None for `dataset`.
        """
        self.observed_ = dataset if held_out is None else held_out
        self.last_epoch_ = last_epoch or len(self.history) + n_epochs
        callbacks = self.callbacks_
        first = [(type(callback).__name__, callback) for callback in first]
        last = [(type(callback).__name__, callback) for callback in last]
        self.callbacks_ = [*first, *callbacks, *last]
        self.parameters_ = [*self.module_.parameters(), *self.criterion_.parameters()]
        self.watchers_ = {
            name: [own for _, own in callbacks if _has_own_method(own, name)]
            for name in ("on_batch_begin", "on_grad_computed", "on_batch_end")
        }
        try:
            self.notify("on_train_begin", X=dataset, y=None)
            try:
                self.fit_loop(dataset, epochs=n_epochs)
            except StopTraining:
                pass
            except KeyboardInterrupt:
                if not _has_stopped_early(callbacks):
                    raise
            self.notify("on_train_end", X=dataset, y=None)
            self._show_rows_to_loss(is_final=True)
        finally:
            self.observed_ = self.parameters_ = self.watchers_ = None
            self.callbacks_ = callbacks
            self.module_.eval()
            self.criterion_.eval()
            self.module_.zero_grad(set_to_none=True)

    def full_loss(self, dataset):
        """Loss over all rows of `dataset` at once, not a mean over batches."""
        loss = self.criterion_
        with torch.inference_mode():
            if not loss.is_additive:
                return loss.validation_loss(*self._evaluate(dataset)).item()
            sums = [
                loss.validation_sums(self.module_(X), *target)
                for X, target in self.get_iterator(dataset)
            ]
            return loss.loss_from_sums(add_sums(sums)).item()

    def _evaluate(self, dataset):
        """Logits, targets and weights of all rows of `dataset`."""
        outputs = [
            (self.module_(X), *target) for X, target in self.get_iterator(dataset)
        ]
        logits, indicator, weight = zip(*outputs, strict=True)
        weight = None if weight[0] is None else torch.cat(weight)
        return torch.cat(logits), torch.cat(indicator), weight

    def map_logits(self, X, function):
        """Apply `function` to the logits of `X`, a block of rows at a time.

        Parameters
        ----------
        X : {ndarray, CSR matrix, SlicedRows} of shape (n_samples, n_features)

        function : callable
            From a tensor (n_rows, n_outputs) to another one.

        Yields
        ------
        rows : slice

        values : ndarray of shape (n_rows, ...)
        """
        parameter = next(self.module_.parameters())
        for rows in self.blocks(X):
            with torch.inference_mode():
                block = as_tensor(
                    X[rows], dtype=parameter.dtype, device=parameter.device
                )
                values = function(self.module_(block))
            yield rows, values.cpu().numpy()

    def blocks(self, X):
        """Slices of the rows that a prediction takes at once."""
        for start in range(0, X.shape[0], self.n_block_rows_):
            yield slice(start, start + self.n_block_rows_)

    def __getstate__(self):
        # the same objects as module_ and criterion_, which would be stored twice
        return {**super().__getstate__(), "module": None, "criterion": None}


def _has_own_method(callback, name):
    return getattr(type(callback), name) is not getattr(Callback, name)


def _has_stopped_early(callbacks):
    """Whether a KeyboardInterrupt comes from skorch's EarlyStopping."""
    return any(
        isinstance(callback, EarlyStopping) and callback.misses_ == callback.patience
        for _, callback in callbacks
    )


def make_net(
    module,
    loss,
    *,
    n_features,
    n_outputs,
    n_counts,
    mlp_params,
    optimizer,
    learning_rate_init,
    alpha,
    batch_size,
    step_params,
    callbacks,
    device,
    dtype,
    random_state,
):
    """Build and initialize the net; nothing of the global random streams moves.

    Parameters
    ----------
    module : None, torch.nn.Module or callable
        None for an MLP with `mlp_params`; a module is copied; a callable is called
        with the numbers of features and of outputs.

    loss : MultilabelLoss
        Used as it is.

    mlp_params : dict
        Arguments of the MLP, beside its size and generators.

    n_counts : int or None
        With a count head for so many counts from 0 on.

    step_params : dict
        The arguments of `set_step` beside the net.

    random_state : numpy.random.RandomState
        Gives a seed to each of the generators.

    Returns
    -------
    net : MultiTagNet
    """
    init_seed, dropout_seed, shuffle_seed = random_state.randint(2**31 - 1, size=3)
    init_generator = _generator(init_seed)
    if module is None:
        module = MLPModule(
            n_features,
            n_outputs,
            init_generator=init_generator,
            dropout_generator=_generator(dropout_seed, device),
            **mlp_params,
        )
    elif isinstance(module, torch.nn.Module):
        module = copy.deepcopy(module)
    else:
        module = _call_with_seed(module, init_seed, n_features, n_outputs)
    is_split = step_params["distributed"] or step_params["micro_batch_size"]
    if is_split and any(isinstance(part, BATCH_NORMS) for part in module.modules()):
        raise ValueError(
            "The module has batch normalization, whose statistics are those of a batch:"
            " with distributed or micro_batch_size it would see parts of batches. Use"
            " LayerNorm or GroupNorm in its place."
        )
    if n_counts is not None:
        module = CountHead(module, n_outputs, n_counts, init_generator)
    optimizer_kwargs = {}
    if isinstance(optimizer, str):
        optimizer, optimizer_kwargs = OPTIMIZERS[optimizer]
    iterator_kwargs = {"dtype": dtype, "device": device}
    net = MultiTagNet(
        module.to(dtype=dtype),
        loss,
        optimizer=optimizer,
        optimizer__weight_decay=alpha,
        # as in MLPClassifier, no penalty on the intercepts
        optimizer__param_groups=[("*bias", {"weight_decay": 0.0})],
        **{f"optimizer__{name}": value for name, value in optimizer_kwargs.items()},
        lr=learning_rate_init,
        batch_size=batch_size,
        iterator_train=BatchIterator,
        iterator_train__generator=_generator(shuffle_seed),
        **{f"iterator_train__{name}": value for name, value in iterator_kwargs.items()},
        iterator_valid=BatchIterator,
        **{f"iterator_valid__{name}": value for name, value in iterator_kwargs.items()},
        train_split=None,
        predict_nonlinearity=None,
        callbacks=callbacks,
        verbose=0,
        device=device,
    )
    widths = [max(parameter.shape, default=1) for parameter in module.parameters()]
    n_rows = N_ENTRIES_OF_A_BLOCK // max([1, *widths])
    net.n_block_rows_ = max(N_ROWS_OF_A_BLOCK, n_rows)
    set_step(net, **step_params)
    return net.initialize()


def set_step(net, *, precision, micro_batch_size, stratify_batches, distributed):
    """Set how batches are made, and how a training step of the net is computed.

    Parameters
    ----------
    precision : {"full", "bfloat16"}

    micro_batch_size : int or None
        Largest number of rows computed at once; None for the batch.

    stratify_batches : bool
        Whether each batch gets its share of each label.

    distributed : bool
        Whether each process of torch.distributed takes a part of each batch.
    """
    net.precision = precision
    net.micro_batch_size = micro_batch_size
    net.stratify_batches = stratify_batches
    net.is_shared = distributed
    if distributed:
        net.rank = torch.distributed.get_rank()
        net.n_processes = torch.distributed.get_world_size()
    else:
        net.rank, net.n_processes = 0, 1


def update_net(net, loss, *, lr, batch_size, step_params):
    """Make a trained net go on, perhaps with another loss, learning rate or batch size.

    The network, the state of the optimizer and the random streams stay. So does the
    loss with its state, unless it is another one or has other parameters.
    """
    if not has_same_params(loss, net.criterion_):
        net.criterion_ = loss
    net.set_params(lr=lr, batch_size=batch_size)
    set_step(net, **step_params)


def _generator(seed, device="cpu"):
    return torch.Generator(device=device).manual_seed(int(seed))


def _call_with_seed(module, seed, n_features, n_outputs):
    """Call the factory `module`, whose layers draw from the global torch stream.

    The lock keeps fits in other threads from drawing in between.
    """
    with _GLOBAL_STREAM_LOCK, torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(int(seed))
        return module(n_features, n_outputs)

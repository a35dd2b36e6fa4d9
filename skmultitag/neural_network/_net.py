"""The skorch net that `MultiTagClassifier` owns: the only file that builds one."""

import copy
import threading

import numpy as np
import torch
from skorch import NeuralNet
from skorch.callbacks import EarlyStopping, PassthroughScoring
from torch.nn import functional

from skmultitag.losses._base import has_same_params, mean_over_rows
from skmultitag.neural_network._batches import BatchIterator, as_tensor
from skmultitag.neural_network._callbacks import StopTraining
from skmultitag.neural_network._mlp import CountHead, MLPModule

OPTIMIZERS = {
    "adam": (torch.optim.Adam, {"fused": True}),
    "adamw": (torch.optim.AdamW, {"fused": True}),
    "sgd": (torch.optim.SGD, {"momentum": 0.9, "nesterov": True, "fused": True}),
}

N_ROWS_OF_A_BLOCK = 8192  # of a prediction: bounds the memory of hidden layers
_GLOBAL_STREAM_LOCK = threading.Lock()


class MultiTagNet(NeuralNet):
    """A skorch net whose batches carry weights, and which a real Ctrl-C stops."""

    @property
    def _default_callbacks(self):
        return [("train_loss", PassthroughScoring("train_loss", on_train=True))]

    def get_loss(self, y_pred, y_true, X=None, training=False):
        indicator, sample_weight = y_true
        loss = self.criterion_(y_pred, indicator, sample_weight=sample_weight)
        if isinstance(self.module_, CountHead):
            loss = loss + _count_loss(
                self.module_.count_logits(y_pred), indicator, sample_weight
            )
        return loss

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

    def train(self, dataset, *, n_epochs, first, last, held_out=None):
        """Train for up to `n_epochs` more epochs.

        Parameters
        ----------
        dataset : RowDataset
        n_epochs : int
        first, last : list of Callback
            Used in this call only, before and after the callbacks of the net.
        held_out : RowDataset or None
            What a loss that observes rows is shown; None for `dataset`.
        """
        self.observed_ = dataset if held_out is None else held_out
        self.last_epoch_ = len(self.history) + n_epochs
        callbacks = self.callbacks_
        default, own = callbacks[:1], callbacks[1:]
        first = [(type(callback).__name__, callback) for callback in first]
        last = [(type(callback).__name__, callback) for callback in last]
        self.callbacks_ = [*default, *first, *own, *last]
        try:
            self.notify("on_train_begin", X=dataset, y=None)
            try:
                self.fit_loop(dataset, epochs=n_epochs)
            except StopTraining:
                pass
            except KeyboardInterrupt:
                if not _has_stopped_early(own):
                    raise
            self.notify("on_train_end", X=dataset, y=None)
            self._show_rows_to_loss(is_final=True)
        finally:
            self.observed_ = None
            self.callbacks_ = callbacks
            self.module_.eval()
            self.criterion_.eval()
            self.module_.zero_grad(set_to_none=True)

    def full_loss(self, dataset):
        """Loss over all rows of `dataset` at once, not a mean over batches."""
        with torch.inference_mode():
            loss = self.criterion_.validation_loss(*self._evaluate(dataset))
        return loss.item()

    def _evaluate(self, dataset):
        """Logits, targets and weights of all rows of `dataset`."""
        outputs = [
            (self.module_(X), *target)
            for X, target in self.get_iterator(dataset, training=False)
        ]
        logits, indicator, weight = zip(*outputs, strict=True)
        weight = None if weight[0] is None else torch.cat(weight)
        return torch.cat(logits), torch.cat(indicator), weight

    def map_logits(self, X, function, dtype):
        """Apply `function` to the logits of `X`, a block of rows at a time.

        Parameters
        ----------
        X : {ndarray, CSR matrix} of shape (n_samples, n_features)

        function : callable
            From a tensor (n_rows, n_outputs) to one of the same shape.

        dtype : numpy dtype
            Of the result.

        Returns
        -------
        result : ndarray of shape (n_samples, n_outputs)
        """
        parameter = next(self.module_.parameters())
        blocks = []
        with torch.inference_mode():
            for start in range(0, X.shape[0], N_ROWS_OF_A_BLOCK):
                rows = as_tensor(
                    X[start : start + N_ROWS_OF_A_BLOCK],
                    dtype=parameter.dtype,
                    device=parameter.device,
                )
                values = function(self.module_(rows)).cpu().numpy()
                blocks.append(values.astype(dtype, copy=False))
        return blocks[0] if len(blocks) == 1 else np.concatenate(blocks)

    def __getstate__(self):
        # the same objects as module_ and criterion_, which would be stored twice
        return {**super().__getstate__(), "module": None, "criterion": None}


def _count_loss(count_logits, indicator, sample_weight):
    """Cross-entropy of the number of labels, the largest known one for more."""
    n_labels = indicator.sum(dim=1).long().clamp(max=count_logits.shape[1] - 1)
    losses = functional.cross_entropy(count_logits, n_labels, reduction="none")
    return mean_over_rows(losses, sample_weight)


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

    n_counts : int or None
        With a count head for so many counts from 0 on.

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
    return net.initialize()


def update_net(net, loss, *, lr, batch_size):
    """Make a trained net go on, perhaps with another loss, learning rate or batch size.

    The network, the state of the optimizer and the random streams stay. So does the
    loss with its state, unless it is another one or has other parameters.
    """
    if not has_same_params(loss, net.criterion_):
        net.criterion_ = loss
    net.set_params(lr=lr, batch_size=batch_size)


def _generator(seed, device="cpu"):
    return torch.Generator(device=device).manual_seed(int(seed))


def _call_with_seed(module, seed, n_features, n_outputs):
    """Call the factory `module`, whose layers draw from the global torch stream.

    The lock keeps fits in other threads from drawing in between.
    """
    with _GLOBAL_STREAM_LOCK, torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(int(seed))
        return module(n_features, n_outputs)

"""The skorch net that `MultiTagClassifier` owns: the only file that builds one."""

import copy
import threading
from contextlib import contextmanager
from inspect import signature

import numpy as np
import torch
from skorch import NeuralNet
from skorch.callbacks import EarlyStopping

from skmultitag.losses._base import has_same_params
from skmultitag.losses._sums import add_sums
from skmultitag.neural_network._batches import (
    Batch,
    BatchIterator,
    RowDataset,
    as_tensor,
)
from skmultitag.neural_network._callbacks import StopTraining, TellLoss
from skmultitag.neural_network._device import copy_to, is_gpu
from skmultitag.neural_network._gradients import backward_in_parts
from skmultitag.neural_network._mean_and_size import mean_and_size
from skmultitag.neural_network._mlp import (
    N_STEPS_AHEAD,
    MLPModule,
    draw_steps,
    put_ahead,
)
from skmultitag.neural_network._plain_state import is_as_made, restore, state_of
from skmultitag.neural_network._recorded_steps import RecordedSteps, can_record
from skmultitag.utils._messages import shorten
from skmultitag.utils._random_stream import RandomStream
from skmultitag.utils._threads import N_OF_A_SMALL_PRODUCT, one_thread

OPTIMIZERS = {
    "adam": (torch.optim.Adam, {}),
    "adamw": (torch.optim.AdamW, {}),
    "sgd": (torch.optim.SGD, {"momentum": 0.9, "nesterov": True}),
}

CLASSES_OF_OPTIMIZERS = {name: optimizer for name, (optimizer, _) in OPTIMIZERS.items()}
ASK_ONCE = tuple(CLASSES_OF_OPTIMIZERS.values())

# entries of the widest layer that a prediction computes at once: few enough to bound
# the memory and, on the processor, to stay in the cache; on a GPU a quarter of a GiB
N_ENTRIES_AT_ONCE = {False: 2**18, True: 2**26}
N_ROWS_AT_ONCE = 32  # at least, as a product with fewer rows takes as long
# up to which half of the features are left out: chosen with the other defaults, see
# `default_parameters` in the documentation
N_ROWS_OF_HALF = 3000
_CURE = "Scale X (StandardScaler), or lower learning_rate_init or weight_decay."
_GLOBAL_STREAM_LOCK = threading.Lock()


class MultiTagNet(NeuralNet):
    """A skorch net that is trained on a loss of this package.

    What it has beside a :class:`skorch.NeuralNet`: weights of rows, batches in parts
    and of several processes, the loss of all held-out rows at once as "valid_loss"
    (that of F1 is no mean over batches), and the decision of the loss in `predict`.

    Parameters
    ----------
    module : torch.nn.Module or class
        From features to logits.

    criterion : MultilabelLoss
        Used as it is; fitted on the targets of the first training if it is not.

    precision : {"full", "bfloat16"}, default="full"
        Precision of matrix products during training.

    micro_batch_size : int or None, default=None
        Largest number of rows that are computed at once in training.

    is_distributed : bool, default=False
        Whether each process of torch.distributed takes a part of each batch.

    shuffle_seed : int, default=0
        Seed of the order of the rows.

    n_offsets : int, default=0
        Number of the last columns of `X` that are added to the logits, and not shown to
        the module: none, or one a logit.

    **kwargs : dict
        Parameters of :class:`skorch.NeuralNet`.
    """

    _default_callbacks = []  # none that print
    was_saved_on_gpu_ = False  # and has not been anywhere else since
    _recorded_steps = None

    # other than those of skorch
    _DEFAULTS = {
        "dataset": RowDataset,
        "iterator_train": BatchIterator,
        "iterator_valid": BatchIterator,
        "train_split": None,
        "verbose": 0,
    }

    def __init__(
        self,
        module,
        criterion,
        *,
        precision="full",
        micro_batch_size=None,
        is_distributed=False,
        shuffle_seed=0,
        n_offsets=0,
        **kwargs,
    ):
        super().__init__(module, criterion, **{**self._DEFAULTS, **kwargs})
        self.precision = precision
        self.micro_batch_size = micro_batch_size
        self.is_distributed = is_distributed
        self.shuffle_seed = shuffle_seed
        self.n_offsets = n_offsets

    def initialize(self, *, with_optimizer=True):
        self.shuffle_stream_ = RandomStream(self.shuffle_seed)
        self._with_optimizer = with_optimizer
        return super().initialize()

    def initialize_callbacks(self):
        super().initialize_callbacks()
        # the last one: what it shows the loss at the end are the final weights
        self.callbacks_.append(("tell_loss", TellLoss()))
        return self

    def initialize_module(self):
        super().initialize_module()
        self.repr_of_module_ = repr(self.module_)
        self._set_rows_at_once()
        return self

    def _set_rows_at_once(self):
        n_entries = N_ENTRIES_AT_ONCE[is_gpu(self.device)]
        widths = [max(each.shape, default=1) for each in self.module_.parameters()]
        n_rows = n_entries // max([1, *widths])
        self.iterator_valid__batch_size = max(N_ROWS_AT_ONCE, n_rows)

    def initialize_optimizer(self, *args, **kwargs):
        if not self._with_optimizer:  # loaded to predict only
            return self
        try:
            super().initialize_optimizer(*args, **kwargs)
        except TypeError as exc:
            raise TypeError(
                "optimizer is called as optimizer(parameter_groups, lr=...,"
                f" weight_decay=...), but {exc}"
            ) from exc
        if not isinstance(self.optimizer_, torch.optim.Optimizer):
            raise TypeError(
                "optimizer must return a torch.optim.Optimizer. Got"
                f" {shorten(self.optimizer_)} instead."
            )
        return self

    def get_params_for(self, prefix):
        params = super().get_params_for(prefix)
        if prefix == "iterator_train":
            params["micro_batch_size"] = self.micro_batch_size
            params["is_distributed"] = self.is_distributed
            params["stream"] = self.shuffle_stream_
        return params

    # Training

    def train(self, dataset, *, n_epochs, first=(), last=(), schedules=None):
        """Train for up to `n_epochs` more epochs.

        Other than with `partial_fit`, a Ctrl-C of the user is not swallowed.

        Parameters
        ----------
        dataset : RowDataset
            Validated on its `held_out` rows, if it has some.

        n_epochs : int

        first, last : list of tuples of a name and a Callback
            Used in this call only, before and after the callbacks of the net. The
            last of `last` is an `AroundEpochs`.

        schedules : Schedules or None, default=None
            Of a training that was cut off, and goes on.

        Returns
        -------
        interruption : KeyboardInterrupt or None
            A Ctrl-C, if the net could be put back to the end of the last epoch.
        """
        interruption = None
        *callbacks, tell_loss = self.callbacks_
        self.callbacks_ = [*first, *callbacks, *last, tell_loss]
        try:
            self.notify("on_train_begin", X=dataset, y=None)
            if schedules is not None:
                schedules.restore(self)
            if can_record(self, dataset):
                self._recorded_steps = RecordedSteps(self)
            try:
                with one_thread(self._has_small_products(len(dataset))):
                    self.fit_loop(dataset, epochs=n_epochs)
            except StopTraining:
                pass
            except KeyboardInterrupt as exc:
                if not _has_stopped_early(callbacks):
                    if not last[-1][1].go_back(self):
                        raise
                    interruption = exc
            self.notify("on_train_end", X=dataset, y=None)
            self._check_weights()
            return interruption
        finally:
            self.callbacks_ = [*callbacks, tell_loss]
            self._recorded_steps = None
            self._set_training(False)
            self.module_.zero_grad(set_to_none=True)
            put_ahead(self.module_, [])  # an error can leave some over

    def _check_weights(self):
        """Raise if the last step, after which there was no loss, spoiled weights."""
        with torch.no_grad():
            norm = torch.linalg.vector_norm
            size = sum(norm(each, 1) for each in self.module_.parameters())
        if not torch.isfinite(size.square()):  # so large that a product overflows
            raise ValueError(f"The last step gives weights of the size {size}. {_CURE}")

    def _has_small_products(self, n_samples):
        sizes = n_samples, self.micro_batch_size, self.batch_size
        n_rows = min(size for size in sizes if size and size > 0)
        widest = max((each.numel() for each in self.module_.parameters()), default=0)
        return n_rows * widest <= N_OF_A_SMALL_PRODUCT

    def on_train_begin(self, net, X=None, y=None, **kwargs):
        super().on_train_begin(net, X=X, y=y, **kwargs)
        if not hasattr(self.criterion_, "n_labels_"):  # of a clone of the net
            data = self.get_dataset(X, y)
            random_state = np.random.RandomState()
            self.criterion_.fit(data.targets(), data.weights(), random_state)
            self.criterion_.to(self.device)

    def get_split_datasets(self, X, y=None, **fit_params):
        dataset = self.get_dataset(X, y)
        return dataset, dataset.held_out

    def run_single_epoch(self, iterator, training, prefix, step_fn, **fit_params):
        """Train or validate for one epoch.

        skorch's own waits for the loss of each batch, and writes it to the history.
        Here that, and the events of batches, are for callbacks of the user only.
        """
        if iterator is None:
            return
        self._set_training(training)
        sizes = iterator.sizes().tolist()
        # the caller may have switched gradients off
        with torch.set_grad_enabled(training):
            if training and self._recorded_steps is not None:
                losses, outputs = self._recorded_steps.train(iterator), []
            else:
                losses, outputs = self._run_steps(
                    iterator, sizes, training, prefix, step_fn, **fit_params
                )
            self.history.record(f"{prefix}_batch_count", len(sizes))
            if training:
                loss = float(np.average(losses.tolist(), weights=sizes))
            else:
                loss = self._validation_loss(outputs)
        if training and not np.isfinite(loss):
            raise ValueError(
                f"The training loss is {loss} after epoch {len(self.history)}. {_CURE}"
            )
        name = f"{prefix}_loss"
        before = (epoch.get(name, np.inf) for epoch in self.history[:-1])
        self.history.record(name, loss)
        self.history.record(f"{name}_best", loss < min(before, default=np.inf))

    def _run_steps(self, iterator, sizes, training, prefix, step_fn, **fit_params):
        """The losses of all batches, on the device, and parts of a validation."""
        is_watched = bool(self.callbacks)
        # not a list of numbers on the device: among freed blocks of memory, each would
        # keep a block from being used again for a tensor of its old size
        losses = next(self.module_.parameters()).new_empty(len(sizes))
        validated = []
        draws_ahead = training and self._draws_ahead()
        for number, batch in enumerate(iterator):
            if draws_ahead and number % N_STEPS_AHEAD == 0:
                n_steps = min(N_STEPS_AHEAD, len(sizes) - number)
                put_ahead(self.module_, draw_steps(self.module_, n_steps))
            if is_watched:
                self.notify("on_batch_begin", batch=batch, training=training)
            step = step_fn(batch, **fit_params)
            losses[number] = step["loss"]
            if not training:
                validated.append(self._validation_part(step["y_pred"], batch))
            if is_watched:
                loss, size = step["loss"].item(), sizes[number]
                self.history.record_batch(f"{prefix}_loss", loss)
                self.history.record_batch(f"{prefix}_batch_size", size)
                self.notify("on_batch_end", batch=batch, training=training, **step)
        return losses, validated

    def _draws_ahead(self):
        """Whether the dropout of many steps is drawn at once; not on the processor."""
        return is_gpu(self.device) and self.is_plain

    @property
    def is_plain(self):
        """Whether a step is one pass of the usual module, and nothing looks into it.

        Else the random streams have to stand at the step that is computed.
        """
        is_split = self.micro_batch_size is not None or self.is_distributed
        return is_as_made(self) and not self.callbacks and not is_split

    def train_step(self, batch, **fit_params):
        """One step of the optimizer.

        Where an optimizer asks for the loss once and nobody watches, the closure of
        skorch, and torch's way to clear gradients, take a tenth of a small step.
        """
        if self.callbacks or not isinstance(self.optimizer_, ASK_ONCE):
            return super().train_step(batch, **fit_params)
        for group in self.optimizer_.param_groups:
            for parameter in group["params"]:
                parameter.grad = None
        step = self.train_step_single(batch, **fit_params)
        self.optimizer_.step()
        return step

    def train_step_single(self, batch, **fit_params):
        if not self.module_.training:  # a callback of the user has predicted
            self._set_training(True)
        self.criterion_.start_batch()
        if isinstance(batch, Batch) and not self.is_distributed:
            X, y = batch
            logits = self.infer(X, **fit_params)
            loss = self.get_loss(logits, y, training=True, weight=batch.weight)
            loss.backward()
            return {"loss": loss.detach(), "y_pred": logits.detach()}
        loss = backward_in_parts(
            self._row_sums,
            self.module_,
            self.criterion_,
            [batch] if isinstance(batch, Batch) else batch,
            is_distributed=self.is_distributed,
        )
        return {"loss": loss, "y_pred": None}

    def validation_step(self, batch, **fit_params):
        X, y = batch
        logits = self.infer(X, **fit_params)
        loss = self.get_loss(logits, y, weight=batch.weight)
        return {"loss": loss, "y_pred": logits}

    def infer(self, x, **fit_params):
        x = copy_to(x, self.device)
        if self.precision == "full" or not self.module_.training:
            return self._logits(x, **fit_params)
        with torch.autocast(x.device.type, dtype=torch.bfloat16):
            return self._logits(x, **fit_params).float()

    def _logits(self, x, **fit_params):
        if not self.n_offsets:
            return self.module_(x, **fit_params)
        n_features = x.shape[1] - self.n_offsets
        logits = self.module_(x[:, :n_features], **fit_params)
        return logits + x[:, n_features:]

    def get_loss(self, y_pred, y_true, X=None, training=False, weight=None):
        loss = self.criterion_ if training else self.criterion_.validation_loss
        return loss(y_pred, *self._on_device(y_true, weight))

    def _row_sums(self, batch):
        return self.criterion_.row_sums(self.infer(batch[0]), *self.target(batch))

    def _validation_part(self, logits, batch):
        """What the loss of all rows is made of: sums if it can be, else the rows."""
        target = self.target(batch)
        if self.criterion_.is_additive:
            return self.criterion_.validation_sums(logits, *target)
        return logits, *target

    def _validation_loss(self, parts):
        """The loss of all rows at once, which for F1 is no mean over batches."""
        if self.criterion_.is_additive:
            return self.criterion_.loss_from_sums(add_sums(parts)).item()
        return self.criterion_.validation_loss(*_join(parts)).item()

    def target(self, batch):
        """Targets and weights of a batch, on the device."""
        return self._on_device(batch[1], batch.weight)

    def _on_device(self, *tensors):
        return [None if t is None else copy_to(t, self.device) for t in tensors]

    # Predictions

    def predict_proba(self, X):
        """Soft predictions of the loss, an ndarray of shape (n_samples, n_outputs)."""
        return self.criterion_.predict_proba(self.forward(X)).numpy()

    def predict(self, X):
        """Decisions of the loss, an indicator of shape (n_samples, n_outputs)."""
        margin = self.criterion_.decision_function(self.forward(X))
        return (margin > 0).numpy().astype(np.int64)

    def outputs(self, dataset):
        """Logits, targets and weights of all rows of a data set, on the device."""
        self._set_training(False)
        with torch.no_grad():
            return _join(
                (self.infer(batch[0]), *self.target(batch))
                for batch in self.get_iterator(dataset)
            )

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
        device_type = self.device.partition(":")[0]
        if torch.is_autocast_enabled(device_type):  # by the caller
            with torch.autocast(device_type, enabled=False):
                yield from self.map_logits(X, function)
            return
        parameter = next(self.module_.parameters())
        if self.module_.training:  # a callback of the user predicts: no dropout
            self._set_training(False)
        n_rows = self.iterator_valid__batch_size
        # not gen_batches of scikit-learn, whose checks take as long as a row
        for start in range(0, X.shape[0], n_rows):
            rows = slice(start, start + n_rows)
            with torch.inference_mode():
                block = as_tensor(
                    X[rows], dtype=parameter.dtype, device=parameter.device
                )
                values = function(self._logits(block))
            yield rows, values.cpu().numpy()

    # State

    def go_on(self, loss, *, device, **params):
        """Set what may change before a training that goes on.

        The network, the state of the optimizer and the random streams stay. So does
        the loss with its state, unless it is another one or has other parameters.

        Returns
        -------
        is_another : bool
            Whether it is.
        """
        is_another = not has_same_params(loss, self.criterion_)
        if is_another:
            self.criterion = self.criterion_ = loss.to(self.device)
        self.move_to(device)
        self.set_params(**params)
        return is_another

    def forget_training(self):
        """Drop the state of the optimizer and the history: the net only predicts."""
        self.history_.clear()
        self.callbacks, self.callbacks_ = None, []
        self._with_optimizer = False
        vars(self).pop("optimizer_", None)

    def copy_to_predict(self):
        """A copy that shares nothing with the net, and only predicts."""
        state = state_of(self, CLASSES_OF_OPTIMIZERS, to_predict=True)
        net = type(self).__new__(type(self))
        restore(net, copy.deepcopy(state), CLASSES_OF_OPTIMIZERS)
        return net

    def move_to(self, device):
        """Move the network, the loss and the state of the optimizer to a device."""
        if device != self.device:
            self.module_.to(device)
            self.criterion_.to(device)
            if self._with_optimizer:
                # torch moves the state to where the parameters are
                self.optimizer_.load_state_dict(self.optimizer_.state_dict())
            self.device = device
            self._set_rows_at_once()
        self.was_saved_on_gpu_ = False

    def __getstate__(self):
        if not hasattr(self, "module_"):  # a clone, say
            return vars(self).copy()
        return {"plain": state_of(self, CLASSES_OF_OPTIMIZERS)}

    def __setstate__(self, state):
        if "plain" in state:
            restore(self, state["plain"], CLASSES_OF_OPTIMIZERS)
        else:
            vars(self).update(state)


def _join(parts):
    """One tuple of tensors for all rows, of one for each block."""
    logits, y, weight = zip(*parts, strict=True)
    weight = None if weight[0] is None else torch.cat(weight)
    return torch.cat(logits), torch.cat(y), weight


def _has_stopped_early(callbacks):
    """Whether a KeyboardInterrupt comes from skorch's EarlyStopping."""
    return any(
        isinstance(callback, EarlyStopping) and callback.misses_ == callback.patience
        for _, callback in callbacks
    )


def is_double(model, X):
    """Whether a network of `model` for a checked `X` computes in float64."""
    return X.dtype == np.float64 and model.precision == "full"


def make_net(model, data, loss, random_state, **params):
    """Build and initialize the net; nothing of the global random streams moves.

    Parameters
    ----------
    model : MultiTagClassifier
        Its parameters of network and optimizer are read.

    data : RowDataset
        The training rows.

    loss : MultilabelLoss
        Used as it is.

    random_state : numpy.random.RandomState
        Gives a seed to each of the random streams.

    **params : dict
        Other parameters of the net.

    Returns
    -------
    net : MultiTagNet
    """
    seeds = random_state.randint(2**31 - 1, size=3).tolist()
    init_seed, dropout_seed, params["shuffle_seed"] = seeds
    sizes = data.X.shape[1], data.y.shape[1]
    dtype = torch.float64 if is_double(model, data.X) else torch.float32
    if model.module is None:
        module = MLPModule
        params["module__n_features"], params["module__n_outputs"] = sizes
        params["module__hidden_layer_sizes"] = model.hidden_layer_sizes
        params["module__activation"] = model.activation
        params["module__dropout"] = model.dropout
        params["module__input_dropout"] = _share_of_inputs(model, data)
        params["module__init_seed"] = init_seed
        params["module__dropout_seed"] = dropout_seed
        mean, size = mean_and_size(data)
        params["module__feature_mean"], params["module__feature_size"] = mean, size
        params["module__dtype"] = dtype
        params["module__starts_at_zero"] = params.get("n_offsets", 0) > 0
    else:
        module = _module_of_user(model.module, init_seed, sizes).to(dtype)
    optimizer = model.optimizer
    if isinstance(optimizer, str):
        optimizer, of_optimizer = OPTIMIZERS[optimizer]
        of_optimizer = {"fused": True, **of_optimizer}
        params |= {f"optimizer__{name}": each for name, each in of_optimizer.items()}
    net = MultiTagNet(
        module,
        loss,
        optimizer=optimizer,
        optimizer__weight_decay=model.weight_decay,
        # as in MLPClassifier, no penalty on the intercepts
        optimizer__param_groups=[("*bias", {"weight_decay": 0.0})],
        iterator_train__dtype=dtype,
        iterator_valid__dtype=dtype,
        **params,
    )
    return net.initialize()


def _share_of_inputs(model, data):
    """The input dropout of a new network."""
    if model.input_dropout != "auto":
        return model.input_dropout
    weight = data.weights()
    n_rows = len(data) if weight is None else np.count_nonzero(weight)
    return 0.5 * min(1.0, (N_ROWS_OF_HALF / n_rows) ** 0.5)


def _module_of_user(module, seed, sizes):
    """A copy of a module, or what a factory of modules returns."""
    if isinstance(module, torch.nn.Module):
        module = copy.deepcopy(module)
    else:
        try:
            signature(module).bind(*sizes)
        except TypeError as exc:
            raise TypeError(
                f"module is called with the numbers of features and labels, but {exc}."
            ) from exc
        module = _call_with_seed(module, seed, *sizes)
    if not isinstance(module, torch.nn.Module):
        raise TypeError(
            "module must return a torch.nn.Module when it is called with the numbers of"
            f" features and labels. Got {shorten(module)} instead."
        )
    parameters = list(module.parameters())
    if any(map(torch.nn.parameter.is_lazy, parameters)):
        raise ValueError(
            "The module has lazy layers, whose sizes are not known yet: call it on a"
            " row first, or give the sizes."
        )
    if not any(each.requires_grad for each in parameters):
        raise ValueError(
            "The module has no parameters to train: it needs some with requires_grad."
        )
    return module


def _call_with_seed(module, seed, n_features, n_outputs):
    """Call the factory `module`, whose layers draw from the global torch stream.

    The lock keeps fits in other threads from drawing in between.
    """
    with (
        _GLOBAL_STREAM_LOCK,
        torch.random.fork_rng(devices=[]),
        # whatever the defaults of torch are
        torch.device("cpu"),
        _default_dtype(torch.float32),
    ):
        torch.default_generator.manual_seed(seed)
        return module(n_features, n_outputs)


@contextmanager
def _default_dtype(dtype):
    # a setting of all threads, not to be touched without need
    before = torch.get_default_dtype()
    if before == dtype:
        yield
        return
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)

"""skorch callbacks of a training: what the loss is told, scores, when to stop."""

import copy
from contextlib import contextmanager

import numpy as np
import torch
from skorch.callbacks import Callback
from torch.optim.lr_scheduler import LRScheduler

from skmultitag.utils._messages import shorten
from skmultitag.utils._tensors import to_arrays, to_tensors


class StopTraining(Exception):
    """Raised in a callback to end the training after the current epoch.

    skorch raises KeyboardInterrupt for this, which can't be told from a real one.
    """


class OwnCallback(Callback):
    """A callback of the package: it is not saved with the net."""


class TellLoss(OwnCallback):
    """Tell the loss of each epoch, and show it the rows that it wants to see.

    A callback that each net has by default. A loss is shown held-out rows, if there
    are some, else training rows; the same ones each time.
    """

    def on_train_begin(self, net, **kwargs):
        self.last_epoch_ = len(net.history) + net.max_epochs
        self.rows_ = None

    def on_epoch_begin(self, net, dataset_train=None, dataset_valid=None, **kwargs):
        loss = net.criterion_
        loss.start_epoch(len(net.history) - 1, self.last_epoch_)
        if loss.n_rows_observed:
            self.rows_ = dataset_train if dataset_valid is None else dataset_valid
            self._show_rows(net, is_final=False)
        for name, value in loss.epoch_figures().items():
            net.history.record(name, value)

    def on_train_end(self, net, **kwargs):
        if self.rows_ is not None:
            self._show_rows(net, is_final=True)
        self.rows_ = None

    def _show_rows(self, net, is_final):
        # a training that goes on sees the same rows
        rows = np.random.RandomState(0).permutation(self.rows_.rows)
        rows = np.sort(rows[: net.criterion_.n_rows_observed])
        with torch.no_grad():
            observed = net.outputs(self.rows_.subset(rows))
            net.criterion_.observe(*observed, is_final=is_final)


class ValidationScore(OwnCallback):
    """Store a score in the history after each epoch, as "valid_score".

    Parameters
    ----------
    score : callable or None, default=None
        Called without arguments, returns a float; higher is better. None for minus the
        loss of the held-out rows.
    """

    def __init__(self, score=None):
        self.score = score

    def on_epoch_end(self, net, **kwargs):
        net.module_.eval()
        net.criterion_.eval()
        score = self.score() if self.score else -net.history[-1, "valid_loss"]
        # numbers of numpy and torch too
        if isinstance(score, str) or np.ndim(score) or not hasattr(score, "__float__"):
            raise TypeError(
                f"scoring must return a number. Got {shorten(score)} instead."
            )
        score = float(score)
        if np.isnan(score):
            raise ValueError(
                f"The score of early stopping is NaN after epoch {len(net.history)}."
                " Pass a scoring that is defined on the held-out rows."
            )
        net.history.record("valid_score", score)


class StopAtPlateau(OwnCallback):
    """Note when an epoch's figure has not got better by `tol` for `patience` epochs.

    `is_over_` then says that the training is to end.

    Parameters
    ----------
    monitor : {"train_loss", "valid_score"}
        Entry of the history: a loss to minimize, or a score to maximize. For the
        score, network and loss of the best epoch are restored at the end.

    tol : float
        Least gain that counts.

    patience : int
        Number of epochs.

    task : list
        What two trainings must have in common for their figures to be compared.

    keeps_last : bool, default=False
        Whether to keep network and loss of the last epoch beside the best one, so that
        a training can go on with them.
    """

    def __init__(self, monitor, *, tol, patience, task=(), keeps_last=False):
        self.monitor = monitor
        self.tol = tol
        self.patience = patience
        self.task = task
        self.keeps_last = keeps_last

    def initialize(self):
        self.best_ = self.plateau_ = -np.inf
        self.n_epochs_without_gain_ = 0
        self.best_state_ = self.last_state_ = self.restored_ = None
        self.is_over_ = False
        return self

    def __getstate__(self):
        return to_arrays(vars(self))

    def __setstate__(self, state):
        vars(self).update(state, last_state_=to_tensors(state["last_state_"]))

    def has_task_of(self, before):
        """Whether the figures of the last training, `before`, can be compared."""
        return (self.monitor, self.task) == (before.monitor, before.task)

    def go_on(self, before, net):
        """Go on where the last training, `before`, has ended, if the task is the same.

        Nothing of `before` changes. Weights that were changed since then are kept.
        """
        if not self.has_task_of(before):
            return
        if self.monitor == "valid_score":
            if before.restored_ != _fingerprint(net):
                return
            self.best_state_ = _copied_state(net)
            _load_state(net, before.last_state_)
        self.best_, self.plateau_ = before.best_, before.plateau_
        self.n_epochs_without_gain_ = before.n_epochs_without_gain_

    def on_epoch_end(self, net, **kwargs):
        score = net.history[-1, self.monitor]
        if self.monitor == "train_loss":
            score = -score
        elif score > self.best_:
            self.best_ = score
            self.best_state_ = _copied_state(net)
        if self.monitor == "train_loss" and net.criterion_.is_annealing:
            # losses of different epochs can't be compared
            self.plateau_ = -np.inf
            self.n_epochs_without_gain_ = 0
        elif score > self.plateau_ + self.tol:
            self.plateau_ = score
            self.n_epochs_without_gain_ = 0
        else:
            self.n_epochs_without_gain_ += 1
        self.is_over_ = self.n_epochs_without_gain_ >= self.patience

    def on_train_end(self, net, **kwargs):
        if self.best_state_ is None:
            return
        if self.keeps_last:
            # on the processor, as a pickle must not name a device
            self.last_state_ = _copied_state(net, device="cpu")
        _load_state(net, self.best_state_)
        self.best_state_ = None
        if self.keeps_last:
            self.restored_ = _fingerprint(net)

    @contextmanager
    def at_an_end(self, net):
        """Net and callback, for a while, as if this epoch was the last one."""
        if self.best_state_ is None:
            yield
            return
        before, last = vars(self).copy(), _copied_state(net)
        self.keeps_last = True
        self.on_train_end(net)
        try:
            yield
        finally:
            _load_state(net, last)
            vars(self).update(before)


def _copied_state(net, device=None):
    states = copy.deepcopy((net.module_.state_dict(), net.criterion_.state_dict()))
    for state in states if device else ():
        for name, value in state.items():
            if isinstance(value, torch.Tensor):
                state[name] = value.to(device)
    return states


def _load_state(net, states):
    module_state, criterion_state = states
    net.module_.load_state_dict(module_state)
    net.criterion_.load_state_dict(criterion_state)


def _fingerprint(net):
    with torch.no_grad():
        return [each.sum().item() for each in net.module_.parameters()]


class EpochProgressBar(OwnCallback):
    """Progress bar with one step an epoch, and the last loss and score beside it."""

    def __init__(self, n_epochs):
        self.n_epochs = n_epochs

    def on_train_begin(self, net, **kwargs):
        from tqdm.auto import tqdm

        self.bar_ = tqdm(total=self.n_epochs, unit="epoch")

    def on_epoch_end(self, net, **kwargs):
        epoch = net.history[-1]
        shown = ("train_loss", "valid_score")
        self.bar_.set_postfix({name: epoch[name] for name in shown if name in epoch})
        self.bar_.update()

    def on_train_end(self, net, **kwargs):
        self.bar_.close()


def without_optimizer(callbacks):
    """Copies of callbacks of the user, of schedules with their state only.

    A schedule of torch holds the optimizer, and with it all weights.

    Parameters
    ----------
    callbacks : list of tuples of a name and a Callback
        Those of the package are left out.

    Returns
    -------
    copies : list of tuples of a name and a Callback
    """
    copies = []
    for name, callback in callbacks:
        if not isinstance(callback, OwnCallback):
            callback = copy.copy(callback)
            for attribute, value in vars(callback).items():
                if isinstance(value, LRScheduler):
                    state = copy.deepcopy(value.state_dict())
                    setattr(callback, attribute, state)
            copies.append((name, callback))
    return copies


def put_back(callbacks, copies):
    """Give callbacks the attributes of their copies, made by `without_optimizer`."""
    users = [each for _, each in callbacks if not isinstance(each, OwnCallback)]
    for callback, (_, copied) in zip(users, copies, strict=True):
        for name, value in vars(copied).items():
            now = getattr(callback, name, None)
            if isinstance(now, LRScheduler) and isinstance(value, dict):
                now.load_state_dict(value)
            else:
                setattr(callback, name, value)

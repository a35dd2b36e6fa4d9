"""skorch callbacks of a training: what the loss is told, scores, when to stop."""

import copy

import numpy as np
import torch
from skorch.callbacks import Callback


class StopTraining(Exception):
    """Raised in a callback to end the training after the current epoch.

    skorch raises KeyboardInterrupt for this, which can't be told from a real one.
    """


class TellLoss(Callback):
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


class ValidationScore(Callback):
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
        if np.isnan(score):
            raise ValueError(
                f"The score of early stopping is NaN after epoch {len(net.history)}."
                " Pass a scoring that is defined on the held-out rows."
            )
        net.history.record("valid_score", float(score))


class StopAtPlateau(Callback):
    """Stop when an epoch's figure has not got better by `tol` for `patience` epochs.

    Parameters
    ----------
    monitor : {"train_loss", "valid_score"}
        Entry of the history: a loss to minimise, or a score to maximise. For the
        score, network and loss of the best epoch are restored at the end.

    tol : float
        Least gain that counts.

    patience : int
        Number of epochs.
    """

    def __init__(self, monitor, *, tol, patience):
        self.monitor = monitor
        self.tol = tol
        self.patience = patience

    def on_train_begin(self, net, **kwargs):
        self.best_ = self.plateau_ = -np.inf
        self.n_epochs_without_gain_ = 0
        self.best_state_ = None

    def on_epoch_end(self, net, **kwargs):
        score = net.history[-1, self.monitor]
        if self.monitor == "train_loss":
            score = -score
        elif score > self.best_:
            self.best_ = score
            states = net.module_.state_dict(), net.criterion_.state_dict()
            self.best_state_ = copy.deepcopy(states)
        if self.monitor == "train_loss" and net.criterion_.is_annealing:
            # losses of different epochs can't be compared
            self.plateau_ = -np.inf
            self.n_epochs_without_gain_ = 0
        elif score > self.plateau_ + self.tol:
            self.plateau_ = score
            self.n_epochs_without_gain_ = 0
        else:
            self.n_epochs_without_gain_ += 1
        if self.n_epochs_without_gain_ >= self.patience:
            raise StopTraining

    def on_train_end(self, net, **kwargs):
        if self.best_state_ is not None:
            module_state, criterion_state = self.best_state_
            net.module_.load_state_dict(module_state)
            net.criterion_.load_state_dict(criterion_state)


class EpochProgressBar(Callback):
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

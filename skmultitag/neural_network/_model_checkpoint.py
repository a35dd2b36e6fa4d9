"""The model in a file after each epoch, and what a training goes on with."""

import copy
import os
import pickle
from contextlib import contextmanager
from numbers import Integral
from pathlib import Path

from skorch.callbacks import Callback
from torch import distributed

from skmultitag.neural_network._atomic_write import atomic_write
from skmultitag.neural_network._callbacks import OwnCallback, StopTraining
from skmultitag.neural_network._scores import ScoreReader
from skmultitag.neural_network._snapshot import Snapshot
from skmultitag.utils._messages import shorten
from skmultitag.utils._processes import value_of_first_process
from skmultitag.utils._sklearn_callbacks import CALLBACK_ATTRIBUTES, make_task


class ModelCheckpoint(Callback):
    """Callback that writes the model to a file during training.

    Use it for long trainings, to continue after the process was killed. The file is a
    pickle of the :class:`~skmultitag.MultiTagClassifier` after the last epoch that was
    written. You can load it and predict. Its `fit` trains for the rest of `max_iter`,
    and gives exactly the same model as a `fit` that was never stopped.

    Read more in the :ref:`User Guide <checkpoints>`.

    Parameters
    ----------
    file : str or path-like
        Path of the file, in a folder that exists. Each time the file is replaced as a
        whole, so it is never incomplete.

    every_n_epochs : int, default=1
        The file is written after every so many epochs, in [1, inf).

    See Also
    --------
    skorch.callbacks.Checkpoint : Writes the weights of the best epoch. It does not keep
        the random streams, so a training that is continued gives another model.

    Notes
    -----
    One file is for one fit: in a cross-validation or a search, the fits would overwrite
    each other's file. A pickle can run any code when it is loaded, so load only files
    that you trust.

    Examples
    --------
    >>> import pickle, tempfile
    >>> from pathlib import Path
    >>> from skmultitag import MultiTagClassifier
    >>> from skmultitag.datasets import make_multitag_classification
    >>> from skmultitag.neural_network import ModelCheckpoint
    >>> X, y = make_multitag_classification(n_samples=200, random_state=0)
    >>> file = Path(tempfile.mkdtemp()) / "model.pkl"
    >>> callbacks = [ModelCheckpoint(file, every_n_epochs=3)]
    >>> model = MultiTagClassifier(callbacks=callbacks, max_iter=10, random_state=0)
    >>> model = model.fit(X, y)
    >>> loaded = pickle.loads(file.read_bytes())
    >>> loaded.n_iter_, loaded.fit(X, y).n_iter_
    (9, 10)
    >>> bool((loaded.predict_proba(X) == model.predict_proba(X)).all())
    True
    """

    def __init__(self, file, every_n_epochs=1):
        self.file = file
        self.every_n_epochs = every_n_epochs


def check_checkpoint(checkpoint):
    """Raise if it has no folder that exists, or no number of epochs."""
    if not isinstance(checkpoint.file, (str, os.PathLike)):
        raise TypeError(
            "file of ModelCheckpoint must be the path of a file. Got"
            f" {shorten(checkpoint.file)} instead."
        )
    file, every = Path(checkpoint.file), checkpoint.every_n_epochs
    if file.is_dir() or not file.parent.is_dir():
        raise ValueError(
            "file of ModelCheckpoint must be the path of a file in a folder that"
            f" exists. Got {shorten(str(file))} instead."
        )
    if not isinstance(every, Integral) or isinstance(every, bool) or every < 1:
        raise ValueError(
            "every_n_epochs of ModelCheckpoint must be an integer greater than 0."
            f" Got {shorten(every)} instead."
        )


def _save(model, file):
    """Replace the file by a pickle of `model`."""
    try:
        with atomic_write(file) as stream:
            pickle.dump(model, stream, protocol=pickle.HIGHEST_PROTOCOL)
    except OSError as exc:
        raise OSError(
            exc.errno,
            f"ModelCheckpoint can't write the model after epoch {model.n_iter_}:"
            f" {exc.strerror}. What the file had before is still there",
            str(file),
        ) from exc
    except (pickle.PicklingError, AttributeError, TypeError) as exc:
        raise ValueError(
            "ModelCheckpoint writes a pickle, but a part of the model has none (loss,"
            f" module, scoring and callbacks may be yours): {exc}"
        ) from exc


class AroundEpochs(OwnCallback):
    """What comes before an epoch and after it: who is told, what is kept, is it over.

    Parameters
    ----------
    model : MultiTagClassifier
        In training.

    training : Training

    task : CallbackContext or None
        That of the `fit`, for callbacks of scikit-learn.

    data : dict
        Of the task.
    """

    def __init__(self, model, training, task, data):
        self.model = model
        self.training = training
        self.task = task
        self.data = data
        self.epoch = None
        self.kept = None

    def on_epoch_begin(self, net, **kwargs):
        self.epoch = make_task(self.task, "epoch")
        if self.epoch is not None:
            self.epoch.call_on_fit_task_begin(estimator=self.model, **self.data)

    def on_epoch_end(self, net, **kwargs):
        is_over = self._end_task()
        if is_over or self.training.stopping.is_over_:
            raise StopTraining
        if self.model.warm_start:
            stopping = vars(self.training.stopping).copy()
            self.kept = Snapshot(net), stopping
        n_epochs = len(net.history)
        checkpoints = self.training.checkpoints
        due = [each for each in checkpoints if not n_epochs % each.every_n_epochs]
        # one process of several is enough, as all have the same model
        if due and not (self.model.distributed and distributed.get_rank()):
            with model_as_it_is(self.model, self.training) as model:
                for each in due:
                    _save(model, each.file)

    def on_train_end(self, net, **kwargs):
        self._end_task()  # if a callback of the user has stopped before

    def _end_task(self):
        """End the task of the epoch, and return whether a callback wants to stop."""
        epoch, self.epoch = self.epoch, None
        if epoch is None:
            return False
        is_over = epoch.call_on_fit_task_end(
            estimator=self.model,
            reconstruction_attributes=self._attributes,
            **self.data,
        )
        is_shared = self.model.distributed
        return value_of_first_process(is_over) if is_shared else is_over

    def _attributes(self):
        """The fitted attributes of a model that stays as it is now."""
        with model_as_it_is(self.model, self.training) as model:
            net, names = model.net_.copy_to_predict(), model.get_params(deep=False)
        attributes = {k: v for k, v in vars(model).items() if k not in names}
        reader = model._score_reader
        reader = ScoreReader(net, reader.is_unseen, reader.n_rows_seen)
        return {**attributes, "net_": net, "_score_reader": reader}

    def go_back(self, net):
        """Put back what was kept of the last epoch, and return whether there is any."""
        if self.kept is None:
            return False
        snapshot, stopping = self.kept
        snapshot.restore(net)
        vars(self.training.stopping).update(stopping)
        return True


@contextmanager
def model_as_it_is(model, training):
    """A view of a model in training, as if `fit` had been stopped after this epoch."""
    stopping = training.stopping
    with stopping.at_an_end(model.net_):
        view = copy.copy(model)
        for name in CALLBACK_ATTRIBUTES:
            vars(view).pop(name, None)
        view._note(stopping, training.rest())
        # what goes on
        view.warm_start = True
        yield view

"""What happens before and after each epoch of a training."""

import copy
from contextlib import contextmanager

from torch import distributed

from skmultitag.neural_network._callbacks import OwnCallback, StopTraining
from skmultitag.neural_network._model_checkpoint import save_model
from skmultitag.neural_network._scores import ScoreReader
from skmultitag.neural_network._snapshot import Snapshot
from skmultitag.utils._processes import value_of_first_process
from skmultitag.utils._sklearn_callbacks import CALLBACK_ATTRIBUTES, make_task


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
                    save_model(model, each.file)

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

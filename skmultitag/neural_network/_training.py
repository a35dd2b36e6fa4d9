"""How a training is prepared, with all checks of the data, and run."""

import copy
import zlib
from contextlib import nullcontext
from typing import NamedTuple

import numpy as np
from scipy import sparse
from sklearn.base import clone
from sklearn.utils.validation import validate_data

from skmultitag.losses import get_loss, label_frequencies
from skmultitag.losses._base import has_same_params, put_in_order_of_labels
from skmultitag.model_selection._shuffle_split import split_once
from skmultitag.neural_network._around_epochs import AroundEpochs
from skmultitag.neural_network._batches import RowDataset, take_rows
from skmultitag.neural_network._callbacks import (
    EpochProgressBar,
    StopAtPlateau,
    ValidationScore,
)
from skmultitag.neural_network._device import device_to_fit, device_to_go_on
from skmultitag.neural_network._features import (
    check_features,
    check_range_of_float32,
    check_same_features,
)
from skmultitag.neural_network._net import is_double, make_net
from skmultitag.neural_network._offsets import fit_offsets, make_init
from skmultitag.neural_network._parameter_checks import (
    check_batch_norms,
    check_hidden_layer_sizes,
    check_net_params,
    check_processes_agree,
    check_scorer,
    check_threshold,
    read_callbacks,
)
from skmultitag.neural_network._rows_on_device import rows_on_device
from skmultitag.neural_network._scores import ScoreReader
from skmultitag.neural_network._snapshot import Schedules
from skmultitag.neural_network._user_code import check_user_code
from skmultitag.utils._annotation import NOT_ANNOTATED, is_partial
from skmultitag.utils._messages import naming, shorten
from skmultitag.utils._processes import value_of_first_process
from skmultitag.utils._random_state import make_random_state
from skmultitag.utils._rows import check_same_rows
from skmultitag.utils._signature import accepts_argument
from skmultitag.utils._sklearn import check_sample_weight, safe_indexing
from skmultitag.utils._target_encoder import TargetEncoder, dense
from skmultitag.utils._target_forms import read_form


class Training(NamedTuple):
    """A training that can start: all is checked, and nothing of the model changed yet.

    Attributes
    ----------
    encoder : TargetEncoder

    data : RowDataset
        The training rows, with those of early stopping as `held_out`.

    X_held_out : array-like or None
        Features of the held-out rows in the form of the user, for a scorer.

    scorer : callable or None
        Of early stopping; None for minus the loss.

    score_reader : ScoreReader
        With the net to be trained: a new one, or that of the last training.

    stopping : StopAtPlateau

    changes : dict
        Arguments of `go_on` for a net that was trained before; empty for a new one.

    n_epochs : int

    first_epoch : int or None
        Number of epochs before this training, or before that which it goes on with
        after it was cut off; None for a block of rows.

    goes_on_inside : bool
        Whether it goes on with one that was cut off.

    checkpoints : list of ModelCheckpoint

    init, init_calibrator : classifier and PlattCalibrator, or None
        What the network starts from, fitted; the data have its log-odds.
    """

    encoder: TargetEncoder
    data: RowDataset
    X_held_out: object
    scorer: object
    score_reader: ScoreReader
    stopping: StopAtPlateau
    changes: dict
    n_epochs: int
    first_epoch: int | None
    goes_on_inside: bool
    checkpoints: list
    init: object
    init_calibrator: object

    def run(self, model, task, data):
        """Train the net of `model`.

        Parameters
        ----------
        model : MultiTagClassifier

        task : CallbackContext or None
            For callbacks of scikit-learn.

        data : dict
            Of the task.

        Returns
        -------
        interruption : KeyboardInterrupt or None
            A Ctrl-C after which the model is that of the last epoch.
        """
        around = AroundEpochs(model, self, task, data)
        first, last = [], [("stop", self.stopping), ("around", around)]
        if model.early_stopping:
            first = [("validation", ValidationScore(self._score_of(model)))]
        if model.verbose:
            last = [("progress", EpochProgressBar(self.n_epochs)), *last]
        net = self.score_reader.net
        schedules = Schedules(net) if self.goes_on_inside else None
        if not self.changes or net.go_on(**self.changes):
            is_multilabel = self.encoder.kind_ == "multilabel"
            is_decided = is_multilabel and isinstance(model.threshold, str)
            check_user_code(net, self.data, is_decided=is_decided)
        else:
            self.stopping.go_on(model._stopping, net)
        # callbacks of the user look into batches, and expect them on the processor
        rows_stay = rows_on_device(self.data, net.device)
        with nullcontext() if net.callbacks else rows_stay:
            return net.train(
                self.data,
                n_epochs=self.n_epochs,
                first=first,
                last=last,
                schedules=schedules,
            )

    def rest(self):
        """What a training that goes on must know of this one if it is cut off."""
        if self.first_epoch is None:
            return None
        rows = self.data.held_out.rows if self.data.has_drawn else None
        return {"first_epoch": self.first_epoch, "held_out": rows}

    def _score_of(self, model):
        """A function without arguments that scores `model` as it is, or None."""
        if self.scorer is None:
            return None
        held_out, scorer = self.data.held_out, self.scorer
        weight = held_out.weights()
        # scorers of rankings take no sparse targets
        y = self.encoder.inverse_transform(held_out.targets())
        if sparse.issparse(y):
            y, model = y.toarray(), copy.copy(model)  # a view with dense predictions
            model._encoder = model._encoder.with_dense_output()
        # a scorer of scikit-learn passes on to its metric whatever it gets
        metric = getattr(scorer, "_score_func", scorer)
        takes_weight = weight is not None and accepts_argument(metric, "sample_weight")
        kwargs = {"sample_weight": weight} if takes_weight else {}

        def score():
            value = scorer(model, self.X_held_out, y, **kwargs)
            # processes whose scores differ would stop at different epochs
            return value_of_first_process(value) if model.distributed else value

        return score


def prepare_fit(model, X, y, sample_weight, X_val, y_val, sample_weight_val):
    """Prepare a training on all rows: a new one, or a warm start.

    Parameters
    ----------
    model : MultiTagClassifier
        Its parameters are read; nothing of it is changed.

    X, y, sample_weight, X_val, y_val, sample_weight_val
        As passed to its `fit`.

    Returns
    -------
    training : Training
    """
    goes_on = model.warm_start and hasattr(model, "net_")
    if goes_on:
        indicator, encoder = model._encoder.like(y, allow_missing=True)
    else:
        encoder = TargetEncoder()
        form = model._read_target(y)
        indicator = encoder.fit_transform(form, allow_missing=True)
    _check_given_validation(model, X_val, y_val, sample_weight_val)
    held_out = None
    if X_val is not None:
        check_same_features(X, X_val)
        held_out = _check_rows(
            model,
            X_val,
            encoder.transform(y_val, name="y_val", allow_missing=True),
            sample_weight_val,
            suffix="_val",
        )
    data = _check_rows(model, X, indicator, sample_weight, least=2, held_out=held_out)
    return _prepare(model, X, data, encoder, goes_on=goes_on, X_held_out=X_val)


def prepare_block(model, X, y, classes, sample_weight):
    """Prepare a training of one epoch on a block of rows, as `prepare_fit` does."""
    if model.early_stopping:
        raise ValueError(
            "partial_fit can't hold rows out: set early_stopping=False, or call fit"
            " with warm_start=True."
        )
    goes_on = hasattr(model, "net_")
    form = read_form(y)
    # tools of scikit-learn pass the entries of an indicator, np.unique(y), as classes
    is_entries = form.kind == "indicator" and np.array_equal(classes, [0, 1])
    if goes_on:
        encoder = model._encoder
        if classes is not None and not is_entries:
            _check_same_classes(classes, encoder)
        indicator = encoder.transform(y, allow_missing=True)
    else:
        encoder = TargetEncoder()
        if is_entries:
            classes = form.names or np.arange(form.data.shape[1])
        indicator = encoder.fit_transform(form, classes, allow_missing=True)
        if classes is None and encoder.kind_ != "multilabel":
            raise ValueError(
                "classes must be passed on the first call to partial_fit with a y"
                " of one dimension."
            )
    data = _check_rows(model, X, indicator, sample_weight)
    return _prepare(model, X, data, encoder, goes_on=goes_on, is_block=True)


def _prepare(model, X, data, encoder, *, goes_on, is_block=False, X_held_out=None):
    # In this function we:
    # - put rows aside for early stopping;
    # - fit the loss on the targets, and check the parameters against both;
    # - fit the classifier that the network starts from, if there is one;
    # - make the net, unless one goes on, and note which labels were seen.
    random_state = make_random_state(model.random_state)
    rest = model._rest if goes_on and not is_block else None
    if model.early_stopping and data.held_out is None:
        # drawn first, so that a warm start holds the same rows out again
        data = _hold_out(data, model.validation_fraction, random_state, rest)
        X_held_out = _rows_to_score(model, X, data)
    if data.held_out is not None:
        _check_is_annotated(data.held_out.targets())

    loss = _fitted_loss(model, data, encoder, random_state)
    params, scorer, callbacks, checkpoints = _read_parameters(
        model, X, data, encoder, loss, goes_on=goes_on, is_block=is_block
    )

    init, init_calibrator, data_of_net = None, None, data
    if model.init is not None:
        init = make_init(model.init, random_state)
        init, init_calibrator, data_of_net = fit_offsets(init, data, encoder)
        params["n_offsets"] = data.y.shape[1]

    frequency, _ = label_frequencies(data.y, data.sample_weight)
    stopping = _make_stopping(model, data, frequency)
    goes_on_inside = (
        rest is not None
        and stopping.has_task_of(model._stopping)
        and has_same_params(loss, model.loss_)
    )
    is_unseen, n_rows_seen, n_epochs_before = frequency == 0, data.y.shape[0], 0
    if goes_on:
        n_epochs_before, before = len(model.net_.history), model._score_reader
        is_unseen &= before.is_unseen
        n_rows_seen += before.n_rows_seen if is_block else 0
    first_epoch, n_epochs, params["max_epochs"] = _numbers_of_epochs(
        model, n_epochs_before, rest if goes_on_inside else None, is_block
    )
    if goes_on:
        net, changes = model.net_, {"loss": loss, **params}
    else:
        net = make_net(model, data, loss, random_state, callbacks=callbacks, **params)
        changes = {}
        if model.distributed or model.micro_batch_size:
            check_batch_norms(net.module_)
    return Training(
        encoder=encoder,
        data=data_of_net,
        X_held_out=X_held_out,
        scorer=scorer,
        score_reader=ScoreReader(net, is_unseen, n_rows_seen),
        stopping=stopping,
        changes=changes,
        n_epochs=n_epochs,
        first_epoch=first_epoch,
        goes_on_inside=goes_on_inside,
        checkpoints=checkpoints,
        init=init,
        init_calibrator=init_calibrator,
    )


def _read_parameters(model, X, data, encoder, loss, *, goes_on, is_block):
    """Parameters of the net, the scorer, callbacks and checkpoints; all are checked."""
    params = check_net_params(model, loss)
    check_threshold(model.threshold, encoder)
    check_hidden_layer_sizes(model.hidden_layer_sizes)
    is_next_block = is_block and goes_on
    params["device"] = (
        device_to_go_on(model) if is_next_block else device_to_fit(model, data)
    )
    scorer = None if model.scoring is None else check_scorer(model.scoring)
    callbacks, checkpoints = read_callbacks(model)
    if goes_on:
        _check_goes_on(model, X, data, is_block)
    if model.distributed:
        check_processes_agree(model, data)
    return params, scorer, callbacks, checkpoints


def _numbers_of_epochs(model, n_before, rest, is_block):
    """The first epoch, the number of epochs to train, and that which the loss is told.

    `rest` is what a training that was cut off has left, None for another training.
    """
    if is_block:
        # blocks have no end of their own: a loss that anneals is told of max_iter
        return None, 1, max(model.max_iter - n_before, 1)
    first_epoch = n_before if rest is None else rest["first_epoch"]
    n_epochs = max(first_epoch + model.max_iter - n_before, 0)
    return first_epoch, n_epochs, n_epochs


def _rows_to_score(model, X, data):
    """Features of the held-out rows for a scorer, None without one."""
    if model.scoring is None:
        return None
    if hasattr(X, "columns"):  # it may need names
        return safe_indexing(X, data.held_out.rows)
    return take_rows(data.X, data.held_out.rows)


def _fitted_loss(model, data, encoder, random_state):
    loss = clone(get_loss(model.loss))
    put_in_order_of_labels(loss, encoder.label_names_.tolist())
    loss.fit(data.y, data.sample_weight, random_state)
    return loss


def _make_stopping(model, data, frequency):
    tol, patience = model.tol, model.n_iter_no_change
    if tol is None:
        tol, patience = 0.0, np.inf
    # what a training must have in common with another to go on with its best epoch
    task = [model.scoring, model.learning_rate_init, model.batch_size, data.X.shape]
    task.append(frequency.tolist())
    some = np.linspace(0, data.X.shape[0] - 1, num=8, dtype=np.intp)
    task.append(zlib.crc32(np.ascontiguousarray(dense(take_rows(data.X, some)))))
    if data.held_out is not None:
        task.append(int(data.held_out.targets().sum()))
    monitor = "valid_score" if model.early_stopping else "train_loss"
    keeps_last = model.early_stopping and model.warm_start
    stopping = StopAtPlateau(
        monitor, tol=tol, patience=patience, task=task, keeps_last=keeps_last
    )
    return stopping.initialize()


def _check_rows(
    model, X, indicator, sample_weight, *, least=1, held_out=None, suffix=""
):
    """Check features, targets and weights, and return them as a data set."""
    rows = check_features(X, model, ensure_min_samples=least, name=f"X{suffix}")
    is_single = not is_double(model, rows)
    if is_single:
        check_range_of_float32(rows, f"X{suffix}")
    check_same_rows(**{f"X{suffix}": rows, f"y{suffix}": indicator})
    if sample_weight is not None:
        name = f"sample_weight{suffix}"
        with naming(name):
            sample_weight = check_sample_weight(sample_weight, rows)
        _check_range_of_weights(sample_weight, name, is_single)
    if held_out is not None and held_out.X.shape[1] != rows.shape[1]:
        raise ValueError(
            f"X_val has {held_out.X.shape[1]} features, but X has {rows.shape[1]}."
        )
    return RowDataset(rows, indicator, sample_weight, held_out=held_out)


def _check_range_of_weights(weight, name, is_single):
    limits = np.finfo(np.float32 if is_single else np.float64)
    # far inside, as a loss divides by their sum, and multiplies them
    if not 1e8 * limits.tiny < weight.max() <= weight.sum() < limits.max / 1e8:
        raise ValueError(
            f"{name} has values of about {weight.max():.0e}, with which {limits.dtype}"
            " can't compute: divide it by its mean."
        )


def _check_given_validation(model, X_val, y_val, sample_weight_val):
    if X_val is None and y_val is None:
        if sample_weight_val is not None:
            raise ValueError("sample_weight_val needs X_val and y_val.")
    elif X_val is None or y_val is None:
        given, missing = ("y_val", "X_val") if X_val is None else ("X_val", "y_val")
        raise ValueError(f"{given} is provided, but {missing} was not provided.")
    elif not model.early_stopping:
        raise ValueError(
            "X_val and y_val are passed to fit, but early_stopping is False: set"
            " early_stopping=True."
        )


def _check_is_annotated(y):
    """Raise if no entry of the held-out targets is annotated."""
    if not is_partial(y):
        return
    values = y.data if sparse.issparse(y) else y
    if np.count_nonzero(values == NOT_ANNOTATED) == np.prod(y.shape):
        raise ValueError(
            f"No entry of the {y.shape[0]} held-out rows is annotated (all are NaN), so"
            " early stopping can't compare epochs. Pass other rows as X_val and y_val,"
            " or set early_stopping=False."
        )


def _hold_out(data, fraction, random_state, rest):
    """Put rows aside for early stopping, such that each label keeps its frequency.

    A training that was cut off goes on with the rows that it had, also where
    `random_state` draws others each time.
    """
    rows = data.rows
    if data.sample_weight is not None:  # a row of weight 0 is as good as none
        rows = np.flatnonzero(data.sample_weight)
        if len(rows) < 2:
            raise ValueError(
                "early_stopping=True needs two rows with a sample_weight above 0, one"
                " of them to be held out. Got one."
            )
    n_held_out = min(max(round(fraction * len(rows)), 1), len(rows) - 1)
    held_out = None if rest is None else rest["held_out"]
    if held_out is not None and len(np.intersect1d(rows, held_out)) == n_held_out:
        train = np.setdiff1d(rows, held_out)
    else:
        parts = split_once(
            take_rows(data.y, rows), len(rows) - n_held_out, n_held_out, random_state
        )
        train, held_out = (np.sort(rows[part]) for part in parts)
    return data.subset(train, held_out=data.subset(held_out))


def _check_same_classes(classes, encoder):
    known, classes = encoder.label_names_.tolist(), np.asarray(classes).tolist()
    if encoder.kind_ != "multilabel":
        classes = np.unique(classes).tolist()
    if classes != known:
        raise ValueError(
            f"classes must be those of the first call, {shorten(known)}. Got"
            f" {shorten(classes)}."
        )


def _check_goes_on(model, X, data, is_block):
    """Raise if the net of the model can't go on with these data and parameters."""
    if not hasattr(model.net_, "optimizer_"):
        raise ValueError(
            "This model was made by skmultitag.for_inference, without the state that a"
            " training goes on from: train the original, or set warm_start=False and"
            " call fit."
        )
    if is_block:
        validate_data(model, X, reset=False, skip_check_array=True)
    else:
        _check_warm_start(model, data)


def _check_warm_start(model, data):
    if (model.init is None) != (model.init_ is None):
        raise ValueError(
            "warm_start=True goes on with a network that was fitted with"
            f" init={model.init_}, but init is {model.init} now: set warm_start=False."
        )
    if data.X.shape[1] != model.n_features_in_:
        raise ValueError(
            f"warm_start=True needs the {model.n_features_in_} features of the last"
            f" fit. Got {data.X.shape[1]}."
        )

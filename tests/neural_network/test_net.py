"""The skorch net of a fitted classifier: a skorch user is at home in it."""

import pickle
import pickletools
import warnings

import numpy as np
import pytest
import skorch.callbacks
import torch
from sklearn.base import clone
from sklearn.metrics import f1_score
from skorch.callbacks import Callback

from skmultitag import MultiTagClassifier
from skmultitag.losses import SigmoidF1Loss, get_loss_names
from skmultitag.neural_network._net import MultiTagNet
from tests.neural_network.common import small

# Methods


@pytest.fixture(scope="module")
def fitted(multilabel_data):
    X, y, _ = multilabel_data
    return small(SigmoidF1Loss(beta=2.0, eta=0.5)).fit(X, y)


def test_predictions_are_those_of_the_classifier(multilabel_data, fitted):
    X, _, _ = multilabel_data
    net = fitted.net_
    np.testing.assert_array_equal(net.predict(X), fitted.predict(X))
    np.testing.assert_allclose(net.predict_proba(X), fitted.predict_proba(X), rtol=1e-6)
    logits = net.forward(X)
    np.testing.assert_allclose(logits, fitted.decision_function(X) - 0.5, atol=1e-6)
    blocks = list(net.forward_iter(X))
    torch.testing.assert_close(torch.cat(blocks), logits)
    np.testing.assert_array_equal(net.predict(X.tolist()), net.predict(X))


@pytest.mark.parametrize("loss", ["sigmoid_f1", "tencent", "distribution_balanced"])
def test_a_clone_is_initialized_and_trained(multilabel_data, loss):
    X, y, _ = multilabel_data
    model = small(loss, threshold=0.5, batch_size=100, tol=None).fit(X, y)
    net = clone(model.net_)
    assert not net.initialized_
    net.fit(X, y)
    assert len(net.history) == model.max_iter
    losses = net.history[:, "train_loss"]
    if loss != "tencent":  # it draws labels from a stream of its own
        assert losses == model.loss_curve_
    net.partial_fit(X, y)
    assert net.history[-1, "train_loss"] < losses[0]
    assert len(net.history) == 2 * model.max_iter


def test_fit_starts_anew_and_partial_fit_goes_on(multilabel_data):
    X, y, _ = multilabel_data
    net = clone(small().fit(X, y).net_)
    net.fit(X, y)
    first = net.predict_proba(X)
    net.partial_fit(X, y)
    assert np.abs(net.predict_proba(X) - first).max() > 0
    net.fit(X, y)
    assert len(net.history) == net.max_epochs


@pytest.mark.parametrize("use_safetensors", [False, True])
def test_parameters_are_saved_and_loaded(multilabel_data, tmp_path, use_safetensors):
    if use_safetensors:
        pytest.importorskip("safetensors")
    X, y, _ = multilabel_data
    model = small().fit(X, y)
    expected = model.predict_proba(X)
    path = tmp_path / "weights"
    model.net_.save_params(f_params=path, use_safetensors=use_safetensors)
    other = small(random_state=1).fit(X, y)
    assert np.abs(other.predict_proba(X) - expected).max() > 0
    other.net_.load_params(f_params=path, use_safetensors=use_safetensors)
    np.testing.assert_array_equal(other.predict_proba(X), expected)


def test_optimizer_loss_and_history_are_saved_and_loaded(multilabel_data, tmp_path):
    X, y, _ = multilabel_data
    model = small("adaptive_sigmoid_f1").fit(X, y)
    files = {name: tmp_path / name for name in ("f_params", "f_optimizer")}
    files |= {name: tmp_path / name for name in ("f_criterion", "f_history")}
    model.net_.save_params(**files)
    other = small("adaptive_sigmoid_f1", max_iter=1).fit(X, y)
    other.net_.load_params(**files)
    assert list(other.net_.history) == list(model.net_.history)
    np.testing.assert_array_equal(other.predict_proba(X), model.predict_proba(X))
    for ours, theirs in zip(
        *(m.net_.optimizer_.state.values() for m in (other, model)), strict=True
    ):
        torch.testing.assert_close(ours["exp_avg"], theirs["exp_avg"])


def test_parameters_are_named_once(fitted):
    params = fitted.net_.get_params(deep=False)
    assert params["precision"] == "full" and params["is_distributed"] is False
    assert MultiTagNet(**params).get_params(deep=False).keys() == params.keys()


# Layers that are frozen, or have hooks


@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_frozen_layers_stay_as_they_are(multilabel_data, activation):
    X, y, _ = multilabel_data
    freezer = skorch.callbacks.Freezer("layers.0.*")
    params = {"activation": activation, "learning_rate_init": 0.01}
    start = small(max_iter=1, activation=activation, learning_rate_init=1e-30)
    before = start.fit(X, y).net_.module_.state_dict()
    after = small(callbacks=[freezer], **params).fit(X, y).net_.module_.state_dict()
    for name, weights in after.items():
        is_same = torch.equal(weights, before[name])
        assert is_same == name.startswith(("layers.0.", "feature_"))


class Hooks(Callback):
    """Counts what goes through the last layer, forward and backward."""

    def on_train_begin(self, net, **kwargs):
        self.n_forward_ = self.n_backward_ = 0
        layer = net.module_.layers[-1]
        layer.register_forward_hook(self.forward)
        layer.register_full_backward_hook(self.backward)

    def forward(self, layer, inputs, output):
        self.n_forward_ += layer.training

    def backward(self, layer, by_inputs, by_outputs):
        self.n_backward_ += 1


@pytest.mark.parametrize("micro_batch_size", [None, 60])
def test_hooks_fire_in_training(multilabel_data, micro_batch_size):
    X, y, _ = multilabel_data
    model = small(
        callbacks=[Hooks()], batch_size=100, micro_batch_size=micro_batch_size
    )
    hooks = model.fit(X, y).net_.callbacks_[0][1]
    n_batches = 3 * model.max_iter
    n_passes = {None: n_batches, 60: 4 * n_batches}[micro_batch_size]
    assert hooks.n_forward_ == n_passes
    assert hooks.n_backward_ == n_passes // (1 if micro_batch_size is None else 2)


# Callbacks


class Watcher(Callback):
    """What the events of batches bring."""

    def on_train_begin(self, net, **kwargs):
        self.seen_ = []

    def on_batch_end(self, net, batch, y_pred, loss, training, **kwargs):
        X, y = batch
        assert y_pred.shape == y.shape and not y_pred.requires_grad
        self.seen_.append((training, len(X)))


def test_a_callback_of_the_user_gets_predictions_and_validation(multilabel_data):
    X, y, _ = multilabel_data
    model = small(callbacks=[Watcher()], early_stopping=True, batch_size=90, max_iter=1)
    watcher = model.fit(X, y).net_.callbacks_[0][1]
    assert watcher.seen_ == [(True, 90)] * 3 + [(False, 30)]


def macro_f1(net, X, y):
    return f1_score(y, net.predict(X), average="macro", zero_division=0)


SCORING = {"lower_is_better": False}

# of each public callback that makes sense here: some, given a folder to write to
CALLBACKS = {
    "BatchScoring": lambda folder: [
        skorch.callbacks.BatchScoring(macro_f1, name="f1", on_train=True, **SCORING),
        skorch.callbacks.BatchScoring(macro_f1, name="valid_f1", **SCORING),
    ],
    "Checkpoint": lambda folder: [skorch.callbacks.Checkpoint(dirname=folder)],
    "EarlyStopping": lambda folder: [skorch.callbacks.EarlyStopping(patience=100)],
    "EpochScoring": lambda folder: [
        skorch.callbacks.EpochScoring(macro_f1, name="f1", on_train=True, **SCORING),
        skorch.callbacks.EpochScoring("f1_macro", name="valid_f1", **SCORING),
    ],
    "EpochTimer": lambda folder: [skorch.callbacks.EpochTimer()],
    "Freezer": lambda folder: [skorch.callbacks.Freezer("layers.0.*")],
    "GradientNormClipping": lambda folder: [
        skorch.callbacks.GradientNormClipping(1e-12)
    ],
    "Initializer": lambda folder: [
        skorch.callbacks.Initializer("*", torch.nn.init.zeros_)
    ],
    "LRScheduler": lambda folder: [
        skorch.callbacks.LRScheduler("StepLR", step_size=2, gamma=0.1),
    ],
    "LoadInitState": lambda folder: [
        skorch.callbacks.LoadInitState(
            skorch.callbacks.Checkpoint(dirname=folder, f_optimizer=None)
        ),
    ],
    "ParamMapper": lambda folder: [
        skorch.callbacks.ParamMapper(
            "layers.0.*", lambda weight: torch.nn.init.zeros_(weight), at=6
        )
    ],
    "PassthroughScoring": lambda folder: [
        skorch.callbacks.PassthroughScoring("train_loss", on_train=True),
        skorch.callbacks.PassthroughScoring("valid_loss"),
    ],
    "PrintLog": lambda folder: [skorch.callbacks.PrintLog(sink=LINES.append)],
    "ProgressBar": lambda folder: [skorch.callbacks.ProgressBar(detect_notebook=False)],
    "TrainEndCheckpoint": lambda folder: [
        skorch.callbacks.TrainEndCheckpoint(dirname=folder)
    ],
    "Unfreezer": lambda folder: [
        skorch.callbacks.Freezer("layers.0.*"),
        skorch.callbacks.Unfreezer("layers.0.*", at=3),
    ],
    "WarmRestartLR": lambda folder: [skorch.callbacks.LRScheduler("WarmRestartLR")],
}
NOT_OF_A_FIT = {
    "Callback",  # the base class
    "InputShapeSetter",  # refused, see below
    *("MlflowLogger", "NeptuneLogger", "SacredLogger", "TensorBoard", "WandbLogger"),
}
LINES = []


def test_all_callbacks_of_skorch_are_tested():
    assert set(skorch.callbacks.__all__) == CALLBACKS.keys() | NOT_OF_A_FIT


@pytest.fixture
def fit_with(multilabel_data, tmp_path):
    def fit(name, **params):
        X, y, _ = multilabel_data
        params = {"early_stopping": True, "tol": None, "batch_size": 90, **params}
        return small(callbacks=CALLBACKS[name](tmp_path), **params).fit(X, y)

    return fit


@pytest.mark.parametrize("name", sorted(CALLBACKS))
@pytest.mark.parametrize("early_stopping", [False, True])
def test_callback_runs(fit_with, name, early_stopping):
    """Those that watch the validation say that there is none."""
    needs_validation = {"Checkpoint", "EarlyStopping", "LoadInitState"}
    if name in needs_validation - {"LoadInitState"} and not early_stopping:
        with pytest.raises(Exception, match="valid_loss"):
            fit_with(name, early_stopping=False)
        return
    assert fit_with(name, early_stopping=early_stopping).n_iter_ == 6


def test_validation_loss_is_in_the_history(fit_with):
    history = fit_with("EpochTimer").net_.history
    losses = np.array(history[:, "valid_loss"])
    np.testing.assert_allclose(losses, -np.array(history[:, "valid_score"]))
    is_best = losses == np.minimum.accumulate(losses)
    np.testing.assert_array_equal(history[:, "valid_loss_best"], is_best)
    assert all(seconds >= 0 for seconds in history[:, "dur"])


@pytest.mark.parametrize("name", ["BatchScoring", "EpochScoring"])
def test_scores_of_callbacks_are_those_of_the_metric(fit_with, multilabel_data, name):
    X, y, _ = multilabel_data
    model = fit_with(name, batch_size="full", scoring="f1_macro")
    history = model.net_.history
    np.testing.assert_allclose(history[:, "valid_f1"], history[:, "valid_score"])
    assert 0 < history[-1, "f1"] < 1


def test_weights_leave_scores_of_callbacks_alone(multilabel_data, tmp_path):
    X, y, _ = multilabel_data
    model = small(early_stopping=True, callbacks=CALLBACKS["EpochScoring"](tmp_path))
    model.fit(X, y, sample_weight=np.arange(300) % 3)
    assert 0 < model.net_.history[-1, "valid_f1"] < 1


def test_checkpoint_holds_the_best_epoch_and_a_fit_can_begin_with_it(
    fit_with, multilabel_data, tmp_path
):
    X, _, _ = multilabel_data
    model = fit_with("Checkpoint", learning_rate_init=0.05)
    expected = model.decision_function(X)  # early stopping restores the same epoch
    other = fit_with("LoadInitState", learning_rate_init=1e-30, max_iter=1)
    np.testing.assert_allclose(other.decision_function(X), expected, rtol=1e-5)


def test_checkpoint_of_the_end(fit_with, tmp_path):
    model = fit_with("TrainEndCheckpoint", early_stopping=False)
    weights = torch.load(tmp_path / "train_end_params.pt", weights_only=True)
    for name, value in model.net_.module_.state_dict().items():
        assert torch.equal(value, weights[name])


def test_rates_follow_the_schedule(fit_with):
    net = fit_with("LRScheduler").net_
    assert net.optimizer_.param_groups[0]["lr"] == pytest.approx(1e-3 * 0.1**3)


def test_clipping_zeros_and_mapping_reach_the_weights(fit_with):
    clipped = fit_with("GradientNormClipping", optimizer="sgd", weight_decay=0)
    start = fit_with("EpochTimer", learning_rate_init=1e-30)
    for ours, theirs in zip(
        *(model.net_.module_.parameters() for model in (clipped, start)), strict=True
    ):
        torch.testing.assert_close(ours, theirs, atol=1e-7, rtol=0)
    zeros = fit_with("Initializer", learning_rate_init=1e-30).net_.module_
    assert all(weights.abs().max() < 1e-9 for weights in zeros.parameters())
    mapped = fit_with("ParamMapper", learning_rate_init=1e-30, early_stopping=False)
    layers = mapped.net_.module_.layers
    assert layers[0].weight.abs().max() < 1e-9 < layers[-1].weight.abs().min()


def test_unfreezing_lets_a_layer_learn(fit_with):
    params = {
        "early_stopping": False
    }  # the seeds of weights come after that of a split
    start = fit_with("EpochTimer", learning_rate_init=1e-30, **params)
    moved, frozen = (fit_with(name, **params) for name in ("Unfreezer", "Freezer"))
    before, after, never = (
        model.net_.module_.layers[0].weight for model in (start, moved, frozen)
    )
    assert torch.equal(before, never) and not torch.equal(before, after)


def test_log_has_a_line_an_epoch(fit_with):
    LINES.clear()
    fit_with("PrintLog")
    assert len(LINES) == 2 + 6 and "valid_loss" in LINES[0]


def test_input_shapes_need_no_callback():
    model = small(callbacks=[skorch.callbacks.InputShapeSetter()])
    with pytest.raises(ValueError, match="is called with the numbers of features"):
        model.fit([[0.0], [1.0]], [[0, 1], [1, 0]])


@pytest.mark.parametrize("name", ["BatchScoring", "EpochScoring"])
def test_predictions_of_batches_in_parts_are_refused(fit_with, name):
    with pytest.raises(ValueError, match="with on_train=True needs the predictions of"):
        fit_with(name, micro_batch_size=50)


class NotToBeCloned(Callback):
    """As those that hold a trial of a search."""

    def __init__(self, trial):
        self._trial = trial

    def on_epoch_end(self, net, **kwargs):
        self._trial.append(net.history[-1, "train_loss"])


def test_callback_that_cannot_be_cloned_is_used_as_it_is(multilabel_data):
    X, y, _ = multilabel_data
    trial = []
    model = small(callbacks=[NotToBeCloned(trial)]).fit(X, y)
    assert trial == model.loss_curve_


class Predicting(Callback):
    """Looks at predictions of the classifier while it is trained."""

    def on_batch_end(self, net, **kwargs):
        self.look(net)

    def on_epoch_end(self, net, **kwargs):
        self.look(net)

    def look(self, net):
        first, second = (list(net.map_logits(ROW, torch.sigmoid)) for _ in range(2))
        np.testing.assert_array_equal(first[0][1], second[0][1])


ROW = np.ones((1, 8), dtype=np.float32)


def test_predicting_in_a_callback_leaves_no_unit_out_and_changes_nothing(
    multilabel_data,
):
    X, y, _ = multilabel_data
    watched = small(dropout=0.5, callbacks=[Predicting()]).fit(X, y)
    plain = small(dropout=0.5).fit(X, y)
    np.testing.assert_array_equal(watched.predict_proba(X), plain.predict_proba(X))


def test_without_callbacks_the_history_has_no_batches(multilabel_data):
    X, y, _ = multilabel_data
    model = small(early_stopping=True).fit(X, y)
    assert all(epoch["batches"] == [] for epoch in model.net_.history)


# State


@pytest.mark.parametrize("loss", get_loss_names())
def test_a_pickle_holds_no_generator(multilabel_data, loss):
    X, y, _ = multilabel_data
    model = small(loss, max_iter=1, threshold=0.5).fit(X, y)
    assert "Generator" not in names_in(pickle.dumps(model))
    default = MultiTagClassifier(max_iter=1, random_state=0).fit(X, y)
    assert "Generator" not in names_in(pickle.dumps(default))


def names_in(pickled):
    """All names of classes and functions in a pickle, and in those inside of it."""
    names = ""
    for _, argument, _ in pickletools.genops(pickled):
        if isinstance(argument, str):
            names += f" {argument}"
        elif isinstance(argument, bytes) and is_pickle(argument):
            names += names_in(argument)
    return names


def is_pickle(argument):
    # the bytes of an array can begin and end like one, but rarely with its protocol
    has_protocol = argument[1:2] <= bytes([pickle.HIGHEST_PROTOCOL])
    return argument.startswith(b"\x80") and has_protocol and argument.endswith(b".")


def test_a_generator_would_be_found():
    nested = {"inner": pickle.dumps(torch.Generator())}
    assert "Generator" in names_in(pickle.dumps(nested))


def test_a_pickle_names_no_device(multilabel_data):
    X, y, _ = multilabel_data
    model = small().fit(X, y)
    model.net_.device = "cuda"  # as if it had been trained there
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        copied = pickle.loads(pickle.dumps(model))
    assert copied.net_.device == "cpu"
    assert copied.net_.criterion is copied.net_.criterion_


# Devices


def test_default_device_of_torch_does_not_matter(multilabel_data):
    """A tensor made without a device would be one without values."""
    X, y, _ = multilabel_data
    params = {"dropout": 0.3, "early_stopping": True, "batch_size": 90}

    def run(loss):
        model = small(loss, max_iter=2, threshold=0.5, **params).fit(X, y)
        model = pickle.loads(pickle.dumps(model)).set_params(early_stopping=False)
        return model.partial_fit(X, y).predict_proba(X)

    for loss in get_loss_names():
        expected = run(loss)
        torch.set_default_device("meta")
        try:
            ours = run(loss)
        finally:
            torch.set_default_device(None)
        np.testing.assert_array_equal(ours, expected)


class Module(torch.nn.Module):
    def __init__(self, n_features, n_labels):
        super().__init__()
        self.layer = torch.nn.Linear(n_features, n_labels)

    def forward(self, X):
        return self.layer(X)


def test_default_device_of_torch_and_a_module_of_the_user(multilabel_data):
    X, y, _ = multilabel_data
    expected = small(module=Module).fit(X, y).predict_proba(X)
    torch.set_default_device("meta")
    try:
        ours = small(module=Module).fit(X, y).predict_proba(X)
    finally:
        torch.set_default_device(None)
    np.testing.assert_array_equal(ours, expected)


needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")


@needs_gpu
@pytest.mark.parametrize("dropout", [0.0, 0.5])
@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_same_seed_same_model_on_each_device(multilabel_data, dropout, activation):
    X, y, _ = multilabel_data
    X = X.astype(np.float64)
    params = {"dropout": dropout, "input_dropout": dropout}
    params |= {"activation": activation, "batch_size": 90}
    ours = small(device="cuda", **params).fit(X, y)
    theirs = small(device="cpu", **params).fit(X, y)
    np.testing.assert_allclose(ours.loss_curve_, theirs.loss_curve_, rtol=1e-9)
    np.testing.assert_allclose(
        ours.decision_function(X), theirs.decision_function(X), rtol=1e-6, atol=1e-9
    )


@needs_gpu
@pytest.mark.parametrize("loss", get_loss_names())
def test_a_model_moves_to_the_device_of_now(multilabel_data, loss):
    X, y, _ = multilabel_data
    X = X.astype(np.float64)
    params = {"warm_start": True, "threshold": 0.5, "max_iter": 2}
    expected = small(loss, device="cpu", **params).fit(X, y)
    model = small(loss, device="cuda", **params).fit(X, y)
    model = pickle.loads(pickle.dumps(model)).set_params(device="cpu")
    assert model.predict(X).shape == y.shape and model.net_.device == "cpu"
    for device in ("cuda", "cpu"):
        model.set_params(device=device).fit(X, y)
        expected.fit(X, y)
        assert next(model.net_.module_.parameters()).device.type == device
        model.partial_fit(X, y)
        expected.partial_fit(X, y)
    np.testing.assert_allclose(
        model.predict_proba(X), expected.predict_proba(X), rtol=1e-4, atol=1e-6
    )

"""How the network is trained: stopping, callbacks, modules, random streams, speed."""

import pickle
import signal
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np
import pandas as pd
import pytest
import torch
from joblib import Parallel, delayed, parallel_config
from skorch.callbacks import (
    Callback,
    EarlyStopping,
    GradientNormClipping,
    LRScheduler,
)

from skmultitag import MultiTagClassifier
from skmultitag.losses import (
    BinaryCrossEntropyLoss,
    SigmoidF1Loss,
    SoftF1Loss,
    WeightedSumLoss,
)
from skmultitag.metrics import get_scorer
from skmultitag.neural_network import _net
from skmultitag.neural_network._batches import BatchIterator, RowDataset
from skmultitag.neural_network._mlp import Dropout, InputDropoutLinear, _linear
from skmultitag.utils._random_stream import RandomStream
from tests.neural_network.common import as_tensor, small


def fit_proba(X, y, **params):
    """At module level, for processes."""
    return small(**params).fit(X, y).predict_proba(X)


# The loop

NO_DROPOUT = {"dropout": 0.0, "input_dropout": 0.0}


def test_training_equals_a_loop_written_by_hand(multilabel_data):
    X, y, _ = multilabel_data
    model = small(
        "soft_f1",
        batch_size=100,
        weight_decay=0.1,
        optimizer="adam",
        **NO_DROPOUT,
    )
    start = small("soft_f1", max_iter=1, learning_rate_init=1e-30, **NO_DROPOUT)
    start.fit(X, y)
    network = start.net_.module_.train()
    groups = [
        {"params": [p for n, p in network.named_parameters() if "bias" not in n]},
        {
            "params": [p for n, p in network.named_parameters() if "bias" in n],
            "weight_decay": 0.0,
        },
    ]
    optimizer = torch.optim.Adam(groups, lr=1e-3, weight_decay=0.1)
    model.fit(X, y)
    # the order of the rows is drawn from the third seed of random_state
    seed = int(np.random.RandomState(0).randint(2**31 - 1, size=3)[2])
    generator = torch.Generator().manual_seed(seed)
    features, targets = (as_tensor(array, start) for array in (X, y))
    for _ in range(6):
        order = torch.randperm(300, generator=generator)
        for rows in order.split(100):
            optimizer.zero_grad()
            SoftF1Loss()(network(features[rows]), targets[rows]).backward()
            optimizer.step()
    with torch.no_grad():
        expected = network(features).cpu().numpy()
    np.testing.assert_allclose(model.decision_function(X), expected, atol=1e-4)


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "sgd", torch.optim.RAdam])
def test_optimizers_lower_the_loss(multilabel_data, optimizer):
    X, y, _ = multilabel_data
    model = small("bce", optimizer=optimizer, learning_rate_init=0.03, max_iter=60)
    curve = model.fit(X, y).loss_curve_
    assert len(curve) == model.n_iter_ and curve[-1] < 0.8 * curve[0]


@pytest.mark.parametrize(
    "activation", ["gelu", "identity", "logistic", "relu", "silu", "tanh"]
)
def test_activations_and_layers(multilabel_data, activation):
    X, y, _ = multilabel_data
    model = small(activation=activation, hidden_layer_sizes=(7, 3)).fit(X, y)
    shapes = [tuple(p.shape) for p in model.net_.module_.parameters()]
    assert shapes == [(7, 8), (7,), (3, 7), (3,), (5, 3), (5,)]


def test_no_hidden_layer_is_a_linear_model(multilabel_data):
    X, y, _ = multilabel_data
    model = small(hidden_layer_sizes=()).fit(X, y)
    weight, bias = (p.detach().cpu().numpy() for p in model.net_.module_.parameters())
    centered = X - X.mean(axis=0)
    size = np.median(np.linalg.norm(centered, axis=1)) / X.shape[1] ** 0.5
    expected = centered / size @ weight.T + bias
    np.testing.assert_allclose(model.decision_function(X), expected, atol=1e-5)


def test_batches_are_even_and_hold_each_row_once():
    X = np.arange(10.0)[:, None]
    data = RowDataset(X, X.astype(np.uint8), sample_weight=X[:, 0])
    iterator = BatchIterator(
        data,
        4,
        dtype=torch.float32,
        stream=RandomStream(0),
    )
    batches = [(*(part[:, 0] for part in batch), batch.weight) for batch in iterator]
    assert len(iterator) == 3 and [len(X) for X, _, _ in batches] == [4, 3, 3]
    for kind in zip(*batches, strict=True):
        assert sorted(torch.cat(kind).tolist()) == list(range(10))
    for X, y, weight in batches:
        assert torch.equal(X, y) and torch.equal(X, weight)


# Stopping


def test_stops_when_the_training_loss_does_not_fall(multilabel_data):
    X, y, _ = multilabel_data
    model = small(tol=10.0, n_iter_no_change=3, max_iter=50).fit(X, y)
    assert model.n_iter_ == 4
    assert small(tol=None, n_iter_no_change=3, max_iter=9).fit(X, y).n_iter_ == 9


@pytest.mark.parametrize("scoring", [None, "f1_macro", "soft_f1", "neg_bce"])
def test_early_stopping_restores_the_best_weights(multilabel_data, scoring):
    X, y, _ = multilabel_data
    seen = {}

    def spy(estimator, X_valid, y_valid):
        if scoring is None:
            logits = torch.from_numpy(estimator.decision_function(X_valid))
            score = -SigmoidF1Loss()(logits, torch.from_numpy(y_valid)).item()
        else:
            score = get_scorer(scoring)(estimator, X_valid, y_valid)
        weights = [p.detach().clone() for p in estimator.net_.module_.parameters()]
        seen.setdefault("weights", []).append(weights)
        seen.setdefault("scores", []).append(score)
        seen["sizes"] = len(X_valid), y_valid.shape
        return score

    params = {
        "early_stopping": True,
        "n_iter_no_change": 5,
        "max_iter": 80,
        "learning_rate_init": 0.02,
    }
    model = small(scoring=spy, **params).fit(X, y)
    assert seen["sizes"] == (30, (30, 5))
    assert model.validation_scores_ == seen["scores"]
    best = int(np.argmax(seen["scores"]))
    assert model.n_iter_ < 80 and best < model.n_iter_ - 1
    restored = list(model.net_.module_.parameters())
    for ours, theirs in zip(restored, seen["weights"][best], strict=True):
        assert torch.equal(ours, theirs)
    direct = small(scoring=scoring, **params).fit(X, y)
    np.testing.assert_allclose(direct.validation_scores_, seen["scores"], rtol=1e-5)


def test_early_stopping_keeps_names_types_and_weights(multilabel_data):
    X, y, _ = multilabel_data
    frame = pd.DataFrame(X, columns=list("abcdefgh"))
    small(early_stopping=True, scoring="f1_macro").fit(frame, y)
    labels = np.where(y[:, 0], "yes", "no")
    small(early_stopping=True, scoring="accuracy").fit(X.tolist(), labels)
    calls = []

    def scorer(estimator, X, y, sample_weight=None):
        calls.append(sample_weight)
        return 0.0

    small(early_stopping=True, scoring=scorer).fit(X, y, sample_weight=np.ones(300))
    assert len(calls[0]) == 30
    without = small(early_stopping=True, scoring=lambda estimator, X, y: 0.0)
    without.fit(X, y, sample_weight=np.ones(300))


def test_tags_with_early_stopping(multilabel_data):
    X, y, _ = multilabel_data
    tags = [[f"t{j}" for j in np.flatnonzero(row)] for row in y]
    model = small(early_stopping=True, scoring="f1_micro").fit(X, tags)
    assert len(model.validation_scores_) == model.n_iter_


def test_score_that_is_nan_raises(multilabel_data):
    X, y, _ = multilabel_data
    model = small(early_stopping=True, scoring=lambda estimator, X, y: np.nan)
    with pytest.raises(ValueError, match="score of early stopping is NaN"):
        model.fit(X, y)


# Callbacks


class Recorder(Callback):
    def on_train_begin(self, net, **kwargs):
        self.epochs_ = 0

    def on_epoch_end(self, net, **kwargs):
        self.epochs_ += 1


def test_callbacks_are_cloned_and_called(multilabel_data):
    X, y, _ = multilabel_data
    recorder = Recorder()
    callbacks = [("mine", recorder), LRScheduler("StepLR", step_size=2)]
    model = small(callbacks=callbacks).fit(X, y)
    assert not hasattr(recorder, "epochs_")
    assert dict(model.net_.callbacks_)["mine"].epochs_ == 6
    assert model.net_.optimizer_.param_groups[0]["lr"] < 1e-5


def test_early_stopping_of_skorch_stops_this_fit_only(multilabel_data):
    X, y, _ = multilabel_data
    stop = EarlyStopping("train_loss", patience=2, threshold=10, threshold_mode="abs")
    stop.sink = lambda text: None
    assert small(callbacks=[stop], max_iter=30).fit(X, y).n_iter_ == 3


class PressCtrlC(Callback):
    def on_epoch_end(self, net, **kwargs):
        signal.raise_signal(signal.SIGINT)


def test_ctrl_c_is_not_swallowed(multilabel_data):
    X, y, _ = multilabel_data
    # a job in the background may have been started with Ctrl-C ignored
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            small(callbacks=[PressCtrlC()]).fit(X, y)
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT to a process")
def test_ctrl_c_stops_the_whole_search():
    code = """
        import signal
        from sklearn.model_selection import GridSearchCV
        from skmultitag import MultiTagClassifier
        from skmultitag.datasets import make_multitag_classification

        X, y = make_multitag_classification(2000, random_state=0)
        model = MultiTagClassifier(max_iter=100_000, tol=None)
        search = GridSearchCV(model, {"loss__beta": [1.0, 2.0, 3.0]}, cv=2)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        print("started", flush=True)
        try:
            search.fit(X, y)
        except KeyboardInterrupt:
            print("stopped", flush=True)
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout.readline() == "started\n"
            time.sleep(2)
            assert process.poll() is None
            process.send_signal(signal.SIGINT)
            assert process.communicate(timeout=30)[0] == "stopped\n"
        finally:
            process.kill()


class EpochLoss(BinaryCrossEntropyLoss):
    """Records the epochs that it is told of."""

    def _fit(self, y_true, sample_weight, random_state):
        super()._fit(y_true, sample_weight, random_state)
        self.epochs_ = []

    def start_epoch(self, epoch, n_epochs):
        self.epochs_.append((epoch, n_epochs))


def test_a_loss_is_told_of_each_epoch(multilabel_data):
    X, y, _ = multilabel_data
    loss = WeightedSumLoss(SoftF1Loss(), EpochLoss())
    model = small(loss, max_iter=3, warm_start=True).fit(X, y)
    assert model.loss_.second_.epochs_ == [(0, 3), (1, 3), (2, 3)]
    model.fit(X, y)
    assert model.loss_.second_.epochs_[3:] == [(3, 6), (4, 6), (5, 6)]
    model.set_params(loss__weight=0.5).fit(X, y)
    assert model.loss_.second_.epochs_ == [(6, 9), (7, 9), (8, 9)]


# Modules


class Net(torch.nn.Module):
    def __init__(self, n_features, n_labels):
        super().__init__()
        self.layer = torch.nn.Linear(n_features, n_labels)

    def forward(self, X):
        return self.layer(X)


def test_module_class_is_built_from_the_data(multilabel_data):
    X, y, _ = multilabel_data
    state = torch.get_rng_state()
    first, second = (small(module=Net).fit(X, y) for _ in range(2))
    assert torch.equal(torch.get_rng_state(), state)
    assert first.net_.module_.layer.weight.shape == (5, 8)
    np.testing.assert_array_equal(first.predict_proba(X), second.predict_proba(X))
    other = small(module=Net, random_state=1).fit(X, y)
    assert np.abs(first.predict_proba(X) - other.predict_proba(X)).max() > 0


def test_module_object_is_copied_and_trained_on(multilabel_data):
    X, y, _ = multilabel_data
    module = Net(8, 5)
    before = module.layer.weight.detach().clone()
    model = small(module=module, learning_rate_init=1e-30, weight_decay=0).fit(X, y)
    assert torch.equal(module.layer.weight, before)
    torch.testing.assert_close(model.net_.module_.layer.weight.cpu(), before)


def test_module_with_other_outputs_raises(multilabel_data):
    X, y, _ = multilabel_data
    with pytest.raises(
        ValueError, match=r"logits of shape \(32, 5\).*Got shape \(32, 4\)"
    ):
        small(module=Net(8, 4)).fit(X, y)


# Warm start


@pytest.mark.parametrize("pickled", [False, True])
def test_warm_start_goes_on_to_the_bit(multilabel_data, pickled):
    X, y, _ = multilabel_data
    params = {"dropout": 0.3, "input_dropout": 0.5, "batch_size": 100}
    straight = small(max_iter=8, **params).fit(X, y)
    resumed = small(max_iter=4, warm_start=True, **params).fit(X, y)
    if pickled:
        resumed = pickle.loads(pickle.dumps(resumed))
    resumed.fit(X, y)
    assert resumed.n_iter_ == 8
    assert resumed.loss_curve_ == straight.loss_curve_
    np.testing.assert_array_equal(resumed.predict_proba(X), straight.predict_proba(X))


def test_warm_start_with_another_loss(multilabel_data):
    X, y, _ = multilabel_data
    model = small("bce", warm_start=True).fit(X, y)
    network = model.net_.module_
    model.set_params(loss="soft_f1", learning_rate_init=1e-5).fit(X, y)
    assert model.net_.module_ is network and isinstance(model.loss_, SoftF1Loss)
    assert model.net_.optimizer_.param_groups[0]["lr"] == 1e-5


class LearnableScale(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.log_scale = torch.nn.Parameter(torch.zeros(()))

    def forward(self, logits, targets):
        z = logits * self.log_scale.exp()
        return torch.nn.functional.binary_cross_entropy_with_logits(z, targets)


def test_warm_start_keeps_what_a_loss_has_learnt(multilabel_data):
    X, y, _ = multilabel_data
    straight = small(LearnableScale(), max_iter=6).fit(X, y)
    resumed = small(LearnableScale(), max_iter=3, warm_start=True).fit(X, y)
    resumed.fit(X, y)
    scales = [m.loss_.function.log_scale.item() for m in (straight, resumed)]
    assert scales[0] == scales[1] != 0


def test_warm_start_with_early_stopping_from_now_on(multilabel_data):
    X, y, _ = multilabel_data
    model = small(warm_start=True, max_iter=3).fit(X, y)
    model.set_params(early_stopping=True).fit(X, y)
    assert model.n_iter_ == 6 and len(model.validation_scores_) == 3


def test_warm_start_with_other_data_raises(multilabel_data):
    X, y, _ = multilabel_data
    model = small(warm_start=True).fit(X, y)
    with pytest.raises(ValueError, match="must have a column for each of the 5 labels"):
        model.fit(X, y[:, :3])
    with pytest.raises(ValueError, match="needs the 8 features of the last fit"):
        model.fit(X[:, :3], y)


# Random streams


@pytest.mark.slow
def test_same_seed_same_bits_in_threads_and_processes(multilabel_data):
    X, y, _ = multilabel_data
    params = {"dropout": 0.3, "input_dropout": 0.5, "batch_size": 64}
    params["early_stopping"] = True
    expected = fit_proba(X, y, **params)
    with ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(fit_proba, X, y, **params) for _ in range(6)]
        results = [job.result() for job in jobs]
    # With another number of threads a matrix product may round differently.
    n_threads = torch.get_num_threads()
    with parallel_config("loky", inner_max_num_threads=n_threads):
        jobs = (delayed(fit_proba)(X, y, **params) for _ in range(2))
        results += Parallel(n_jobs=2)(jobs)
    for result in results:
        np.testing.assert_array_equal(result, expected)


def test_seeds_matter(multilabel_data):
    X, y, _ = multilabel_data
    first = fit_proba(X, y, random_state=0)
    assert np.abs(first - fit_proba(X, y, random_state=1)).max() > 1e-3
    unseeded = [fit_proba(X, y, random_state=None) for _ in range(2)]
    assert np.abs(unseeded[0] - unseeded[1]).max() > 1e-3
    stream = np.random.RandomState(0)
    in_a_row = [fit_proba(X, y, random_state=stream) for _ in range(2)]
    np.testing.assert_array_equal(in_a_row[0], first)
    assert np.abs(in_a_row[1] - first).max() > 1e-3


@pytest.mark.parametrize("random_state", [None, 0])
def test_global_state_is_not_moved(multilabel_data, random_state):
    X, y, _ = multilabel_data

    def state():
        numpy_state = np.random.get_state()
        return (
            numpy_state[1].tolist(),
            numpy_state[2],
            torch.get_rng_state().tolist(),
            torch.get_default_dtype(),
            torch.get_num_threads(),
            torch.is_grad_enabled(),
        )

    before = state()
    model = small(dropout=0.3, early_stopping=True, random_state=random_state)
    model.fit(X, y).predict_proba(X)
    assert state() == before


# Batches


class BatchWatcher(Callback):
    def on_train_begin(self, net, **kwargs):
        self.seen_ = []

    def on_batch_begin(self, net, batch, training, **kwargs):
        self.seen_.append(("begin", len(batch[0])))

    def on_grad_computed(self, net, named_parameters, training, **kwargs):
        norms = [parameter.grad.norm() for _, parameter in named_parameters]
        self.seen_.append(("gradient", len(norms)))

    def on_batch_end(self, net, batch, training, loss, **kwargs):
        self.seen_.append(("end", loss.item()))


def test_callbacks_are_called_for_batches(multilabel_data):
    X, y, _ = multilabel_data
    model = small(callbacks=[BatchWatcher()], batch_size=100, max_iter=1).fit(X, y)
    watcher = model.net_.callbacks_[0][1]
    assert [name for name, _ in watcher.seen_] == ["begin", "gradient", "end"] * 3
    losses = [value for name, value in watcher.seen_ if name == "end"]
    assert np.mean(losses) == pytest.approx(model.loss_curve_[0])
    plain = small(batch_size=100, max_iter=1).fit(X, y)
    np.testing.assert_array_equal(plain.predict_proba(X), model.predict_proba(X))


def test_gradient_clipping_and_schedules_by_batch(multilabel_data):
    X, y, _ = multilabel_data
    clip = GradientNormClipping(1e-12)
    model = small(callbacks=[clip], optimizer="sgd", weight_decay=0).fit(X, y)
    start = small(learning_rate_init=1e-30, max_iter=1).fit(X, y)
    np.testing.assert_allclose(
        model.decision_function(X), start.decision_function(X), atol=1e-6
    )
    schedule = LRScheduler("StepLR", step_size=1, gamma=0.5, step_every="batch")
    model = small(callbacks=[schedule], batch_size=100, max_iter=2).fit(X, y)
    rate = model.net_.optimizer_.param_groups[0]["lr"]
    assert rate == pytest.approx(1e-3 / 2**6)


def test_optimizer_that_asks_several_times(multilabel_data):
    X, y, _ = multilabel_data

    def lbfgs(groups, lr, weight_decay):
        parameters = [parameter for group in groups for parameter in group["params"]]
        return torch.optim.LBFGS(parameters, lr=lr, max_iter=5)

    params = {"learning_rate_init": 0.5, "batch_size": "full"}
    model = small("bce", optimizer=lbfgs, **params, **NO_DROPOUT)
    curve = model.fit(X.astype(np.float64), y).loss_curve_
    assert curve[-1] < 0.9 * curve[0]


@contextmanager
def default_dtype(dtype):
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(torch.float32)


SETTINGS = {
    "autocast": lambda: torch.autocast("cpu", dtype=torch.bfloat16),
    "default dtype": lambda: default_dtype(torch.float64),
    "inference mode": torch.inference_mode,
    "no gradient": torch.no_grad,
}


def linear_network(n_features, n_labels):
    return torch.nn.Sequential(torch.nn.Linear(n_features, n_labels))


def modes():
    """What the settings set."""
    return (
        torch.is_grad_enabled(),
        torch.is_inference_mode_enabled(),
        torch.is_autocast_enabled("cpu"),
        torch.get_default_dtype(),
    )


@pytest.mark.parametrize("module", [None, linear_network])
@pytest.mark.parametrize("setting", SETTINGS)
def test_settings_of_torch_around_a_call_do_not_matter(
    multilabel_data, setting, module
):
    X, y, _ = multilabel_data
    expected = small(module=module, early_stopping=True).fit(X, y)
    last = small(module=module).fit(X, y).partial_fit(X, y)
    with SETTINGS[setting]():
        before = modes()
        model = small(module=module, early_stopping=True).fit(X, y)
        blocks = small(module=module).fit(X, y).partial_fit(X, y)
        assert modes() == before
        proba = expected.predict_proba(X)
    np.testing.assert_array_equal(proba, expected.predict_proba(X))
    np.testing.assert_array_equal(model.predict_proba(X), proba)
    np.testing.assert_array_equal(blocks.predict_proba(X), last.predict_proba(X))
    assert model.validation_scores_ == expected.validation_scores_


def test_weights_are_repeated_rows_with_dropout(multilabel_data):
    """All in one batch, as the order of rows differs."""
    X, y, _ = multilabel_data
    X, weight = X.astype(np.float64), np.arange(300) % 3
    model = small(dropout=0.5, input_dropout=0.5, batch_size="full")
    weighted = model.fit(X, y, sample_weight=weight).decision_function(X)
    repeated = model.fit(X.repeat(weight, axis=0), y.repeat(weight, axis=0))
    np.testing.assert_allclose(weighted, repeated.decision_function(X), rtol=1e-8)


def test_dropout_leaves_the_share_of_units_out():
    layer = Dropout(0.25, RandomStream(0), 400)
    kept = torch.stack([layer(torch.ones(3, 400)) for _ in range(20)])
    assert (kept == kept[:, :1]).all()  # the same units in all rows
    torch.testing.assert_close(kept.unique(), torch.tensor([0, 1 / (1 - 0.25)]))
    assert abs(kept.mean() - 1) < 0.05
    assert (layer.eval()(torch.ones(3, 400)) == 1).all()


def test_input_dropout_is_a_product_with_columns_of_zeros():
    """In a prediction nothing is left out."""
    layer = _linear(RandomStream(0), InputDropoutLinear, 0.25, RandomStream(1), 8, 3)
    layer, X = layer.double(), torch.eye(8, dtype=torch.float64)
    columns = torch.stack([layer(X) - layer.bias for _ in range(500)])
    kept = (columns != 0).all(dim=2)
    assert (kept.sum(dim=1) == 6).all()  # always the same number
    expected = kept[..., None] * layer.weight.T * (8 / 6)
    torch.testing.assert_close(columns, expected)
    assert abs(kept.double().mean(dim=0) - 0.75).max() < 0.1
    columns.sum().backward()
    slopes = kept.sum(dim=0) * (8 / 6)
    torch.testing.assert_close(layer.weight.grad, slopes.double().expand(3, 8))
    torch.testing.assert_close(layer.eval()(X) - layer.bias, layer.weight.T)


@pytest.mark.parametrize("n_features, n_kept", [(1, 1), (3, 1), (40, 4)])
def test_input_dropout_keeps_a_feature(n_features, n_kept):
    args = 0.9, RandomStream(0), n_features, 2
    layer = _linear(RandomStream(0), InputDropoutLinear, *args)
    layer(torch.ones(5, n_features)).sum().backward()
    assert (layer.weight.grad != 0).sum(dim=1).tolist() == [n_kept, n_kept]


@pytest.mark.parametrize(
    "n_rows, share", [(3, 0.5), (3000, 0.5), (12000, 0.25), (1_200_000, 0.025)]
)
@pytest.mark.parametrize("is_weighted", [False, True])
def test_input_dropout_falls_with_the_number_of_rows(n_rows, share, is_weighted):
    """Rows of weight 0 are as good as none."""
    n_zero = 4 * is_weighted
    weight = np.repeat([0.0, 2.0], [n_zero, n_rows]) if is_weighted else None
    data = RowDataset(
        np.ones((n_zero + n_rows, 1)), np.zeros((n_zero + n_rows, 1)), weight
    )
    params = []
    for model in (MultiTagClassifier(), MultiTagClassifier(input_dropout=share)):
        seeds = np.random.RandomState(0)
        net = _net.make_net(model, data, BinaryCrossEntropyLoss(), seeds)
        params.append(net.module_.layers[0].p)
    assert params == pytest.approx([share, share])


@pytest.mark.parametrize("hidden_layer_sizes", [(), (16, 8)])
def test_input_dropout_is_of_the_first_layer(hidden_layer_sizes, multilabel_data):
    X, y, _ = multilabel_data
    params = {"hidden_layer_sizes": hidden_layer_sizes, "max_iter": 1}
    plain = small(**params, input_dropout=0.0).fit(X, y).net_.module_.layers
    dropped = small(**params, input_dropout=0.5).fit(X, y).net_.module_.layers
    kinds = [type(layer) for layer in plain]
    assert [type(layer) for layer in dropped] == [InputDropoutLinear, *kinds[1:]]


# Threads


class ThreadsOfTorch(Callback):
    def on_epoch_end(self, net, **kwargs):
        self.number_ = torch.get_num_threads()


@pytest.fixture
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def threads_in_a_fit(X, y, **params):
    """Numbers of threads while a model is fitted, and afterwards."""
    model = small(callbacks=[ThreadsOfTorch()], **params).fit(X, y)
    return model.net_.callbacks_[0][1].number_, torch.get_num_threads()


def test_small_products_take_one_thread_and_large_ones_those_of_torch(
    multilabel_data, two_threads, monkeypatch
):
    X, y, _ = multilabel_data
    assert threads_in_a_fit(X, y) == (1, 2)
    # 100 rows x 8 features x 16 units
    params = {"batch_size": 100, "dropout": 0.0}
    monkeypatch.setattr(_net, "N_OF_A_SMALL_PRODUCT", 100 * 8 * 16)
    assert threads_in_a_fit(X, y, **params) == (1, 2)
    monkeypatch.setattr(_net, "N_OF_A_SMALL_PRODUCT", 100 * 8 * 16 - 1)
    assert threads_in_a_fit(X, y, **params) == (2, 2)
    assert threads_in_a_fit(X, y, micro_batch_size=50, **params) == (1, 2)
    assert threads_in_a_fit(X, y, batch_size="full", dropout=0.0) == (2, 2)


def test_threads_of_new_threads_are_those_of_torch(multilabel_data, two_threads):
    """Torch counts a thread's own at its first use, which may be in the fit."""
    X, y, _ = multilabel_data
    with ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(threads_in_a_fit, X, y) for _ in range(4)]
        assert {job.result() for job in jobs} == {(1, 2)}
    assert torch.get_num_threads() == 2

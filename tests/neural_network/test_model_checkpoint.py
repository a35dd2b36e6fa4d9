"""Trainings that are cut off, by a kill or Ctrl-C, and go on to the same bits."""

import errno
import os
import pickle
import random
import signal
import subprocess
import sys
import textwrap
import time

import numpy as np
import pytest
import torch
from scipy import sparse
from skorch.callbacks import Callback, EarlyStopping, LRScheduler
from torch import nn

from skmultitag import for_inference
from skmultitag.losses import AdaptiveSigmoidF1Loss
from skmultitag.neural_network import ModelCheckpoint
from tests.neural_network.common import FEW_DRAWS, LOSSES, small


class CutOff(BaseException):
    """As sudden as a kill, but inside of the process."""


class CutOffAt(Callback):
    """Raises in a batch of an epoch."""

    def __init__(self, epoch, error=CutOff):
        self.epoch = epoch
        self.error = error

    def on_batch_end(self, net, training, **kwargs):
        if training and len(net.history) == self.epoch:
            raise self.error


def cut_off(model, X, y, file, epoch, **checkpoint):
    """The model in the file of a fit that is cut off in `epoch`."""
    callbacks = [*(model.callbacks or []), ModelCheckpoint(file, **checkpoint)]
    model.set_params(callbacks=[CutOffAt(epoch), *callbacks])
    with pytest.raises(CutOff):
        model.fit(X, y)
    loaded = pickle.loads(file.read_bytes())
    loaded.net_.callbacks_ = [
        each for each in loaded.net_.callbacks_ if not isinstance(each[1], CutOffAt)
    ]
    return loaded


def assert_same_model(model, other, X):
    np.testing.assert_array_equal(
        model.decision_function(X), other.decision_function(X)
    )
    np.testing.assert_array_equal(model.predict_proba(X), other.predict_proba(X))
    assert model.loss_curve_ == other.loss_curve_
    assert model.validation_scores_ == other.validation_scores_
    assert model.n_iter_ == other.n_iter_
    # also what is not to be seen: the optimizer, random streams, the state of the loss
    for each in (model, other):
        each.set_params(early_stopping=False).partial_fit(X, np.eye(5)[[0] * len(X)])
    np.testing.assert_array_equal(model.predict_proba(X), other.predict_proba(X))


def schedule(*args, **kwargs):
    return {"callbacks": [LRScheduler(*args, **kwargs)], "learning_rate_init": 0.05}


class Tempered(nn.Module):
    """A loss with a parameter that is trained."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(()))

    def forward(self, y_score, y_true):
        bce = nn.functional.binary_cross_entropy_with_logits
        return bce(self.scale * y_score, y_true)


FITS = [
    *({"loss": loss} for loss in LOSSES.values()),
    {"loss": AdaptiveSigmoidF1Loss(), "early_stopping": True, "scoring": "f1_macro"},
    {"loss": FEW_DRAWS, "early_stopping": True},
    {"early_stopping": True, "tol": None, "learning_rate_init": 0.3},
    {"early_stopping": True, "n_iter_no_change": 2, "learning_rate_init": 0.3},
    {"tol": 0.01, "n_iter_no_change": 2, "learning_rate_init": 0.05},
    {"optimizer": "sgd", "dropout": 0, "batch_size": "full"},
    {"dropout": 0, "input_dropout": 0.5},
    {"optimizer": torch.optim.RMSprop},
    {"loss": Tempered(), "learning_rate_init": 0.05},
    {"module": nn.Sequential(nn.Linear(8, 6), nn.Tanh(), nn.Linear(6, 5))},
    {"callbacks": [("patience", EarlyStopping("train_loss", patience=3))]},
    schedule("CosineAnnealingLR", T_max=9),
    schedule("StepLR", step_size=2),
    schedule("CyclicLR", base_lr=0.01, max_lr=0.1, step_every="batch"),
    schedule("ReduceLROnPlateau", monitor="train_loss", patience=0, threshold=0.05),
]


@pytest.mark.filterwarnings("ignore:.* has no threshold of its own")
@pytest.mark.parametrize("params", FITS, ids=str)
def test_going_on_gives_the_same_bits(params, multilabel_data, tmp_path):
    X, y, _ = multilabel_data
    params = {"max_iter": 9, "threshold": 0.5, **params}
    whole = small(**params).fit(X, y)
    for epoch in (2, min(6, whole.n_iter_)):
        loaded = cut_off(small(**params), X, y, tmp_path / "model.pkl", epoch)
        assert loaded.n_iter_ == epoch - 1
        loaded.predict(X)
        loaded.fit(X, y)
        again = pickle.loads(pickle.dumps(whole))
        assert_same_model(loaded, again, X)


def test_a_fit_is_not_changed_by_checkpoints(multilabel_data, tmp_path):
    X, y, _ = multilabel_data
    for params in FITS[:3] + FITS[-9:]:
        params = {"max_iter": 9, "threshold": 0.5, **params}
        callbacks = [*params.pop("callbacks", []), ModelCheckpoint(tmp_path / "m.pkl")]
        model = small(**params, callbacks=callbacks).fit(X, y)
        whole = small(**params, callbacks=callbacks[:-1]).fit(X, y)
        assert_same_model(model, whole, X)


@pytest.mark.parametrize("early_stopping", [False, True])
def test_the_file_is_the_model_of_a_shorter_fit(
    multilabel_data, tmp_path, early_stopping
):
    X, y, _ = multilabel_data
    params = {"early_stopping": early_stopping, "learning_rate_init": 0.3, "tol": None}
    for epoch in range(2, 12):
        model = small(**params, max_iter=12)
        loaded = cut_off(model, X, y, tmp_path / "model.pkl", epoch)
        shorter = small(**params, max_iter=epoch - 1).fit(X, y)
        assert loaded.validation_scores_ == shorter.validation_scores_
        np.testing.assert_array_equal(loaded.predict_proba(X), shorter.predict_proba(X))


def test_every_few_epochs_and_several_cuts(multilabel_data, tmp_path):
    X, y, _ = multilabel_data
    file = tmp_path / "model.pkl"
    whole = small(max_iter=12, early_stopping=True).fit(X, y)
    model = small(max_iter=12, early_stopping=True)
    loaded = cut_off(model, X, y, file, 9, every_n_epochs=3)
    assert loaded.n_iter_ == 6
    loaded.net_.callbacks_.insert(0, ("cut", CutOffAt(11)))
    with pytest.raises(CutOff):
        loaded.fit(X, y)
    loaded = pickle.loads(file.read_bytes())
    assert loaded.n_iter_ == 9
    del loaded.net_.callbacks_[0]
    loaded.fit(X, y)
    assert_same_model(loaded, pickle.loads(pickle.dumps(whole)), X)
    # the file of a fit that has ended too
    loaded = pickle.loads(file.read_bytes())
    assert loaded.n_iter_ == 12
    assert_same_model(loaded.fit(X, y), whole, X)
    assert os.listdir(tmp_path) == ["model.pkl"]


def test_max_iter_counts_all_epochs_of_the_fit_that_was_cut_off(
    multilabel_data, tmp_path
):
    X, y, _ = multilabel_data
    model = small(max_iter=3, warm_start=True).fit(X, y).set_params(max_iter=6)
    model.net_.callbacks_.insert(0, ("cut", CutOffAt(6)))
    model.net_.callbacks = model.net_.callbacks_[:1]
    model.set_params(callbacks=[ModelCheckpoint(tmp_path / "model.pkl")])
    with pytest.raises(CutOff):
        model.fit(X, y)
    assert model.n_iter_ == 3
    loaded = pickle.loads((tmp_path / "model.pkl").read_bytes())
    del loaded.net_.callbacks_[0]
    assert loaded.n_iter_ == 5
    assert loaded.fit(X, y).n_iter_ == 9
    assert loaded.fit(X, y).n_iter_ == 15  # a warm start as always


def test_another_task_is_not_what_was_cut_off(multilabel_data, tmp_path):
    X, y, _ = multilabel_data
    file = tmp_path / "model.pkl"
    cut_off(small(max_iter=9), X, y, file, 5)
    for params, rows in (
        ({"loss": "bce"}, X),
        ({"batch_size": 50}, X),
        ({}, X[:200]),
        ({}, 2 * X),
    ):
        loaded = pickle.loads(file.read_bytes()).set_params(callbacks=None, **params)
        loaded.net_.callbacks_ = loaded.net_.callbacks_[1:]
        assert loaded.fit(rows, y[: len(rows)]).n_iter_ == 4 + 9


@pytest.mark.parametrize("random_state", [None, "RandomState"])
def test_the_rows_held_out_stay_so(multilabel_data, tmp_path, random_state):
    """A training must not see in its second part what it is judged by."""
    X, y, _ = multilabel_data
    if random_state:
        random_state = np.random.RandomState(0)
    model = small(early_stopping=True, max_iter=9, random_state=random_state)
    loaded = cut_off(model, X, y, tmp_path / "model.pkl", 5)
    held_out = loaded._rest["held_out"]
    loaded.net_.callbacks_.insert(0, ("ctrl_c", CutOffAt(7, KeyboardInterrupt)))
    with pytest.raises(KeyboardInterrupt):
        loaded.fit(X, y)
    np.testing.assert_array_equal(loaded._rest["held_out"], held_out)
    assert len(held_out) == 30 and loaded.n_iter_ == 6


def test_rows_of_the_user_are_held_out(multilabel_data, tmp_path):
    X, y, _ = multilabel_data
    file = tmp_path / "model.pkl"
    params = {"early_stopping": True, "max_iter": 9}
    whole = small(**params).fit(X[:200], y[:200], X_val=X[200:], y_val=y[200:])
    model = small(**params, callbacks=[CutOffAt(5), ModelCheckpoint(file)])
    with pytest.raises(CutOff):
        model.fit(X[:200], y[:200], X_val=X[200:], y_val=y[200:])
    loaded = pickle.loads(file.read_bytes())
    del loaded.net_.callbacks_[0]
    loaded.fit(X[:200], y[:200], X_val=X[200:], y_val=y[200:])
    assert_same_model(loaded, whole, X)


def test_blocks_are_written_too(multilabel_data, tmp_path):
    X, y, _ = multilabel_data
    file = tmp_path / "model.pkl"
    model = small(callbacks=[ModelCheckpoint(file)])
    model.partial_fit(X[:100], y[:100]).partial_fit(X[100:200], y[100:200])
    loaded = pickle.loads(file.read_bytes())
    for each in (model, loaded):
        each.partial_fit(X[200:], y[200:])
    np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))
    assert loaded.n_iter_ == 3


def test_sparse_rows_and_tags(multilabel_data, tmp_path):
    X, y, _ = multilabel_data
    X, tags = sparse.csr_array(X), [list(np.flatnonzero(row)) for row in y]
    whole = small(max_iter=6).fit(X, tags)
    loaded = cut_off(small(max_iter=6), X, tags, tmp_path / "model.pkl", 4)
    np.testing.assert_array_equal(
        loaded.fit(X, tags).predict_proba(X), whole.predict_proba(X)
    )


def test_the_file_holds_no_data_and_no_device(multilabel_data, tmp_path):
    X, y, _ = multilabel_data
    size = {}
    for n in (300, 3000):
        X_n, y_n = np.tile(X, (n // 300, 1)), np.tile(y, (n // 300, 1))
        file = tmp_path / f"{n}.pkl"
        callbacks = [LRScheduler("StepLR", step_size=1), ModelCheckpoint(file)]
        small("bayesian_sigmoid_f1", callbacks=callbacks, max_iter=2).fit(X_n, y_n)
        size[n] = file.stat().st_size
        # a schedule would bring the optimizer, and so tensors on a device
        assert b"torch.optim.adam" not in file.read_bytes()
        assert b"_rebuild_tensor" not in file.read_bytes()
    # batches of the history are all that grows
    assert size[3000] < size[300] + 0.1 * X_n.nbytes


def test_without_what_a_training_needs(multilabel_data, tmp_path):
    X, y, _ = multilabel_data
    loaded = cut_off(small(max_iter=6), X, y, tmp_path / "model.pkl", 4)
    copied = for_inference(loaded)
    np.testing.assert_array_equal(copied.predict_proba(X), loaded.predict_proba(X))
    with pytest.raises(ValueError, match="for_inference"):
        copied.set_params(warm_start=True).fit(X, y)
    assert copied.set_params(warm_start=False).fit(X, y).n_iter_ == 6


# What goes wrong


@pytest.mark.parametrize(
    "checkpoint, error, match",
    [
        (
            ModelCheckpoint("no/such/folder/model.pkl"),
            ValueError,
            "a folder that exists",
        ),
        (ModelCheckpoint("."), ValueError, "a folder that exists"),
        (ModelCheckpoint(3), TypeError, "Got 3 instead"),
        (
            ModelCheckpoint("m.pkl", every_n_epochs=0),
            ValueError,
            "greater than 0. Got 0",
        ),
        (ModelCheckpoint("m.pkl", every_n_epochs=1.5), ValueError, "Got 1.5"),
        (ModelCheckpoint("m.pkl", every_n_epochs=True), ValueError, "Got True"),
    ],
)
def test_what_is_refused_before_the_training(multilabel_data, checkpoint, error, match):
    X, y, _ = multilabel_data
    model = small(callbacks=[("saved", checkpoint)])
    with pytest.raises(error, match=match):
        model.fit(X, y)
    assert not hasattr(model, "net_")


def test_a_model_that_has_no_pickle(multilabel_data, tmp_path):
    X, y, _ = multilabel_data
    bce = nn.functional.binary_cross_entropy_with_logits
    checkpoint = ModelCheckpoint(tmp_path / "model.pkl")
    model = small(lambda y_score, y_true: bce(y_score, y_true), callbacks=[checkpoint])
    with pytest.raises(ValueError, match="a part of the model has none"):
        model.fit(X, y)
    assert not os.listdir(tmp_path)


class FullDisk:
    """A file that takes some bytes, and no more."""

    def __init__(self, stream, n_bytes):
        self.stream = stream
        self.n_bytes = n_bytes

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.stream.close()

    def __getattr__(self, name):
        return getattr(self.stream, name)

    def write(self, data):
        self.n_bytes -= len(data)
        if self.n_bytes < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return self.stream.write(data)


def test_a_full_disk(multilabel_data, tmp_path, monkeypatch):
    X, y, _ = multilabel_data
    file, n_written = tmp_path / "model.pkl", []

    def open_file(name, mode):
        n_written.append(name)
        return FullDisk(open(name, mode), 1e9 if len(n_written) < 4 else 1000)

    monkeypatch.setattr(
        "skmultitag.neural_network._atomic_write.open", open_file, raising=False
    )
    model = small(callbacks=[ModelCheckpoint(file)], max_iter=9)
    match = (
        "can't write the model after epoch 4: No space left .* still there.*model.pkl"
    )
    with pytest.raises(OSError, match=match) as raised:
        model.fit(X, y)
    assert raised.value.errno == errno.ENOSPC
    assert os.listdir(tmp_path) == ["model.pkl"]
    monkeypatch.undo()
    loaded = pickle.loads(file.read_bytes())
    assert loaded.n_iter_ == 3
    whole = small(max_iter=9).fit(X, y)
    assert_same_model(loaded.fit(X, y), whole, X)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs the limits of Unix")
def test_a_full_disk_of_the_system(tmp_path):
    """A limit on the size of files, as a disk that is full while it is written."""
    code = """
        import resource, signal, sys
        from skmultitag import MultiTagClassifier
        from skmultitag.datasets import make_multitag_classification
        from skmultitag.neural_network import ModelCheckpoint

        X, y = make_multitag_classification(100, random_state=0)
        model = MultiTagClassifier(callbacks=[ModelCheckpoint(sys.argv[1])])
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
        try:
            model.fit(X, y)
        except OSError as exc:
            sys.exit(0 if "after epoch 1: File too large" in str(exc) else 2)
    """
    file = tmp_path / "model.pkl"
    command = [sys.executable, "-c", textwrap.dedent(code), str(file)]
    subprocess.run(command, check=True)
    assert not os.listdir(tmp_path)


# Ctrl-C


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize(
    "loss", ["sigmoid_f1_bce", "tencent", "adaptive_sigmoid_f1", FEW_DRAWS]
)
def test_ctrl_c_keeps_the_last_epoch_of_a_warm_start(
    multilabel_data, loss, early_stopping
):
    X, y, _ = multilabel_data
    params = {"early_stopping": early_stopping, "threshold": 0.5, "loss": loss}
    params["learning_rate_init"] = 0.1
    whole = small(**params, max_iter=8).fit(X, y)
    model = small(
        **params,
        max_iter=8,
        warm_start=True,
        callbacks=[CutOffAt(6, KeyboardInterrupt)],
    )
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, y)
    assert model.n_iter_ == 5 == len(model.loss_curve_)
    if loss != "adaptive_sigmoid_f1":  # which is told of another end
        shorter = small(**params, max_iter=5).fit(X, y)
        np.testing.assert_array_equal(model.predict_proba(X), shorter.predict_proba(X))
    # it goes on, to the end of what was cut off
    del model.net_.callbacks_[0]
    model = pickle.loads(pickle.dumps(model)).fit(X, y)
    assert_same_model(model, whole, X)


def test_ctrl_c_of_a_schedule(multilabel_data):
    X, y, _ = multilabel_data
    params = {"callbacks": [LRScheduler("CosineAnnealingLR", T_max=8)], "max_iter": 8}
    whole = small(**params).fit(X, y)
    params["callbacks"] = [CutOffAt(6, KeyboardInterrupt), *params["callbacks"]]
    model = small(**params, warm_start=True)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, y)
    del model.net_.callbacks_[0]
    model.fit(X, y)
    assert model.net_.history[:, "event_lr"] == whole.net_.history[:, "event_lr"]
    assert_same_model(model, whole, X)


@pytest.mark.parametrize("warm_start", [False, True])
def test_ctrl_c_before_an_epoch_has_ended(multilabel_data, warm_start):
    """There is no new model, so that the old one stays, or none."""
    X, y, _ = multilabel_data
    model = small(callbacks=[CutOffAt(1, KeyboardInterrupt)], warm_start=warm_start)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, y)
    assert not hasattr(model, "net_")
    model.set_params(callbacks=None).fit(X, y)
    before = model.predict_proba(X)
    # a warm start takes the callbacks that are there
    first = 7 if warm_start else 1
    model.set_params(callbacks=[CutOffAt(first, KeyboardInterrupt)])
    model.net_.callbacks_[:0] = [("ctrl_c", CutOffAt(first, KeyboardInterrupt))]
    model.net_.callbacks = model.net_.callbacks_[:1]
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, y)
    assert model.n_iter_ == len(model.net_.history)
    np.testing.assert_array_equal(model.predict_proba(X), before)


def test_ctrl_c_without_warm_start_keeps_the_model_of_before(multilabel_data):
    X, y, _ = multilabel_data
    model = small().fit(X, y)
    before = model.predict_proba(X)
    model.set_params(callbacks=[CutOffAt(2, KeyboardInterrupt)])
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, y[:, ::-1])
    np.testing.assert_array_equal(model.predict_proba(X), before)


# kill -9

FIT = """
    import pickle, sys
    from pathlib import Path
    from skmultitag import MultiTagClassifier
    from skmultitag.datasets import make_multitag_classification
    from skmultitag.neural_network import ModelCheckpoint
    from skorch.callbacks import LRScheduler
    import torch

    torch.set_num_threads(1)
    X, y = make_multitag_classification(1000, random_state=0)
    file = Path(sys.argv[1])
    if file.exists():
        model = pickle.loads(file.read_bytes())
    else:
        callbacks = [LRScheduler("CosineAnnealingLR", T_max=40), ModelCheckpoint(file)]
        model = MultiTagClassifier(
            "adaptive_sigmoid_f1",
            callbacks=callbacks,
            early_stopping=True,
            tol=None,
            max_iter=40,
            random_state=0,
        )
    print("started", flush=True)
    model.fit(X, y)
    print(model.n_iter_, model.predict_proba(X).tobytes().hex(), model.loss_curve_)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGKILL to a process")
def test_kill_at_ten_moments_of_a_fit(tmp_path):
    """Each run goes on from the file; the file is never torn; all give equal bits."""

    def start(file):
        command = [sys.executable, "-c", textwrap.dedent(FIT), str(file)]
        run = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert run.stdout.readline() == "started\n"
        return run

    begin = time.perf_counter()
    whole = start(tmp_path / "whole.pkl").communicate()[0]
    duration = time.perf_counter() - begin  # also of the start, so an upper bound
    assert whole.startswith("40 ")
    moments = random.Random(0)
    n_killed, n_epochs = 0, set()
    for number in range(10):
        file = tmp_path / f"{number}.pkl"
        run = start(file)
        time.sleep(moments.uniform(0, duration * 0.6))
        run.send_signal(signal.SIGKILL)
        run.communicate()
        n_killed += run.returncode == -signal.SIGKILL
        if file.exists():
            n_epochs.add(pickle.loads(file.read_bytes()).n_iter_)
        assert start(file).communicate()[0] == whole
    assert n_killed > 5 and len(n_epochs) > 3

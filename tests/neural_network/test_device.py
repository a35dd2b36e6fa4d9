import pickle
from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from scipy import sparse
from skorch.callbacks import Callback
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from skmultitag import MultiTagClassifier
from skmultitag.losses import (
    BinaryCrossEntropyLoss,
    SigmoidF1Loss,
    get_loss,
    get_loss_names,
)
from skmultitag.neural_network import _device, _net, _rows_on_device
from skmultitag.neural_network._batches import RowDataset
from skmultitag.neural_network._device import device_to_fit, device_to_go_on
from skmultitag.neural_network._mlp import (
    MLPModule,
    draw_steps,
    dropout_streams,
    put_ahead,
)
from skmultitag.neural_network._net import MultiTagNet
from skmultitag.neural_network._rows_on_device import rows_on_device
from tests.neural_network.common import FEW_DRAWS, small


@pytest.fixture
def gpu(monkeypatch):
    """A GPU that can be chosen. The rest of torch, which would use it, sees none."""
    cuda = SimpleNamespace(is_available=lambda: True)
    torch_with_gpu = SimpleNamespace(cuda=cuda, empty=torch.empty, device=torch.device)
    monkeypatch.setattr(_device, "torch", torch_with_gpu)
    return cuda


def chosen(n_rows=20_000, n_features=384, n_labels=100, **params):
    X, y = np.zeros((n_rows, n_features), np.float16), np.zeros((n_rows, n_labels))
    return device_to_fit(MultiTagClassifier(**params), RowDataset(X, y))


def test_auto_is_the_processor_without_a_gpu(gpu):
    gpu.is_available = lambda: False
    assert chosen(batch_size="full") == "cpu"


@pytest.mark.parametrize(
    "batch_size, faster", [(64, "cpu"), (256, "cpu"), (4096, "cuda"), ("full", "cuda")]
)
def test_auto_is_what_was_measured_to_be_faster(gpu, batch_size, faster):
    assert chosen(batch_size=batch_size) == faster


def test_auto_takes_a_gpu_from_2_to_the_27_multiplications_on(gpu):
    # 384 * 256 + 256 * 100 = 123,904 weights, 1083.2 times
    assert chosen(batch_size=1083) == "cpu" and chosen(batch_size=1084) == "cuda"
    # 384 * 100 weights of a linear model, 3495.3 times
    linear = {"hidden_layer_sizes": ()}
    assert chosen(batch_size=3495, **linear) == "cpu"
    assert chosen(batch_size=3496, **linear) == "cuda"
    # 384 * 1024 + 1024 * 512 + 512 * 100 = 968,704 weights, 138.6 times
    deep = {"hidden_layer_sizes": (1024, 512)}
    assert chosen(batch_size=138, **deep) == "cpu"
    assert chosen(batch_size=139, **deep) == "cuda"


def test_auto_counts_the_rows_that_are_computed_at_once(gpu):
    assert chosen(batch_size=4096, micro_batch_size=1083) == "cpu"
    assert chosen(batch_size=4096, micro_batch_size=1084) == "cuda"
    assert chosen(batch_size=4096, n_rows=1083) == "cpu"
    assert chosen(batch_size="full", n_rows=1084) == "cuda"


@pytest.mark.parametrize("params", [{"module": torch.nn.Linear}, {"distributed": True}])
def test_auto_is_a_gpu_where_weights_do_not_tell(gpu, params):
    assert chosen(batch_size=1, **params) == "cuda"


def test_a_device_that_is_named_is_taken(gpu):
    for device in ("cpu", torch.device("cpu")):
        assert chosen(batch_size="full", device=device) == "cpu"


def test_small_training_is_on_the_processor(gpu, multilabel_data):
    X, y, _ = multilabel_data
    model = small().fit(X, y)
    assert model.partial_fit(X, y).net_.device == "cpu"
    assert model.predict(X).shape == y.shape and model.net_.device == "cpu"


def test_auto_goes_on_where_the_training_was(gpu, multilabel_data):
    X, y, _ = multilabel_data
    model = small().fit(X, y)
    model.net_.device = "cuda:1"  # as if it had been trained there
    assert device_to_go_on(model) == "cuda:1"
    loaded = pickle.loads(pickle.dumps(model))
    again = pickle.loads(pickle.dumps(loaded))
    for each in (loaded, again):
        assert each.net_.device == "cpu" and device_to_go_on(each) == "cuda"
    gpu.is_available = lambda: False
    assert device_to_go_on(again) == "cpu"
    again.set_params(device="cpu").predict(X)
    gpu.is_available = lambda: True
    assert device_to_go_on(again.set_params(device="auto")) == "cpu"


# Steps that don't wait for the device


class CopiesToDevice(TorchDispatchMode):
    """Counts copies from the processor to the device "meta", whose tensors are empty.

    What waits for values of a device is an error there.
    """

    def __init__(self):
        super().__init__()
        self.counts = Counter()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        leaves = {
            leaf.device.type: leaf.ndim
            for leaf in tree_leaves((args, kwargs, out))
            if isinstance(leaf, torch.Tensor)
        }
        # a number, without dimensions, is part of the call that starts an operation
        if leaves.keys() == {"cpu", "meta"} and leaves["cpu"]:
            self.counts[func.name()] += 1
        return out


# batches of these draw on the processor
COPIES = {"bayesian_sigmoid_f1": 2, "tencent": 1}
BY_LABEL = {
    "slopes by label": SigmoidF1Loss(beta=[1, 2, 3, 4, 5], eta=np.arange(5.0)),
    "weight": BinaryCrossEntropyLoss(pos_weight=2.0),
    "weights by label": BinaryCrossEntropyLoss(pos_weight=[1, 2, 3, 4, 5]),
    "balanced": BinaryCrossEntropyLoss(pos_weight="balanced"),
}


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int8])
@pytest.mark.parametrize("is_weighted", [False, True])
@pytest.mark.parametrize("name", [*get_loss_names(), *BY_LABEL])
def test_no_loss_waits_for_the_device(name, is_weighted, dtype):
    y = np.eye(8, 5, dtype=np.uint8)
    loss = (BY_LABEL.get(name) or get_loss(name)).fit(y, None, 0).to("meta")
    logits = torch.zeros(8, 5, device="meta", requires_grad=True)
    weight = torch.ones(8, device="meta") if is_weighted else None
    with torch.inference_mode():
        loss.predict_proba(logits)  # what this copies can't be used in training
    for _ in range(2):  # the first batch may copy
        with CopiesToDevice() as copies:
            y_true = torch.zeros(8, 5, dtype=dtype, device="meta")
            loss.start_batch()
            loss(logits, y_true, weight).backward()
    assert copies.counts.total() == COPIES.get(name, 0)


def test_a_wait_for_the_device_would_be_found():
    with pytest.raises((RuntimeError, NotImplementedError), match="meta"):
        torch.ones(2, device="meta").sum().item()
    with CopiesToDevice() as copies:
        torch.ones(2).to("meta")
    assert copies.counts.total() == 1


def module(dtype=torch.float32, **params):
    return MLPModule(
        12,
        3,
        hidden_layer_sizes=(7, 5),
        activation="relu",
        init_seed=0,
        dropout_seed=1,
        dtype=dtype,
        **{"dropout": 0.3, "input_dropout": 0.4, **params},
    )


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("params", [{}, {"dropout": 0.0}, {"input_dropout": 0.0}])
def test_dropout_that_is_drawn_ahead_is_the_same(dtype, params):
    ours, theirs = module(dtype, **params), module(dtype, **params)
    X = torch.ones(4, 12, dtype=dtype)
    for n_steps in (1, 3, 2):
        put_ahead(ours, draw_steps(ours, n_steps))
        for _ in range(n_steps):
            assert torch.equal(ours(X), theirs(X))
    states = [dropout_streams(each)[0].generator.get_state() for each in (ours, theirs)]
    assert torch.equal(*states)


def test_dropout_that_is_drawn_ahead_is_one_copy_a_layer():
    on_device = module().to("meta")
    X = torch.zeros(4, 12, device="meta")
    with CopiesToDevice() as copies:
        put_ahead(on_device, draw_steps(on_device, 20))
        for _ in range(20):
            on_device(X)
    assert copies.counts.total() == 3
    with CopiesToDevice() as copies:
        on_device(X)
    assert copies.counts.total() == 3


@pytest.fixture
def as_on_a_gpu(monkeypatch):
    """The ways that a training takes on a GPU only."""
    monkeypatch.setattr(_net, "is_gpu", lambda device: True)
    monkeypatch.setattr(_net, "N_STEPS_AHEAD", 3)
    monkeypatch.setattr(_rows_on_device, "room_on", lambda device: 2**20)
    monkeypatch.setattr(_rows_on_device, "n_block_rows", lambda rows: 70)


WAYS = {
    "default": {},
    "layers": {"hidden_layer_sizes": (16, 8), "dropout": 0.5, "input_dropout": 0.5},
    "bfloat16": {"precision": "bfloat16"},
    "micro_batch_size": {"micro_batch_size": 7},
    "early_stopping": {"early_stopping": True, "n_iter_no_change": 2},
    "no dropout": {"dropout": 0.0, "input_dropout": 0.0},
    "a loss that looks at rows": {"loss": FEW_DRAWS, "max_iter": 3},
    "a module of the user": {"module": torch.nn.Linear},
}


def trained(X, y, **params):
    """Scores of a model that was fitted, trained on, copied, and trained on."""
    params = {"batch_size": 30, "warm_start": True, "threshold": 0.5, **params}
    model = small(**params).fit(X, y)
    model = pickle.loads(pickle.dumps(model.fit(X, y)))
    model.set_params(early_stopping=False).partial_fit(X, y)
    return model.loss_curve_, model.predict_proba(X)


@pytest.fixture(params=WAYS)
def params_and_expected(request, multilabel_data):
    X, y, _ = multilabel_data
    return WAYS[request.param], trained(X, y, **WAYS[request.param])


def test_same_bits_as_on_a_gpu(params_and_expected, as_on_a_gpu, multilabel_data):
    X, y, _ = multilabel_data
    params, (curve, proba) = params_and_expected
    our_curve, our_proba = trained(X, y, **params)
    assert our_curve == curve
    np.testing.assert_array_equal(our_proba, proba)


def test_default_device_of_torch_does_not_matter(as_on_a_gpu, multilabel_data):
    X, y, _ = multilabel_data
    expected = small().fit(X, y).predict_proba(X)
    with torch.device("meta"):  # a tensor made without a device has no values
        ours = small().fit(X, y).predict_proba(X)
    np.testing.assert_array_equal(ours, expected)


class FailingLoss(SigmoidF1Loss):
    """Fails in its fifth batch."""

    def start_batch(self):
        self.n_batches = getattr(self, "n_batches", 0) + 1
        if self.n_batches == 5:
            raise KeyboardInterrupt


def test_what_was_drawn_ahead_is_forgotten(as_on_a_gpu, multilabel_data):
    X, y, _ = multilabel_data
    expected = small(batch_size=30, warm_start=True).fit(X, y)
    model = small(batch_size=30, warm_start=True).fit(X, y)
    model.set_params(loss=FailingLoss())
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, y)
    layers = [each for each in model.net_.module_.modules() if hasattr(each, "ahead")]
    assert len(layers) == 2 and not any(each.ahead for each in layers)
    model.set_params(loss="sigmoid_f1")
    ours, theirs = (each.fit(X, y).predict_proba(X) for each in (model, expected))
    np.testing.assert_array_equal(ours, theirs)


# Rows that stay on the device


class OnlySlices:
    """As an array of zarr."""

    def __init__(self, X):
        self.X, self.shape, self.dtype = X, X.shape, X.dtype

    def __getitem__(self, rows):
        assert isinstance(rows, slice)
        return self.X[rows]


def mapped(X, path):
    np.save(path / "X.npy", np.asfortranarray(X))
    return np.load(path / "X.npy", mmap_mode="r")


FORMS_OF_X = {
    "float64": lambda X, path: X.astype(np.float64),
    "float32": lambda X, path: X,
    "float16": lambda X, path: X.astype(np.float16),
    "reversed": lambda X, path: X[::-1, ::-1],
    "CSR": lambda X, path: sparse.csr_array(np.where(X > 0, X, 0)),
    "memory map": mapped,
    "slices": lambda X, path: OnlySlices(X.astype(np.float16)),
}


@pytest.mark.parametrize("form", FORMS_OF_X)
@pytest.mark.parametrize("params", [{}, {"early_stopping": True}], ids=str)
def test_same_bits_for_each_form(request, multilabel_data, tmp_path, form, params):
    X, y, _ = multilabel_data
    X, y_of_form = FORMS_OF_X[form](X, tmp_path), y
    weight = np.random.default_rng(0).exponential(size=300)
    if form == "float32":
        y_of_form = np.where(np.arange(y.size).reshape(y.shape) % 7, y, np.nan)
    elif form == "float16":
        y_of_form = sparse.csr_array(y)

    def trained(sample_weight):
        model = small(batch_size=30, max_iter=2, **params)
        return model.fit(X, y_of_form, sample_weight).decision_function(X)

    expected = [trained(None), trained(weight)]
    request.getfixturevalue("as_on_a_gpu")
    for ours, theirs in zip([trained(None), trained(weight)], expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_same_bits_with_given_rows_for_early_stopping(request, multilabel_data):
    X, y, _ = multilabel_data

    def trained():
        model = small(early_stopping=True, batch_size=30)
        return model.fit(X[:200], y[:200], X_val=X[200:], y_val=y[200:])

    expected = trained()
    request.getfixturevalue("as_on_a_gpu")
    ours = trained()
    assert ours.validation_scores_ == expected.validation_scores_
    np.testing.assert_array_equal(ours.predict_proba(X), expected.predict_proba(X))


def kinds_of_batches(monkeypatch, X, y, **params):
    """Whether the batches of a training are of rows on the device; and the net."""
    seen, train_step = set(), MultiTagNet.train_step

    def step(net, batch, **kwargs):
        seen.add(data.on_device is not None)
        return train_step(net, batch, **kwargs)

    def noting(*args, **kwargs):
        nonlocal data
        data = RowDataset(*args, **kwargs)
        return data

    data = None
    monkeypatch.setattr(MultiTagNet, "train_step", step)
    monkeypatch.setattr("skmultitag.neural_network._training.RowDataset", noting)
    small(**params).fit(X, y)
    assert data.on_device is None  # the memory is free again
    return seen


def test_rows_are_on_the_device_in_training_only(
    as_on_a_gpu, monkeypatch, multilabel_data
):
    X, y, _ = multilabel_data
    assert kinds_of_batches(monkeypatch, X, y) == {True}
    # callbacks of the user get batches on the processor
    assert kinds_of_batches(monkeypatch, X, y, callbacks=[Callback()]) == {False}


def test_rows_that_do_not_fit_stay(monkeypatch, multilabel_data):
    X, y, _ = multilabel_data
    n_bytes = 300 * (8 * 4 + 5)  # float32 and uint8
    for room, is_enough in [(n_bytes, True), (n_bytes - 1, False), (0, False)]:
        monkeypatch.setattr(_rows_on_device, "room_on", lambda device, n=room: n)
        assert kinds_of_batches(monkeypatch, X, y) == {is_enough}


def test_rows_stay_if_another_process_was_faster(monkeypatch, multilabel_data):
    X, y, _ = multilabel_data

    def full(*args):
        raise torch.OutOfMemoryError("CUDA out of memory.")

    monkeypatch.setattr(_rows_on_device, "room_on", lambda device: 2**20)
    monkeypatch.setattr(_rows_on_device, "_copied", full)
    assert kinds_of_batches(monkeypatch, X, y) == {False}


def test_nothing_is_moved_on_the_processor(multilabel_data):
    assert _rows_on_device.room_on("cpu") == 0


def test_a_quarter_of_the_free_memory(monkeypatch):
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (4000, 9000))
    assert _rows_on_device.room_on("cuda:1") == 1000


@pytest.mark.parametrize("micro_batch_size", [None, 15])
def test_an_epoch_has_few_copies(monkeypatch, multilabel_data, micro_batch_size):
    """One of the order of the rows, and one of each layer with dropout."""
    X, y, _ = multilabel_data
    model = small(batch_size=30, micro_batch_size=micro_batch_size).fit(X, y)
    net, data = model.net_, RowDataset(X, y.astype(np.uint8), np.ones(300))
    net.move_to("meta")
    net._set_training(True)
    monkeypatch.setattr(_rows_on_device, "room_on", lambda device: 2**20)
    with rows_on_device(data, "meta"), CopiesToDevice() as copies:
        if micro_batch_size is None:
            put_ahead(net.module_, draw_steps(net.module_, 10))
        for batch in net.get_iterator(data, training=True):
            net.train_step(batch)
    # not ahead for two parts of ten batches, each of which is computed twice
    n_draws = 1 if micro_batch_size is None else 2 * 10 * 2
    assert copies.counts.total() == 1 + 2 * n_draws


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_same_bits_on_a_gpu(monkeypatch, multilabel_data):
    """With copies of each batch and each dropout, and with one copy of all."""
    X, y, _ = multilabel_data
    params = {"device": "cuda", "early_stopping": True, "batch_size": 30}
    at_once = small(**params).fit(X, y)
    monkeypatch.setattr(MultiTagNet, "_draws_ahead", lambda net: False)
    monkeypatch.setattr(_rows_on_device, "room_on", lambda device: 0)
    one_by_one = small(**params).fit(X, y)
    assert at_once.loss_curve_ == one_by_one.loss_curve_
    np.testing.assert_array_equal(
        at_once.decision_function(X), one_by_one.decision_function(X)
    )

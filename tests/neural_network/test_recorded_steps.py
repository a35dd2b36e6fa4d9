"""Recorded steps, with a recorder for any device in place of that of CUDA graphs."""

import pickle

import numpy as np
import pytest
import torch
from skorch.callbacks import Callback

from skmultitag.losses import SigmoidF1Loss, WeightedSumLoss, get_loss
from skmultitag.neural_network import _net, _recorded_steps, _rows_on_device
from skmultitag.neural_network._net import MultiTagNet
from skmultitag.neural_network._recorded_steps import HostReads
from tests.neural_network.common import LOSSES, small
from tests.neural_network.tape import Tape, TapeRecorder


@pytest.fixture
def recorders(monkeypatch):
    """Training as on a GPU that records steps; the recorders that were made."""
    made = []
    for module in (_net, _recorded_steps):
        monkeypatch.setattr(module, "is_gpu", lambda device: True)
        monkeypatch.setattr(module, "N_STEPS_AHEAD", 7)
    monkeypatch.setattr(_rows_on_device, "room_on", lambda device: 2**20)
    monkeypatch.setattr(_recorded_steps, "CudaRecorder", TapeRecorder)
    monkeypatch.setattr(TapeRecorder, "made", made)
    return made


# those that draw for each batch, or change from epoch to epoch
NOT_RECORDED = {"adaptive_sigmoid_f1", "bayesian_sigmoid_f1", "global_objective"}


def state_of(model, X):
    """What can be compared of a fitted model."""
    net = model.net_
    assert net._recorded_steps is None
    state = net.optimizer_.state_dict()
    assert not any(group.get("capturable") for group in state["param_groups"])
    return model.loss_curve_, model.decision_function(X), state["state"]


def trained(X, y, sample_weight=None, **params):
    """State of a model that is fitted, goes on, is copied, and goes on."""
    params = {"batch_size": 37, "warm_start": True, "threshold": 0.5, **params}
    model = small(**params).fit(X, y, sample_weight)
    model = pickle.loads(pickle.dumps(model.fit(X, y, sample_weight)))
    return state_of(model.set_params(early_stopping=False).partial_fit(X, y), X)


def assert_same(ours, theirs):
    (curve, scores, state), (their_curve, their_scores, their_state) = ours, theirs
    assert curve == their_curve
    np.testing.assert_array_equal(scores, their_scores)
    torch.testing.assert_close(state, their_state, rtol=0, atol=0)


def counts(recorders):
    return [(each.n_before, each.n_recorded, each.n_replayed) for each in recorders]


@pytest.mark.parametrize("name", LOSSES)
def test_same_bits_for_each_loss(request, multilabel_data, name):
    X, y, _ = multilabel_data

    def fitted():
        return state_of(small(LOSSES[name], batch_size=37, max_iter=2).fit(X, y), X)

    expected = fitted()
    recorders = request.getfixturevalue("recorders")
    assert_same(fitted(), expected)
    # 9 batches of two sizes in each epoch
    assert counts(recorders) == ([] if name in NOT_RECORDED else [(6, 2, 12)])


WAYS = {
    "layers": {"hidden_layer_sizes": (16, 8), "dropout": 0.5, "input_dropout": 0.5},
    "linear": {"hidden_layer_sizes": ()},
    "no dropout": {"dropout": 0.0, "input_dropout": 0.0},
    "bfloat16": {"precision": "bfloat16"},
    "sgd": {"optimizer": "sgd", "learning_rate_init": 0.01},
    "adam": {"optimizer": "adam", "weight_decay": 0.1},
    "full": {"batch_size": "full", "max_iter": 12, "tol": None},
    "early stopping": {"early_stopping": True, "n_iter_no_change": 2},
    "cross-entropy": {"loss": SigmoidF1Loss(beta=2.0, eta=0.1, cross_entropy=0.5)},
    "sum": {"loss": WeightedSumLoss(get_loss("bce"), SigmoidF1Loss())},
}


@pytest.mark.parametrize("params", WAYS.values(), ids=WAYS)
def test_same_bits_for_each_way(request, multilabel_data, params):
    X, y, _ = multilabel_data
    expected = trained(X, y, **params)
    recorders = request.getfixturevalue("recorders")
    assert_same(trained(X, y, **params), expected)
    assert all(recorder.n_replayed for recorder in recorders[:2])


def test_same_bits_from_another_classifier(request, multilabel_data):
    X, y, _ = multilabel_data

    def fitted():
        model = small(init="kernel_ridge", batch_size=37, max_iter=2)
        return state_of(model.fit(X, y), X)

    expected = fitted()
    recorders = request.getfixturevalue("recorders")
    assert_same(fitted(), expected)
    assert counts(recorders) == [(6, 2, 12)]


def test_only_a_few_steps_are_not_replayed(recorders, multilabel_data):
    X, y, _ = multilabel_data
    trained(X, y)
    # 3 batches of 34 and 6 of 33 rows, in 6 epochs, 6 epochs and one
    assert counts(recorders) == [(6, 2, 48), (6, 2, 48), (6, 1, 3)]


@pytest.mark.parametrize("dtype", [np.float16, np.float64])
def test_same_bits_for_weights_and_partial_labels(request, multilabel_data, dtype):
    X, y, _ = multilabel_data
    X, weight = X.astype(dtype), np.random.default_rng(0).exponential(size=len(X))
    y = np.where(np.arange(y.size).reshape(y.shape) % 7, y, np.nan)
    expected = trained(X, y, weight)
    recorders = request.getfixturevalue("recorders")
    assert_same(trained(X, y, weight), expected)
    assert recorders[0].n_replayed == 48


# What takes the ordinary way


class LossOfUser(SigmoidF1Loss):
    """May do anything in Python."""


def with_amsgrad(groups, **params):
    return torch.optim.Adam(groups, amsgrad=True, fused=True, **params)


ORDINARY = {
    "callbacks": {"callbacks": [Callback()]},
    "module": {"module": torch.nn.Linear},
    "loss": {"loss": LossOfUser()},
    "part of a loss": {"loss": WeightedSumLoss(get_loss("bce"), LossOfUser())},
    "function": {"loss": torch.nn.MultiLabelSoftMarginLoss()},
    "optimizer": {"optimizer": with_amsgrad},
    "optimizer class": {"optimizer": torch.optim.RMSprop},
    "parts": {"micro_batch_size": 10},
}


@pytest.mark.parametrize("params", ORDINARY.values(), ids=ORDINARY)
def test_the_ordinary_way_by_itself(recorders, multilabel_data, params):
    X, y, _ = multilabel_data
    small(**params).fit(X, y)
    assert not recorders


def test_the_ordinary_way_for_rows_that_do_not_fit(
    recorders, monkeypatch, multilabel_data
):
    X, y, _ = multilabel_data
    monkeypatch.setattr(_rows_on_device, "room_on", lambda device: 0)
    small().fit(X, y)
    assert not recorders


def test_the_ordinary_way_where_somebody_looks(recorders, multilabel_data):
    X, y, _ = multilabel_data
    model = small(warm_start=True).fit(X, y)
    seen = []
    model.net_.module_.layers[0].register_forward_hook(lambda *args: seen.append(1))
    model.fit(X, y)
    assert len(recorders) == 1 and len(seen) == 6 * 5


def test_the_ordinary_way_after_a_read_of_the_device(request, multilabel_data):
    X, y, _ = multilabel_data
    expected = trained(X, y)
    recorders = request.getfixturevalue("recorders")
    monkeypatch = request.getfixturevalue("monkeypatch")
    ordinary = MultiTagNet.get_loss

    def reading(net, *args, **kwargs):
        loss = ordinary(net, *args, **kwargs)
        loss.item()
        return loss

    monkeypatch.setattr(MultiTagNet, "get_loss", reading)
    assert_same(trained(X, y), expected)
    assert [each.n_recorded for each in recorders] == [0, 0, 0]


def test_the_ordinary_way_if_recording_fails(request, monkeypatch, multilabel_data):
    X, y, _ = multilabel_data
    expected = trained(X, y)
    recorders = request.getfixturevalue("recorders")

    def fails(recorder, function):
        # before the first operation: a graph does none
        raise torch.OutOfMemoryError("CUDA out of memory.")

    monkeypatch.setattr(TapeRecorder, "record", fails)
    assert_same(trained(X, y), expected)
    assert [each.n_before for each in recorders] == [54, 54, 9]


def test_an_error_in_the_middle(recorders, monkeypatch, multilabel_data):
    X, y, _ = multilabel_data
    expected = small(warm_start=True).fit(X, y)
    model = small(warm_start=True).fit(X, y)
    replay = Tape.replay

    def interrupted(tape):
        replay(tape)
        raise KeyboardInterrupt

    monkeypatch.setattr(Tape, "replay", interrupted)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, y)
    monkeypatch.undo()
    assert model.net_._recorded_steps is None
    ours, theirs = (each.fit(X, y).decision_function(X) for each in (model, expected))
    np.testing.assert_array_equal(ours, theirs)


def test_a_loss_that_is_not_finite(recorders, multilabel_data):
    X, y, _ = multilabel_data
    with pytest.raises(ValueError, match="training loss is nan|inf"):
        small(weight_decay=0.0, learning_rate_init=1e30, batch_size=30).fit(X, y)


# What reads values of the device

READS = {
    "item": lambda x: x.sum().item(),
    "if": lambda x: bool((x > 0).all()),
    "equal": lambda x: torch.equal(x, x),
    "nonzero": lambda x: x.nonzero(),
    "mask": lambda x: x[x > 0],
    "unique": lambda x: x.unique(),
    "backward": lambda x: OfBackward.apply(x.requires_grad_()).sum().backward(),
}
OTHERS = {
    "where": lambda x: torch.where(x > 0, x, 0),
    "sort": lambda x: x.sort(),
    "columns": lambda x: x.index_select(1, torch.arange(2)),
    "cumsum": lambda x: (x.cumsum(0) * 2)[:, 1:].amax(),
}


class OfBackward(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, gradient):
        return gradient * gradient.sum().item()


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_reads_are_seen(read):
    with HostReads() as reads:
        read(torch.ones(3, 2))
    assert reads


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_other_operations_are_no_reads(other):
    with HostReads() as reads:
        other(torch.ones(3, 2))
    assert not reads


@pytest.mark.parametrize("to_device", [torch.Tensor.to, torch.empty_like])
def test_tensors_of_the_processor_are_seen(to_device):
    with HostReads() as reads:
        to_device(torch.ones(3), device="meta")
    assert reads


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_as_without_graphs_on_a_gpu(monkeypatch, multilabel_data, loss):
    X, y, _ = multilabel_data
    params = {"device": "cuda", "batch_size": 30, "loss": loss}
    recorded, again = (small(**params).fit(X, y) for _ in range(2))
    monkeypatch.setattr(_net, "can_record", lambda net, data: False)
    ordinary = small(**params).fit(X, y)
    assert recorded.loss_curve_ == again.loss_curve_
    np.testing.assert_allclose(recorded.loss_curve_, ordinary.loss_curve_, rtol=1e-4)

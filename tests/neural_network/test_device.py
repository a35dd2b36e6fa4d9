import pickle

import numpy as np
import pytest
import torch

from skmultitag import MultiTagClassifier
from skmultitag.neural_network._batches import RowDataset
from skmultitag.neural_network._device import device_to_fit, device_to_go_on
from tests.neural_network.common import small


@pytest.fixture
def gpu(monkeypatch):
    """A GPU that can be chosen, and nothing else."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)


def chosen(n_rows=20_000, n_features=384, n_labels=100, **params):
    X, y = np.zeros((n_rows, n_features), np.float16), np.zeros((n_rows, n_labels))
    return device_to_fit(MultiTagClassifier(**params), RowDataset(X, y))


def test_auto_is_the_processor_without_a_gpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
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


def test_auto_goes_on_where_the_training_was(gpu, monkeypatch, multilabel_data):
    X, y, _ = multilabel_data
    model = small().fit(X, y)
    model.net_.device = "cuda:1"  # as if it had been trained there
    assert device_to_go_on(model) == "cuda:1"
    loaded = pickle.loads(pickle.dumps(model))
    again = pickle.loads(pickle.dumps(loaded))
    for each in (loaded, again):
        assert each.net_.device == "cpu" and device_to_go_on(each) == "cuda"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert device_to_go_on(again) == "cpu"
    again.set_params(device="cpu").predict(X)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert device_to_go_on(again.set_params(device="auto")) == "cpu"

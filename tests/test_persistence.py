"""What is saved is plain data: it is loaded anywhere, to the bit, and runs nothing."""

import copy
import io
import pickle
import pickletools
import zipfile

import joblib
import numpy as np
import pytest
import torch
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import InconsistentVersionWarning
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from skorch.callbacks import LRScheduler
from torch import nn

import skmultitag
from skmultitag import MultiTagClassifier, ThresholdedClassifierCV, for_inference
from skmultitag.calibration import IsotonicCalibrator, PlattCalibrator
from skmultitag.hierarchy import HierarchicalClassifier
from skmultitag.kernel_ridge import KernelRidgeClassifierCV
from skmultitag.losses import DistributedLoss, MCMLoss, SigmoidF1Loss, get_loss_names
from skmultitag.metrics import get_scorer
from skmultitag.multioutput import BinaryRelevanceClassifier
from skmultitag.neighbors import MLkNNClassifier, NeighborLabels
from skmultitag.thresholds import (
    ExpectedFBetaThreshold,
    LabelCountThreshold,
    PrecisionFloorThreshold,
    RecallFloorThreshold,
)

skops_io = pytest.importorskip("skops.io")


def tagger(**params):
    params = {"hidden_layer_sizes": (16,), "max_iter": 2, "random_state": 0, **params}
    return MultiTagClassifier(**params)


def through_skops(model):
    data = skops_io.dumps(model)
    trusted = skops_io.get_untrusted_types(data=data)
    foreign = [
        name for name in trusted if not name.startswith(("skmultitag.", "sklearn."))
    ]
    assert not foreign
    return skops_io.loads(data, trusted=trusted)


def through_pickle(model):
    return pickle.loads(pickle.dumps(model))


def through_joblib(model):
    file = io.BytesIO()
    joblib.dump(model, file)
    file.seek(0)
    return joblib.load(file)


WAYS = [through_skops, through_pickle, through_joblib, copy.deepcopy]

NETWORKS = [
    *({"loss": name} for name in get_loss_names()),
    {"loss": SigmoidF1Loss(beta=[1.0, 2.0, 3.0, 1.0, 1.0], eta=0.5)},
    {"loss": MCMLoss([(0, 1), (1, 2)])},
    {"early_stopping": True, "warm_start": True, "max_iter": 4},
    {"dropout": 0, "optimizer": "sgd", "threshold": [0.5, 0.1, np.inf, 0.2, 0.3]},
    {"dropout": 0, "input_dropout": 0.5},
    {"hidden_layer_sizes": (), "device": torch.device("cpu")},
]


@pytest.mark.filterwarnings("ignore:.* has no threshold of its own")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("params", NETWORKS, ids=str)
def test_networks_come_back_and_go_on_to_the_bit(params, way, multilabel_data):
    X, y, _ = multilabel_data
    model = tagger(**params).fit(X, y)
    loaded = way(model)
    np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    assert loaded.loss_curve_ == model.loss_curve_
    for each in (model, loaded):
        if each.warm_start:
            each.fit(X, y)
        else:
            each.partial_fit(X, y)
    np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_tags_sparse_targets_and_double_precision(way, dtype, multilabel_data):
    from scipy import sparse

    X, y, _ = multilabel_data
    X = X.astype(dtype)
    tags = [[f"t{j}" for j in np.flatnonzero(row)] for row in y]
    for target in (tags, sparse.csc_array(y), y == 1, y[:, 0]):
        model = tagger().fit(X, target)
        loaded, y_pred = way(model), model.predict(X)
        assert type(loaded.predict(X)) is type(y_pred)
        assert loaded.predict(X).dtype == y_pred.dtype
        assert loaded.predict_tags(X) == model.predict_tags(X)
        np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "model",
    [
        make_pipeline(StandardScaler(), ThresholdedClassifierCV(tagger(), cv=2)),
        ThresholdedClassifierCV(tagger(), cv=2, calibrator=PlattCalibrator()),
        ThresholdedClassifierCV(
            RandomForestClassifier(5, random_state=0),
            LabelCountThreshold(),
            cv=2,
            calibrator=IsotonicCalibrator(),
        ),
        ThresholdedClassifierCV(tagger(), ExpectedFBetaThreshold(), cv=2),
        ThresholdedClassifierCV(tagger(), RecallFloorThreshold(confidence=0.5), cv=2),
        ThresholdedClassifierCV(
            tagger(), PrecisionFloorThreshold(0.5, "micro", unmet="best"), cv=2
        ),
    ],
    ids=range(6),
)
def test_classifiers_with_thresholds(model, way, multilabel_data):
    X, y, _ = multilabel_data
    model = model.fit(X, y)
    np.testing.assert_array_equal(way(model).predict(X), model.predict(X))
    np.testing.assert_array_equal(way(model).predict_proba(X), model.predict_proba(X))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "params",
    [
        {"scoring": get_scorer("sigmoid_f1")},
        {"kernel": ("rbf", "exponential"), "n_components": 20, "random_state": 0},
        {"kernel": "linear"},
    ],
    ids=range(3),
)
def test_kernel_ridge(params, way, multilabel_data):
    X, y, _ = multilabel_data
    tags = [[f"t{j}" for j in np.flatnonzero(row)] for row in y]
    for model in (
        KernelRidgeClassifierCV(**params),
        make_pipeline(
            StandardScaler(),
            ThresholdedClassifierCV(KernelRidgeClassifierCV(**params), cv=2),
        ),
    ):
        loaded = way(model.fit(X, tags))
        np.testing.assert_array_equal(
            loaded.decision_function(X), model.decision_function(X)
        )
        np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
        small = way(for_inference(model))
        np.testing.assert_array_equal(small.predict(X), model.predict(X))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("algorithm", ["auto", "ball_tree", "brute"])
def test_neighbors(algorithm, way, multilabel_data):
    X, y, _ = multilabel_data
    model = MLkNNClassifier(5, algorithm=algorithm)
    around = make_pipeline(
        NeighborLabels(5, algorithm=algorithm), ThresholdedClassifierCV(model)
    )
    for each in (model.fit(X, y), around.fit(X, y)):
        loaded = way(each)
        np.testing.assert_array_equal(loaded.predict_proba(X), each.predict_proba(X))
        small = way(for_inference(each))
        np.testing.assert_array_equal(small.predict(X), each.predict(X))
    np.testing.assert_array_equal(way(model).loo_proba_, model.loo_proba_)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("hierarchy", ["::", {"t0::a": "t0", "t1": ["t2", "t3"]}])
def test_hierarchies(hierarchy, way, multilabel_data):
    X, y, _ = multilabel_data
    names = ["t0::a", "t1", "t2", "t3", "t0::b"]
    tags = [[names[j] for j in np.flatnonzero(row)] for row in y]
    inner = ThresholdedClassifierCV(tagger(), cv=2)
    model = HierarchicalClassifier(inner, hierarchy).fit(X, tags)
    for each in (model, for_inference(model)):
        loaded = way(each)
        np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))
        assert loaded.predict_tags(X) == model.predict_tags(X)
    assert way(model).score(X, tags) == model.score(X, tags)


def test_pickle_names_nothing_of_torch_and_skorch(multilabel_data):
    X, y, _ = multilabel_data
    names = [
        str(arg)
        for _, arg, _ in pickletools.genops(pickle.dumps(tagger().fit(X, y)))
        if isinstance(arg, str)
    ]
    assert "skmultitag.neural_network._net" in names
    assert not [name for name in names if name.startswith(("torch", "skorch"))]


def test_what_is_of_the_user_is_pickled_as_it_is(multilabel_data):
    X, y, _ = multilabel_data
    module = nn.Sequential(nn.Linear(8, 6), nn.Dropout(0), nn.Linear(6, 5))
    schedule = LRScheduler("StepLR", step_size=1)
    model = tagger(
        module=module, optimizer=torch.optim.RMSprop, callbacks=[schedule]
    ).fit(X, y)
    loaded = through_pickle(model)
    for each in (model, loaded):
        each.partial_fit(X, y)
    np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))
    assert isinstance(loaded.net_.optimizer_, torch.optim.RMSprop)


def test_what_the_user_has_changed_of_the_network_stays(multilabel_data):
    X, y, _ = multilabel_data
    model = tagger(dropout=0).fit(X, y)
    layers = model.net_.module_.layers
    layers[0].weight.requires_grad_(False)
    loaded = through_skops(model)
    loaded.partial_fit(X, y)
    torch.testing.assert_close(
        loaded.net_.module_.layers[0].weight, layers[0].weight, rtol=0, atol=0
    )
    layers[1] = nn.Tanh()
    loaded = through_pickle(model)
    assert isinstance(loaded.net_.module_.layers[1], nn.Tanh)
    np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))


# Security


class Boom:
    def __reduce__(self):
        return exec, ("import skmultitag; skmultitag.was_run = True",)


def test_a_hostile_file_runs_nothing(multilabel_data):
    """A pickle in the place of any string or array of the file is never read."""
    X, y, _ = multilabel_data
    data = skops_io.dumps(tagger().fit(X, y))
    trusted = skops_io.get_untrusted_types(data=data)
    hostile = pickle.dumps(Boom())
    source = zipfile.ZipFile(io.BytesIO(data))
    n_arrays = 0
    for name in source.namelist():
        if name == "schema.json":
            continue
        n_arrays += 1
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as file:
            for other in source.namelist():
                file.writestr(other, hostile if other == name else source.read(other))
        with pytest.raises(ValueError):
            skops_io.loads(target.getvalue(), trusted=trusted)
    assert n_arrays > 4 and not hasattr(skmultitag, "was_run")


def test_a_pickle_in_the_state_of_the_net_is_not_read(multilabel_data):
    """What skorch would load: bytes under the names of module, loss and optimizer."""
    X, y, _ = multilabel_data
    net = tagger().fit(X, y).net_
    hostile = pickle.dumps(Boom())
    empty = type(net).__new__(type(net))
    state = {"__cuda_dependent_attributes__": hostile, **net.__getstate__()}
    empty.__setstate__(state)
    assert not hasattr(skmultitag, "was_run")
    plain = net.__getstate__()["plain"]
    with pytest.raises(KeyError):
        empty.__setstate__({"plain": {**plain, "optimizer": "os.system"}})


# Versions


def test_another_version_warns(multilabel_data, monkeypatch):
    X, y, _ = multilabel_data
    for model in (
        tagger().fit(X, y),
        PlattCalibrator().fit(X[:, :5], y),
        KernelRidgeClassifierCV(kernel="linear").fit(X, y),
        ThresholdedClassifierCV(RandomForestClassifier(5), cv=2).fit(X, y),
    ):
        data = pickle.dumps(model)
        pickle.loads(data)  # without a warning
        monkeypatch.setattr(skmultitag, "__version__", "99.0")
        with pytest.warns(InconsistentVersionWarning, match="of skmultitag") as caught:
            pickle.loads(data)
        monkeypatch.undo()
        assert caught[0].message.original_sklearn_version == skmultitag.__version__
        assert caught[0].message.current_sklearn_version == "99.0"


def test_another_format_is_refused(multilabel_data):
    X, y, _ = multilabel_data
    net = tagger().fit(X, y).net_
    plain = net.__getstate__()["plain"]
    with pytest.raises(ValueError, match="A network in format 2 can't be read"):
        net.__setstate__({"plain": {**plain, "format": 2}})


# For inference


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "model",
    [
        tagger(early_stopping=True, warm_start=True, hidden_layer_sizes=(256,)),
        make_pipeline(
            StandardScaler(),
            ThresholdedClassifierCV(tagger(hidden_layer_sizes=(256,)), cv=2),
        ),
    ],
    ids=range(2),
)
def test_for_inference(model, way, multilabel_data):
    X, y, _ = multilabel_data
    model.fit(X, y)
    before = pickle.dumps(model)
    small = way(for_inference(model))
    np.testing.assert_array_equal(small.predict(X), model.predict(X))
    np.testing.assert_array_equal(small.predict_proba(X), model.predict_proba(X))
    assert len(pickle.dumps(small)) < 0.5 * len(before)
    assert pickle.dumps(model) == before


def test_for_inference_takes_callbacks_off(multilabel_data):
    X, y, _ = multilabel_data
    schedule = LRScheduler("StepLR", step_size=1)
    model = tagger(callbacks=[schedule], scoring=get_scorer("sigmoid_f1")).fit(X, y)
    small = for_inference(model)
    loaded = skops_io.loads(skops_io.dumps(small), trusted=skmultitag.trusted_types())
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    assert model.callbacks == [schedule] and small.fit(X, y).n_iter_ == 2


def test_for_inference_does_not_go_on(multilabel_data):
    X, y, _ = multilabel_data
    model = tagger().fit(X, y)
    small = through_pickle(for_inference(model))
    with pytest.raises(ValueError, match="made by skmultitag.for_inference"):
        small.partial_fit(X, y)
    np.testing.assert_array_equal(small.predict_proba(X), model.predict_proba(X))
    np.testing.assert_array_equal(
        small.fit(X, y).partial_fit(X, y).predict(X), model.partial_fit(X, y).predict(X)
    )


def test_weights_by_torch_and_safetensors(multilabel_data, tmp_path):
    safetensors = pytest.importorskip("safetensors.torch")
    X, y, _ = multilabel_data
    model, other = tagger().fit(X, y), tagger(random_state=1).fit(X, y)
    weights = model.net_.module_.state_dict()
    torch.save(weights, tmp_path / "weights.pt")
    safetensors.save_file(weights, tmp_path / "weights.safetensors")
    for load in (
        lambda: torch.load(tmp_path / "weights.pt", weights_only=True),
        lambda: safetensors.load_file(tmp_path / "weights.safetensors"),
    ):
        other.fit(X, y).net_.module_.load_state_dict(load())
        np.testing.assert_array_equal(other.predict_proba(X), model.predict_proba(X))


@pytest.mark.parametrize("use_safetensors", [False, True])
def test_weights_by_skorch(multilabel_data, tmp_path, use_safetensors):
    pytest.importorskip("safetensors")
    X, y, _ = multilabel_data
    model, other = tagger().fit(X, y), tagger(random_state=1).fit(X, y)
    file = str(tmp_path / "weights")
    model.net_.save_params(f_params=file, use_safetensors=use_safetensors)
    other.net_.load_params(f_params=file, use_safetensors=use_safetensors)
    np.testing.assert_array_equal(other.predict_proba(X), model.predict_proba(X))


def test_distributed_loss_comes_back():
    loss = DistributedLoss(SigmoidF1Loss(beta=2.0)).fit(np.eye(3))
    logits, y = torch.randn(3, 3), torch.eye(3)
    assert torch.equal(through_skops(loss)(logits, y), loss(logits, y))


@pytest.mark.parametrize("way", WAYS)
def test_one_classifier_a_label(way, multilabel_data):
    X, y, _ = multilabel_data
    y = np.where(np.arange(y.size).reshape(y.shape) % 3 == 0, np.nan, y)
    model = BinaryRelevanceClassifier(KernelRidgeClassifierCV()).fit(X, y)
    for each in (model, for_inference(model)):
        loaded = way(each)
        np.testing.assert_array_equal(
            loaded.decision_function(X), model.decision_function(X)
        )
        assert loaded.predict_tags(X) == model.predict_tags(X)

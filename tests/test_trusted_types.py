"""The types that skops and mlflow are told to trust: all that models have, no more."""

import importlib
import inspect

import numpy as np
import pytest
import torch
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import skmultitag
from skmultitag import MultiTagClassifier, ThresholdedClassifierCV, trusted_types
from skmultitag.calibration import IsotonicCalibrator, PlattCalibrator
from skmultitag.hierarchy import HierarchicalClassifier
from skmultitag.losses import get_loss_names
from skmultitag.model_selection import MultilabelStratifiedKFold
from skmultitag.neural_network import ModelCheckpoint


def tagger(loss="sigmoid_f1_bce", **params):
    params = {"hidden_layer_sizes": 16, "max_iter": 2, "random_state": 0, **params}
    return MultiTagClassifier(loss, **params)


def public_classes():
    for part in skmultitag._SUBMODULES:
        module = importlib.import_module(f"skmultitag.{part}")
        for name in module.__all__:
            if inspect.isclass(getattr(module, name)):
                yield getattr(module, name)


def test_names_are_those_of_classes_and_metrics():
    names = trusted_types()
    assert len(set(names)) == len(names)
    for name in names:
        module, _, attribute = name.rpartition(".")
        found = getattr(importlib.import_module(module), attribute)
        assert inspect.isclass(found) or ".metrics." in module
        assert found.__module__ == module


def test_all_that_can_be_fitted_is_trusted():
    # what writes to a file, and base classes for those of the user
    left_out = {"ModelCheckpoint", "MultilabelLoss", "WrapperLoss"}
    for public in public_classes():
        is_fitted = issubclass(public, (BaseEstimator, torch.nn.Module))
        if is_fitted and public.__name__ not in left_out:
            assert f"{public.__module__}.{public.__name__}" in trusted_types()


MODELS = [
    *(tagger(name, threshold=0.5) for name in get_loss_names()),
    tagger(early_stopping=True, warm_start=True),
    ThresholdedClassifierCV(tagger(), cv=2, calibrator=PlattCalibrator()),
    HierarchicalClassifier(tagger(), {0: [1, 2]}),
    make_pipeline(
        StandardScaler(),
        ThresholdedClassifierCV(
            OneVsRestClassifier(LogisticRegression()),
            cv=MultilabelStratifiedKFold(2),
            calibrator=IsotonicCalibrator(),
        ),
    ),
]


@pytest.mark.parametrize("model", MODELS, ids=range(len(MODELS)))
def test_no_other_type_is_needed(model, multilabel_data):
    skops_io = pytest.importorskip("skops.io")
    X, y, _ = multilabel_data
    model.fit(X, y)
    loaded = skops_io.loads(skops_io.dumps(model), trusted=trusted_types())
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))


def test_what_writes_to_a_file_is_not_trusted(multilabel_data, tmp_path):
    """Who loads a file of others must not be made to overwrite one of his own."""
    skops_io = pytest.importorskip("skops.io")
    X, y, _ = multilabel_data
    model = tagger(callbacks=[ModelCheckpoint(tmp_path / "model.pkl")]).fit(X, y)
    with pytest.raises(TypeError, match="ModelCheckpoint"):
        skops_io.loads(skops_io.dumps(model), trusted=trusted_types())
    data = skops_io.dumps(model.set_params(callbacks=None))
    skops_io.loads(data, trusted=trusted_types())


# mlflow


@pytest.fixture
def mlflow(tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    # files, as a database would need more packages
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    monkeypatch.chdir(tmp_path)
    mlflow = pytest.importorskip("mlflow")
    pytest.importorskip("mlflow.sklearn")
    pytest.importorskip("skops.io")
    # else each model is loaded in another process, to see what it imports
    monkeypatch.setattr("mlflow.models.infer_pip_requirements", lambda *_, **__: [])
    mlflow.set_tracking_uri((tmp_path / "runs").as_uri())
    yield mlflow
    mlflow.set_tracking_uri(None)


@pytest.mark.filterwarnings("ignore")  # of mlflow
@pytest.mark.parametrize("number", [0, -1])
def test_mlflow_logs_saves_and_loads(number, mlflow, multilabel_data, tmp_path):
    X, y, _ = multilabel_data
    model = MODELS[number].fit(X, y)
    trusted = {"skops_trusted_types": trusted_types()}
    mlflow.sklearn.save_model(model, tmp_path / "saved", **trusted)
    assert (tmp_path / "saved" / "model.skops").exists()
    with mlflow.start_run():
        logged = mlflow.sklearn.log_model(model, name="tagger", **trusted)
    for place in (str(tmp_path / "saved"), logged.model_uri):
        loaded = mlflow.sklearn.load_model(place)
        np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))
        loaded = mlflow.pyfunc.load_model(place)
        np.testing.assert_array_equal(loaded.predict(X), model.predict(X))


@pytest.mark.filterwarnings("ignore")  # of mlflow
def test_mlflow_without_a_list(mlflow, multilabel_data):
    """By skops it refuses, as the guide says; by cloudpickle the model comes back."""
    X, y, _ = multilabel_data
    model = tagger().fit(X, y)
    with mlflow.start_run():
        with pytest.raises(mlflow.exceptions.MlflowException, match="untrusted types"):
            mlflow.sklearn.log_model(model, name="tagger")
        logged = mlflow.sklearn.log_model(
            model, name="tagger", serialization_format="cloudpickle"
        )
    loaded = mlflow.sklearn.load_model(logged.model_uri)
    np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))


@pytest.mark.filterwarnings("ignore")  # of mlflow
def test_mlflow_logs_a_pipeline_by_itself(mlflow, multilabel_data):
    X, y, _ = multilabel_data
    mlflow.sklearn.autolog(silent=True)
    try:
        with mlflow.start_run() as run:
            model = make_pipeline(StandardScaler(), tagger()).fit(X, y)
    finally:
        mlflow.sklearn.autolog(disable=True)
    [logged] = mlflow.search_logged_models(
        filter_string=f"source_run_id = '{run.info.run_id}'", output_format="list"
    )
    loaded = mlflow.sklearn.load_model(logged.model_uri)
    np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))

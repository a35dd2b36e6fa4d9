"""Whole pipelines, searches and frozen estimators, and what comes with the model."""

import json
import pickle
import subprocess
import sys

import numpy as np
import onnx
import pandas as pd
import pytest
import skl2onnx
from imblearn.pipeline import make_pipeline as make_pipeline_of_imblearn
from scipy import sparse
from sklearn.compose import make_column_transformer
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler

from skmultitag import MultiTagClassifier, ThresholdedClassifierCV, for_inference
from skmultitag.onnx import to_onnx
from skmultitag.sampling import MLROS
from skmultitag.thresholds import FBetaThreshold
from tests.onnx.common import assert_predicts_alike, run

TAGGER = MultiTagClassifier(hidden_layer_sizes=(8,), max_iter=2, random_state=0)
THRESHOLDED = ThresholdedClassifierCV(TAGGER, cv=2)
MODELS = {
    "scaled": make_pipeline(StandardScaler(), TAGGER),
    "scaled, thresholded": make_pipeline(StandardScaler(), THRESHOLDED),
    "pipeline inside": ThresholdedClassifierCV(
        make_pipeline(StandardScaler(), TAGGER), cv=2
    ),
    "pipelines inside and outside": make_pipeline(
        MinMaxScaler(),
        ThresholdedClassifierCV(make_pipeline(StandardScaler(), TAGGER), cv=2),
    ),
    "thresholded twice": ThresholdedClassifierCV(
        ThresholdedClassifierCV(TAGGER, cv=2), FBetaThreshold(2.0), cv=2
    ),
}
# skl2onnx does not know these, or not in a pipeline
WRAPPED = {
    "search": GridSearchCV(TAGGER, {"max_iter": [1, 2]}, cv=2),
    "search at random of a pipeline": RandomizedSearchCV(
        MODELS["scaled, thresholded"],
        {"thresholdedclassifiercv__estimator__max_iter": [1, 2]},
        n_iter=1,
        cv=2,
        random_state=0,
    ),
    "search in a pipeline": make_pipeline(
        StandardScaler(), GridSearchCV(THRESHOLDED, {"cv": [2]}, cv=2)
    ),
    "search inside": ThresholdedClassifierCV(
        GridSearchCV(TAGGER, {"max_iter": [1]}, cv=2), cv=2
    ),
    "sampler and no step": make_pipeline_of_imblearn(
        "passthrough", MLROS(random_state=0), StandardScaler(), TAGGER
    ),
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", [*MODELS, *WRAPPED])
def test_whole_models(name, dtype, data):
    X, y = data[0][:300].astype(dtype), data[1][:300]
    model = {**MODELS, **WRAPPED}[name].fit(X, y)
    onnx_models = [to_onnx(model, X[:1])]
    if name in MODELS:
        onnx_models.append(skl2onnx.to_onnx(model, X[:1]))
        options = {"zipmap": False}
        onnx_models.append(skl2onnx.to_onnx(model, X[:1], options={id(model): options}))
    for onnx_model in onnx_models:
        onnx.checker.check_model(onnx_model, full_check=True)
        assert_predicts_alike(model, X, onnx_model, n_eps=32)


def test_frozen_estimator(data):
    X, y = data[0].astype(np.float32), data[1]
    frozen = FrozenEstimator(MODELS["scaled"].fit(X, y))
    model = FrozenEstimator(ThresholdedClassifierCV(frozen).fit(X, y))
    assert_predicts_alike(model, X)


def test_frozen_step(data):
    X, y = data[0].astype(np.float32), data[1]
    scaler = FrozenEstimator(StandardScaler().fit(X))
    assert_predicts_alike(make_pipeline(scaler, TAGGER).fit(X, y), X)


def test_model_that_was_saved_for_inference(data):
    X, y = data[0].astype(np.float32), data[1]
    model = MODELS["scaled, thresholded"].fit(X, y)
    small = pickle.loads(pickle.dumps(for_inference(model)))
    assert_predicts_alike(model, X, to_onnx(small, X[:1]))


def test_sparse_target(data):
    X, y = data[0], sparse.csr_array(data[1])
    model = ThresholdedClassifierCV(TAGGER, cv=2).fit(X, y)
    label = run(to_onnx(model, X[:1]), X)["label"]
    np.testing.assert_array_equal(label, model.predict(X).toarray())


def test_search_of_skl2onnx(data):
    X, y = data[0].astype(np.float32), data[1]
    for best in (TAGGER, THRESHOLDED):
        model = GridSearchCV(best, {}, cv=2).fit(X, y)
        assert_predicts_alike(model, X, skl2onnx.to_onnx(model, X[:1]))


@pytest.mark.parametrize("form", [pd.DataFrame, sparse.csr_array, np.ndarray.tolist])
def test_forms_of_X(form, data):
    X, y = data
    model = TAGGER.fit(X, y)
    np.testing.assert_array_equal(
        run(to_onnx(model, form(X[:1])), X)["label"], model.predict(X)
    )


def test_texts():
    texts = np.array(["red apple", "green apple", "red sky", "green sea"] * 20)
    y = [[word for word in text.split() if word != "sea"] for text in texts]
    # ONNX Runtime makes lower case only where the system has its locale
    model = make_pipeline(CountVectorizer(lowercase=False), TAGGER).fit(texts, y)
    onnx_model = to_onnx(model, texts[:1])
    outputs = run(onnx_model, texts[:8, None])
    np.testing.assert_array_equal(outputs["label"], model.predict(texts[:8]))


def test_table_of_numbers_and_texts():
    table = pd.DataFrame({"size": [0.5, 1.5, 2.5, 3.5] * 20, "form": ["a", "b"] * 40})
    y = [[("small", "large")[size > 2], form] for size, form in table.to_numpy()]
    columns = make_column_transformer(
        (StandardScaler(), ["size"]), (OneHotEncoder(), ["form"])
    )
    model = make_pipeline(columns, THRESHOLDED).fit(table, y)
    onnx_model = to_onnx(model, table)  # which compares the scores
    assert [each.name for each in onnx_model.graph.input] == ["size", "form"]


def test_names_of_labels_are_in_the_metadata(data):
    X = data[0]
    names = ["Ärger", "b", "c, d", "e", "f"]
    y = pd.DataFrame(data[1], columns=names)
    for model in (TAGGER, THRESHOLDED, MODELS["scaled"]):
        [entry] = to_onnx(model.fit(X, y), X[:1]).metadata_props
        assert (entry.key, json.loads(entry.value)) == ("label_names", names)
    [entry] = to_onnx(TAGGER.fit(X, data[1]), X[:1]).metadata_props
    assert json.loads(entry.value) == [0, 1, 2, 3, 4]


def test_version_of_the_operators(data):
    X, y = data
    model = MODELS["scaled, thresholded"].fit(X, y)
    for opset in (18, {"": 20, "ai.onnx.ml": 3}):
        onnx_model = to_onnx(model, X[:1], target_opset=opset)
        versions = {each.domain: each.version for each in onnx_model.opset_import}
        assert versions[""] == (opset if opset == 18 else 20)
        assert_predicts_alike(model, X, onnx_model)
    with pytest.raises(ValueError, match="target_opset must be at least 18. Got 17"):
        to_onnx(model, X[:1], target_opset=17)


def test_other_classifiers_are_refused(data):
    X, y = data
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y[:, 0])
    with pytest.raises(TypeError, match="(?s)to_onnx takes classifiers.*Got Pipeline"):
        to_onnx(model, X[:1])


WITHOUT_PACKAGE = """
import json, sys
import numpy as np, onnxruntime
for name in ("torch", "sklearn", "skorch", "skl2onnx", "onnx", "skmultitag"):
    sys.modules[name] = None  # an import raises
session = onnxruntime.InferenceSession(sys.argv[1])
label, *_ = session.run(None, {"X": np.load(sys.argv[2])})
names = json.loads(session.get_modelmeta().custom_metadata_map["label_names"])
print(json.dumps([[names[place] for place in row.nonzero()[0]] for row in label]))
"""


def test_process_without_torch_and_this_package(data, tmp_path):
    X, y = data[0].astype(np.float32), pd.DataFrame(data[1], columns=list("abcde"))
    model = MODELS["scaled, thresholded"].fit(X, y)
    path, rows = tmp_path / "model.onnx", tmp_path / "X.npy"
    path.write_bytes(to_onnx(model, X[:1]).SerializeToString())
    np.save(rows, X)
    command = [sys.executable, "-c", WITHOUT_PACKAGE, path, rows]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert list(map(tuple, json.loads(run.stdout))) == model[-1].predict_tags(
        model[:-1].transform(X)
    )

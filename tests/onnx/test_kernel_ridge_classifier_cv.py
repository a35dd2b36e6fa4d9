"""Kernel ridge in ONNX has the scores and labels of predict."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmultitag import ThresholdedClassifierCV
from skmultitag.calibration import PlattCalibrator
from skmultitag.kernel_ridge import KernelRidgeClassifierCV
from skmultitag.onnx import to_onnx
from tests.onnx.common import assert_predicts_alike

KERNELS = [
    {"kernel": "rbf"},
    {"kernel": "exponential", "n_components": 50, "random_state": 0},
    {"kernel": "linear"},
    {"kernel": "poly", "degree": 2, "coef0": 0.5},
    {"kernel": ("rbf", "exponential", "polynomial")},
    {"kernel": ["linear", "rbf"], "gamma": [None, 0.1]},
]
# coefficients of both signs are larger than the scores, which are their sums
N_EPS = 1000


def n_eps(params, X):
    """A row of `fit` is at the distance 0 but for rounding, of which it is the root."""
    is_rooted = "exponential" in params["kernel"] and X.dtype == np.float64
    return 1e9 if is_rooted else N_EPS


@pytest.fixture(params=[np.float32, np.float64], ids=["float32", "float64"])
def rows(request, data):
    X, y = data
    return X.astype(request.param)[:300], y[:300]


@pytest.mark.parametrize("params", KERNELS, ids=str)
def test_kernels(params, rows):
    X, y = rows
    model = KernelRidgeClassifierCV(**params).fit(X, y)
    outputs = assert_predicts_alike(model, X, n_eps=n_eps(params, X))
    assert outputs == ["label", "scores"]


@pytest.mark.parametrize("calibrator", [None, PlattCalibrator()])
@pytest.mark.parametrize("params", KERNELS[:3], ids=str)
def test_thresholds_and_pipelines(params, calibrator, rows):
    X, y = rows
    inner = make_pipeline(StandardScaler(), KernelRidgeClassifierCV(**params))
    for estimator in (inner, KernelRidgeClassifierCV(**params)):
        model = ThresholdedClassifierCV(estimator, calibrator=calibrator, cv=2)
        model.fit(X, y)
        outputs = assert_predicts_alike(model, X, n_eps=n_eps(params, X))
        assert ("probabilities" in outputs) == (calibrator is not None)


@pytest.mark.parametrize("target", ["binary", "multiclass", "one label"])
def test_targets_of_one_column(target, rows):
    X, y = rows
    y = {
        "binary": np.where(y[:, 0], "yes", "no"),
        "multiclass": y[:, 0] + y[:, 1],
        "one label": [["a"] * each for each in y[:, 0].tolist()],
    }[target]
    model = KernelRidgeClassifierCV().fit(X, y)
    assert_predicts_alike(model, X, n_eps=N_EPS)
    if target == "binary":
        model = ThresholdedClassifierCV(KernelRidgeClassifierCV(), cv=2)
        assert_predicts_alike(model.fit(X, y), X, n_eps=N_EPS)


def test_sparse_rows_and_another_precision_than_that_of_the_fit(data):
    X, y = data[0][:200], data[1][:200]
    X[np.abs(X) < 0.5] = 0
    model = KernelRidgeClassifierCV().fit(sparse.csr_array(X), y)
    single = X.astype(np.float32)
    onnx_model = to_onnx(model, single[:3])
    assert_predicts_alike(model, single, onnx_model, n_eps=N_EPS)
    model = ThresholdedClassifierCV(model, cv=2).fit(X, y)
    assert_predicts_alike(model, single, n_eps=N_EPS)


@pytest.mark.parametrize("kernel", ["laplacian", ("rbf", "cosine")])
def test_other_kernels_are_refused(kernel, data):
    model = KernelRidgeClassifierCV(kernel=kernel).fit(data[0][:50], data[1][:50])
    with pytest.raises(ValueError, match="can't be written as ONNX. Those that can"):
        to_onnx(model, data[0][:2])

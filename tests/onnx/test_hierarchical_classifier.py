import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmultitag import MultiTagClassifier, ThresholdedClassifierCV
from skmultitag.datasets import make_multitag_classification
from skmultitag.hierarchy import HierarchicalClassifier
from skmultitag.kernel_ridge import KernelRidgeClassifierCV
from skmultitag.losses import MCMLoss
from skmultitag.onnx import to_onnx
from tests.onnx.common import assert_predicts_alike

HIERARCHY = [(0, 1), (0, 2), (1, 3), (2, 3), (4, 5)]


@pytest.fixture(scope="module")
def data():
    X, y = make_multitag_classification(200, 6, 6, random_state=0)
    return X.astype(np.float32), y


def network(loss="bce"):
    return MultiTagClassifier(loss, hidden_layer_sizes=8, max_iter=3, random_state=0)


@pytest.mark.parametrize(
    ("inner", "outputs"),
    [
        (network(), ["label", "probabilities", "scores"]),
        (network(MCMLoss(HIERARCHY)), ["label", "probabilities", "scores"]),
        (KernelRidgeClassifierCV(), ["label", "scores"]),
        (ThresholdedClassifierCV(KernelRidgeClassifierCV()), ["label", "scores"]),
        (
            make_pipeline(StandardScaler(), ThresholdedClassifierCV(network(), cv=2)),
            ["label", "probabilities", "scores"],
        ),
        (
            ThresholdedClassifierCV(OneVsRestClassifier(LogisticRegression()), cv=2),
            ["label", "probabilities"],
        ),
    ],
    ids=range(6),
)
def test_labels_and_scores_are_the_same(inner, outputs, data):
    X, y = data
    model = HierarchicalClassifier(inner, HIERARCHY).fit(X, y)
    # a classifier in float64 of a kernel has other roundings
    n_eps = 4000 if "Kernel" in repr(inner) else 16
    assert assert_predicts_alike(model, X, n_eps=n_eps) == outputs


def test_thresholds_around_it(data):
    X, y = data
    model = HierarchicalClassifier(network(), HIERARCHY)
    assert_predicts_alike(ThresholdedClassifierCV(model, cv=2).fit(X, y), X, n_eps=16)


def test_other_classifiers_are_refused(data):
    X, y = data
    inner = OneVsRestClassifier(LogisticRegression())
    model = HierarchicalClassifier(inner, HIERARCHY).fit(X, y)
    with pytest.raises(ValueError, match="such as ThresholdedClassifierCV, but not"):
        to_onnx(model, X)

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression, RidgeClassifier

from skmultitag import MultiTagClassifier, ThresholdedClassifierCV
from skmultitag.datasets import make_multitag_classification
from skmultitag.ensemble import MultilabelVotingClassifier
from skmultitag.hierarchy import HierarchicalClassifier
from skmultitag.kernel_ridge import (
    KernelRidgeClassifierCV,
    StackedKernelRidgeClassifierCV,
)
from skmultitag.multioutput import BinaryRelevanceClassifier
from skmultitag.onnx import to_onnx
from tests.onnx.common import assert_predicts_alike

X, Y = make_multitag_classification(100, 6, 6, random_state=0)
RIDGE = KernelRidgeClassifierCV()
NETWORK = MultiTagClassifier(hidden_layer_sizes=4, max_iter=2, random_state=0)
BY_LABEL = BinaryRelevanceClassifier(RIDGE)
MODELS = [
    StackedKernelRidgeClassifierCV(),
    ThresholdedClassifierCV(NETWORK, cv=2),
    ThresholdedClassifierCV(RidgeClassifier(), cv=2),
    ThresholdedClassifierCV(BY_LABEL),
    ThresholdedClassifierCV(ThresholdedClassifierCV(RIDGE), cv=2),
    BinaryRelevanceClassifier(ThresholdedClassifierCV(RIDGE)),
    HierarchicalClassifier(RIDGE, []),
    HierarchicalClassifier(NETWORK, []),
    MultilabelVotingClassifier([("a", BY_LABEL), ("b", LogisticRegression())], cv=2),
]


@pytest.mark.filterwarnings("ignore:A column-vector y")  # of scikit-learn
@pytest.mark.parametrize("y", [Y[:, 0], pd.DataFrame({"tag": Y[:, 0]})], ids=type)
@pytest.mark.parametrize("model", MODELS, ids=range(len(MODELS)))
def test_scores_of_one_label(model, y):
    model.fit(X, y)
    onnx_model = to_onnx(model, X[:3])
    # a root of a distance that is nearly 0 makes much of a rounding
    assert_predicts_alike(model, X, onnx_model, n_eps=2**28)
    # ONNX Runtime says so on stderr if the shapes are others than what it finds
    declared = [
        len(output.type.tensor_type.shape.dim) for output in onnx_model.graph.output
    ]
    expected = [np.ndim(model.predict(X))]
    if hasattr(model, "predict_proba"):
        expected.append(2)
    if len(declared) > len(expected):
        expected.append(np.ndim(model.decision_function(X)))
    assert declared == expected


def test_thresholds_inside_of_one_classifier_a_label():
    model = BinaryRelevanceClassifier(ThresholdedClassifierCV(RIDGE)).fit(X, Y)
    assert_predicts_alike(model, X, n_eps=2**24)

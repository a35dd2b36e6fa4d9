import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from skmultitag import ThresholdedClassifierCV
from skmultitag.datasets import make_multitag_classification
from skmultitag.kernel_ridge import KernelRidgeClassifierCV
from skmultitag.multioutput import BinaryRelevanceClassifier
from skmultitag.onnx import to_onnx
from tests.onnx.common import assert_predicts_alike

X, Y = make_multitag_classification(200, 6, 6, random_state=0)
X = X.astype(np.float32)
PARTIAL = np.where(np.random.default_rng(0).random(Y.shape) < 0.3, np.nan, Y)
# one label that is always predicted, and one that never is
FIXED = PARTIAL.copy()
FIXED[:, 1], FIXED[:, 2] = np.where(np.isnan(FIXED[:, 1]), np.nan, 1), np.nan

ESTIMATORS = [
    (LogisticRegression(), ["label", "probabilities"]),
    (RandomForestClassifier(5, random_state=0), ["label", "probabilities"]),
    (KNeighborsClassifier(), ["label", "probabilities"]),
    (make_pipeline(StandardScaler(), LogisticRegression()), ["label", "probabilities"]),
    (LinearSVC(), ["label", "scores"]),
    (KernelRidgeClassifierCV(), ["label", "scores"]),
]


@pytest.mark.parametrize("y", [PARTIAL, FIXED, Y[:, 0]], ids=["nan", "fixed", "1-D"])
@pytest.mark.parametrize(
    "estimator, outputs", ESTIMATORS, ids=lambda value: type(value).__name__
)
def test_labels_and_scores_are_the_same(estimator, outputs, y):
    model = BinaryRelevanceClassifier(estimator).fit(X, y)
    n_eps = 4000 if "Kernel" in repr(estimator) else 64
    assert assert_predicts_alike(model, X, n_eps=n_eps) == outputs


@pytest.mark.parametrize("estimator", [ESTIMATORS[0][0], ESTIMATORS[-1][0]])
def test_thresholds_around_it(estimator):
    model = ThresholdedClassifierCV(BinaryRelevanceClassifier(estimator), cv=2)
    assert_predicts_alike(model.fit(X, PARTIAL), X, n_eps=4000)


def test_nothing_but_constants_is_refused():
    y = np.column_stack([np.ones(200), np.zeros(200)])
    model = BinaryRelevanceClassifier(LogisticRegression()).fit(X, y)
    with pytest.raises(ValueError, match="can't be written as ONNX if each label"):
        to_onnx(model, X)

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import DataConversionWarning
from sklearn.linear_model import LogisticRegression, RidgeClassifier

from skmultitag.ensemble import MultilabelVotingClassifier
from skmultitag.hierarchy import HierarchicalClassifier
from skmultitag.kernel_ridge import StackedKernelRidgeClassifierCV
from skmultitag.multioutput import BinaryRelevanceClassifier
from skmultitag.neighbors import MLkNNClassifier
from skmultitag.neural_network import MultiTagClassifier
from skmultitag.thresholds import ThresholdedClassifierCV


@pytest.mark.parametrize(
    "model",
    [
        BinaryRelevanceClassifier(RidgeClassifier()),
        HierarchicalClassifier(MLkNNClassifier(), [(0, 1)]),
        MultilabelVotingClassifier([("neighbors", MLkNNClassifier())]),
        StackedKernelRidgeClassifierCV(),
        ThresholdedClassifierCV(MLkNNClassifier()),
    ],
)
def test_names_of_features_are_those_of_the_last_fit(model):
    X = np.random.RandomState(0).normal(size=(40, 3))
    y = (X[:, :2] > 0).astype(int)
    model.fit(pd.DataFrame(X, columns=["a", "b", "c"]), y)
    assert model.feature_names_in_.tolist() == ["a", "b", "c"]
    model.fit(X, y)
    assert not hasattr(model, "feature_names_in_") and model.n_features_in_ == 3


@pytest.mark.parametrize(
    "model",
    [
        HierarchicalClassifier(LogisticRegression(), []),
        MultilabelVotingClassifier([("logistic", LogisticRegression())]),
        MultiTagClassifier(init=LogisticRegression(), max_iter=1),
        ThresholdedClassifierCV(LogisticRegression(), cv=2),
        ThresholdedClassifierCV(LogisticRegression(), cv=2, n_jobs=2),
    ],
)
def test_a_single_tag_does_not_warn_of_a_column(model):
    X = np.random.RandomState(0).normal(size=(40, 3))
    is_tagged = X[:, 0] > 0
    model.fit(X, [["a"] if each else [] for each in is_tagged])  # warnings are errors
    assert model.label_names_.tolist() == ["a"] and model.predict(X).shape == (40, 1)


def test_a_column_of_the_user_warns_as_in_scikit_learn():
    X = np.random.RandomState(0).normal(size=(40, 3))
    model = ThresholdedClassifierCV(LogisticRegression(), cv=2)
    with pytest.warns(DataConversionWarning):
        model.fit(X, (X[:, :1] > 0).astype(int))

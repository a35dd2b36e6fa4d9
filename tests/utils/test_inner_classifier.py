import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import RidgeClassifier

from skmultitag.ensemble import MultilabelVotingClassifier
from skmultitag.hierarchy import HierarchicalClassifier
from skmultitag.kernel_ridge import StackedKernelRidgeClassifierCV
from skmultitag.multioutput import BinaryRelevanceClassifier
from skmultitag.neighbors import MLkNNClassifier
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

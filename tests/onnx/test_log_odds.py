"""Votes, and networks that start from another classifier, in ONNX."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmultitag import MultiTagClassifier, ThresholdedClassifierCV
from skmultitag.ensemble import MultilabelVotingClassifier
from skmultitag.kernel_ridge import KernelRidgeClassifierCV
from tests.onnx.common import assert_predicts_alike

# sums of many coefficients of both signs, which slopes make larger
N_EPS = 4000
KERNEL = KernelRidgeClassifierCV()
NETWORK = MultiTagClassifier(hidden_layer_sizes=8, max_iter=3, random_state=0)
MEMBERS = [
    ("kernel", make_pipeline(StandardScaler(), KERNEL)),
    ("network", NETWORK),
    ("logistic", OneVsRestClassifier(LogisticRegression())),
    ("dropped", "drop"),
]


@pytest.fixture(params=[np.float32, np.float64], ids=["float32", "float64"])
def rows(request, data):
    X, y = data
    return X.astype(request.param)[:200], y[:200][:, [0, 1, 3]]


def test_vote(rows):
    X, y = rows
    vote = MultilabelVotingClassifier(MEMBERS, weights=[3, 2, 1, 1], cv=2).fit(X, y)
    names = assert_predicts_alike(vote, X, n_eps=N_EPS)
    assert names == ["label", "probabilities", "scores"]
    pipeline = make_pipeline(StandardScaler(), vote).fit(X, y)
    assert_predicts_alike(pipeline, X, n_eps=N_EPS)


def test_thresholds_of_a_vote(rows):
    X, y = rows
    model = ThresholdedClassifierCV(MultilabelVotingClassifier(MEMBERS[:2], cv=2))
    assert_predicts_alike(model.fit(X, y), X, n_eps=N_EPS)


@pytest.mark.parametrize("n_labels", [1, 2])
def test_vote_on_few_labels(rows, n_labels):
    X, y = rows
    y = y[:, 0] if n_labels == 1 else y[:, :2]
    vote = MultilabelVotingClassifier(MEMBERS, cv=2).fit(X, y)
    assert_predicts_alike(vote, X, n_eps=N_EPS)


@pytest.mark.parametrize(
    "init", ["kernel_ridge", MEMBERS[2][1]], ids=["kernel_ridge", "logistic"]
)
def test_network_with_init(init, rows):
    X, y = rows
    model = MultiTagClassifier(init=init, hidden_layer_sizes=8, random_state=0)
    assert_predicts_alike(model.fit(X, y), X, n_eps=N_EPS)
    assert_predicts_alike(model.fit(X, y[:, 0]), X, n_eps=N_EPS)
    tuned = ThresholdedClassifierCV(model, cv=2).fit(X, y)
    assert_predicts_alike(tuned, X, n_eps=N_EPS)

import pickle

import numpy as np
import pytest

from skmultitag import MultiTagClassifier
from skmultitag.datasets import make_multitag_classification
from skmultitag.losses import BinaryCrossEntropyLoss


@pytest.fixture(scope="module")
def data():
    """Labels that are a function of the features, so that counts can be learnt."""
    return make_multitag_classification(
        1500, 6, 5, cardinality=1.5, imbalance=2, noise=0.05, random_state=0
    )


def fit(X, y, loss="lsep", **params):
    params = {"max_iter": 60, "learning_rate_init": 5e-3, "random_state": 0, **params}
    return MultiTagClassifier(loss, count_head=True, **params).fit(X, y)


def test_counts_are_learnt_and_decide(data):
    X, y = data
    model = fit(X[:1000], y[:1000])
    n_labels = model.predict_label_count(X[1000:])
    true = y[1000:].sum(axis=1)
    assert (n_labels == true).mean() > (true == np.median(true)).mean() + 0.2
    predicted = model.predict(X[1000:])
    np.testing.assert_array_equal(predicted.sum(axis=1), n_labels)
    margin = model.decision_function(X[1000:])
    lowest = np.where(predicted == 1, margin, np.inf).min(axis=1)
    highest = np.where(predicted == 0, margin, -np.inf).max(axis=1)
    assert (lowest >= highest).all()
    assert (predicted == y[1000:]).mean() > 0.85


def test_rows_without_labels_are_predicted(data):
    X, y = data
    assert (y.sum(axis=1) == 0).any()
    model = fit(X, y)
    empty = model.predict_label_count(X) == 0
    assert empty.any() and not model.predict(X)[empty].any()


def test_the_network_is_trained_as_without(data):
    X, y = data
    params = {"max_iter": 3, "alpha": 0.0, "random_state": 0}
    without = MultiTagClassifier("bce", **params).fit(X, y)
    model = MultiTagClassifier("bce", count_head=True, **params).fit(X, y)
    np.testing.assert_allclose(
        model.decision_function(X), without.decision_function(X), atol=1e-8
    )


def test_more_labels_than_seen_before(data):
    X, y = data
    few = y.sum(axis=1) <= 2
    model = fit(X[few], y[few], max_iter=2, warm_start=True)
    assert model.predict_label_count(X).max() <= 2
    model.fit(X, y)
    assert model.predict_label_count(X).max() <= 2


def test_a_number_as_threshold_comes_first(data):
    X, y = data
    model = fit(X, y, "bce", threshold=0.3)
    np.testing.assert_array_equal(model.predict(X), model.predict_proba(X) >= 0.3)


def test_with_weights_early_stopping_and_pickle(data):
    X, y = data
    model = MultiTagClassifier(
        BinaryCrossEntropyLoss(), count_head=True, early_stopping=True, max_iter=3
    ).fit(X, y, sample_weight=np.ones(len(y)))
    copied = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copied.predict(X), model.predict(X))


def test_head_is_that_of_the_fit(data):
    X, y = data
    model = fit(X, y, "bce", max_iter=2)
    expected = model.predict(X)
    np.testing.assert_array_equal(
        model.set_params(count_head=False).predict(X), expected
    )
    without = MultiTagClassifier("bce", max_iter=2).fit(X, y)
    assert not hasattr(without.set_params(count_head=True), "predict_label_count")
    assert without.predict(X).shape == y.shape


def test_without_a_head_there_are_no_counts(data):
    X, y = data
    assert not hasattr(MultiTagClassifier(), "predict_label_count")
    with pytest.raises(ValueError, match="count_head=True needs rows of several"):
        fit(X, y[:, 0])

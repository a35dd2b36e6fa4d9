"""ML-kNN against Mulan's, and its leave-one-out probabilities against refits."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.metrics import pairwise_distances
from sklearn.model_selection import GridSearchCV
from sklearn.utils.estimator_checks import parametrize_with_checks

from skmultitag import ThresholdedClassifierCV, for_inference
from skmultitag.neighbors import MLkNNClassifier
from skmultitag.thresholds import FBetaThreshold
from skmultitag.utils import _blocks

# Mulan 43f6389, and the closed form, which agree to the bit
VALUES = json.loads((Path(__file__).parent / "mlknn_values.json").read_text())


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@parametrize_with_checks([MLkNNClassifier(), MLkNNClassifier(3, 0.5, metric="cosine")])
def test_scikit_learn_checks(estimator, check):
    check(estimator)


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 3))
    y = (X @ rng.normal(size=(3, 5)) + rng.normal(size=(40, 5)) > 0.5).astype(int)
    y[:, 4] = 0
    return X, y


@pytest.mark.parametrize("k", [3, 5])
def test_probabilities_are_those_of_mulan(k):
    expected, y = VALUES[f"k{k}"], np.array(VALUES["Y"])
    model = MLkNNClassifier(k).fit(VALUES["X"], y)
    close = {"rtol": 0, "atol": 1e-15}
    np.testing.assert_allclose(model.prior_, expected["prior"], **close)
    likelihood = model.likelihood_
    np.testing.assert_allclose(likelihood[:, 1], expected["likelihood_pos"], **close)
    np.testing.assert_allclose(likelihood[:, 0], expected["likelihood_neg"], **close)
    np.testing.assert_allclose(
        model.posterior_, expected["posterior_by_count"], **close
    )
    proba = model.predict_proba(VALUES["X_query"])
    np.testing.assert_allclose(proba, expected["mulan_posterior_query"], **close)
    np.testing.assert_array_equal(model.predict(VALUES["X_query"]), proba > 0.5)
    # what others get, with each row among its own neighbours
    wrong = expected["posterior_query_if_a_row_is_its_own_neighbour"]
    assert np.abs(proba - wrong).max() > 0.1


def test_tables_by_their_definition(data):
    X, y = data
    model = MLkNNClassifier(4, smoothing=0.7).fit(X, y)
    distances = pairwise_distances(X)
    np.fill_diagonal(distances, np.inf)
    counts = y[np.argsort(distances, axis=1)[:, :4]].sum(axis=1)
    for label in range(5):
        for value in (0, 1):
            of_value = counts[y[:, label] == value, label]
            expected = 0.7 + np.bincount(of_value, minlength=5)
            np.testing.assert_allclose(
                model.likelihood_[label, value], expected / expected.sum()
            )


def test_a_label_without_positives_is_not_predicted(data):
    model = MLkNNClassifier(5).fit(*data)
    assert (model.posterior_[4] < 0.5).all()


@pytest.mark.parametrize("smoothing", [1e-300, 1e300])
def test_smoothing_of_any_size(smoothing, data):
    proba = MLkNNClassifier(5, smoothing).fit(*data).predict_proba(data[0])
    assert np.isfinite(proba).all() and (proba >= 0).all()
    if smoothing > 1:
        np.testing.assert_allclose(proba, 0.5)


@pytest.mark.parametrize(
    "k, smoothing", [(1, 1.0), (4, 0.3), (10, 1.0), (38, 1.0), (39, 1.0), (200, 2.0)]
)
def test_leave_one_out_is_that_of_refits(k, smoothing, data, monkeypatch):
    X, y = data
    monkeypatch.setattr(_blocks, "N_ENTRIES_OF_A_BLOCK", 80)  # two labels
    model = MLkNNClassifier(k, smoothing).fit(X, y)
    expected = [
        clone(model)
        .fit(np.delete(X, row, axis=0), np.delete(y, row, axis=0))
        .predict_proba(X[[row]])[0]
        for row in range(len(X))
    ]
    np.testing.assert_allclose(model.loo_proba_, expected, rtol=1e-12)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_leave_one_out_of_classes(n_classes, data):
    X = data[0]
    y = np.array(["a", "b", "c"])[np.digitize(X[:, 0], [0, 0.8][: n_classes - 1])]
    model = MLkNNClassifier(4).fit(X, y)
    expected = [
        clone(model)
        .fit(np.delete(X, row, axis=0), np.delete(y, row))
        .predict_proba(X[[row]])[0]
        for row in range(len(X))
    ]
    np.testing.assert_allclose(model.loo_proba_, expected, rtol=1e-12)
    np.testing.assert_allclose(model.loo_proba_.sum(axis=1), 1)
    assert (model.predict(X) == y).mean() > 0.7


def test_thresholds_need_one_fit(data, monkeypatch):
    X, y = data
    fitted, fit = [], MLkNNClassifier.fit

    def counted(self, X, y):
        fitted.append(len(X))
        return fit(self, X, y)

    monkeypatch.setattr(MLkNNClassifier, "fit", counted)
    model = ThresholdedClassifierCV(MLkNNClassifier(5), FBetaThreshold()).fit(X, y)
    assert fitted == [40]
    of_scores = FBetaThreshold().fit(model.estimator_.loo_proba_, y)
    np.testing.assert_array_equal(model.threshold_, of_scores.threshold_)


def test_order_of_rows_labels_and_features_does_not_matter(data):
    X, y = data
    rng = np.random.default_rng(1)
    rows, labels, features = (rng.permutation(n) for n in (40, 5, 3))
    proba = MLkNNClassifier(5).fit(X, y).predict_proba(X)
    model = MLkNNClassifier(5).fit(X[rows][:, features], y[rows][:, labels])
    found = model.predict_proba(X[:, features])
    np.testing.assert_array_equal(found, proba[:, labels])


@pytest.mark.parametrize("make", [sparse.csr_array, sparse.csc_matrix])
def test_sparse_features_and_targets(make, data):
    y = data[1]
    # without rows that are equal, which have no order
    rng = np.random.default_rng(0)
    X = rng.random((40, 30)) * (rng.random((40, 30)) < 0.3)
    expected = MLkNNClassifier(5, algorithm="brute").fit(X, y)
    model = MLkNNClassifier(5).fit(make(X), make(y))
    np.testing.assert_array_equal(
        model.predict_proba(make(X)), expected.predict_proba(X)
    )
    predicted = model.predict(make(X))
    assert type(predicted) is make
    np.testing.assert_array_equal(predicted.toarray(), expected.predict(X))
    np.testing.assert_array_equal(model.loo_proba_, expected.loo_proba_)


def test_distances_that_are_given(data):
    X, y = data
    expected = MLkNNClassifier(5).fit(X[:30], y[:30])
    model = MLkNNClassifier(5, metric="precomputed")
    model.fit(pairwise_distances(X[:30]), y[:30])
    found = model.predict_proba(pairwise_distances(X[30:], X[:30]))
    np.testing.assert_array_equal(found, expected.predict_proba(X[30:]))
    np.testing.assert_array_equal(model.loo_proba_, expected.loo_proba_)


def test_a_copy_of_a_row_is_its_neighbour():
    X = np.repeat([[0.0], [1.0], [5.0]], 2, axis=0)
    y = np.array([[1, 0, 1, 1, 0, 0], [0, 0, 0, 0, 1, 1]]).T
    model = MLkNNClassifier(1).fit(X, y)
    # of the three rows with the label, two have a neighbour with it
    np.testing.assert_allclose(model.likelihood_[0, 1], [2 / 5, 3 / 5])


def test_tags_frames_and_search(data):
    X, y = data
    tags = [[f"t{j}" for j in np.flatnonzero(row)] for row in y]
    model = MLkNNClassifier(5).fit(X, tags)
    assert model.label_names_.tolist() == ["t0", "t1", "t2", "t3"]
    expected = MLkNNClassifier(5).fit(X, y).predict(X)
    assert model.predict_tags(X) == [
        tuple(f"t{j}" for j in np.flatnonzero(row)) for row in expected
    ]
    frame = pd.DataFrame(y, columns=list("abcde"))
    assert MLkNNClassifier(5).fit(X, frame).score(X, frame[list("edcba")]) > 0
    search = GridSearchCV(MLkNNClassifier(), {"n_neighbors": [2, 8]}, cv=2)
    assert search.fit(X, y).best_params_["n_neighbors"] in (2, 8)


def test_for_inference_forgets_the_neighbours(data):
    X, y = data
    model = MLkNNClassifier(5).fit(X, y)
    small = for_inference(model)
    np.testing.assert_array_equal(small.predict_proba(X), model.predict_proba(X))
    assert not hasattr(small, "loo_proba_") and hasattr(model, "loo_proba_")


def test_all_other_rows_if_there_are_no_more(data):
    X, y = data
    model = MLkNNClassifier(500).fit(X, y)
    assert model.n_neighbors_ == 39 and model.posterior_.shape == (5, 40)


@pytest.mark.parametrize(
    "params, match",
    [
        ({"n_neighbors": 0}, "'n_neighbors' parameter of MLkNNClassifier"),
        ({"smoothing": 0}, "'smoothing' parameter of MLkNNClassifier"),
        ({"metric": "warp"}, "'metric' parameter of MLkNNClassifier"),
    ],
)
def test_bad_parameters_raise(params, match, data):
    with pytest.raises(ValueError, match=match):
        MLkNNClassifier(**params).fit(*data)


def test_bad_data_raise_and_leave_the_old_model(data):
    X, y = data
    model = MLkNNClassifier(5).fit(X, y)
    expected = model.predict_proba(X)
    with pytest.raises(ValueError, match="Got X 39, y 40"):
        model.fit(X[1:], y)
    with pytest.raises(ValueError, match="contains NaN"):
        model.fit(X * np.nan, y)
    with pytest.raises(ValueError, match="minimum of 2 is required"):
        model.fit(X[:1], y[:1])
    np.testing.assert_array_equal(model.predict_proba(X), expected)

from itertools import product

import numpy as np
import pytest
from scipy import sparse
from scipy.special import expit
from sklearn.metrics import fbeta_score

from skmultitag.metrics import expected_fbeta_of_rows, log_odds_to_threshold
from skmultitag.thresholds import ExpectedFBetaThreshold


def expected_by_enumeration(proba, decision, beta, zero_division):
    """Sum over all label sets of one row."""
    total = 0
    for labels in product([0, 1], repeat=len(proba)):
        chance = np.where(labels, proba, 1 - proba).prod()
        total += chance * fbeta_score(
            [labels],
            [decision],
            beta=beta,
            average="samples",
            zero_division=zero_division,
        )
    return total


@pytest.mark.parametrize("beta", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("zero_division", [0.0, 1.0])
def test_expected_value_of_any_decision(beta, zero_division):
    """Also of one in which unlikely labels are predicted, and likely ones are not."""
    rng = np.random.RandomState(0)
    decisions = np.array(list(product([0, 1], repeat=4)))
    proba = rng.beta(0.5, 0.5, size=(16, 4))
    proba[:2, :2] = [[0, 1], [1, 0]]
    expected = [
        expected_by_enumeration(*row, beta, zero_division)
        for row in zip(proba, decisions, strict=True)
    ]
    values = expected_fbeta_of_rows(
        proba, decisions, beta=beta, zero_division=zero_division
    )
    np.testing.assert_allclose(values, expected, atol=1e-12)


def test_expected_value_is_the_mean_over_targets():
    rng = np.random.RandomState(0)
    proba = rng.beta(0.1, 1.0, size=(5, 200))
    pred = rng.rand(5, 200) < proba
    values = expected_fbeta_of_rows(proba, pred)
    for row, decision, value in zip(proba, pred, values, strict=True):
        y = rng.rand(10_000, 200) < row
        f1 = 2 * (y & decision).sum(axis=1) / (y.sum(axis=1) + decision.sum())
        assert value == pytest.approx(f1.mean(), abs=5 * f1.std() / 100)


def test_no_decision_expects_more_than_the_thresholder():
    rng = np.random.RandomState(0)
    proba = rng.beta(0.4, 0.6, size=(200, 6))
    best = ExpectedFBetaThreshold().fit(proba, proba > 0.5).transform(proba)
    values = expected_fbeta_of_rows(proba, best)
    for threshold in (0.2, 0.4, 0.6):
        others = expected_fbeta_of_rows(proba, proba > threshold)
        assert (others <= values + 1e-12).all() and (others < values).any()


def test_forms_and_blocks(monkeypatch):
    rng = np.random.RandomState(0)
    proba = rng.rand(50, 3)
    pred = (proba > 0.4).astype(int)
    values = expected_fbeta_of_rows(proba, pred)
    np.testing.assert_array_equal(
        expected_fbeta_of_rows(proba.tolist(), sparse.csr_array(pred)), values
    )
    monkeypatch.setattr("skmultitag.utils._blocks.N_ENTRIES_IN_CACHE", 30)
    np.testing.assert_allclose(expected_fbeta_of_rows(proba, pred), values)


def test_distance_to_the_nearest_threshold():
    log_odds = np.array([[2.0, -3.0, 5.0], [0.0, -1.0, 9.0], [0.5, 1.0, 4.0]])
    proba = expit(log_odds)
    np.testing.assert_allclose(log_odds_to_threshold(proba), [2, 0, 0.5], atol=1e-12)
    thresholds = expit([1.0, -2.0, 4.5])
    distances = log_odds_to_threshold(proba, thresholds)
    np.testing.assert_allclose(distances, [0.5, 1, 0.5], atol=1e-12)


def test_decisions_that_can_not_change_do_not_count():
    proba = [[0.0, 1.0, 0.7], [0.2, 0.9, 1.0]]
    thresholds = [np.inf, 0.0, 0.5]
    distances = log_odds_to_threshold(proba, thresholds)
    np.testing.assert_allclose(distances, [np.log(0.7 / 0.3), np.inf])
    assert log_odds_to_threshold(proba, -np.inf).tolist() == [np.inf, np.inf]


@pytest.mark.parametrize(
    "params, message",
    [
        ({"y_proba": [[0.5, 1.5]]}, r"y_proba must be in \[0, 1\]"),
        ({"y_proba": [[0.5, np.nan]]}, "y_proba contains NaN"),
        ({"y_pred": np.array([[0, 2]])}, "y_pred must hold 0 and 1 only"),
        ({"y_pred": [[0, 1, 1]]}, r"y_pred must have the shape of y_proba, \(1, 2\)"),
        ({"beta": 0}, "'beta' parameter of expected_fbeta_of_rows"),
        ({"zero_division": 0.5}, "'zero_division' parameter"),
    ],
)
def test_bad_arguments_of_expected_value(params, message):
    with pytest.raises(ValueError, match=message):
        expected_fbeta_of_rows(
            **{"y_proba": [[0.2, 0.8]], "y_pred": [[0, 1]], **params}
        )


@pytest.mark.parametrize(
    "params, message",
    [
        ({"y_proba": [[-0.5, 0.5]]}, r"y_proba must be in \[0, 1\]"),
        ({"threshold": [0.5]}, "threshold must be a number, or one for each of the 2"),
        ({"threshold": np.nan}, "threshold must be a number, or one for each of the 2"),
        ({"threshold": ["a", "b"]}, "threshold: could not convert string"),
    ],
)
def test_bad_arguments_of_distance(params, message):
    with pytest.raises(ValueError, match=message):
        log_odds_to_threshold(**{"y_proba": [[0.2, 0.8]], **params})

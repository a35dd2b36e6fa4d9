from itertools import product

import numpy as np
import pytest
from sklearn.metrics import fbeta_score

from skmultitag.thresholds import ExpectedFBetaThreshold, FBetaThreshold
from skmultitag.utils._expected_fbeta import expected_fbeta_of_first


def expected_by_enumeration(proba, decision, beta, zero_division):
    """Mean over all label sets of one row, by their chance."""
    labels = np.array([*product([0, 1], repeat=len(proba))])
    return fbeta_score(
        labels,
        np.tile(decision, (len(labels), 1)),
        beta=beta,
        average="samples",
        sample_weight=np.where(labels == 1, proba, 1 - proba).prod(axis=1),
        zero_division=zero_division,
    )


@pytest.mark.parametrize("beta", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("zero_division", [0.0, 1.0])
@pytest.mark.parametrize("seed", range(3))
def test_no_set_of_labels_is_better(beta, zero_division, seed):
    rng = np.random.default_rng(seed)
    proba = rng.beta(0.4, 0.6, size=(2, 4))
    thresholder = ExpectedFBetaThreshold(beta, zero_division=zero_division)
    decision = thresholder.fit(proba, proba > 0.5).transform(proba)
    for row, chosen in zip(proba, decision, strict=True):
        values = [
            expected_by_enumeration(row, np.array(labels), beta, zero_division)
            for labels in product([0, 1], repeat=4)
        ]
        reached = expected_by_enumeration(row, chosen, beta, zero_division)
        assert reached == pytest.approx(max(values))


def test_expected_values_are_exact():
    proba = np.array([[0.99, 0.7, 0.5, 0.2, 0.0], [1.0, 1.0, 0.4, 0.4, 1e-9]])
    expected = expected_fbeta_of_first(proba, 1.0, 1.0)
    for row, values in zip(proba, expected, strict=True):
        by_hand = [
            expected_by_enumeration(row, np.arange(5) < k, 1.0, 1.0) for k in range(6)
        ]
        np.testing.assert_allclose(values, by_hand, atol=1e-12)


def test_many_labels_against_simulation():
    """Counts that are negligible are left out, and the rest stays exact."""
    rng = np.random.default_rng(0)
    proba = -np.sort(-rng.beta(0.05, 1.0, size=300))
    y = rng.random((20_000, 300)) < proba
    expected = expected_fbeta_of_first(proba[None], 1.0, 0.0)[0]
    for k in (1, 5, 20, 100):
        f1 = 2 * y[:, :k].sum(axis=1) / (k + y.sum(axis=1))
        assert expected[k] == pytest.approx(f1.mean(), abs=5 * f1.std() / 141)


def test_beats_a_common_threshold_on_true_probabilities():
    rng = np.random.default_rng(0)
    proba = rng.beta(0.3, 1.0, size=(5000, 6)) * rng.random((5000, 1))
    y = (rng.random(proba.shape) < proba).astype(int)
    f1 = [
        fbeta_score(
            y,
            rule.fit(proba, y).transform(proba),
            beta=1,
            average="samples",
            zero_division=0,
        )
        for rule in (ExpectedFBetaThreshold(), FBetaThreshold(average="samples"))
    ]
    assert f1[0] > f1[1] + 0.01

import numpy as np
import pytest

from skmultitag.calibration import PlattCalibrator
from skmultitag.thresholds import FBetaThreshold, HalfFThreshold


@pytest.mark.parametrize("beta", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("average", ["macro", "micro"])
def test_nears_the_best_threshold_of_true_probabilities(beta, average):
    rng = np.random.default_rng(0)
    proba = rng.beta([1, 0.5, 2], [5, 5, 2], size=(200_000, 3))
    y = rng.random(proba.shape) < proba
    half = HalfFThreshold(beta, average).fit(proba, y)
    best = FBetaThreshold(beta, average).fit(proba, y)
    np.testing.assert_allclose(half.threshold_, best.threshold_, atol=0.03)
    np.testing.assert_allclose(half.threshold_, best.score_ / (1 + beta**2))


def test_label_without_positives_is_not_predicted():
    proba = [[0.9, 0.9], [0.2, 0.8]]
    half = HalfFThreshold().fit(proba, [[1, 0], [0, 0]])
    np.testing.assert_array_equal(half.threshold_, [0.5, np.inf])


def test_margins_are_calibrated_first():
    rng = np.random.default_rng(0)
    y = rng.random((500, 3)) < 0.3
    scores = 3 * rng.normal(size=y.shape) + 4 * y
    proba = PlattCalibrator().fit_transform(scores, y)
    expected = HalfFThreshold().fit(proba, y)
    assert expected.calibrator_ is None
    half = HalfFThreshold().fit(scores, y)
    np.testing.assert_allclose(half.threshold_, expected.threshold_)
    np.testing.assert_array_equal(half.transform(scores), expected.transform(proba))


def test_margins_after_probabilities_raise():
    half = HalfFThreshold().fit([[0.9], [0.2]], [[1], [0]])
    with pytest.raises(ValueError, match="was fitted on probabilities. Got scores"):
        half.transform([[3.0]])

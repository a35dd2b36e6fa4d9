import numpy as np
import pytest
from sklearn.isotonic import IsotonicRegression

from skmultitag.calibration import IsotonicCalibrator


@pytest.mark.parametrize("weighted", [False, True])
def test_each_label_is_an_isotonic_regression(weighted):
    rng = np.random.default_rng(0)
    y = rng.random((200, 3)) < [0.1, 0.3, 0.6]
    scores = rng.normal(size=y.shape) + y
    weight = rng.choice([1.0, 2.0], 200) if weighted else None
    new = rng.normal(size=(50, 3)) * 5  # beyond the range of fit too
    proba = IsotonicCalibrator().fit(scores, y, weight).transform(new)
    for label in range(3):
        curve = IsotonicRegression(out_of_bounds="clip")
        curve.fit(scores[:, label], y[:, label], sample_weight=weight)
        np.testing.assert_allclose(proba[:, label], curve.predict(new[:, label]))
    assert proba.min() >= 0 and proba.max() <= 1


def test_label_with_one_class():
    scores = np.arange(8.0).reshape(4, 2)
    proba = IsotonicCalibrator().fit_transform(scores, [[0, 1]] * 4)
    np.testing.assert_array_equal(proba, [[0, 1]] * 4)


def test_no_probability_is_rounded_to_more_than_one():
    for seed in range(300):
        rng = np.random.RandomState(seed)
        scores = rng.standard_normal((6, 4)).astype(np.float32)
        y, weight = rng.randint(2, size=(6, 4)), rng.uniform(0.5, 2, 6)
        model = IsotonicCalibrator().fit(scores, y, weight)
        rows = rng.standard_normal((200, 4)).astype(np.float32)
        assert model.transform(np.concatenate([scores, rows])).max() <= 1

import numpy as np
import pytest
from scipy.special import expit, log_expit, logit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator

from skmultitag.calibration import PlattCalibrator


class Margin(ClassifierMixin, BaseEstimator):
    """A fitted classifier whose margin is its one feature."""

    def __init__(self):
        self.classes_ = np.array([0, 1])

    def fit(self, X, y):
        return self

    def decision_function(self, X):
        return X[:, 0]


def sigmoid_calibration(scores, y, sample_weight=None):
    """Slope, intercept and probabilities of scikit-learn, for one label."""
    calibrated = CalibratedClassifierCV(FrozenEstimator(Margin()), method="sigmoid")
    calibrated.set_params(cv=[(np.arange(len(y)), np.arange(len(y)))], ensemble=True)
    calibrated.fit(scores[:, None], y, sample_weight)
    curve = calibrated.calibrated_classifiers_[0].calibrators[0]
    return -curve.a_, -curve.b_, calibrated.predict_proba(scores[:, None])[:, 1]


@pytest.fixture(params=["margins", "probabilities", "large", "nearly separated"])
def data(request):
    rng = np.random.default_rng(0)
    y = rng.random((400, 6)) < np.geomspace(0.02, 0.6, 6)
    margins = rng.normal(size=y.shape) + 2 * y - 2
    scores = {
        "margins": margins,
        "probabilities": expit(margins),
        "large": 20 * margins + 100,
        "nearly separated": margins + 4 * y,
    }
    return scores[request.param], y.astype(int)


def test_equals_scikit_learn_label_by_label(data):
    scores, y = data
    calibrator = PlattCalibrator().fit(scores, y)
    proba = calibrator.transform(scores)
    for label in range(y.shape[1]):
        slope, intercept, expected = sigmoid_calibration(scores[:, label], y[:, label])
        np.testing.assert_allclose(proba[:, label], expected, atol=1e-4)
        np.testing.assert_allclose(calibrator.slope_[label], slope, rtol=1e-3)
        np.testing.assert_allclose(
            calibrator.intercept_[label], intercept, rtol=1e-3, atol=1e-4
        )


def cross_entropy(params, scores, y, weight):
    """The objective, written out for one label."""
    n_pos, n_neg = weight @ y, weight @ (1 - y)
    target = np.where(y == 1, (n_pos + 1) / (n_pos + 2), 1 / (n_neg + 2))
    u = params[0] * scores + params[1]
    return -weight @ (target * log_expit(u) + (1 - target) * log_expit(-u))


@pytest.mark.parametrize("weighted", [False, True])
def test_no_other_parameters_are_better(data, weighted):
    scores, y = data
    rng = np.random.default_rng(1)
    weight = rng.choice([0.5, 1.0, 3.0], len(y)) if weighted else np.ones(len(y))
    calibrator = PlattCalibrator().fit(scores, y, weight)
    for label in range(y.shape[1]):
        column = scores[:, label], y[:, label], weight
        best = np.array([calibrator.slope_[label], calibrator.intercept_[label]])
        least = cross_entropy(best, *column)
        for step in ([1, 0], [0, 1], [1, 1], [1, -1]):
            for sign in (-1, 1):
                other = best * (1 + sign * 1e-4 * np.array(step))
                assert cross_entropy(other, *column) > least


def test_weight_is_a_number_of_rows(data):
    scores, y = data
    weight = np.arange(len(y)) % 3
    weighted = PlattCalibrator().fit(scores, y, weight)
    repeated = PlattCalibrator().fit(
        np.repeat(scores, weight, axis=0), np.repeat(y, weight, axis=0)
    )
    np.testing.assert_allclose(weighted.slope_, repeated.slope_, rtol=1e-6)
    np.testing.assert_allclose(weighted.intercept_, repeated.intercept_, rtol=1e-6)


@pytest.mark.parametrize("value, n_pos", [(0, 0), (1, 50)])
def test_one_class_gives_the_smoothed_frequency(value, n_pos):
    scores = np.random.default_rng(0).normal(size=(50, 1))
    calibrator = PlattCalibrator().fit(scores, np.full((50, 1), value))
    expected = (n_pos + 1) / 52
    assert calibrator.slope_ == [0]
    np.testing.assert_allclose(calibrator.transform(scores), expected)


@pytest.mark.parametrize("value", [7.0, 0.3, 0.1, -1e-9])
@pytest.mark.parametrize("n_repeats", [1, 15])
def test_constant_scores_give_the_smoothed_frequency(value, n_repeats):
    y = np.repeat([[1], [0], [0], [0]], n_repeats, axis=0)
    calibrator = PlattCalibrator().fit(np.full(y.shape, value), y)
    n_pos, n_neg = n_repeats, 3 * n_repeats
    smoothed = (n_pos * (n_pos + 1) / (n_pos + 2) + n_neg / (n_neg + 2)) / len(y)
    assert calibrator.slope_ == [0]
    np.testing.assert_allclose(calibrator.intercept_, logit(smoothed))


def test_separated_classes_have_a_finite_slope():
    scores = np.array([[-1000.0], [-999.0], [999.0], [1000.0]])
    proba = PlattCalibrator().fit_transform(scores, [[0], [0], [1], [1]])
    np.testing.assert_allclose(proba.ravel(), [0.25, 0.25, 0.75, 0.75], rtol=1e-3)


def test_labels_do_not_depend_on_each_other(data):
    scores, y = data
    together = PlattCalibrator().fit(scores, y)
    alone = [
        PlattCalibrator().fit(scores[:, [j]], y[:, [j]]).slope_[0]
        for j in range(y.shape[1])
    ]
    np.testing.assert_allclose(together.slope_, alone, rtol=1e-9)


def test_float32_scores_give_float32_probabilities(data):
    scores, y = data
    proba = PlattCalibrator().fit_transform(scores, y)
    single = PlattCalibrator().fit_transform(scores.astype(np.float32), y)
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, proba, rtol=1e-3)


@pytest.mark.parametrize("scale", [2.0**-800, 2.0**-530, 2.0**530, 2.0**1000])
def test_the_size_of_the_scores_does_not_matter(data, scale):
    scores, y = data
    expected = PlattCalibrator().fit(scores, y)
    model = PlattCalibrator().fit(scores * scale, y)
    np.testing.assert_allclose(model.slope_ * scale, expected.slope_, rtol=1e-12)
    result = model.transform(scores * scale)
    np.testing.assert_allclose(result, expected.transform(scores), rtol=1e-12)


def test_scores_too_small_for_a_slope_are_constant(data):
    scores, y = data
    model = PlattCalibrator().fit(scores * 1e-300, y)
    assert (model.slope_ == 0).all()
    smoothed = np.mean(y * (y.sum(0) + 1) / (y.sum(0) + 2), axis=0)
    smoothed += np.mean((1 - y) / (len(y) - y.sum(0) + 2), axis=0)
    np.testing.assert_allclose(model.transform(scores[:1])[0], smoothed)


@pytest.mark.parametrize("is_separated", [False, True])
@pytest.mark.parametrize("weight", [1e-200, 1e-20, 1e17, 1e200, 1e297])
def test_weights_of_any_size_give_finite_curves(data, weight, is_separated):
    scores, y = data
    if is_separated:
        y = scores > np.median(scores, axis=0)
    model = PlattCalibrator().fit(scores, y, np.full(len(y), weight))
    assert np.isfinite([model.slope_, model.intercept_]).all()
    proba = model.transform(scores)
    if weight < 1:  # nothing beside the two rows that smoothing adds
        np.testing.assert_allclose(proba, 0.5)
    elif not is_separated:  # smoothing says nothing any more
        expected = PlattCalibrator().fit(scores, y, np.full(len(y), 1e12))
        np.testing.assert_allclose(proba, expected.transform(scores), atol=1e-6)
    else:
        np.testing.assert_array_equal(proba > 0.5, y)


# Slopes of rare labels


def test_shrunk_slopes_are_between_their_own_and_that_of_all(data):
    scores, y = data
    own = PlattCalibrator().fit(scores, y)
    n_few = np.minimum(y.sum(axis=0), (1 - y).sum(axis=0))
    spread = scores.std(axis=0)
    common = np.average(own.slope_ * spread, weights=n_few)
    for shrinkage in (5.0, 50.0):
        model = PlattCalibrator(shrinkage=shrinkage).fit(scores, y)
        share = n_few / (n_few + shrinkage)
        expected = share * own.slope_ * spread + (1 - share) * common
        np.testing.assert_allclose(model.slope_ * spread, expected, rtol=1e-9)
        # as many positives as Platt's targets say
        n_pos, n_neg = y.sum(axis=0), (1 - y).sum(axis=0)
        total = n_pos * (n_pos + 1) / (n_pos + 2) + n_neg / (n_neg + 2)
        np.testing.assert_allclose(model.transform(scores).sum(axis=0), total)


def test_one_positive_that_scores_low_does_not_turn_its_label_round():
    rng = np.random.default_rng(0)
    y = np.zeros((200, 2), dtype=int)
    y[:80, 0], y[0, 1] = 1, 1
    scores = rng.normal(size=(200, 2)) + 2 * y
    scores[0, 1] = scores[:, 1].min() - 0.1  # of models that never saw a positive
    assert PlattCalibrator().fit(scores, y).slope_[1] < 0
    model = PlattCalibrator(shrinkage=30).fit(scores, y)
    assert (model.slope_ > 0).all()
    assert model.transform(scores)[:, 1].mean() < 0.02


def test_shrinkage_with_weights_and_labels_of_one_class(data):
    scores, y = data
    y = y.copy()
    y[:, 0], y[:, 1] = 0, 1
    weight = np.arange(len(y)) % 3
    model = PlattCalibrator(shrinkage=10).fit(scores, y, weight)
    rows = np.repeat(np.arange(len(y)), weight)
    repeated = PlattCalibrator(shrinkage=10).fit(scores[rows], y[rows])
    np.testing.assert_allclose(model.slope_, repeated.slope_, rtol=1e-6)
    np.testing.assert_allclose(model.intercept_, repeated.intercept_, rtol=1e-6)
    assert model.slope_[:2].tolist() == [0, 0]
    with pytest.raises(ValueError, match="'shrinkage' parameter"):
        PlattCalibrator(shrinkage=-1).fit(scores, y)

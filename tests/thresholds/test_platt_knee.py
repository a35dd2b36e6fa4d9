import numpy as np
import pytest

from skmultitag import PlattKnee
from skmultitag.calibration import PlattCalibrator
from skmultitag.thresholds._platt_knee import _knee


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    y = rng.random((400, 12)) < np.geomspace(0.02, 0.5, 12)
    return rng.normal(size=y.shape) + 3 * y, y


def test_every_step_by_hand(data):
    scores, y = data
    model = PlattKnee().fit(scores, y)
    proba = PlattCalibrator().fit_transform(scores, y)
    ordered = np.sort(proba, axis=1)[:, ::-1]
    curve = np.median(ordered, axis=0)
    np.testing.assert_allclose(model.median_curve_, curve)
    quartiles = np.quantile(
        ordered, [0.25, 0.75], axis=0, method="averaged_inverted_cdf"
    )
    np.testing.assert_allclose(model.quartiles_, quartiles)
    # distance of each point to the line through both ends, by the cross product
    ends = np.array([0, curve[0]]), np.array([11, curve[-1]])
    along = ends[1] - ends[0]
    points = np.column_stack([np.arange(12), curve]) - ends[0]
    distance = np.abs(along[0] * points[:, 1] - along[1] * points[:, 0])
    assert model.knee_ == distance.argmax()
    assert model.threshold_ == curve[model.knee_]
    np.testing.assert_array_equal(model.transform(scores), proba >= model.threshold_)


@pytest.mark.parametrize(
    "curve, knee",
    [
        ([0.9, 0.8, 0.1, 0.05, 0.0], 2),
        ([0.9, 0.1, 0.05, 0.0], 1),
        ([0.5, 0.5, 0.5], None),  # flat
        ([0.9, 0.6, 0.3], None),  # a straight line
        ([0.9, 0.1], None),
        ([0.9], None),
    ],
)
def test_knee(curve, knee):
    assert _knee(np.array(curve)) == knee


@pytest.mark.parametrize("n_labels", [1, 2])
def test_one_and_two_labels_have_no_knee(n_labels, data):
    scores, y = (part[:, -n_labels:] for part in data)
    model = PlattKnee().fit(scores, y)
    assert model.knee_ is None and model.threshold_ == 0.5
    proba = PlattCalibrator().fit_transform(scores, y)
    np.testing.assert_array_equal(model.transform(scores), proba >= 0.5)


def test_constant_scores_have_no_knee():
    y = np.tile([[0, 1], [1, 0]], (10, 3))
    model = PlattKnee().fit(np.zeros(y.shape), y)
    assert model.knee_ is None
    np.testing.assert_allclose(model.median_curve_, 0.5)


def test_knee_lies_behind_the_labels_that_rows_have():
    rng = np.random.default_rng(0)
    y = rng.permuted(np.tile(np.arange(10) < 3, (500, 1)), axis=1)
    scores = rng.normal(scale=0.3, size=y.shape) + 4 * y
    model = PlattKnee().fit(scores, y)
    predicted = model.transform(scores)
    assert model.knee_ == 3
    assert predicted[y].all()
    # the threshold is a median: about half of the rows get a fourth label
    assert 3.4 < predicted.sum(axis=1).mean() < 3.7

import numpy as np

from skmultitag.thresholds import ProportionalThreshold


def test_labels_are_predicted_as_often_as_they_occur():
    rng = np.random.default_rng(0)
    y = rng.random((500, 5)) < [0.01, 0.1, 0.3, 0.5, 0.9]
    y[:, 0] = False
    scores = rng.normal(size=y.shape) + y
    by_label = ProportionalThreshold().fit(scores, y)
    np.testing.assert_array_equal(by_label.transform(scores).sum(axis=0), y.sum(axis=0))
    assert by_label.threshold_[0] == np.inf
    common = ProportionalThreshold("micro").fit(scores, y)
    assert common.transform(scores).sum() == y.sum()
    assert np.ndim(common.threshold_) == 0


def test_ties_take_the_nearest_number():
    scores = [[0.9], [0.5], [0.5], [0.5], [0.1]]
    two = ProportionalThreshold().fit(scores, [[1], [1], [0], [0], [0]])
    assert two.transform(scores).sum() == 1
    three = ProportionalThreshold().fit(scores, [[1], [1], [1], [0], [0]])
    assert three.transform(scores).sum() == 4

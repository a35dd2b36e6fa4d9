import numpy as np
import pytest

from skmultitag.thresholds import TopKThreshold

SCORES = np.array([[0.1, 0.9, 0.5], [0.3, 0.2, 0.8]])
Y = [[0, 1, 1], [1, 1, 1]]


@pytest.mark.parametrize("k", [0, 1, 2, 3, 9])
def test_the_k_best(k):
    predicted = TopKThreshold(k).fit(SCORES, Y).transform(SCORES)
    rank = (-SCORES).argsort(axis=1).argsort(axis=1)
    np.testing.assert_array_equal(predicted, rank < k)


def test_mean_number_of_labels():
    assert TopKThreshold().fit(SCORES, Y).k_ == 3  # 2.5, rounded up
    assert TopKThreshold().fit(SCORES, Y, [3, 1]).k_ == 2


@pytest.mark.parametrize("k", [-1, 1.5, "label_count"])
def test_bad_k_raises(k):
    with pytest.raises(ValueError, match="'k' parameter of TopKThreshold"):
        TopKThreshold(k).fit(SCORES, Y)

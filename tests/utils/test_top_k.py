import numpy as np
import pytest

from skmultitag.utils._top_k import top_k_indicator

SCORES = np.array([[0.1, 0.9, 0.5], [0.3, 0.3, 0.2]])


@pytest.mark.parametrize(
    "k, expected",
    [
        (0, [[0, 0, 0], [0, 0, 0]]),
        (1, [[0, 1, 0], [1, 0, 0]]),
        (9, [[1, 1, 1], [1, 1, 1]]),
        (np.array([2, 1]), [[0, 1, 1], [1, 0, 0]]),
    ],
)
def test_top_k(k, expected):
    np.testing.assert_array_equal(top_k_indicator(SCORES, k), expected)

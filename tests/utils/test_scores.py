import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import BaseEstimator

from skmultitag.utils._scores import check_scores_and_target

SCORES = np.array([[0.1, 0.9], [0.3, 0.2], [0.5, 0.4]])
INDICATOR = np.array([[0, 1], [1, 0], [0, 1]])


def check(y, sample_weight=None, scores=SCORES):
    return check_scores_and_target(BaseEstimator(), scores, y, sample_weight)


@pytest.mark.parametrize(
    "y", [INDICATOR, INDICATOR.tolist(), INDICATOR == 1, sparse.csr_array(INDICATOR)]
)
def test_forms_of_the_indicator(y):
    scores, indicator, weight = check(y)
    assert indicator.dtype == bool and weight is None
    np.testing.assert_array_equal(indicator, INDICATOR == 1)
    np.testing.assert_array_equal(scores, SCORES)


@pytest.mark.parametrize("y", [[0, 1, 1], [1, 2, 2], ["no", "yes", "yes"]])
def test_one_column_is_the_target_of_each(y):
    _, indicator, _ = check(y)
    np.testing.assert_array_equal(indicator, [[False] * 2, [True] * 2, [True] * 2])


def test_columns_in_another_order_raise():
    frame = pd.DataFrame(SCORES, columns=["a", "b"])
    y = pd.DataFrame(INDICATOR, columns=["b", "a"])
    with pytest.raises(ValueError, match="the same in another order"):
        check(y, scores=frame)
    np.testing.assert_array_equal(check(y[["a", "b"]], scores=frame)[0], SCORES)


def test_rows_without_weight_are_left_out():
    scores, y, weight = check(INDICATOR, [2, 0, 1])
    np.testing.assert_array_equal(scores, SCORES[[0, 2]])
    np.testing.assert_array_equal(y, INDICATOR[[0, 2]])
    np.testing.assert_array_equal(weight, [2, 1])


@pytest.mark.parametrize(
    "y, weight, message",
    [
        (None, None, "requires y to be passed"),
        ([0, 1, 2], None, "must have two classes, got 3"),
        ([0, 1], None, "scores have 3 rows but y has 2"),
        (
            INDICATOR[:, :1],
            None,
            r"scores have shape \(3, 2\) but y has shape \(3, 1\)",
        ),
        (INDICATOR + 1, None, "y must hold 0 and 1 only"),
        (INDICATOR, [0, 0, 0], "at least one non-zero"),
        (INDICATOR, [1, 1], "sample_weight"),
    ],
)
def test_bad_input_raises(y, weight, message):
    with pytest.raises(ValueError, match=message):
        check(y, weight)

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from skmultitag.utils._target_encoder import TargetEncoder


def dense(indicator):
    return indicator.toarray() if sparse.issparse(indicator) else indicator


@pytest.mark.parametrize(
    "y, names, expected",
    [
        ([["b"], ["a", "b"]], ["a", "b"], [[0, 1], [1, 1]]),
        ([["b", "a"], ["a", "c"]], ["a", "b", "c"], [[1, 1, 0], [1, 0, 1]]),
        ([{"a"}, set()], ["a"], [[1], [0]]),
        ([(3,), (1, 3)], [1, 3], [[0, 1], [1, 1]]),
        ([[2, 5], [1, 2]], [1, 2, 5], [[0, 1, 1], [1, 1, 0]]),
        ([["a", "a"], []], ["a"], [[1], [0]]),
        (pd.Series([["a"], ["b"]]), ["a", "b"], [[1, 0], [0, 1]]),
        (np.array([["a"], ["a", "b"]], dtype=object), ["a", "b"], [[1, 0], [1, 1]]),
    ],
)
def test_lists_of_tags(y, names, expected):
    encoder = TargetEncoder()
    indicator = encoder.fit_transform(y)
    assert encoder.kind_ == "multilabel"
    assert encoder.label_names_.tolist() == names
    np.testing.assert_array_equal(dense(indicator), expected)


@pytest.mark.parametrize(
    "y", [[[0, 1], [1, 0]], [(0, 1), (1, 0)], [np.array([0.0, 1.0]), np.array([1, 0])]]
)
def test_rectangle_of_zeros_and_ones_is_an_indicator(y):
    encoder = TargetEncoder()
    np.testing.assert_array_equal(encoder.fit_transform(y), [[0, 1], [1, 0]])
    assert encoder.label_names_.tolist() == [0, 1]


@pytest.mark.parametrize(
    "y", [[[0, 2, 0], [1, 0, 0]], [[0.0, 0.5], [1.0, 0.0]], np.array([[0, 2], [1, 0]])]
)
def test_rectangle_with_a_wrong_number_is_no_list_of_tags(y):
    with pytest.raises(ValueError, match="must hold 0 and 1 only"):
        TargetEncoder().fit_transform(y)


@pytest.mark.parametrize(
    "y, kind, outputs",
    [
        (["no", "yes", "no"], "binary", [[0], [1], [0]]),
        ([1.0, 0.0, 1.0], "binary", [[1], [0], [1]]),
        ([2, 7, 5], "multiclass", [[1, 0, 0], [0, 0, 1], [0, 1, 0]]),
    ],
)
def test_one_dimension(y, kind, outputs):
    encoder = TargetEncoder()
    indicator = encoder.fit_transform(y)
    assert encoder.kind_ == kind
    np.testing.assert_array_equal(indicator, outputs)
    np.testing.assert_array_equal(encoder.inverse_transform(indicator == 1), y)


@pytest.mark.parametrize(
    "form",
    [
        np.array([[1, 0], [0, 1]], dtype=bool),
        np.array([[1, 0], [0, 1]], dtype=np.float32),
        sparse.csc_matrix([[1, 0], [0, 1]]),
        sparse.coo_array([[1, 0], [0, 1]]),
    ],
)
def test_indicators_come_back_in_their_form(form):
    encoder = TargetEncoder()
    indicator = dense(encoder.fit_transform(form)) == 1
    back = encoder.inverse_transform(indicator)
    assert type(back) is type(form) and back.dtype == form.dtype
    np.testing.assert_array_equal(dense(back), dense(form))

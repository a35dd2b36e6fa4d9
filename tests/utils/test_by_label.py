import numpy as np
import pandas as pd
import pytest

from skmultitag.utils._by_label import in_order_of_labels


@pytest.mark.parametrize("as_type", [dict, pd.Series])
def test_values_are_put_in_the_order_of_the_labels(as_type):
    values = as_type({"dog": 2.0, "cat": 1.0, "ant": 3.0})
    assert in_order_of_labels(values, ["ant", "cat", "dog"], "beta") == [3.0, 1.0, 2.0]
    numbers = as_type({np.int64(1): 10, np.int64(0): 20})
    assert in_order_of_labels(numbers, [0, 1], "beta") == [20, 10]


@pytest.mark.parametrize("values", [1.5, "auto", [1.0, 2.0], np.ones(2), None])
def test_values_without_labels_are_left_alone(values):
    assert in_order_of_labels(values, ["a", "b"], "beta") is values


@pytest.mark.parametrize(
    "values, message",
    [
        ({"a": 1}, r"beta by label lacks \['b'\]. The labels are \['a', 'b'\]"),
        ({"a": 1, "b": 2, "c": 3}, r"beta by label has unknown labels \['c'\]"),
        ({"a": 1, "c": 3}, r"has unknown labels \['c'\] and lacks \['b'\]"),
        ({}, r"lacks \['a', 'b'\]"),
        (pd.Series([1, 2, 3], index=["a", "b", "b"]), "has labels twice"),
    ],
)
def test_labels_that_do_not_match_raise(values, message):
    with pytest.raises(ValueError, match=message):
        in_order_of_labels(values, ["a", "b"], "beta")

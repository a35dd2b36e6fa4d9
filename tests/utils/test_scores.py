import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.dummy import DummyClassifier

from skmultitag.utils._scores import check_scores_and_target, label_scores

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


@pytest.mark.parametrize("names", [["a", "b"], ["other", "names"]])
def test_columns_with_the_same_names_are_paired(names):
    scores = pd.DataFrame(SCORES, columns=["a", "b"])
    y = pd.DataFrame(INDICATOR, columns=names)
    for frame in (y, y[names[::-1]] if names == ["a", "b"] else y):
        np.testing.assert_array_equal(check(frame, scores=scores)[1], INDICATOR)


def test_tags_are_paired_with_named_scores():
    scores = pd.DataFrame(SCORES, columns=["b", "a"])
    tags = [["a"], ["b"], ["a"]]
    np.testing.assert_array_equal(check(tags, scores=scores)[1], INDICATOR)
    with pytest.raises(ValueError, match="scores have none to pair them with"):
        check(tags)
    with pytest.raises(ValueError, match="not among the known ones, such as 'c'"):
        check([["a"], ["c"], []], scores=scores)


def test_columns_of_which_some_have_other_names_raise():
    scores = pd.DataFrame(SCORES, columns=["a", "b"])
    y = pd.DataFrame(INDICATOR, columns=["a", "c"])
    with pytest.raises(ValueError, match=r"lacks \['b'\], and \['c'\] are unknown"):
        check(y, scores=scores)


def test_a_list_of_arrays_of_a_forest_is_refused_with_a_way_out():
    with pytest.raises(ValueError, match="np.column_stack"):
        check(INDICATOR, scores=[SCORES, SCORES])


@pytest.mark.parametrize(
    "y, message",
    [
        (np.where(INDICATOR, 2, 1), r"a label with the classes \[1, 2\]. Fit it with"),
        (np.where(INDICATOR, 1, np.nan), r"y that are not annotated.*\[1.0, nan\]"),
    ],
)
def test_classifiers_of_other_classes_have_no_scores(y, message):
    dummy = DummyClassifier().fit(SCORES, y)
    with pytest.raises(ValueError, match=message):
        label_scores(dummy, SCORES, 2)


def test_rows_without_weight_are_left_out():
    scores, y, weight = check(INDICATOR, [2, 0, 1])
    np.testing.assert_array_equal(scores, SCORES[[0, 2]])
    np.testing.assert_array_equal(y, INDICATOR[[0, 2]])
    np.testing.assert_array_equal(weight, [2, 1])


@pytest.mark.parametrize(
    "y, weight, message",
    [
        (None, None, "requires y to be passed"),
        ([0, 1, 2], None, r"must have two classes. Got \[0, 1, 2\]"),
        ([0, 1], None, "y must have the 3 rows of scores. Got 2"),
        (
            INDICATOR[:, :1],
            None,
            r"y must have the shape of scores, \(3, 2\). Got shape \(3, 1\)",
        ),
        (INDICATOR + 1, None, "y must hold 0 and 1 only"),
        (INDICATOR, [0, 0, 0], "at least one non-zero"),
        (INDICATOR, [1, 1], "sample_weight"),
    ],
)
def test_bad_input_raises(y, weight, message):
    with pytest.raises(ValueError, match=message):
        check(y, weight)

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy import sparse

from skmultitag.utils._target_encoder import TargetEncoder


class Column(Sequence):
    """A sequence that is no list, as a column of Hugging Face's data sets is."""

    def __init__(self, rows):
        self.rows = rows

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, index):
        return self.rows[index]


def series(rows):
    return pd.Series(rows, index=range(5, 5 + len(rows)))


def series_of_arrays(rows):
    return pd.Series([np.array(row) for row in rows])


def object_array(rows):
    array = np.empty(len(rows), dtype=object)
    for number, row in enumerate(rows):
        array[number] = row
    return array


def arrow_chunks(rows):
    return pa.chunked_array([rows[:1], rows[1:]])


CONTAINERS = [
    list,
    tuple,
    Column,
    series,
    series_of_arrays,
    object_array,
    pl.Series,
    pa.array,
    arrow_chunks,
]


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
    "to_container", CONTAINERS, ids=lambda make: make.__name__.strip("_")
)
@pytest.mark.parametrize(
    "zero, one", [(0, 1), (0.0, 1.0), (False, True), ("0", "1"), ("0.0", "True")]
)
def test_a_rectangle_of_zeros_and_ones_is_an_indicator(to_container, zero, one):
    encoder = TargetEncoder()
    y = to_container([[zero, one], [one, zero], [zero, zero]])
    indicator = encoder.fit_transform(y)
    np.testing.assert_array_equal(indicator, [[0, 1], [1, 0], [0, 0]])
    assert encoder.label_names_.tolist() == [0, 1]


@pytest.mark.parametrize(
    "to_container", CONTAINERS, ids=lambda make: make.__name__.strip("_")
)
@pytest.mark.parametrize("rows", [[["b"], ["a", "b"], []], [["b"], ["a"], ["a"]]])
def test_tags_are_tags_in_any_container(to_container, rows):
    encoder = TargetEncoder()
    indicator = dense(encoder.fit_transform(to_container(rows)))
    assert encoder.label_names_.tolist() == ["a", "b"]
    expected = [["a" in row, "b" in row] for row in rows]
    np.testing.assert_array_equal(indicator, expected)


def test_rows_can_be_dicts():
    encoder = TargetEncoder()
    rows = [{"cat": 1.0, "dog": 0.0}, {"dog": True}, {"cat": 0, "ant": 0}]
    indicator = encoder.fit_transform(rows)
    assert encoder.label_names_.tolist() == ["ant", "cat", "dog"]
    np.testing.assert_array_equal(indicator, [[0, 1, 0], [0, 0, 1], [0, 0, 0]])
    again = encoder.transform([{"dog": 1}])  # what a row lacks is 0
    np.testing.assert_array_equal(again, [[0, 0, 1]])
    with pytest.raises(ValueError, match=r"\['lion'\] are unknown"):
        encoder.transform([{"lion": 1}])


def test_frames_are_paired_by_name():
    frame = pd.DataFrame([[1, 0, 0], [0, 1, 1]], columns=["b", "a", "c"])
    encoder = TargetEncoder()
    encoder.fit_transform(frame)
    for other in (frame[["c", "b", "a"]], pl.DataFrame(frame[["a", "c", "b"]])):
        np.testing.assert_array_equal(encoder.transform(other), frame)
    np.testing.assert_array_equal(encoder.transform(frame.to_numpy()), frame)
    np.testing.assert_array_equal(dense(encoder.transform([["c"], []]))[0], [0, 0, 1])
    with pytest.raises(ValueError, match=r"y_val .*: it lacks \['b'\]. Rename"):
        encoder.transform(frame[["a", "c"]], name="y_val")
    with pytest.raises(ValueError, match="Got 2 columns"):
        encoder.transform(frame.to_numpy()[:, :2])


@pytest.mark.parametrize(
    "make",
    [pl.DataFrame, pa.table, pd.DataFrame, lambda y: pd.DataFrame(y, dtype=bool)],
)
def test_columns_of_any_frame_name_the_labels(make):
    encoder = TargetEncoder()
    indicator = encoder.fit_transform(make({"b": [1, 0, 1], "a": [0, 1, 1]}))
    assert encoder.label_names_.tolist() == ["b", "a"]
    np.testing.assert_array_equal(indicator, [[1, 0], [0, 1], [1, 1]])


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA, np.float32("nan"), pd.NaT])
@pytest.mark.parametrize(
    "make",
    [
        lambda missing: [["a"], ["b", missing]],
        lambda missing: pd.Series([[1, 2], [missing]]),
        lambda missing: ["a", missing, "b"],
        lambda missing: pd.Series(["a", missing, "b"]),
        lambda missing: pd.DataFrame({"a": [0, 1], "b": [missing, 1]}, dtype=object),
        lambda missing: np.array([["0", missing], ["1", "1"]], dtype=object),
        lambda missing: [{"a": 1}, {"a": missing}],
    ],
)
def test_missing_values_are_refused(make, missing):
    said = "y has a missing value.* row .* not annotated"
    with pytest.raises(ValueError, match=said):
        TargetEncoder().fit_transform(make(missing))


@pytest.mark.parametrize(
    "y",
    [
        ["cat,dog", "cat", "dog,fish", "fish,cat"],
        ["a b", "a", "b", "c", "a c", "b c", "a b c"],
        ["x|y", "y|z", "z|x", "x"],
        ["MM\nPR", "PR", "MM"],
        ["a; b", "b; c", "a; c", "b"],
        ["<a><b>", "<b>", "<a>", "<a><c>", "<c>"],
        ["['A01', 'B02']", "['A01']", "[]"],
        pd.Series(["{a}", "{a, b}"]),
    ],
)
def test_several_tags_in_a_string_are_refused(y):
    with pytest.raises(ValueError, match="split|literal_eval"):
        TargetEncoder().fit_transform(y)


@pytest.mark.parametrize(
    "y",
    [
        ["Smith, John", "Doe, Jane", "Roe, Richard"],
        ["New York, NY", "Albany, NY", "Austin, TX"],
        ["science fiction", "drama", "romance"],
        ["very good", "good", "bad"],
        ["2024-01", "2024-02", "2025-01"],
        ["a/b testing", "research", "[draft]"],
    ],
)
def test_classes_with_punctuation_are_classes(y):
    encoder = TargetEncoder()
    encoder.fit_transform(y)
    assert encoder.kind_ == "multiclass" and encoder.label_names_.tolist() == sorted(y)


@pytest.mark.parametrize(
    "y, message",
    [
        ([["a", ""], ["b"]], "an empty tag, ''"),
        ([["a"], [" "]], "an empty tag, ' ', among the tags of row 1"),
        ([["a"], ["b", " a"]], "differ by blanks only"),
        (pd.DataFrame({"a": [0, 1], "": [1, 0]}), r"y.drop\(columns=''\)"),
        (pd.Series(["a, b", "b"]).str.get_dummies(","), "'b', which differ by blanks"),
        ([["a"], None, ["b"]], "row 1 is None"),
        ([["a"], "b"], "row 1 is 'b'"),
        (["a", 1, "b"], "classes in y must all be strings or all be numbers"),
        ([[["a"]], [["b"]]], r"Got a row with \['a'\]"),
        (np.zeros((2, 2, 2)), "must be an indicator matrix"),
        (np.array([[1j, 0], [0, 1]]), "Complex data not supported: y has"),
        (pl.LazyFrame({"a": [0, 1]}), r"pass y.collect\(\)"),
        (pd.DataFrame({"p": ["MM", "PR"]}), "got 'MM' in row 0, column 'p'"),
        (pd.DataFrame({"p": [None, "MM"], "q": ["PR", None]}), "got 'PR' in row 0"),
        (np.array([[0, 1], [0, np.nan]]), "missing value, nan in row 1, column 1"),
        (pd.DataFrame({"p": [0, 1], "q": [1, 7]}), "got 7 in row 1, column 'q'"),
        ([[1, 2, -1], [3, -1, -1]], "got 2"),
        (pd.DataFrame([[0, 1]], columns=["a", np.nan]), "label of y must have a name"),
        ([{"a": 1, None: 0}], "label of y must have a name"),
        (pd.DataFrame([[0, 1]], columns=["a", "a"]), "must have different names"),
    ],
)
def test_what_is_no_target_is_refused(y, message):
    with pytest.raises((TypeError, ValueError), match=message):
        TargetEncoder().fit_transform(y)


def test_tags_that_join_others_warn():
    with pytest.warns(UserWarning, match="such as 'cat,dog': split them"):
        TargetEncoder().fit_transform([["cat,dog"], ["cat"], ["dog"]])


@pytest.mark.parametrize(
    "texts, expected",
    [
        (["a|b", "b", "a", None], [[1, 1], [0, 1], [1, 0], [0, 0]]),
        (["a, b", "b", "a"], [[1, 1], [0, 1], [1, 0]]),
        (["a b", "b", "a", "b a", np.nan, "c a", "c", "b c"], None),
        (["<a><b>", "<b>", "<a>"], [[1, 1], [0, 1], [1, 0]]),
    ],
)
@pytest.mark.parametrize("form", ["series", "frame"])
def test_the_cure_of_joined_tags_is_one(texts, expected, form):
    """The code in the message is run."""
    y = pd.DataFrame({"tags": texts})
    y = y if form == "frame" else y["tags"]
    with pytest.raises(ValueError, match="Split them before") as caught:
        TargetEncoder().fit_transform(y)
    of_series, of_lists = re.search(
        r"before\. (.*) makes an indicator.*pass lists, (\[.*\]), with",
        str(caught.value),
    ).groups()
    indicator = eval(of_series, {"y": y})
    assert indicator.columns.tolist() == sorted(indicator.columns.str.strip())
    if expected is not None:
        np.testing.assert_array_equal(indicator, expected)
    given = y.dropna()
    encoder = TargetEncoder()
    read = encoder.fit_transform(eval(of_lists, {"y": given})).toarray()
    assert encoder.label_names_.tolist() == indicator.columns.tolist()
    np.testing.assert_array_equal(read, indicator.loc[given.index])


def test_joined_tags_are_named_where_labels_are_known():
    encoder = TargetEncoder()
    encoder.fit_transform([["cat", "dog"], ["bird"]])
    with pytest.raises(ValueError, match="such as 'cat,dog'. Split them before"):
        encoder.transform(["cat,dog", "bird"])


def test_numbers_of_another_byte_order_come_back_in_that_of_the_machine():
    encoder = TargetEncoder()
    y = np.array([[0, 1], [1, 0]], dtype=np.dtype(int).newbyteorder())
    back = encoder.inverse_transform(encoder.fit_transform(y) == 1)
    assert back.dtype == int and encoder.tags(back) == [(1,), (0,)]


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

import numpy as np
import pytest
from scipy import sparse

from skmultitag.hierarchy import add_ancestors

TAGS = [["use::checking"], [], ["use::editing", "game"]]
NAMES = ["game", "use", "use::checking", "use::editing"]
CLOSED = [[0, 1, 1, 0], [0, 0, 0, 0], [1, 1, 0, 1]]


def test_tags():
    y, names = add_ancestors(TAGS, "::")
    assert names.tolist() == NAMES
    np.testing.assert_array_equal(y, CLOSED)


@pytest.mark.parametrize("kind", ["array", "frame", "sparse"])
def test_indicators_get_columns(kind):
    y, names = np.array(CLOSED)[:, [2, 0, 3]], ["use::checking", "game", "use::editing"]
    given = {"label_names": names}
    if kind == "frame":
        pd = pytest.importorskip("pandas")
        y, given = pd.DataFrame(y, columns=names), {}
    elif kind == "sparse":
        y = sparse.csc_array(y)
    closed, all_names = add_ancestors(y, "::", **given)
    assert all_names.tolist() == [*names, "use"]
    assert sparse.issparse(closed) == (kind == "sparse") and closed.dtype == np.int64
    closed = closed.toarray() if kind == "sparse" else closed
    np.testing.assert_array_equal(closed, np.array(CLOSED)[:, [2, 0, 3, 1]])


def test_columns_by_number_and_a_parent_by_name():
    y, names = add_ancestors([[1, 0], [0, 1], [0, 0]], {0: "x", "x": "y"})
    assert names.tolist() == [0, 1, "x", "y"]
    np.testing.assert_array_equal(y, [[1, 0, 1, 1], [0, 1, 0, 0], [0, 0, 0, 0]])


def test_rows_without_labels():
    y, _ = add_ancestors(np.zeros((2, 2), dtype=int), {0: 1})
    assert not y.any()


@pytest.mark.parametrize("as_sparse", [False, True])
def test_entries_that_are_not_annotated(as_sparse):
    nan = np.nan
    y = np.array([[1, nan, 0], [nan, 0, 0], [0, 0, nan], [0, nan, 1]])
    names = ["use::a", "use::b", "game"]
    given = sparse.csr_array(y) if as_sparse else y
    closed, all_names = add_ancestors(given, "::", label_names=names)
    assert all_names.tolist() == [*names, "use"] and closed.dtype == np.float64
    closed = closed.toarray() if as_sparse else closed
    # a use in row 0 is known, but uses would be known mostly where there is one
    expected = np.column_stack([y, [nan, nan, 0, nan]])
    np.testing.assert_array_equal(closed, expected)
    # annotated entries alone are closed
    y = np.column_stack([y, [0, nan, nan, 0]])
    closed, _ = add_ancestors(y, "::", label_names=[*names, "use"])
    expected = np.column_stack([y[:, :3], [1, nan, nan, 0]])
    np.testing.assert_array_equal(closed, expected)


def test_hidden_entries_leave_frequencies_as_they_are():
    rng = np.random.default_rng(0)
    names = [f"use::{number}" for number in range(4)]
    y = (rng.random((20_000, 4)) < 0.1).astype(float)
    hidden = np.where(rng.random(y.shape) < 0.3, np.nan, y)
    [complete, partial] = (
        add_ancestors(each, "::", label_names=names)[0] for each in (y, hidden)
    )
    shares = np.nanmean(partial, axis=0)
    np.testing.assert_allclose(shares, complete.mean(axis=0), atol=0.02)


@pytest.mark.parametrize(
    ("y", "label_names", "message"),
    [
        ([0, 1, 1], None, "must have several labels for each row"),
        (TAGS, NAMES, "label_names must be None"),
        ([[0, 1]], NAMES, "a name for each of the 2 labels. Got 4"),
        (np.array([[0, 2], [1, 0]]), ["a", "a::b"], "must hold 0 and 1 only"),
    ],
)
def test_bad_input(y, label_names, message):
    with pytest.raises(ValueError, match=message):
        add_ancestors(y, "::", label_names=label_names)

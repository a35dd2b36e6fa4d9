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


@pytest.mark.parametrize(
    ("y", "label_names", "message"),
    [
        ([0, 1, 1], None, "must have several labels a row"),
        (TAGS, NAMES, "label_names must be None"),
        ([[0, 1]], NAMES, "a name for each of the 2 columns. Got 4"),
        (np.array([[0, 2], [1, 0]]), ["a", "a::b"], "must hold 0 and 1 only"),
    ],
)
def test_bad_input(y, label_names, message):
    with pytest.raises(ValueError, match=message):
        add_ancestors(y, "::", label_names=label_names)

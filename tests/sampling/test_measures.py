import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from skmultitag.sampling import (
    imbalance_ratio_per_label,
    mean_imbalance_ratio,
    scumble,
)
from tests.sampling.common import as_tags, make_data, targets

MEASURES = [imbalance_ratio_per_label, mean_imbalance_ratio, scumble]

# The labels of the 593 songs of the data set emotions (Trohidis et al., 2008), and how
# many songs have them. The measures are those that the authors' R package mldr shows
# for the data, of which it is an example.
EMOTIONS = {
    "000001": 72, "000010": 12, "000011": 12, "000100": 5, "000110": 37, "000111": 1,
    "001000": 42, "001001": 3, "001010": 25, "001011": 3, "001100": 30, "001101": 1,
    "001110": 67, "010000": 23, "010001": 5, "010010": 1, "010100": 1, "011000": 74,
    "011100": 6, "100000": 24, "100001": 81, "100010": 6, "100011": 4, "101000": 2,
    "110000": 38, "110001": 7, "111000": 11,
}  # fmt: skip


@pytest.fixture
def emotions():
    sets = np.array([list(labels) for labels in EMOTIONS], dtype=int)
    return np.repeat(sets, list(EMOTIONS.values()), axis=0)


def test_ratio_of_counts_on_paper():
    y = [[1, 1, 0], [1, 0, 0], [1, 1, 0], [1, 0, 1]]  # on 4, 2 and 1 rows
    assert imbalance_ratio_per_label(y).tolist() == [1, 2, 4]
    assert mean_imbalance_ratio(y) == pytest.approx(7 / 3)


def test_label_without_a_positive():
    y = np.array([[1, 0, 0], [1, 0, 1]])
    assert imbalance_ratio_per_label(y).tolist() == [1, np.inf, 2]
    assert mean_imbalance_ratio(y) == 1.5  # of the two others
    assert scumble(y) == scumble(y[:, [0, 2]])


def test_scumble_on_paper():
    y = [[1, 0, 0], [1, 1, 0], [1, 1, 0], [1, 0, 1], [0, 0, 0], [0, 0, 1]]
    # the ratios are 1, 2 and 2
    pair = 1 - np.sqrt(2) / 1.5
    expected = [0, pair, pair, pair, 0, 0]
    np.testing.assert_allclose(scumble(y, per_row=True), expected)
    assert scumble(y) == pytest.approx(pair / 2)


def test_published_measures(emotions):
    ratios = [1.526012, 1.590361, 1.0, 1.783784, 1.571429, 1.396825]
    np.testing.assert_allclose(imbalance_ratio_per_label(emotions), ratios, atol=1e-6)
    assert mean_imbalance_ratio(emotions) == pytest.approx(1.478068, abs=1e-6)
    assert scumble(emotions) == pytest.approx(0.01095238, abs=1e-8)
    values = scumble(emotions, per_row=True)
    of_labels = [0.002159173, 0.014332319, 0.023786461, 0.023131538, 0.016133470]
    of_labels += [0.001331189]
    found = [values[column == 1].mean() for column in emotions.T]
    np.testing.assert_allclose(found, of_labels, atol=1e-9)


FORMS = [
    np.ndarray.tolist,
    sparse.csr_matrix,
    sparse.coo_array,
    lambda y: pd.DataFrame(y, columns=list("abcde")),
    as_tags,
    lambda y: as_tags(y, make=set),
]


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("form", FORMS)
def test_forms_of_the_target(measure, form):
    y = make_data()[1]
    # the columns of tags are in the order of their names
    found, expected = np.sort([measure(form(y)), measure(y)])
    np.testing.assert_allclose(found, expected)


@pytest.mark.parametrize("measure", MEASURES)
def test_bad_targets_raise(measure):
    with pytest.raises(ValueError, match="Use a sampler of imbalanced-learn"):
        measure([0, 1, 0])
    with pytest.raises(ValueError, match="y has no labels: none of its"):
        measure(np.zeros((3, 2)))
    with pytest.raises(ValueError, match="y must have at least one row"):
        measure(np.zeros((0, 2)))
    with pytest.raises(ValueError, match="must hold 0 and 1 only, got 3"):
        measure(np.array([[0, 3], [1, 0]]))


def test_per_row_is_checked():
    with pytest.raises(ValueError, match="'per_row' parameter of scumble must be"):
        scumble([[0, 1], [1, 1]], per_row="yes")


@settings(max_examples=50, deadline=None)
@given(targets())
def test_measures_are_those_of_a_loop(y):
    counts = [sum(column) for column in y.T.tolist()]
    ratios = [max(counts) / count if count else np.inf for count in counts]
    assert imbalance_ratio_per_label(y).tolist() == ratios
    finite = [ratio for ratio in ratios if ratio < np.inf]
    assert mean_imbalance_ratio(y) == pytest.approx(sum(finite) / len(finite))
    values = []
    for row in y:
        own = np.array([ratio for ratio, on in zip(ratios, row, strict=True) if on])
        value = 1 - own.prod() ** (1 / len(own)) / own.mean() if len(own) else 0
        values.append(value)
    found = scumble(y, per_row=True)
    np.testing.assert_allclose(found, values, atol=1e-14)
    assert ((found >= 0) & (found < 1)).all()
    assert not found[y.sum(axis=1) <= 1].any()


@settings(max_examples=20, deadline=None)
@given(targets(), st.integers(2, 4))
def test_repeated_rows_change_nothing(y, times):
    repeated = np.repeat(y, times, axis=0)
    for measure in MEASURES:
        np.testing.assert_allclose(measure(repeated), measure(y))

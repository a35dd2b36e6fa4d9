"""Splits of targets in which entries are not annotated."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from skmultitag.model_selection import (
    MultilabelStratifiedGroupKFold,
    MultilabelStratifiedKFold,
    MultilabelStratifiedShuffleSplit,
    multilabel_train_test_split,
)
from skmultitag.model_selection._stratification import stratify, what_is_spread
from skmultitag.utils._annotation import as_partial
from tests.model_selection.test_splits import folds_of, make_y

SPLITTERS = [
    MultilabelStratifiedKFold(4),
    MultilabelStratifiedKFold(4, shuffle=True, random_state=0),
    MultilabelStratifiedGroupKFold(4),
    MultilabelStratifiedShuffleSplit(2, test_size=0.25, random_state=0),
]


def make_partial(n_samples=400, n_labels=8, seed=0):
    """From a label that is almost always annotated to one that is so in 12 rows."""
    y = make_y(n_samples, n_labels, seed, 0.02, 0.4).astype(float)
    hidden = np.linspace(0.02, 1 - 12 / n_samples, n_labels)
    for label, share in enumerate(hidden):
        rng = np.random.RandomState([seed, label])
        y[rng.permutation(n_samples)[: round(share * n_samples)], label] = np.nan
    return y


def groups_of(y):
    return np.arange(len(y)) // 3


@pytest.mark.parametrize("splitter", SPLITTERS, ids=str)
@pytest.mark.parametrize(
    "to_form",
    [
        sparse.csr_array,
        pd.DataFrame,
        np.ma.masked_invalid,
        lambda y: [[None if v != v else int(v) for v in row] for row in y.tolist()],
    ],
    ids=["sparse", "frame", "masked", "lists"],
)
def test_each_form_gives_the_same(splitter, to_form):
    y = make_partial()
    found = folds_of(splitter, to_form(y), groups_of(y))
    for ours, theirs in zip(found, folds_of(splitter, y, groups_of(y)), strict=True):
        np.testing.assert_array_equal(ours[0], theirs[0])
        np.testing.assert_array_equal(ours[1], theirs[1])


@pytest.mark.parametrize("splitter", SPLITTERS, ids=str)
def test_a_label_that_is_annotated_nowhere_changes_nothing(splitter):
    y = make_y(200, 5, low=0.1)
    expected = folds_of(splitter, y, groups_of(y))
    with_empty = np.column_stack([y, np.full(len(y), np.nan)])
    for ours, theirs in zip(
        folds_of(splitter, with_empty, groups_of(y)), expected, strict=True
    ):
        np.testing.assert_array_equal(ours[1], theirs[1])


def counts_by_part(mask, part):
    return np.array([mask[part == number].sum(axis=0) for number in range(4)])


@pytest.mark.parametrize("seed", range(3))
def test_positives_and_annotated_rows_are_spread(seed):
    y = make_partial(seed=seed)
    sizes = np.full(4, 100)
    part = stratify(as_partial(y), sizes, None)
    by_positives = stratify(np.nan_to_num(y), sizes, None)
    np.testing.assert_array_equal(np.bincount(part), sizes)

    def deviation(mask, part):
        counts = counts_by_part(mask, part)
        return np.abs(counts - counts.mean(axis=0)).mean()

    annotated = ~np.isnan(y)
    assert deviation(annotated, part) < deviation(annotated, by_positives) / 2
    positives = y == 1
    # an entry of a fold is what integers allow
    assert deviation(positives, part) < deviation(positives, by_positives) + 0.25
    # 12 annotated rows are 3 in each part, or close to it
    assert counts_by_part(annotated, part)[:, -1].min() >= 2


@pytest.mark.parametrize("seed", range(3))
def test_groups_spread_annotated_rows(seed):
    y = make_partial(seed=seed)

    def deviation(y_of_split):
        folds = folds_of(MultilabelStratifiedGroupKFold(4), y_of_split, groups_of(y))
        counts = np.array([(~np.isnan(y[test])).sum(axis=0) for _, test in folds])
        return np.abs(counts / counts.mean(axis=0) - 1).mean()

    assert deviation(y) < deviation(np.nan_to_num(y)) / 2


@pytest.mark.parametrize("of", [np.asarray, sparse.csr_array])
def test_what_is_spread(of):
    y = np.array([[1, np.nan, 0], [0, np.nan, np.nan], [1, 1, 0]])
    spread = what_is_spread(as_partial(of(y)))
    # positives, rows where the third label is not annotated, and where the second is
    expected = [[1, 0, 0, 0, 0], [0, 0, 0, 1, 0], [1, 1, 0, 0, 1]]
    np.testing.assert_array_equal(spread.toarray(), expected)


def test_parts_keep_what_is_not_annotated():
    y = make_partial()
    numbers = np.arange(len(y))
    for given in (y, pd.DataFrame(y).astype("Int64"), np.ma.masked_invalid(y)):
        train, test, y_train, y_test = multilabel_train_test_split(
            numbers, given, random_state=0
        )
        assert type(y_train) is type(y_test) is type(given)
        for rows, found in ((train, y_train), (test, y_test)):
            found = pd.DataFrame(found).astype(float).to_numpy(na_value=np.nan)
            np.testing.assert_array_equal(found, y[rows])


def test_tags_can_not_be_unknown():
    with pytest.raises(ValueError, match="y has a missing value"):
        folds_of(MultilabelStratifiedKFold(2), [["a"], [None], ["a", "b"]])

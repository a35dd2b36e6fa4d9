"""Splits: partitions, exact sizes, frequencies, and the rows one by one."""

import numpy as np
import pandas as pd
import pytest
import sklearn
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score

from skmultitag import MultiTagClassifier
from skmultitag.model_selection import (
    MultilabelStratifiedGroupKFold,
    MultilabelStratifiedKFold,
    MultilabelStratifiedShuffleSplit,
    multilabel_train_test_split,
)
from skmultitag.model_selection._stratification import stratify


def make_y(n_samples, n_labels, seed=0, low=0.01, high=0.4):
    rng = np.random.RandomState(seed)
    frequency = np.geomspace(low, high, n_labels)
    return (rng.rand(n_samples, n_labels) < frequency).astype(np.uint8)


def folds_of(splitter, y, groups=None):
    X = np.zeros((np.shape(y)[0] if hasattr(y, "shape") else len(y), 1))
    return list(splitter.split(X, y, groups))


def deviation(splitter, y):
    """Mean over folds and labels of the error in the number of positives."""
    expected = y.sum(axis=0) / splitter.get_n_splits()
    errors = [
        np.abs(y[test].sum(axis=0) - expected) for _, test in folds_of(splitter, y)
    ]
    return np.mean(errors / np.maximum(expected, 1))


def one_by_one(y, sizes):
    """The algorithm of Sechidis et al. as they write it down, row after row."""
    wanted = np.outer(sizes / sizes.sum(), y.sum(axis=0))
    wanted_rows = sizes.astype(float)
    part = np.full(len(y), -1)

    def place(rows, wanted_here):
        for row in rows:
            left = np.round(wanted_here, 9)
            most = np.flatnonzero(left == left.max())
            chosen = most[np.argmax(wanted_rows[most])]
            part[row] = chosen
            wanted[chosen] -= y[row]
            wanted_rows[chosen] -= 1

    while (n_left := y[part < 0].sum(axis=0)).any():
        label = np.where(n_left > 0, n_left, len(y) + 1).argmin()
        place(np.flatnonzero((part < 0) & (y[:, label] == 1)), wanted[:, label])
    place(np.flatnonzero(part < 0), wanted_rows)
    return part


@pytest.mark.parametrize("seed", range(5))
def test_labels_that_exclude_each_other_are_dealt_out_as_one_by_one(seed):
    y = np.eye(6, dtype=np.uint8)[np.random.RandomState(seed).choice(6, 200)]
    sizes = np.array([50, 50, 50, 50])
    ours, theirs = stratify(y, sizes, None), one_by_one(y, sizes)
    for number in range(4):
        difference = y[ours == number].sum(axis=0) - y[theirs == number].sum(axis=0)
        assert np.abs(difference).max() <= 1


@pytest.mark.parametrize("seed", range(5))
def test_frequencies_are_as_good_as_one_by_one(seed):
    y = make_y(600, 12, seed)
    sizes = np.full(5, 120)
    expected = y.sum(axis=0) / 5

    def error(part):
        counts = [y[part == number].sum(axis=0) for number in range(5)]
        return np.mean(np.abs(counts - expected) / np.maximum(expected, 1))

    assert error(stratify(y, sizes, None)) <= 1.15 * error(one_by_one(y, sizes)) + 0.005


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 60), st.integers(2, 6), st.integers(2, 5), st.integers(0, 10**6))
def test_folds_are_a_partition_of_even_sizes(n_samples, n_labels, n_splits, seed):
    y = make_y(n_samples, n_labels, seed, 0.1, 0.5)
    y[0] = 1
    n_splits = min(n_splits, n_samples)
    for splitter in (
        MultilabelStratifiedKFold(n_splits),
        MultilabelStratifiedKFold(n_splits, shuffle=True, random_state=seed),
    ):
        folds = folds_of(splitter, y)
        tests = [test for _, test in folds]
        np.testing.assert_array_equal(
            np.sort(np.concatenate(tests)), np.arange(n_samples)
        )
        sizes = [len(test) for test in tests]
        assert max(sizes) - min(sizes) <= 1
        for train, test in folds:
            np.testing.assert_array_equal(np.union1d(train, test), np.arange(n_samples))


@settings(max_examples=60, deadline=None)
@given(
    st.integers(4, 60),
    st.floats(0.05, 0.9),
    st.floats(0.05, 0.9),
    st.integers(0, 10**6),
)
def test_random_splits_have_exact_sizes(n_samples, train_size, test_size, seed):
    y = make_y(n_samples, 4, seed, 0.1, 0.5)
    y[0] = 1
    n_train, n_test = int(train_size * n_samples), int(np.ceil(test_size * n_samples))
    if n_train < 1 or n_train + n_test > n_samples:
        return
    splitter = MultilabelStratifiedShuffleSplit(
        2, train_size=train_size, test_size=test_size, random_state=seed
    )
    for train, test in folds_of(splitter, y):
        assert (len(train), len(test)) == (n_train, n_test)
        assert len(np.union1d(train, test)) == n_train + n_test


@pytest.mark.parametrize("n_splits", [2, 5, 10])
def test_folds_keep_frequencies_better_than_random_ones(n_splits):
    y = make_y(1000, 30)
    ours = deviation(MultilabelStratifiedKFold(n_splits), y)
    theirs = deviation(KFold(n_splits, shuffle=True, random_state=0), y)
    assert ours < theirs / 2


def test_rare_labels_are_on_both_sides():
    n_splits = n_missing = 0
    splitter = MultilabelStratifiedShuffleSplit(1, test_size=0.1, random_state=0)
    for seed in range(50):
        y = make_y(400, 12, seed, 0.005, 0.4)
        ((train, test),) = folds_of(splitter, y)
        is_possible = y.sum(axis=0) >= 2
        both = (y[train].sum(axis=0) > 0) & (y[test].sum(axis=0) > 0)
        n_splits += is_possible.sum()
        n_missing += (is_possible & ~both).sum()
    # impossible where all rows of a label are placed by rarer ones on one side
    assert n_missing <= 0.01 * n_splits


def test_a_label_of_few_rows_is_in_as_many_folds():
    y = np.zeros((40, 2), dtype=int)
    y[:3, 0], y[5:, 1] = 1, 1
    folds = folds_of(MultilabelStratifiedKFold(5), y)
    assert sorted(y[test, 0].sum() for _, test in folds) == [0, 0, 1, 1, 1]


SPLITTERS = [
    MultilabelStratifiedKFold(3),
    MultilabelStratifiedKFold(3, shuffle=True, random_state=0),
    MultilabelStratifiedShuffleSplit(3, random_state=0),
    MultilabelStratifiedGroupKFold(3),
    MultilabelStratifiedGroupKFold(3, shuffle=True, random_state=0),
]


@pytest.mark.parametrize("splitter", SPLITTERS, ids=repr)
def test_each_form_of_y_gives_the_same(splitter):
    y = make_y(60, 4, low=0.1)
    y[0] = 1
    groups = np.arange(60) // 4
    forms = [
        sparse.csr_matrix(y),
        sparse.csc_array(y),
        pd.DataFrame(y, columns=list("abcd")),
        [[f"t{label}" for label in np.flatnonzero(row)] for row in y],
        y.astype(float),
    ]
    expected = folds_of(splitter, y, groups)
    assert len(expected) == splitter.get_n_splits()
    for form in forms:
        for ours, theirs in zip(
            folds_of(splitter, form, groups), expected, strict=True
        ):
            np.testing.assert_array_equal(ours[0], theirs[0])
            np.testing.assert_array_equal(ours[1], theirs[1])


@pytest.mark.parametrize("splitter", SPLITTERS, ids=repr)
def test_splits_repeat_and_move_no_global_stream(splitter):
    y = make_y(60, 4, low=0.1)
    groups = np.arange(60) // 4
    before = np.random.get_state()[1].tolist()
    first, second = (folds_of(splitter, y, groups) for _ in range(2))
    assert np.random.get_state()[1].tolist() == before
    for ours, theirs in zip(first, second, strict=True):
        np.testing.assert_array_equal(ours[1], theirs[1])


def test_shuffled_splits_depend_on_the_seed():
    y = make_y(60, 4, low=0.1)
    tests = [
        folds_of(MultilabelStratifiedKFold(3, shuffle=True, random_state=seed), y)[0][1]
        for seed in range(2)
    ]
    assert tests[0].tolist() != tests[1].tolist()


def test_one_dimension_is_stratified_by_class():
    y = np.repeat(["a", "b", "c"], [30, 15, 6])
    for _, test in folds_of(MultilabelStratifiedKFold(3), y):
        assert np.unique(y[test], return_counts=True)[1].tolist() == [10, 5, 2]


# Groups


@pytest.mark.parametrize("seed", range(3))
def test_groups_stay_whole_and_keep_frequencies(seed):
    rng = np.random.RandomState(seed)
    groups = rng.choice(150, 1500)
    # the rows of a group are alike
    y = (rng.rand(1500, 8) < rng.beta(0.5, 2, (150, 8))[groups]).astype(int)
    expected = y.sum(axis=0) / 5

    def errors(folds):
        counts = [y[test].sum(axis=0) for _, test in folds]
        return np.mean(np.abs(counts - expected) / expected)

    ours = folds_of(MultilabelStratifiedGroupKFold(5), y, groups)
    for train, test in ours:
        assert not np.intersect1d(groups[train], groups[test]).size
        assert abs(len(test) - 300) < 45
    theirs = sklearn.model_selection.GroupKFold(5).split(y, y, groups)
    assert errors(ours) < errors(theirs) / 2


def test_as_many_folds_as_groups():
    y = np.array([[1, 1], [0, 1], [0, 1], [0, 0], [0, 0]])
    groups = ["a", "a", "b", "c", "d"]
    folds = folds_of(MultilabelStratifiedGroupKFold(4), y, groups)
    assert sorted(len(test) for _, test in folds) == [1, 1, 1, 2]


def test_groups_are_routed_in_a_search(multilabel_data):
    X, y, _ = multilabel_data
    groups = np.arange(300) // 10
    model = MultiTagClassifier(hidden_layer_sizes=4, max_iter=1, random_state=0)
    with sklearn.config_context(enable_metadata_routing=True):
        cross_val_score(
            model,
            X,
            y,
            cv=MultilabelStratifiedGroupKFold(2),
            params={"groups": groups},
            scoring="f1_macro",
        )


# In scikit-learn


def test_in_a_search(multilabel_data):
    X, y, _ = multilabel_data
    model = MultiTagClassifier(hidden_layer_sizes=4, max_iter=2, random_state=0)
    for splitter in SPLITTERS[:3]:
        search = GridSearchCV(
            model, {"loss__beta": [1.0, 2.0]}, cv=splitter, scoring="f1_macro"
        )
        assert search.fit(X, y).n_splits_ == 3


def test_train_test_split(multilabel_data):
    X, y, _ = multilabel_data
    frame = pd.DataFrame(X)
    parts = multilabel_train_test_split(frame, sparse.csr_array(y), random_state=0)
    X_train, X_test, y_train, y_test = parts
    assert type(X_test) is pd.DataFrame and type(y_test) is sparse.csr_array
    assert X_train.shape == (225, 8) and y_test.shape == (75, 5)
    np.testing.assert_array_equal(y[X_test.index], y_test.toarray())
    np.testing.assert_allclose(y_test.sum(axis=0), y.sum(axis=0) / 4, atol=1)
    rows = np.arange(300)
    train, test = multilabel_train_test_split(
        rows, test_size=30, random_state=0, stratify=y
    )
    assert len(test) == 30 and len(np.union1d(train, test)) == 300


# Errors


@pytest.mark.parametrize(
    "make, error, message",
    [
        (lambda: MultilabelStratifiedKFold(1), ValueError, "at least 2. Got 1"),
        (lambda: MultilabelStratifiedKFold(2.5), ValueError, "at least 2. Got 2.5"),
        (lambda: MultilabelStratifiedKFold(3, shuffle=1), TypeError, "True or False"),
        (
            lambda: MultilabelStratifiedGroupKFold(3, random_state=0),
            ValueError,
            "random_state has no effect",
        ),
    ],
)
def test_wrong_parameters_raise(make, error, message):
    with pytest.raises(error, match=message):
        make()


@pytest.mark.parametrize(
    "splitter, message",
    [
        (
            MultilabelStratifiedKFold(11),
            "more than the number of rows, 10",
        ),
        (MultilabelStratifiedShuffleSplit(test_size=1.0), r"a share in \(0, 1\)"),
        (MultilabelStratifiedShuffleSplit(test_size=0), r"a share in \(0, 1\)"),
        (
            MultilabelStratifiedShuffleSplit(test_size=10),
            "mean 0 training rows and 10 test rows",
        ),
        (
            MultilabelStratifiedShuffleSplit(train_size=0.7, test_size=0.4),
            "mean 7 training rows and 4 test rows",
        ),
        (MultilabelStratifiedShuffleSplit(0), "at least 1. Got 0"),
        (
            MultilabelStratifiedGroupKFold(2),
            "groups must have the group of each row",
        ),
    ],
)
def test_wrong_sizes_raise(splitter, message):
    with pytest.raises(ValueError, match=message):
        folds_of(splitter, np.eye(10, dtype=int))


def test_other_errors():
    y = np.eye(10, dtype=int)
    with pytest.raises(ValueError, match="is more than the number of groups, 2"):
        folds_of(MultilabelStratifiedGroupKFold(3), y, [0] * 5 + [1] * 5)
    with pytest.raises(ValueError, match="The same number of rows"):
        list(MultilabelStratifiedKFold(3).split(np.zeros((9, 1)), y))
    with pytest.raises(ValueError, match="must hold 0 and 1 only"):
        folds_of(MultilabelStratifiedKFold(3), 2 * y)
    with pytest.raises(ValueError, match="At least one array"):
        multilabel_train_test_split()

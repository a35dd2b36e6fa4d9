"""Samplers on targets in which entries are not annotated."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.neighbors import NearestNeighbors

from skmultitag.sampling import (
    MLROS,
    MLRUS,
    MLSMOTE,
    MLTL,
    REMEDIAL,
    imbalance_ratio_per_label,
    mean_imbalance_ratio,
    scumble,
)
from skmultitag.sampling._labels import read_target
from skmultitag.sampling._mltl import label_difference
from tests.sampling.common import SAMPLERS, make_data

RULES = ["ranking", "union", "intersection"]


@pytest.fixture
def data():
    """The second last row is not annotated at all, the first label nowhere."""
    X, y = make_data()
    y = y.astype(float)
    y[np.random.default_rng(0).random(y.shape) < 0.3] = np.nan
    y[-2] = np.nan
    y = np.column_stack([np.full(len(y), np.nan), y])
    return X, y


@pytest.mark.parametrize("measure", [imbalance_ratio_per_label, mean_imbalance_ratio])
def test_measures_count_annotated_positives(measure, data):
    np.testing.assert_array_equal(measure(data[1]), measure(np.nan_to_num(data[1])))


def test_scumble_is_that_of_annotated_positives(data):
    found = scumble(data[1], per_row=True)
    expected = scumble(np.nan_to_num(data[1]), per_row=True)
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("sampler", [MLROS(random_state=0), MLRUS(random_state=0)])
def test_rows_are_chosen_by_annotated_positives(sampler, data):
    X, y = data
    X_resampled, y_resampled = sampler.fit_resample(X, y)
    rows, minority = sampler.sample_indices_, sampler.minority_labels_
    np.testing.assert_array_equal(y_resampled, y[rows])
    np.testing.assert_array_equal(X_resampled, X[rows])
    assert len(rows) != len(y)
    sampler.fit_resample(X, np.nan_to_num(y))
    np.testing.assert_array_equal(sampler.sample_indices_, rows)
    np.testing.assert_array_equal(sampler.minority_labels_, minority)


@pytest.mark.parametrize("rule", RULES)
def test_new_rows_get_the_votes_of_annotated_rows(rule, data):
    X, y = data
    k = 3
    sampler = MLSMOTE(label_rule=rule, k_neighbors=k, random_state=0)
    X_resampled, y_resampled = sampler.fit_resample(X, y)
    np.testing.assert_array_equal(y_resampled[: len(y)], y)
    expected = []
    for label in sampler.minority_labels_:
        rows = np.flatnonzero(y[:, label] == 1)
        neighbors = NearestNeighbors(n_neighbors=min(k, len(rows) - 1)).fit(X[rows])
        for row, others in zip(
            rows, neighbors.kneighbors(return_distance=False), strict=True
        ):
            group = y[[row, *rows[others]]]
            new = []
            for column in group.T:
                votes = column[~np.isnan(column)]
                decide = {
                    "ranking": lambda v: v.mean() > 0.5,
                    "union": lambda v: v.max() == 1,
                    "intersection": lambda v: v.min() == 1,
                }[rule]
                new.append(float(decide(votes)) if len(votes) else np.nan)
            expected.append(new)
    np.testing.assert_array_equal(y_resampled[len(y) :], expected)
    # the case has unknown, absent and present labels
    assert np.isnan(expected).any() and {0.0, 1.0} < set(np.ravel(expected))


def test_links_differ_in_labels_that_are_annotated_in_both_rows(data):
    y = data[1]
    indicator, _ = read_target(y)
    other = np.random.default_rng(0).permutation(len(y))
    found = label_difference(indicator, indicator[other])
    for first, second, difference in zip(y, y[other], found, strict=True):
        both = ~np.isnan(first) & ~np.isnan(second)
        n_labels = first[both].sum() + second[both].sum()
        n_unequal = (first != second)[both].sum()
        assert difference == (n_unequal / n_labels if n_labels else 0)


def test_links_are_removed():
    X = [[0.0], [0.1], [1.0], [1.1], [5.0]]
    y = [[1, 0], [0, 1], [1, 0], [np.nan, 1], [1, 0]]
    sampler = MLTL(sampling_strategy=[1], threshold=0.5)
    sampler.fit_resample(X, y)
    # of the rows 2 and 3 it is known only that one has the second label
    np.testing.assert_array_equal(sampler.sample_indices_, [1, 3, 4])
    sampler.fit_resample(X, [*y[:3], [1, np.nan], y[4]])
    np.testing.assert_array_equal(sampler.sample_indices_, [1, 2, 3, 4])


def test_halves_of_a_row_are_not_annotated_where_it_is_not(data):
    X, y = data
    y = np.column_stack([y, np.where(np.arange(len(y)) % 2, np.nan, 0)])
    sampler = REMEDIAL()
    X_resampled, y_resampled = sampler.fit_resample(X, y)
    sampler_complete = REMEDIAL()
    _, complete = sampler_complete.fit_resample(X, np.nan_to_num(y))
    rows = sampler.sample_indices_
    np.testing.assert_array_equal(sampler_complete.sample_indices_, rows)
    np.testing.assert_array_equal(np.isnan(y_resampled), np.isnan(y)[rows])
    np.testing.assert_array_equal(np.nan_to_num(y_resampled), complete)
    assert len(rows) > len(y)


def _lists(y, missing=None):
    return [[missing if v != v else int(v) for v in row] for row in y.tolist()]


FORMS = {
    "csr_array": sparse.csr_array,
    "csc_matrix": sparse.csc_matrix,
    "masked": lambda y: np.ma.masked_invalid(y),
    "masked integers": lambda y: np.ma.masked_array(
        np.nan_to_num(y).astype(int), np.isnan(y)
    ),
    "objects": lambda y: np.array(_lists(y), dtype=object),
    "frame": pd.DataFrame,
    "frame of Int64": lambda y: pd.DataFrame(y).astype("Int64"),
    "frame of boolean": lambda y: pd.DataFrame(y).astype("boolean"),
    "lists of None": _lists,
    "lists of NA": lambda y: _lists(y, pd.NA),
    "dicts": lambda y: [dict(enumerate(row)) for row in _lists(y)],
}


@pytest.mark.parametrize("sampler", SAMPLERS, ids=str)
@pytest.mark.parametrize("form", FORMS)
def test_targets_keep_their_form(sampler, form, data):
    X, y = data
    y[0] = np.nan_to_num(y[0])  # not all entries of the first label are missing
    _, expected = clone(sampler).fit_resample(X, y)
    given = FORMS[form](y)
    _, found = clone(sampler).fit_resample(X, given)
    assert type(found) is type(given)
    if hasattr(given, "dtype"):
        assert found.dtype == given.dtype
    if hasattr(given, "dtypes"):
        assert (found.dtypes == given.dtypes).all()
    if isinstance(given, list):
        rows = [row.values() if isinstance(row, dict) else row for row in found]
        kinds = {type(entry) for row in rows for entry in row}
        assert kinds == {int, type(pd.NA if form == "lists of NA" else None)}
    if sparse.issparse(found):
        found = found.toarray()
    if isinstance(found, list) and isinstance(found[0], dict):
        found = [list(row.values()) for row in found]
    if isinstance(found, np.ma.MaskedArray):
        found = found.astype(float).filled(np.nan)
    found = pd.DataFrame(found).astype("Float64").to_numpy(float, na_value=np.nan)
    np.testing.assert_array_equal(found, expected)

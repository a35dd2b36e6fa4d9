"""The mean and the typical size that a network takes off its features."""

import numpy as np
import pytest
from scipy import sparse

from skmultitag.neural_network import _mean_and_size
from skmultitag.neural_network._batches import RowDataset
from skmultitag.neural_network._mean_and_size import mean_and_size
from skmultitag.neural_network._sliced_rows import SlicedRows
from tests.neural_network.common import small


@pytest.fixture
def X():
    """30 rows with a mean far from 0."""
    return 5 + np.random.RandomState(0).randn(30, 4)


def plain_mean_and_size(X):
    mean = X.mean(axis=0)
    return mean, np.median(np.linalg.norm(X - mean, axis=1)) / X.shape[1] ** 0.5


def check(ours, X, rtol=1e-12):
    mean, size = plain_mean_and_size(X)
    np.testing.assert_allclose(ours[0], mean, rtol=rtol)
    assert ours[1] == pytest.approx(size, rel=rtol)


@pytest.mark.parametrize(
    "as_type", [np.float16, np.float64, sparse.csr_array, SlicedRows]
)
def test_formula(X, as_type):
    X = X.astype(np.float16).astype(np.float32)
    check(mean_and_size(RowDataset(as_type(X))), X.astype(np.float64))


def test_rows_that_are_held_out_or_have_no_weight_are_not_seen(X):
    rows, weight = np.arange(25), np.repeat([1.0, 0.0], [20, 10])
    check(mean_and_size(RowDataset(X, sample_weight=weight, rows=rows)), X[:20])


def test_a_weight_is_a_number_of_repeated_rows(X):
    weight = np.arange(30) % 4
    ours = mean_and_size(RowDataset(X, sample_weight=weight))
    check(ours, X.repeat(weight, axis=0))


@pytest.mark.parametrize("factor", [1e3, 1e300])
def test_rows_of_zeros_and_rows_far_out_are_left_aside(X, factor):
    rows = np.concatenate([factor * X[:10], X, 0 * X])
    check(mean_and_size(RowDataset(rows)), X)


def test_of_many_rows_some_are_seen(X, monkeypatch):
    monkeypatch.setattr(_mean_and_size, "N_ENTRIES_SEEN", 48)
    monkeypatch.setattr(_mean_and_size, "LEAST_ROWS_SEEN", 1)
    check(mean_and_size(RowDataset(X)), X[::3])  # no more than 12 rows
    rows = np.arange(30)[::-1]
    check(mean_and_size(RowDataset(SlicedRows(X), rows=rows)), X[::-3])
    monkeypatch.setattr(_mean_and_size, "LEAST_ROWS_SEEN", 15)
    check(mean_and_size(RowDataset(X)), X[::2])


@pytest.mark.parametrize("value, size", [(0.0, 1.0), (0.3, 0.3), (1e307, 1e307)])
def test_equal_rows(value, size):
    ours = mean_and_size(RowDataset(np.full((40, 2), value)))
    np.testing.assert_allclose(ours[0], value, rtol=1e-12)
    assert ours[1] == pytest.approx(size, rel=1e-12)


@pytest.mark.parametrize("as_type", [np.asarray, sparse.csr_array])
def test_features_in_other_units_train_the_same(multilabel_data, as_type):
    X, y, _ = multilabel_data
    X = X.astype(np.float64)
    model = small(dropout=0.3, input_dropout=0.5)
    expected = model.fit(X, y).decision_function(X)
    for factor in (1e-200, 1e-3, 50.0, 1e200):
        for zero in (0.0, 10 * np.arange(8)):
            rows = as_type(factor * (X + zero))
            margin = model.fit(rows, y).decision_function(rows)
            np.testing.assert_allclose(margin, expected, rtol=1e-9)


def test_further_blocks_are_in_the_units_of_the_first(multilabel_data):
    X, y, _ = multilabel_data
    model = small().partial_fit(X[:200], y[:200]).partial_fit(9 + X[200:], y[200:])
    mean, size = plain_mean_and_size(X[:200].astype(np.float64))
    module = model.net_.module_
    np.testing.assert_allclose(module.feature_scale, 1 / size, rtol=1e-5)
    np.testing.assert_allclose(module.feature_shift, -mean / size, rtol=1e-4)

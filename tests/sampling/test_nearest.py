import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from skmultitag.sampling import _nearest
from skmultitag.sampling._nearest import nearest_rows


def distances(X):
    """Between all rows in float64, infinite of a row to itself."""
    X = X.astype(np.float64)
    found = np.linalg.norm(X[:, None] - X, axis=2)
    np.fill_diagonal(found, np.inf)
    return found


def assert_nearest(X):
    """Each row found is another row, and none is closer but for rounding."""
    found = distances(X)
    of_nearest = found[np.arange(len(X)), nearest_rows(X)]
    np.testing.assert_allclose(of_nearest, found.min(axis=1), rtol=1e-3)


@pytest.mark.parametrize("n_samples", [2, 3, 50, 100, 130])
@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.float64])
@pytest.mark.parametrize("n_features", [3, 40])
def test_blocks_of_any_size(n_samples, dtype, n_features, monkeypatch):
    monkeypatch.setattr(_nearest, "N_BLOCK", 50)
    X = np.random.default_rng(0).normal(size=(n_samples, n_features)).astype(dtype)
    np.testing.assert_array_equal(nearest_rows(X), distances(X).argmin(axis=1))


@pytest.fixture
def X(monkeypatch):
    monkeypatch.setattr(_nearest, "N_BLOCK", 64)
    return np.random.default_rng(0).normal(size=(200, 40)).astype(np.float32)


def test_single_precision_is_searched_by_blocks(X, monkeypatch):
    monkeypatch.setattr(NearestNeighbors, "kneighbors", None)
    assert_nearest(X)
    with pytest.raises(TypeError, match="not callable"):
        nearest_rows(X.astype(np.float64))


def test_far_from_the_origin(X):
    assert_nearest(X + np.float32(1000))


def test_almost_equal_rows(X):
    rng = np.random.default_rng(1)
    X[100:] = X[:100] + 1e-4 * rng.normal(size=(100, 40)).astype(np.float32)
    np.testing.assert_array_equal(nearest_rows(X), (np.arange(200) + 100) % 200)


def test_equal_rows(X):
    X[50:100] = X[:50]
    X[100:] = X[0]
    assert_nearest(X)


def test_one_large_feature(X):
    """Most of the precision goes to a feature that says little of near rows."""
    X[:, 0] = np.float32(1e6) * (np.arange(200) % 4)
    assert_nearest(X)


@pytest.mark.parametrize("scale", [1e-25, 1e-15, 1e15, 1e25])
def test_tiny_and_huge_numbers(X, scale):
    assert_nearest(X * np.float32(scale))


def test_one_huge_row(X):
    X[7] *= np.float32(1e25)
    assert_nearest(X)

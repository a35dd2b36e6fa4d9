import numpy as np
import pytest

from skmultitag.utils._quantiles import column_quantiles

QUANTILES = (0.25, 0.5, 0.9)


@pytest.mark.parametrize("n_samples", [1, 2, 3, 4, 7, 20])
def test_without_weights(n_samples):
    values = np.random.default_rng(n_samples).normal(size=(n_samples, 3))
    found = column_quantiles(values, QUANTILES)
    expected = np.quantile(values, QUANTILES, axis=0, method="averaged_inverted_cdf")
    np.testing.assert_allclose(found, expected)
    np.testing.assert_allclose(found[1], np.median(values, axis=0))


@pytest.mark.parametrize("seed", range(5))
def test_weight_is_a_number_of_rows(seed):
    rng = np.random.default_rng(seed)
    values, weight = rng.normal(size=(30, 2)), rng.integers(1, 5, 30)
    found = column_quantiles(values, QUANTILES, weight)
    expected = column_quantiles(np.repeat(values, weight, axis=0), QUANTILES)
    np.testing.assert_allclose(found, expected)

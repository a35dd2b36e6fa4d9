"""Against values of ArviZ 0.23.4: rhat(method="split") and ess(method="mean")."""

import numpy as np
import pytest

from skmultitag.losses.bayesian._diagnostics import effective_sample_size, split_r_hat

CASES = [  # autocorrelation, seed, shift of the last chain, R-hat, ESS
    (0.0, 10, 0.0, 1.0014505239898355, 1870.7530851042077),
    (0.5, 15, 0.0, 1.0015905733557429, 717.3231792587311),
    (0.9, 19, 0.0, 1.0172262760112853, 116.45907153000014),
    (-0.5, 5, 0.0, 0.9985004180515084, 6546.553379783778),
    (0.5, 7, 2.0, 1.3162348886117705, 10.229778297823442),
]


def autoregressive_chains(correlation, seed, shift):
    noise = np.random.default_rng(seed).normal(size=(4, 500))
    chains = noise.copy()
    for t in range(1, 500):
        chains[:, t] += correlation * chains[:, t - 1]
    chains[-1] += shift
    return chains


def test_published_implementation():
    draws = np.stack([autoregressive_chains(*case[:3]) for case in CASES], axis=2)
    np.testing.assert_allclose(split_r_hat(draws), [case[3] for case in CASES])
    size = effective_sample_size(draws)
    np.testing.assert_allclose(size[:4], [case[4] for case in CASES[:4]])
    # ArviZ ends the sum of autocorrelations half a pair later
    assert size[4] == pytest.approx(CASES[4][4], rel=0.02)


def test_chains_that_do_not_move():
    draws = np.zeros((4, 10, 2))
    np.testing.assert_array_equal(split_r_hat(draws), 1)
    np.testing.assert_array_equal(effective_sample_size(draws), 40)

"""Density, chains and grid, against exact posteriors and laws that must hold."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import stats

from skmultitag.losses import PosteriorDraws
from skmultitag.losses.bayesian._sampling import (
    Chains,
    LogPosterior,
    draw_from_grid,
    find_mode,
    grid_posterior,
    make_cells,
    run_chains,
    start_chains,
)

# logits, targets and exact posteriors by a grid of 601 x 601, under the prior
# log beta, eta ~ N(0, 0.5^2) and at temperature 1
REFERENCE = json.loads((Path(__file__).parent / "exact_posteriors.json").read_text())
SD = 0.5


def slope_and_offset(state):
    return torch.exp(SD * state[..., 0]), SD * state[..., 1]


def reference_density(target):
    z, y = (torch.tensor(REFERENCE[name], dtype=torch.float64) for name in ("z", "y"))
    return LogPosterior(
        make_cells(z, y),
        slope_and_offset,
        target="bernoulli" if target == "bernoulli" else "gibbs",
        temperature=0.0 if target == "prior" else 1.0,
        f_beta=1.0,
    )


def moments(points, weights):
    mean = (weights[..., None] * points).sum(dim=0)
    variance = (weights[..., None] * (points - mean) ** 2).sum(dim=0)
    return SD * mean, SD * variance.sqrt()


@pytest.mark.parametrize("target", ["prior", "bernoulli", "gibbs"])
def test_grid_against_exact_posteriors(target):
    points, weights = grid_posterior(reference_density(target), 4)
    mean, sd = moments(points, weights)
    exact = REFERENCE["posteriors"][target]
    for column, name in enumerate(("logbeta", "eta")):
        np.testing.assert_allclose(mean[:, column], exact[f"mean_{name}"], atol=1e-5)
        np.testing.assert_allclose(sd[:, column], exact[f"sd_{name}"], atol=2e-5)
    # nothing lies outside the grid
    edge = (points == points.amax(dim=0)) | (points == points.amin(dim=0))
    assert (weights * edge.any(dim=2)).sum(dim=0).max() < 1e-6


@pytest.mark.parametrize("target", ["prior", "bernoulli", "gibbs"])
def test_chains_against_exact_posteriors(target):
    generator = torch.Generator().manual_seed(0)
    draws, acceptance, _ = run_chains(
        reference_density(target), start_chains(4, 4, generator), 500, 3000, generator
    )
    exact = REFERENCE["posteriors"][target]
    for column, name in enumerate(("logbeta", "eta")):
        found = PosteriorDraws(SD * draws[..., column].numpy())
        distance = np.abs(found.mean - exact[f"mean_{name}"])
        assert (distance < 4 * found.mcse).all()
        np.testing.assert_allclose(found.sd, exact[f"sd_{name}"], rtol=0.1)
        assert found.r_hat.max() < 1.01
    assert (acceptance > 0.25).all() and (acceptance < 0.45).all()


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("target", ["gibbs", "bernoulli"])
def test_chains_against_the_grid_on_random_cases(seed, target):
    generator = torch.Generator().manual_seed(seed)
    z = 3 * torch.randn(300, 6, generator=generator, dtype=torch.float64)
    frequency = torch.linspace(0.02, 0.6, 6)
    y = (torch.rand(300, 6, generator=generator) < frequency).double()
    density = LogPosterior(
        make_cells(z + 2 * y, y),
        slope_and_offset,
        target=target,
        temperature=0.5,
        f_beta=2.0,
    )
    mean, sd = moments(*grid_posterior(density, 6))
    draws, _, _ = run_chains(
        density, start_chains(4, 6, generator), 500, 2000, generator
    )
    for column in range(2):
        found = PosteriorDraws(SD * draws[..., column].numpy())
        assert (np.abs(found.mean - mean[:, column].numpy()) < 4 * found.mcse).all()
        np.testing.assert_allclose(found.sd, sd[:, column], rtol=0.1)


def test_chains_leave_the_exact_distribution_as_it_is():
    density = reference_density("gibbs")
    generator = torch.Generator().manual_seed(0)
    points, weights = grid_posterior(density, 4)
    exact = draw_from_grid(points, weights, 4000, generator)
    start = start_chains(2, 4, generator)
    chains = Chains(exact, start.covariance, start.log_step)
    moved = run_chains(density, chains, 0, 10, generator)[0][:, -1]
    other = draw_from_grid(points, weights, 4000, generator)
    for label in range(4):
        for column in range(2):
            arguments = moved[:, label, column], other[:, label, column]
            assert stats.ks_2samp(*arguments).pvalue > 1e-3


def ranks_of_the_truth(density_of, n_replicates=400):
    """Simulation-based calibration: one replicate a label.

    True states come from the prior, targets from the model; the rank of the truth
    among draws from the posterior is uniform if all is right.
    """
    generator = torch.Generator().manual_seed(0)
    shape = 40, n_replicates
    truth = torch.randn(1, n_replicates, 2, generator=generator, dtype=torch.float64)
    z = 2 * torch.randn(shape, generator=generator, dtype=torch.float64)
    slope, offset = slope_and_offset(truth[0])
    proba = torch.sigmoid(slope * (z + offset))
    y = (torch.rand(shape, generator=generator, dtype=torch.float64) < proba).double()
    density = density_of(
        LogPosterior(
            make_cells(z, y),
            slope_and_offset,
            target="bernoulli",
            temperature=1.0,
            f_beta=1.0,
        )
    )
    chains = start_chains(1, n_replicates, generator)
    draws, _, _ = run_chains(density, chains, 300, 99 * 20, generator)
    return (draws[0, ::20] < truth).sum(dim=0)


def p_value_of_uniform(ranks):
    counts = np.bincount(np.asarray(ranks) // 10, minlength=10)
    return stats.chisquare(counts).pvalue


def test_simulation_based_calibration():
    ranks = ranks_of_the_truth(lambda density: density)
    assert p_value_of_uniform(ranks[:, 0]) > 0.01
    assert p_value_of_uniform(ranks[:, 1]) > 0.01


def test_simulation_based_calibration_finds_a_wrong_jacobian():
    ranks = ranks_of_the_truth(
        lambda density: lambda state: density(state) - 2 * SD * state[..., 0]
    )
    assert p_value_of_uniform(ranks[:, 0]) < 1e-3


def test_mode_is_where_the_gradient_vanishes():
    density = reference_density("gibbs")
    mode = find_mode(density, 4)[None].requires_grad_()
    density(mode).sum().backward()
    assert mode.grad.abs().max() < 1e-5
    best = density(mode.detach())
    for step in (0.01, -0.01):
        for column in range(2):
            other = mode.detach().clone()
            other[..., column] += step
            assert (density(other) < best).all()


@pytest.mark.parametrize("target", ["gibbs", "bernoulli"])
def test_cells_hardly_change_the_density(target):
    generator = torch.Generator().manual_seed(0)
    z = 4 * torch.randn(2000, 5, generator=generator, dtype=torch.float64) - 3
    y = (torch.rand(z.shape, generator=generator) < torch.sigmoid(z)).double()
    weight = torch.rand(2000, generator=generator, dtype=torch.float64)
    state = torch.randn(4, 5, 2, generator=generator, dtype=torch.float64)
    densities = [
        LogPosterior(
            make_cells(z, y, weight, n_cells),
            slope_and_offset,
            target=target,
            temperature=0.1,
            f_beta=1.0,
        )(state)
        for n_cells in (64, 2000)
    ]
    difference = densities[0] - densities[1]
    # a constant does not count
    difference -= difference.mean(dim=0)
    assert difference.abs().max() < 0.1


def test_cells_keep_all_weight_and_means():
    generator = torch.Generator().manual_seed(0)
    z = torch.randn(500, 3, generator=generator, dtype=torch.float64)
    z[:, 2] = 1.0  # no range
    y = (torch.rand(500, 3, generator=generator) < 0.1).double()
    weight = torch.rand(500, generator=generator, dtype=torch.float64)
    cells = make_cells(z, y, weight, n_cells=10)
    assert cells.logit.shape == (3, 20)
    torch.testing.assert_close(cells.weight.sum(1), weight.sum().expand(3))
    torch.testing.assert_close(cells.weight_of_positives.sum(1), weight @ y)
    torch.testing.assert_close((cells.weight * cells.logit).sum(1), weight @ z)


def test_one_group_has_the_sum_over_labels():
    density = reference_density("gibbs")
    state = torch.randn(
        3, 1, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64
    )
    together = density(state)
    apart = density(state.expand(-1, 4, -1))
    prior = -(state**2).sum(dim=2) / 2
    torch.testing.assert_close(together - prior, (apart - prior).sum(1, keepdim=True))

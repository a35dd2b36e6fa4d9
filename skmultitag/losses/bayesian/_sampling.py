"""Distribution of slope and offset of a sigmoid, given logits and targets.

A state has two numbers for each group (a label, or all labels together), slope and
offset on scales on which the prior is standard normal. So no change of variables is
ever needed, and a prior without spread is no special case.
"""

from typing import NamedTuple

import numpy as np
import torch
from torch.nn import functional

from skmultitag._confusion import FBetaCounts, fbeta_from_counts

_N_CELLS = 64  # for the positives, and for the negatives of a label
_TARGET_ACCEPTANCE = 0.35
_N_GRID = 33
_MAX_GRIDS = 10
_N_POINTS_AT_ONCE = 64
# of all tensors here: the generators are those of the processor
KIND = {"dtype": torch.float64, "device": "cpu"}


class Cells(NamedTuple):
    """Rows of each label, merged if their logits are nearly equal."""

    logit: torch.Tensor  # mean of the cell, (n_labels, n_cells)
    weight: torch.Tensor
    weight_of_positives: torch.Tensor


def make_cells(logits, y_true, sample_weight=None, n_cells=_N_CELLS, y_known=None):
    """Merge rows into cells, for positives and negatives of each label separately.

    With at most `n_cells` rows, each row is a cell, and nothing is lost. With more
    rows, the range of the logits of each label is cut into `n_cells` parts, and rows
    are moved to the mean of their part. The sums of a smooth function hardly change,
    and cost less.

    Parameters
    ----------
    logits : tensor of shape (n_samples, n_labels)

    y_true : tensor of shape (n_samples, n_labels)

    sample_weight : tensor of shape (n_samples,), default=None

    n_cells : int

    y_known : tensor of shape (n_samples, n_labels), default=None
        1 if the target is annotated, else 0. None if all targets are.

    Returns
    -------
    cells : Cells
        Of float64, on the CPU.
    """
    z = logits.double().cpu().numpy()
    y = y_true.double().cpu().numpy()
    weight = np.ones(len(z))
    if sample_weight is not None:
        weight = sample_weight.double().cpu().numpy()
    weight = np.broadcast_to(weight[:, None], z.shape)
    if y_known is not None:
        weight = weight * y_known.double().cpu().numpy()
    parts = z, weight, weight * y
    if len(z) > n_cells:
        parts = _merged(z, y, weight, n_cells)
    # copies: a view of the weights, or of the caller's logits, must not be shared
    return Cells(*(torch.from_numpy(np.array(part.T, order="C")) for part in parts))


def _merged(z, y, weight, n_cells):
    """Means and weights of `n_cells` parts of the range of each column, twice."""
    n_labels = z.shape[1]
    low, high = z.min(axis=0), z.max(axis=0)
    factor = n_cells / np.where(high > low, high - low, 1)
    cell = np.minimum((z - low) * factor, n_cells - 1).astype(np.int32)
    cell += n_cells * y.astype(np.int32)  # positives in the second half
    cell *= n_labels
    cell += np.arange(n_labels, dtype=np.int32)
    cell, size = cell.ravel(), 2 * n_cells * n_labels
    total = np.bincount(cell, weight.ravel(), size)
    mean = np.bincount(cell, (weight * z).ravel(), size) / np.where(total > 0, total, 1)
    mean, total = mean.reshape(-1, n_labels), total.reshape(-1, n_labels)
    positive = total.copy()
    positive[:n_cells] = 0
    return mean, total, positive


class LogPosterior:
    """Log density of states, up to a constant.

    Parameters
    ----------
    cells : Cells

    slope_and_offset : callable
        From a state of shape (..., n_groups, 2) to two tensors (..., n_groups).

    target : {"gibbs", "bernoulli"}
        Which term is added to the log density of the prior: minus the weighted loss
        1 - F-beta, or the log likelihood of the targets.

    temperature : float
        Factor of the loss, with the weight of positives, or of the log likelihood.

    f_beta : float
    """

    def __init__(self, cells, slope_and_offset, *, target, temperature, f_beta):
        self.cells = cells
        self.slope_and_offset = slope_and_offset
        self.target = target
        self.temperature = temperature
        self.f_beta = f_beta
        weights = cells.weight, cells.weight_of_positives
        self._weights = torch.stack(weights, dim=1)
        self._n_pos = cells.weight_of_positives.sum(dim=1)

    def __call__(self, state):
        """Log density of states of shape (n_chains, n_groups, 2), for each group."""
        slope, offset = self.slope_and_offset(state)
        # labels first, so that sums over cells are products of matrices
        slope, offset = slope.T[:, :, None], offset.T[:, :, None]
        u = slope * (self.cells.logit[:, None, :] + offset)
        gain = self._gain(u) * self.temperature
        if state.shape[1] == 1:
            gain = gain.sum(dim=0, keepdim=True)
        density = gain.T - (state**2).sum(dim=2) / 2
        # a slope that overflows is nowhere
        return torch.nan_to_num(density, nan=-torch.inf)

    def _gain(self, u):
        """What speaks for the states, of shape (n_labels, n_chains)."""
        if self.target == "bernoulli":
            weight, positive = self.cells.weight, self.cells.weight_of_positives
            of_ones = functional.logsigmoid(u) @ positive[:, :, None]
            of_zeros = functional.logsigmoid(-u) @ (weight - positive)[:, :, None]
            return (of_ones + of_zeros)[:, :, 0]
        predicted, tp = (self._weights @ torch.sigmoid(u).mT).unbind(dim=1)
        n_pos = self._n_pos[:, None]
        counts = FBetaCounts(tp, predicted, n_pos)
        return n_pos * (fbeta_from_counts(counts, self.f_beta) - 1)


class Chains(NamedTuple):
    """Where the chains are, and how they move."""

    state: torch.Tensor  # (n_chains, n_groups, 2)
    covariance: torch.Tensor  # of the proposals, (n_groups, 2, 2)
    log_step: torch.Tensor  # (n_groups,)


def start_chains(n_chains, n_groups, generator):
    """Chains that start at draws from the prior."""
    state = torch.randn(n_chains, n_groups, 2, **KIND, generator=generator)
    covariance = torch.eye(2, **KIND).repeat(n_groups, 1, 1)
    # the best for normal distributions of two dimensions
    log_step = torch.full((n_groups,), 2.38 / 2**0.5, **KIND).log()
    return Chains(state, covariance, log_step)


def run_chains(log_density, chains, n_warmup, n_draws, generator):
    """Random-walk Metropolis in all groups at once.

    Proposals are adapted in the warm-up only: a chain that adapts to its own draws has
    another distribution.

    Parameters
    ----------
    log_density : callable
        From states (n_chains, n_groups, 2) to (n_chains, n_groups).

    chains : Chains

    n_warmup, n_draws : int

    generator : torch.Generator

    Returns
    -------
    draws : tensor of shape (n_chains, n_draws, n_groups, 2)

    acceptance : tensor of shape (n_groups,)
        Share of proposals accepted after the warm-up.

    chains : Chains
        To go on from.
    """
    state, covariance, log_step = chains
    density = log_density(state)
    factor = torch.linalg.cholesky(covariance)
    visited, draws = [], []
    acceptance = torch.zeros_like(log_step)
    for turn in range(n_warmup + n_draws):
        noise = torch.randn(state.shape, **KIND, generator=generator)
        step = (factor @ noise[..., None])[..., 0] * log_step.exp()[:, None]
        proposed_density = log_density(state + step)
        chance = (proposed_density - density).exp().clamp(max=1)
        luck = torch.rand(chance.shape, **KIND, generator=generator)
        moves = luck < chance
        state = torch.where(moves[..., None], state + step, state)
        density = torch.where(moves, proposed_density, density)
        if turn < n_warmup:
            visited.append(state)
            rate = chance.mean(dim=0) - _TARGET_ACCEPTANCE
            log_step = log_step + rate / (turn + 1) ** 0.5
            if turn == n_warmup // 2:
                covariance = _learn(covariance, torch.stack(visited))
                factor = torch.linalg.cholesky(covariance)
        else:
            draws.append(state)
            acceptance += moves.double().mean(dim=0) / n_draws
    draws = torch.stack(draws, dim=1)
    covariance = _learn(covariance, draws)
    return draws, acceptance, Chains(state, covariance, log_step)


def _learn(covariance, draws):
    """Covariance of the draws, moved toward the known one if the draws are few."""
    draws = draws.reshape(-1, *draws.shape[2:])
    centered = draws - draws.mean(dim=0)
    found = torch.einsum("dgi,dgj->gij", centered, centered)
    n_known = 10
    return (found + n_known * covariance) / (len(draws) + n_known)


def grid_posterior(log_density, n_groups):
    """The distribution on a grid that reaches over seven standard deviations each way.

    Coarser grids find where most of the mass is, and this grid is placed there. If
    several peaks are far from each other, it may miss some. On such a grid, sums of a
    smooth density are as good as integrals.

    Returns
    -------
    points : tensor of shape (n_points, n_groups, 2)

    weights : tensor of shape (n_points, n_groups)
        Probabilities, which sum to 1 for each group.
    """
    square = _square(torch.linspace(-1, 1, _N_GRID, **KIND))[:, None]
    center = torch.zeros(n_groups, 2, **KIND)
    half = torch.full_like(center, 8)
    is_placed = False
    for _ in range(_MAX_GRIDS):
        points = center + half * square
        weights = _weights(log_density, points)
        if is_placed:
            break
        center = (weights[..., None] * points).sum(dim=0)
        variance = (weights[..., None] * (points - center) ** 2).sum(dim=0)
        wanted = 7 * variance.sqrt()
        # a distribution narrower than the grid is seen better on the next one
        least = 2 * half / (_N_GRID - 1)
        is_placed = bool((wanted >= least).all())
        half = torch.maximum(wanted, least)
    return points, weights


def _square(line):
    return torch.cartesian_prod(line, line)


def _weights(log_density, points):
    density = torch.cat([log_density(part) for part in points.split(_N_POINTS_AT_ONCE)])
    return density.softmax(dim=0)


def draw_from_grid(points, weights, n_draws, generator):
    """Independent draws of shape (n_draws, n_groups, 2), anywhere in the cells."""
    spacing = (points.amax(dim=0) - points.amin(dim=0)) / (_N_GRID - 1)
    chosen = torch.multinomial(
        weights.T, n_draws, replacement=True, generator=generator
    )
    draws = points.gather(0, chosen.T[..., None].expand(-1, -1, 2))
    noise = torch.rand(draws.shape, **KIND, generator=generator)
    return draws + (noise - 0.5) * spacing


def find_mode(log_density, n_groups):
    """State with the largest density, of shape (n_groups, 2), by finer and finer grids.

    Not for a density with several peaks that are far from each other.
    """
    mode = torch.zeros(n_groups, 2, **KIND)
    square = _square(torch.linspace(-1, 1, 9, **KIND))
    half = 8.0
    while half > 1e-8:
        points = mode + half * square[:, None]
        best = _weights(log_density, points).argmax(dim=0)
        mode = points[best, torch.arange(n_groups, device="cpu")]
        half *= 0.4
    return mode

"""The losses of BP-MLL and Rank-SVM, from all pairs of labels of a row."""

import itertools
import math

import numpy as np
import pytest
import torch
from scipy.optimize import minimize

from skmultitag.losses import BPMLLLoss, LSEPLoss, PairHingeLoss
from skmultitag.losses._bp_mll import mean_exponential
from skmultitag.losses._pairs import n_pairs
from tests.losses.common import random_batch, value_and_gradient

PAIR_LOSSES = {
    BPMLLLoss(): lambda pos, neg: math.exp(math.tanh(neg) - math.tanh(pos)),
    PairHingeLoss(): lambda pos, neg: max(0, 1 - (pos - neg)) ** 2,
    PairHingeLoss(squared=False): lambda pos, neg: max(0, 1 - (pos - neg)),
}
LOGITS = [[2, -1, 0.5, 0], [-0.5, 1.5, -2, 0.3], [0.3, -0.2, 1, -1.1]]
TARGETS = [[1, 0, 1, 0], [0, 1, 0, 0], [1, 0, 0, 1]]


@pytest.mark.parametrize("loss", PAIR_LOSSES, ids=repr)
@pytest.mark.parametrize("n_labels", [2, 3, 70])
def test_it_is_the_mean_over_all_pairs(loss, n_labels):
    of_pair = PAIR_LOSSES[loss]
    y_score, y_true = random_batch(9, n_labels)
    values = []
    for z, y in zip(y_score.numpy(), y_true.numpy(), strict=True):
        pairs = list(itertools.product(z[y == 1], z[y == 0]))
        values.append(sum(of_pair(*pair) for pair in pairs) / max(len(pairs), 1))
    assert loss(y_score, y_true).item() == pytest.approx(np.mean(values), rel=1e-12)


@pytest.mark.parametrize("loss", PAIR_LOSSES, ids=repr)
def test_rows_without_pairs_teach_nothing(loss):
    y_score, y_true = random_batch()
    y_true[0], y_true[1] = 1, 0
    _, gradient = value_and_gradient(loss, y_score, y_true)
    assert not gradient[:2].any() and gradient[2:].any()
    value = loss(y_score, y_true)
    torch.testing.assert_close(value, loss(y_score[2:], y_true[2:]) * 5 / 7)


@pytest.mark.parametrize("loss", PAIR_LOSSES, ids=repr)
def test_two_labels_are_one_difference(loss):
    z = torch.tensor([[0.3, -0.4]])
    value = loss(z, torch.tensor([[1, 0]]))
    difference = torch.tanh(z[0, 0]) - torch.tanh(z[0, 1])
    if isinstance(loss, PairHingeLoss):
        expected = (1 - torch.tensor(0.7)) ** (2 if loss.squared else 1)
    else:
        expected = torch.exp(-difference)
    torch.testing.assert_close(value, expected)


def test_outputs_of_bp_mll_as_they_are():
    """Without tanh; values of vanHavel/bp-mll-tensorflow 4eb765e."""
    y_score, y_true = torch.tensor([LOGITS, TARGETS], dtype=torch.float64)
    expected = [0.253695792866385, 0.15557562619037776, 3.3115140977269273]
    np.testing.assert_allclose(
        mean_exponential(y_score, y_true, 1 - y_true), expected, rtol=1e-12
    )


def test_lsep_is_the_log_of_bp_mll():
    y_score, y_true = random_batch()
    for z, y in zip(y_score[:, None], y_true[:, None], strict=True):
        lsep = LSEPLoss()(torch.tanh(z), y)
        expected = torch.log1p(n_pairs(y, 1 - y)[0] * BPMLLLoss()(z, y))
        torch.testing.assert_close(lsep, expected)


def test_bounds_of_bp_mll():
    y_score, y_true = random_batch(200, 6)
    for y, z in zip(y_true[2:, None], 50 * y_score[2:, None], strict=True):
        if n_pairs(y, 1 - y) > 0:
            assert abs(math.log(BPMLLLoss()(z, y))) <= 2 + 1e-12
    assert BPMLLLoss()(torch.ones(1, 3), y_true[:1, :3] * 0 + torch.eye(3)[0]) == 1


@pytest.mark.parametrize("loss", PAIR_LOSSES, ids=repr)
def test_only_differences_count(loss):
    y_score, y_true = random_batch()
    shift = torch.arange(7.0)[:, None]
    if isinstance(loss, BPMLLLoss):
        outputs = torch.tanh(y_score)
        shifted = mean_exponential(outputs + shift, y_true, 1 - y_true).mean()
    else:
        shifted = loss(y_score + shift, y_true)
    torch.testing.assert_close(shifted, loss(y_score, y_true))


@pytest.mark.parametrize("squared", [True, False])
def test_a_margin_of_one_costs_nothing(squared):
    y_true = torch.tensor([[1.0, 0.0, 1.0, 0.0]])
    z = torch.tensor([[3.0, 0.5, 1.5, -1.0]], requires_grad=True)
    value = PairHingeLoss(squared)(z, y_true)
    value.backward()
    assert value == 0 and not z.grad[0, [0, 3]].any()


def test_squared_hinge_keeps_its_digits_far_from_zero():
    """In float32; a sum of squares of the scores would have lost all of them."""
    y_score, y_true = random_batch(50, 20)
    exact = PairHingeLoss()(y_score, y_true)
    shifted = (y_score * 2**10).round() / 2**10 + 1000  # numbers that float32 has
    found = PairHingeLoss()(shifted.float(), y_true)
    torch.testing.assert_close(found.double(), exact, rtol=2e-3, atol=0)
    rounded = PairHingeLoss()(shifted - 1000, y_true)
    torch.testing.assert_close(found.double(), rounded, rtol=1e-6, atol=0)


# Rank-SVM: 1/2 sum_k |w_k|^2 + C sum_i mean over pairs of the hinge


X = [[0, 1], [1, 0], [1, 1], [-1, 0.5], [0.5, -1], [-0.5, -0.5], [0.2, 0.8], [-1, -1]]
Y = [
    [1, 0, 0],
    [0, 1, 0],
    [1, 1, 0],
    [1, 0, 1],
    [0, 1, 0],
    [0, 0, 1],
    [1, 0, 0],
    [0, 1, 1],
]


def rank_svm(weights, C, squared, has_bias=True):
    """Objective and gradient for a row of factors and a constant a label."""
    x, y = torch.tensor(X, dtype=torch.float64), torch.tensor(Y)
    weights = torch.tensor(weights, dtype=torch.float64).reshape(3, 3).requires_grad_()
    constant = weights[:, 2] if has_bias else 0
    scores = x @ weights[:, :2].T + constant
    penalty = weights[:, :2].square().sum() / 2
    objective = penalty + C * len(x) * PairHingeLoss(squared)(scores, y)
    objective.backward()
    return objective.item(), weights.grad.numpy().ravel()


@pytest.mark.parametrize(
    "C, squared, expected",
    [
        (1, False, 2.24375),
        (1, True, 1.9915625),
        (10, False, 6.40625),
        (10, True, 3.884375),
    ],
)
def test_objective_of_rank_svm_at_given_weights(C, squared, expected):
    weights = [0.5, 1.0, 0.1, 1.0, -0.5, 0.0, -1.0, -0.25, -0.1]
    objective, gradient = rank_svm(weights, C, squared)
    assert objective == pytest.approx(expected, rel=1e-12)
    if C == 1 and squared:
        of_weights = [[1.0, 0.9], [0.3875, -0.5125], [-0.8875, -0.1375]]
        of_constants = [0.7, -0.475, -0.225]
        expected = np.column_stack([of_weights, of_constants]).ravel()
        np.testing.assert_allclose(gradient, expected, rtol=1e-12)


@pytest.mark.parametrize(
    "C, has_bias, expected",
    [
        (0.1, True, 0.39328004086132434),
        (1, True, 1.0490084554822863),
        (10, True, 1.587869357804385),
        (1, False, 1.1021796410250317),
    ],
)
def test_optimum_of_rank_svm_with_squared_hinge(C, has_bias, expected):
    """The convex programme, solved with cvxpy 1.9 and Clarabel."""
    found = minimize(
        rank_svm,
        np.zeros(9),
        (C, True, has_bias),
        jac=True,
        method="L-BFGS-B",
        options={"ftol": 1e-15, "gtol": 1e-10, "maxiter": 10_000},
    )
    assert found.fun == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    "C, expected", [(0.1, 0.54015), (1, 1.4600379197290743), (10, 1.6970462197735163)]
)
def test_no_weights_are_better_than_the_optimum_of_rank_svm(C, expected):
    """With the plain hinge, whose kinks stop L-BFGS a little above it."""
    rng = np.random.default_rng(0)
    found = [
        minimize(rank_svm, start, (C, False), jac=True, method="L-BFGS-B").fun
        for start in rng.normal(size=(10, 9))
    ]
    assert min(found) >= expected - 1e-9
    assert min(found) == pytest.approx(expected, rel=0.05)

import numpy as np
import pytest
import torch
from scipy.optimize import minimize

from skmultitag.losses import SparsemaxLoss
from skmultitag.losses._sparsemax import _threshold
from tests.losses.common import random_batch, value_and_gradient


def test_gradient_is_the_projection_less_the_target():
    """The projection onto the simplex, by a solver of quadratic programmes."""
    y_score, y_true = random_batch(6, 4)
    _, gradient = value_and_gradient(SparsemaxLoss(), y_score, y_true)
    is_one = {"type": "eq", "fun": lambda p: p.sum() - 1}
    for z, y, found in zip(y_score.numpy(), y_true.numpy(), gradient, strict=True):
        p = minimize(
            lambda p, z=z: ((p - z) ** 2).sum(),
            np.full(4, 0.25),
            bounds=[(0, 1)] * 4,
            constraints=is_one,
            tol=1e-12,
        ).x
        expected = (p - y / y.sum()) / 6 if y.any() else np.zeros(4)
        np.testing.assert_allclose(found, expected, atol=1e-6)


def test_it_is_zero_at_the_target_only():
    y_true = torch.tensor([[1, 0, 0, 1], [0, 1, 0, 0]], dtype=torch.float64)
    q = y_true / y_true.sum(dim=1, keepdim=True)
    assert SparsemaxLoss()(q + 3, y_true).item() == pytest.approx(0, abs=1e-15)
    # a label alone that is first by 1 or more
    first = torch.tensor([[0.0, 1.0, -2.0, 0.0]])
    assert SparsemaxLoss()(first, y_true[1:]) == 0
    y_score, y_true = random_batch(50)
    for z, y in zip(y_score[2:, None], y_true[2:, None], strict=True):
        assert SparsemaxLoss()(z, y) >= 0
        missed = SparsemaxLoss()(-z.abs() * y, y)  # none of the row's labels is first
        assert missed > 0 or y.all() or not y.any()


def test_shift_of_a_row_and_rows_without_labels():
    y_score, y_true = random_batch()
    loss = SparsemaxLoss()
    shifted = y_score + torch.arange(7.0)[:, None]
    torch.testing.assert_close(loss(shifted, y_true), loss(y_score, y_true))
    value, gradient = value_and_gradient(loss, y_score, y_true)
    assert not y_true[1].any() and not gradient[1].any()
    kept = [0, 2, 3, 4, 5, 6]
    torch.testing.assert_close(value, loss(y_score[kept], y_true[kept]) * 6 / 7)


def test_with_one_label_there_is_nothing_to_learn():
    y_score, y_true = random_batch(n_labels=1)
    assert SparsemaxLoss()(y_score, y_true) == 0


@pytest.mark.parametrize("n_labels", [1, 2, 300])
def test_distribution_sums_to_one(n_labels):
    y_score, _ = random_batch(20, n_labels)
    p = torch.relu(y_score - _threshold(y_score))
    torch.testing.assert_close(p.sum(dim=1), torch.ones(20, dtype=torch.float64))


def test_digits_far_from_zero():
    y_score, y_true = random_batch()
    y_score = (2**10 * y_score).round() / 2**10
    found = SparsemaxLoss()((y_score + 1000).float(), y_true)
    torch.testing.assert_close(found.double(), SparsemaxLoss()(y_score, y_true))

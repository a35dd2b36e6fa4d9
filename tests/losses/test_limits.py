"""Where one loss is another: limits of parameters, and definitions by brute force."""

import itertools

import numpy as np
import pytest
import torch
from torch.autograd.gradcheck import GradcheckError

from skmultitag.losses import (
    AsymmetricLoss,
    BinaryCrossEntropyLoss,
    BrierLoss,
    FocalLoss,
    HillLoss,
    LabelCountLoss,
    LSEPLoss,
    SmoothHingeLoss,
    SoftF1Loss,
    SoftHammingLoss,
    TwoWayLoss,
    WeightedSumLoss,
    ZLPRLoss,
)
from tests.losses.common import random_batch, value_and_gradient


def assert_same(loss, other, y_score, y_true, scale=1.0):
    ours = value_and_gradient(loss, y_score, y_true)
    theirs = value_and_gradient(other, y_score, y_true)
    for mine, expected in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine, scale * expected, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize(
    "loss",
    [
        FocalLoss(alpha=None, gamma=0),
        AsymmetricLoss(0, 0, 0),
        WeightedSumLoss(BinaryCrossEntropyLoss(), LabelCountLoss(), weight=0),
    ],
    ids=repr,
)
def test_limits_that_are_cross_entropy(loss):
    y_score, y_true = random_batch()
    assert_same(loss, BinaryCrossEntropyLoss(), y_score, y_true)
    assert loss.has_natural_threshold


@pytest.mark.parametrize(
    "loss", [ZLPRLoss(), LabelCountLoss("poisson_binomial")], ids=repr
)
def test_with_one_label_it_is_cross_entropy(loss):
    y_score, y_true = random_batch(n_labels=1)
    assert_same(loss, BinaryCrossEntropyLoss(), y_score, y_true)


def test_focal_with_alpha_one_half_is_half_of_that_without():
    y_score, y_true = random_batch()
    assert_same(FocalLoss(0.5), FocalLoss(None), y_score, y_true, scale=0.5)


def test_focal_is_asymmetric_with_one_focus_and_no_clip():
    y_score, y_true = random_batch()
    asymmetric = AsymmetricLoss(2.0, 2.0, 0.0, detach_focus=False)
    assert_same(FocalLoss(None, 2.0), asymmetric, y_score, y_true)
    assert FocalLoss(None, 2.0).has_natural_threshold
    assert asymmetric.has_natural_threshold
    assert not AsymmetricLoss(2.0, 2.0).has_natural_threshold  # it clips


def test_detached_focus_is_not_in_the_gradient():
    y_score, y_true = random_batch()
    loss = AsymmetricLoss()
    with pytest.raises(GradcheckError):
        torch.autograd.gradcheck(lambda z: loss(z, y_true), y_score.requires_grad_())


def test_asymmetric_drops_easy_negatives():
    y_score = torch.tensor([[-3.0, -2.0]])  # p = 0.047 and 0.119
    value, gradient = value_and_gradient(AsymmetricLoss(), y_score, torch.zeros(1, 2))
    assert gradient[0, 0] == 0 and gradient[0, 1] > 0


def test_hill_turns_down_for_confident_negatives():
    y_score = torch.tensor([[0.0], [1.0], [6.0]])
    _, gradient = value_and_gradient(HillLoss(lamb=1.2), y_score, torch.zeros(3, 1))
    assert gradient[0] > 0 and gradient[2] < 0  # p above 2 / 3 * 1.2


def test_errors_of_probabilities():
    y_score, y_true = random_batch()
    p = torch.sigmoid(y_score)
    absolute = torch.nn.functional.l1_loss(p, y_true)
    torch.testing.assert_close(SoftHammingLoss()(y_score, y_true), absolute)
    # the Huber loss of the comparison by Yessou et al. is half of it
    huber = torch.nn.functional.huber_loss(p, y_true)
    torch.testing.assert_close(BrierLoss()(y_score, y_true), 2 * huber)


def test_smooth_hinge_is_the_smooth_error_of_the_missing_margin():
    """What lacks to a margin of 1, by torch's smooth L1 loss."""
    y_score, y_true = random_batch()
    missing = torch.relu(1 - (2 * y_true - 1) * y_score)
    expected = torch.nn.functional.smooth_l1_loss(missing, torch.zeros_like(missing))
    torch.testing.assert_close(SmoothHingeLoss()(y_score, y_true), expected)


def test_lsep_is_the_sum_over_pairs():
    y_score, y_true = random_batch()
    values = []
    for z, y in zip(y_score.numpy(), y_true.numpy(), strict=True):
        pairs = itertools.product(z[y == 0], z[y == 1])
        values.append(np.log1p(sum(np.exp(neg - pos) for neg, pos in pairs)))
    assert LSEPLoss()(y_score, y_true).item() == pytest.approx(np.mean(values))


def test_rows_without_pairs_have_no_lsep():
    y_score, y_true = random_batch()
    y_true[0], y_true[1] = 1, 0
    _, gradient = value_and_gradient(LSEPLoss(), y_score, y_true)
    assert not gradient[:2].any() and gradient[2:].any()


@pytest.mark.parametrize(
    "loss, is_invariant", [(LSEPLoss(), True), (ZLPRLoss(), False)]
)
def test_shift_of_a_row(loss, is_invariant):
    y_score, y_true = random_batch()
    shifted = loss(y_score + torch.arange(7.0)[:, None], y_true)
    assert torch.allclose(shifted, loss(y_score, y_true)) is is_invariant


@pytest.mark.parametrize("loss", [LSEPLoss(), ZLPRLoss()], ids=repr)
def test_rows_can_be_taken_one_by_one(loss):
    y_score, y_true = random_batch()
    rows = [loss(y_score[[i]], y_true[[i]]) for i in range(7)]
    torch.testing.assert_close(loss(y_score, y_true), torch.stack(rows).mean())


def test_two_way_by_hand():
    y_score, y_true = random_batch(5, 3)
    t_pos, t_neg = 2.0, 0.5

    def pair_loss(z, y):
        log_neg = t_neg * np.log(np.exp(z[y == 0] / t_neg).sum())
        log_pos = t_pos * np.log(np.exp(-z[y == 1] / t_pos).sum())
        return np.log1p(np.exp(log_neg + log_pos))

    z, y = y_score.numpy(), y_true.numpy()
    with np.errstate(divide="ignore"):
        rows = [pair_loss(a, b) for a, b in zip(z, y, strict=True) if b.any()]
        labels = [pair_loss(a, b) for a, b in zip(z.T, y.T, strict=True) if b.any()]
    value = TwoWayLoss(t_pos, t_neg)(y_score, y_true)
    assert value.item() == pytest.approx(np.mean(rows) + np.mean(labels))


@pytest.mark.parametrize("n_labels", [1, 2, 3, 5, 7])
def test_poisson_binomial_by_enumeration(n_labels):
    y_score, y_true = random_batch(6, n_labels)
    values = []
    for z, y in zip(y_score.numpy(), y_true.numpy(), strict=True):
        p = 1 / (1 + np.exp(-z))
        total = sum(
            np.prod(np.where(labels, p, 1 - p))
            for labels in itertools.product([0, 1], repeat=n_labels)
            if sum(labels) == y.sum()
        )
        values.append(-np.log(total))
    loss = LabelCountLoss("poisson_binomial")
    assert loss(y_score, y_true).item() == pytest.approx(np.mean(values))


def test_double_soft_f1_is_the_mean_over_the_classes():
    y_score, y_true = random_batch()
    double = SoftF1Loss(negative_class=True)(y_score, y_true)
    single = SoftF1Loss()(y_score, y_true), SoftF1Loss()(-y_score, 1 - y_true)
    torch.testing.assert_close(double, sum(single) / 2)

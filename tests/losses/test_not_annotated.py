"""Entries of the target that are not annotated have no part in any loss."""

import numpy as np
import pytest
import torch
from scipy import sparse

from skmultitag.losses import (
    LabelCountLoss,
    MultilabelLoss,
    PairHingeLoss,
    SoftF1Loss,
    WeightedSumLoss,
    get_loss,
    label_frequencies,
)
from skmultitag.losses._sums import add_sums
from tests.losses.common import ALL_LOSSES, fitted

NAN = torch.nan
MEAN_OF_ENTRIES = [
    *("asymmetric", "bce", "brier", "focal", "global_objective", "hill"),
    *("smooth_hinge", "soft_hamming"),
]
MEAN_OF_ROWS = [
    *("bp_mll", "lsep", "rank_hinge", "sparsemax", "zlpr"),
    PairHingeLoss(squared=False),
    LabelCountLoss(),
    LabelCountLoss("poisson_binomial"),
]
OF_LABELS = ["soft_f1", "sigmoid_f1", "adaptive_sigmoid_f1", "bayesian_sigmoid_f1"]


def partial_batch(n_samples=9, n_labels=5, share=0.4, seed=0):
    """Logits and targets, of which the first row has one entry, the second none."""
    generator = torch.Generator().manual_seed(seed)
    shape = n_samples, n_labels
    y_score = 2 * torch.randn(shape, generator=generator, dtype=torch.float64)
    y_true = (torch.rand(shape, generator=generator) < 0.5).double()
    is_missing = torch.rand(shape, generator=generator) < share
    is_missing[0, 1:], is_missing[0, 0], is_missing[1] = True, False, True
    y_true[is_missing] = NAN
    return y_score, y_true


@pytest.mark.parametrize("loss", MEAN_OF_ENTRIES)
def test_mean_of_entries(loss):
    loss = get_loss(loss)
    y_score, y_true = partial_batch()
    loss = fitted(loss, y_true[:, :1])  # as a loss of one entry has one label
    entries = [
        loss(y_score[i, j].view(1, 1), y_true[i, j].view(1, 1))
        for i, j in (~y_true.isnan()).nonzero().tolist()
    ]
    loss = fitted(loss, y_true)
    expected = torch.stack(entries).mean()
    torch.testing.assert_close(loss(y_score, y_true), expected)


@pytest.mark.parametrize("loss", MEAN_OF_ROWS, ids=str)
def test_mean_of_rows_of_which_some_labels_are_known(loss):
    loss = get_loss(loss)
    y_score, y_true = partial_batch()
    loss, rows = fitted(loss, y_true), []
    for z, y in zip(y_score, y_true, strict=True):
        known = ~y.isnan()
        if known.any():
            rows.append(loss(z[None, known], y[None, known]))
    assert len(rows) == 8
    torch.testing.assert_close(loss(y_score, y_true), torch.stack(rows).mean())


@pytest.mark.parametrize("loss", OF_LABELS)
def test_f1_of_labels_is_that_of_their_annotated_rows(loss):
    loss = SoftF1Loss() if loss == "soft_f1" else get_loss(loss)
    y_score, y_true = partial_batch(n_samples=30)
    y_true[:, 3] = NAN  # never annotated: as a label without positives
    labels = []
    for z, y in zip(y_score.T, y_true.T, strict=True):
        known = ~y.isnan()
        if (y[known] == 1).any():
            of_label = fitted(loss, y_true[:, :1])
            labels.append(of_label(z[known, None], y[known, None]))
    assert len(labels) == 4
    value = fitted(loss, y_true)(y_score, y_true)
    torch.testing.assert_close(value, torch.stack(labels).mean())


def test_other_averages_of_f1():
    y_score, y_true = partial_batch(n_samples=20)
    known = ~y_true.isnan()
    pooled = SoftF1Loss()(y_score[known][:, None], y_true[known][:, None])
    value = SoftF1Loss("micro")(y_score, y_true)
    torch.testing.assert_close(value, pooled)
    rows = [
        SoftF1Loss("samples", empty="zero")(z[None, k], y[None, k])
        for z, y, k in zip(y_score, y_true, known, strict=True)
        if k.any()
    ]
    value = SoftF1Loss("samples", empty="zero")(y_score, y_true)
    torch.testing.assert_close(value, torch.stack(rows).mean())


def test_f1_of_the_zeros_counts_annotated_ones():
    y_score, y_true = partial_batch(n_samples=20)
    value = SoftF1Loss(negative_class=True)(y_score, y_true)
    of_zeros = SoftF1Loss()(-y_score, 1 - y_true)
    expected = (SoftF1Loss()(y_score, y_true) + of_zeros) / 2
    torch.testing.assert_close(value, expected)


def test_two_way():
    y_score, y_true = partial_batch(n_samples=12)

    def mean(z, y):
        losses = []
        for of_row, target in zip(z, y, strict=True):
            if (target == 1).any():
                pos = torch.exp(-of_row[target == 1] / 4).sum() ** 4
                neg = torch.exp(of_row[target == 0]).sum()
                losses.append(torch.log1p(pos * neg))
        return torch.stack(losses).mean()

    expected = mean(y_score, y_true) + mean(y_score.T, y_true.T)
    torch.testing.assert_close(get_loss("two_way")(y_score, y_true), expected)


def test_tencent():
    y_score, y_true = partial_batch(n_samples=12)
    loss = fitted(get_loss("tencent"), y_true)
    is_present = (y_true == 1).any(dim=0)
    weight = loss._label_weights(is_present).expand_as(y_score)
    z, y, known = y_score, y_true.nan_to_num(), ~y_true.isnan()
    losses = torch.log1p(torch.exp(-z)) * y * 12 + torch.log1p(torch.exp(z)) * (1 - y)
    expected = (weight * losses)[known].sum() / weight[known].sum()
    torch.testing.assert_close(loss(y_score, y_true), expected)


@pytest.mark.parametrize("loss", ALL_LOSSES, ids=repr)
class TestLaws:
    def test_what_is_not_annotated_can_hold_anything(self, loss):
        y_score, y_true = partial_batch()
        loss, weight = fitted(loss, y_true), torch.arange(9.0).double()
        values, slopes = [], []
        for number in (0.0, 5.0, 1e300, -1e300, torch.inf):
            z = torch.where(y_true.isnan(), number, y_score).requires_grad_()
            value = loss(z, y_true, weight)
            slopes.append(torch.autograd.grad(value, z)[0])
            values.append(value)
        assert all(torch.equal(value, values[0]) for value in values)
        assert all(torch.equal(each, slopes[0]) for each in slopes)
        assert torch.isfinite(values[0]) and torch.isfinite(slopes[0]).all()
        assert not slopes[0][y_true.isnan()].any() and slopes[0].any()

    def test_forms_of_the_target(self, loss):
        y_score, y_true = partial_batch()
        loss = fitted(loss, y_true)
        codes = torch.where(y_true.isnan(), -1, y_true).to(torch.int8)
        assert torch.equal(loss(y_score, codes), loss(y_score, y_true))
        y_true = y_true.nan_to_num()
        torch.testing.assert_close(
            loss(y_score, y_true.to(torch.int8)),
            loss(y_score, y_true),
            rtol=1e-12,
            atol=0,
        )

    def test_weights_are_copies_of_rows(self, loss):
        y_score, y_true = partial_batch()
        weight = torch.tensor([2, 1, 0, 1, 3, 1, 1, 2, 1])
        loss = fitted(loss, y_true)
        copies = (part.repeat_interleave(weight, dim=0) for part in (y_score, y_true))
        torch.testing.assert_close(
            loss(y_score, y_true, weight.double()), loss(*copies), rtol=1e-9, atol=1e-12
        )

    def test_parts_of_a_batch(self, loss):
        y_score, y_true = partial_batch()
        loss = fitted(loss, y_true)
        if not loss.is_additive:
            pytest.skip("batches can't be split")
        parts = WeightedSumLoss(loss, loss, 0.0)
        first = parts.row_sums(y_score[:4], y_true[:4])
        rest = parts.row_sums(y_score[4:], y_true[4:])
        value = parts.loss_from_sums(add_sums([first, rest]))
        torch.testing.assert_close(value, loss(y_score, y_true))

    def test_nothing_is_annotated(self, loss):
        y_score, y_true = partial_batch()
        loss = fitted(loss, y_true)
        value = loss(y_score.requires_grad_(), torch.full_like(y_true, NAN))
        value.backward()
        assert torch.isfinite(value) and not y_score.grad.any()


def test_a_function_can_not_leave_entries_out():
    loss = get_loss(torch.nn.functional.binary_cross_entropy_with_logits)
    with pytest.raises(ValueError, match="not annotated.*write a subclass of Multi"):
        loss(*partial_batch())


def test_a_loss_of_entries_needs_no_more():
    class Absolute(MultilabelLoss):
        def _entry_losses(self, y_score, y_true):
            return (torch.sigmoid(y_score) - y_true).abs()

    y_score, y_true = partial_batch()
    known = ~y_true.isnan()
    expected = (torch.sigmoid(y_score) - y_true).abs()[known].mean()
    torch.testing.assert_close(Absolute()(y_score, y_true), expected)


@pytest.mark.parametrize("form", ["nan", "int8", "sparse"])
@pytest.mark.parametrize("weight", [None, [1, 2, 0, 3]])
def test_label_frequencies_are_those_of_annotated_rows(form, weight):
    y = np.array([[1, np.nan, 0], [1, 0, np.nan], [np.nan, 1, np.nan], [0, 1, np.nan]])
    y = np.column_stack([y, np.full(4, np.nan)])
    codes = np.where(np.isnan(y), -1, y).astype(np.int8)
    target = {"nan": y, "int8": codes, "sparse": sparse.csr_array(codes)}[form]
    frequency, n_samples = label_frequencies(target, weight)
    weights = np.ones(4) if weight is None else np.array(weight)
    expected = [
        np.average(column[known], weights=weights[known]) if known.any() else 0
        for column, known in zip(y.T, ~np.isnan(y.T), strict=True)
    ]
    np.testing.assert_allclose(frequency, expected, rtol=1e-15)
    assert n_samples == weights.sum()

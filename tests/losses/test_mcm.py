"""The loss of a hierarchy, against its definition and against cross-entropy."""

import numpy as np
import pytest
import torch

from skmultitag import MultiTagClassifier
from skmultitag.losses import BinaryCrossEntropyLoss, MCMLoss
from skmultitag.losses._sums import add_sums
from tests.losses.common import random_batch, value_and_gradient

# 3 has two parents, 5 none and no child
EDGES = [(0, 1), (0, 2), (1, 3), (2, 3), (3, 4)]
BELOW = [{0, 1, 2, 3, 4}, {1, 3, 4}, {2, 3, 4}, {3, 4}, {4}, {5}]


def batch():
    y_score, y_true = random_batch(n_labels=6)
    for label, below in enumerate(BELOW):
        y_true[:, label] = y_true[:, sorted(below)].amax(dim=1)
    return y_score, y_true


def by_definition(y_score, y_true):
    values = []
    for z, y in zip(y_score.numpy(), y_true.numpy(), strict=True):
        for label, below in enumerate(BELOW):
            if y[label]:
                m = max(z[d] for d in below if y[d])
                values.append(np.log1p(np.exp(-m)))
            else:
                values.append(np.log1p(np.exp(max(z[d] for d in below))))
    return np.mean(values)


def test_value_is_that_of_the_definition():
    y_score, y_true = batch()
    loss = MCMLoss(EDGES).fit(y_true)
    assert loss(y_score, y_true).item() == pytest.approx(by_definition(y_score, y_true))


def test_without_edges_it_is_cross_entropy():
    y_score, y_true = batch()
    ours = value_and_gradient(MCMLoss().fit(y_true), y_score, y_true)
    theirs = value_and_gradient(BinaryCrossEntropyLoss(), y_score, y_true)
    for mine, expected in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine, expected, rtol=1e-14, atol=1e-16)


def test_gradient_is_right():
    y_score, y_true = batch()
    loss = MCMLoss(EDGES).fit(y_true)
    weight = torch.tensor([1.0, 2.0, 0.5, 0.0, 1.0, 3.0, 1.0])
    for weights in (None, weight):
        assert torch.autograd.gradcheck(
            lambda z, w=weights: loss(z, y_true, w), y_score.requires_grad_()
        )


def test_a_label_that_is_not_there_is_never_raised():
    """Plain cross-entropy of the largest scores would raise it, for its parent."""
    y_score, y_true = batch()
    y_score += 3 * (1 - y_true)  # so that they are the largest
    _, gradient = value_and_gradient(MCMLoss(EDGES).fit(y_true), y_score, y_true)
    assert (gradient[y_true == 0] >= 0).all()
    assert (gradient[y_true == 1] <= 0).all()


def test_sums_of_parts_are_the_loss_of_the_whole():
    y_score, y_true = batch()
    loss = MCMLoss(EDGES).fit(y_true)
    parts = zip(y_score.split([3, 4]), y_true.split([3, 4]), strict=True)
    sums = add_sums([loss.row_sums(*part) for part in parts])
    torch.testing.assert_close(loss.loss_from_sums(sums), loss(y_score, y_true))


@pytest.mark.parametrize("scale", [1e4, 60, 0])
def test_extreme_logits_are_finite(scale):
    y_score, y_true = batch()
    loss = MCMLoss(EDGES).fit(y_true)
    y_score = scale * y_score.sign().float()
    value, gradient = value_and_gradient(loss, y_score, y_true)
    assert value.isfinite() and gradient.isfinite().all()


def test_margins_are_those_of_the_best_below():
    y_score, y_true = batch()
    loss = MCMLoss(EDGES).fit(y_true)
    expected = torch.stack([y_score[:, sorted(b)].amax(dim=1) for b in BELOW], dim=1)
    assert torch.equal(loss.decision_function(y_score), expected)
    assert torch.equal(loss.predict_proba(y_score), torch.sigmoid(expected))


@pytest.mark.parametrize(
    ("edges", "message"),
    [
        ([(0, 1), (1, 0)], "The hierarchy has a cycle"),
        ([(9, 0)], "has 9 as parent of 0, but it is not among the labels"),
        ([(0, 1, 2)], "must be pairs"),
    ],
)
def test_edges_that_are_none(edges, message):
    with pytest.raises(ValueError, match=message):
        MCMLoss(edges).fit(np.eye(3))


@pytest.mark.parametrize("edges", [{"b": "a"}, "::"])
def test_hierarchies_by_name_are_refused(edges):
    y = [["a"], ["a", "b"], ["c"]]
    model = MultiTagClassifier(MCMLoss(edges))
    with pytest.raises(ValueError, match="The 'edges' parameter of MCMLoss must be"):
        model.fit(np.eye(3), y)

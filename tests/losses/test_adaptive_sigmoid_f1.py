import numpy as np
import pytest
import torch
from sklearn.base import clone

from skmultitag.losses import AdaptiveSigmoidF1Loss, SigmoidF1Loss
from tests.losses.common import random_batch, value_and_gradient


def slopes(loss, n_epochs, n_labels=2):
    loss = clone(loss).fit(np.eye(n_labels))
    found = []
    for epoch in range(n_epochs):
        loss.start_epoch(epoch, n_epochs)
        found.append(loss.beta_.tolist())
    return np.array(found)


T = np.arange(5) / 4


@pytest.mark.parametrize(
    "schedule, expected",
    [
        ("geometric", 2 * 8**T),
        ("linear", 2 + 14 * T),
        ("cosine", 2 + 7 * (1 - np.cos(np.pi * T))),
        ("step", 2 * 8 ** np.array([0, 0.25, 0.5, 0.75, 1])),
        (lambda t: 1 + 3 * t**2, 1 + 3 * T**2),
    ],
)
def test_schedules(schedule, expected):
    loss = AdaptiveSigmoidF1Loss(2.0, 16.0, schedule, anneal=5)
    np.testing.assert_allclose(slopes(loss, 8)[:5], expected)
    # held from then on
    np.testing.assert_allclose(slopes(loss, 8)[5:], expected[-1])


def test_share_of_the_epochs():
    by_share = slopes(AdaptiveSigmoidF1Loss(anneal=0.5), 10)
    np.testing.assert_allclose(by_share, slopes(AdaptiveSigmoidF1Loss(anneal=5), 10))
    assert (slopes(AdaptiveSigmoidF1Loss(anneal=1), 3) == 10).all()


def test_slopes_of_each_label():
    loss = AdaptiveSigmoidF1Loss([1.0, 2.0], [4.0, 2.0], anneal=3)
    np.testing.assert_allclose(slopes(loss, 3), [[1, 2], [2, 2], [4, 2]])


@pytest.mark.parametrize("schedule", ["geometric", "linear", "cosine", "step"])
def test_slope_never_falls(schedule):
    found = slopes(AdaptiveSigmoidF1Loss(0.5, 40.0, schedule), 17)
    assert (np.diff(found) >= 0).all()
    assert found[0] == 0.5 and found[-1] == pytest.approx(40)


def test_slope_does_not_fall_when_more_epochs_are_planned():
    loss = AdaptiveSigmoidF1Loss(anneal=1.0).fit(np.eye(2))
    loss.start_epoch(5, 10)
    reached = loss.beta_.item()
    loss.start_epoch(6, 100)
    assert loss.beta_.item() == reached


@pytest.mark.parametrize("epoch", [0, 3, 9])
def test_equal_slopes_are_sigmoid_f1(epoch):
    y_score, y_true = random_batch()
    params = {"eta": 0.5, "average": "micro", "f_beta": 2.0, "cross_entropy": 0.3}
    loss = AdaptiveSigmoidF1Loss(3.0, 3.0, **params).fit(y_true)
    loss.start_epoch(epoch, 10)
    expected = value_and_gradient(SigmoidF1Loss(3.0, **params), y_score, y_true)
    found = value_and_gradient(loss, y_score, y_true)
    assert torch.equal(found[0], expected[0]) and torch.equal(found[1], expected[1])
    assert torch.equal(
        loss.predict_proba(y_score), SigmoidF1Loss(3.0, 0.5).predict_proba(y_score)
    )


def test_loss_is_sigmoid_f1_at_the_slope_of_the_epoch():
    y_score, y_true = random_batch()
    loss = AdaptiveSigmoidF1Loss(anneal=10).fit(y_true)
    loss.start_epoch(4, 10)
    expected = SigmoidF1Loss(10 ** (4 / 9))(y_score, y_true)
    torch.testing.assert_close(loss(y_score, y_true), expected)
    last = SigmoidF1Loss(10.0)(y_score, y_true)
    torch.testing.assert_close(loss.validation_loss(y_score, y_true), last)


def test_annealing_stops_when_the_sigmoid_is_saturated():
    y_true = torch.eye(2)
    loss = AdaptiveSigmoidF1Loss(1.0, 100.0, anneal=100, saturation=0.05)
    loss.fit(y_true).train()
    soft, hard = 0.1 * (2 * y_true - 1), 20 * (2 * y_true - 1)
    for epoch, logits in enumerate([soft, hard, hard, hard]):
        loss.start_epoch(epoch, 100)
        loss(logits, y_true)
        assert loss.is_annealing == (epoch < 2)
    assert loss.beta_.item() == pytest.approx(100 ** (1 / 99))


@pytest.mark.parametrize(
    "params, message",
    [
        ({"beta_start": 3.0, "beta_end": 2.0}, "must not be less than beta_start"),
        ({"beta_end": [5.0, 0.5]}, "must not be less than beta_start"),
        ({"beta_end": [5.0, 5.0, 5.0]}, r"or an array of shape \(2,\)"),
        ({"schedule": lambda t: 2 - t}, "must never fall"),
        ({"schedule": lambda t: t}, "above 0"),
        ({"schedule": lambda t: [1, 2, 3]}, "one for each label"),
        ({"schedule": "fast"}, "'schedule' parameter of AdaptiveSigmoidF1Loss"),
        ({"anneal": 0}, "'anneal' parameter of AdaptiveSigmoidF1Loss"),
        ({"anneal": 1.5}, "'anneal' parameter of AdaptiveSigmoidF1Loss"),
        ({"saturation": 1.0}, "'saturation' parameter of AdaptiveSigmoidF1Loss"),
    ],
)
def test_bad_parameters_raise(params, message):
    with pytest.raises(ValueError, match=message):
        AdaptiveSigmoidF1Loss(**params).fit(np.eye(2))

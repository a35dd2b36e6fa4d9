"""A loss that is made of others calls every hook of its parts."""

import inspect

import pytest
import torch

from skmultitag import losses
from skmultitag.losses import (
    DistributedLoss,
    MultilabelLoss,
    SoftF1Loss,
    WeightedSumLoss,
    WrapperLoss,
)
from tests.losses.common import random_batch

CALLS = []
HOOKS = [
    name
    for name in vars(MultilabelLoss)
    # the requests are of scikit-learn's metadata routing
    if not name.startswith("_") and not name.endswith("_request")
]
HOOKS.append("predict_proba_std")
OF_THE_FIRST = {
    "has_natural_threshold",
    "decision_function",
    "predict_proba",
    "predict_proba_std",
}
# a batch is checked once, and handed on behind the checks
CHECKED = ["observe", "forward", "row_sums", "validation_sums", "loss_from_sums"]
# sums are added over processes before there is a loss
OF_DISTRIBUTED = {"forward": "row_sums", "validation_loss": "validation_sums"}


def recorded(name):
    attribute = getattr(SoftF1Loss, name, None)
    if not callable(attribute) and attribute is not None:

        @property
        def hook(self):
            CALLS.append(name)
            return 3 if name == "n_rows_observed" else True
    else:

        def hook(self, *args, **kwargs):
            CALLS.append(name)
            return attribute(self, *args, **kwargs) if attribute else None

    return hook


class RecordingLoss(SoftF1Loss):
    vars().update({name: recorded(name) for name in HOOKS})
    vars().update({f"_{name}": recorded(f"_{name}") for name in CHECKED})


CASES = [
    (WeightedSumLoss(RecordingLoss(), SoftF1Loss()), HOOKS),
    (
        WeightedSumLoss(SoftF1Loss(), RecordingLoss()),
        [name for name in HOOKS if name not in OF_THE_FIRST],
    ),
    (DistributedLoss(RecordingLoss()), HOOKS),
]


def arguments_of(name, loss):
    y_score, y_true = random_batch()
    values = {
        "y_score": y_score,
        "y_true": y_true,
        "logits": y_score,
        "sums": loss.row_sums(y_score, y_true),
        "epoch": 0,
        "n_epochs": 5,
    }
    hook = getattr(MultilabelLoss, name, None) or WrapperLoss.predict_proba_std
    parameters = list(inspect.signature(hook).parameters.values())[1:]
    return [
        values[parameter.name]
        for parameter in parameters
        if parameter.default is parameter.empty
    ]


@pytest.mark.parametrize(
    "loss, name",
    [(loss, name) for loss, names in CASES for name in names],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_hook_is_forwarded(loss, name):
    loss.fit(random_batch()[1])
    is_method = callable(getattr(MultilabelLoss, name, print))
    arguments = arguments_of(name, loss) if is_method else None
    CALLS.clear()
    hook = getattr(loss, name)
    if is_method:
        hook(*arguments)
    if isinstance(loss, DistributedLoss):
        name = OF_DISTRIBUTED.get(name, name)
    assert (f"_{name}" if name in CHECKED else name) in CALLS


def test_every_wrapper_is_tested():
    wrappers = {
        value
        for value in vars(losses).values()
        if isinstance(value, type) and issubclass(value, WrapperLoss)
    }
    assert wrappers - {WrapperLoss} == {type(loss) for loss, _ in CASES}


def test_a_wrapper_that_forgets_a_hook_is_found():
    class Forgetful(WeightedSumLoss):
        start_batch = MultilabelLoss.start_batch

    loss = Forgetful(RecordingLoss(), SoftF1Loss())
    with pytest.raises(AssertionError):
        test_hook_is_forwarded(loss, "start_batch")


def test_standard_deviation_only_where_the_first_part_has_one():
    assert not hasattr(WeightedSumLoss(SoftF1Loss(), RecordingLoss()), HOOKS[-1])


def test_parts_that_are_no_losses_raise():
    with pytest.raises(TypeError, match="second must be a MultilabelLoss.* Got 'bce'"):
        WeightedSumLoss(SoftF1Loss(), "bce")(*random_batch())


def test_fit_leaves_the_parameters_alone():
    part = SoftF1Loss()
    loss = DistributedLoss(part).fit(random_batch()[1])
    assert not hasattr(part, "n_labels_") and loss.loss_.n_labels_ == 4


def test_wrappers_in_wrappers():
    y_score, y_true = random_batch()
    inner = WeightedSumLoss(SoftF1Loss("micro"), SoftF1Loss(), 0.5)
    loss = WeightedSumLoss(DistributedLoss(inner), SoftF1Loss("samples"), 2.0)
    expected = (
        SoftF1Loss("micro")(y_score, y_true)
        + 0.5 * SoftF1Loss()(y_score, y_true)
        + 2 * SoftF1Loss("samples")(y_score, y_true)
    )
    torch.testing.assert_close(loss(y_score, y_true), expected)
    torch.testing.assert_close(loss.fit(y_true)(y_score, y_true), expected)

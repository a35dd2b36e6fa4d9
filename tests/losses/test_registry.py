import pytest
import torch

from skmultitag.losses import SigmoidF1Loss, get_loss, get_loss_names
from tests.losses.common import random_batch


def test_names_give_new_objects():
    assert get_loss_names() == sorted(get_loss_names())
    for name in get_loss_names():
        assert get_loss(name) is not get_loss(name)


def test_a_loss_is_returned_as_it_is():
    loss = SigmoidF1Loss()
    assert get_loss(loss) is loss


def test_unknown_name_lists_the_names():
    with pytest.raises(
        ValueError, match=r"Unknown loss 'f1'. The names are \['adaptive"
    ):
        get_loss("f1")


def test_class_in_place_of_object_raises():
    with pytest.raises(TypeError, match=r"class. Got.*pass SigmoidF1Loss\(\) instead"):
        get_loss(SigmoidF1Loss)
    with pytest.raises(TypeError, match="Got 3"):
        get_loss(3)


@pytest.mark.parametrize(
    "function",
    [
        torch.nn.BCEWithLogitsLoss(),
        torch.nn.functional.binary_cross_entropy_with_logits,
    ],
)
def test_modules_and_functions_are_wrapped(function):
    y_score, y_true = random_batch()
    loss = get_loss(function).fit(y_true)
    torch.testing.assert_close(loss(y_score, y_true), function(y_score, y_true))


def test_function_without_weights_refuses_them():
    y_score, y_true = random_batch()
    with pytest.raises(ValueError, match="has no argument sample_weight"):
        get_loss(torch.nn.MultiLabelSoftMarginLoss()).fit(y_true, torch.ones(7))


def test_function_with_weights_gets_them():
    y_score, y_true = random_batch()
    loss = get_loss(lambda z, y, sample_weight=None: sample_weight.sum())
    loss = loss.fit(y_true, torch.ones(7))
    assert loss(y_score, y_true, torch.ones(7)) == 7


def test_loss_that_is_no_scalar_raises():
    y_score, y_true = random_batch()
    with pytest.raises(ValueError, match="must return a scalar tensor. Got 1.5"):
        get_loss(lambda z, y: 1.5)(y_score, y_true)
    loss = get_loss(torch.nn.BCEWithLogitsLoss(reduction="none")).fit(y_true)
    with pytest.raises(ValueError, match=r"scalar tensor. Got shape \(7, 4\)"):
        loss(y_score, y_true)

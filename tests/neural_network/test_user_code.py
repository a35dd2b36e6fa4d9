"""Modules, losses and scorers of the user that are wrong: what is said, and when."""

import copy
import warnings

import numpy as np
import pytest
import torch
from sklearn.metrics import f1_score
from skorch.callbacks import EpochScoring, PrintLog
from torch import nn
from torch.nn import functional

from skmultitag.losses import (
    AdaptiveSigmoidF1Loss,
    BinaryCrossEntropyLoss,
    DistributedLoss,
    TencentLoss,
    WeightedSumLoss,
    get_loss,
)
from tests.neural_network.common import small


class Shares(nn.Module):
    """A network whose sigmoid is not to be seen among its layers."""

    def __init__(self, n_features, n_labels):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(n_features, 8), nn.ReLU())
        self.last = nn.Linear(8, n_labels)

    def forward(self, X):
        return torch.sigmoid(self.last(self.layers(X)))


def warnings_of(fit):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fit()
    assert all(each.filename == __file__ for each in caught)
    return [str(each.message) for each in caught]


# Modules


@pytest.mark.parametrize(
    "last",
    [nn.Sigmoid(), nn.Softmax(1), nn.LogSigmoid(), nn.LogSoftmax(1), nn.ReLU()],
    ids=str,
)
def test_a_last_layer_that_gives_no_logits_is_warned_of(multilabel_data, last):
    X, y, _ = multilabel_data
    body = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 5))
    module = nn.Sequential(body, nn.Sequential(last))
    (message,) = warnings_of(lambda: small(module=module).fit(X, y))
    assert f"The module ends in {last}. But its outputs are taken for logits" in message


def test_a_sigmoid_in_the_forward_is_warned_of(multilabel_data):
    X, y, _ = multilabel_data
    model = small(module=Shares)
    (message,) = warnings_of(lambda: model.fit(X, y))
    assert "All outputs of the module lie in [0, 1], as after a sigmoid" in message
    assert model.predict(X).all()  # what it is warned of


@pytest.mark.parametrize("bias", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("n_hidden", [0, 1, 3])
def test_logits_that_lie_in_0_1_by_chance_are_not(multilabel_data, n_hidden, bias):
    """One label, and features so small that only the intercept counts."""
    X, y, _ = multilabel_data
    layers = [layer for _ in range(n_hidden) for layer in (nn.Linear(8, 8), nn.ReLU())]
    module = nn.Sequential(*layers, nn.Linear(8, 1))
    nn.init.constant_(module[-1].bias, bias)
    for rows in (1e-3 * X, X):
        assert not warnings_of(lambda X=rows: small(module=module).fit(X, y[:, 0]))


@pytest.mark.parametrize(
    "module, error, message",
    [
        (nn.Linear(8, 4), ValueError, r"logits of shape \(32, 5\).* shape \(32, 4\)"),
        (nn.Linear(7, 5), ValueError, "module can't be called with rows.*multiplied"),
        (lambda n, m: nn.LSTM(n, m), ValueError, "must return logits.*Got tuple"),
        (nn.Identity(), ValueError, "module has no parameters to train"),
        (nn.Linear(8, 5).requires_grad_(False), ValueError, "no parameters to train"),
        (nn.LazyLinear(5), ValueError, "module has lazy layers"),
        (lambda n, m: None, TypeError, "must return a torch.nn.Module.*Got None"),
        (lambda: nn.Linear(8, 5), TypeError, "called with the numbers of features and"),
    ],
)
def test_unusable_modules_raise(multilabel_data, module, error, message):
    X, y, _ = multilabel_data
    with pytest.raises(error, match=message):
        small(module=module).fit(X, y)


def test_the_look_at_a_module_leaves_it_as_it_was(multilabel_data):
    """Neither weights nor running statistics nor random streams move."""
    X, y, _ = multilabel_data
    calls = []
    module = nn.Sequential(nn.BatchNorm1d(8), nn.Dropout(0.5), nn.Linear(8, 5))
    module.register_forward_hook(lambda *args: calls.append(torch.get_rng_state()))
    before = copy.deepcopy(module.state_dict())
    model = small(module=module, max_iter=1, batch_size="full")
    state = torch.get_rng_state()
    model.fit(X, y)
    assert len(calls) == 2 and torch.equal(calls[0], state)
    for name, value in module.state_dict().items():
        assert torch.equal(value, before[name])
    assert model.net_.module_[0].num_batches_tracked == 1


# Losses


def swapped(y_true, y_score):
    return functional.binary_cross_entropy_with_logits(y_score, y_true)


@pytest.mark.parametrize(
    "loss, problem",
    [
        (nn.CrossEntropyLoss(), "stays the same when all logits rise by 1"),
        (functional.cross_entropy, "stays the same when all logits rise by 1"),
        (nn.HingeEmbeddingLoss(), "does not fall where the logit of a target of 1 ris"),
        (nn.PoissonNLLLoss(), "does not fall where the logit of a target of 1 rises"),
        (nn.KLDivLoss(reduction="batchmean"), "a target of 0 falls"),
        (nn.MSELoss(), "does not fall where the logit of a target of 0 falls"),
        (nn.L1Loss(), "does not fall where the logit of a target of 0 falls"),
        (nn.SoftMarginLoss(), "does not fall where the logit of a target of 0 falls"),
        (swapped, "does not fall where the logit of a target of 0 falls"),
        (lambda z, y: (y * torch.sigmoid(z)).mean(), "a target of 1 rises"),
    ],
)
def test_losses_that_run_and_mean_something_else_are_warned_of(
    multilabel_data, loss, problem
):
    X, y, _ = multilabel_data
    (message,) = warnings_of(lambda: small(loss).fit(X, y))
    assert problem in message and "BCEWithLogitsLoss" in message
    mixed = WeightedSumLoss(BinaryCrossEntropyLoss(), get_loss(loss))
    (message,) = warnings_of(lambda: small(mixed).fit(X, y))
    assert problem in message


def brier(y_score, y_true):
    return (torch.sigmoid(y_score) - y_true).square().mean()


def minus_f1(y_score, y_true):
    y_soft = torch.sigmoid(y_score)
    return -(2 * (y_soft * y_true).sum() / (y_soft + y_true).sum())


def hinge(y_score, y_true):
    return (1 - (2 * y_true - 1) * y_score).clamp(min=0).mean()


@pytest.mark.parametrize(
    "loss",
    [
        *(nn.BCEWithLogitsLoss(), nn.MultiLabelSoftMarginLoss()),
        *(brier, minus_f1, hinge),
        lambda z, y: hinge(z, y) + 0.1 * z.abs().mean(),
    ],
)
def test_losses_that_suit_are_not(multilabel_data, loss):
    X, y, _ = multilabel_data
    assert not warnings_of(lambda: small(loss).fit(X, y))


def test_cross_entropy_suits_classes_and_tuned_thresholds(multilabel_data):
    X, y, _ = multilabel_data
    loss = nn.CrossEntropyLoss()
    assert not warnings_of(lambda: small(loss).fit(X, y.argmax(axis=1)))
    assert not warnings_of(lambda: small(loss, threshold=0.5).fit(X, y))


def test_a_training_that_goes_on_is_warned_of_once(multilabel_data):
    X, y, _ = multilabel_data
    model = small(nn.MSELoss(), warm_start=True)
    assert len(warnings_of(lambda: model.fit(X, y))) == 1
    assert not warnings_of(lambda: model.fit(X, y))
    assert not warnings_of(lambda: model.partial_fit(X, y))
    assert len(warnings_of(lambda: model.set_params(loss=nn.L1Loss()).fit(X, y))) == 1


@pytest.mark.parametrize(
    "loss, message",
    [
        (lambda z, y: (z.detach() - y).mean(), "has no gradient to the logits"),
        (lambda z, y: y.mean().requires_grad_(), "has no gradient to the logits"),
        (lambda z, y: None, "must return a scalar tensor. Got None"),
        (lambda z, y: z, r"must return a scalar tensor. Got shape \(32, 5\)"),
        (lambda z: z.mean(), "can't be called with logits and targets of shape"),
        (nn.BCELoss(), "BCELoss.*can't be called.*between 0 and 1"),
        (nn.NLLLoss(), "NLLLoss.*can't be called with logits and targets"),
        (nn.MultiLabelMarginLoss(), "MultiLabelMarginLoss.*can't be called"),
    ],
)
def test_unusable_losses_raise(multilabel_data, loss, message):
    X, y, _ = multilabel_data
    with pytest.raises(ValueError, match=message):
        small(loss).fit(X, y)


@pytest.mark.parametrize(
    "schedule",
    [lambda t: "a", lambda t: None, lambda: 1.0, lambda t: np.nan, lambda t: np.inf],
)
def test_unusable_schedules_raise(multilabel_data, schedule):
    X, y, _ = multilabel_data
    with pytest.raises(ValueError, match="schedule must return a number above 0"):
        small(AdaptiveSigmoidF1Loss(schedule=schedule)).fit(X, y)


def test_sum_over_processes_of_a_loss_that_is_no_sum_raises(multilabel_data):
    X, y, _ = multilabel_data
    with pytest.raises(
        ValueError, match=r"must be a function of sums.*TencentLoss\(\) is no"
    ):
        small(DistributedLoss(TencentLoss())).fit(X, y)


def test_weights_that_are_spoilt_by_the_last_step_raise(multilabel_data):
    """The gradient of a root is infinite at 0, where the loss is finite."""
    X, y, _ = multilabel_data

    def loss(y_score, y_true):
        spoilt = (y_score - y_score.detach()).square().sum().sqrt()
        return functional.binary_cross_entropy_with_logits(y_score, y_true) + spoilt

    with pytest.raises(ValueError, match="last step gives weights of the size nan"):
        small(loss, max_iter=1, batch_size="full").fit(X, y)


# Others


@pytest.mark.parametrize("score", ["a", None, np.ones(3), {}, 1j])
def test_scores_that_are_no_numbers_raise(multilabel_data, score):
    X, y, _ = multilabel_data
    model = small(early_stopping=True, scoring=lambda model, X, y: score)
    with pytest.raises(TypeError, match="scoring must return a number. Got"):
        model.fit(X, y)


@pytest.mark.parametrize("score", [True, 1, np.float32(0.5), torch.tensor(0.5)])
def test_numbers_of_any_kind_are_scores(multilabel_data, score):
    X, y, _ = multilabel_data
    model = small(early_stopping=True, scoring=lambda model, X, y: score, max_iter=1)
    assert model.fit(X, y).validation_scores_ == [float(score)]


def test_a_metric_is_no_scorer(multilabel_data):
    X, y, _ = multilabel_data
    with pytest.raises(ValueError, match="scoring must be.*f1_score.*make_scorer"):
        small(early_stopping=True, scoring=f1_score).fit(X, y)


@pytest.mark.parametrize(
    "callback", [("a",), (), "a", 3, EpochScoring, ("a", 3), (3, PrintLog())]
)
def test_callbacks_that_are_none_raise(multilabel_data, callback):
    X, y, _ = multilabel_data
    with pytest.raises(
        TypeError, match="callbacks must be objects of skorch callbacks"
    ):
        small(callbacks=[callback]).fit(X, y)


@pytest.mark.parametrize(
    "optimizer, message",
    [
        (
            lambda groups, **params: None,
            "must return a torch.optim.Optimizer. Got None",
        ),
        (
            lambda groups: None,
            r"called as optimizer\(parameter_groups, lr=..., weight_",
        ),
        (torch.optim.Rprop, r"called as optimizer\(parameter_groups, lr=..., weight_"),
    ],
)
def test_unusable_optimizers_raise(multilabel_data, optimizer, message):
    X, y, _ = multilabel_data
    with pytest.raises(TypeError, match=message):
        small(optimizer=optimizer).fit(X, y)


@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
def test_a_decay_of_more_than_all_weights_raises(multilabel_data, optimizer):
    X, y, _ = multilabel_data
    with pytest.raises(ValueError, match="learning_rate_init . weight_decay must be"):
        small(optimizer=optimizer, weight_decay=2**70).fit(X, y)


@pytest.mark.parametrize("factor", [1e-46, 1e-40, 1e38, 1e300])
def test_weights_beyond_the_range_of_the_network_raise(multilabel_data, factor):
    X, y, _ = multilabel_data
    weight = np.full(300, factor)
    with pytest.raises(ValueError, match="sample_weight.* by (its|their) mean"):
        small().fit(X, y, sample_weight=weight)
    if 1e-300 < factor < 1e300:
        expected = small().fit(X.astype(np.float64), y)
        model = small().fit(X.astype(np.float64), y, sample_weight=weight)
        np.testing.assert_allclose(
            model.decision_function(X), expected.decision_function(X), rtol=1e-6
        )


def test_rows_of_weight_0_are_not_held_out(multilabel_data):
    X, y, _ = multilabel_data
    weight = np.zeros(300)
    weight[::10] = 1
    model = small("bce", early_stopping=True, scoring="neg_bce", batch_size="full")
    expected = model.fit(X[::10], y[::10]).validation_scores_
    scores = model.fit(X, y, sample_weight=weight).validation_scores_
    np.testing.assert_allclose(scores, expected, rtol=1e-5)
    with pytest.raises(ValueError, match="needs two rows with a sample_weight above 0"):
        model.fit(X, y, sample_weight=np.arange(300) == 7)

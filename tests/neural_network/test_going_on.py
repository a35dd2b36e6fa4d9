"""Trainings that go on: they equal one long training, and undo what fails."""

import pickle

import numpy as np
import pytest
import torch
from skorch.callbacks import Callback

from skmultitag.losses import AdaptiveSigmoidF1Loss, WeightedSumLoss, get_loss
from tests.neural_network.common import FEW_DRAWS, small


@pytest.mark.parametrize("scoring", [None, "f1_macro"])
@pytest.mark.parametrize(
    "loss", ["bce", "tencent", AdaptiveSigmoidF1Loss(anneal=5), FEW_DRAWS]
)
def test_parts_of_early_stopping_are_one_training(multilabel_data, loss, scoring):
    """The best epoch of all is restored, and the last one is gone on with."""
    X, y, _ = multilabel_data
    params = {"loss": loss, "early_stopping": True, "scoring": scoring, "tol": None}
    params |= {"threshold": 0.5, "learning_rate_init": 0.2, "input_dropout": 0.2}
    whole = small(**params, max_iter=20).fit(X, y)
    part = small(**params, max_iter=8, warm_start=True).fit(X, y)
    part = pickle.loads(pickle.dumps(part)).fit(X, y).set_params(max_iter=4).fit(X, y)
    assert part.validation_scores_ == whole.validation_scores_
    assert 0 < np.argmax(whole.validation_scores_) < 19
    np.testing.assert_array_equal(part.predict_proba(X), whole.predict_proba(X))


@pytest.mark.parametrize("early_stopping", [False, True])
def test_patience_goes_on(multilabel_data, early_stopping):
    X, y, _ = multilabel_data
    params = {"early_stopping": early_stopping, "tol": 0.005, "n_iter_no_change": 4}
    params |= {"learning_rate_init": 0.05, "dropout": 0.5, "input_dropout": 0.0}
    whole = small(**params, max_iter=100).fit(X, y)
    part = small(**params, max_iter=whole.n_iter_ - 2, warm_start=True).fit(X, y)
    part.fit(X, y)
    assert part.n_iter_ == whole.n_iter_ < 100
    np.testing.assert_array_equal(part.predict_proba(X), whole.predict_proba(X))
    assert part.fit(X, y).n_iter_ == whole.n_iter_ + 1  # it has ended, and still does


@pytest.mark.parametrize(
    "change",
    [
        {"scoring": "f1_micro"},
        {"learning_rate_init": 1e-4},
        {"loss": "soft_f1"},
        {"validation_fraction": 0.3},
    ],
)
def test_another_task_has_new_patience(multilabel_data, change):
    X, y, _ = multilabel_data
    params = {"early_stopping": True, "scoring": "f1_macro", "n_iter_no_change": 2}
    params |= {"learning_rate_init": 0.05, "warm_start": True, "max_iter": 60}
    model = small(**params).fit(X, y)
    stopped = model.n_iter_
    assert model.fit(X, y).n_iter_ == stopped + 1 < 60
    model.set_params(**change, max_iter=2).fit(X, y)
    assert model.n_iter_ == stopped + 3


def test_other_rows_do_not_bring_old_weights_back(multilabel_data):
    """A score of other rows says nothing of these."""
    X, y, _ = multilabel_data
    model = small(early_stopping=True, warm_start=True, max_iter=30).fit(X, y)
    other = y[:, ::-1].copy()
    model.fit(X, other)
    held = model.validation_scores_[30:]
    logits = torch.from_numpy(model.decision_function(X))
    trained = model.loss_.validation_loss(logits, torch.from_numpy(other))
    assert held[-1] > held[0] and trained < 0.9


def test_weights_that_the_user_has_changed_are_kept(multilabel_data):
    X, y, _ = multilabel_data
    model = small(early_stopping=True, warm_start=True, max_iter=3).fit(X, y)
    with torch.no_grad():
        for parameter in model.net_.module_.parameters():
            parameter.zero_()
    model.set_params(max_iter=1, learning_rate_init=1e-30).fit(X, y)
    assert np.abs(model.decision_function(X)).max() < 1e-6


class Failing(Callback):
    """Raises in the second of the epochs to come."""

    def on_train_begin(self, net, **kwargs):
        self.n_epochs_ = 0

    def on_epoch_end(self, net, **kwargs):
        self.n_epochs_ += 1
        if self.n_epochs_ == 2:
            raise RuntimeError("no more")


LOSSES = ["sigmoid_f1_bce", "tencent", "adaptive_sigmoid_f1", FEW_DRAWS]


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("loss", LOSSES)
def test_what_goes_on_and_fails_is_undone(multilabel_data, loss, early_stopping):
    X, y, _ = multilabel_data
    model = small(
        loss, threshold=0.5, warm_start=True, max_iter=3, early_stopping=early_stopping
    )
    model.fit(X, y)
    copied = pickle.loads(pickle.dumps(model))
    for params in ({}, {"loss": "bce"}, {"learning_rate_init": 0.1, "batch_size": 50}):
        model.net_.callbacks_.insert(0, ("failing", Failing()))
        changed = pickle.loads(pickle.dumps(copied)).get_params()
        with pytest.raises(RuntimeError, match="no more"):
            model.set_params(**params).fit(X, y)
        del model.net_.callbacks_[0]
        model.set_params(**{name: changed[name] for name in params})
    assert model.n_iter_ == 3 == len(model.net_.history)
    np.testing.assert_array_equal(model.predict_proba(X), copied.predict_proba(X))
    # also what is not to be seen: the optimizer, random streams, the state of the loss
    np.testing.assert_array_equal(
        model.fit(X, y).predict_proba(X), copied.fit(X, y).predict_proba(X)
    )
    assert model.loss_curve_ == copied.loss_curve_


def test_a_block_that_diverges_is_undone(multilabel_data):
    X, y, _ = multilabel_data
    model = small("bce", optimizer="sgd", weight_decay=0).partial_fit(X, y)
    copied = pickle.loads(pickle.dumps(model))
    with pytest.raises(ValueError, match="training loss is|weights of the size"):
        model.set_params(learning_rate_init=1e30).partial_fit(X, y)
    model.set_params(learning_rate_init=1e-3)
    np.testing.assert_array_equal(model.predict_proba(X), copied.predict_proba(X))
    np.testing.assert_array_equal(
        model.partial_fit(X, y).predict_proba(X),
        copied.partial_fit(X, y).predict_proba(X),
    )


def test_parameters_of_a_loss_are_put_back(multilabel_data):
    """A module that declares parameters is trained with the network."""
    X, y, _ = multilabel_data

    class Tempered(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = torch.nn.Parameter(torch.ones(()))

        def forward(self, y_score, y_true):
            bce = torch.nn.functional.binary_cross_entropy_with_logits
            return bce(self.scale * y_score, y_true)

    loss = WeightedSumLoss(get_loss(Tempered()), get_loss("soft_f1"))
    model = small(loss, warm_start=True).fit(X, y)
    before = [each.item() for each in model.loss_.parameters()]
    assert before[-1] != 1
    model.net_.callbacks_.insert(0, ("failing", Failing()))
    with pytest.raises(RuntimeError):
        model.fit(X, y)
    assert [each.item() for each in model.loss_.parameters()] == before
    del model.net_.callbacks_[0]
    model.fit(X, y)
    assert [each.item() for each in model.loss_.parameters()] != before

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from skmultitag import MultiTagClassifier
from skmultitag.losses import (
    BinaryCrossEntropyLoss,
    LabelCountLoss,
    LSEPLoss,
    SigmoidF1Loss,
    SoftF1Loss,
    TencentLoss,
    WeightedSumLoss,
    get_loss,
)
from tests.losses.common import random_batch


def test_value_is_the_weighted_sum():
    y_score, y_true = random_batch()
    first, second = BinaryCrossEntropyLoss(), SoftF1Loss("micro")
    expected = first(y_score, y_true) + 0.3 * second(y_score, y_true)
    loss = WeightedSumLoss(first, second, 0.3)
    torch.testing.assert_close(loss(y_score, y_true), expected)
    torch.testing.assert_close(loss.fit(y_true)(y_score, y_true), expected)


def test_parts_are_fitted_as_clones():
    y_true = np.array([[1, 0], [0, 0], [0, 1], [0, 1]])
    part = BinaryCrossEntropyLoss("balanced")
    loss = WeightedSumLoss(part, SoftF1Loss()).fit(y_true)
    assert not hasattr(part, "pos_weight_")
    assert loss.first_.pos_weight_.tolist() == [3, 1]


def test_decision_is_that_of_the_first():
    y_score, _ = random_batch()
    first = SigmoidF1Loss(2.0, 0.5)
    loss = WeightedSumLoss(first, BinaryCrossEntropyLoss())
    assert torch.equal(loss.predict_proba(y_score), first.predict_proba(y_score))
    assert torch.equal(loss.decision_function(y_score), y_score + 0.5)
    assert not WeightedSumLoss(LSEPLoss(), first).has_natural_threshold


def test_the_name_is_cross_entropy_and_a_tenth_of_the_count():
    y_score, y_true = random_batch()
    expected = BinaryCrossEntropyLoss()(y_score, y_true)
    expected = expected + 0.1 * LabelCountLoss()(y_score, y_true)
    torch.testing.assert_close(get_loss("label_count")(y_score, y_true), expected)


def test_grid_reaches_the_parts(multilabel_data):
    X, y, _ = multilabel_data
    model = MultiTagClassifier(
        WeightedSumLoss(BinaryCrossEntropyLoss(), SigmoidF1Loss()),
        max_iter=3,
        random_state=0,
    )
    grid = {"loss__second__beta": [1.0, 2.0], "loss__weight": [0.5, 1.0]}
    search = GridSearchCV(model, grid, scoring="f1_macro", cv=2).fit(X, y)
    best = search.best_estimator_.loss_
    assert best.second_.beta == search.best_params_["loss__second__beta"]
    assert model.loss.second.beta == 1.0


def test_nested_sums_states_and_epochs():
    _, y_true = random_batch()
    loss = WeightedSumLoss(WeightedSumLoss(TencentLoss(), SoftF1Loss()), SoftF1Loss())
    loss = clone(loss).fit(y_true, random_state=0)
    assert "first_.first_.pos_count" in loss.state_dict()
    loss.eval()
    assert not loss.first_.first_.training


def test_parts_that_are_no_losses_raise():
    with pytest.raises(ValueError, match="'second' parameter of WeightedSumLoss"):
        WeightedSumLoss(SoftF1Loss(), torch.nn.Identity()).fit(np.eye(2))

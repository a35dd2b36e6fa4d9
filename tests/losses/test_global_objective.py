import json
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.metrics import f1_score, precision_score, recall_score

from skmultitag import MultiTagClassifier
from skmultitag.losses import BinaryCrossEntropyLoss, GlobalObjectiveLoss
from tests.losses.common import random_batch, value_and_gradient

PUBLISHED = json.loads((Path(__file__).parent / "published_values.json").read_text())
PUBLISHED = PUBLISHED["global_objectives"]


def with_multiplier(loss, y_true, multiplier):
    loss.fit(y_true)
    loss.multiplier_[:] = torch.as_tensor(multiplier)
    return loss


@pytest.mark.parametrize(
    "record",
    PUBLISHED["records"],
    ids=lambda record: "-".join(str(value) for value in list(record.values())[:4]),
)
def test_value_and_gradient_equal_the_published_code(record):
    y_score = torch.tensor(PUBLISHED["logits"], dtype=torch.float64)
    y_true = torch.tensor(PUBLISHED["targets"])
    loss = GlobalObjectiveLoss(
        record["objective"], record["target"], surrogate=record["surrogate"]
    )
    with_multiplier(loss, y_true, record["multiplier"])
    weight = record["weights"] and torch.tensor(record["weights"])
    value, gradient = value_and_gradient(loss, y_score, y_true, weight)
    # theirs is divided by the number of rows, not by their weight
    scale = 1 if weight is None else weight.mean().item()
    # what does not depend on the logits is left out here
    one = np.log(2) if record["surrogate"] == "logistic" else 1
    constant = record["multiplier"] * one * np.mean(record["priors"])
    constant *= 1 - record["target"]
    # their log(2) is of float32
    expected = record["value"] + constant
    assert scale * value.item() == pytest.approx(expected, rel=1e-6)
    expected = torch.tensor(record["grad"], dtype=torch.float64)
    # at a kink each chooses a derivative; theirs has one at 0 for the logistic too
    kink = 0 if record["surrogate"] == "logistic" else 1
    is_smooth = y_score.abs() != kink
    assert (~is_smooth).sum() in (1, 2)
    torch.testing.assert_close(
        scale * gradient[is_smooth], expected[is_smooth], rtol=1e-6, atol=1e-9
    )


@pytest.mark.parametrize("objective", ["precision_at_recall", "f1"])
def test_a_multiplier_of_one_is_cross_entropy(objective):
    y_score, y_true = random_batch()
    loss = GlobalObjectiveLoss(objective).fit(y_true)
    expected = BinaryCrossEntropyLoss()(y_score, y_true)
    torch.testing.assert_close(loss(y_score, y_true), expected)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("dual_rate", [0.5, 2.0])
def test_multipliers_follow_the_measures(dual_rate, weighted):
    y_score, y_true = random_batch(40)
    weight = torch.arange(40.0, dtype=torch.float64) % 3 if weighted else None
    measured = {"sample_weight": weight, "average": None}
    precision = precision_score(y_true, y_score > 0, **measured)
    recall = recall_score(y_true, y_score > 0, **measured)
    reached = {"precision_at_recall": recall, "recall_at_precision": precision}
    for objective, measure in reached.items():
        loss = GlobalObjectiveLoss(objective, 0.7, dual_rate=dual_rate)
        with_multiplier(loss, y_true, 2.0).observe(y_score, y_true, weight)
        expected = 2 * np.exp(dual_rate * (0.7 - measure))
        np.testing.assert_allclose(loss.multiplier_, expected)
        assert loss.epoch_figures() == {"multiplier": loss.multiplier_.tolist()}
    loss = GlobalObjectiveLoss("f1").fit(y_true)
    loss.observe(y_score, y_true, weight)
    expected = f1_score(y_true, y_score > 0, **measured)
    np.testing.assert_allclose(loss.multiplier_, expected)


def test_multipliers_have_limits_and_unknown_ones_stay():
    y_true = torch.tensor([[1, 0], [1, 0]])
    loss = GlobalObjectiveLoss("precision_at_recall", 0.5, dual_rate=100)
    loss.fit(y_true).observe(torch.full((2, 2), -1.0), y_true)
    assert loss.multiplier_.tolist() == [100, 1]
    loss.observe(torch.full((2, 2), 1.0), y_true, is_final=True)
    assert loss.multiplier_.tolist() == [100, 1]
    loss.observe(torch.full((2, 2), 1.0), y_true)
    assert loss.multiplier_.tolist() == [0.01, 1]
    # where nothing is predicted, nothing is wrong
    loss = GlobalObjectiveLoss("recall_at_precision", 0.5, dual_rate=1).fit(y_true)
    loss.observe(torch.full((2, 2), -1.0), y_true)
    assert loss.multiplier_.tolist() == pytest.approx([np.exp(-0.5), 1])


@pytest.mark.parametrize("objective", ["recall_at_precision", "f1"])
def test_epochs_are_compared_at_the_same_multipliers(objective):
    y_score, y_true = random_batch()
    loss = GlobalObjectiveLoss(objective).fit(y_true)
    expected = loss(y_score, y_true)
    with_multiplier(loss, y_true, 0.5)
    torch.testing.assert_close(loss.validation_loss(y_score, y_true), expected)
    assert not torch.isclose(loss(y_score, y_true), expected)
    weight = torch.arange(7.0) % 3
    repeated = torch.repeat_interleave(torch.arange(7), weight.long())
    torch.testing.assert_close(
        loss.validation_loss(y_score, y_true, weight),
        loss.validation_loss(y_score[repeated], y_true[repeated]),
    )


@pytest.mark.parametrize("objective", ["precision_at_recall", "recall_at_precision"])
def test_training_moves_the_measure_to_its_target(objective):
    """On rows with so much noise that a small network can't memorize them."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(2000, 2)).astype(np.float32)
    y = (X + rng.normal(size=X.shape) > [0.3, 0.6]).astype(int)
    # cross-entropy has a precision of .79 and .80, and a recall of .57 and .39
    metric = recall_score if objective == "precision_at_recall" else precision_score
    for target in (0.6, 0.7):
        loss = GlobalObjectiveLoss(objective, target)
        model = MultiTagClassifier(loss, hidden_layer_sizes=(20,), random_state=0)
        reached = metric(y, model.fit(X, y).predict(X), average=None)
        np.testing.assert_allclose(reached, target, atol=0.04)

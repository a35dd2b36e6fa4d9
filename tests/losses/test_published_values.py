"""Values and gradients of the published code, in float64.

"scale" is what our value is multiplied with: the published loss is a sum where ours is
a mean, or a mean over the rows with pairs, of which the case "systems" has 4. Records
of "label_count" and "rank_hinge" are of the definition, no code being published.
"""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from skmultitag.losses import LabelCountLoss, TencentLoss, get_loss
from tests.losses.common import RANKING_WITHIN_ROWS, value_and_gradient

PUBLISHED = json.loads((Path(__file__).parent / "published_values.json").read_text())
SCALES = {
    "1": lambda n_samples, n_labels: 1,
    "n_samples / 4": lambda n_samples, n_labels: n_samples / 4,
    "n_labels": lambda n_samples, n_labels: n_labels,
    "n_samples * n_labels": lambda n_samples, n_labels: n_samples * n_labels,
}
CLOSE = {"rtol": 1e-9, "atol": 1e-12}


def published_loss(record):
    if record["loss"] == "label_count_only":
        return LabelCountLoss(**record["params"])
    return get_loss(record["loss"]).set_params(**record["params"])


@pytest.mark.parametrize(
    "record",
    PUBLISHED["records"],
    ids=lambda record: f"{record['loss']}-{record['params']}-{record['case']}",
)
def test_value_and_gradient_equal_the_published_code(record):
    case = PUBLISHED["cases"][record["case"]]
    y_score = torch.tensor(case["logits"], dtype=torch.float64)
    y_true = torch.tensor(case["targets"])
    loss = published_loss(record)
    if not isinstance(loss, RANKING_WITHIN_ROWS):  # whose fit refuses some of the cases
        loss.fit(y_true)
    if record["loss"] == "distribution_balanced":
        # theirs came from a training set of 1000 rows
        loss.n_samples_ = 1000
        loss.label_frequency_ = np.linspace(20, 400, y_true.shape[1]) / 1000
    value, gradient = value_and_gradient(loss, y_score, y_true)
    scale = SCALES[record["scale"]](*y_true.shape)
    expected = torch.tensor(record["value"], dtype=torch.float64)
    torch.testing.assert_close(scale * value, expected, **CLOSE)
    expected = torch.tensor(record["grad"], dtype=torch.float64)
    torch.testing.assert_close(scale * gradient, expected, **CLOSE)


def test_five_steps_of_the_tencent_loss(monkeypatch):
    steps = PUBLISHED["tencent_steps"]
    drawn = iter([step["neg_select"] for step in steps])
    monkeypatch.setattr(
        torch,
        "bernoulli",
        lambda proba, generator: torch.tensor(next(drawn), dtype=proba.dtype),
    )
    loss = TencentLoss().fit(np.array(steps[0]["targets"])).train()
    assert len(steps) == 5
    for step in steps:
        y_score = torch.tensor(step["logits"], dtype=torch.float64)
        y_true = torch.tensor(step["targets"])
        value, gradient = value_and_gradient(loss, y_score, y_true)
        # theirs is the sum over labels, ours the mean weighted by the same weights
        total = sum(step["loss_coef"])
        expected = torch.tensor(step["value"], dtype=torch.float64)
        torch.testing.assert_close(total * value, expected, **CLOSE)
        expected = torch.tensor(step["grad"], dtype=torch.float64)
        torch.testing.assert_close(total * gradient, expected, **CLOSE)
        assert loss.pos_count.tolist() == step["pos_count"]
        assert loss.neg_count.tolist() == step["neg_count"]

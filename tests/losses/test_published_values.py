"""Values and gradients of the published code, in float64."""

import json
from pathlib import Path

import pytest
import torch

from skmultitag.losses import get_loss
from tests.losses.common import value_and_gradient

PUBLISHED = json.loads((Path(__file__).parent / "published_values.json").read_text())


@pytest.mark.parametrize(
    "record",
    PUBLISHED["records"],
    ids=lambda record: f"{record['loss']}-{record['params']}-{record['case']}",
)
def test_value_and_gradient_equal_the_published_code(record):
    case = PUBLISHED["cases"][record["case"]]
    y_score = torch.tensor(case["logits"], dtype=torch.float64)
    y_true = torch.tensor(case["targets"])
    loss = get_loss(record["loss"]).set_params(**record["params"]).fit(y_true)
    value, gradient = value_and_gradient(loss, y_score, y_true)
    expected = torch.tensor(record["value"], dtype=torch.float64)
    expected_gradient = torch.tensor(record["grad"], dtype=torch.float64)
    torch.testing.assert_close(value, expected, rtol=1e-9, atol=1e-12)
    torch.testing.assert_close(gradient, expected_gradient, rtol=1e-9, atol=1e-12)

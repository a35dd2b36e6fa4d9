import numpy as np
import pytest
import torch
from scipy import sparse
from sklearn.metrics import log_loss

from skmultitag.losses import BinaryCrossEntropyLoss
from tests.losses.common import random_batch


def test_value_is_the_mean_log_loss_of_the_labels():
    y_score, y_true = random_batch()
    proba = torch.sigmoid(y_score).numpy()
    weight = np.arange(7.0)
    each = [log_loss(y_true[:, j], proba[:, j], sample_weight=weight) for j in range(4)]
    value = BinaryCrossEntropyLoss()(y_score, y_true, torch.from_numpy(weight))
    assert value.item() == pytest.approx(np.mean(each), rel=1e-12)


@pytest.mark.parametrize("as_type", [np.asarray, sparse.csr_matrix, sparse.csr_array])
def test_balanced_weights_are_negatives_over_positives(as_type):
    y_true = np.array([[1, 0, 1], [0, 0, 1], [0, 1, 1], [0, 1, 1]])
    loss = BinaryCrossEntropyLoss("balanced").fit(as_type(y_true))
    np.testing.assert_array_equal(loss.pos_weight_, [3, 1, 1])
    weighted = loss.fit(as_type(y_true), sample_weight=[1, 1, 2, 0])
    np.testing.assert_array_equal(weighted.pos_weight_, [3, 1, 1])


def test_positive_weight_multiplies_the_loss_of_positives():
    y_score, y_true = torch.zeros(2, 1), torch.tensor([[1.0], [0.0]])
    for weight in (3.0, [3.0]):
        loss = BinaryCrossEntropyLoss(weight).fit(y_true)
        assert loss(y_score, y_true).item() == pytest.approx((3 + 1) / 2 * np.log(2))


def test_balanced_before_fit_raises():
    y_score, y_true = random_batch()
    with pytest.raises(ValueError, match=r"call fit\(y_true\) before"):
        BinaryCrossEntropyLoss("balanced")(y_score, y_true)


@pytest.mark.parametrize(
    "pos_weight, message",
    [
        (0.0, "'pos_weight' parameter"),
        ("even", "'pos_weight' parameter"),
        ([1, 2], r"of shape \(4,\). Got shape \(2,\)"),
        ([1, 2, 3, -1], "greater than 0"),
        ([1, 2, 3, "4"], "must be numbers"),
    ],
)
def test_bad_weights_raise_at_fit(pos_weight, message):
    with pytest.raises(ValueError, match=message):
        BinaryCrossEntropyLoss(pos_weight).fit(np.eye(4))


def test_balanced_weight_of_a_label_that_all_rows_have_is_1():
    """Though the sum of weights, in another order, is another number."""
    rng = np.random.RandomState(0)
    for _ in range(50):
        weight = rng.uniform(0.1, 3, 23)
        y = np.ones((24, 1), dtype=int)
        y[-1] = 0
        loss = BinaryCrossEntropyLoss("balanced").fit(y, np.append(weight, 0))
        assert loss.pos_weight_ == 1

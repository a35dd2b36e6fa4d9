import numpy as np
import pytest
import torch
from sklearn.metrics import log_loss

from skmultitag.losses import BinaryCrossEntropyLoss
from skmultitag.metrics import binary_cross_entropy_error


def test_is_the_mean_log_loss_of_the_labels(multilabel_data):
    _, y_true, proba = multilabel_data
    weight = np.arange(len(y_true))
    each = [log_loss(y_true[:, j], proba[:, j], sample_weight=weight) for j in range(5)]
    error = binary_cross_entropy_error(y_true, proba, sample_weight=weight)
    assert error == pytest.approx(np.mean(each))


def test_is_the_value_of_the_loss(multilabel_data):
    _, y_true, proba = multilabel_data
    logits = torch.from_numpy(np.log(proba / (1 - proba)))
    loss = BinaryCrossEntropyLoss()(logits, torch.from_numpy(y_true))
    assert binary_cross_entropy_error(y_true, proba) == pytest.approx(loss.item())


def test_predicting_everything_is_not_perfect():
    """As it is for the log loss of scikit-learn, that counts positives only."""
    y_true, ones = np.array([[1, 0, 0]]), np.ones((1, 3))
    error = binary_cross_entropy_error(y_true, ones)
    assert error == pytest.approx(-2 / 3 * np.log(np.finfo(float).eps))

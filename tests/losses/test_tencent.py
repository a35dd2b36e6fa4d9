import copy
import pickle

import numpy as np
import pytest
import torch
from sklearn.exceptions import NotFittedError

from skmultitag import MultiTagClassifier
from skmultitag.losses import TencentLoss
from tests.losses.common import random_batch


def test_counts_of_consecutive_batches():
    loss = TencentLoss(neg_select=1.0).fit(np.eye(2), random_state=0)
    y_score = torch.zeros(1, 2)
    for target, pos_count, neg_count in [
        ([1, 0], [1, 0], [0, 1]),
        ([1, 0], [2, 0], [0, 2]),
        ([0, 1], [0, 1], [1, 0]),
    ]:
        loss(y_score, torch.tensor([target]))
        assert loss.pos_count.tolist() == pos_count
        assert loss.neg_count.tolist() == neg_count
    loss.fit(np.eye(2))
    assert not loss.pos_count.any() and not loss.neg_count.any()


def test_evaluation_moves_nothing():
    y_score, y_true = random_batch()
    loss = TencentLoss().fit(y_true, random_state=0)
    loss(y_score, y_true)
    loss.eval()
    before, stream = loss.pos_count.clone(), loss._stream.generator.get_state()
    first, second = loss(y_score, y_true), loss(y_score, y_true)
    assert first == second and torch.equal(loss.pos_count, before)
    assert torch.equal(loss._stream.generator.get_state(), stream)


def test_evaluation_gives_the_expected_weight():
    y_score, y_true = random_batch()
    y_true[:, :2] = 0
    loss = TencentLoss(neg_select=0.4).fit(y_true, random_state=0)
    draws = [copy.deepcopy(loss) for _ in range(400)]
    for seed, draw in enumerate(draws):
        draw._stream.generator.manual_seed(seed)
    # a fresh batch: counts of 1 in training are compared with counts of 1
    mean = np.mean([draw(y_score, y_true).item() for draw in draws])
    loss.pos_count += torch.tensor([0.0, 0, 1, 1])
    loss.neg_count += torch.tensor([1.0, 1, 0, 0])
    assert mean == pytest.approx(loss.eval()(y_score, y_true).item(), rel=0.02)


def through_pickle(loss):
    return pickle.loads(pickle.dumps(loss))


@pytest.mark.parametrize("copied", [copy.deepcopy, through_pickle])
def test_state_and_stream_are_stored(copied):
    y_score, y_true = random_batch()
    y_true[:, 1] = 0
    loss = TencentLoss().fit(y_true, random_state=0)
    loss(y_score, y_true)
    other = copied(loss)
    for _ in range(5):
        assert loss(y_score, y_true) == other(y_score, y_true)
    assert torch.equal(loss.neg_count, other.neg_count)
    assert {"pos_count", "neg_count"} <= set(loss.state_dict())


def test_before_fit_raises():
    with pytest.raises(NotFittedError, match=r"call fit\(y_true\) before"):
        TencentLoss()(*random_batch())


def test_in_the_classifier(multilabel_data):
    X, y, _ = multilabel_data
    params = {"max_iter": 4, "batch_size": 10, "random_state": 0}
    state = torch.get_rng_state()
    first, second = (MultiTagClassifier("tencent", **params).fit(X, y) for _ in "12")
    assert torch.equal(torch.get_rng_state(), state)
    np.testing.assert_array_equal(first.predict_proba(X), second.predict_proba(X))
    assert first.loss_.pos_count.max() > 1
    half = MultiTagClassifier("tencent", warm_start=True, **params)
    half.set_params(max_iter=2).fit(X, y)
    half = through_pickle(half)
    half.fit(X, y)
    assert half.loss_curve_ == first.loss_curve_

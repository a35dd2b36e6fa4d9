"""The losses that change between epochs, in the classifier."""

import copy
import pickle

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.metrics import f1_score
from sklearn.model_selection import GridSearchCV

from skmultitag import MultiTagClassifier
from skmultitag.losses import (
    AdaptiveSigmoidF1Loss,
    BayesianSigmoidF1Loss,
    SigmoidF1Loss,
    WeightedSumLoss,
    get_loss,
)
from tests.neural_network.common import as_tensor

QUICK = {"n_warmup": 4, "n_draws": 4, "n_final_draws": 20, "n_rows": 100}
LOSSES = [
    AdaptiveSigmoidF1Loss(anneal=8),
    AdaptiveSigmoidF1Loss(anneal=8, saturation=0.5),
    BayesianSigmoidF1Loss(**QUICK),
    BayesianSigmoidF1Loss(inference="grid", **QUICK),
    WeightedSumLoss(AdaptiveSigmoidF1Loss(anneal=8), BayesianSigmoidF1Loss(**QUICK)),
]


def small(loss, **params):
    defaults = {"hidden_layer_sizes": 16, "max_iter": 12, "tol": None, "batch_size": 64}
    return MultiTagClassifier(loss, **{**defaults, "random_state": 0, **params})


def weights(model):
    return [parameter.detach() for parameter in model.net_.module_.parameters()]


def assert_same_to_the_bit(model, other):
    for first, second in zip(weights(model), weights(other), strict=True):
        assert torch.equal(first, second)
    state, other_state = model.loss_.state_dict(), other.loss_.state_dict()
    assert state.keys() == other_state.keys()
    assert all(torch.equal(state[name], other_state[name]) for name in state)


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("loss", LOSSES, ids=str)
def test_resumed_training_equals_an_uninterrupted_one(
    loss, early_stopping, multilabel_data
):
    X, y, _ = multilabel_data
    params = {"early_stopping": early_stopping, "dropout": 0.2}
    if early_stopping:
        # the best epoch is the last one, so that nothing is restored
        params["scoring"] = EpochNumber()
    whole = small(loss, **copy.deepcopy(params)).fit(X, y)
    parts = small(loss, max_iter=5, warm_start=True, **params).fit(X, y)
    parts = pickle.loads(pickle.dumps(parts))
    parts.set_params(max_iter=7).fit(X, y)
    assert parts.n_iter_ == whole.n_iter_ == 12
    assert_same_to_the_bit(parts, whole)
    if "beta" in whole.net_.history[0]:
        assert parts.net_.history[:, "beta"] == whole.net_.history[:, "beta"]


class EpochNumber:
    """A score that rises with the epochs."""

    def __call__(self, estimator, X, y):
        return len(estimator.net_.history)

    def __deepcopy__(self, memo):
        return self


def test_slope_of_each_epoch_is_in_the_history(multilabel_data):
    X, y, _ = multilabel_data
    model = small(AdaptiveSigmoidF1Loss(anneal=1.0), max_iter=5).fit(X, y)
    expected = 10 ** (np.arange(5) / 4)
    np.testing.assert_allclose(model.net_.history[:, "beta"], expected)
    assert model.loss_.beta_.item() == pytest.approx(10)


def test_equal_slopes_train_as_sigmoid_f1(multilabel_data):
    X, y, _ = multilabel_data
    adaptive = small(AdaptiveSigmoidF1Loss(2.0, 2.0)).fit(X, y)
    plain = small(SigmoidF1Loss(2.0)).fit(X, y)
    for first, second in zip(weights(adaptive), weights(plain), strict=True):
        assert torch.equal(first, second)


def test_training_does_not_stop_while_the_slope_grows(multilabel_data):
    X, y, _ = multilabel_data
    params = {"tol": 10.0, "n_iter_no_change": 2, "max_iter": 30}
    assert small("soft_f1", **params).fit(X, y).n_iter_ == 3
    model = small(AdaptiveSigmoidF1Loss(anneal=20), **params).fit(X, y)
    assert model.n_iter_ == 22


def test_early_stopping_compares_at_the_last_slope(multilabel_data):
    X, y, _ = multilabel_data
    # weights that do not move: the score must not either, as the slope grows
    model = small(
        AdaptiveSigmoidF1Loss(),
        early_stopping=True,
        learning_rate_init=1e-30,
        weight_decay=0,
    ).fit(X, y)
    scores = model.validation_scores_
    assert max(scores) - min(scores) < 1e-6
    losses = model.loss_curve_
    assert max(losses) - min(losses) > 1e-3


def test_early_stopping_restores_the_state_of_the_best_epoch(multilabel_data):
    X, y, _ = multilabel_data
    model = small(AdaptiveSigmoidF1Loss(anneal=1.0), early_stopping=True).fit(X, y)
    best = int(np.argmax(model.validation_scores_))
    assert model.loss_.beta_.item() == model.net_.history[best, "beta"]


def test_posterior_is_that_of_the_trained_network(multilabel_data):
    X, y, _ = multilabel_data
    loss = BayesianSigmoidF1Loss(inference="grid", temperature=1.0, n_rows=1000)
    model = small(loss).fit(X, y)
    with torch.inference_mode():
        logits = model.net_.module_(as_tensor(X, model))
    again = clone(loss).fit(y, random_state=1)
    again.observe(logits, as_tensor(y, model), is_final=True)
    found, expected = model.loss_.posterior_, again.posterior_
    error = 4 * np.hypot(found.eta.mcse, expected.eta.mcse)
    assert (np.abs(found.eta.mean - expected.eta.mean) < error).all()


def test_observing_leaves_network_and_streams_as_they_are(multilabel_data):
    X, y, _ = multilabel_data
    seen = []

    class Watched(BayesianSigmoidF1Loss):
        def observe(self, y_score, y_true, sample_weight=None, is_final=False):
            seen.append((len(y_score), is_final, y_score.requires_grad))
            super().observe(y_score, y_true, sample_weight, is_final)

    before = torch.get_rng_state(), np.random.get_state()[1].copy()
    model = small(
        Watched(**QUICK), max_iter=3, learning_rate_init=1e-30, weight_decay=0
    )
    model.fit(X, y)
    once = BayesianSigmoidF1Loss(**{**QUICK, "n_rows": 1})
    plain = small(once, max_iter=1, learning_rate_init=1e-30, weight_decay=0).fit(X, y)
    for first, second in zip(weights(model), weights(plain), strict=True):
        assert torch.equal(first, second)
    assert torch.equal(before[0], torch.get_rng_state())
    np.testing.assert_array_equal(before[1], np.random.get_state()[1])
    assert seen == [(100, False, False)] * 3 + [(100, True, False)]


def test_same_seed_same_model(multilabel_data):
    X, y, _ = multilabel_data
    models = [small(BayesianSigmoidF1Loss(**QUICK)).fit(X, y) for _ in range(2)]
    assert_same_to_the_bit(*models)


def test_spread_of_the_prediction(multilabel_data):
    X, y, _ = multilabel_data
    model = small("bayesian_sigmoid_f1", max_iter=3).fit(X, y)
    std = model.predict_proba_std(X)
    assert std.shape == (300, 5) and std.dtype == np.float32
    assert (std > 0).all() and (std < 0.5).all()
    # what slope and offset do at one row, by hand
    draws = (model.loss_.beta_draws_, model.loss_.eta_draws_)
    draws = [each.cpu().numpy() for each in draws]
    with torch.inference_mode():
        logits = model.net_.forward(X[:1]).numpy()
    s = 1 / (1 + np.exp(-draws[0] * (logits + draws[1])))
    np.testing.assert_allclose(std[0], s.std(axis=0), rtol=1e-4)
    np.testing.assert_allclose(model.predict_proba(X[:1])[0], s.mean(0), rtol=1e-5)
    is_positive = model.decision_function(X) > 0
    np.testing.assert_array_equal(model.predict(X), is_positive)
    assert not hasattr(small("sigmoid_f1").fit(X, y), "predict_proba_std")
    assert not hasattr(small("bce"), "predict_proba_std")
    binary = small("bayesian_sigmoid_f1", max_iter=3).fit(X, y[:, 0])
    assert binary.predict_proba_std(X).shape == (300,)


def test_label_without_positives_has_no_spread(multilabel_data):
    X, y, _ = multilabel_data
    y = y * [1, 1, 0, 1, 1]
    model = small(BayesianSigmoidF1Loss(**QUICK), max_iter=3).fit(X, y)
    assert (model.predict_proba_std(X)[:, 2] == 0).all()
    assert not model.predict(X)[:, 2].any()


@pytest.mark.parametrize("name", ["adaptive_sigmoid_f1", "bayesian_sigmoid_f1"])
def test_learns_and_takes_part_in_a_grid(name, multilabel_data):
    X, y, _ = multilabel_data
    loss = get_loss(name)
    if name.startswith("bayesian"):
        loss.set_params(**QUICK)
    grid = {
        "adaptive_sigmoid_f1": {"loss__beta_end": [2.0, 20.0]},
        "bayesian_sigmoid_f1": {"loss__temperature": [0.0, 0.1]},
    }[name]
    model = small(loss, max_iter=30, learning_rate_init=1e-2)
    search = GridSearchCV(model, grid, scoring="f1_macro", cv=2).fit(X[:200], y[:200])
    predicted = search.predict(X[200:])
    plain = small("sigmoid_f1", max_iter=30, learning_rate_init=1e-2)
    expected = plain.fit(X[:200], y[:200]).predict(X[200:])
    scores = [
        f1_score(y[200:], each, average="macro", zero_division=0)
        for each in (predicted, expected)
    ]
    assert scores[0] > scores[1] - 0.05

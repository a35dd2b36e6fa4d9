import copy
import pickle

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning

from skmultitag.losses import (
    BayesianSigmoidF1Loss,
    BinaryCrossEntropyLoss,
    SigmoidF1Loss,
    WeightedSumLoss,
)
from tests.losses.common import random_batch, value_and_gradient

INFERENCES = ["mcmc", "grid", "map"]


@pytest.fixture
def rows():
    """Logits and targets; the last label has no positive."""
    y_score, y_true = random_batch(80, 5)
    y_true[:, 4] = 0
    return y_score + y_true, y_true


def observed(rows, n_final=None, **params):
    loss = BayesianSigmoidF1Loss(**params).fit(rows[1], random_state=0)
    loss.observe(*rows)
    if n_final:
        loss.set_params(n_final_draws=n_final).observe(*rows, is_final=True)
    return loss


@pytest.mark.parametrize("inference", INFERENCES)
@pytest.mark.parametrize("training", [False, True])
def test_prior_without_spread_is_sigmoid_f1(inference, training, rows):
    loss = observed(
        rows, beta=2.0, eta=0.5, beta_sd=0.0, eta_sd=0.0, inference=inference
    ).train(training)
    expected = value_and_gradient(SigmoidF1Loss(2.0, 0.5), *rows)
    found = value_and_gradient(loss, *rows)
    torch.testing.assert_close(found[0], expected[0])
    torch.testing.assert_close(found[1], expected[1])
    single = SigmoidF1Loss(2.0, 0.5)
    torch.testing.assert_close(loss.decision_function(rows[0]), 2 * (rows[0] + 0.5))
    torch.testing.assert_close(
        loss.predict_proba(rows[0]), single.predict_proba(rows[0])
    )
    assert loss.predict_proba_std(rows[0]).max() < 1e-6


def test_value_is_the_mean_of_losses_over_draws(rows):
    loss = observed(rows).eval()
    values = [
        SigmoidF1Loss(slope.numpy(), offset.numpy())(*rows)
        for slope, offset in zip(loss.beta_draws_, loss.eta_draws_, strict=True)
    ]
    torch.testing.assert_close(loss(*rows), torch.stack(values).mean())
    assert len(values) == 40


def test_training_uses_some_of_the_draws(rows):
    loss = observed(rows, n_batch_draws=400).train()
    many = torch.stack([loss(*rows) for _ in range(10)])
    torch.testing.assert_close(many.mean(), loss.eval()(*rows), rtol=5e-3, atol=0)
    few = observed(rows, n_batch_draws=1).train()
    assert len({few(*rows).item() for _ in range(10)}) > 3


def test_prediction_is_the_mean_over_draws(rows):
    loss = observed(rows, n_final=100)
    s = torch.sigmoid(loss.beta_draws_[:, None] * (rows[0] + loss.eta_draws_[:, None]))
    torch.testing.assert_close(loss.predict_proba(rows[0]), s.mean(dim=0))
    torch.testing.assert_close(
        loss.predict_proba_std(rows[0]), s.std(dim=0, correction=0), rtol=1e-5, atol=0
    )
    is_positive = loss.decision_function(rows[0]) > 0
    assert torch.equal(is_positive, loss.predict_proba(rows[0]) > 0.5)


@pytest.mark.parametrize("params", [{"temperature": 0.0}, {}])
def test_labels_without_positives_return_the_prior(params, rows):
    loss = observed(rows, n_final=4000, inference="grid", beta=2.0, eta=-1.0, **params)
    posterior = loss.posterior_
    labels = slice(None) if params else 4
    log_beta = np.log(posterior.beta.draws)[..., labels]
    np.testing.assert_allclose(log_beta.mean((0, 1)), np.log(2), atol=0.01)
    np.testing.assert_allclose(log_beta.std((0, 1)), 0.25, rtol=0.03)
    np.testing.assert_allclose(posterior.eta.mean[labels], -1, atol=0.01)
    np.testing.assert_allclose(posterior.eta.sd[labels], 0.25, rtol=0.03)


@pytest.mark.parametrize("granularity", ["label", "global"])
@pytest.mark.parametrize("target", ["gibbs", "bernoulli"])
def test_chains_agree_with_the_grid(granularity, target, rows):
    params = {"granularity": granularity, "target": target, "temperature": 1.0}
    chains, grid = (
        observed(rows, n_final=3000, inference=inference, **params).posterior_
        for inference in ("mcmc", "grid")
    )
    for name in ("beta", "eta", "threshold"):
        found, exact = getattr(chains, name), getattr(grid, name)
        error = np.hypot(found.mcse, exact.mcse)
        assert (np.abs(found.mean - exact.mean) < 4 * error).all()
        np.testing.assert_allclose(found.sd, exact.sd, rtol=0.1)
        assert found.r_hat.max() < 1.02 and found.ess.min() > 400
    assert (grid.acceptance == 1).all() and (chains.acceptance < 0.5).all()


def test_mode_is_the_most_frequent_of_the_grid(rows):
    mode = observed(rows, n_final=4, inference="map", temperature=5.0).posterior_
    assert mode.eta.sd.max() < 1e-12
    grid = observed(rows, n_final=4000, inference="grid", temperature=5.0).posterior_
    # of distributions that are nearly symmetric
    distance = np.abs(mode.eta.mean - grid.eta.mean)
    assert (distance < 0.3 * grid.eta.sd).all()


def test_posterior_summary(rows):
    posterior = observed(rows, n_final=200).posterior_
    assert posterior.beta.draws.shape == (4, 200, 5)
    low, high = posterior.eta.interval(0.8)
    inside = (posterior.eta.draws >= low) & (posterior.eta.draws <= high)
    np.testing.assert_allclose(inside.mean((0, 1)), 0.8, atol=0.01)
    threshold = 1 / (1 + np.exp(posterior.eta.draws))
    np.testing.assert_allclose(posterior.threshold.draws, threshold)


def test_same_seed_same_draws_and_no_global_stream(rows):
    before = torch.get_rng_state(), np.random.get_state()[1].copy()
    first, second = observed(rows, n_final=50), observed(rows, n_final=50)
    assert torch.equal(first.beta_draws_, second.beta_draws_)
    first.train(), second.train()
    assert torch.equal(first(*rows), second(*rows))
    assert torch.equal(before[0], torch.get_rng_state())
    np.testing.assert_array_equal(before[1], np.random.get_state()[1])
    assert not first.beta_draws_.requires_grad


@pytest.mark.parametrize(
    "copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))]
)
def test_a_copy_goes_on_in_the_same_way(copied, rows):
    loss = observed(rows)
    other = copied(loss)
    for each in (loss, other):
        each.observe(*rows)
    assert torch.equal(loss.beta_draws_, other.beta_draws_)


def test_weights_are_numbers_of_rows(rows):
    y_score, y_true = rows[0][:40], rows[1][:40]
    weight = torch.arange(40) % 3
    weighted = observed((y_score, y_true, weight.double()), n_final=50)
    repeated = observed(
        (y_score.repeat_interleave(weight, 0), y_true.repeat_interleave(weight, 0)),
        n_final=50,
    )
    torch.testing.assert_close(weighted.beta_draws_, repeated.beta_draws_)


@pytest.mark.parametrize("inference", INFERENCES)
def test_logits_that_are_not_finite_raise(inference, rows):
    loss = BayesianSigmoidF1Loss(inference=inference).fit(rows[1], random_state=0)
    with pytest.raises(ValueError, match="logits of the network are NaN or infinite"):
        loss.observe(rows[0] * torch.nan, rows[1])


def test_chains_that_disagree_warn(rows):
    # a loss that knows only one label, in two places far from each other
    loss = BayesianSigmoidF1Loss(
        temperature=1e5, eta_sd=5.0, n_final_draws=200, n_warmup=2
    ).fit(rows[1], random_state=0)
    with pytest.warns(ConvergenceWarning, match="chains of the posterior disagree"):
        loss.observe(*rows, is_final=True)


@pytest.mark.parametrize("weighted", [False, True])
def test_one_label_and_one_row(weighted):
    y_score, y_true = torch.tensor([[0.5]]), torch.tensor([[1.0]])
    weight = torch.tensor([2.0]) if weighted else None
    loss = observed((y_score, y_true, weight), n_final=50)
    assert loss.posterior_.beta.mean.shape == (1,)
    assert 0 < loss(y_score, y_true) < 1


def test_rows_of_their_own_are_noise_from_the_prior(rows):
    loss = BayesianSigmoidF1Loss(granularity="sample", eta_sd=1.0)
    with pytest.warns(UserWarning, match="granularity='sample' there is no posterior"):
        loss.fit(rows[1], random_state=0)
    assert loss.n_rows_observed == 0 and not hasattr(loss, "posterior_")
    assert loss.train()(*rows) != loss(*rows)
    assert torch.equal(loss.eval()(*rows), loss(*rows))
    assert loss.eta_draws_.std().item() == pytest.approx(1, abs=0.2)


def test_normal_prior_warns_and_can_be_negative(rows):
    loss = BayesianSigmoidF1Loss(prior="normal", beta_sd=1.0, temperature=0.0)
    with pytest.warns(UserWarning, match="a slope can be negative") as caught:
        loss.fit(rows[1], random_state=0)
    assert caught[0].filename == __file__
    loss.observe(*rows, is_final=True)
    # P(N(1, 1) < 0) is 0.159
    assert (loss.posterior_.beta.draws < 0).mean() == pytest.approx(0.159, abs=0.03)


def test_sum_with_another_loss(rows):
    loss = WeightedSumLoss(BinaryCrossEntropyLoss(), BayesianSigmoidF1Loss(n_rows=70))
    loss.fit(rows[1], random_state=0)
    assert loss.n_rows_observed == 70
    loss.observe(*rows, is_final=True)
    assert loss.second_.posterior_.beta.mean.shape == (5,)
    assert set(loss.epoch_figures()) == {"beta", "eta"}
    assert not hasattr(loss, "predict_proba_std")
    loss = WeightedSumLoss(BayesianSigmoidF1Loss(), BinaryCrossEntropyLoss())
    loss.fit(rows[1], random_state=0).observe(*rows)
    std = loss.predict_proba_std(rows[0])
    assert torch.equal(std, loss.first_.predict_proba_std(rows[0])) and std.any()


@pytest.mark.filterwarnings("ignore:With granularity='sample'")
def test_sum_shows_rows_to_those_who_want_them(rows):
    loss = WeightedSumLoss(
        BayesianSigmoidF1Loss(granularity="sample"), BayesianSigmoidF1Loss()
    )
    loss.fit(rows[1], random_state=0).observe(*rows, is_final=True)
    assert hasattr(loss.second_, "posterior_")
    assert not hasattr(loss.first_, "posterior_")


@pytest.mark.parametrize(
    "params, message",
    [
        ({"beta": [1.0, 2.0]}, r"or an array of shape \(5,\)"),
        ({"beta": [1.0] * 5, "granularity": "global"}, "must be numbers"),
        ({"beta_sd": -1}, "'beta_sd' parameter of BayesianSigmoidF1Loss"),
        ({"beta_sd": 90}, "'beta_sd' parameter of BayesianSigmoidF1Loss"),
        ({"inference": "nuts"}, "'inference' parameter of BayesianSigmoidF1Loss"),
    ],
)
def test_bad_parameters_raise(params, message, rows):
    with pytest.raises(ValueError, match=message):
        clone(BayesianSigmoidF1Loss(**params)).fit(rows[1])

import pickle

import numpy as np
import pytest
import torch
from sklearn.metrics import f1_score, fbeta_score

from skmultitag.losses import BinaryCrossEntropyLoss, SigmoidF1Loss, SoftF1Loss
from tests.losses.common import random_batch, value_and_gradient

AVERAGES = ["macro", "micro", "samples", "weighted"]


@pytest.mark.parametrize("average", AVERAGES)
@pytest.mark.parametrize("empty", ["ignore", "zero"])
@pytest.mark.parametrize("f_beta", [0.5, 1.0, 2.0])
def test_beta_one_on_logits_is_soft_f1(average, empty, f_beta):
    y_score, y_true = random_batch()
    kwargs = {"average": average, "empty": empty, "f_beta": f_beta}
    ours = value_and_gradient(SigmoidF1Loss(**kwargs), y_score, y_true)
    theirs = value_and_gradient(SoftF1Loss(**kwargs), y_score, y_true)
    torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("average", AVERAGES)
@pytest.mark.parametrize("f_beta", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("eta", [0.0, -0.7])
def test_a_steep_sigmoid_gives_the_hard_fbeta(average, f_beta, eta):
    y_score, y_true = random_batch(20)
    loss = SigmoidF1Loss(1e6, eta, average=average, f_beta=f_beta, empty="zero")
    hard = fbeta_score(
        y_true.numpy(),
        (y_score > -eta).numpy(),
        beta=f_beta,
        average=average,
        zero_division=0.0,
    )
    assert loss(y_score, y_true).item() == pytest.approx(1 - hard, abs=1e-12)


def test_gradient_is_that_of_the_closed_form():
    """dL/dz = (F_j - 2 y) / (P_j + n_j) * beta s (1 - s) / L."""
    y_score, y_true = random_batch()
    beta, eta = 2.0, 0.3
    _, gradient = value_and_gradient(SigmoidF1Loss(beta, eta), y_score, y_true)
    s = 1 / (1 + np.exp(-beta * (y_score.numpy() + eta)))
    y = y_true.numpy()
    total = s.sum(0) + y.sum(0)
    score = 2 * (s * y).sum(0) / total
    expected = (score - 2 * y) / total * beta * s * (1 - s) / y.shape[1]
    np.testing.assert_allclose(gradient, expected, rtol=1e-10, atol=1e-16)


def test_scale_of_beta_eta_and_logits_can_be_traded():
    y_score, y_true = random_batch()
    expected = SigmoidF1Loss(2.0, 0.5)(y_score, y_true)
    torch.testing.assert_close(
        SigmoidF1Loss(0.5, 2.0)(4 * y_score, y_true), expected, rtol=1e-12, atol=0
    )


@pytest.mark.parametrize("on", ["logits", "probability"])
def test_one_beta_and_eta_a_label(on):
    y_score, y_true = random_batch()
    beta, eta = np.array([1.0, 2.0, 3.0, 4.0]), [-0.1, -0.2, -0.3, -0.4]
    beta.setflags(write=False)  # as joblib hands it to a worker
    ours = SigmoidF1Loss(beta, eta, on).fit(y_true)
    each = [
        SigmoidF1Loss(beta[j], eta[j], on)(y_score[:, [j]], y_true[:, [j]])
        for j in range(4)
    ]
    torch.testing.assert_close(ours(y_score, y_true), torch.stack(each).mean())
    margin = ours.decision_function(y_score)
    np.testing.assert_array_equal(margin > 0, ours.predict_proba(y_score) > 0.5)


def test_decision_on_logits_and_on_probabilities():
    y_score, _ = random_batch(100)
    margin = SigmoidF1Loss(3.0, -0.7).decision_function(y_score)
    np.testing.assert_array_equal(margin > 0, y_score > 0.7)
    margin = SigmoidF1Loss(10.0, -0.3, "probability").decision_function(y_score)
    np.testing.assert_array_equal(margin > 0, torch.sigmoid(y_score) > 0.3)


@pytest.mark.parametrize("eta, has", [(1.0, False), (0.0, False), (-0.5, True)])
def test_natural_threshold_on_probabilities(eta, has):
    loss = SigmoidF1Loss(10.0, eta, "probability")
    assert loss.has_natural_threshold is has
    if not has:
        y_score, _ = random_batch()
        assert torch.equal(loss.decision_function(y_score), y_score)
        assert torch.equal(loss.predict_proba(y_score), torch.sigmoid(y_score))


def test_label_without_positives():
    y_score, y_true = random_batch()
    y_true[:, 1] = 0
    rest = [0, 2, 3]
    expected = SigmoidF1Loss()(y_score[:, rest], y_true[:, rest])
    value, gradient = value_and_gradient(SigmoidF1Loss(), y_score, y_true)
    torch.testing.assert_close(value, expected)
    assert not gradient[:, 1].any()
    zero = SigmoidF1Loss(empty="zero")
    torch.testing.assert_close(zero(y_score, y_true), (3 * expected + 1) / 4)


def test_batch_without_positives():
    y_score, y_true = random_batch()
    y_true[:] = 0
    for average in AVERAGES:
        value, gradient = value_and_gradient(
            SigmoidF1Loss(average=average), y_score, y_true
        )
        assert value == 0 and not gradient.any()


def test_samples_average_weighs_rows():
    y_score, y_true = random_batch()
    y_true[:, 0] = 1
    weight = torch.arange(1.0, 8.0)
    value = SigmoidF1Loss(1e6, average="samples")(y_score, y_true, weight)
    hard = f1_score(
        y_true.numpy(),
        (y_score > 0).numpy(),
        average="samples",
        sample_weight=weight.numpy(),
    )
    assert value.item() == pytest.approx(1 - hard)


@pytest.mark.parametrize(
    "params, message",
    [
        ({"beta": 0}, r"'beta' parameter of SigmoidF1Loss must be a float .*Got 0"),
        ({"beta": -1.0}, r"'beta' parameter of SigmoidF1Loss must be .*Got -1.0"),
        ({"beta": [1, 2]}, r"or an array of shape \(4,\). Got shape \(2,\)"),
        ({"beta": [1, 2, 3, 0]}, "must be greater than 0"),
        ({"beta": [1, 2, 3, "4"]}, r"must be numbers. Got \[1, 2, 3, '4'\] instead"),
        ({"eta": [0, 0, 0, np.inf]}, "'eta' parameter of SigmoidF1Loss must be finite"),
        ({"on": "proba"}, "'on' parameter of SigmoidF1Loss must be a str among"),
        ({"average": None}, "'average' parameter of SigmoidF1Loss must be"),
        ({"f_beta": 0}, "'f_beta' parameter of SigmoidF1Loss must be"),
        ({"cross_entropy": -1}, "'cross_entropy' parameter of SigmoidF1Loss must be"),
        ({"empty": "skip"}, "'empty' parameter of SigmoidF1Loss must be"),
    ],
)
def test_bad_parameters_raise_at_fit(params, message):
    with pytest.raises(ValueError, match=message):
        SigmoidF1Loss(**params).fit(np.eye(4))


@pytest.mark.parametrize("average", AVERAGES)
@pytest.mark.parametrize("is_weighted", [False, True])
def test_cross_entropy_is_added(average, is_weighted):
    y_score, y_true = random_batch()
    weight = torch.arange(7.0, dtype=y_score.dtype) if is_weighted else None
    params = {"beta": 2.0, "eta": 0.5, "average": average}
    both = value_and_gradient(
        SigmoidF1Loss(**params, cross_entropy=0.3), y_score, y_true, weight
    )
    f1, entropy = (
        value_and_gradient(loss, y_score, y_true, weight)
        for loss in (SigmoidF1Loss(**params), BinaryCrossEntropyLoss())
    )
    for total, *parts in zip(both, f1, entropy, strict=True):
        torch.testing.assert_close(total, parts[0] + 0.3 * parts[1])


def test_slopes_that_are_changed_in_place_are_used():
    beta = np.array([1.0, 2.0])
    loss, z, y = SigmoidF1Loss(beta), torch.ones(3, 2), torch.eye(3, 2)
    before = loss(z, y)
    beta[1] = 5.0
    assert loss(z, y) == SigmoidF1Loss([1.0, 5.0])(z, y) != before


def test_slopes_have_the_precision_of_the_logits():
    loss, z, y = SigmoidF1Loss([0.1, 0.2]), torch.ones(3, 2), torch.eye(3, 2)
    assert loss(z, y).dtype == torch.float32
    double = loss(z.double(), y)
    assert double == SigmoidF1Loss([0.1, 0.2])(z.double(), y) != loss(z, y)


def test_copies_of_slopes_are_not_saved():
    loss = SigmoidF1Loss([1.0, 2.0])
    before = pickle.dumps(loss)
    loss(torch.ones(3, 2), torch.eye(3, 2))
    assert pickle.dumps(loss) == before

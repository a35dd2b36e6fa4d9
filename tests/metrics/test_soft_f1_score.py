import numpy as np
import pytest
import torch
from scipy import sparse
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.metrics import f1_score

from skmultitag.losses import SigmoidF1Loss, SoftF1Loss
from skmultitag.metrics import sigmoid_f1_score, soft_f1_score

AVERAGES = ["macro", "micro", "samples", "weighted", None]


@pytest.mark.parametrize("average", AVERAGES)
@pytest.mark.parametrize("zero_division", [0.0, 1.0, np.nan])
@pytest.mark.parametrize("weighted", [False, True])
def test_hard_predictions_give_the_f1_of_scikit_learn(average, zero_division, weighted):
    rng = np.random.default_rng(0)
    for _ in range(30):
        y_true, y_pred = rng.integers(0, 2, (2, 5, 3))
        weight = rng.integers(0, 3, 5) if weighted else None
        if weighted:
            weight[0] = 1
        kwargs = {
            "average": average,
            "zero_division": zero_division,
            "sample_weight": weight,
        }
        np.testing.assert_allclose(
            soft_f1_score(y_true, y_pred, **kwargs), f1_score(y_true, y_pred, **kwargs)
        )


@pytest.mark.parametrize("average", ["macro", "micro", "samples", "weighted"])
def test_scores_are_one_minus_the_losses(average, multilabel_data):
    _, y_true, proba = multilabel_data
    y_true = y_true.copy()
    y_true[y_true.sum(1) == 0, 0] = 1
    logits = np.log(proba / (1 - proba))
    z, y = torch.from_numpy(logits), torch.from_numpy(y_true)
    assert soft_f1_score(y_true, proba, average=average) == pytest.approx(
        1 - SoftF1Loss(average)(z, y).item()
    )
    loss = SigmoidF1Loss(3.0, -0.2, average=average)
    assert sigmoid_f1_score(
        y_true, logits, beta=3.0, eta=-0.2, average=average
    ) == pytest.approx(1 - loss(z, y).item())


@pytest.mark.parametrize("average", ["macro", "micro", "samples", "weighted"])
def test_integer_weights_equal_repeated_rows(average, multilabel_data):
    _, y_true, proba = multilabel_data
    weight = np.arange(len(y_true)) % 4
    rows = np.repeat(np.arange(len(y_true)), weight)
    assert soft_f1_score(
        y_true, proba, average=average, sample_weight=weight
    ) == pytest.approx(soft_f1_score(y_true[rows], proba[rows], average=average))


def test_a_steep_sigmoid_gives_the_hard_f1(multilabel_data):
    _, y_true, proba = multilabel_data
    score = sigmoid_f1_score(y_true, proba - 0.5, beta=1e9)
    assert score == pytest.approx(f1_score(y_true, proba > 0.5, average="macro"))


@pytest.mark.parametrize(
    "as_type", [sparse.csr_matrix, sparse.coo_array, np.ndarray.tolist]
)
def test_sparse_and_list_targets(as_type, multilabel_data):
    _, y_true, proba = multilabel_data
    assert soft_f1_score(as_type(y_true), proba) == soft_f1_score(y_true, proba)
    assert sigmoid_f1_score(as_type(y_true), proba) == sigmoid_f1_score(y_true, proba)


def test_one_dimension_is_one_label(multilabel_data):
    _, y_true, proba = multilabel_data
    score = soft_f1_score(y_true[:, 0], proba[:, 0])
    assert score == soft_f1_score(y_true[:, :1], proba[:, :1])
    assert score == pytest.approx(soft_f1_score(y_true, proba, average=None)[0])


def test_nothing_predicted_and_nothing_true_warns_by_default():
    with pytest.warns(UndefinedMetricWarning, match="0 / 0") as caught:
        assert soft_f1_score([[0, 1]], [[0, 1]]) == 0.5
    assert caught[0].filename == __file__  # the user's line, not scikit-learn's
    assert np.isnan(soft_f1_score([[0]], [[0]], zero_division=np.nan))


@pytest.mark.parametrize(
    "y_true, y_proba, message",
    [
        ([[0, 1]], [[0.5, 1.5]], r"y_proba must be in \[0, 1\]. Got values from 0.5"),
        ([[0, 1]], [[0.5, np.nan]], "Input y_proba contains NaN"),
        (np.array([[0, 2]]), [[0.5, 0.5]], "y_true must hold 0 and 1 only, got 2"),
        ([[0, 1]], [[0.5]], r"y_true must have the shape of y_proba, \(1, 1\). Got"),
        (
            [[0, 1]],
            [[0.5, 1], [0, 1]],
            r"y_true .* shape \(1, 2\)",
        ),
    ],
)
def test_bad_input_raises(y_true, y_proba, message):
    with pytest.raises(ValueError, match=message):
        soft_f1_score(y_true, y_proba)


@pytest.mark.parametrize("params", [{"beta": 0}, {"average": "mean"}])
def test_bad_parameters_raise(params):
    with pytest.raises(ValueError, match="parameter of sigmoid_f1_score must be"):
        sigmoid_f1_score([[0, 1]], [[0.5, 0.5]], **params)

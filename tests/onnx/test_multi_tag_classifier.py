"""The network, the link of each loss and the decision in ONNX are those of predict."""

import numpy as np
import pytest
import torch
from onnx import TensorProto
from torch import nn

from skmultitag import MultiTagClassifier
from skmultitag.losses import (
    AdaptiveSigmoidF1Loss,
    BayesianSigmoidF1Loss,
    BinaryCrossEntropyLoss,
    LabelCountLoss,
    MultilabelLoss,
    SigmoidF1Loss,
    WeightedSumLoss,
    get_loss_names,
)
from skmultitag.onnx import to_onnx
from tests.onnx.common import assert_predicts_alike, run

pytestmark = pytest.mark.filterwarnings("ignore:.*has no threshold of its own")

DTYPES = [np.float32, np.float64]
ETA = [0.5, -1.0, 0.0, 0.2, 1.5]
BAYESIAN = {"n_final_draws": 20, "n_warmup": 5, "n_draws": 5, "n_rows": 100}
OTHER_LOSSES = {
    "eta": SigmoidF1Loss(beta=2.0, eta=0.5),
    "by label": SigmoidF1Loss(beta=[1.0, 2.0, 3.0, 4.0, 0.5], eta=ETA),
    "probability": SigmoidF1Loss(beta=10.0, eta=-0.4, on="probability"),
    "no natural threshold": SigmoidF1Loss(beta=10.0, eta=1.0, on="probability"),
    "slope by label": AdaptiveSigmoidF1Loss(beta_end=[2.0, 4.0, 8.0, 16.0, 2.0]),
    "posterior of each label": BayesianSigmoidF1Loss(granularity="label", **BAYESIAN),
    "mode of the posterior": BayesianSigmoidF1Loss(inference="map", **BAYESIAN),
    "sum": WeightedSumLoss(SigmoidF1Loss(eta=0.3), LabelCountLoss(), weight=0.1),
    "function": nn.functional.binary_cross_entropy_with_logits,
}


def fitted(data, dtype=np.float32, **params):
    X, y = data
    params = {"hidden_layer_sizes": (16,), "max_iter": 2, "random_state": 0, **params}
    return MultiTagClassifier(**params).fit(X.astype(dtype), y)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("loss", [*get_loss_names(), *OTHER_LOSSES])
@pytest.mark.filterwarnings("ignore:The chains of the posterior")
def test_each_loss(loss, dtype, data):
    model = fitted(data, dtype, loss=OTHER_LOSSES.get(loss, loss))
    names = assert_predicts_alike(model, data[0].astype(dtype))
    assert names == ["label", "probabilities", "scores"]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "threshold",
    [0.3, [0.2, 0.4, 0.0, 0.6, 0.5], [np.inf, -np.inf, -np.inf, 0.5, 0.5]],
    ids=["number", "by label", "infinite"],
)
def test_thresholds(threshold, dtype, data):
    model = fitted(data, dtype, loss="bce", threshold=threshold)
    assert_predicts_alike(model, data[0].astype(dtype))


def test_threshold_is_compared_as_a_number_of_float64(data):
    """A score of float32 that is equal is predicted, one that is next below is not."""
    X = data[0].astype(np.float32)[:200]
    model = fitted(data, loss="bce")
    proba = run(to_onnx(model, X), X)["probabilities"]
    score = proba[7, 0].astype(np.float64)
    model.set_params(threshold=score)
    assert run(to_onnx(model, X), X)["label"][7, 0] == 1
    model.set_params(threshold=np.nextafter(score, 1))
    assert run(to_onnx(model, X), X)["label"][7, 0] == 0


def test_threshold_between_tiny_scores(data):
    """The operator Sigmoid of ONNX Runtime makes 0 of what is below 1e-8."""
    X = data[0].astype(np.float32) * 20
    model = fitted(data, loss="bce", max_iter=20)
    proba = model.predict_proba(X)[:, [0, 1, 3, 4]]
    tiny = np.median(proba[(proba > 1e-20) & (proba < 1e-9)])
    model.set_params(threshold=tiny)
    assert_predicts_alike(model, X)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "activation", ["identity", "logistic", "relu", "silu", "tanh", "gelu"]
)
def test_each_activation(activation, dtype, data):
    model = fitted(data, dtype, activation=activation, hidden_layer_sizes=(16, 8))
    if activation == "gelu" and dtype == np.float64:
        with pytest.raises(ValueError, match="fit it on X.astype"):
            to_onnx(model, data[0][:1])
    else:
        assert_predicts_alike(model, data[0].astype(dtype))


@pytest.mark.parametrize("input_dropout", [0.0, 0.5])
def test_linear_model_and_no_dropout(input_dropout, data):
    params = {"dropout": 0.0, "input_dropout": input_dropout}
    model = fitted(data, hidden_layer_sizes=(), **params)
    assert_predicts_alike(model, data[0].astype(np.float32))


@pytest.mark.parametrize("of_fit, of_rows", [DTYPES, DTYPES[::-1]])
def test_rows_of_another_dtype_than_in_fit(of_fit, of_rows, data):
    X = data[0].astype(of_rows)
    outputs = run(to_onnx(fitted(data, of_fit), X), X)
    assert outputs["probabilities"].dtype == of_rows
    # the float32 of the network are the scores, though their dtype is float64
    n_eps = 8 if of_rows == np.float32 else 8 * 2**29
    assert_predicts_alike(fitted(data, of_fit), X, n_eps=n_eps)


def test_integers_are_computed_in_float64(data):
    X, y = (data[0] * 10).round().astype(np.int64), data[1]
    model = MultiTagClassifier(max_iter=2, random_state=0).fit(X, y)
    assert_predicts_alike(model, X)


def test_half_precision_is_computed_in_float32(data):
    X = data[0].astype(np.float16)
    model = fitted(data, np.float16)
    onnx_model = to_onnx(model, X[:1])
    assert_predicts_alike(model, X.astype(np.float32), onnx_model)


@pytest.mark.parametrize("dtype", DTYPES)
def test_saturated_scores_stay_inside(dtype, data):
    X = data[0].astype(dtype) * 1e4
    proba = run(to_onnx(fitted(data, dtype), X), X)["probabilities"]
    assert proba.min() > 0
    assert proba.max() < 1
    assert_predicts_alike(fitted(data, dtype), X)


@pytest.mark.parametrize("threshold", ["auto", 0.7])
@pytest.mark.parametrize("names", [[0, 1], ["no", "yes"], np.int8([0, 5])], ids=str)
def test_two_classes(names, threshold, data):
    X = data[0].astype(np.float32)
    y = np.array(names)[(X[:, 0] > 0).astype(int)]
    model = MultiTagClassifier(max_iter=3, threshold=threshold, random_state=0)
    assert_predicts_alike(model.fit(X, y), X)


@pytest.mark.parametrize("names", [[-3, 7, 9], ["a", "b", "c"]], ids=str)
def test_three_classes(names, data):
    X = data[0].astype(np.float32)
    y = np.array(names)[(X[:, 0] > 0).astype(int) + (X[:, 1] > 1)]
    model = MultiTagClassifier(max_iter=3, random_state=0)
    assert_predicts_alike(model.fit(X, y), X)


def test_classes_that_are_no_integers_or_strings_are_refused(data):
    X = data[0]
    model = MultiTagClassifier(max_iter=1).fit(X, X[:, 0] > 0)
    with pytest.raises(ValueError, match="must be integers or strings .* Got .*True"):
        to_onnx(model, X[:1])


# Modules and losses of the user


class Residual(nn.Module):
    def __init__(self, n_features, n_labels):
        super().__init__()
        self.hidden = nn.Linear(n_features, n_features)
        self.last = nn.Linear(n_features, n_labels)

    def forward(self, X):
        return self.last(X + torch.sigmoid(self.hidden(X)))


class Sorted(Residual):
    def forward(self, X):
        if X.sum() > 0:  # depends on data, which a graph can't
            X = X.sort(dim=1).values
        return super().forward(X)


class Shifted(MultilabelLoss):
    """A loss whose link this package does not know."""

    def _entry_losses(self, y_score, y_true):
        return nn.functional.softplus(y_score * (1 - 2 * y_true))

    def decision_function(self, logits):
        return logits.abs() - 0.5

    def predict_proba(self, logits):
        return torch.sigmoid(torch.tanh(logits) * 2)


@pytest.mark.parametrize("dtype", DTYPES)
def test_plain_module_of_the_user(dtype, data):
    layers = nn.Linear(8, 16, bias=False), nn.Dropout(), nn.GELU("tanh"), nn.Identity()
    layers = layers[:2] if dtype == np.float64 else layers
    module = nn.Sequential(nn.Sequential(*layers), nn.Linear(16, 5))
    assert_predicts_alike(fitted(data, dtype, module=module), data[0].astype(dtype))


@pytest.mark.parametrize("dtype", DTYPES)
def test_module_of_the_user_by_torch(dtype, data):
    pytest.importorskip("onnxscript")
    model = fitted(data, dtype, module=Residual)
    assert_predicts_alike(model, data[0].astype(dtype))
    assert not model.net_.module_.training


def test_module_that_torch_cannot_write_is_refused(data):
    pytest.importorskip("onnxscript")
    X, _ = data
    model = fitted(data, module=Sorted)
    # torch 2.6 writes it with one branch, which is wrong for these rows
    message = "(?s)Sorted.*can't be written as ONNX.*torch|of the ONNX model differ"
    with pytest.raises(ValueError, match=message):
        to_onnx(model, X[X.sum(axis=1) > 0][:1].astype(np.float32))


@pytest.mark.parametrize("dtype", DTYPES)
def test_link_of_the_user(dtype, data):
    pytest.importorskip("onnxscript")
    model = fitted(data, dtype, loss=Shifted())
    assert_predicts_alike(model, data[0].astype(dtype))


def test_override_of_a_link_is_seen(data):
    """A subclass is not taken for its base."""
    pytest.importorskip("onnxscript")

    class Halved(BinaryCrossEntropyLoss):
        def predict_proba(self, logits):
            return torch.sigmoid(logits) / 2

    assert_predicts_alike(
        fitted(data, loss=Halved(), threshold=0.2), data[0].astype(np.float32)
    )


def test_types_of_the_outputs(data):
    model = to_onnx(fitted(data), data[0][:1].astype(np.float32))
    types = {
        output.name: (
            output.type.tensor_type.elem_type,
            [each.dim_value for each in output.type.tensor_type.shape.dim],
        )
        for output in model.graph.output
    }
    assert types == {
        "label": (TensorProto.INT64, [0, 5]),  # 0 is any number of rows
        "probabilities": (TensorProto.FLOAT, [0, 5]),
        "scores": (TensorProto.FLOAT, [0, 5]),
    }

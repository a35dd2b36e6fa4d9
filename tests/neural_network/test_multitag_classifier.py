"""What `MultiTagClassifier` promises as an estimator of scikit-learn."""

import pickle

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse
from sklearn.base import clone
from sklearn.exceptions import DataConversionWarning, NotFittedError
from sklearn.metrics import get_scorer as sklearn_scorer
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    cross_val_predict,
    cross_val_score,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks
from skorch.callbacks import Callback

from skmultitag import MultiTagClassifier
from skmultitag.datasets import make_multitag_classification
from skmultitag.losses import (
    AdaptiveSigmoidF1Loss,
    BayesianSigmoidF1Loss,
    BinaryCrossEntropyLoss,
    SigmoidF1Loss,
    SoftF1Loss,
    WeightedSumLoss,
    get_loss_names,
)
from skmultitag.metrics import (
    binary_cross_entropy_error,
    get_scorer,
    sigmoid_f1_score,
    soft_f1_score,
)
from tests.neural_network.common import small

# what takes long by default, and no check needs
QUICK = {
    "bayesian_sigmoid_f1": BayesianSigmoidF1Loss(
        n_warmup=2, n_draws=2, n_final_draws=4, n_batch_draws=1
    )
}

# which refuse a single label, as most checks have it
OF_PAIRS = {"bp_mll", "lsep", "rank_hinge", "sparsemax"}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@parametrize_with_checks([MultiTagClassifier()])
def test_scikit_learn_checks(estimator, check):
    """No failure is expected."""
    check(estimator)


# With dropout some losses need more epochs on the few steps of the checks' data.
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@pytest.mark.filterwarnings("ignore:.*no threshold of its own")
@parametrize_with_checks(
    [
        MultiTagClassifier(QUICK.get(name, name), dropout=0.0, input_dropout=0.0)
        for name in get_loss_names()
        if name not in OF_PAIRS
    ]
)
def test_scikit_learn_checks_with_each_loss(estimator, check):
    check(estimator)


# Targets


def test_indicator_forms_give_the_same_model(multilabel_data):
    X, y, _ = multilabel_data
    expected = small().fit(X, y)
    forms = [
        y.tolist(),
        list(y),
        y.astype(bool),
        y.astype(np.float32),
        sparse.csr_matrix(y),
        sparse.csc_array(y),
        pd.DataFrame(y),
        [set(np.flatnonzero(row).tolist()) for row in y],
        [tuple(np.flatnonzero(row)) for row in y],
        pd.Series([np.flatnonzero(row).tolist() for row in y]),
    ]
    for form in forms:
        model = small().fit(X, form)
        np.testing.assert_array_equal(
            model.decision_function(X), expected.decision_function(X)
        )
        np.testing.assert_array_equal(model.label_names_, np.arange(5))
        np.testing.assert_array_equal(model.classes_, range(5))


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int32, np.int64, np.float32])
def test_predictions_have_the_dtype_of_the_target(multilabel_data, dtype):
    X, y, _ = multilabel_data
    predicted = small().fit(X, y.astype(dtype)).predict(X)
    assert predicted.dtype == dtype and predicted.shape == y.shape


@pytest.mark.parametrize(
    "as_type",
    [
        lambda y: y.astype(object),
        lambda y: pd.DataFrame(y).astype("Int64"),
        lambda y: pd.DataFrame(y).astype("boolean"),
        lambda y: pd.DataFrame(y).astype({0: bool}),
    ],
)
def test_targets_without_a_numeric_dtype_give_integers(multilabel_data, as_type):
    X, y, _ = multilabel_data
    model = small().fit(X, as_type(y))
    assert model.predict(X).dtype == np.int64
    np.testing.assert_array_equal(model.predict(X), small().fit(X, y).predict(X))
    assert len(model.predict_tags(X)) == 300


@pytest.mark.parametrize("as_type", [sparse.csr_matrix, sparse.csc_array])
def test_sparse_targets_give_sparse_predictions(multilabel_data, as_type):
    X, y, _ = multilabel_data
    predicted = small().fit(X, as_type(y)).predict(X)
    assert type(predicted) is as_type
    np.testing.assert_array_equal(predicted.toarray(), small().fit(X, y).predict(X))


def test_columns_of_a_frame_name_the_labels(multilabel_data):
    X, y, _ = multilabel_data
    names = ["news", "sport", "art", "law", "food"]
    model = small().fit(X, pd.DataFrame(y, columns=names))
    assert model.label_names_.tolist() == names
    tags, predicted = model.predict_tags(X), model.predict(X)
    for row, labels in zip(tags, predicted, strict=True):
        assert row == tuple(np.array(names)[labels == 1])


def test_tags_come_back(multilabel_data):
    X, y, _ = multilabel_data
    names = np.array(["art", "food", "law", "news", "sport"])
    tags = [names[row == 1].tolist() for row in y]
    model = small().fit(X, tags)
    assert model.label_names_.tolist() == names.tolist()
    predicted = model.predict(X)
    assert predicted.dtype == np.int64
    np.testing.assert_array_equal(predicted, small().fit(X, y).predict(X))
    assert [list(row) for row in model.predict_tags(X)] == [
        names[row == 1].tolist() for row in predicted
    ]


def test_one_dimension_binary_and_multiclass():
    X, y = make_multitag_classification(
        200, 5, 3, cardinality=1.2, imbalance=2, random_state=0
    )
    for target in (y[:, 0], np.where(y[:, 0], "yes", "no"), y[:, 0] + y[:, 1]):
        model = small(max_iter=50, learning_rate_init=0.03).fit(X, target)
        classes = np.unique(target)
        assert model.classes_.tolist() == classes.tolist()
        assert model.predict(X).dtype == target.dtype
        chance = np.unique(target, return_counts=True)[1].max() / 200
        assert model.score(X, target) > chance + 0.1
        proba = model.predict_proba(X)
        assert proba.shape == (200, len(classes))
        np.testing.assert_allclose(proba.sum(axis=1), 1)
        assert model.predict_tags(X)[:3] == [(c,) for c in model.predict(X)[:3]]


def test_column_is_read_as_one_dimension():
    X, y = make_multitag_classification(100, 5, 2, cardinality=0.8, random_state=0)
    with pytest.warns(DataConversionWarning):
        model = small().fit(X, y[:, :1])
    assert model.predict(X).shape == (100,)


# Metrics and scorers reach it


@pytest.mark.parametrize("n_labels", [1, 2, 3, 5])
def test_scorers_agree_with_the_metrics(n_labels):
    from sklearn import metrics

    X, y = make_multitag_classification(
        120, 6, n_labels, cardinality=n_labels / 3, imbalance=1, random_state=0
    )
    y_fit = y[:, 0] if n_labels == 1 else y
    model = small(max_iter=20).fit(X, y_fit)
    margin = model.decision_function(X).reshape(y.shape)
    proba = model.predict_proba(X)[:, -n_labels:]
    predicted = model.predict(X).reshape(y.shape)
    of_ranks = {"beta": 2, "of_ranks": True}
    expected = {
        "roc_auc": metrics.roc_auc_score(y, margin),
        "average_precision": metrics.average_precision_score(y, margin),
        "f1_macro": metrics.f1_score(y_fit, model.predict(X), average="macro"),
        "f1": None if n_labels > 1 else metrics.f1_score(y, predicted),
        "soft_f1": soft_f1_score(y, proba, of_ranks=True),
        "sigmoid_f1": sigmoid_f1_score(y, margin, **of_ranks),
        "sigmoid_f1_micro": sigmoid_f1_score(y, margin, average="micro", **of_ranks),
        "neg_bce": -binary_cross_entropy_error(y, proba),
    }
    for name, value in expected.items():
        if value is not None:
            assert get_scorer(name)(model, X, y_fit) == pytest.approx(value), name


@pytest.mark.parametrize("n_labels", [1, 2, 3, 5])
@pytest.mark.parametrize("method", ["predict_proba", "decision_function", "predict"])
def test_cross_val_predict(n_labels, method):
    X, y = make_multitag_classification(
        90, 6, n_labels, cardinality=n_labels / 3, imbalance=1, random_state=0
    )
    y = y[:, 0] if n_labels == 1 else y
    cv = KFold(3)
    held_out = cross_val_predict(small(), X, y, cv=cv, method=method)
    for train, test in cv.split(X):
        by_hand = getattr(small().fit(X[train], y[train]), method)(X[test])
        np.testing.assert_allclose(held_out[test], by_hand)


def test_one_named_label_is_multilabel():
    X, y = make_multitag_classification(60, 5, 2, cardinality=0.8, random_state=0)
    y = pd.DataFrame({"only": y[:, 0]})
    model = small(max_iter=20).fit(X, y)
    assert model.predict(X).shape == model.predict_proba(X).shape == (60, 1)
    for name in ("roc_auc", "average_precision", "soft_f1", "sigmoid_f1", "neg_bce"):
        one_dimension = small(max_iter=20).fit(X, y["only"])
        score = get_scorer(name)(model, X, y.to_numpy())
        assert score == pytest.approx(get_scorer(name)(one_dimension, X, y["only"]))


def test_pipeline_and_cross_val_score(multilabel_data):
    X, y, _ = multilabel_data
    model = make_pipeline(StandardScaler(), small(max_iter=20))
    scores = cross_val_score(model, X, y, scoring="f1_micro", cv=3)
    assert scores.min() > 0.4


def test_grid_over_beta_and_eta(multilabel_data):
    X, y, _ = multilabel_data
    grid = {"loss__beta": [0.5, 2.0], "loss__eta": [0.0, 0.5]}
    search = GridSearchCV(
        small(SigmoidF1Loss()), grid, scoring=get_scorer("sigmoid_f1"), cv=2
    ).fit(X, y)
    assert set(search.best_params_) == set(grid)
    assert search.best_estimator_.loss_.beta == search.best_params_["loss__beta"]
    by_hand = [
        np.mean(
            cross_val_score(
                small(SigmoidF1Loss(beta, eta)),
                X,
                y,
                scoring=get_scorer("sigmoid_f1"),
                cv=2,
            )
        )
        for beta in grid["loss__beta"]
        for eta in grid["loss__eta"]
    ]
    np.testing.assert_allclose(search.cv_results_["mean_test_score"], by_hand)


def test_grid_reaches_the_parameters_of_a_named_loss(multilabel_data):
    X, y, _ = multilabel_data
    model = small()
    search = GridSearchCV(
        model, {"loss__beta": [0.5, 2.0]}, scoring="f1_macro", cv=2
    ).fit(X, y)
    assert search.best_estimator_.loss.beta in (0.5, 2.0)
    assert model.loss == "sigmoid_f1"


def test_grid_that_mixes_names_and_objects(multilabel_data):
    X, y, _ = multilabel_data
    grid = [
        {"loss": ["bce", "soft_f1", BinaryCrossEntropyLoss("balanced")]},
        {"loss": [SigmoidF1Loss(), "sigmoid_f1"], "loss__beta": [0.5, 2.0]},
    ]
    search = GridSearchCV(small(), grid, scoring="f1_macro", cv=2).fit(X, y)
    assert len(search.cv_results_["params"]) == 7
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    objects, names = search.cv_results_["mean_test_score"][3:].reshape(2, 2)
    np.testing.assert_array_equal(objects, names)


def test_sparse_target_in_a_grid(multilabel_data):
    X, y, _ = multilabel_data
    search = GridSearchCV(
        small(), {"weight_decay": [0.0, 0.1]}, scoring=get_scorer("soft_f1"), cv=2
    )
    dense = search.fit(X, y).cv_results_["mean_test_score"]
    spread = search.fit(X, sparse.csr_matrix(y)).cv_results_["mean_test_score"]
    np.testing.assert_array_equal(dense, spread)


def test_sample_weight_passes_through_a_pipeline(multilabel_data):
    X, y, _ = multilabel_data
    weight = np.arange(len(y)) % 3
    rows = np.repeat(np.arange(len(y)), weight)
    params = {"batch_size": 1000, "max_iter": 20}
    ours = small(**params).fit(X.astype(float), y, sample_weight=weight)
    theirs = small(**params).fit(X[rows].astype(float), y[rows])
    np.testing.assert_allclose(
        ours.decision_function(X), theirs.decision_function(X), rtol=1e-5
    )
    piped = make_pipeline(StandardScaler(), small())
    piped.fit(X, y, multitagclassifier__sample_weight=weight)


# Losses


def test_module_and_function_as_loss(multilabel_data):
    X, y, _ = multilabel_data
    expected = small("bce").fit(X, y).decision_function(X)
    function = torch.nn.functional.binary_cross_entropy_with_logits
    for loss in (torch.nn.BCEWithLogitsLoss(), function):
        model = small(loss).fit(X, y)
        np.testing.assert_allclose(model.decision_function(X), expected, atol=1e-4)
        assert model.loss is loss


def test_loss_without_parameters_says_so():
    model = small(torch.nn.BCEWithLogitsLoss())
    with pytest.raises(ValueError, match="has no parameters to set"):
        model.set_params(loss__beta=1.0)


def test_loss_is_cloned(multilabel_data):
    X, y, _ = multilabel_data
    loss = BinaryCrossEntropyLoss("balanced")
    model = small(loss).fit(X, y)
    assert not hasattr(loss, "pos_weight_")
    np.testing.assert_allclose(model.loss_.pos_weight_, (1 - y).sum(0) / y.sum(0))


def test_probability_and_margin_are_those_of_the_loss(multilabel_data):
    X, y, _ = multilabel_data
    model = small(SigmoidF1Loss(beta=2.0, eta=0.5)).fit(X, y)
    logits = model.net_.forward(X).numpy()
    np.testing.assert_allclose(model.decision_function(X), logits + 0.5, rtol=1e-6)
    proba = 1 / (1 + np.exp(-2.0 * (logits + 0.5)))
    np.testing.assert_allclose(model.predict_proba(X), proba, rtol=1e-5)
    np.testing.assert_array_equal(model.predict(X), logits > -0.5)


def test_loss_without_threshold_of_its_own_warns(multilabel_data):
    X, y, _ = multilabel_data
    loss = SigmoidF1Loss(10.0, 1.0, "probability")
    model = small(loss).fit(X, y)
    with pytest.warns(UserWarning, match="own.* Tune one with ThresholdedCl") as caught:
        y_pred = model.predict(X)
    assert len(caught) == 1
    np.testing.assert_array_equal(y_pred, model.predict_proba(X) > 0.5)
    model.set_params(threshold=0.5).predict(X)


# Threshold, precision, range


@pytest.mark.parametrize("threshold", [0.3, [0.1, 0.2, 0.5, 0.6, 0.9]])
def test_threshold_decides(multilabel_data, threshold):
    X, y, _ = multilabel_data
    model = small("bce", threshold=threshold).fit(X, y)
    np.testing.assert_array_equal(
        model.predict(X), model.predict_proba(X) >= np.asarray(threshold)
    )


def test_threshold_is_read_at_predict(multilabel_data):
    X, y, _ = multilabel_data
    model = small("bce").fit(X, y).set_params(threshold=0.2)
    np.testing.assert_array_equal(model.predict(X), model.predict_proba(X) >= 0.2)
    with pytest.raises(ValueError, match=r"of shape \(5,\). Got shape \(2,\)"):
        model.set_params(threshold=[0.2, 0.3]).predict(X)
    for wrong in ("Auto", "0.3"):
        with pytest.raises(ValueError, match="'threshold' parameter of"):
            model.set_params(threshold=wrong).fit(X, y)
    with pytest.raises(ValueError, match="must be 'auto' or numbers. Got 'Auto'"):
        model.set_params(threshold="Auto").predict(X)


def test_threshold_for_one_dimension(multilabel_data):
    X, y, _ = multilabel_data
    model = small("bce", threshold=0.8).fit(X, y[:, 0])
    np.testing.assert_array_equal(model.predict(X), model.predict_proba(X)[:, 1] >= 0.8)


@pytest.mark.parametrize(
    "dtype, out",
    [
        (np.float64, np.float64),
        (np.float32, np.float32),
        (np.float16, np.float32),
        (np.int64, np.float64),
    ],
)
def test_precision_follows_the_features(multilabel_data, dtype, out):
    X, y, _ = multilabel_data
    X = X.astype(dtype)
    model = small().fit(X, y)
    assert model.decision_function(X).dtype == out
    assert model.predict_proba(X).dtype == out
    parameter = next(model.net_.module_.parameters())
    assert parameter.dtype == (torch.float64 if out is np.float64 else torch.float32)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_probabilities_stay_inside_zero_and_one(multilabel_data, dtype):
    X, y, _ = multilabel_data
    model = small().fit(X.astype(dtype), y)
    proba = model.predict_proba((1e4 * X).astype(dtype))
    assert proba.min() > 0 and proba.max() < 1


@pytest.mark.parametrize("as_type", [sparse.csr_matrix, sparse.csc_array])
def test_sparse_features_give_the_same(multilabel_data, as_type):
    X, y, _ = multilabel_data
    X = np.where(np.abs(X) < 0.5, 0, X)
    ours, theirs = small().fit(as_type(X), y), small().fit(X, y)
    np.testing.assert_allclose(
        ours.decision_function(as_type(X)), theirs.decision_function(X), rtol=1e-6
    )


def test_memory_of_the_caller_is_not_written(multilabel_data):
    X, y, _ = (array.copy() for array in multilabel_data)
    before = X.copy(), y.copy()
    for array in (X, y):
        array.setflags(write=False)
    for view in (X, np.asfortranarray(X), X[::-1][::-1]):
        model = small(early_stopping=True).fit(view, y)
        model.predict_proba(view)
    np.testing.assert_array_equal(X, before[0])
    np.testing.assert_array_equal(y, before[1])


def test_rows_are_predicted_alike_in_any_company(multilabel_data):
    X, y, _ = multilabel_data
    model = small().fit(X.astype(np.float64), y)
    expected = model.decision_function(X.astype(np.float64))
    model.net_.iterator_valid__batch_size = 7
    blocks = model.decision_function(X.astype(np.float64))
    np.testing.assert_allclose(blocks, expected, rtol=1e-10)


# State


def test_pickle_and_clone(multilabel_data):
    X, y, _ = multilabel_data
    model = small(dropout=0.2, callbacks=[], early_stopping=True).fit(X, y)
    copied = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copied.predict_proba(X), model.predict_proba(X))
    assert copied.loss_ is copied.net_.criterion_
    assert clone(model).get_params() == model.get_params()
    with pytest.raises(NotFittedError):
        clone(model).predict(X)


def test_fit_changes_no_parameter(multilabel_data):
    X, y, _ = multilabel_data
    params = {"loss": SigmoidF1Loss([1.0] * 5), "callbacks": [], "threshold": [0.5] * 5}
    model = small(**params)
    before = model.get_params(deep=False)
    model.fit(X, y)
    after = model.get_params(deep=False)
    assert all(after[name] is value for name, value in before.items())


def test_quiet_unless_asked(multilabel_data, capfd):
    X, y, _ = multilabel_data
    small().fit(X, y).predict(X)
    assert capfd.readouterr() == ("", "")
    small(verbose=1, early_stopping=True).fit(X, y)
    shown = capfd.readouterr().err
    assert "6/6" in shown and "train_loss" in shown and "valid_score" in shown


@pytest.mark.filterwarnings("ignore:.*no threshold of its own")
def test_label_without_positives_is_allowed(multilabel_data):
    X, y, _ = multilabel_data
    y = y.copy()
    y[:, 2] = 0
    for name in get_loss_names():
        model = small(name).fit(X, y)
        assert not model.predict(X)[:, 2].any()
        for values, most in (
            (model.predict_proba(X), 0.5 / 301),
            (model.decision_function(X), -np.log(601)),
        ):
            others = np.delete(values, 2, axis=1).min(axis=1)
            np.testing.assert_allclose(values[:, 2], np.minimum(most, others))
        assert not model.set_params(threshold=1e-9).predict(X)[:, 2].any()


def test_label_seen_before_a_warm_start_stays_seen(multilabel_data):
    X, y, _ = multilabel_data
    model = small(warm_start=True).fit(X, y)
    rows = y[:, 2] == 0
    model.fit(X[rows], y[rows])
    assert np.ptp(model.decision_function(X)[:, 2]) > 0


# Bad input

NAN = np.full((300, 8), np.nan)


@pytest.mark.parametrize(
    "params, message",
    [
        ({"loss": "f1"}, r"Unknown loss 'f1'. The names are \['adaptive"),
        ({"loss": SigmoidF1Loss(beta=0)}, "'beta' parameter of SigmoidF1Loss must be"),
        ({"loss": SigmoidF1Loss(beta=-1)}, "'beta' parameter of SigmoidF1Loss must be"),
        ({"loss": SigmoidF1Loss([1, 2])}, r"of shape \(5,\). Got shape \(2,\)"),
        ({"loss": SoftF1Loss("mean")}, "'average' parameter of SoftF1Loss"),
        ({"loss": 3}, "'loss' parameter of MultiTagClassifier must be"),
        ({"hidden_layer_sizes": 0}, "'hidden_layer_sizes' parameter"),
        ({"hidden_layer_sizes": (8, -1)}, "must be integers greater than 0"),
        ({"activation": "sine"}, "'activation' parameter"),
        ({"dropout": 1.0}, "'dropout' parameter"),
        ({"optimizer": "lbfgs"}, "'optimizer' parameter"),
        ({"max_iter": 0}, "'max_iter' parameter"),
        ({"batch_size": 0.5}, "'batch_size' parameter"),
        ({"threshold": 1.5}, "'threshold' parameter"),
        ({"threshold": [0.5, 0.5]}, r"of shape \(5,\). Got shape \(2,\)"),
        ({"threshold": [0.5, 0.5, 0.5, 0.5, 2]}, r"must lie in \[0, 1\]"),
        ({"scoring": "f2"}, "Unknown scorer 'f2'"),
        ({"device": "abacus"}, "device must be 'auto' or one that torch has here"),
        ({"device": "xpu"}, "device must be 'auto' or one that torch has here"),
        ({"callbacks": "bar"}, "'callbacks' parameter"),
    ],
    ids=str,
)
def test_bad_parameters_raise_before_training(multilabel_data, params, message):
    X, y, _ = multilabel_data
    model = small().fit(X, y)
    expected, before = model.predict_proba(X), model.get_params(deep=False)
    model.set_params(**params)
    with pytest.raises(ValueError, match=message):
        model.fit(X, y)
    model.set_params(**before)
    np.testing.assert_array_equal(model.predict_proba(X), expected)


@pytest.mark.parametrize(
    "change, error, message",
    [
        (lambda X, y: (NAN, y), ValueError, "Input X contains NaN"),
        (lambda X, y: (np.where(X > 2, np.inf, X), y), ValueError, "contains infinity"),
        (
            lambda X, y: (X, np.where(y, np.nan, y)),
            ValueError,
            "none of its .* entries is 1",
        ),
        (lambda X, y: (X, 2 * y), ValueError, "must hold 0 and 1 only, got 2"),
        (lambda X, y: (X, (2 * y).tolist()), ValueError, "must hold 0 and 1 only"),
        (lambda X, y: (X, y / 2), ValueError, "must hold 0 and 1 only, got 0.5"),
        (lambda X, y: (X, y[:-1]), ValueError, "Got X 300, y 299"),
        (lambda X, y: (X, 0 * y), ValueError, "y has no labels: none of its"),
        (lambda X, y: (X, y[:, :0]), ValueError, "y has no labels: its shape"),
        (lambda X, y: (X, [[]] * 300), ValueError, "all its tag lists are empty"),
        (lambda X, y: (X, [["a"]] * 299 + ["b"]), TypeError, "row 299 is 'b'"),
        (lambda X, y: (X, [["a"], [1]] * 150), TypeError, "all be strings or all be"),
        (lambda X, y: (X[:1], y[:1]), ValueError, "minimum of 2 is required"),
        (lambda X, y: (X, pd.DataFrame(y, columns=[*"abcdd"])), ValueError, "names"),
        (lambda X, y: (X, None), ValueError, "requires y to be passed"),
        (lambda X, y: (X, y[:, 0] * 0), ValueError, "at least 2 classes"),
        (lambda X, y: (X[:, 0], y), ValueError, "X must have two dim.*Reshape"),
    ],
)
def test_bad_data_raises_and_leaves_the_model_as_it_was(
    multilabel_data, change, error, message
):
    X, y, _ = multilabel_data
    X = pd.DataFrame(X, columns=list("abcdefgh"))
    model = small().fit(X, y)
    before = {name: value for name, value in vars(model).items()}
    bad_X, bad_y = change(X.to_numpy(), y)
    with pytest.raises(error, match=message):
        model.fit(bad_X, bad_y)
    assert all(vars(model)[name] is value for name, value in before.items())


def test_bad_weights_raise(multilabel_data):
    X, y, _ = multilabel_data
    for weight, message in [
        (np.zeros(300), "non-zero"),
        (-np.ones(300), "Negative values"),
        (np.ones(3), "sample_weight.shape"),
        (np.full(300, np.nan), "contains NaN"),
    ]:
        with pytest.raises(ValueError, match=message):
            small().fit(X, y, sample_weight=weight)


def test_bad_calls_of_predict_raise(multilabel_data):
    X, y, _ = multilabel_data
    methods = ("predict", "predict_proba", "decision_function", "predict_tags")
    for method in methods:
        with pytest.raises(NotFittedError):
            getattr(small(), method)(X)
        with pytest.raises(ValueError, match="X has 3 features, but .* is expecting 8"):
            getattr(small().fit(X, y), method)(X[:, :3])


def test_multiclass_refuses_a_threshold(multilabel_data):
    X, y, _ = multilabel_data
    with pytest.raises(ValueError, match="use threshold='auto'"):
        small(threshold=0.5).fit(X, y.argmax(axis=1))


def test_training_that_diverges_raises(multilabel_data):
    X, y, _ = multilabel_data
    model = small("bce", optimizer="sgd", weight_decay=0, max_iter=50)
    model.set_params(learning_rate_init=1e30)
    with pytest.raises(ValueError, match="training loss is .* Scale X"):
        model.fit(1e10 * X, y)


def test_scikit_learn_scorers_by_name_work_on_two_labels():
    """With other forms of classes_ these read two labels as one binary target."""
    X, y = make_multitag_classification(80, 5, 2, cardinality=0.8, random_state=0)
    model = small().fit(X, y)
    for name in ("roc_auc", "average_precision", "f1_weighted"):
        assert np.isfinite(sklearn_scorer(name)(model, X, y))


class Boom(Callback):
    def on_epoch_end(self, net, **kwargs):
        if len(net.history) == 2:
            raise RuntimeError("boom")


@pytest.mark.parametrize(
    "params, error",
    [
        ({"callbacks": [Boom()]}, RuntimeError),
        (
            {"loss": "bce", "optimizer": "sgd", "learning_rate_init": 1e30}
            | {"weight_decay": 0},
            ValueError,
        ),
        ({"module": torch.nn.Linear(8, 4)}, ValueError),
    ],
    ids=["callback", "diverges", "outputs"],
)
def test_a_training_that_fails_leaves_the_model_as_it_was(
    multilabel_data, params, error
):
    X, y, _ = multilabel_data
    model = small().fit(X, y)
    before = dict(vars(model))
    expected = model.predict_proba(X)
    with pytest.raises(error):
        model.set_params(**params).fit(1e10 * X[:, :8], y)
    for name in ("net_", "loss_curve_", "n_iter_", "classes_", "n_features_in_"):
        assert getattr(model, name) is before[name]
    np.testing.assert_array_equal(model.predict_proba(X), expected)
    first = small(**params)
    with pytest.raises(error):
        first.fit(1e10 * X, y)
    with pytest.raises(NotFittedError):
        first.predict(X)


def test_one_row_of_reversed_rows(multilabel_data):
    X, y, _ = multilabel_data
    model = small().fit(X, y)
    expected = model.predict_proba(X)[[-4]]
    # a product of one row may round otherwise
    reversed_row = model.predict_proba(X[::-1][3:4])
    np.testing.assert_allclose(reversed_row, expected, rtol=1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_probabilities_of_classes_stay_inside_zero_and_one(multilabel_data, dtype):
    X, y, _ = multilabel_data
    for target in (y[:, 0], y[:, 0] + y[:, 1]):
        model = small("bce").fit(X.astype(dtype), target)
        proba = model.predict_proba((1e4 * X).astype(dtype))
        assert proba.min() > 0 and proba.max() < 1


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "bfloat16"])
def test_tensors_are_computed_in_their_precision(multilabel_data, dtype):
    X, y, _ = multilabel_data
    tensor = torch.from_numpy(X).to(getattr(torch, dtype)).requires_grad_()
    rows = tensor.detach()
    array = (rows.float() if dtype == "bfloat16" else rows).numpy()
    model = small().fit(tensor, y)
    expected = small().fit(array, y)
    ours, theirs = model.predict_proba(tensor), expected.predict_proba(array)
    assert ours.dtype == theirs.dtype
    np.testing.assert_array_equal(ours, theirs)


def test_targets_of_half_precision(multilabel_data):
    X, y, _ = multilabel_data
    model = small(early_stopping=True, scoring="f1_macro").fit(X, y.astype(np.float16))
    assert model.predict(X).dtype == np.float32
    expected = small(early_stopping=True, scoring="f1_macro").fit(X, y)
    assert model.predict_tags(X) == expected.predict_tags(X)


@pytest.mark.parametrize("scoring", ["roc_auc", "average_precision", "f1_macro"])
@pytest.mark.parametrize("as_type", [sparse.csr_matrix, sparse.csc_array])
def test_scores_of_early_stopping_with_sparse_targets(
    multilabel_data, scoring, as_type
):
    X, y, _ = multilabel_data
    params = {"early_stopping": True, "scoring": scoring}
    ours = small(**params).fit(X, as_type(y)).validation_scores_
    np.testing.assert_allclose(ours, small(**params).fit(X, y).validation_scores_)


@pytest.mark.parametrize("as_type", [dict, pd.Series])
def test_thresholds_by_name_are_those_of_their_labels(multilabel_data, as_type):
    X, y, _ = multilabel_data
    frame = pd.DataFrame(y, columns=list("edcba"))
    values = {"a": 0.1, "b": 0.2, "c": 0.5, "d": 0.6, "e": 0.9}
    expected = small("bce", threshold=[0.9, 0.6, 0.5, 0.2, 0.1]).fit(X, frame)
    model = small("bce", threshold=as_type(values)).fit(X, frame)
    np.testing.assert_array_equal(model.predict(X), expected.predict(X))
    with pytest.raises(
        ValueError, match=r"has unknown labels \['f'\]. The labels are \['e'"
    ):
        model.set_params(threshold=as_type({**values, "f": 0.5})).predict(X)
    numbers = small("bce", threshold=as_type({0: 0.9, 1: 0.6})).fit(X, y[:, :2])
    assert numbers.predict(X).shape == (300, 2)


BY_LABEL = [
    (BinaryCrossEntropyLoss, {"pos_weight": [3.0, 1.0, 2.0, 5.0, 4.0]}),
    (SigmoidF1Loss, {"beta": [3.0, 1.0, 2.0, 5.0, 4.0]}),
    (SigmoidF1Loss, {"eta": [0.3, -0.1, 0.2, 0.5, 0.4]}),
    (AdaptiveSigmoidF1Loss, {"beta_start": [0.3, 0.1, 0.2, 0.5, 0.4]}),
    (AdaptiveSigmoidF1Loss, {"beta_end": [3.0, 1.0, 2.0, 5.0, 4.0], "eta": [0.1] * 5}),
    (BayesianSigmoidF1Loss, {"beta": [3.0, 1.0, 2.0, 5.0, 4.0], "eta": [0.1] * 5}),
]


@pytest.mark.parametrize("as_type", [dict, pd.Series])
@pytest.mark.parametrize("kind, values", BY_LABEL)
def test_parameters_of_a_loss_by_label(multilabel_data, kind, values, as_type):
    X, y, _ = multilabel_data
    names = list("edcba")
    frame = pd.DataFrame(y, columns=names)
    expected = small(kind(**values)).fit(X, frame).predict_proba(X)
    # in another order, so that a position would be the wrong one
    by_label = {
        name: as_type(dict(sorted(zip(names, each, strict=True))))
        for name, each in values.items()
    }
    model = small(kind(**by_label)).fit(X, frame)
    np.testing.assert_array_equal(model.predict_proba(X), expected)
    for name, given in by_label.items():
        assert getattr(model.loss, name) is given
        np.testing.assert_array_equal(getattr(model.loss_, name), values[name])
    part = small(WeightedSumLoss(kind(**by_label), SoftF1Loss(), weight=0)).fit(
        X, frame
    )
    np.testing.assert_allclose(part.predict_proba(X), expected, atol=1e-3)
    goes_on = small(kind(**by_label), warm_start=True).fit(X, frame)
    state = goes_on.net_.criterion_
    assert goes_on.fit(X, frame).net_.criterion_ is state


def test_parameters_of_a_loss_by_unknown_labels_raise(multilabel_data):
    X, y, _ = multilabel_data
    tags = [["cat"], ["dog"], ["cat", "ant"]] * 100
    loss = BinaryCrossEntropyLoss(pos_weight={"cat": 2.0, "cow": 3.0})
    message = (
        r"pos_weight by label has unknown labels \['cow'\] and lacks \['ant', 'dog'"
    )
    with pytest.raises(ValueError, match=message):
        small(loss).fit(X, tags)
    with pytest.raises(
        ValueError, match="'pos_weight' parameter.*by label name.*Pass an arr"
    ):
        loss.fit(y)


def test_rows_far_beyond_those_of_fit_are_predicted_quietly(multilabel_data):
    X, y, _ = multilabel_data
    model = MultiTagClassifier(max_iter=1).fit(X.astype(np.float64) * 1e-200, y)
    assert not np.isnan(model.decision_function(X)).any()
    proba = model.predict_proba(X)
    assert proba.min() > 0 and proba.max() < 1

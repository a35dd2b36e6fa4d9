"""Networks that start from another classifier."""

import pickle

import numpy as np
import pandas as pd
import pytest
import sklearn
import torch
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import Ridge, RidgeClassifier
from sklearn.model_selection import GridSearchCV, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier
from sklearn.utils.estimator_checks import parametrize_with_checks

from skmultitag import MultiTagClassifier, ThresholdedClassifierCV, for_inference
from skmultitag.calibration import PlattCalibrator
from skmultitag.kernel_ridge import KernelRidgeClassifierCV
from skmultitag.losses import get_loss_names
from skmultitag.model_selection import MultilabelStratifiedKFold
from tests.neural_network.common import small
from tests.neural_network.test_large_data import OnlySlices

# a network that stays what it starts from
STILL = {"learning_rate_init": 1e-30, "max_iter": 1, "weight_decay": 0.0}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@parametrize_with_checks(
    [MultiTagClassifier(init="kernel_ridge")],
    expected_failed_checks=lambda _: dict.fromkeys(
        [
            "check_sample_weight_equivalence_on_dense_data",
            "check_sample_weight_equivalence_on_sparse_data",
        ],
        "leave-one-out leaves out one of two equal rows, but all of a row of weight 2",
    ),
)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


def recording():
    """A loss, and a list of the logits that it is shown."""
    shown = []

    def loss(y_score, y_true):
        shown.append(y_score.detach().cpu().numpy().copy())
        return torch.nn.functional.binary_cross_entropy_with_logits(y_score, y_true)

    return loss, shown


def in_order(values):
    return np.asarray(sorted(map(tuple, np.asarray(values, np.float32))))


def test_starts_from_log_odds_of_leave_one_out(multilabel_data):
    X, y, _ = multilabel_data
    X = X.astype(np.float64)
    kernel = KernelRidgeClassifierCV(standardize="auto").fit(X, y)
    calibrator = PlattCalibrator(shrinkage=30).fit(kernel.loo_decision_function_, y)
    loss, shown = recording()
    model = small(loss, init="kernel_ridge", batch_size="full", **STILL)
    model.fit(X, y)
    known = calibrator.log_odds(kernel.loo_decision_function_)
    # the first call is the look at wrong losses
    assert_allclose(in_order(shown[-1]), in_order(known), rtol=1e-5)
    X_new = X + 0.1
    expected = calibrator.log_odds(kernel.decision_function(X_new))
    assert_allclose(model.decision_function(X_new), expected, rtol=1e-9)


def test_starts_from_out_of_fold_log_odds_of_any_classifier(multilabel_data):
    X, y, _ = multilabel_data
    folds = list(MultilabelStratifiedKFold(5).split(X, y))
    scores = cross_val_predict(
        RidgeClassifier(), X, y, cv=folds, method="decision_function"
    )
    calibrator = PlattCalibrator(shrinkage=30).fit(scores, y)
    loss, shown = recording()
    small(loss, init=RidgeClassifier(), batch_size="full", **STILL).fit(X, y)
    expected = in_order(calibrator.log_odds(scores))
    assert_allclose(in_order(shown[-1]), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.filterwarnings("ignore:.*no threshold of its own")
@pytest.mark.parametrize("loss", get_loss_names())
def test_each_loss_starts_there(multilabel_data, loss):
    X, y, _ = multilabel_data
    init = KernelRidgeClassifierCV()
    kernel = clone(init).fit(X, y)
    calibrator = PlattCalibrator(shrinkage=30).fit(kernel.loo_decision_function_, y)
    log_odds = calibrator.log_odds(kernel.decision_function(X)).astype(np.float32)
    model = small(loss, init=init, **STILL).fit(X, y)
    with torch.no_grad():
        expected = model.loss_.decision_function(torch.from_numpy(log_odds)).numpy()
    assert_allclose(model.decision_function(X), expected, rtol=1e-3, atol=1e-3)


@pytest.mark.filterwarnings("ignore:Some inputs do not have OOB scores")
def test_rows_that_all_trees_had_seen_get_the_mean(multilabel_data):
    X, y, _ = multilabel_data
    forest = RandomForestClassifier(3, oob_score=True, random_state=0)
    loss, shown = recording()
    model = small(loss, init=forest, batch_size="full", **STILL).fit(X, y)
    has_none = ~model.init_.oob_decision_function_.any(axis=(1, 2))
    scores = model.init_.oob_decision_function_[:, 1]
    calibrator = PlattCalibrator(shrinkage=30).fit(scores[~has_none], y[~has_none])
    known = calibrator.log_odds(scores)
    known[has_none] = known[~has_none].mean(axis=0)
    assert has_none.any()
    assert_allclose(in_order(shown[-1]), in_order(known), rtol=1e-4)


def test_learns_what_is_left(multilabel_data):
    """Of a constant classifier that is all: as good as a network alone."""
    X, y, _ = multilabel_data
    alone = MultiTagClassifier(random_state=0).fit(X, y)
    model = MultiTagClassifier(init="kernel_ridge", random_state=0).fit(X, y)
    start = model.loss_curve_[0]
    assert start < alone.loss_curve_[0]
    assert model.loss_curve_[-1] < start


def test_rows_held_out_are_held_out_from_the_start_too(multilabel_data):
    X, y, _ = multilabel_data
    model = small(init="kernel_ridge", early_stopping=True, scoring="f1_micro")
    model.fit(X, y)
    assert len(model.init_.X_fit_) == 270
    # what the last epoch scored is what the model says of these rows
    is_seen = {row.tobytes() for row in model.init_.X_fit_}
    held_out = np.array([row.tobytes() not in is_seen for row in X])
    best = max(model.validation_scores_)
    predicted = model.predict(X[held_out])
    f1 = sklearn.metrics.f1_score(y[held_out], predicted, average="micro")
    assert f1 == pytest.approx(best)


def test_rows_of_the_user_are_held_out(multilabel_data):
    X, y, _ = multilabel_data
    params = {"init": "kernel_ridge", "early_stopping": True, "scoring": "f1_micro"}
    model = small(**params).fit(X[:200], y[:200], X_val=X[200:], y_val=y[200:])
    f1 = sklearn.metrics.f1_score(y[200:], model.predict(X[200:]), average="micro")
    assert f1 == pytest.approx(max(model.validation_scores_))
    assert len(model.init_.X_fit_) == 200


@pytest.mark.parametrize("form", [sparse.csr_matrix, pd.DataFrame, np.float16])
def test_forms_of_X(multilabel_data, form):
    X, y, _ = multilabel_data
    X = X.astype(np.float16).astype(np.float32)
    expected = small(init="kernel_ridge").fit(X, y).decision_function(X)
    given = X.astype(form) if form is np.float16 else form(X)
    if form is pd.DataFrame:
        given.columns = [f"x{j}" for j in range(X.shape[1])]
    model = small(init="kernel_ridge").fit(given, y)
    assert_allclose(model.decision_function(given), expected, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_targets_of_one_dimension(multilabel_data, n_classes):
    X, y, _ = multilabel_data
    y = y[:, :n_classes].argmax(axis=1)
    model = small(init="kernel_ridge", **STILL).fit(X, y)
    kernel = KernelRidgeClassifierCV(standardize="auto").fit(X, y)
    assert_array_equal(model.classes_, np.arange(n_classes))
    assert (model.predict(X) == kernel.predict(X)).mean() > 0.8
    assert_allclose(model.predict_proba(X).sum(axis=1), 1, rtol=1e-5)


def test_weights_reach_the_start(multilabel_data):
    X, y, _ = multilabel_data
    weight = np.arange(300) % 2
    model = small(init="kernel_ridge", **STILL).fit(X, y, weight)
    half = small(init="kernel_ridge", **STILL).fit(X[1::2], y[1::2])
    # gamma is a median of some pairs, others for other rows
    gamma = half.init_.gamma_
    model, half = (
        clone(each).set_params(init=KernelRidgeClassifierCV(gamma=gamma))
        for each in (model, half)
    )
    model.fit(X, y, weight), half.fit(X[1::2], y[1::2])
    assert_allclose(
        model.decision_function(X), half.decision_function(X), rtol=1e-3, atol=1e-3
    )
    with pytest.raises(TypeError, match="init takes no sample_weight"):
        small(init=KNeighborsClassifier()).fit(X, y, weight)


def test_a_warm_start_goes_on(multilabel_data):
    X, y, _ = multilabel_data
    whole = small(init="kernel_ridge", max_iter=4, tol=None).fit(X, y)
    model = small(init="kernel_ridge", max_iter=2, tol=None, warm_start=True)
    model.fit(X, y).fit(X, y)
    assert_array_equal(model.decision_function(X), whole.decision_function(X))
    with pytest.raises(ValueError, match="fitted with init=KernelRidge.* is None now"):
        model.set_params(init=None).fit(X, y)
    without = small(warm_start=True).fit(X, y).set_params(init="kernel_ridge")
    with pytest.raises(ValueError, match="init=None, but init is kernel_ridge now"):
        without.fit(X, y)


def test_a_new_fit_without_init_forgets_it(multilabel_data):
    X, y, _ = multilabel_data
    model = small(init="kernel_ridge").fit(X, y).set_params(init=None).fit(X, y)
    expected = small().fit(X, y)
    assert_array_equal(model.decision_function(X), expected.decision_function(X))


def test_saved_and_loaded(multilabel_data):
    X, y, _ = multilabel_data
    model = small(init="kernel_ridge").fit(X, y)
    for copy in (model, for_inference(model)):
        loaded = pickle.loads(pickle.dumps(copy))
        assert_array_equal(loaded.decision_function(X), model.decision_function(X))
    assert not hasattr(loaded.init_, "loo_decision_function_")


def test_the_net_takes_log_odds_as_last_columns(multilabel_data):
    X, y, _ = multilabel_data
    model = small(init="kernel_ridge").fit(X, y)
    log_odds = model._init_calibrator.log_odds(model.init_.decision_function(X))
    together = np.hstack([X, log_odds]).astype(np.float32)
    assert_array_equal(model.net_.predict(together), model.predict(X))


def test_in_a_search_and_with_thresholds(multilabel_data):
    X, y, _ = multilabel_data
    init = KernelRidgeClassifierCV()
    search = GridSearchCV(small(init=init), {"init__gamma": [0.01, 1.0]}, cv=2)
    assert search.fit(X, y).best_params_["init__gamma"] in (0.01, 1.0)
    model = ThresholdedClassifierCV(small(init="kernel_ridge"), cv=2).fit(X, y)
    assert model.predict(X).shape == y.shape


def test_what_is_refused(multilabel_data):
    X, y, _ = multilabel_data
    with pytest.raises(AttributeError, match="no attribute 'partial_fit'") as error:
        small(init="kernel_ridge").partial_fit(X, y)
    assert "init is fitted on all rows at once" in str(error.value.__cause__)
    fitted = small(init="kernel_ridge").fit(X, y).set_params(init=None)
    assert not hasattr(fitted, "partial_fit")
    with pytest.raises(ValueError, match="'init' parameter of MultiTagClassifier"):
        small(init="forest").fit(X, y)
    with pytest.raises(TypeError, match="init must be 'kernel_ridge', a classifier"):
        small(init=Ridge()).fit(X, y)
    with pytest.raises(ValueError, match="init needs all rows of X in memory"):
        small(init="kernel_ridge").fit(OnlySlices(X), y)


@pytest.mark.parametrize("weight", [None, [0, 1, 0, 1]])
def test_two_training_rows_are_needed(multilabel_data, weight):
    X, y, _ = multilabel_data
    rows = slice(2 if weight is None else 4)
    model = small(init="kernel_ridge", early_stopping=True)
    with pytest.raises(ValueError, match="init needs two training rows.*Got one"):
        model.fit(X[rows], y[rows], sample_weight=weight)
    model.set_params(early_stopping=False).fit(X[rows], y[rows], sample_weight=weight)

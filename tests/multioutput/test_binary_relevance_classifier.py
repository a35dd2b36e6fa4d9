import pickle

import numpy as np
import pandas as pd
import pytest
import sklearn
from scipy import sparse
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.multioutput import MultiOutputClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from skmultitag import ThresholdedClassifierCV
from skmultitag.datasets import make_multitag_classification
from skmultitag.kernel_ridge import KernelRidgeClassifierCV
from skmultitag.multioutput import BinaryRelevanceClassifier

X, Y = make_multitag_classification(n_samples=200, random_state=0)
IS_MISSING = np.random.default_rng(0).random(Y.shape) < 0.4
PARTIAL = np.where(IS_MISSING, np.nan, Y)
LOGISTIC = LogisticRegression()


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@parametrize_with_checks([BinaryRelevanceClassifier(LogisticRegression())])
def test_scikit_learn_checks(estimator, check):
    check(estimator)


@pytest.mark.parametrize("estimator", [LOGISTIC, KNeighborsClassifier()])
def test_complete_targets_are_learnt_as_scikit_learn_does(estimator):
    model = BinaryRelevanceClassifier(estimator, n_jobs=2).fit(X, Y)
    expected = MultiOutputClassifier(estimator).fit(X, Y)
    np.testing.assert_array_equal(model.predict(X), expected.predict(X))
    proba = np.column_stack([each[:, 1] for each in expected.predict_proba(X)])
    np.testing.assert_array_equal(model.predict_proba(X), proba)


@pytest.mark.parametrize("weight", [None, np.arange(200) % 3 + 0.5])
@pytest.mark.parametrize(
    "features", [X, sparse.csr_array(X), pd.DataFrame(X).add_prefix("f")]
)
def test_each_label_is_fitted_on_its_annotated_rows(weight, features):
    model = BinaryRelevanceClassifier(LOGISTIC)
    model.fit(features, PARTIAL, sample_weight=weight)
    for label in range(Y.shape[1]):
        rows = np.flatnonzero(~IS_MISSING[:, label])
        of_rows = None if weight is None else weight[rows]
        alone = LogisticRegression().fit(X[rows], Y[rows, label], of_rows)
        np.testing.assert_allclose(
            model.decision_function(features)[:, label], alone.decision_function(X)
        )
        np.testing.assert_allclose(
            model.predict_proba(features)[:, label], alone.predict_proba(X)[:, 1]
        )
        np.testing.assert_array_equal(
            model.predict(features)[:, label], alone.predict(X)
        )


def test_forms_of_the_target():
    frame = pd.DataFrame(PARTIAL).add_prefix("l").astype("Int64")
    model = BinaryRelevanceClassifier(LOGISTIC).fit(X, frame)
    assert model.label_names_.tolist() == frame.columns.tolist()
    expected = BinaryRelevanceClassifier(LOGISTIC).fit(X, PARTIAL)
    np.testing.assert_array_equal(model.predict(X), expected.predict(X))
    assert model.predict(X).dtype == np.int64
    masked = np.ma.array(Y, mask=IS_MISSING)
    masked = BinaryRelevanceClassifier(LOGISTIC).fit(X, masked)
    np.testing.assert_array_equal(masked.predict(X), expected.predict(X))


def test_labels_of_one_class_and_without_annotation():
    y = PARTIAL.copy()
    y[:, 0], y[:, 1], y[:, 2] = np.nan, np.where(np.isnan(y[:, 1]), np.nan, 1), 0
    model = BinaryRelevanceClassifier(LOGISTIC).fit(X, y)
    assert model.predict(X)[:, :3].tolist() == [[0, 1, 0]] * len(X)
    assert model.predict_proba(X)[:, :3].tolist() == [[0, 1, 0]] * len(X)
    assert model.decision_function(X)[:, :3].tolist() == [[-1, 1, -1]] * len(X)
    last = BinaryRelevanceClassifier(LOGISTIC).fit(X, y[:, ::-1])
    assert last.n_features_in_ == model.n_features_in_ == X.shape[1]


def test_methods_are_those_of_the_classifier():
    model = BinaryRelevanceClassifier(RidgeClassifier()).fit(X, PARTIAL)
    assert not hasattr(model, "predict_proba")
    assert model.decision_function(X).shape == Y.shape
    assert not hasattr(
        BinaryRelevanceClassifier(KNeighborsClassifier()), "decision_function"
    )


def test_pipelines_pickle_and_a_target_of_one_dimension():
    pipeline = make_pipeline(StandardScaler(), LogisticRegression())
    model = BinaryRelevanceClassifier(pipeline).fit(X, PARTIAL)
    loaded = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))
    names = np.where(Y[:, 0] == 1, "yes", "no")
    model = BinaryRelevanceClassifier(LOGISTIC).fit(X, names)
    alone = LogisticRegression().fit(X, names)
    np.testing.assert_array_equal(model.predict(X), alone.predict(X))
    np.testing.assert_allclose(model.predict_proba(X), alone.predict_proba(X))
    np.testing.assert_allclose(model.decision_function(X), alone.decision_function(X))


def test_metadata_routing():
    weight = np.arange(200) % 3 + 0.5
    expected = BinaryRelevanceClassifier(LOGISTIC).fit(X, PARTIAL, sample_weight=weight)
    with sklearn.config_context(enable_metadata_routing=True):
        logistic = LogisticRegression().set_fit_request(sample_weight=True)
        model = BinaryRelevanceClassifier(logistic)
        model.fit(X, PARTIAL, sample_weight=weight)
        np.testing.assert_array_equal(model.predict_proba(X), expected.predict_proba(X))


@pytest.mark.parametrize("target", [PARTIAL, np.where(IS_MISSING[:, 0], 1, Y[:, 0])])
@pytest.mark.parametrize(
    "estimator",
    [
        KernelRidgeClassifierCV(),
        RandomForestClassifier(30, oob_score=True, random_state=0),
    ],
)
def test_scores_of_rows_that_were_not_seen(estimator, target):
    model = BinaryRelevanceClassifier(estimator).fit(X, target)
    has_proba = hasattr(model, "predict_proba")
    scores = model.oof_proba_ if has_proba else model.oof_decision_function_
    new = model.predict_proba(X) if has_proba else model.decision_function(X)
    assert scores.shape == new.shape
    first, is_known = model.estimators_[0], ~np.isnan(target.reshape(200, -1)[:, 0])
    own = (
        first.oob_decision_function_[:, 1]
        if has_proba
        else first.loo_decision_function_
    )
    column = scores[:, 0] if target.ndim == 2 else scores[:, 1] if has_proba else scores
    np.testing.assert_array_equal(column[is_known], own)
    if target.ndim == 2:
        np.testing.assert_allclose(scores[IS_MISSING], new[IS_MISSING])
    else:
        assert is_known.all()
    thresholded = ThresholdedClassifierCV(BinaryRelevanceClassifier(estimator))
    assert thresholded.fit(X, target).predict(X).shape == target.shape


def test_scores_of_a_fit_before_are_gone():
    X, y = make_multitag_classification(n_samples=60, n_labels=6, random_state=0)
    forest = RandomForestClassifier(20, oob_score=True, random_state=0)
    model = BinaryRelevanceClassifier(forest).fit(X, y)
    assert hasattr(model, "oof_proba_")
    model.set_params(estimator=KernelRidgeClassifierCV()).fit(X, y)
    assert hasattr(model, "oof_decision_function_")
    assert not hasattr(model, "oof_proba_")


def test_no_such_scores_if_one_label_has_none():
    class Forgetful(KernelRidgeClassifierCV):
        def fit(self, X, y):
            super().fit(X, y)
            if np.sum(y) == np.nansum(PARTIAL[:, 3]):
                del self.loo_decision_function_
            return self

    model = BinaryRelevanceClassifier(Forgetful()).fit(X, PARTIAL)
    assert not hasattr(model, "oof_decision_function_")


@pytest.mark.parametrize("form", [np.asarray, pd.DataFrame, list])
@pytest.mark.parametrize("target", [Y, PARTIAL], ids=["complete", "partial"])
@pytest.mark.parametrize("cv", [None, 3])
def test_kernels_that_are_computed_before(cv, target, form):
    kernel, of_new = rbf_kernel(X, gamma=0.1), rbf_kernel(X[:20] + 0.1, X, gamma=0.1)
    ridge = KernelRidgeClassifierCV(kernel="precomputed")
    by_label = BinaryRelevanceClassifier(ridge)
    model = ThresholdedClassifierCV(by_label, cv=cv).fit(form(kernel), target)
    expected = clone(model)
    expected.estimator.estimator.set_params(kernel="rbf", gamma=0.1)
    expected.fit(X, target)
    np.testing.assert_allclose(model.threshold_, expected.threshold_)
    margin, rows = expected.decision_function(X[:20] + 0.1), form(of_new)
    np.testing.assert_allclose(model.decision_function(rows), margin, atol=1e-9)
    by_label.fit(form(kernel), target)
    assert by_label.n_features_in_ == 200
    np.testing.assert_array_equal(by_label.predict(rows), margin > 0)


def test_a_kernel_of_other_rows_is_refused():
    kernel = X @ X.T
    model = BinaryRelevanceClassifier(KernelRidgeClassifierCV(kernel="precomputed"))
    with pytest.raises(ValueError, match=r"200 columns, .* Got shape \(200, 199\)"):
        model.fit(kernel[:, :-1], PARTIAL)
    with pytest.raises(ValueError, match=r"200 columns, .* Got shape \(200, 100\)"):
        model.fit(kernel, PARTIAL).predict(kernel[:, :100])


def test_a_multiclass_target_is_refused():
    with pytest.raises(ValueError, match="Only binary classification is supported"):
        BinaryRelevanceClassifier(LOGISTIC).fit(X, np.arange(200) % 3)

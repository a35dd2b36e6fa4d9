"""Thresholds without refits: scores that a classifier knows of its training rows."""

from functools import partial

import numpy as np
import pytest
from imblearn.over_sampling import RandomOverSampler
from imblearn.pipeline import Pipeline as SamplingPipeline
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.decomposition import PCA
from sklearn.ensemble import BaggingClassifier, RandomForestClassifier
from sklearn.feature_selection import SelectKBest
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GroupKFold, LeaveOneOut, cross_val_score
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import get_tags

from skmultitag import MultiTagClassifier
from skmultitag.ensemble import MultilabelVotingClassifier
from skmultitag.hierarchy import HierarchicalClassifier
from skmultitag.kernel_ridge import KernelRidgeClassifierCV
from skmultitag.thresholds import FBetaThreshold, ThresholdedClassifierCV


class CountingRidge(ClassifierMixin, BaseEstimator):
    """Linear ridge with exact leave-one-out margins; the class counts fits."""

    n_fits = 0

    def fit(self, X, y, sample_weight=None):
        CountingRidge.n_fits += 1
        self.ridge_ = Ridge(1.0, fit_intercept=False).fit(X, y)
        gram = X.T @ X + np.eye(X.shape[1])
        leverage = np.einsum("ij,ji->i", X, np.linalg.solve(gram, X.T))
        error = (y - self.ridge_.predict(X)) / (1 - leverage)[:, None]
        self.loo_decision_function_ = y - error
        return self

    def decision_function(self, X):
        return self.ridge_.predict(X)

    def predict(self, X):
        return (self.decision_function(X) > 0.5).astype(int)


@pytest.fixture
def data():
    rng = np.random.RandomState(0)
    X = rng.normal(size=(60, 5))
    y = (X @ rng.normal(size=(5, 3)) + rng.normal(size=(60, 3)) > 0.5).astype(int)
    return X, y


def n_fits_of(model, *args, **kwargs):
    CountingRidge.n_fits = 0
    model.fit(*args, **kwargs)
    return CountingRidge.n_fits


def test_closed_form_scores_are_those_of_leave_one_out(data):
    X, y = data
    known = ThresholdedClassifierCV(CountingRidge(), FBetaThreshold())
    refitted = ThresholdedClassifierCV(
        CountingRidge(), FBetaThreshold(), cv=LeaveOneOut()
    )
    assert n_fits_of(known, X, y) == 1
    assert n_fits_of(refitted, X, y) == 61
    assert_allclose(known.threshold_, refitted.threshold_, rtol=1e-9)
    assert_array_equal(known.predict(X), refitted.predict(X))


def by_covariance(X, y):
    return np.abs(X.T @ y).sum(axis=1)


@pytest.mark.parametrize(
    "first, n_fits",
    [
        (StandardScaler(), 1),
        ("passthrough", 1),
        (make_pipeline(StandardScaler(), PCA(4)), 1),
        (FunctionTransformer(np.tanh), 1),
        (SelectKBest(by_covariance, k=3), 6),  # it sees the target of the row
    ],
)
def test_in_a_pipeline_whose_steps_need_no_target(data, first, n_fits):
    model = ThresholdedClassifierCV(make_pipeline(first, CountingRidge()))
    assert n_fits_of(model, *data) == n_fits


def test_samplers_change_the_rows(data):
    X, y = data
    pipeline = SamplingPipeline(
        [("sampler", RandomOverSampler(random_state=0)), ("forest", forest())]
    )
    y = y[:, 0]
    model = ThresholdedClassifierCV(pipeline, FBetaThreshold()).fit(X, y)
    folds = ThresholdedClassifierCV(pipeline, FBetaThreshold(), cv=5).fit(X, y)
    assert_allclose(model.threshold_, folds.threshold_)


def forest(n_estimators=50):
    return RandomForestClassifier(n_estimators, oob_score=True, random_state=0)


def test_out_of_bag_scores_of_a_forest(data):
    X, y = data
    model = ThresholdedClassifierCV(forest(), FBetaThreshold()).fit(X, y)
    scores = model.estimator_.oob_decision_function_[:, 1].copy()
    assert scores.shape == y.shape
    expected = FBetaThreshold().fit(scores, y)
    assert_array_equal(model.threshold_, expected.threshold_)


@pytest.mark.parametrize("n_labels", [1, 3])
@pytest.mark.filterwarnings("ignore:Some inputs do not have OOB scores")
def test_rows_that_all_trees_had_seen_are_left_out(data, n_labels):
    X, y = data
    y = y[:, 0] if n_labels == 1 else y
    model = ThresholdedClassifierCV(forest(3), FBetaThreshold()).fit(X, y)
    fitted = model.estimator_
    seen = [tree.random_state for tree in fitted.estimators_]
    seen = [np.random.RandomState(s).randint(0, 60, 60, dtype=np.int32) for s in seen]
    is_left_out = [~np.isin(np.arange(60), rows) for rows in seen]
    has_score = np.any(is_left_out, axis=0)
    assert not has_score.all()
    scores = fitted.oob_decision_function_[:, 1]  # still without NaN
    expected = FBetaThreshold().fit(
        scores[has_score].reshape(-1, n_labels), y[has_score]
    )
    assert_array_equal(model.threshold_, np.squeeze(expected.threshold_))


@pytest.mark.parametrize(
    "around",
    [
        MultiOutputClassifier(forest()),
        OneVsRestClassifier(
            BaggingClassifier(
                DecisionTreeClassifier(max_depth=2),
                50,
                oob_score=True,
                random_state=0,
            )
        ),
    ],
)
def test_label_by_label(data, around):
    X, y = data
    model = ThresholdedClassifierCV(around, FBetaThreshold()).fit(X, y)
    each = model.estimator_.estimators_
    scores = np.column_stack([one.oob_decision_function_[:, 1] for one in each])
    assert_array_equal(model.threshold_, FBetaThreshold().fit(scores, y).threshold_)


def test_groups_need_folds(data):
    X, y = data
    model = ThresholdedClassifierCV(CountingRidge(), cv=GroupKFold(3))
    assert n_fits_of(model, X, y, groups=np.arange(60) % 6) == 4


def test_folds_that_are_asked_for_are_fitted(data):
    assert n_fits_of(ThresholdedClassifierCV(CountingRidge(), cv=3), *data) == 4


def test_one_fit_is_the_classifier_without_refit(data):
    X, y = data
    model = ThresholdedClassifierCV(CountingRidge(), refit=False)
    assert n_fits_of(model, X, y) == 1
    expected = CountingRidge().fit(X, y).decision_function(X)
    assert_array_equal(model.decision_function(X), expected)
    without = ThresholdedClassifierCV(
        OneVsRestClassifier(LogisticRegression()), refit=False
    )
    with pytest.raises(ValueError, match="refit=False needs a cv with a single"):
        without.fit(X, y)


def test_weights_reach_the_thresholder(data):
    X, y = data
    weight = np.arange(60) % 3
    model = ThresholdedClassifierCV(CountingRidge(), FBetaThreshold())
    model.fit(X, y, sample_weight=weight)
    loo = CountingRidge().fit(X, y).loo_decision_function_
    expected = FBetaThreshold().fit(loo, y, sample_weight=weight).threshold_
    assert_allclose(model.threshold_, expected)


@pytest.mark.parametrize(
    "wrap",
    [
        ThresholdedClassifierCV,
        partial(ThresholdedClassifierCV, cv=2),
        lambda model: HierarchicalClassifier(model, []),
        lambda model: MultilabelVotingClassifier([("one", model)]),
        lambda model: MultiTagClassifier(init=model),
    ],
)
def test_a_classifier_of_one_label_is_named_with_what_helps(wrap, data):
    pipeline = make_pipeline(StandardScaler(), LogisticRegression())
    said = r"LogisticRegression learns one.*has 3 labels.*RestClassifier\(LogisticReg"
    with pytest.raises(TypeError, match=said):
        wrap(pipeline).fit(*data)
    wrap(OneVsRestClassifier(LogisticRegression())).fit(*data)


def test_no_folds_have_no_spread(data):
    model = ThresholdedClassifierCV(CountingRidge(), store_cv_results=True)
    with pytest.raises(ValueError, match="CountingRidge has scores of rows.*as cv"):
        model.fit(*data)
    stored = model.set_params(cv=3).fit(*data).cv_results_["thresholds"]
    assert stored.shape == (3, data[1].shape[1])


def test_kernels_are_split_in_rows_and_columns(data):
    X, y = data
    K = X @ X.T
    model = ThresholdedClassifierCV(
        KernelRidgeClassifierCV(1.0, kernel="precomputed"), FBetaThreshold(), cv=3
    )
    plain = ThresholdedClassifierCV(
        KernelRidgeClassifierCV(1.0, kernel=np.dot), FBetaThreshold(), cv=3
    )
    assert_allclose(model.fit(K, y).threshold_, plain.fit(X, y).threshold_)
    ours, theirs = (
        cross_val_score(each, given, y, cv=2, scoring="f1_micro")
        for each, given in ((model, K), (plain, X))
    )
    assert_allclose(ours, theirs)
    members = [("kernel", model.estimator)]
    vote = MultilabelVotingClassifier(members, cv=3).fit(K, y)
    members = [("kernel", plain.estimator)]
    expected = MultilabelVotingClassifier(members, cv=3).fit(X, y)
    assert_allclose(vote.oof_proba_, expected.oof_proba_)
    assert get_tags(vote).input_tags.pairwise


def test_a_frozen_classifier_has_no_scores_of_new_rows(data):
    X, y = data
    frozen = FrozenEstimator(CountingRidge().fit(X, y))
    for member in (frozen, make_pipeline(StandardScaler(), frozen)):
        with pytest.raises(ValueError, match="FrozenEstimator is frozen|is frozen: it"):
            MultilabelVotingClassifier([("ridge", member)]).fit(X, y)


def test_known_scores_of_another_shape(data):
    class Wrong(CountingRidge):
        def fit(self, X, y):
            super().fit(X, y)
            self.loo_decision_function_ = self.loo_decision_function_[:5].tolist()
            return self

    with pytest.raises(ValueError, match=r"out-of-sample scores of shape \(5,"):
        ThresholdedClassifierCV(Wrong()).fit(*data)


def test_a_forest_with_a_label_of_one_class(data):
    X, y = data
    y = y.copy()
    y[:, 1] = 0
    with pytest.raises(ValueError, match=r"all rows, in which the labels \[1\]"):
        ThresholdedClassifierCV(forest()).fit(X, y)

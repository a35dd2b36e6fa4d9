import pickle

import numpy as np
import pytest
import sklearn
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from scipy.special import expit, logit
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_predict
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks
from sklearn.utils.fixes import parse_version

from skmultitag import MultiTagClassifier, ThresholdedClassifierCV, for_inference
from skmultitag.calibration import PlattCalibrator
from skmultitag.datasets import make_multitag_classification
from skmultitag.ensemble import MultilabelVotingClassifier
from skmultitag.model_selection import MultilabelStratifiedKFold
from skmultitag.multioutput import BinaryRelevanceClassifier
from skmultitag.thresholds import FBetaThreshold

# before, the checks did not take care that folds are the same with repeated rows
FAILED_CHECKS = dict.fromkeys(
    []
    if parse_version(sklearn.__version__) >= parse_version("1.7")
    else [
        "check_sample_weight_equivalence_on_dense_data",
        "check_sample_weight_equivalence_on_sparse_data",
    ],
    "other folds",
)

RIDGE = RidgeClassifier()
NEIGHBORS = KNeighborsClassifier(20)
BAYES = OneVsRestClassifier(GaussianNB())
MEMBERS = [("ridge", RIDGE), ("neighbors", NEIGHBORS), ("bayes", BAYES)]
METHODS = ["decision_function", "predict_proba", "predict_proba"]


@pytest.fixture(scope="module")
def data():
    return make_multitag_classification(200, 8, 4, imbalance=3, random_state=0)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@parametrize_with_checks(
    [MultilabelVotingClassifier(MEMBERS[:1], cv=2)],
    expected_failed_checks=lambda _: FAILED_CHECKS,
)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


def by_hand(X, y, X_new, weights=(1, 1, 1)):
    """Log-odds of new rows, and those out of fold."""
    folds = list(MultilabelStratifiedKFold(5).split(X, y))
    new, out_of_fold = [], []
    for (_, member), method in zip(MEMBERS, METHODS, strict=True):
        scores = cross_val_predict(member, X, y, cv=folds, method=method)
        fitted = clone(member).fit(X, y)
        scores_new = getattr(fitted, method)(X_new)
        if isinstance(scores, list):
            scores = np.column_stack([each[:, 1] for each in scores])
            scores_new = np.column_stack([each[:, 1] for each in scores_new])
        calibrator = PlattCalibrator(shrinkage=30).fit(scores, y)
        new.append(logit(calibrator.transform(scores_new)))
        out_of_fold.append(logit(calibrator.transform(scores)))
    means = [np.average(each, axis=0, weights=weights) for each in (new, out_of_fold)]
    return means


@pytest.mark.parametrize("weights", [None, [1, 2, 0]])
def test_mean_of_calibrated_log_odds(data, weights):
    X, y = data
    X, X_new, y = X[:150], X[150:], y[:150]
    vote = MultilabelVotingClassifier(MEMBERS, weights=weights).fit(X, y)
    new, out_of_fold = by_hand(X, y, X_new, weights or [1, 1, 1])
    assert_allclose(vote.decision_function(X_new), new, atol=1e-8)
    assert_allclose(vote.predict_proba(X_new), expit(new), atol=1e-8)
    assert_allclose(vote.oof_proba_, expit(out_of_fold), atol=1e-8)
    assert_array_equal(vote.predict(X_new), (new > 0).astype(int))


def test_a_member_alone_keeps_its_ranking(data):
    X, y = data
    vote = MultilabelVotingClassifier([("ridge", RIDGE)]).fit(X, y)
    margin = clone(RIDGE).fit(X, y).decision_function(X)
    assert_array_equal(
        np.argsort(vote.decision_function(X), axis=0), np.argsort(margin, axis=0)
    )


def test_thresholds_need_no_other_fit(data, monkeypatch):
    X, y = data
    fits = []
    fit = RidgeClassifier.fit
    monkeypatch.setattr(
        RidgeClassifier, "fit", lambda *args: fits.append(1) or fit(*args)
    )
    model = ThresholdedClassifierCV(
        MultilabelVotingClassifier(MEMBERS[:2]), FBetaThreshold()
    )
    model.fit(X, y)
    assert len(fits) == 6
    expected = FBetaThreshold().fit(model.estimator_.oof_proba_, y)
    assert_array_equal(model.threshold_, expected.threshold_)


def test_members_that_know_their_scores_are_fitted_once(data, monkeypatch):
    X, y = data
    fits = []
    fit = RandomForestClassifier.fit
    monkeypatch.setattr(
        RandomForestClassifier,
        "fit",
        lambda *args, **kwargs: fits.append(1) or fit(*args, **kwargs),
    )
    forest = RandomForestClassifier(50, oob_score=True, random_state=0)
    vote = MultilabelVotingClassifier([("forest", forest)]).fit(X, y)
    assert len(fits) == 1
    scores = vote.estimators_[0].oob_decision_function_[:, 1]
    expected = PlattCalibrator(shrinkage=30).fit(scores, y).transform(scores)
    assert_allclose(vote.oof_proba_, expected)


def test_dropped_members_have_no_part(data):
    X, y = data
    vote = MultilabelVotingClassifier(MEMBERS, weights=[1, 5, 2])
    vote.set_params(neighbors="drop").fit(X, y)
    others = MultilabelVotingClassifier([MEMBERS[0], MEMBERS[2]], weights=[1, 2])
    assert_allclose(vote.decision_function(X), others.fit(X, y).decision_function(X))
    assert list(vote.named_estimators_) == ["ridge", "bayes"]
    assert len(vote.estimators_) == 2


def test_names_and_forms_of_targets(data):
    X, y = data
    tags = [[f"tag {j}" for j in np.flatnonzero(row)] for row in y]
    expected = MultilabelVotingClassifier(MEMBERS).fit(X, y)
    of_tags = MultilabelVotingClassifier(MEMBERS).fit(X, tags)
    assert of_tags.label_names_.tolist() == [f"tag {j}" for j in range(4)]
    assert_allclose(of_tags.decision_function(X), expected.decision_function(X))
    assert of_tags.predict_tags(X[:2]) == [
        tuple(f"tag {j}" for j in np.flatnonzero(row))
        for row in expected.predict(X[:2])
    ]
    of_sparse = MultilabelVotingClassifier(MEMBERS).fit(X, sparse.csr_array(y))
    assert sparse.issparse(of_sparse.predict(X))
    assert_array_equal(of_sparse.predict(X).toarray(), expected.predict(X))


def test_two_classes(data):
    X, y = data
    names = np.where(y[:, 0] == 1, "yes", "no")
    vote = MultilabelVotingClassifier([("ridge", RIDGE)]).fit(X, names)
    margin = vote.decision_function(X)
    assert margin.shape == (200,)
    assert_array_equal(vote.predict(X), np.where(margin > 0, "yes", "no"))
    assert_allclose(
        vote.predict_proba(X), np.column_stack([expit(-margin), expit(margin)])
    )
    model = ThresholdedClassifierCV(vote, FBetaThreshold()).fit(X, names)
    assert model.estimator_.oof_proba_.shape == (200, 2)
    expected = FBetaThreshold().fit(model.estimator_.oof_proba_[:, 1:], names == "yes")
    assert_allclose(model.threshold_, expected.threshold_.item())


def test_weights_of_rows(data):
    X, y = data
    members = [("trees", MultiOutputClassifier(LogisticRegression()))]
    weight = np.arange(200) % 2
    folds = [
        (np.arange(100), np.arange(100, 200)),
        (np.arange(100, 200), np.arange(100)),
    ]
    weighted = MultilabelVotingClassifier(members, cv=folds).fit(X, y, weight)
    half = [(np.arange(50), np.arange(50, 100)), (np.arange(50, 100), np.arange(50))]
    kept = MultilabelVotingClassifier(members, cv=half).fit(X[1::2], y[1::2])
    assert_allclose(weighted.decision_function(X), kept.decision_function(X), atol=1e-3)
    with pytest.raises(
        TypeError, match="The member 'neighbors' takes no sample_weight"
    ):
        MultilabelVotingClassifier(MEMBERS).fit(X, y, weight)


def test_rows_without_scores_are_nan(data):
    X, y = data
    left_out = np.arange(100, 150)
    folds = [(np.arange(100), left_out), (np.arange(50), left_out)]
    vote = MultilabelVotingClassifier([("ridge", RIDGE)], cv=folds).fit(X, y)
    has_score = np.isfinite(vote.oof_proba_).all(axis=1)
    assert_array_equal(np.flatnonzero(has_score), left_out)
    model = ThresholdedClassifierCV(vote, FBetaThreshold()).fit(X, y)
    expected = FBetaThreshold().fit(vote.oof_proba_[100:150], y[100:150])
    assert_array_equal(model.threshold_, expected.threshold_)


def test_groups_go_to_the_splitter(data):
    X, y = data
    groups = np.arange(200) // 40
    vote = MultilabelVotingClassifier([("ridge", RIDGE)], cv=GroupKFold(5))
    folds = list(GroupKFold(5).split(X, y, groups))
    expected = clone(vote).set_params(cv=folds).fit(X, y)
    vote.fit(X, y, groups=groups)
    assert_allclose(vote.oof_proba_, expected.oof_proba_)


def test_metadata_routing(data):
    X, y = data
    weight = np.arange(200) % 2 + 1.0
    forest = RandomForestClassifier(5, random_state=0)
    plain = MultilabelVotingClassifier([("forest", forest)]).fit(X, y, weight)
    with sklearn.config_context(enable_metadata_routing=True):
        asking = clone(forest).set_fit_request(sample_weight=True)
        vote = MultilabelVotingClassifier([("forest", asking)])
        vote.set_fit_request(sample_weight=True).fit(X, y, sample_weight=weight)
    assert_allclose(vote.decision_function(X), plain.decision_function(X))


def test_search_over_members(data):
    X, y = data
    vote = MultilabelVotingClassifier(MEMBERS[:2], cv=2)
    grid = {"neighbors__n_neighbors": [3, 30], "weights": [None, [1, 3]]}
    search = GridSearchCV(
        make_pipeline(StandardScaler(), vote),
        {f"multilabelvotingclassifier__{name}": each for name, each in grid.items()},
        cv=2,
        scoring="f1_micro",
    ).fit(X, y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_saved_without_the_scores_of_training_rows(data):
    X, y = data
    vote = MultilabelVotingClassifier(MEMBERS).fit(X, y)
    small = pickle.loads(pickle.dumps(for_inference(vote)))
    assert_array_equal(small.decision_function(X), vote.decision_function(X))
    assert not hasattr(small, "oof_proba_") and hasattr(vote, "oof_proba_")


@pytest.mark.parametrize(
    "params, message",
    [
        ({"weights": [1, 2]}, "weights must have a number for each of the 3"),
        ({"weights": [1, -2, 1]}, "weights must be numbers, not negative"),
        ({"weights": [0, 0, 0]}, "weights must be numbers, not negative"),
        ({"weights": ["a", "b", "c"]}, "weights must be numbers, not negative"),
        ({"estimators": []}, "estimators"),
        ({"estimators": [("ridge", "drop")]}, "All estimators are dropped"),
        ({"estimators": [("a", RIDGE), ("a", RIDGE)]}, "Names provided are not unique"),
    ],
)
def test_bad_parameters(data, params, message):
    vote = MultilabelVotingClassifier(MEMBERS).set_params(**params)
    with pytest.raises(ValueError, match=message):
        vote.fit(*data)


def test_bad_input(data):
    X, y = data
    vote = MultilabelVotingClassifier(MEMBERS)
    with pytest.raises(ValueError, match="is multiclass"):
        vote.fit(X, np.arange(200) % 3)
    with pytest.raises(TypeError, match="to members only with metadata routing"):
        vote.fit(X, y, coat=np.ones(200))
    with pytest.raises(ValueError, match="same number of rows"):
        vote.fit(X, y[:-1])


def test_member_that_needs_complete_targets_is_named(data):
    X, y = data
    partial = np.where(np.arange(len(y))[:, None] % 3, y, np.nan)
    network = MultiTagClassifier(max_iter=1, random_state=0)
    members = [("net", network), ("ridge", make_pipeline(StandardScaler(), RIDGE))]
    vote = MultilabelVotingClassifier(members)
    name = type(RIDGE).__name__
    with pytest.raises(ValueError, match=f"which {name}, the member 'ridge', can't"):
        vote.fit(X, partial)
    by_label = BinaryRelevanceClassifier(LogisticRegression())
    vote.set_params(ridge=by_label).fit(X, partial)
    vote.set_params(ridge="drop").fit(X, partial)

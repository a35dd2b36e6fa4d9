import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import sklearn
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.metrics import f1_score
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    KFold,
    ShuffleSplit,
    StratifiedKFold,
    cross_val_predict,
    cross_val_score,
)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from skmultitag import MultiTagClassifier
from skmultitag.calibration import PlattCalibrator
from skmultitag.kernel_ridge import KernelRidgeClassifierCV
from skmultitag.losses import BinaryCrossEntropyLoss
from skmultitag.metrics import get_scorer
from skmultitag.model_selection import MultilabelStratifiedKFold
from skmultitag.thresholds import (
    ExpectedFBetaThreshold,
    FBetaThreshold,
    FixedThreshold,
    HalfFThreshold,
    LabelCountThreshold,
    PlattKnee,
    ThresholdedClassifierCV,
    TopKThreshold,
)

LOGISTIC = LogisticRegression(solver="liblinear")
CLASSIFIERS = [
    RandomForestClassifier(10, random_state=0),
    KNeighborsClassifier(),
    OneVsRestClassifier(LOGISTIC),
    MultiOutputClassifier(LOGISTIC),
    RidgeClassifier(),
    make_pipeline(StandardScaler(), OneVsRestClassifier(LOGISTIC)),
    MultiTagClassifier("bce", max_iter=3, hidden_layer_sizes=8, random_state=0),
]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@pytest.mark.filterwarnings("ignore:The least populated class")  # scikit-learn 1.6
@parametrize_with_checks(
    [ThresholdedClassifierCV(LOGISTIC)],
    expected_failed_checks=lambda _: {
        "check_classifiers_train": "the decision is not the largest probability"
    },
)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


def scores_of(estimator, X):
    """Written out for each form of answer."""
    if hasattr(estimator, "predict_proba"):
        proba = estimator.predict_proba(X)
        if isinstance(proba, list):
            return np.column_stack([p[:, 1] for p in proba])
        return proba
    return estimator.decision_function(X)


@pytest.mark.parametrize("estimator", CLASSIFIERS, ids=lambda e: type(e).__name__)
def test_thresholds_are_those_of_out_of_fold_scores(estimator, multilabel_data):
    X, y, _ = multilabel_data
    cv = KFold(3, shuffle=True, random_state=0)
    model = ThresholdedClassifierCV(estimator, cv=cv, store_cv_results=True).fit(X, y)
    held_out = np.empty(y.shape, dtype=scores_of(estimator.fit(X, y), X).dtype)
    for fold, (train, test) in enumerate(cv.split(X)):
        held_out[test] = scores_of(clone(estimator).fit(X[train], y[train]), X[test])
        own = FBetaThreshold(shrinkage=50).fit(held_out[test], y[test])
        stored = model.cv_results_["thresholds"][fold]
        np.testing.assert_allclose(stored, own.threshold_)
    expected = FBetaThreshold(shrinkage=50).fit(held_out, y)
    np.testing.assert_allclose(model.threshold_, expected.threshold_)
    scores = scores_of(clone(estimator).fit(X, y), X)
    np.testing.assert_array_equal(model.predict(X), scores >= model.threshold_)
    if hasattr(estimator, "predict_proba"):
        np.testing.assert_allclose(model.predict_proba(X), scores)
    assert model.classes_.tolist() == [0, 1, 2, 3, 4]


class Counter(ClassifierMixin, BaseEstimator):
    """Counts its fits; its scores are the first columns of X."""

    fits = 0

    def fit(self, X, y, sample_weight=None):
        type(self).fits += 1
        type(self).weight = sample_weight
        self.classes_ = np.tile([0, 1], (y.shape[1], 1))
        return self

    def decision_function(self, X):
        return X[:, : len(self.classes_)]


def test_one_fit_a_fold_and_one_of_all_rows(multilabel_data):
    X, y, _ = multilabel_data
    Counter.fits = 0
    ThresholdedClassifierCV(Counter(), cv=4).fit(X, y)
    assert Counter.fits == 5


@pytest.mark.parametrize("frozen", [False, True])
def test_prefit_takes_all_rows(frozen, multilabel_data):
    X, y, _ = multilabel_data
    forest = RandomForestClassifier(10, random_state=0).fit(X[:150], y[:150])
    if frozen:
        model = ThresholdedClassifierCV(FrozenEstimator(forest))
    else:
        model = ThresholdedClassifierCV(forest, cv="prefit")
    model.fit(X[150:], y[150:])
    expected = FBetaThreshold(shrinkage=50).fit(scores_of(forest, X[150:]), y[150:])
    np.testing.assert_array_equal(model.threshold_, expected.threshold_)
    with pytest.raises(ValueError, match="none: the classifier is fitted already"):
        model.set_params(store_cv_results=True).fit(X[150:], y[150:])


def test_prefit_of_an_estimator_that_is_not_fitted(multilabel_data):
    X, y, _ = multilabel_data
    tags = [np.flatnonzero(row).tolist() for row in y]
    for estimator in (CLASSIFIERS[0], KernelRidgeClassifierCV()):
        model = ThresholdedClassifierCV(clone(estimator), cv="prefit")
        for target in (y, tags):
            name = type(estimator).__name__
            with pytest.raises(NotFittedError, match=f"This {name} instance is not"):
                model.fit(X, target)


def test_forms_of_the_target(multilabel_data):
    X, y, _ = multilabel_data
    estimator = OneVsRestClassifier(LOGISTIC)
    expected = ThresholdedClassifierCV(estimator, cv=3).fit(X, y)
    spread = ThresholdedClassifierCV(estimator, cv=3).fit(X, sparse.csr_array(y))
    assert type(spread.predict(X)) is sparse.csr_array
    np.testing.assert_array_equal(spread.threshold_, expected.threshold_)
    frame = pd.DataFrame(y, columns=list("abcde"))
    named = ThresholdedClassifierCV(CLASSIFIERS[0], cv=3).fit(X, frame)
    assert named.label_names_.tolist() == list("abcde")


def test_two_classes(multilabel_data):
    X, y, _ = multilabel_data
    target = np.where(y[:, 0], "yes", "no")
    model = ThresholdedClassifierCV(LOGISTIC, cv=3).fit(X, target)
    proba = model.predict_proba(X)
    assert proba.shape == (300, 2) and model.classes_.tolist() == ["no", "yes"]
    expected = np.where(proba[:, 1] >= model.threshold_, "yes", "no")
    np.testing.assert_array_equal(model.predict(X), expected)


def test_fold_that_misses_a_label(multilabel_data):
    X, y, _ = multilabel_data
    y = y.copy()
    y[:, 2] = np.arange(300) < 100  # the first of three folds has all of it
    model = ThresholdedClassifierCV(
        CLASSIFIERS[0], FBetaThreshold(), cv=KFold(3), store_cv_results=True
    )
    model.fit(X, y)
    assert np.isfinite(model.threshold_).all()
    stored, std = model.cv_results_["thresholds"], model.cv_results_["std_threshold"]
    assert np.isinf(stored[1:, 2]).all()
    others = [0, 1, 3, 4]
    np.testing.assert_allclose(std[others], stored[:, others].std(axis=0))
    assert np.isnan(std[2])  # one finite threshold has no spread


def test_fold_without_positives(multilabel_data):
    """Its scores count with those of the others, but give no threshold alone."""
    X, y, _ = multilabel_data
    y = y * (np.arange(300) < 200)[:, None]
    model = ThresholdedClassifierCV(Counter(), cv=KFold(3)).fit(X, y)
    expected = FBetaThreshold(shrinkage=50).fit(X[:, :5], y)
    np.testing.assert_allclose(model.threshold_, expected.threshold_)
    model.set_params(store_cv_results=True)
    with pytest.raises(ValueError, match="left out in fold 2 have no positive"):
        model.fit(X, y)


def test_nothing_of_the_folds_is_kept_unasked(multilabel_data):
    X, y, _ = multilabel_data
    model = ThresholdedClassifierCV(Counter(), cv=KFold(3), store_cv_results=True)
    assert len(model.fit(X, y).cv_results_["thresholds"]) == 3
    assert model.set_params(store_cv_results=False).fit(X, y).cv_results_ is None


class FirstLabelFolds(StratifiedKFold):
    """Stratified by the first label."""

    def split(self, X, y, groups=None):
        return super().split(X, np.asarray(y)[:, 0])


def test_splitter_gets_the_target(multilabel_data):
    X, y, _ = multilabel_data
    model = ThresholdedClassifierCV(
        Counter(), cv=FirstLabelFolds(3), store_cv_results=True
    ).fit(X, y)
    stored = model.cv_results_["thresholds"]
    for fold, (_, rows) in enumerate(FirstLabelFolds(3).split(X, y)):
        own = FBetaThreshold(shrinkage=50).fit(X[rows, :5], y[rows])
        np.testing.assert_array_equal(stored[fold], own.threshold_)
    with pytest.raises(ValueError, match="multilabel-indicator"):
        ThresholdedClassifierCV(Counter(), cv=StratifiedKFold(3)).fit(X, y)


def test_groups_are_routed_to_the_splitter(multilabel_data):
    X, y, _ = multilabel_data
    groups = np.arange(300) // 30
    with sklearn.config_context(enable_metadata_routing=True):
        model = ThresholdedClassifierCV(
            Counter(), cv=GroupKFold(3), store_cv_results=True
        ).fit(X, y, groups=groups)
    stored = model.cv_results_["thresholds"]
    for fold, (_, rows) in enumerate(GroupKFold(3).split(X, y, groups)):
        own = FBetaThreshold(shrinkage=50).fit(X[rows, :5], y[rows])
        np.testing.assert_array_equal(stored[fold], own.threshold_)


@pytest.mark.parametrize("requested", [False, True])
def test_calibrator_has_its_own_request(requested, multilabel_data):
    X, y, _ = multilabel_data
    weight = np.arange(300.0)
    with sklearn.config_context(enable_metadata_routing=True):
        model = ThresholdedClassifierCV(
            Counter().set_fit_request(sample_weight=True),
            FixedThreshold().set_fit_request(sample_weight=False),
            calibrator=PlattCalibrator().set_fit_request(sample_weight=requested),
            cv=KFold(3),
        ).fit(X, y, sample_weight=weight)
    expected = PlattCalibrator().fit(X[:, :5], y, weight if requested else None)
    np.testing.assert_array_equal(model.calibrator_.slope_, expected.slope_)


@pytest.mark.parametrize("estimator", CLASSIFIERS[:3], ids=lambda e: type(e).__name__)
@pytest.mark.parametrize("form", ["tags", "sparse", "bool"])
def test_targets_that_not_all_classifiers_take(estimator, form, multilabel_data):
    X, y, _ = multilabel_data
    expected = ThresholdedClassifierCV(estimator, cv=3).fit(X, y)
    target = {
        "tags": [[f"t{j}" for j in np.flatnonzero(row)] for row in y],
        "sparse": sparse.csr_array(y),
        "bool": y == 1,
    }[form]
    model = ThresholdedClassifierCV(estimator, cv=3).fit(X, target)
    np.testing.assert_array_equal(model.threshold_, expected.threshold_)
    predicted = model.predict(X)
    predicted = predicted.toarray() if form == "sparse" else predicted
    np.testing.assert_array_equal(predicted, expected.predict(X))


def test_thresholder_that_does_not_decide_raises(multilabel_data):
    X, y, _ = multilabel_data
    with pytest.raises(ValueError, match="pass it as calibrator"):
        ThresholdedClassifierCV(CLASSIFIERS[0], PlattCalibrator()).fit(X, y)


def test_training_rows_without_a_label_raise(multilabel_data):
    X, y, _ = multilabel_data
    y = y.copy()
    y[:, 3] = np.arange(300) < 100
    with pytest.raises(ValueError, match=r"fold, in which the labels \[3\] have one"):
        ThresholdedClassifierCV(CLASSIFIERS[3], cv=KFold(3)).fit(X, y)


class RefusesConstantLabels(Counter):
    def fit(self, X, y, sample_weight=None):
        raise ValueError("Some label has one class.")


def test_messages_are_short_for_many_labels():
    X, y = np.zeros((4, 1)), np.zeros((4, 100_000), dtype=int)
    y[0], y[2, 1:] = 1, 1
    y[:, :50_000] = [[1], [1], [0], [0]]
    with pytest.raises(ValueError, match=r"the labels \[0, 1, .* have one") as info:
        ThresholdedClassifierCV(RefusesConstantLabels(), cv=KFold(2)).fit(X, y)
    assert len(str(info.value)) < 500


def test_message_of_decisions_is_short():
    scores = np.random.default_rng(0).random((4, 100_000))
    y = np.tile([[0], [1]], (2, 100_000))
    wrong = ThresholdedClassifierCV(Counter(), StandardScaler(), cv=KFold(2))
    with pytest.raises(ValueError, match="pass it as calibrator") as info:
        wrong.fit(scores, y)
    assert len(str(info.value)) < 1000


def test_weights_of_another_length_raise_and_none_is_nothing(multilabel_data):
    X, y, _ = multilabel_data
    with pytest.raises(ValueError, match="sample_weight"):
        ThresholdedClassifierCV(Counter()).fit(X, y, sample_weight=np.ones(10))
    ThresholdedClassifierCV(CLASSIFIERS[1]).fit(X, y, sample_weight=None)


def test_one_split_without_refit(multilabel_data):
    X, y, _ = multilabel_data
    cv = ShuffleSplit(1, test_size=0.4, random_state=0)
    train, test = next(cv.split(X))
    Counter.fits = 0
    ThresholdedClassifierCV(Counter(), cv=cv, refit=False).fit(X, y)
    assert Counter.fits == 1
    forest = CLASSIFIERS[0]
    model = ThresholdedClassifierCV(forest, cv=cv, refit=False).fit(X, y)
    fitted = clone(forest).fit(X[train], y[train])
    np.testing.assert_array_equal(model.predict_proba(X), scores_of(fitted, X))
    expected = FBetaThreshold(shrinkage=50).fit(scores_of(fitted, X[test]), y[test])
    np.testing.assert_array_equal(model.threshold_, expected.threshold_)
    with pytest.raises(ValueError, match="single split, got 5"):
        ThresholdedClassifierCV(forest, refit=False).fit(X, y)


@pytest.mark.parametrize(
    "thresholder", [TopKThreshold(2), ExpectedFBetaThreshold(), LabelCountThreshold()]
)
def test_decisions_without_a_threshold(thresholder, multilabel_data):
    X, y, _ = multilabel_data
    model = ThresholdedClassifierCV(CLASSIFIERS[0], thresholder, cv=3).fit(X, y)
    assert not hasattr(model, "threshold_") and model.cv_results_ is None
    expected = model.thresholder_.transform(model.predict_proba(X))
    np.testing.assert_array_equal(model.predict(X), expected)
    with pytest.raises(ValueError, match=f"{type(thresholder).__name__} has no thresh"):
        model.set_params(store_cv_results=True).fit(X, y)


def test_label_count_for_any_classifier(multilabel_data):
    """Out of fold: fitted by hand on scores that `cross_val_predict` makes."""
    X, y, _ = multilabel_data
    cv = KFold(3)
    model = ThresholdedClassifierCV(CLASSIFIERS[2], LabelCountThreshold(), cv=cv)
    predicted = model.fit(X, y).predict(X)
    held_out = cross_val_predict(CLASSIFIERS[2], X, y, cv=cv, method="predict_proba")
    expected = LabelCountThreshold().fit(held_out, y)
    scores = model.predict_proba(X)
    n_labels = expected.predict_label_count(scores)
    assert len(np.unique(n_labels)) > 2
    np.testing.assert_array_equal(predicted.sum(axis=1), n_labels)
    np.testing.assert_array_equal(predicted, expected.transform(scores))


class OneVsRestOfSparseAnswers(OneVsRestClassifier):
    """Answers as the classifiers of scikit-multilearn do."""

    def predict_proba(self, X):
        return sparse.lil_matrix(super().predict_proba(X))


def test_sparse_probabilities(multilabel_data):
    X, y, _ = multilabel_data
    expected = ThresholdedClassifierCV(OneVsRestClassifier(LOGISTIC), cv=3).fit(X, y)
    model = ThresholdedClassifierCV(OneVsRestOfSparseAnswers(LOGISTIC), cv=3).fit(X, y)
    np.testing.assert_array_equal(model.threshold_, expected.threshold_)
    np.testing.assert_array_equal(model.predict(X), expected.predict(X))
    np.testing.assert_array_equal(model.predict_proba(X), expected.predict_proba(X))


@pytest.mark.parametrize("calibrator", [None, PlattCalibrator(), StandardScaler()])
@pytest.mark.parametrize(
    "thresholder",
    [None, PlattKnee(), LabelCountThreshold().set_output(transform="pandas")],
)
@pytest.mark.parametrize("when", ["fit", "predict", "both"])
def test_arrays_come_out_whatever_transformers_return(
    calibrator, thresholder, when, multilabel_data
):
    X, y, _ = multilabel_data
    model = ThresholdedClassifierCV(
        CLASSIFIERS[2], thresholder, calibrator=calibrator, cv=3
    )
    expected = clone(model).fit(X, y)
    with sklearn.config_context(
        transform_output="default" if when == "predict" else "pandas"
    ):
        model.fit(X, y)
    with sklearn.config_context(
        transform_output="default" if when == "fit" else "pandas"
    ):
        predicted, proba = model.predict(X), model.predict_proba(X)
    assert type(predicted) is type(proba) is np.ndarray
    np.testing.assert_array_equal(predicted, expected.predict(X))
    np.testing.assert_array_equal(proba, expected.predict_proba(X))


def test_margins_are_made_probabilities(multilabel_data):
    X, y, _ = multilabel_data
    model = ThresholdedClassifierCV(RidgeClassifier(), calibrator=PlattCalibrator())
    model.fit(X, y)
    margin = model.decision_function(X)
    np.testing.assert_array_equal(margin, model.estimator_.decision_function(X))
    proba = model.predict_proba(X)
    np.testing.assert_allclose(proba, model.calibrator_.transform(margin))
    np.testing.assert_array_equal(model.predict(X), proba >= model.threshold_)


@pytest.mark.parametrize("thresholder", [HalfFThreshold(), ExpectedFBetaThreshold()])
def test_thresholder_sees_calibrated_scores_only(thresholder, multilabel_data):
    X, y, _ = multilabel_data
    model = ThresholdedClassifierCV(
        RidgeClassifier(), thresholder, calibrator=PlattCalibrator()
    ).fit(5 * X, y)  # margins beyond [0, 1]
    assert model.thresholder_.calibrator_ is None
    expected = model.thresholder_.transform(model.predict_proba(5 * X))
    np.testing.assert_array_equal(model.predict(5 * X), expected)


@pytest.mark.parametrize("name", ["f1_macro", "roc_auc", "average_precision"])
def test_scorers_of_scikit_learn(name, multilabel_data):
    X, y, _ = multilabel_data
    for thresholder in (PlattKnee(), FBetaThreshold(average="samples")):
        model = ThresholdedClassifierCV(CLASSIFIERS[0], thresholder, cv=3)
        scores = cross_val_score(model, X, y, scoring=name, cv=3)
        assert np.isfinite(scores).all()


def test_calibrator_comes_before_the_thresholds(multilabel_data):
    X, y, _ = multilabel_data
    model = ThresholdedClassifierCV(
        OneVsRestClassifier(LOGISTIC),
        FixedThreshold(0.0),
        calibrator=StandardScaler(),
        cv=3,
    ).fit(X, y)
    # a number of folds keeps the frequencies of labels
    folds = MultilabelStratifiedKFold(3)
    held_out = cross_val_predict(
        OneVsRestClassifier(LOGISTIC), X, y, cv=folds, method="predict_proba"
    )
    np.testing.assert_allclose(model.calibrator_.mean_, held_out.mean(axis=0))
    scores = model.calibrator_.transform(model.estimator_.predict_proba(X))
    np.testing.assert_array_equal(model.predict(X), scores >= 0)


def test_grid_reaches_loss_and_thresholder(multilabel_data):
    X, y, _ = multilabel_data
    network = MultiTagClassifier(max_iter=2, hidden_layer_sizes=8, random_state=0)
    model = ThresholdedClassifierCV(network, FBetaThreshold(), cv=2)
    grid = {"estimator__loss__beta": [0.5, 1.0], "thresholder__beta": [0.5, 2.0]}
    search = GridSearchCV(model, grid, scoring="f1_macro", cv=2).fit(X, y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    best = search.best_estimator_
    assert best.thresholder_.beta == search.best_params_["thresholder__beta"]
    assert best.estimator_.loss_.beta == search.best_params_["estimator__loss__beta"]
    assert np.isfinite(get_scorer("soft_f1")(search, X, y))


def test_n_jobs_changes_nothing(multilabel_data):
    X, y, _ = multilabel_data
    one = ThresholdedClassifierCV(CLASSIFIERS[0], cv=3).fit(X, y)
    two = ThresholdedClassifierCV(CLASSIFIERS[0], cv=3, n_jobs=2).fit(X, y)
    np.testing.assert_array_equal(one.threshold_, two.threshold_)


@pytest.mark.parametrize("routing", [False, True])
def test_weights_go_to_the_classifier(routing, multilabel_data):
    X, y, _ = multilabel_data
    weight = np.arange(300.0)
    with sklearn.config_context(enable_metadata_routing=routing):
        estimator = Counter()
        if routing:
            estimator.set_fit_request(sample_weight=True)
        ThresholdedClassifierCV(estimator, cv=3).fit(X, y, sample_weight=weight)
    np.testing.assert_array_equal(Counter.weight, weight)


def test_weights_count_in_the_thresholds(multilabel_data):
    X, y, _ = multilabel_data
    weight = np.arange(300) % 3
    model = ThresholdedClassifierCV(Counter(), cv=KFold(3))
    model.fit(X, y, sample_weight=weight)
    expected = FBetaThreshold(shrinkage=50).fit(X[:, :5], y, weight)
    np.testing.assert_allclose(model.threshold_, expected.threshold_)


def test_tuned_thresholds_beat_one_half(multilabel_data):
    X, y, _ = multilabel_data
    forest = RandomForestClassifier(100, random_state=0)
    model = ThresholdedClassifierCV(forest).fit(X[:200], y[:200])
    scores = [
        f1_score(y[200:], fitted.predict(X[200:]), average="macro", zero_division=0)
        for fitted in (model, forest.fit(X[:200], y[:200]))
    ]
    assert scores[0] > scores[1] + 0.05


@pytest.mark.parametrize(
    "estimator, error, message",
    [
        (StandardScaler(), TypeError, "StandardScaler has neither predict_proba nor"),
        ("forest", ValueError, "'estimator' parameter of ThresholdedClassifierCV"),
    ],
)
def test_estimators_without_scores_raise(estimator, error, message, multilabel_data):
    X, y, _ = multilabel_data
    with pytest.raises(error, match=message):
        ThresholdedClassifierCV(estimator).fit(X, y)


def test_multiclass_raises(multilabel_data):
    X, y, _ = multilabel_data
    with pytest.raises(ValueError, match="Only binary classification is supported"):
        ThresholdedClassifierCV(LOGISTIC).fit(X, y.argmax(axis=1))


def test_classifier_with_other_labels_raises(multilabel_data):
    X, y, _ = multilabel_data
    for fitted in (CLASSIFIERS[0].fit(X, y), CLASSIFIERS[2].fit(X, y)):
        with pytest.raises(ValueError, match="scores of 5 labels, but y has 3"):
            ThresholdedClassifierCV(fitted, cv="prefit").fit(X, y[:, :3])


def test_only_methods_of_the_classifier():
    assert not hasattr(ThresholdedClassifierCV(RidgeClassifier()), "predict_proba")
    assert hasattr(ThresholdedClassifierCV(LOGISTIC), "predict_proba")


def test_works_where_there_is_no_torch():
    code = """
import sys
class NotInstalled:
    def find_spec(self, name, *args):
        if name.partition(".")[0] in ("torch", "skorch"):
            raise ImportError(name)
sys.meta_path.insert(0, NotInstalled())
from sklearn.tree import DecisionTreeClassifier
from skmultitag.thresholds import LabelCountThreshold, ThresholdedClassifierCV
X, y = [[0.0], [1.0]] * 10, [[0, 1], [1, 1]] * 10
for thresholder in (None, LabelCountThreshold()):
    model = ThresholdedClassifierCV(DecisionTreeClassifier(), thresholder, cv=2)
    assert (model.fit(X, y).predict(X) == y).all()
"""
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("form", [list, sparse.csr_matrix])
def test_tags_come_back(form, multilabel_data):
    X, y, _ = multilabel_data
    names = np.array(["art", "food", "law", "news", "sport"])
    tags = [names[row == 1].tolist() for row in y]
    target = tags if form is list else form(y)
    model = ThresholdedClassifierCV(KNeighborsClassifier(), cv=2).fit(X, target)
    names = model.label_names_
    for row, labels in zip(model.predict_tags(X), model.predict(X), strict=True):
        labels = labels.toarray()[0] if sparse.issparse(labels) else labels
        assert row == tuple(names[labels == 1].tolist())


def test_tags_of_one_dimension(multilabel_data):
    X, y, _ = multilabel_data
    classes = np.array(["no", "yes"])[y[:, 0]]
    model = ThresholdedClassifierCV(KNeighborsClassifier(), cv=2).fit(X, classes)
    assert model.predict_tags(X) == [(label,) for label in model.predict(X).tolist()]


@pytest.mark.parametrize("as_type", [str, object, "float16"])
def test_classifiers_get_an_indicator_of_integers_from_any_form(
    multilabel_data, as_type
):
    X, y, _ = multilabel_data
    forest = RandomForestClassifier(5, random_state=0)
    expected = ThresholdedClassifierCV(forest, cv=2).fit(X, y)
    ours = ThresholdedClassifierCV(forest, cv=2).fit(X, y.astype(as_type))
    np.testing.assert_array_equal(ours.threshold_, expected.threshold_)
    np.testing.assert_array_equal(ours.predict(X), expected.predict(X))


@pytest.mark.parametrize("as_tags", [False, True])
def test_values_by_label_reach_the_classifier(multilabel_data, as_tags):
    X, y, _ = multilabel_data
    names = ["e", "b", "a", "c", "d"]
    target = pd.DataFrame(y, columns=names)
    if as_tags:
        names = sorted(names)
        target = [[n for n in target if row[n]] for _, row in target.iterrows()]
    weights = {name: 1.0 + ord(name) - ord("a") for name in names}
    models = [
        ThresholdedClassifierCV(
            make_pipeline(
                MultiTagClassifier(
                    BinaryCrossEntropyLoss(pos_weight), max_iter=2, random_state=0
                )
            ),
            cv=2,
        ).fit(X, target)
        for pos_weight in (weights, [weights[name] for name in names])
    ]
    np.testing.assert_array_equal(*(model.predict_proba(X) for model in models))
    assert models[0].estimator_[-1].label_names_.tolist() == names


def test_tags_need_a_fitted_classifier_with_names(multilabel_data):
    X, y, _ = multilabel_data
    forest = RandomForestClassifier(5, random_state=0).fit(X, y)
    tags = [[f"t{j}" for j in np.flatnonzero(row)] for row in y]
    with pytest.raises(ValueError, match="fitted RandomForestClassifier does not"):
        ThresholdedClassifierCV(forest, cv="prefit").fit(X, tags)


@pytest.mark.parametrize("wrap", [lambda m: m, FrozenEstimator, make_pipeline])
def test_labels_of_a_fitted_classifier_are_paired_by_name(multilabel_data, wrap):
    X, y, _ = multilabel_data
    names = ["zebra", *(f"label {j}" for j in range(1, y.shape[1]))]
    frame = pd.DataFrame(y, columns=names)
    tags = [[names[j] for j in np.flatnonzero(row)] for row in y]
    network = MultiTagClassifier("bce", max_iter=3, random_state=0).fit(X, frame)
    expected = ThresholdedClassifierCV(network, cv="prefit").fit(X, frame)
    ours = ThresholdedClassifierCV(wrap(network), cv="prefit").fit(X, tags)
    assert ours.label_names_.tolist() == names
    np.testing.assert_array_equal(ours.threshold_, expected.threshold_)
    # a label may be missing from these rows, and a new one is refused
    without = [[tag for tag in row if tag != names[2]] for row in tags]
    some = ThresholdedClassifierCV(wrap(network), cv="prefit").fit(X, without)
    assert some.predict(X).shape == y.shape
    with pytest.raises(ValueError, match="such as 'lion'"):
        ours.fit(X, [[*row, "lion"] for row in tags])
    again = ours.fit(X, frame[names[::-1]])
    np.testing.assert_array_equal(again.threshold_, expected.threshold_)
    with pytest.raises(ValueError, match=r"it lacks \['zebra'\]"):
        ours.fit(X, frame[names[1:]])


def test_ranking_loss_warns_of_its_missing_threshold_only_where_it_decides(
    multilabel_data,
):
    """Neither where thresholds are tuned nor where scores are asked for."""
    X, y, _ = multilabel_data
    ranking = MultiTagClassifier("lsep", max_iter=2, random_state=0)
    tuned = ThresholdedClassifierCV(ranking, LabelCountThreshold(), cv=2).fit(X, y)
    assert tuned.predict(X).sum(axis=1).std() > 0  # warnings are errors in the tests
    tuned.estimator_.predict_proba(X)
    with pytest.warns(UserWarning, match="LSEPLoss.* no threshold of its own"):
        tuned.estimator_.predict(X)
    tuned.estimator_.set_params(threshold=0.5).predict(X)


def test_probabilities_of_scores_need_a_calibrator(multilabel_data):
    X, y, _ = multilabel_data
    model = ThresholdedClassifierCV(KernelRidgeClassifierCV())
    with pytest.raises(AttributeError, match="has no attribute 'predict_proba'") as e:
        model.fit(X, y).predict_proba(X)
    assert "'KernelRidgeClassifierCV' object has no" in str(e.value.__cause__)
    assert "calibrator=PlattCalibrator()" in str(e.value.__cause__)
    assert not hasattr(model, "predict_proba")
    model.set_params(calibrator=PlattCalibrator())
    assert model.fit(X, y).predict_proba(X).shape == y.shape

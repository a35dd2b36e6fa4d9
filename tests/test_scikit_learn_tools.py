"""What the guide's page on scikit-learn's tools says, one case a line of its tables.

A case is named as the first cell of the line is, and knows the second. What it calls is
what the third says.
"""

import copy
import io
import pickle
import re
from pathlib import Path

import joblib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import sklearn
from imblearn.pipeline import Pipeline as ResamplingPipeline
from scipy import sparse
from sklearn import ensemble, inspection, metrics, model_selection
from sklearn.base import clone
from sklearn.calibration import (
    CalibratedClassifierCV,
    CalibrationDisplay,
    calibration_curve,
)
from sklearn.compose import ColumnTransformer
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.feature_selection import (
    RFE,
    RFECV,
    SelectFromModel,
    SequentialFeatureSelector,
)
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    cross_val_predict,
    cross_val_score,
)
from sklearn.multiclass import (
    OneVsOneClassifier,
    OneVsRestClassifier,
    OutputCodeClassifier,
)
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import MultiLabelBinarizer, RobustScaler, StandardScaler
from sklearn.semi_supervised import SelfTrainingClassifier
from sklearn.utils.fixes import parse_version

import skmultitag
from skmultitag import MultiTagClassifier, ThresholdedClassifierCV
from skmultitag.calibration import PlattCalibrator
from skmultitag.ensemble import MultilabelVotingClassifier
from skmultitag.metrics import binary_cross_entropy_error, get_scorer
from skmultitag.model_selection import (
    MultilabelStratifiedKFold,
    multilabel_train_test_split,
)
from skmultitag.sampling import MLROS
from skmultitag.thresholds import FBetaThreshold, TopKThreshold

PAGE = Path(__file__).parents[1] / "doc" / "user_guide" / "scikit_learn_tools.rst"
NAMES = ["bird", "cat", "dog", "fish"]
WORKS, WITH_A_SETTING, REFUSED = "yes", "with a setting", "no"
FOLDS = KFold(2)
VERSION = parse_version(sklearn.__version__)
CASES = {}


def case(tool, works):
    """Add a function without arguments as the case of a line of the page."""

    def add(test):
        assert tool not in CASES
        CASES[tool] = works, test
        return test

    return add


def lines_of_page():
    """First and second cell of each line of the tables."""
    text = PAGE.read_text(encoding="utf-8").replace("``", "")
    lines = re.findall(r"^   \* - (.+(?:\n       .+)*)\n     - (.+)$", text, re.M)
    lines = [(" ".join(tool.split()), works) for tool, works in lines]
    return [line for line in lines if line[0] != "Tool"]


def test_page_and_cases_are_the_same():
    cases = {tool: works for tool, (works, _) in CASES.items()}
    assert dict(lines_of_page()) == cases
    assert len(lines_of_page()) == len(cases)


def make_data():
    """Four labels, each a noisy linear function of six features."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(120, 6))
    noise = rng.normal(size=(120, 4))
    return X, (X @ rng.normal(size=(6, 4)) + noise > 0.6).astype(int)


X, Y = make_data()
FRAME = pd.DataFrame(Y, columns=NAMES)
TAGS = [[NAMES[label] for label in row.nonzero()[0]] for row in Y]


def tagger(loss="sigmoid_f1", **params):
    params = {"hidden_layer_sizes": (8,), "max_iter": 4, "random_state": 0, **params}
    return MultiTagClassifier(loss, learning_rate_init=0.01, **params)


def refuses(call, *args, match, error=ValueError, **kwargs):
    with pytest.raises(error, match=match):
        call(*args, **kwargs)


def same(ours, theirs, **tolerance):
    np.testing.assert_allclose(ours, theirs, **{"rtol": 1e-6, "atol": 1e-9} | tolerance)


def f1_of_folds(model, y=Y):
    """Macro F1 of each of the two folds, by a loop."""
    scores = []
    for train, test in FOLDS.split(X):
        y_pred = clone(model).fit(X[train], y[train]).predict(X[test])
        f1 = [metrics.f1_score(y[test, j], y_pred[:, j]) for j in range(y.shape[1])]
        scores.append(np.mean(f1))
    return scores


# Pipelines, settings, files


@case("MultiLabelBinarizer", WORKS)
def binarizer():
    indicator = MultiLabelBinarizer().fit_transform(TAGS)
    model = tagger().fit(X, TAGS)
    same(tagger().fit(X, indicator).predict_proba(X), model.predict_proba(X))


@case("Pipeline, make_pipeline", WORKS)
def pipeline():
    model = make_pipeline(StandardScaler(), tagger()).fit(X, Y)
    X_scaled = (X - X.mean(axis=0)) / X.std(axis=0)
    same(model.predict_proba(X), tagger().fit(X_scaled, Y).predict_proba(X_scaled))


@case("predict_tags of a pipeline or a search", WITH_A_SETTING)
def tags_of_a_pipeline():
    model = make_pipeline(StandardScaler(), tagger()).fit(X, TAGS)
    assert not hasattr(model, "predict_tags")
    expected = [tuple(np.array(NAMES)[row == 1]) for row in model.predict(X)]
    assert skmultitag.predict_tags(model, X) == expected
    search = GridSearchCV(model, {}, cv=FOLDS, refit=True).fit(X, FRAME)
    assert skmultitag.predict_tags(search, X) == expected


@case("FeatureUnion", WORKS)
def feature_union():
    scalers = StandardScaler(), RobustScaler()
    union = FeatureUnion([("standard", scalers[0]), ("robust", scalers[1])])
    both = np.hstack([scaler.fit_transform(X) for scaler in scalers])
    model = make_pipeline(union, tagger()).fit(X, Y)
    same(model.predict_proba(X), tagger().fit(both, Y).predict_proba(both))


@case("ColumnTransformer", WORKS)
def column_transformer():
    frame = pd.DataFrame(X, columns=list("abcdef"))
    columns = ColumnTransformer(
        [("scaled", StandardScaler(), ["a", "b"]), ("same", "passthrough", ["f"])]
    )
    part = np.hstack([StandardScaler().fit_transform(X[:, :2]), X[:, 5:]])
    model = make_pipeline(columns, tagger()).fit(frame, FRAME)
    same(model.predict_proba(frame), tagger().fit(part, Y).predict_proba(part))


@case("imblearn.pipeline", WORKS)
def resampling_pipeline():
    sampler = MLROS(random_state=0)
    model = ResamplingPipeline([("more", sampler), ("tag", tagger())]).fit(X, Y)
    resampled = sampler.fit_resample(X, Y)
    assert len(resampled[0]) > len(X)
    same(model.predict_proba(X), tagger().fit(*resampled).predict_proba(X))


@case("set_output", WORKS)
def set_output():
    scores = pd.DataFrame(tagger().fit(X, Y).predict_proba(X), columns=NAMES)
    for transformer in FBetaThreshold(), PlattCalibrator():
        array = clone(transformer).fit(scores, Y).transform(scores)
        frame = transformer.set_output(transform="pandas").fit_transform(scores, Y)
        assert frame.columns.tolist() == NAMES
        same(frame, array)


@case("set_config(transform_output=...)", WORKS)
def global_output():
    model = ThresholdedClassifierCV(
        make_pipeline(StandardScaler(), tagger()), calibrator=PlattCalibrator(), cv=2
    )
    expected = clone(model).fit(X, Y).predict(X)
    with sklearn.config_context(transform_output="pandas"):
        y_pred = model.fit(X, Y).predict(X)
    assert isinstance(y_pred, np.ndarray)
    same(y_pred, expected)


@case("set_config(enable_metadata_routing=True)", WORKS)
def metadata_routing():
    weight = np.arange(120) % 3
    with sklearn.config_context(enable_metadata_routing=True):
        scaler = StandardScaler().set_fit_request(sample_weight=False)
        model = make_pipeline(scaler, tagger().set_fit_request(sample_weight=True))
        model.fit(X, Y, sample_weight=weight)
    X_scaled = StandardScaler().fit_transform(X)
    expected = tagger().fit(X_scaled, Y, sample_weight=weight)
    same(model.predict_proba(X), expected.predict_proba(X_scaled))
    with sklearn.config_context(enable_metadata_routing=True):
        network = tagger().set_fit_request(sample_weight=True)
        vote = MultilabelVotingClassifier([("network", network)], cv=FOLDS)
        vote.set_fit_request(sample_weight=True)
        tuned = ThresholdedClassifierCV(vote).fit(X, Y, sample_weight=weight)
    vote = MultilabelVotingClassifier([("network", tagger())], cv=FOLDS)
    expected = ThresholdedClassifierCV(vote).fit(X, Y, sample_weight=weight)
    same(tuned.predict_proba(X), expected.predict_proba(X))
    same(tuned.threshold_, expected.threshold_)


@case("set_callbacks of scikit-learn 1.9", WORKS)
def callbacks_of_scikit_learn():
    callback = pytest.importorskip("sklearn.callback")
    monitor = callback.ScoringMonitor(scoring="f1_macro")
    tagger(max_iter=3).set_callbacks(monitor).fit(X, Y)
    tasks = [row["task_name"] for row in monitor.get_logs().data]
    assert tasks == ["fit", "epoch", "epoch", "epoch"]


@case("clone, get_params, set_params", WORKS)
def parameters():
    model = ThresholdedClassifierCV(tagger(), FBetaThreshold(shrinkage=3))
    copied = clone(model.set_params(estimator__loss__beta=2.0, thresholder__beta=0.5))
    params = copied.get_params()
    assert params["estimator__loss__beta"] == 2 and params["thresholder__beta"] == 0.5
    assert copied.estimator.loss is not model.estimator.loss


@case("pickle, joblib, copy.deepcopy", WORKS)
def stored_models():
    model = ThresholdedClassifierCV(tagger(), cv=2).fit(X, TAGS)
    joblib.dump(model, file := io.BytesIO())
    file.seek(0)
    copies = pickle.loads(pickle.dumps(model)), joblib.load(file), copy.deepcopy(model)
    for again in copies:
        assert again.predict_tags(X) == model.predict_tags(X)


@case("HTML in a notebook", WORKS)
def html():
    text = make_pipeline(StandardScaler(), tagger())._repr_html_()
    assert "StandardScaler" in text and "MultiTagClassifier" in text


@case("FrozenEstimator", WORKS)
def frozen():
    model = tagger().fit(X[:60], Y[:60])
    tuned = ThresholdedClassifierCV(FrozenEstimator(model), FBetaThreshold())
    tuned.fit(X[60:], Y[60:])
    alone = FBetaThreshold().fit(model.predict_proba(X[60:]), Y[60:])
    same(tuned.threshold_, alone.threshold_)
    same(tuned.predict_proba(X), model.predict_proba(X))


# Scores and searches


@case("cross_val_score, cross_validate", WORKS)
def cross_validation():
    expected = f1_of_folds(tagger())
    same(cross_val_score(tagger(), X, Y, scoring="f1_macro", cv=FOLDS), expected)
    results = model_selection.cross_validate(
        tagger(), X, Y, scoring=["f1_macro", "accuracy"], cv=FOLDS
    )
    same(results["test_f1_macro"], expected)
    # without a scoring: all labels of a row right
    same(cross_val_score(tagger(), X, Y, cv=FOLDS), results["test_accuracy"])


@case("cross_val_score, GridSearchCV with tags as y", WITH_A_SETTING)
def scores_of_tags():
    folds, grid = MultilabelStratifiedKFold(2), {"loss__beta": [0.5, 2.0]}
    f1 = {"scoring": get_scorer("f1_macro"), "cv": folds}
    expected = cross_val_score(tagger(), X, Y, scoring="f1_macro", cv=folds)
    same(cross_val_score(tagger(), X, TAGS, **f1), expected)
    of_tags = GridSearchCV(tagger(), grid, **f1).fit(X, TAGS)
    same(of_tags.best_score_, GridSearchCV(tagger(), grid, **f1).fit(X, Y).best_score_)
    # the default, `score`, takes tags
    exact = cross_val_score(tagger(), X, TAGS, cv=folds)
    same(exact, cross_val_score(tagger(), X, Y, scoring="accuracy", cv=folds))
    # scikit-learn's own splitters and scorers do not
    refuses(cross_val_score, tagger(), X, TAGS, match="legacy multi-label")
    with pytest.warns(UserWarning, match="Scoring failed"):
        scores = cross_val_score(tagger(), X, TAGS, scoring="f1_macro", cv=folds)
    assert np.isnan(scores).all()


@case("cross_val_score, learning_curve, permutation_importance with sparse y", REFUSED)
def sparse_targets():
    y = sparse.csr_array(Y)
    for call, *args in (
        (cross_val_score, tagger(), X, y),
        (model_selection.learning_curve, tagger(), X, y),
        (inspection.permutation_importance, tagger().fit(X, y), X, y),
        (metrics.coverage_error, y, Y),
    ):
        refuses(call, *args, match="must be an array-like")
    search = GridSearchCV(tagger(), {}, scoring="f1_macro", cv=FOLDS).fit(X, y)
    same(search.best_score_, np.mean(f1_of_folds(tagger())))


@case("cross_val_predict", WORKS)
def out_of_fold():
    for method in "predict", "predict_proba", "decision_function":
        result = cross_val_predict(tagger(), X, Y, cv=FOLDS, method=method)
        for train, test in FOLDS.split(X):
            model = tagger().fit(X[train], Y[train])
            same(result[test], getattr(model, method)(X[test]))


@case("cross_val_predict, one column", WITH_A_SETTING)
def out_of_fold_of_one_label():
    predict = {"cv": FOLDS, "method": "predict_proba"}
    with pytest.warns(Warning), pytest.raises(IndexError):
        cross_val_predict(tagger(), X, FRAME[["cat"]], **predict)
    assert cross_val_predict(tagger(), X, FRAME["cat"], **predict).shape == (120, 2)
    predict["method"] = "decision_function"
    with pytest.warns(Warning), pytest.raises(ValueError, match="decision_function"):
        cross_val_predict(tagger(), X, FRAME[["cat"]], **predict)
    assert cross_val_predict(tagger(), X, FRAME["cat"], **predict).shape == (120,)


@case("GridSearchCV, RandomizedSearchCV", WORKS)
def searches():
    betas = [0.3, 1.0, 3.0]
    scores = [np.mean(f1_of_folds(tagger().set_params(loss__beta=b))) for b in betas]
    how = {"scoring": "f1_macro", "cv": FOLDS}
    grid = GridSearchCV(tagger(), {"loss__beta": betas}, **how).fit(X, Y)
    same(grid.cv_results_["mean_test_score"], scores)
    random = model_selection.RandomizedSearchCV(
        tagger(), {"loss__beta": betas}, n_iter=3, random_state=0, **how
    ).fit(X, Y)
    same(random.best_score_, max(scores))


@case("HalvingGridSearchCV, HalvingRandomSearchCV", WITH_A_SETTING)
def halving():
    grid = {"loss__beta": [0.3, 1.0, 3.0, 10.0]}
    how = {"scoring": "f1_macro", "cv": FOLDS, "factor": 2, "random_state": 0}
    for search in (
        model_selection.HalvingGridSearchCV,
        model_selection.HalvingRandomSearchCV,
    ):
        refuses(search(tagger(), grid, **how).fit, X, Y, match="y should be a 1d array")
    epochs = {"resource": "max_iter", "min_resources": 1, "max_resources": 4}
    search = model_selection.HalvingGridSearchCV(tagger(), grid, **epochs, **how)
    assert search.fit(X, Y).n_resources_ == [1, 2, 4]
    assert search.best_estimator_.n_iter_ == 4
    random = model_selection.HalvingRandomSearchCV(
        tagger(), grid, min_resources=60, n_candidates=2, **how
    )
    assert random.fit(X, Y).n_resources_ == [60, 120]


@case("learning_curve, LearningCurveDisplay", WORKS)
def learning_curve():
    how = {"train_sizes": [0.5, 1.0], "cv": FOLDS, "scoring": "f1_macro"}
    _, _, scores = model_selection.learning_curve(tagger(), X, Y, **how)
    same(scores[-1], f1_of_folds(tagger()))
    display = model_selection.LearningCurveDisplay.from_estimator(tagger(), X, Y, **how)
    same(display.test_scores, scores)


@case("learning_curve(exploit_incremental_learning=True)", WORKS)
def incremental_learning_curve():
    sizes, _, scores = model_selection.learning_curve(
        tagger(),
        X,
        Y,
        train_sizes=[0.5, 1.0],
        cv=FOLDS,
        scoring="f1_macro",
        exploit_incremental_learning=True,
    )
    train, test = next(FOLDS.split(X))
    model = tagger()
    for start, stop, score in zip([0, 30], sizes, scores[:, 0], strict=True):
        rows = train[start:stop]
        y_pred = model.partial_fit(X[rows], Y[rows]).predict(X[test])
        same(score, metrics.f1_score(Y[test], y_pred, average="macro"))


@case("partial_fit(X, y, classes=np.unique(y))", WORKS)
def partial_fit():
    for y in Y, Y[:, :2], Y[:, :3]:
        ours = tagger().partial_fit(X, y, classes=np.unique(y))
        same(ours.predict_proba(X), tagger().partial_fit(X, y).predict_proba(X))


@case("validation_curve, ValidationCurveDisplay", WORKS)
def validation_curve():
    how = {"param_name": "loss__beta", "param_range": [0.3, 3.0], "cv": FOLDS}
    how["scoring"] = "f1_macro"
    _, scores = model_selection.validation_curve(tagger(), X, Y, **how)
    same(scores[1], f1_of_folds(tagger().set_params(loss__beta=3.0)))
    display = model_selection.ValidationCurveDisplay.from_estimator(
        tagger(), X, Y, **how
    )
    same(display.test_scores, scores)


@case("permutation_test_score", WORKS)
def permutation_test():
    score, permuted, p_value = model_selection.permutation_test_score(
        tagger(), X, Y, n_permutations=3, scoring="f1_macro", cv=FOLDS, random_state=0
    )
    same(score, np.mean(f1_of_folds(tagger())))
    same(p_value, (1 + (permuted >= score).sum()) / 4)


@case("StratifiedKFold, train_test_split(stratify=y)", REFUSED)
def stratified_splits():
    splitter = model_selection.StratifiedKFold(2)
    refuses(cross_val_score, tagger(), X, Y, cv=splitter, match="multilabel-indicator")
    rows = np.vstack([np.eye(4, dtype=int), Y[:36]])
    with pytest.raises(ValueError, match="The least populated class"):
        model_selection.train_test_split(rows, stratify=rows)
    _, _, y_train, y_test = multilabel_train_test_split(rows, rows, test_size=0.5)
    assert abs(y_train.sum(axis=0) - y_test.sum(axis=0)).max() <= 2


# Ensembles, and classifiers around classifiers


@case("StackingClassifier", WORKS)
def stacking():
    members = [("a", tagger()), ("b", KNeighborsClassifier())]
    model = ensemble.StackingClassifier(members, tagger("bce"), cv=2).fit(X, Y)
    a, b = (clone(member).fit(X, Y) for _, member in members)
    neighbours = [proba[:, 1] for proba in b.predict_proba(X)]
    columns = np.column_stack([a.predict_proba(X), *neighbours])
    same(model.transform(X), columns)
    assert model.predict(X).shape == Y.shape


@case("StackingClassifier, a DataFrame as y", WITH_A_SETTING)
def stacking_of_a_frame():
    model = ensemble.StackingClassifier([("a", tagger())], tagger(), cv=2)
    refuses(model.fit, X, FRAME, match="y should be a 1d array")
    expected = clone(model).fit(X, Y).predict(X)
    same(model.fit(X, FRAME.to_numpy()).predict(X), expected)


@case("StackingClassifier, two labels", WITH_A_SETTING)
def stacking_of_two_labels():
    y = Y[:, :2]
    members = [("a", tagger()), ("b", tagger("bce"))]
    margins = np.hstack([clone(m).fit(X, y).decision_function(X) for _, m in members])
    model = ensemble.StackingClassifier(members, tagger(), cv=2)
    assert model.fit(X, y).transform(X).shape == (120, 2)  # one label of each is lost
    model.set_params(stack_method="decision_function").fit(X, y)
    same(model.transform(X), margins)
    members[1] = ("b", KNeighborsClassifier())  # which has no decision_function
    model.set_params(estimators=members, stack_method="predict").fit(X, y)
    same(model.transform(X)[:, 2:], KNeighborsClassifier().fit(X, y).predict(X))


@case("VotingClassifier", REFUSED)
def voting():
    members = [("a", tagger()), ("b", tagger("bce"))]
    vote = ensemble.VotingClassifier(members, voting="soft")
    refuses(vote.fit, X, Y, match="Multilabel", error=NotImplementedError)


@case("BaggingClassifier, AdaBoostClassifier", REFUSED)
def bagging_and_boosting():
    for around in ensemble.BaggingClassifier, ensemble.AdaBoostClassifier:
        model = around(linear(), n_estimators=2, random_state=0)
        refuses(model.fit, X, Y, match="y should be a 1d array")
        by_label = MultiOutputClassifier(model).fit(X, Y)
        same(by_label.predict(X)[:, 1], clone(model).fit(X, Y[:, 1]).predict(X))


@case("SelfTrainingClassifier", REFUSED)
def self_training():
    y = Y.copy()
    y[::3] = -1
    model = SelfTrainingClassifier(tagger())
    refuses(model.fit, X, y, match="y should be a 1d array")
    by_label = MultiOutputClassifier(model).fit(X, y)
    same(by_label.predict(X)[:, 1], clone(model).fit(X, y[:, 1]).predict(X))


@case("MultiOutputClassifier", WORKS)
def one_model_a_label():
    columns = [tagger().fit(X, Y[:, j]).predict_proba(X)[:, 1] for j in range(4)]
    several = MultiOutputClassifier(tagger()).fit(X, Y).predict_proba(X)
    same([proba[:, 1] for proba in several], columns)
    tuned = ThresholdedClassifierCV(tagger(), cv=FOLDS)
    columns = [tuned.fit(X, Y[:, j]).predict(X) for j in range(4)]
    same(MultiOutputClassifier(tuned).fit(X, Y).predict(X), np.transpose(columns))


@case("OneVsRestClassifier", WITH_A_SETTING)
def one_against_the_rest():
    columns = [tagger().fit(X, Y[:, j]).predict_proba(X)[:, 1] for j in range(4)]
    rest = OneVsRestClassifier(tagger()).fit(X, Y)
    same(rest.predict_proba(X), np.transpose(columns))
    never = OneVsRestClassifier(tagger(threshold=1.0)).fit(X, Y)
    same(never.predict(X), rest.predict(X))  # which has a threshold of 1/2
    assert rest.predict(X).any()
    tuned = ThresholdedClassifierCV(OneVsRestClassifier(tagger()), cv=FOLDS).fit(X, Y)
    same(tuned.predict(X), rest.predict_proba(X) >= tuned.threshold_)


@case("ClassifierChain", WORKS)
def chain():
    model = ClassifierChain(tagger()).fit(X, Y)
    first = tagger().fit(X, Y[:, 0])
    X_second = np.column_stack([X, first.predict(X)])
    second = tagger().fit(np.column_stack([X, Y[:, 0]]), Y[:, 1])
    expected = [first.predict_proba(X)[:, 1], second.predict_proba(X_second)[:, 1]]
    same(model.predict_proba(X)[:, :2], np.transpose(expected))


@case(
    "OneVsRestClassifier, MultiOutputClassifier, ClassifierChain in "
    "ThresholdedClassifierCV",
    WORKS,
)
def inside_of_thresholds():
    logistic = LogisticRegression(solver="liblinear")
    for around in OneVsRestClassifier, MultiOutputClassifier, ClassifierChain:
        tuned = ThresholdedClassifierCV(around(logistic), FBetaThreshold(), cv=FOLDS)
        tuned.fit(X, TAGS)
        proba = np.asarray(around(logistic).fit(X, Y).predict_proba(X))
        if proba.ndim == 3:
            proba = proba[:, :, 1].T
        same(tuned.predict(X), proba >= tuned.threshold_)


@case("OneVsOneClassifier, OutputCodeClassifier", REFUSED)
def for_classes_only():
    for around in OneVsOneClassifier, OutputCodeClassifier:
        refuses(around(tagger()).fit, X, Y, match="y should be a 1d array")


@case("CalibratedClassifierCV", REFUSED)
def calibrated():
    model = CalibratedClassifierCV(tagger(), cv=2)
    refuses(model.fit, X, Y, match="y should be a 1d array")
    ours = ThresholdedClassifierCV(tagger(), calibrator=PlattCalibrator(), cv=FOLDS)
    scores = cross_val_predict(tagger(), X, Y, cv=FOLDS, method="predict_proba")
    calibrator = PlattCalibrator().fit(scores, Y)
    expected = calibrator.transform(tagger().fit(X, Y).predict_proba(X))
    same(ours.fit(X, Y).predict_proba(X), expected)
    by_label = MultiOutputClassifier(model).fit(X, Y)
    same(by_label.predict(X)[:, 1], clone(model).fit(X, Y[:, 1]).predict(X))


@case("TunedThresholdClassifierCV, FixedThresholdClassifier", REFUSED)
def thresholds():
    for around in (
        model_selection.TunedThresholdClassifierCV,
        model_selection.FixedThresholdClassifier,
    ):
        refuses(around(tagger()).fit, X, Y, match="Only binary classification")
    fixed = tagger(threshold=0.3).fit(X, Y)
    same(fixed.predict(X), fixed.predict_proba(X) >= 0.3)
    scores = cross_val_predict(tagger(), X, Y, cv=FOLDS, method="predict_proba")
    tuned = ThresholdedClassifierCV(tagger(), FBetaThreshold(), cv=FOLDS).fit(X, Y)
    same(tuned.threshold_, FBetaThreshold().fit(scores, Y).threshold_)


# Inspection and selection of features


def mean_proba_at(model, feature, values):
    """Partial dependence of each label, by hand: shape (n_labels, n_values)."""
    means = []
    for value in values:
        X_changed = X.copy()
        X_changed[:, feature] = value
        means.append(model.predict_proba(X_changed).mean(axis=0))
    return np.transpose(means)


@case("partial_dependence, PartialDependenceDisplay", WORKS)
def partial_dependence():
    model = tagger().fit(X, Y)
    result = inspection.partial_dependence(model, X, [2], grid_resolution=4)
    same(result.average, mean_proba_at(model, 2, result.grid_values[0]), rtol=1e-5)
    display = inspection.PartialDependenceDisplay.from_estimator(
        model, X, [2], target=3, grid_resolution=4
    )
    same(display.lines_[0, 0].get_ydata(), result.average[3])


@case("partial_dependence, PartialDependenceDisplay, two labels", REFUSED)
def partial_dependence_of_two_labels():
    model = tagger().fit(X, Y[:, :2])
    refuses(inspection.partial_dependence, model, X, [2], match="multioutput")
    draw = inspection.PartialDependenceDisplay.from_estimator
    refuses(draw, model, X, [2], target=1, match="object too deep")
    assert mean_proba_at(model, 2, [0.0, 1.0]).shape == (2, 2)


@case("permutation_importance", WORKS)
def permutation_importance():
    X_constant = np.column_stack([X, np.ones(120)])
    model = tagger(max_iter=20).fit(X_constant, Y)
    result = inspection.permutation_importance(
        model, X_constant, Y, scoring="f1_macro", n_repeats=2, random_state=0
    )
    assert result.importances_mean[:6].max() > 0
    assert result.importances_mean[6] == 0


def two_features_count():
    """Targets that the features 1 and 4 decide."""
    above = X > 0
    return np.column_stack([above[:, 1], above[:, 4], ~above[:, 1]]).astype(int)


def linear():
    return tagger("bce", hidden_layer_sizes=(), max_iter=40, batch_size=20)


def size_of_weights(model):
    weight = model.net_.module_.layers[0].weight
    return weight.detach().abs().sum(dim=0).cpu().numpy()


@case("SequentialFeatureSelector", WORKS)
def sequential_selection():
    selector = SequentialFeatureSelector(
        linear(), n_features_to_select=2, scoring="f1_macro", cv=FOLDS
    ).fit(X, two_features_count())
    assert selector.get_support(indices=True).tolist() == [1, 4]


@case("SelectFromModel, RFE, RFECV", WITH_A_SETTING)
def selection_by_weights():
    y, how = two_features_count(), {"importance_getter": size_of_weights}
    refuses(RFE(linear()).fit, X, y, match="importance_getter")
    for selector in (
        SelectFromModel(linear(), max_features=2, **how),
        RFE(linear(), n_features_to_select=2, **how),
        RFECV(linear(), min_features_to_select=2, scoring="f1_macro", cv=FOLDS, **how),
    ):
        selected = selector.fit(X, y).get_support(indices=True).tolist()
        assert {1, 4} <= set(selected)
        assert len(selected) == 2 or isinstance(selector, RFECV)


@case("DecisionBoundaryDisplay", WITH_A_SETTING)
def decision_boundary():
    draw = inspection.DecisionBoundaryDisplay.from_estimator
    model = tagger().fit(X[:, :2], Y)
    how = {"response_method": "predict_proba", "grid_resolution": 5}
    display = draw(model, X[:, :2], class_of_interest=3, **how)
    grid = np.column_stack([display.xx0.ravel(), display.xx1.ravel()])
    same(display.response.ravel(), model.predict_proba(grid)[:, 3])
    two_labels = tagger().fit(X[:, :2], Y[:, :2])
    refuses(draw, two_labels, X[:, :2], match="Multi-label")


@case(
    "RocCurveDisplay, PrecisionRecallDisplay, DetCurveDisplay, CalibrationDisplay",
    WITH_A_SETTING,
)
def curves():
    model = tagger().fit(X, Y)
    proba, j = model.predict_proba(X), 2
    for display in (
        metrics.RocCurveDisplay,
        metrics.PrecisionRecallDisplay,
        metrics.DetCurveDisplay,
        CalibrationDisplay,
    ):
        refuses(display.from_estimator, model, X, Y, match="binary")
        refuses(display.from_predictions, Y, proba, match="not binary")
    one = Y[:, j], proba[:, j]
    roc = metrics.RocCurveDisplay.from_predictions(*one)
    same(roc.roc_auc, metrics.roc_auc_score(Y, proba, average=None)[j])
    curve = metrics.PrecisionRecallDisplay.from_predictions(*one)
    expected = metrics.average_precision_score(Y, proba, average=None)[j]
    same(curve.average_precision, expected)
    curve = metrics.DetCurveDisplay.from_predictions(*one)
    assert np.isin(curve.fpr.round(9), metrics.det_curve(*one)[0].round(9)).all()
    curve = CalibrationDisplay.from_predictions(*one)
    same(curve.prob_true, calibration_curve(*one)[0])


@case("ConfusionMatrixDisplay", WITH_A_SETTING)
def confusion_display():
    model = tagger().fit(X, Y)
    show = metrics.ConfusionMatrixDisplay
    refuses(show.from_estimator, model, X, Y, match="multilabel-indicator is not")
    y_pred = model.predict(X)
    matrix = metrics.multilabel_confusion_matrix(Y, y_pred)[2]
    display = show(matrix, display_labels=["no dog", "dog"]).plot()
    assert display.text_[1, 1].get_text() == str((Y[:, 2] & y_pred[:, 2]).sum())


# Metrics


@case(
    "f1_score, precision_score, recall_score, jaccard_score, fbeta_score",
    WITH_A_SETTING,
)
def f1():
    y_pred = tagger().fit(X, Y).predict(X)
    for metric in metrics.f1_score, metrics.precision_score, metrics.jaccard_score:
        refuses(metric, Y, y_pred, match="average='binary'")
        columns = [metric(Y[:, j], y_pred[:, j]) for j in range(4)]
        same(metric(Y, y_pred, average="macro"), np.mean(columns))
    tp = (Y & y_pred).sum()
    same(metrics.recall_score(Y, y_pred, average="micro"), tp / Y.sum())
    how = {"average": "micro", "beta": 2}
    expected = 5 * tp / (4 * Y.sum() + y_pred.sum())
    same(metrics.fbeta_score(Y, y_pred, **how), expected)


@case("accuracy_score, zero_one_loss, hamming_loss", WORKS)
def accuracy():
    y_pred = tagger().fit(X, Y).predict(X)
    same(metrics.accuracy_score(Y, y_pred), (Y == y_pred).all(axis=1).mean())
    same(metrics.zero_one_loss(Y, y_pred), (Y != y_pred).any(axis=1).mean())
    same(metrics.hamming_loss(Y, y_pred), (Y != y_pred).mean())


@case("model.score", WORKS)
def score():
    model = tagger().fit(X, TAGS)
    expected = (model.predict(X) == Y).all(axis=1).mean()
    for y in Y, TAGS, FRAME[["fish", "dog", "cat", "bird"]]:
        same(model.score(X, y), expected)


@case("classification_report", WORKS)
def report():
    model = tagger().fit(X, TAGS)
    how = {"target_names": model.label_names_, "zero_division": 0}
    report = metrics.classification_report(Y, model.predict(X), output_dict=True, **how)
    assert {name: report[name]["support"] for name in NAMES} == FRAME.sum().to_dict()


@case("multilabel_confusion_matrix", WORKS)
def confusion():
    y_pred = tagger().fit(X, Y).predict(X)
    matrices = metrics.multilabel_confusion_matrix(Y, y_pred)
    same(matrices[:, 1, 1], (Y & y_pred).sum(axis=0))


@case(
    "confusion_matrix, balanced_accuracy_score, matthews_corrcoef, cohen_kappa_score",
    REFUSED,
)
def metrics_of_classes():
    y_pred = tagger().fit(X, Y).predict(X)
    for metric in (
        metrics.confusion_matrix,
        metrics.balanced_accuracy_score,
        metrics.matthews_corrcoef,
        metrics.cohen_kappa_score,
    ):
        refuses(metric, Y, y_pred, match="multilabel-indicator is not supported")
        assert np.isfinite(metric(Y[:, 0], y_pred[:, 0])).all()


@case("roc_auc_score, average_precision_score", WORKS)
def ranking_of_rows():
    for y in Y, Y[:, :2]:
        model = tagger().fit(X, y)
        proba = model.predict_proba(X)
        areas = []
        for j in range(y.shape[1]):
            pairs = proba[y[:, j] == 1, j][:, None] - proba[y[:, j] == 0, j]
            areas.append(((pairs > 0) + (pairs == 0) / 2).mean())
        same(metrics.roc_auc_score(y, proba), np.mean(areas))
        same(metrics.get_scorer("roc_auc")(model, X, y), np.mean(areas))
        columns = [
            metrics.average_precision_score(y[:, j], proba[:, j])
            for j in range(y.shape[1])
        ]
        same(metrics.get_scorer("average_precision")(model, X, y), np.mean(columns))


@case(
    "coverage_error, label_ranking_loss, "
    "label_ranking_average_precision_score, ndcg_score",
    WORKS,
)
def ranking_of_labels():
    margin = tagger().fit(X, Y).decision_function(X)
    place = (-margin).argsort(axis=1).argsort(axis=1) + 1
    worst = np.where(Y == 1, place, 0).max(axis=1)
    same(metrics.coverage_error(Y, margin), worst.mean())
    wrong, precision, gain = [], [], []
    for row, y in zip(place, Y, strict=True):
        positives, negatives = np.sort(row[y == 1]), row[y == 0]
        pairs = positives[:, None] > negatives
        wrong.append(pairs.mean() if pairs.size else 0)
        right = np.arange(1, len(positives) + 1)
        precision.append((right / positives).mean() if len(positives) else 1)
        best = (1 / np.log2(right + 1)).sum()
        gain.append((1 / np.log2(positives + 1)).sum() / best if best else 0)
    same(metrics.label_ranking_loss(Y, margin), np.mean(wrong))
    same(metrics.label_ranking_average_precision_score(Y, margin), np.mean(precision))
    same(metrics.ndcg_score(Y, margin), np.mean(gain))


@case('log_loss, "neg_log_loss", d2_log_loss_score', REFUSED)
def log_loss():
    good, useless = np.where(Y == 1, 0.9, 0.1), np.ones(Y.shape)
    with pytest.warns(UserWarning, match="do not sum to one"):
        assert metrics.log_loss(Y, useless) < metrics.log_loss(Y, good)
        d2 = metrics.d2_log_loss_score
        if VERSION < parse_version("1.8"):
            refuses(d2, Y, good, match="same length|too deep")
        else:
            assert d2(Y, useless) > d2(Y, good)
    same(binary_cross_entropy_error(Y, good), -np.log(0.9))
    assert binary_cross_entropy_error(Y, useless) > 1


@case('brier_score_loss, "neg_brier_score"', REFUSED)
def brier_score():
    proba = tagger().fit(X, Y).predict_proba(X)
    columns = [metrics.brier_score_loss(Y[:, j], proba[:, j]) for j in range(4)]
    same(metrics.mean_squared_error(Y, proba), np.mean(columns))
    if VERSION < parse_version("1.7"):
        refuses(metrics.brier_score_loss, Y, proba, match="y should be a 1d array")
        return
    with pytest.warns(UserWarning, match="do not sum to one"):
        same(metrics.brier_score_loss(Y, proba), np.sum(columns))
        two = metrics.brier_score_loss(Y[:, :2], proba[:, :2])
    same(two, np.mean(columns[:2]))


@case("top_k_accuracy_score", REFUSED)
def accuracy_of_the_top():
    proba = tagger().fit(X, Y).predict_proba(X)
    refuses(metrics.top_k_accuracy_score, Y, proba, match="y should be a 1d array")
    top = TopKThreshold(1).fit_transform(proba, Y)
    precision = metrics.precision_score(Y, top, average="micro")
    same(precision, Y[np.arange(120), proba.argmax(axis=1)].mean())


F1 = {"scoring": "f1_macro", "cv": FOLDS}
OF_ANY_FORM = {
    "cross_val_score": lambda y: cross_val_score(tagger(), X, y, **F1),
    "cross_val_predict": lambda y: cross_val_predict(tagger(), X, y, cv=FOLDS),
    "learning_curve": lambda y: model_selection.learning_curve(
        tagger(), X, y, train_sizes=[0.5], exploit_incremental_learning=True, **F1
    )[2],
    "MultiOutputClassifier": lambda y: MultiOutputClassifier(tagger()).fit(X, y),
    "ClassifierChain": lambda y: ClassifierChain(tagger()).fit(X, y),
    "permutation_importance": lambda y: (
        inspection.permutation_importance(
            tagger().fit(X, y), X, y, scoring="f1_macro", n_repeats=1, random_state=0
        ).importances
    ),
    "hamming_loss": lambda y: metrics.hamming_loss(y, tagger().fit(X, y).predict(X)),
}


@pytest.mark.parametrize("tool", OF_ANY_FORM)
def test_a_frame_is_the_same_as_its_array(tool):
    ours, theirs = OF_ANY_FORM[tool](FRAME), OF_ANY_FORM[tool](Y)
    if hasattr(ours, "predict"):
        ours, theirs = ours.predict(X), theirs.predict(X)
    same(ours, theirs)


@pytest.fixture(autouse=True)
def closed_figures():
    plt.switch_backend("Agg")
    yield
    plt.close("all")


@pytest.mark.parametrize("tool", CASES)
def test_tool(tool):
    _, test = CASES[tool]
    test()

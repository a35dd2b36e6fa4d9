import sys

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.metrics import fbeta_score, jaccard_score, precision_score, recall_score
from sklearn.multiclass import OneVsRestClassifier

from skmultitag.calibration import PlattCalibrator
from skmultitag.kernel_ridge import KernelRidgeClassifierCV
from skmultitag.plotting import ThresholdCurveDisplay
from skmultitag.thresholds import FBetaThreshold, ThresholdedClassifierCV

draw = ThresholdCurveDisplay.from_predictions
LOGISTIC = LogisticRegression(solver="liblinear")
ONE_VS_REST = OneVsRestClassifier(LOGISTIC)
METRICS = {
    "f1": (fbeta_score, {"beta": 1}),
    "fbeta": (fbeta_score, {"beta": 2}),
    "precision": (precision_score, {}),
    "recall": (recall_score, {}),
    "jaccard": (jaccard_score, {}),
}


@pytest.fixture
def data(multilabel_data):
    """With a label without a positive, and one without a negative."""
    _, y, proba = multilabel_data
    y = y.copy()
    y[:, 3], y[:, 4] = 0, 1
    return y, proba


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("average", ["macro", "micro", None])
@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_values_are_those_of_scikit_learn(metric, average, weighted, dtype, data):
    y, proba = data
    y_score = proba.round(1).astype(dtype)  # with ties
    weight = np.random.default_rng(0).random(300) * (np.arange(300) % 4 > 0)
    weight = weight if weighted else None
    thresholds = np.append(np.unique(y_score), [0.07, 0.55, 2.0])
    score, params = METRICS[metric]
    display = draw(
        y,
        y_score,
        metric=metric,
        average=average,
        thresholds=thresholds,
        sample_weight=weight,
        **(params if metric == "fbeta" else {}),
    )
    expected = [
        score(
            y,
            y_score >= threshold,
            average=average,
            sample_weight=weight,
            zero_division=0,
            **params,
        )
        for threshold in np.sort(thresholds)
    ]
    np.testing.assert_array_equal(display.thresholds, np.sort(thresholds))
    np.testing.assert_allclose(display.values, expected, atol=1e-12)
    lines = display.line_ if average is None else [display.line_]
    drawn = np.transpose([line.get_ydata() for line in lines])
    np.testing.assert_allclose(drawn, np.reshape(expected, drawn.shape), atol=1e-12)
    for line in lines:
        np.testing.assert_array_equal(line.get_xdata(), display.thresholds)
    display.figure_.canvas.draw()


def test_few_scores_are_all_thresholds(data):
    y, proba = data
    display = draw(y, proba.round(2))
    np.testing.assert_array_equal(display.thresholds, np.unique(proba.round(2)))


def test_many_scores_are_thinned(data):
    y, proba = data
    thresholds = draw(y, proba).thresholds
    assert 150 < len(thresholds) <= 200
    assert (np.diff(thresholds) > 0).all() and np.isin(thresholds, proba).all()
    assert thresholds[0] == proba.min() and thresholds[-1] == proba.max()
    assert np.isin(thresholds, proba[y == 1]).sum() > 80
    assert 80 < len(draw(np.zeros_like(y), proba).thresholds) <= 100


def test_rows_without_weight_are_no_thresholds(data):
    y, proba = data
    weight = np.arange(300) < 10
    thresholds = draw(y, proba, sample_weight=weight).thresholds
    np.testing.assert_array_equal(thresholds, np.unique(proba[:10]))


@pytest.mark.parametrize("average", ["macro", "micro"])
def test_point_is_the_best_threshold(average, multilabel_data):
    _, y, proba = multilabel_data
    proba = proba.round(2)
    display = draw(y, proba, average=average)
    tuned = FBetaThreshold(average=average, per_label=False).fit(proba, y)
    assert display.values.max() == pytest.approx(tuned.score_)
    at_best = proba >= display.best_threshold_
    np.testing.assert_array_equal(at_best, proba >= tuned.threshold_)
    (place,) = display.line_.get_markevery()
    assert display.thresholds[place] == display.best_threshold_
    assert display.line_.get_marker() == "o"


def test_point_of_each_label(data):
    y, proba = data
    proba = proba.round(2)
    y[0, 4] = 0
    display = draw(y, proba, average=None)
    assert np.isnan(display.best_threshold_[3])  # flat: there is no positive
    assert display.line_[3].get_markevery() == []
    tuned = FBetaThreshold().fit(proba, y)
    np.testing.assert_allclose(display.values.max(axis=0), tuned.score_)
    for label in (0, 1, 2, 4):
        column = proba[:, label]
        np.testing.assert_array_equal(
            column >= display.best_threshold_[label], column >= tuned.threshold_[label]
        )


def test_highest_of_equally_good_thresholds():
    y, scores = [[1], [1], [0]], [[0.9], [0.6], [0.2]]
    display = draw(y, scores, metric="recall", thresholds=[0.5, 0.1, 0.6, 0.7])
    assert display.thresholds.tolist() == [0.1, 0.5, 0.6, 0.7]
    assert display.values.tolist() == [1, 1, 1, 0.5]
    assert display.best_threshold_ == 0.6


@pytest.mark.parametrize("average", ["macro", "micro", None])
def test_metric_may_be_a_function_of_counts(average, data):
    y, proba = data

    def accuracy(counts):
        return (counts.tp + counts.tn) / sum(counts)

    display = draw(y, proba, metric=accuracy, average=average, thresholds=[0.1, 0.5])
    expected = [((proba >= t) == y).mean(axis=0) for t in (0.1, 0.5)]
    if average is not None:
        expected = np.mean(expected, axis=1)
    np.testing.assert_allclose(display.values, expected)
    assert display.ax_.get_ylabel() == "accuracy"


def test_forms_of_the_target(data):
    y, proba = data
    values = draw(y, proba).values
    for form in (sparse.csr_array(y), sparse.csc_matrix(y), y.tolist()):
        np.testing.assert_array_equal(draw(form, proba).values, values)


def test_names_in_the_legend(data):
    y, proba = data
    frame = pd.DataFrame(y, columns=list("abcde"))

    def legend(y, **params):
        display = draw(y, proba, **params)
        return [text.get_text() for text in display.ax_.get_legend().get_texts()]

    assert legend(frame, average=None) == list("abcde")
    assert legend(frame, average=None, label_names=list("vwxyz")) == list("vwxyz")
    assert legend(y, average=None) == list("01234")
    assert legend(y, average="micro", metric="fbeta", beta=0.5) == ["micro F0.5"]
    assert legend(y, label="mine") == ["mine"]
    y, proba = np.tile(y, 3), np.tile(proba, 3)
    assert draw(y, proba, average=None).ax_.get_legend() is None


def test_axes_and_styles_are_respected(data):
    y, proba = data
    figure, (left, right) = plt.subplots(1, 2)
    display = draw(y, proba, ax=right, ls=":", c="red", marker="s")
    assert display.ax_ is right and display.figure_ is figure
    assert not left.has_data() and plt.get_fignums() == [figure.number]
    line = display.line_
    assert (line.get_linestyle(), line.get_color(), line.get_marker()) == (
        ":",
        "red",
        "s",
    )
    assert display.plot().ax_ is not right
    ThresholdCurveDisplay(display.thresholds, display.values).plot(left)
    assert left.has_data()


@pytest.mark.parametrize("estimator", [ONE_VS_REST, RidgeClassifier()])
def test_scores_of_an_estimator(estimator, multilabel_data):
    X, y, _ = multilabel_data
    estimator.fit(X, y)
    has_proba = hasattr(estimator, "predict_proba")
    method = estimator.predict_proba if has_proba else estimator.decision_function
    display = ThresholdCurveDisplay.from_estimator(estimator, X, y, average="micro")
    expected = draw(y, method(X), average="micro")
    np.testing.assert_array_equal(display.thresholds, expected.thresholds)
    np.testing.assert_array_equal(display.values, expected.values)


def test_labels_are_matched_by_name(multilabel_data):
    X, y, _ = multilabel_data
    frame = pd.DataFrame(y, columns=list("ecdab"))
    tags = [frame.columns[row == 1].tolist() for row in y]
    model = KernelRidgeClassifierCV().fit(X, tags)
    for target in (tags, frame, sparse.csr_array(frame[list("abcde")].to_numpy())):
        display = ThresholdCurveDisplay.from_estimator(model, X, target, average=None)
        is_predicted = model.decision_function(X) >= display.best_threshold_
        f1 = fbeta_score(frame[list("abcde")], is_predicted, beta=1, average=None)
        np.testing.assert_allclose(display.values.max(axis=0), f1)
        assert [line.get_label() for line in display.line_] == list("abcde")
    named = ThresholdCurveDisplay.from_estimator(
        model, X, tags, average=None, label_names=list("vwxyz")
    )
    assert [line.get_label() for line in named.line_] == list("vwxyz")
    partial = frame.astype(float).mask(np.random.default_rng(0).random(y.shape) < 0.3)
    display = ThresholdCurveDisplay.from_estimator(model, X, partial, average=None)
    expected = draw(
        partial[list("abcde")].to_numpy(), model.decision_function(X), average=None
    )
    np.testing.assert_array_equal(display.values, expected.values)


def test_scores_that_the_threshold_is_compared_with(multilabel_data):
    X, y, _ = multilabel_data
    model = ThresholdedClassifierCV(
        RidgeClassifier(),
        FBetaThreshold(average="micro"),
        calibrator=PlattCalibrator(),
        cv=3,
    ).fit(X, y)
    display = ThresholdCurveDisplay.from_estimator(
        model, X, y, average="micro", thresholds=[model.threshold_, 0.9]
    )
    f1 = fbeta_score(y, model.predict(X), beta=1, average="micro")
    assert display.values[0] == pytest.approx(f1)


def test_two_classes(multilabel_data):
    X, y, _ = multilabel_data
    target = np.where(y[:, 0], "yes", "no")
    model = LOGISTIC.fit(X, target)
    display = ThresholdCurveDisplay.from_estimator(model, X, target, thresholds=[0.5])
    f1 = fbeta_score(target, model.predict(X), beta=1, pos_label="yes")
    np.testing.assert_allclose(display.values, [f1])


@pytest.mark.parametrize(
    "params, message",
    [
        ({"metric": "f2"}, r"must be a str among \{.*'jaccard'.*\} or a callable"),
        ({"average": "samples"}, "'average' parameter of ThresholdCurveDisplay"),
        ({"beta": 0, "metric": "fbeta"}, "'beta' parameter of"),
        ({"beta": 2}, "beta=2 needs metric=\"fbeta\", got 'f1'"),
        ({"thresholds": [[0.5]]}, r"must have one dimension. Got shape \(1, 1\)"),
        ({"thresholds": [0.5, np.nan]}, "thresholds contains NaN"),
        ({"thresholds": []}, "minimum of 1 is required"),
        (
            {"label_names": ["a"]},
            "label_names must have a name for each of the 5 labels. Got 1: ",
        ),
        (
            {"metric": lambda counts: 1.0},
            r"for each count, of shape \(1, 5\)",
        ),
        ({"y_true": np.ones((3, 2))}, "y_true must have the shape of y_score"),
        ({"y_true": np.full((300, 5), 2)}, "y_true must hold 0 and 1 only"),
        ({"y_score": np.full((300, 5), np.nan)}, "contains NaN"),
    ],
)
def test_bad_parameters_raise(params, message, data):
    y, proba = data
    params = {"y_true": y, "y_score": proba, "thresholds": [0.5], **params}
    with pytest.raises(ValueError, match=message):
        draw(**params)
    assert not plt.get_fignums()


def test_missing_matplotlib_is_named(monkeypatch, data):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match="from_predictions requires matplotlib"):
        draw(*data)
    display = ThresholdCurveDisplay(np.array([0.5]), np.array([1.0]))
    with pytest.raises(ImportError, match="ThresholdCurveDisplay.plot requires"):
        display.plot()


@pytest.mark.parametrize("average", ["macro", "micro", None])
def test_entries_that_are_not_annotated(average, multilabel_data):
    _, y, proba = multilabel_data
    partial = np.where(np.random.default_rng(0).random(y.shape) < 0.4, np.nan, y)
    display = draw(partial, proba, average=average)
    others = np.where(np.isnan(partial), 0.123, proba)
    again = draw(partial, others, average=average)
    np.testing.assert_array_equal(display.thresholds, again.thresholds)
    np.testing.assert_array_equal(display.values, again.values)
    if average is None:
        kept = ~np.isnan(partial[:, 0])
        alone = draw(
            y[kept, :1], proba[kept, :1], average=None, thresholds=display.thresholds
        )
        np.testing.assert_array_equal(display.values[:, :1], alone.values)
        assert alone.best_threshold_[0] == display.best_threshold_[0]

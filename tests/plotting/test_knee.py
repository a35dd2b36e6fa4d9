import sys

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from scipy.special import expit
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.preprocessing import StandardScaler

from skmultitag.plotting import KneeDisplay
from skmultitag.thresholds import PlattKnee, ThresholdedClassifierCV

LOGISTIC = LogisticRegression(solver="liblinear")
ONE_VS_REST = OneVsRestClassifier(LOGISTIC)


def sorted_rows(knee, scores):
    """Platt scaling and sorting, written out."""
    proba = expit(knee.calibrator_.slope_ * scores + knee.calibrator_.intercept_)
    return np.array([sorted(row, reverse=True) for row in proba])


def heights(collection):
    return np.array([segment[:, 1] for segment in collection.get_segments()])


def test_lines_are_those_of_the_thresholder(multilabel_data):
    _, y, proba = multilabel_data
    knee = PlattKnee().fit(proba, y)
    rows = sorted_rows(knee, proba)
    display = KneeDisplay.from_predictions(y, proba, max_lines=1000)
    np.testing.assert_allclose(display.proba, rows)
    np.testing.assert_allclose(heights(display.lines_), rows)
    for segment in display.lines_.get_segments():
        assert segment[:, 0].tolist() == [1, 2, 3, 4, 5]
    np.testing.assert_allclose(display.median_line_.get_ydata(), np.median(rows, 0))
    assert display.median_line_.get_xdata().tolist() == [1, 2, 3, 4, 5]
    quartiles = [line.get_ydata() for line in display.quartile_lines_]
    expected = np.quantile(rows, [0.25, 0.75], axis=0, method="averaged_inverted_cdf")
    np.testing.assert_allclose(quartiles, expected)
    assert display.knee_line_.get_xdata() == [knee.knee_ + 1] * 2
    assert display.threshold_line_.get_ydata() == [knee.threshold_] * 2
    assert display.threshold_line_.get_linestyle() == ":"
    display.figure_.canvas.draw()


@pytest.mark.parametrize(
    "max_lines, picked", [(0, []), (1, [0]), (2, [0, 299]), (4, [0, 99, 199, 299])]
)
def test_rows_are_picked_evenly(max_lines, picked, multilabel_data):
    _, y, proba = multilabel_data
    display = KneeDisplay.from_predictions(y, proba, max_lines=max_lines)
    drawn = heights(display.lines_)
    assert len(drawn) == len(picked)
    np.testing.assert_array_equal(drawn.reshape(-1, 5), display.proba[picked])
    display.figure_.canvas.draw()


def test_at_most_200_rows_by_default(multilabel_data):
    _, y, proba = multilabel_data
    assert len(KneeDisplay.from_predictions(y, proba).lines_.get_segments()) == 200


@pytest.mark.parametrize("n_labels", [1, 2])
def test_without_a_knee_only_the_threshold_is_drawn(n_labels, multilabel_data):
    _, y, proba = multilabel_data
    display = KneeDisplay.from_predictions(y[:, :n_labels], proba[:, :n_labels])
    assert display.knee is None and display.knee_line_ is None
    assert display.threshold_line_.get_ydata() == [0.5, 0.5]
    labels = display.ax_.get_legend_handles_labels()[1]
    assert labels == ["median", "quartiles", "threshold: 0.50"]
    display.figure_.canvas.draw()


def test_weights_count_and_rows_without_weight_are_left_out(multilabel_data):
    _, y, proba = multilabel_data
    weight = np.arange(300) % 3
    display = KneeDisplay.from_predictions(y, proba, sample_weight=weight)
    knee = PlattKnee().fit(proba, y, weight)
    assert display.threshold == knee.threshold_
    np.testing.assert_allclose(display.proba, sorted_rows(knee, proba[weight > 0]))


@pytest.mark.parametrize(
    "form", [sparse.csr_array, sparse.csc_matrix, np.ndarray.tolist]
)
def test_forms_of_the_target(form, multilabel_data):
    X, y, _ = multilabel_data
    model = ONE_VS_REST.fit(X, y)
    expected = KneeDisplay.from_predictions(y, model.predict_proba(X))
    display = KneeDisplay.from_estimator(model, X, form(y))
    np.testing.assert_array_equal(display.proba, expected.proba)
    assert display.threshold == expected.threshold


def test_scores_of_the_inner_classifier(multilabel_data):
    X, y, _ = multilabel_data
    model = ThresholdedClassifierCV(ONE_VS_REST, calibrator=StandardScaler(), cv=3)
    with pytest.raises(NotFittedError):
        KneeDisplay.from_estimator(model, X, y)
    model.fit(X, y)
    display = KneeDisplay.from_estimator(model, X, y)
    knee = PlattKnee().fit(model.estimator_.predict_proba(X), y)
    np.testing.assert_array_equal(display.median_curve, knee.median_curve_)


def test_two_classes(multilabel_data):
    X, y, _ = multilabel_data
    target = np.where(y[:, 0], "yes", "no")
    model = ThresholdedClassifierCV(LOGISTIC, cv=3).fit(X, target)
    display = KneeDisplay.from_estimator(model, X, target)
    assert display.proba.shape == (300, 1)


def test_labels_are_matched_by_name(multilabel_data):
    X, y, _ = multilabel_data
    frame = pd.DataFrame(y, columns=list("ecdab"))
    tags = [frame.columns[row == 1].tolist() for row in y]
    model = ThresholdedClassifierCV(ONE_VS_REST, cv=3).fit(X, tags)
    expected = KneeDisplay.from_estimator(model, X, frame[list("abcde")].to_numpy())
    for target in (tags, frame):
        display = KneeDisplay.from_estimator(model, X, target)
        assert display.threshold == expected.threshold
    with pytest.raises(ValueError, match="OneVsRestClassifier has no names"):
        KneeDisplay.from_estimator(ONE_VS_REST.fit(X, y), X, tags)


def test_axes_and_styles_are_respected(multilabel_data):
    _, y, proba = multilabel_data
    figure, (left, right) = plt.subplots(1, 2)
    display = KneeDisplay.from_predictions(
        y, proba, ax=right, line_kwargs={"linewidths": 3, "color": "red"}, c="green"
    )
    assert display.ax_ is right and display.figure_ is figure
    assert not left.has_data() and plt.get_fignums() == [figure.number]
    assert display.lines_.get_linewidth() == [3]
    np.testing.assert_array_equal(display.lines_.get_color()[0, :3], [1, 0, 0])
    assert display.median_line_.get_color() == "green"
    assert display.plot().ax_ is not right
    assert len(plt.get_fignums()) == 2


@pytest.mark.parametrize(
    "params, message",
    [
        ({"max_lines": -1}, "'max_lines' parameter of KneeDisplay.plot must be an int"),
        ({"line_kwargs": 3}, "'line_kwargs' parameter of KneeDisplay.plot"),
        ({"y_true": np.ones((3, 2))}, "y_true must have the shape of y_score"),
        ({"y_true": np.full((300, 5), 2)}, "y_true must hold 0 and 1 only"),
    ],
)
def test_bad_parameters_raise(params, message, multilabel_data):
    _, y, proba = multilabel_data
    with pytest.raises(ValueError, match=message):
        KneeDisplay.from_predictions(**{"y_true": y, "y_score": proba, **params})


def test_missing_matplotlib_is_named(monkeypatch, multilabel_data):
    _, y, proba = multilabel_data
    display = KneeDisplay.from_predictions(y, proba)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match="KneeDisplay.plot requires matplotlib"):
        display.plot()
    with pytest.raises(ImportError, match="from_predictions requires matplotlib"):
        KneeDisplay.from_predictions(y, proba)
    with pytest.raises(ImportError, match="from_estimator requires matplotlib"):
        KneeDisplay.from_estimator(None, None, None)


def test_entries_that_are_not_annotated(multilabel_data):
    _, y, proba = multilabel_data
    partial = np.where(np.random.default_rng(0).random(y.shape) < 0.4, np.nan, y)
    display = KneeDisplay.from_predictions(partial, proba)
    knee = PlattKnee().fit(proba, partial)
    assert display.threshold == knee.threshold_
    np.testing.assert_allclose(display.proba, sorted_rows(knee, proba))

import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.multiclass import OneVsRestClassifier

from skmultitag.metrics import label_report, label_report_from_predictions
from skmultitag.plotting import LabelReportDisplay

NAMES = ["e", "b", "a", "c", "d"]


@pytest.fixture
def report(multilabel_data):
    _, y, proba = multilabel_data
    return label_report_from_predictions(
        y, proba > 0.4, proba, label_names=NAMES, random_state=0, n_resamples=50
    )


@pytest.mark.parametrize("metric", ["f1", "average_precision", "share_predicted"])
def test_dots_and_intervals_are_those_of_the_report(metric, report):
    display = LabelReportDisplay(report).plot(metric=metric)
    rows = report[:5].sort_values(metric, kind="stable")
    assert list(display.points_.get_xdata()) == rows[metric].tolist()
    assert display.points_.get_ydata().tolist() == [0, 1, 2, 3, 4]
    limits = [segment[:, 0] for segment in display.intervals_.get_segments()]
    np.testing.assert_array_equal(limits, rows[[f"{metric}_low", f"{metric}_high"]])
    mean = report.loc["macro avg", metric]
    assert display.mean_line_.get_xdata() == [mean, mean]
    ticks = [tick.get_text() for tick in display.ax_.get_yticklabels()]
    supports = rows["support"].items()
    assert ticks == [f"{name} ({support})" for name, support in supports]
    bottom, top = display.ax_.get_ylim()
    assert bottom > top  # the worst label, at 0, is on top
    shown = {"f1": "F1"}.get(metric, metric.replace("_", " "))
    assert display.ax_.get_xlabel() == shown
    display.figure_.canvas.draw()


def test_the_worst_labels_are_drawn(report):
    display = LabelReportDisplay(report).plot(max_labels=2)
    assert list(display.points_.get_xdata()) == sorted(report["f1"][:5])[:2]


def test_the_worst_labels_have_the_largest_errors(report):
    display = LabelReportDisplay(report).plot(metric="calibration_error", max_labels=2)
    expected = sorted(report["calibration_error"][:5], reverse=True)[:2]
    assert list(display.points_.get_xdata()) == expected


@pytest.mark.parametrize("metric", ["support", "threshold"])
def test_mean_of_columns_without_a_macro_average(metric, report):
    """Their "macro avg" is a sum, or not there."""
    display = LabelReportDisplay(report).plot(metric=metric)
    [mean, _] = display.mean_line_.get_xdata()
    assert mean == pytest.approx(report[metric][:5].mean())


def test_labels_without_a_value_are_left_out(multilabel_data):
    _, y, proba = multilabel_data
    y = np.array(y)
    y[:, 0] = 0
    display = LabelReportDisplay.from_predictions(
        y, proba > 0.4, proba, metric="average_precision", n_resamples=20
    )
    assert len(display.points_.get_xdata()) == 4
    display.figure_.canvas.draw()


def test_without_intervals(multilabel_data):
    _, y, proba = multilabel_data
    display = LabelReportDisplay.from_predictions(y, proba > 0.4, n_resamples=0)
    assert display.intervals_ is None
    display.figure_.canvas.draw()


def test_from_estimator_is_the_report(multilabel_data):
    X, y, _ = multilabel_data
    model = OneVsRestClassifier(LogisticRegression(solver="liblinear")).fit(X, y)
    params = {"n_resamples": 10, "random_state": 0, "confidence_level": 0.8}
    display = LabelReportDisplay.from_estimator(model, X, y, **params)
    report = label_report(model, X, y, output="records", **params)
    np.testing.assert_equal(display.report, report)
    params["label_names"] = NAMES
    display = LabelReportDisplay.from_predictions(y, model.predict(X), **params)
    assert {row["label"] for row in display.report[:5]} == set(NAMES)


def test_axes_and_styles_are_respected(report):
    figure, (left, right) = plt.subplots(1, 2)
    display = LabelReportDisplay(report).plot(right, c="red", ms=3)
    assert display.ax_ is right and display.figure_ is figure
    assert not left.has_data() and plt.get_fignums() == [figure.number]
    assert display.points_.get_color() == "red"
    assert display.points_.get_markersize() == 3


@pytest.mark.parametrize(
    "params, message",
    [
        ({"metric": "f2"}, "metric must be a column of the report"),
        ({"metric": "label"}, "metric must be a column of the report"),
        ({"max_labels": 0}, "'max_labels' parameter of LabelReportDisplay.plot"),
    ],
)
def test_bad_parameters_raise(params, message, report):
    with pytest.raises(ValueError, match=message):
        LabelReportDisplay(report).plot(**params)
    assert not plt.get_fignums()


def test_missing_matplotlib_is_named(monkeypatch, report):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match="LabelReportDisplay.plot requires"):
        LabelReportDisplay(report).plot()
    with pytest.raises(ImportError, match="from_predictions requires matplotlib"):
        LabelReportDisplay.from_predictions(None, None)
    with pytest.raises(ImportError, match="from_estimator requires matplotlib"):
        LabelReportDisplay.from_estimator(None, None, None)


def test_entries_that_are_not_annotated(multilabel_data):
    X, y, _ = multilabel_data
    model = OneVsRestClassifier(LogisticRegression(solver="liblinear")).fit(X, y)
    partial = np.where(np.random.default_rng(0).random(y.shape) < 0.4, np.nan, y)
    display = LabelReportDisplay.from_estimator(model, X, partial, n_resamples=20)
    expected = [
        f1_score(y[kept, label], model.predict(X)[kept, label])
        for label, kept in enumerate(~np.isnan(partial.T))
    ]
    np.testing.assert_allclose(display.points_.get_xdata(), sorted(expected))

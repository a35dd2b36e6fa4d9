import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

from skmultitag import ThresholdedClassifierCV
from skmultitag.metrics import label_confusion_matrix
from skmultitag.plotting import LabelConfusionDisplay

NAMES = ["e", "b", "a", "c", "d"]
COUNTS = np.array([[0, 3, 0], [2, 0, 0], [0, 5, 0]])


def widths(display):
    return [bar.get_width() for bar in display.bars_]


def test_bars_are_the_largest_counts():
    display = LabelConfusionDisplay(COUNTS, label_names=["a", "b", "c"]).plot()
    assert widths(display) == [5, 3, 2]
    assert display.pairs_ == [("c", "b"), ("a", "b"), ("b", "a")]
    ticks = [tick.get_text() for tick in display.ax_.get_yticklabels()]
    assert ticks == ["c, but b", "a, but b", "b, but a"]
    bottom, top = display.ax_.get_ylim()
    assert bottom > top  # the longest bar, at 0, is on top
    display.figure_.canvas.draw()
    assert widths(LabelConfusionDisplay(COUNTS).plot(max_pairs=2)) == [5, 3]
    assert LabelConfusionDisplay(COUNTS).plot(max_pairs=1).pairs_ == [(2, 1)]


def test_nothing_is_confused():
    display = LabelConfusionDisplay(np.zeros((3, 3), dtype=int)).plot()
    assert display.pairs_ == [] and len(display.bars_) == 0
    display.figure_.canvas.draw()


def test_from_estimator_and_predictions(multilabel_data):
    X, y, _ = multilabel_data
    inner = OneVsRestClassifier(LogisticRegression(solver="liblinear"))
    tags = [[NAMES[j] for j in np.flatnonzero(row)] for row in y]
    model = ThresholdedClassifierCV(inner, cv=2).fit(X, tags)
    display = LabelConfusionDisplay.from_estimator(model, X, tags)
    columns = np.argsort(NAMES)
    expected = label_confusion_matrix(y[:, columns], model.predict(X))
    np.testing.assert_array_equal(display.counts, expected)
    assert display.label_names == sorted(NAMES)
    again = LabelConfusionDisplay.from_predictions(
        tags, model.predict_tags(X), label_names=sorted(NAMES)
    )
    np.testing.assert_array_equal(again.counts, expected)
    assert again.pairs_ == display.pairs_


def test_axes_and_styles_are_respected():
    figure, (left, right) = plt.subplots(1, 2)
    display = LabelConfusionDisplay(COUNTS).plot(right, color="red")
    assert display.ax_ is right and display.figure_ is figure
    assert not left.has_data() and plt.get_fignums() == [figure.number]
    assert display.bars_[0].get_facecolor()[:3] == (1, 0, 0)


def test_bad_parameters_raise():
    with pytest.raises(ValueError, match="'max_pairs' parameter"):
        LabelConfusionDisplay(COUNTS).plot(max_pairs=0)
    with pytest.raises(ValueError, match="a name for each of the 3 labels. Got 1: "):
        LabelConfusionDisplay(COUNTS, label_names=["a"]).plot()


def test_missing_matplotlib_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match="LabelConfusionDisplay.plot requires"):
        LabelConfusionDisplay(COUNTS).plot()
    with pytest.raises(ImportError, match="from_predictions requires matplotlib"):
        LabelConfusionDisplay.from_predictions(None, None)
    with pytest.raises(ImportError, match="from_estimator requires matplotlib"):
        LabelConfusionDisplay.from_estimator(None, None, None)


def test_entries_that_are_not_annotated():
    nan = np.nan
    y_true = [[1, 0, 0], [1, nan, 0], [nan, 0, 0]]
    y_pred = [[0, 1, 0], [0, 1, 1], [0, 1, 1]]
    display = LabelConfusionDisplay.from_predictions(y_true, y_pred)
    assert display.counts.tolist() == [[0, 1, 1], [0, 0, 0], [0, 0, 0]]
    assert display.pairs_ == [(0, 1), (0, 2)]

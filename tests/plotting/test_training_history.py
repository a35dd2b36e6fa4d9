import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV

from skmultitag import MultiTagClassifier
from skmultitag.losses import AdaptiveSigmoidF1Loss
from skmultitag.plotting import TrainingHistoryDisplay


def small(loss, **params):
    defaults = {"max_iter": 4, "hidden_layer_sizes": 8, "random_state": 0}
    return MultiTagClassifier(loss, **{**defaults, **params})


def test_lines_are_those_of_the_history(multilabel_data):
    X, y, _ = multilabel_data
    search = GridSearchCV(small("adaptive_sigmoid_f1"), {"weight_decay": [0.0]}, cv=2)
    display = TrainingHistoryDisplay.from_estimator(search.fit(X, y), linewidth=3)
    classifier = search.best_estimator_
    (line,) = display.lines_["train_loss"]
    np.testing.assert_allclose(line.get_ydata(), classifier.loss_curve_)
    assert line.get_xdata().tolist() == [1, 2, 3, 4] and line.get_linewidth() == 3
    (line,) = display.lines_["beta"]
    np.testing.assert_allclose(line.get_ydata(), classifier.net_.history[:, "beta"])
    assert display.axes_["beta"].get_ylabel() == "beta"
    display.figure_.canvas.draw()


def test_a_slope_of_each_label(multilabel_data):
    X, y, _ = multilabel_data
    model = small(AdaptiveSigmoidF1Loss(beta_end=[2.0, 3.0, 4.0, 5.0, 6.0]))
    ax = plt.subplots()[1]
    display = TrainingHistoryDisplay.from_estimator(model.fit(X, y), ["beta"], ax=ax)
    assert display.ax_ is ax and len(display.lines_["beta"]) == 5
    assert display.lines_["beta"][3].get_ydata()[-1] == pytest.approx(5)


def test_epochs_without_a_score(multilabel_data):
    X, y, _ = multilabel_data
    model = small("soft_f1", max_iter=2, warm_start=True).fit(X, y)
    model.set_params(early_stopping=True).fit(X, y)
    display = TrainingHistoryDisplay.from_estimator(model)
    values = display.lines_["valid_score"][0].get_ydata()
    assert np.isnan(values[:2]).all()
    np.testing.assert_allclose(values[2:], model.validation_scores_)


def test_a_shape_that_changes_raises(multilabel_data):
    X, y, _ = multilabel_data
    model = small(AdaptiveSigmoidF1Loss(), warm_start=True).fit(X, y)
    model.set_params(loss=AdaptiveSigmoidF1Loss(beta_end=[5.0] * 5)).fit(X, y)
    with pytest.raises(
        ValueError, match="'beta' can't be drawn: it has one value in some epochs"
    ):
        TrainingHistoryDisplay.from_estimator(model)


def test_unfitted_raises():
    with pytest.raises(NotFittedError, match="MultiTagClassifier"):
        TrainingHistoryDisplay.from_estimator(MultiTagClassifier())


def test_unknown_name_raises(multilabel_data):
    X, y, _ = multilabel_data
    model = small("soft_f1").fit(X, y)
    with pytest.raises(ValueError, match=r"no 'beta'. It has \['train_loss'\]"):
        TrainingHistoryDisplay.from_estimator(model, ["beta"])

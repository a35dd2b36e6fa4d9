import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmultitag import MultiTagClassifier
from skmultitag.losses import BayesianSigmoidF1Loss, SoftF1Loss, WeightedSumLoss
from skmultitag.plotting import PosteriorDisplay


@pytest.fixture(scope="module")
def model(multilabel_data):
    X, y, _ = multilabel_data
    loss = BayesianSigmoidF1Loss(n_final_draws=50, temperature=1.0)
    network = MultiTagClassifier(loss, max_iter=3, hidden_layer_sizes=8, random_state=0)
    return make_pipeline(StandardScaler(), network).fit(X, y)


@pytest.mark.parametrize("quantity", ["threshold", "beta", "eta"])
def test_means_and_intervals_in_order(quantity, model):
    display = PosteriorDisplay.from_estimator(
        model, quantity=quantity, probability=0.5, color="red"
    )
    draws = getattr(model[-1].loss_.posterior_, quantity).draws.reshape(-1, 5)
    order = np.argsort(draws.mean(axis=0))
    np.testing.assert_allclose(display.points_.get_xdata(), draws.mean(axis=0)[order])
    assert display.points_.get_color() == "red"
    limits = np.array([line[:, 0] for line in display.lines_.get_segments()])
    expected = np.quantile(draws, [0.25, 0.75], axis=0).T[order]
    np.testing.assert_allclose(limits, expected)
    names = [text.get_text() for text in display.ax_.get_yticklabels()]
    assert names == [str(label) for label in order]
    display.figure_.canvas.draw()


def test_few_of_many_labels(model):
    ax = plt.subplots()[1]
    display = PosteriorDisplay.from_estimator(model, ax=ax, max_labels=2)
    assert display.ax_ is ax and display.figure_ is ax.figure
    mean = np.sort(model[-1].loss_.posterior_.threshold.mean)
    np.testing.assert_allclose(display.points_.get_xdata(), mean[[0, -1]])


def test_posterior_of_a_part_of_a_sum(multilabel_data):
    X, y, _ = multilabel_data
    loss = BayesianSigmoidF1Loss(n_final_draws=50)
    nested = WeightedSumLoss(SoftF1Loss(), WeightedSumLoss(SoftF1Loss(), loss))
    model = MultiTagClassifier(nested, max_iter=1, random_state=0).fit(X, y)
    display = PosteriorDisplay.from_estimator(model)
    assert display.posterior is model.loss_.second_.second_.posterior_


def test_without_a_posterior_raises(multilabel_data):
    X, y, _ = multilabel_data
    plain = MultiTagClassifier(max_iter=1, random_state=0).fit(X, y)
    with pytest.raises(ValueError, match="has no posterior_"):
        PosteriorDisplay.from_estimator(plain)
    other = LogisticRegression(solver="liblinear").fit(X, y[:, 0])
    with pytest.raises(TypeError, match="must be a fitted MultiTagClassifier"):
        PosteriorDisplay.from_estimator(other)


def test_bad_quantity_raises(model):
    with pytest.raises(ValueError, match="'quantity' parameter"):
        PosteriorDisplay.from_estimator(model, quantity="gamma")

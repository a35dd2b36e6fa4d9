"""Calibrators on targets in which entries are not annotated."""

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import expit

from skmultitag.calibration import IsotonicCalibrator, PlattCalibrator
from tests.calibration.test_common import CALIBRATORS

WEIGHTS = [None, "whole", "any"]


def make_data(seed, weights, n_samples=80, n_labels=6):
    """The last label has no annotated row, the one before no annotated positive."""
    rng = np.random.default_rng(seed)
    y = rng.random((n_samples, n_labels)) < np.linspace(0.8, 0.2, n_labels)
    y = y.astype(float)
    scores = rng.normal(size=y.shape) + y
    y[rng.random(y.shape) < 0.4] = np.nan
    y[0] = y[:, -1] = np.nan
    y[:, -2] = np.where(y[:, -2] == 1, np.nan, y[:, -2])
    weight = {
        None: None,
        "whole": rng.integers(1, 4, n_samples).astype(float),
        "any": 1e-3 + rng.random(n_samples),
    }[weights]
    # what is not annotated should have no influence, whatever it is
    scores = np.where(np.isnan(y), rng.choice([-1e6, 1e300], y.shape), scores)
    scores[:, -1] = rng.normal(size=n_samples)
    return scores, y, weight


@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize("calibrator", CALIBRATORS, ids=lambda c: type(c).__name__)
def test_a_label_is_fitted_on_its_annotated_rows(calibrator, weights):
    scores, y, weight = make_data(0, weights)
    proba = calibrator.fit(scores, y, weight).transform(scores)
    for label in range(y.shape[1] - 2):
        rows = ~np.isnan(y[:, label])
        of_label = scores[rows, label : label + 1]
        alone = type(calibrator)().fit(
            of_label,
            y[rows, label : label + 1].astype(int),
            None if weight is None else weight[rows],
        )
        np.testing.assert_allclose(
            proba[rows, label], alone.transform(of_label)[:, 0], rtol=1e-9
        )


@pytest.mark.parametrize("calibrator", CALIBRATORS, ids=lambda c: type(c).__name__)
def test_a_label_without_annotated_rows_is_one_without_positives(calibrator):
    scores, y, weight = make_data(1, "whole")
    partial = calibrator.fit(scores, y, weight).transform(scores)
    y[:, -1] = 0
    complete = calibrator.fit(scores, y, weight).transform(scores)
    np.testing.assert_array_equal(partial, complete)
    assert partial[:, -1].max() < 0.02
    # of one with annotated negatives, these are counted
    if isinstance(calibrator, PlattCalibrator):
        expected = 1 / (weight[y[:, -2] == 0].sum() + 2)
        np.testing.assert_allclose(partial[:, -2], expected)


@pytest.mark.parametrize("weights", WEIGHTS)
def test_slopes_shrink_by_what_is_annotated(weights):
    scores, y, weight = make_data(2, weights)
    k, n_labels = 5.0, y.shape[1] - 2
    model = PlattCalibrator(shrinkage=k).fit(scores, y, weight)
    own = PlattCalibrator().fit(scores, y, weight).slope_
    weight = np.ones(len(y)) if weight is None else weight
    n_pos, n_neg, spread = np.zeros((3, n_labels))
    for label in range(n_labels):
        n_pos[label] = weight[y[:, label] == 1].sum()
        n_neg[label] = weight[y[:, label] == 0].sum()
        rows = ~np.isnan(y[:, label])
        spread[label] = np.sqrt(
            np.cov(scores[rows, label], aweights=weight[rows], ddof=0)
        )
    few = np.minimum(n_pos, n_neg)
    slopes = own[:n_labels] * spread
    common = np.average(slopes, weights=few)
    expected = (few * slopes + k * common) / (few + k) / spread
    np.testing.assert_allclose(model.slope_[:n_labels], expected)
    for label in range(n_labels):
        rows = ~np.isnan(y[:, label])
        u = expected[label] * scores[rows, label]
        target = n_pos[label] * (n_pos[label] + 1) / (n_pos[label] + 2)
        target += n_neg[label] / (n_neg[label] + 2)
        intercept = brentq(
            lambda b, u=u, w=weight[rows], t=target: expit(u + b) @ w - t, -50, 50
        )
        np.testing.assert_allclose(model.intercept_[label], intercept, rtol=1e-6)


def test_isotonic_curves_end_at_annotated_scores():
    scores = [[0.0], [1.0], [2.0], [9.0]]
    y = np.array([[0, 0], [0, 1], [1, 1], [np.nan, 0]])
    [curve, _] = IsotonicCalibrator().fit(np.hstack([scores, scores]), y).regressors_
    assert (curve.X_min_, curve.X_max_) == (0, 2)


def test_many_labels_in_blocks():
    """Blocks of labels hold some labels each; all are fitted as they would be alone."""
    rng = np.random.default_rng(0)
    y = (rng.random((3000, 60)) < 0.3).astype(float)
    scores = rng.normal(size=y.shape) + y
    y[rng.random(y.shape) < rng.random(60)] = np.nan
    model = PlattCalibrator().fit(scores, y)
    for label in (0, 30, 59):
        rows = ~np.isnan(y[:, label])
        alone = PlattCalibrator().fit(
            scores[rows][:, [label]], y[rows][:, [label]] == 1
        )
        np.testing.assert_allclose(model.slope_[label], alone.slope_[0], rtol=1e-9)

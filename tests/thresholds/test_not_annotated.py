"""Thresholders on targets in which entries are not annotated."""

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import fbeta_score

from skmultitag.calibration import PlattCalibrator
from skmultitag.thresholds import (
    FBetaThreshold,
    HalfFThreshold,
    LabelCountThreshold,
    LinearThreshold,
    PlattKnee,
    PrecisionFloorThreshold,
    ProportionalThreshold,
    RecallFloorThreshold,
    TopKThreshold,
)
from skmultitag.thresholds._linear import _best_thresholds
from tests.thresholds.test_common import THRESHOLDERS

BY_LABEL = [
    FBetaThreshold(),
    FBetaThreshold(beta=2, average="weighted"),
    HalfFThreshold(),
    PrecisionFloorThreshold(0.6, unmet="ignore"),
    PrecisionFloorThreshold(0.6, confidence=0.8, unmet="best"),
    RecallFloorThreshold(0.8, unmet="ignore"),
    RecallFloorThreshold(0.8, confidence=0.8, unmet="best"),
    ProportionalThreshold(),
]
POOLED = [
    FBetaThreshold(0.5, "micro"),
    HalfFThreshold(average="micro"),
    PrecisionFloorThreshold(0.6, "micro", unmet="ignore"),
    RecallFloorThreshold(0.8, "micro", confidence=0.8, unmet="best"),
    ProportionalThreshold("micro"),
]
LEARNT = ["threshold_", "score_", "precision_", "recall_", "is_met_"]


def make_data(seed, n_samples=60, n_labels=5, hidden=0.4):
    """Probabilities with ties, and targets with NaN.

    The last label has no annotated row, the one before no annotated positive, and the
    first row no annotated label.
    """
    rng = np.random.default_rng(seed)
    y = (rng.random((n_samples, n_labels)) < 0.3).astype(float)
    scores = rng.beta(1 + 2 * y, 3 - 2 * y).round(2)
    y[rng.random(y.shape) < hidden] = np.nan
    y[0] = y[:, -1] = np.nan
    y[:, -2] = np.where(y[:, -2] == 1, np.nan, y[:, -2])
    return scores, y, rng.integers(1, 4, n_samples).astype(float)


def other_scores(scores, y):
    """Scores that are others where nothing is annotated."""
    noise = np.random.default_rng(0).random(scores.shape)
    return np.where(np.isnan(y), noise, scores)


def fbeta(scores, y, threshold, beta, axis, weight=1.0):
    """F-beta of the annotated entries along an axis, 0 without a positive."""
    predicted, positive = (scores >= threshold) & ~np.isnan(y), y == 1
    tp, predicted, positive = (
        (weight * each).sum(axis=axis)
        for each in (predicted & positive, predicted, positive)
    )
    return (1 + beta**2) * tp / (beta**2 * positive + predicted + (positive == 0))


def mean_of_rows(scores, y, threshold, beta, weight):
    """Mean F-beta of the rows that have annotated labels."""
    weight = np.where(np.isnan(y).all(axis=1), 0, weight)
    return np.average(fbeta(scores, y, threshold, beta, axis=1), weights=weight)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("thresholder", BY_LABEL, ids=str)
@pytest.mark.parametrize("seed, dtype", [(0, "f8"), (1, "f8"), (2, "f4")])
def test_a_label_is_fitted_on_its_annotated_rows(thresholder, seed, dtype, weighted):
    scores, y, weight = make_data(seed)
    scores = scores.astype(dtype)
    weight = weight if weighted else None
    model = clone(thresholder).fit(scores, y, weight)
    for label, (label_scores, label_y) in enumerate(zip(scores.T, y.T, strict=True)):
        rows = ~np.isnan(label_y)
        if not (label_y == 1).any():
            assert model.threshold_[label] == np.inf
            continue
        alone = clone(thresholder).fit(
            label_scores[rows, None],
            label_y[rows, None].astype(int),
            None if weight is None else weight[rows],
        )
        for name in LEARNT:
            if hasattr(model, name):
                assert getattr(model, name)[label] == getattr(alone, name)[0], name


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("thresholder", POOLED, ids=str)
@pytest.mark.parametrize("seed", range(3))
def test_micro_averages_pool_annotated_entries(thresholder, seed, weighted):
    scores, y, weight = make_data(seed)
    seen = ~np.isnan(y)
    entry_weight = (weight[:, None] * seen)[seen] if weighted else None
    model = clone(thresholder).fit(scores, y, weight if weighted else None)
    pooled = clone(thresholder).fit(
        scores[seen][:, None], y[seen][:, None].astype(int), entry_weight
    )
    for name in LEARNT:
        if hasattr(model, name):
            assert getattr(model, name) == getattr(pooled, name), name


@pytest.mark.parametrize(
    "thresholder",
    [
        each
        for each in THRESHOLDERS
        # to these the scores of a row are features, whatever is annotated
        if not isinstance(each, (LabelCountThreshold, LinearThreshold, PlattKnee))
    ],
    ids=str,
)
def test_scores_of_other_entries_can_be_anything(thresholder):
    scores, y, weight = make_data(0)
    first = clone(thresholder).fit(scores, y, weight)
    second = clone(thresholder).fit(other_scores(scores, y), y, weight)
    np.testing.assert_array_equal(first.transform(scores), second.transform(scores))
    for name in [*LEARNT, "k_"]:
        if hasattr(first, name):
            np.testing.assert_array_equal(getattr(first, name), getattr(second, name))


@pytest.mark.parametrize("thresholder", THRESHOLDERS, ids=str)
def test_rows_without_weight_are_not_there_whatever_is_annotated(thresholder):
    scores, y, weight = make_data(1)
    y[:30] = np.nan_to_num(y[:30])
    y[20] = np.nan
    weight[30:] = 0
    weight[20] = 0
    kept = weight > 0
    model = clone(thresholder).fit(scores, y, weight)
    complete = clone(thresholder).fit(scores[kept], y[kept].astype(int), weight[kept])
    # sums are over other blocks of memory
    np.testing.assert_allclose(
        getattr(model, "threshold_", 0), getattr(complete, "threshold_", 0), rtol=1e-6
    )
    np.testing.assert_array_equal(model.transform(scores), complete.transform(scores))


@pytest.mark.parametrize("average", ["macro", "weighted"])
@pytest.mark.parametrize("seed", range(3))
def test_one_threshold_for_all_has_the_best_mean_over_labels(average, seed):
    scores, y, weight = make_data(seed)
    model = FBetaThreshold(2, average, per_label=False).fit(scores, y, weight)

    n_pos = weight @ (y == 1) if average == "weighted" else None

    def mean(threshold):
        values = fbeta(scores, y, threshold, 2, axis=0, weight=weight[:, None])
        return np.average(values, weights=n_pos)

    best = max(mean(threshold) for threshold in np.unique(scores))
    np.testing.assert_allclose([model.score_, mean(model.threshold_)], best)


@pytest.mark.parametrize("seed", range(3))
def test_one_threshold_for_all_has_the_best_mean_over_rows(seed):
    scores, y, weight = make_data(seed)
    model = FBetaThreshold(0.5, "samples").fit(scores, y, weight)
    best = max(mean_of_rows(scores, y, t, 0.5, weight) for t in np.unique(scores))
    reached = mean_of_rows(scores, y, model.threshold_, 0.5, weight)
    np.testing.assert_allclose([model.score_, reached], best)


@pytest.mark.parametrize("seed", range(3))
def test_no_threshold_of_a_label_alone_can_raise_the_mean_over_rows(seed):
    scores, y, weight = make_data(seed, n_samples=25)
    model = FBetaThreshold(1, "samples", per_label=True).fit(scores, y, weight)
    np.testing.assert_allclose(
        model.score_, mean_of_rows(scores, y, model.threshold_, 1, weight)
    )
    common = FBetaThreshold(1, "samples").fit(scores, y, weight)
    assert model.score_ >= common.score_ - 1e-12
    for label in range(y.shape[1]):
        for value in [*np.unique(scores[:, label]), np.inf]:
            threshold = model.threshold_.copy()
            threshold[label] = value
            changed = mean_of_rows(scores, y, threshold, 1, weight)
            assert changed <= model.score_ + 1e-9


@pytest.mark.parametrize("seed", range(3))
def test_thresholds_by_label_have_the_best_micro_average(seed):
    scores, y, _ = make_data(seed, n_samples=8, n_labels=3, hidden=0.2)
    y[1, 0] = 1
    model = FBetaThreshold(1.5, "micro", per_label=True).fit(scores, y)
    seen = ~np.isnan(y)
    candidates = [[*np.unique(column), np.inf] for column in scores.T]
    best = max(
        fbeta(scores[seen], y[seen], t[seen], 1.5, axis=0)
        for t in (
            np.broadcast_to(each, y.shape) for each in itertools.product(*candidates)
        )
    )
    reached = fbeta_score(y[seen], (scores >= model.threshold_)[seen], beta=1.5)
    np.testing.assert_allclose([model.score_, reached], best)


@pytest.mark.parametrize("weighted", [False, True])
def test_shrinkage_counts_annotated_positives(weighted):
    scores, y, weight = make_data(3)
    weight = weight if weighted else None
    own = FBetaThreshold().fit(scores, y, weight).threshold_
    shrunken = FBetaThreshold(shrinkage=20).fit(scores, y, weight).threshold_
    platt = PlattCalibrator().fit(scores, y, weight)
    common = FBetaThreshold(average="micro").fit(platt.transform(scores), y, weight)
    common = np.log(common.threshold_ / (1 - common.threshold_))
    n_pos = ((y == 1) * (1 if weight is None else weight[:, None])).sum(axis=0)
    for label in range(3):
        a, b = platt.slope_[label], platt.intercept_[label]
        share = 20 / (n_pos[label] + 20)
        expected = ((1 - share) * (a * own[label] + b) + share * common - b) / a
        np.testing.assert_allclose(shrunken[label], expected)
    assert (shrunken[3:] == np.inf).all()


def test_labels_that_scores_say_nothing_of_are_judged_by_their_annotated_rows():
    rng = np.random.default_rng(0)
    y = (rng.random((60, 3)) < [0.8, 0.3, 0.3]).astype(float)
    scores = rng.beta(1 + 2 * y, 3 - 2 * y)
    scores[:, 0] = (1 - scores[:, 0]) / 2  # falls with the label
    y[20:, 0] = np.nan
    scores[20:, 0] = 1  # where its curve is lowest
    model = FBetaThreshold(shrinkage=10).fit(scores, y)
    proba = PlattCalibrator().fit(scores, y).transform(scores)
    common = FBetaThreshold(average="micro").fit(proba, y).threshold_
    assert proba[:20, 0].mean() > common > proba[:, 0].mean()
    assert model.threshold_[0] == -np.inf


def test_mean_number_of_labels_is_the_sum_of_their_frequencies():
    y = np.array([[1, np.nan, 0], [1, 1, np.nan], [np.nan, 1, np.nan], [0, 1, np.nan]])
    scores = np.random.default_rng(0).random(y.shape)
    # 2/3 + 3/3 + 0, while rows have 5/4 annotated labels in the mean
    assert TopKThreshold().fit(scores, y).k_ == 2
    assert TopKThreshold().fit(scores, np.nan_to_num(y)).k_ == 1
    # 1/3 + 1
    assert TopKThreshold().fit(scores, y, [1, 1, 1, 4]).k_ == 1


def test_label_counts_are_completed_by_probabilities():
    scores, y, weight = make_data(0)
    model = LabelCountThreshold(Ridge()).fit(scores, y, weight)
    proba = PlattCalibrator().fit(scores, y, weight).transform(scores)
    expected = np.where(np.isnan(y), proba, y).sum(axis=1)
    ridge = Ridge().fit(proba, expected, weight)
    np.testing.assert_allclose(model.estimator_.coef_, ridge.coef_)
    classifier = LabelCountThreshold(LogisticRegression()).fit(scores, y, weight)
    rounded = np.floor(expected + 0.5)
    np.testing.assert_array_equal(classifier.estimator_.classes_, np.unique(rounded))


def test_label_counts_learn_as_much_as_from_complete_targets():
    """What is hidden at random makes the numbers neither larger nor smaller."""
    rng = np.random.default_rng(0)
    many = rng.random(3000) < 0.5
    proba = np.where(many[:, None], 0.6, 0.1) * np.ones(8)
    y = (rng.random(proba.shape) < proba).astype(float)
    scores = proba + rng.normal(0, 0.05, proba.shape)
    complete = LabelCountThreshold().fit(scores, y)
    y[rng.random(y.shape) < 0.5] = np.nan
    partial = LabelCountThreshold().fit(scores, y)
    counts = [m.predict_label_count(scores).mean() for m in (complete, partial)]
    np.testing.assert_allclose(counts[1], counts[0], rtol=0.03)


def test_the_threshold_of_a_row_is_the_best_for_its_annotated_labels():
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(200, 6)).round(1)
    y = rng.integers(-1, 2, size=scores.shape).astype(np.int8)
    y[:, 0] = np.where((y < 0).all(axis=1), 0, y[:, 0])
    found = _best_thresholds(scores, y, 2.0)
    for row_scores, row, threshold in zip(scores, y, found, strict=True):
        seen = row >= 0
        [alone] = _best_thresholds(row_scores[None, seen], row[None, seen] == 1, 2.0)
        assert threshold == alone


def test_rows_that_say_nothing_are_no_part_of_a_linear_threshold():
    scores, y, weight = make_data(0)
    says = (y == 1).any(axis=1) & (y == 0).any(axis=1)
    model = LinearThreshold().fit(scores, y, weight)
    alone = LinearThreshold().fit(scores[says], y[says], weight[says])
    np.testing.assert_allclose(model.coef_, alone.coef_)
    # without any, those with annotated labels remain
    y[y == 0] = np.nan
    seen = ~np.isnan(y).all(axis=1)
    model = LinearThreshold().fit(scores, y)
    alone = LinearThreshold().fit(scores[seen], y[seen])
    np.testing.assert_allclose(model.coef_, alone.coef_)


@pytest.mark.parametrize(
    "to_form",
    [
        lambda y: np.ma.masked_invalid(y),
        lambda y: sparse.csr_array(y),
        lambda y: pd.DataFrame(y).astype("Int64"),
        lambda y: [[None if v != v else int(v) for v in row] for row in y.tolist()],
    ],
    ids=["masked", "sparse", "pandas", "lists"],
)
def test_all_forms_say_the_same(to_form):
    scores, y, _ = make_data(0)
    expected = FBetaThreshold().fit(scores, y).threshold_
    found = FBetaThreshold().fit(scores, to_form(y)).threshold_
    np.testing.assert_array_equal(found, expected)


def test_nothing_annotated_raises():
    scores, y = [[0.2, 0.1], [0.3, 0.4]], np.array([[1, 0], [np.nan, np.nan]])
    with pytest.raises(ValueError, match="All entries of y are NaN"):
        FBetaThreshold().fit(scores, y * np.nan)
    with pytest.raises(ValueError, match="entries of y in rows with a weight are NaN"):
        FBetaThreshold().fit(scores, y, [0, 1])

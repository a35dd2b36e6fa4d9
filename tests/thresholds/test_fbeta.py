from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import sparse
from scipy.special import expit, logit
from sklearn.metrics import fbeta_score

from skmultitag.calibration import PlattCalibrator
from skmultitag.thresholds import FBetaThreshold


def score_of(y, predicted, beta, weight=None):
    return fbeta_score(y, predicted, beta=beta, sample_weight=weight, zero_division=0)


@st.composite
def scores_and_targets(draw):
    n = draw(st.integers(1, 12))
    # few values, so that there are ties
    scores = draw(arrays(np.float64, n, elements=st.sampled_from([0.1, 0.3, 0.5, 0.9])))
    y = draw(arrays(np.int64, n, elements=st.integers(0, 1)).filter(np.any))
    weight = draw(arrays(np.float64, n, elements=st.sampled_from([0.5, 1.0, 2.0])))
    return scores, y, weight


@settings(max_examples=100, deadline=None)
@given(scores_and_targets(), st.sampled_from([0.5, 1.0, 2.0]), st.booleans())
def test_no_threshold_is_better(data, beta, weighted):
    scores, y, weight = data
    weight = weight if weighted else None
    thresholder = FBetaThreshold(beta).fit(scores[:, None], y[:, None], weight)
    predicted = thresholder.transform(scores[:, None])[:, 0]
    best = max(
        score_of(y, scores >= threshold, beta, weight)
        for threshold in [*np.unique(scores), 2.0]
    )
    assert score_of(y, predicted, beta, weight) == pytest.approx(best)
    assert thresholder.score_[0] == pytest.approx(best)


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    y = (rng.random((300, 6)) < np.geomspace(0.02, 0.5, 6)).astype(int)
    return expit(rng.normal(size=y.shape) + 2 * y - 2), y


@pytest.mark.slow
@pytest.mark.parametrize("beta", [0.5, 1.0, 2.0])
def test_micro_is_the_best_of_all_global_thresholds(data, beta):
    scores, y = data
    thresholder = FBetaThreshold(beta, "micro").fit(scores, y)
    best = max(score_of(y.ravel(), scores.ravel() >= t, beta) for t in scores.ravel())
    assert thresholder.score_ == pytest.approx(best)
    predicted = thresholder.transform(scores)
    micro = fbeta_score(y, predicted, beta=beta, average="micro")
    assert micro == pytest.approx(best)
    assert np.ndim(thresholder.threshold_) == 0


def test_macro_is_never_below_the_best_global_threshold(data):
    scores, y = data
    macro = [
        fbeta_score(y, thresholder.fit_transform(scores, y), beta=1, average="macro")
        for thresholder in (FBetaThreshold(), FBetaThreshold(average="micro"))
    ]
    assert macro[0] > macro[1]


def test_threshold_is_halfway_to_the_next_score():
    thresholder = FBetaThreshold().fit([[0.2], [0.4], [0.8]], [[0], [0], [1]])
    assert thresholder.threshold_ == pytest.approx([0.6])


def test_label_without_positives_is_not_predicted(data):
    scores, y = data
    y[:, 1] = 0
    thresholder = FBetaThreshold().fit(scores, y)
    assert thresholder.threshold_[1] == np.inf and thresholder.score_[1] == 0
    assert not thresholder.transform(scores)[:, 1].any()


@pytest.mark.parametrize("kind", ["probabilities", "margins"])
def test_shrinkage_moves_log_odds_towards_those_that_are_best_for_all(kind, data):
    scores, y = data
    scores = scores if kind == "probabilities" else 5 * logit(scores) - 3
    own = FBetaThreshold().fit(scores, y).threshold_
    calibrator = PlattCalibrator().fit(scores, y)
    proba = calibrator.transform(scores)
    common = FBetaThreshold(average="micro").fit(proba, y).threshold_
    kept = y.sum(axis=0) / (y.sum(axis=0) + 20)
    own_log_odds = logit(calibrator.transform(own[None])[0])
    expected = expit(kept * own_log_odds + (1 - kept) * logit(common))
    shrunken = FBetaThreshold(shrinkage=20).fit(scores, y)
    reached = calibrator.transform(shrunken.threshold_[None])[0]
    np.testing.assert_allclose(reached, expected)
    np.testing.assert_array_equal(shrunken.transform(scores), proba >= expected)


def test_shrinkage_trusts_no_scores_that_fall_with_the_label(data):
    scores, y = data
    y[:, 1] = 0
    scores[:, [2, 5]] *= -1
    y[:, 5] |= np.arange(300) % 4 > 0  # in most rows
    threshold = FBetaThreshold(shrinkage=20).fit(scores, y).threshold_
    np.testing.assert_array_equal(threshold[[1, 2, 5]], [np.inf, np.inf, -np.inf])
    assert np.isfinite(threshold[[0, 3, 4]]).all()


def test_sparse_targets(data):
    scores, y = data
    ours = FBetaThreshold().fit(scores, sparse.csr_array(y)).threshold_
    np.testing.assert_array_equal(ours, FBetaThreshold().fit(scores, y).threshold_)


def averages(y, predicted, average, beta, weight):
    return fbeta_score(
        y,
        predicted,
        beta=beta,
        average=average,
        sample_weight=weight,
        zero_division=0,
    )


@st.composite
def score_matrices(draw):
    shape = (draw(st.integers(1, 6)), draw(st.integers(2, 3)))
    scores = draw(arrays(np.float64, shape, elements=st.sampled_from([0.1, 0.5, 0.9])))
    y = draw(arrays(np.int64, shape, elements=st.integers(0, 1)).filter(np.any))
    weight = draw(arrays(np.float64, shape[0], elements=st.sampled_from([0.5, 1.0])))
    return scores, y, weight


@pytest.mark.parametrize("average", ["macro", "micro", "samples", "weighted"])
@settings(max_examples=40, deadline=None)
@given(
    data=score_matrices(), beta=st.sampled_from([0.5, 1.0, 2.0]), weighted=st.booleans()
)
def test_no_common_threshold_is_better(average, data, beta, weighted):
    scores, y, weight = data
    weight = weight if weighted else None
    thresholder = FBetaThreshold(beta, average, per_label=False)
    predicted = thresholder.fit(scores, y, weight).transform(scores)
    reached = averages(y, predicted, average, beta, weight)
    best = max(
        averages(y, scores >= threshold, average, beta, weight)
        for threshold in np.unique(scores)
    )
    assert reached == pytest.approx(best)
    assert thresholder.score_ == pytest.approx(best)


@pytest.mark.parametrize("average", ["macro", "micro", "weighted"])
@settings(max_examples=40, deadline=None)
@given(
    data=score_matrices(), beta=st.sampled_from([0.5, 1.0, 2.0]), weighted=st.booleans()
)
def test_no_thresholds_by_label_are_better(average, data, beta, weighted):
    scores, y, weight = data
    weight = weight if weighted else None
    thresholder = FBetaThreshold(beta, average, per_label=True)
    predicted = thresholder.fit(scores, y, weight).transform(scores)
    candidates = [[*np.unique(column), np.inf] for column in scores.T]
    best = max(
        averages(y, scores >= np.array(threshold), average, beta, weight)
        for threshold in product(*candidates)
    )
    assert averages(y, predicted, average, beta, weight) == pytest.approx(best)
    if average == "micro":
        assert thresholder.score_ == pytest.approx(best)


@pytest.mark.parametrize("beta", [0.5, 1.0, 2.0])
def test_samples_by_label_is_a_local_optimum_above_the_common_one(data, beta):
    scores, y = data
    thresholder = FBetaThreshold(beta, "samples", per_label=True).fit(scores, y)
    reached = averages(y, thresholder.transform(scores), "samples", beta, None)
    assert reached == pytest.approx(thresholder.score_)
    common = FBetaThreshold(beta, "samples").fit(scores, y)
    assert reached > common.score_
    for label in range(6):
        for candidate in np.unique(scores[:, label])[::7]:
            other = thresholder.threshold_.copy()
            other[label] = candidate
            score = averages(y, scores >= other, "samples", beta, None)
            assert score <= reached + 1e-9


@pytest.mark.parametrize("average", ["macro", "micro", "samples", "weighted"])
@pytest.mark.parametrize("per_label", [False, True])
def test_weight_is_a_number_of_rows(average, per_label, data):
    scores, y = data
    weight = np.arange(300) % 3
    repeated = np.repeat(scores, weight, axis=0), np.repeat(y, weight, axis=0)
    for shrinkage in (0, 50):
        model = FBetaThreshold(
            average=average, per_label=per_label, shrinkage=shrinkage
        )
        weighted = model.fit(scores, y, weight).threshold_
        np.testing.assert_allclose(weighted, model.fit(*repeated).threshold_)


def test_most_scores_are_left_out_and_the_best_is_found():
    """Enough rows for the bounds to matter, against all candidates."""
    rng = np.random.default_rng(0)
    for frequency in (0.003, 0.05, 0.5):
        y = rng.random(4000) < frequency
        # rounded, so that there are ties at the edges too
        scores = (rng.normal(size=4000) + 2 * y).round(2)
        tp = [(y & (scores >= t)).sum() for t in np.unique(scores)]
        predicted = [(scores >= t).sum() for t in np.unique(scores)]
        best = (2 * np.array(tp) / (y.sum() + np.array(predicted))).max()
        thresholder = FBetaThreshold().fit(scores[:, None], y[:, None])
        assert thresholder.score_[0] == pytest.approx(best)
        reached = thresholder.transform(scores[:, None])[:, 0]
        assert score_of(y, reached, 1) == pytest.approx(best)


def test_threshold_of_float32_scores_does_not_round_to_the_score_below():
    low = np.float32(0.3)
    high = np.nextafter(low, np.float32(1))
    thresholder = FBetaThreshold(average="micro").fit([[low], [high]], [[0], [1]])
    scores = np.array([[low], [high]])
    for model in (thresholder, FBetaThreshold().fit(scores, [[0], [1]])):
        assert model.transform(scores).ravel().tolist() == [0, 1]


@pytest.mark.parametrize("average", ["macro", "micro", "samples", "weighted"])
@pytest.mark.parametrize("per_label", [False, True])
def test_no_positive_at_all(average, per_label):
    thresholder = FBetaThreshold(average=average, per_label=per_label)
    predicted = thresholder.fit([[0.1, 0.9]] * 3, np.zeros((3, 2))).transform([[1, 1]])
    assert not predicted.any()


@pytest.mark.parametrize("average", ["macro", "micro", "samples", "weighted"])
def test_label_without_positives_among_others(average, data):
    scores, y = data
    y[:, 1] = 0
    for shrinkage in (0, 20):
        thresholder = FBetaThreshold(
            average=average, per_label=True, shrinkage=shrinkage
        ).fit(scores, y)
        assert thresholder.threshold_[1] == np.inf
        assert not np.isnan(thresholder.threshold_).any()


def test_label_of_all_rows_is_always_predicted(data):
    scores, y = data
    y[:, 1] = 1
    shrunken = FBetaThreshold(shrinkage=50).fit(scores, y)
    assert shrunken.transform(scores)[:, 1].all()


def test_shrunken_thresholds_on_probabilities_do_not_leave_their_range():
    rng = np.random.default_rng(0)
    y = (rng.random((500, 8)) < np.repeat([0.01, 0.5], 4)).astype(int)
    # the scores say little of the rare labels, and much of the others
    scores = expit(rng.normal(size=y.shape) + np.repeat([0.2, 3.0], 4) * y)
    threshold = FBetaThreshold(shrinkage=200).fit(scores, y).threshold_
    finite = threshold[np.isfinite(threshold)]
    assert ((finite >= 0) & (finite <= 1)).all()
    assert np.isinf(threshold[:4]).any() and np.isfinite(threshold[4:]).all()


def test_unknown_average_raises(data):
    with pytest.raises(ValueError, match="'average' parameter of FBetaThreshold"):
        FBetaThreshold(average="binary").fit(*data)


@pytest.mark.parametrize("n_samples", [4, 10, 20, 30])
def test_shrunken_thresholds_of_labels_on_all_rows(n_samples):
    scores = np.random.RandomState(0).uniform(size=(n_samples, 3))
    model = FBetaThreshold(shrinkage=50).fit(scores, np.ones((n_samples, 3)))
    assert model.transform(scores).all()

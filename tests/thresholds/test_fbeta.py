import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import sparse
from scipy.special import expit, logit
from sklearn.metrics import fbeta_score

from skmultitag.thresholds import FBetaThreshold, FixedThreshold


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


@settings(max_examples=150, deadline=None)
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


def test_shrinkage_moves_log_odds_towards_the_global_threshold(data):
    scores, y = data
    own = FBetaThreshold().fit(scores, y).threshold_
    pooled = FBetaThreshold(average="micro").fit(scores, y).threshold_
    kept = y.sum(axis=0) / (y.sum(axis=0) + 20)
    expected = expit(kept * logit(own) + (1 - kept) * logit(pooled))
    shrunken = FBetaThreshold(shrinkage=20).fit(scores, y).threshold_
    np.testing.assert_allclose(shrunken, expected)
    y[:, 1] = 0
    shrunken = FBetaThreshold(shrinkage=20).fit(logit(scores), y).threshold_
    pooled = FBetaThreshold(average="micro").fit(logit(scores), y).threshold_
    assert shrunken[1] == pytest.approx(pooled)


def test_sparse_targets(data):
    scores, y = data
    ours = FBetaThreshold().fit(scores, sparse.csr_array(y)).threshold_
    np.testing.assert_array_equal(ours, FBetaThreshold().fit(scores, y).threshold_)


def test_fixed_threshold():
    scores = np.array([[0.2, 0.5], [0.7, 0.4]])
    y = np.eye(2)
    assert FixedThreshold().fit_transform(scores, y).tolist() == [[0, 1], [1, 0]]
    model = FixedThreshold([0.1, 0.45]).fit(scores, y)
    assert model.transform(scores).tolist() == [[1, 1], [1, 0]]
    with pytest.raises(ValueError, match=r"of shape \(2,\). Got shape \(3,\)"):
        FixedThreshold([0.1, 0.2, 0.3]).fit(scores, y)


@pytest.mark.parametrize(
    "scores, y, message",
    [
        ([[0.1, np.nan]], [[0, 1]], "contains NaN"),
        ([[0.1, 0.2]], [[0, 1, 1]], r"scores have shape \(1, 2\) but y has shape"),
        ([[0.1, 0.2]], [[0, 2]], "y must hold 0 and 1 only"),
    ],
)
def test_bad_input_raises(scores, y, message):
    with pytest.raises(ValueError, match=message):
        FBetaThreshold().fit(scores, y)

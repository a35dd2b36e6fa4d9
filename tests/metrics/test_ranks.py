"""F1 of ranks: what must not matter, and what must."""

from fractions import Fraction

import numpy as np
import pytest
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.metrics import f1_score

from skmultitag.metrics import get_scorer, sigmoid_f1_score, soft_f1_score

AVERAGES = ["macro", "micro", "samples", "weighted"]


@pytest.fixture(params=range(3))
def scored(request):
    """Targets and scores of labels from common to rare, with ties and zeros."""
    rng = np.random.default_rng(request.param)
    y_true = (rng.random((60, 4)) < [0.5, 0.3, 0.1, 0.03]).astype(int)
    y_score = y_true + rng.standard_normal((60, 4)) - [0.5, 0.7, 1.2, 1.5]
    y_score[:, 1] = y_score[:, 1].round()  # many equal ones, some of them 0
    return y_true, y_score


def f1_of_ranks(y_true, y_score, **kwargs):
    return sigmoid_f1_score(
        y_true, y_score, **{"beta": 2.0, "of_ranks": True, **kwargs}
    )


def odds(scores, value):
    """Rows below by rows above, the equal ones half on each side, by counting."""
    below = sum(score < value for score in scores)
    above = sum(score > value for score in scores)
    equal = len(scores) - below - above
    below, above = 2 * below + equal, 2 * above + equal
    if not below:  # halfway from the middle of the lowest to the end
        quarter = Fraction(int(sum(s == min(scores) for s in scores)), 2)
        return quarter / (2 * len(scores) - quarter)
    if not above:
        return 1 / odds([-score for score in scores], -value)
    return Fraction(int(below), int(above))


def by_counting(y_true, scores, beta):
    decision = odds(scores, 0)
    soft = [1 / (1 + float(decision / odds(scores, s)) ** beta) for s in scores]
    tp = sum(s for s, y in zip(soft, y_true, strict=True) if y)
    return 2 * tp / (sum(soft) + sum(y_true))


@pytest.mark.parametrize("beta", [0.5, 2.0, 5.0])
@pytest.mark.parametrize("shift", [0.0, -20.0, 20.0])  # to one side of the decision
def test_it_is_what_counting_gives(scored, beta, shift):
    y_true, y_score = scored
    y_score = y_score + shift
    found = f1_of_ranks(y_true, y_score, beta=beta, average=None)
    for label in range(y_true.shape[1]):
        expected = by_counting(y_true[:, label], y_score[:, label].tolist(), beta)
        assert found[label] == pytest.approx(expected)


@pytest.mark.parametrize("average", AVERAGES)
@pytest.mark.parametrize("factor", [1e-6, 7.0, [1e-3, 30.0, 1.0, 1e6]])
def test_the_scale_does_not_matter(scored, average, factor):
    y_true, y_score = scored
    score = f1_of_ranks(y_true, y_score, average=average)
    scaled = f1_of_ranks(y_true, np.multiply(factor, y_score), average=average)
    assert scaled == pytest.approx(score, rel=1e-12)
    plain = sigmoid_f1_score(y_true, y_score, average=average)
    changed = sigmoid_f1_score(y_true, np.multiply(factor, y_score), average=average)
    assert abs(changed - plain) > 1e-5  # so the test above can fail


@pytest.mark.parametrize("average", AVERAGES)
def test_the_link_does_not_matter(scored, average):
    """Steep and flat links, and margins, are one; the decision is p > 1/2."""
    y_true, y_score = scored
    expected = f1_of_ranks(y_true, y_score, average=average)
    for link in (expit, lambda u: expit(0.1 * u), lambda u: expit(u**3)):
        found = soft_f1_score(y_true, link(y_score), of_ranks=True, average=average)
        assert found == pytest.approx(expected, rel=1e-12)


def test_the_zero_is_the_decision(scored):
    y_true, y_score = scored
    for shift in (-0.5, 0.5):
        moved = f1_of_ranks(y_true, y_score + shift)
        assert abs(moved - f1_of_ranks(y_true, y_score)) > 0.01
        # the order is the same: an F1 of the ranking alone would not move
        hard = f1_score(y_true, y_score + shift > 0, average="macro")
        steep = f1_of_ranks(y_true, y_score + shift, beta=1e9)
        assert steep == pytest.approx(hard)


@pytest.mark.parametrize("average", [*AVERAGES, None])
def test_a_steep_one_is_the_f1_of_scikit_learn(scored, average):
    y_true, y_score = scored
    y_score = np.where(y_score == 0, 0.25, y_score)  # S is 1/2 at 0, whatever beta is
    kwargs = {"average": average, "zero_division": 0.0}
    found = f1_of_ranks(y_true, y_score, beta=1e9, **kwargs)
    expected = f1_score(y_true, y_score > 0, **kwargs)
    np.testing.assert_allclose(found, expected)


@pytest.mark.parametrize("average", AVERAGES)
def test_weights_are_copies_of_rows(scored, average):
    y_true, y_score = scored
    weight = np.arange(60) % 4
    rows = np.repeat(np.arange(60), weight)
    expected = f1_of_ranks(y_true[rows], y_score[rows], average=average)
    y_score[weight == 0] *= 1e9  # rows that do not count may be anything
    for factor in (1, 0.1):
        found = f1_of_ranks(
            y_true, y_score, average=average, sample_weight=factor * weight
        )
        assert found == pytest.approx(expected)


def test_one_row_that_is_far_out_changes_little(scored):
    y_true, y_score = scored
    expected = f1_of_ranks(y_true, y_score)
    y_score[0] = np.sign(y_score[0]) * 1e6
    assert abs(f1_of_ranks(y_true, y_score) - expected) < 0.03


@pytest.mark.parametrize("n_samples", [1, 5])
@pytest.mark.parametrize("value", [3.0, -3.0])
def test_equal_scores_are_a_soft_decision(n_samples, value):
    """All are in the middle, q = 1/2; the decision is at 1/4 or 3/4: S = 9/10, 1/10."""
    y_true = np.ones((n_samples, 1))
    s = 0.9 if value > 0 else 0.1
    found = f1_of_ranks(y_true, np.full((n_samples, 1), value))
    assert found == pytest.approx(2 * s / (1 + s))


def test_a_label_that_is_absent_is_scored_0(scored):
    y_true, y_score = scored
    y_true[:, 3] = 0
    y_score[:, 3] = -1
    found = f1_of_ranks(y_true, y_score, average=None)
    assert found[3] == 0
    assert (found[:3] > 0.2).all()


def test_a_better_order_is_a_better_score_at_the_same_decisions():
    y_true = np.array([1, 0, 1, 0, 0, 0])
    scores = [np.array([3, 2, -1, -2, -3, -4]), np.array([3, 2, -4, -2, -3, -1])]
    hard = [f1_score(y_true, score > 0) for score in scores]
    assert hard[0] == hard[1]
    assert f1_of_ranks(y_true, scores[0]) > f1_of_ranks(y_true, scores[1]) + 0.02


@pytest.mark.parametrize("average", AVERAGES)
def test_the_scorers_are_those_of_ranks(average, multilabel_data):
    class Scaled(ClassifierMixin, BaseEstimator):
        """A fitted classifier whose margins have another scale."""

        classes_ = np.array([[0, 1]] * 5)

        def __init__(self, factor):
            self.factor = factor

        def decision_function(self, X):
            return self.factor * X

        def predict_proba(self, X):
            return expit(self.factor * X)

    _, y, proba = multilabel_data
    margin = np.log(proba / (1 - proba))
    suffix = "" if average == "macro" else f"_{average}"
    expected = f1_of_ranks(y, margin, average=average)
    for name in ("sigmoid_f1", "soft_f1"):
        scorer = get_scorer(name + suffix)
        for factor in (0.1, 3.0):
            assert scorer(Scaled(factor), margin, y) == pytest.approx(expected)

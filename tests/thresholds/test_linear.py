import numpy as np
import pytest

from skmultitag.thresholds import LinearThreshold
from skmultitag.thresholds._linear import _best_thresholds


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    y = rng.random((300, 5)) < [0.2, 0.3, 0.4, 0.5, 0.6]
    return rng.normal(size=(300, 5)) + 2 * y, y


def test_example_of_mulan():
    """Four rows, four unknowns: ThresholdFunctionTest.java of Mulan 43f6389."""
    scores = [[-0.8, 0.5, 0.6], [0.9, -0.8, -0.4], [0.7, -0.6, 0.9], [-0.5, -0.6, 0.8]]
    model = LinearThreshold().fit(scores, [[0, 1, 1], [1, 0, 0], [1, 0, 1], [0, 0, 1]])
    coef = [-0.0735955056179775, -0.3140449438202246, -0.1168539325842696]
    np.testing.assert_allclose(model.coef_, coef, rtol=1e-9)
    assert model.intercept_ == pytest.approx(0.01825842696629208, rel=1e-9)
    thresholds = model.predict_threshold(scores)
    np.testing.assert_allclose(thresholds, [-0.15, 0.25, 0.05, 0.15], rtol=1e-9)


@pytest.mark.parametrize(
    "scores, y, expected",
    [
        ([2, -1, 0.5, 0], [1, 0, 1, 0], 0.25),
        ([-0.5, 1.5, -2, 0.3], [0, 1, 0, 0], 0.9),
        # intervals below -1.1, from -.2 to .3 and above 1 are as good
        ([0.3, -0.2, 1, -1.1], [1, 0, 0, 1], 0.05),
        ([-1.2, 0.7, -0.4, 2.2], [0, 1, 1, 0], -0.8),
        # all or none: half of a tenth of the range beyond the scores
        ([1.1, -2.2, 0, 0.6], [1, 1, 1, 1], -2.4),
        ([-3, 2.5, 1.7, -0.9], [0, 0, 0, 0], 2.7),
        # between equal scores there is no threshold: the first three go together
        ([1, 1, 1, 0], [1, 0, 1, 0], 0.5),
    ],
)
def test_threshold_of_a_row(scores, y, expected):
    scores, y = np.array([scores], float), np.array([y]) == 1
    np.testing.assert_allclose(_best_thresholds(scores, y, 4.0), [expected])


def test_thresholds_of_rows_have_the_fewest_wrong_labels(data):
    """By trying a threshold in each interval."""
    scores, y = np.round(data[0]), data[1]
    found = _best_thresholds(scores, y, 4.0)

    def n_wrong(thresholds):
        return ((scores > thresholds[:, None]) != y).sum(axis=1)

    tried = [n_wrong(np.full(len(scores), t)) for t in np.arange(-6.5, 8)]
    np.testing.assert_array_equal(n_wrong(found), np.min(tried, axis=0))


def test_regression_is_that_of_least_squares(data):
    scores, y = data
    kept = y.any(axis=1) & ~y.all(axis=1)
    usual_range = np.median(np.ptp(scores[kept], axis=1))
    targets = _best_thresholds(scores[kept], y[kept], usual_range)
    columns = np.column_stack([scores[kept], np.ones(kept.sum())])
    *coef, intercept = np.linalg.lstsq(columns, targets, rcond=None)[0]
    model = LinearThreshold().fit(scores, y)
    np.testing.assert_allclose(model.coef_, coef, rtol=1e-9)
    np.testing.assert_allclose(model.intercept_, intercept, rtol=1e-9)
    expected = scores > (scores @ coef + intercept)[:, None]
    np.testing.assert_array_equal(model.transform(scores), expected)


def test_rows_with_no_label_or_all_teach_nothing(data):
    scores, y = data
    y = y.copy()
    y[::3], y[1::3] = False, True
    kept = np.arange(len(y)) % 3 == 2
    expected = LinearThreshold().fit(scores[kept], y[kept]).transform(scores)
    found = LinearThreshold().fit(scores, y).transform(scores)
    np.testing.assert_array_equal(found, expected)


def test_only_rows_with_no_label_or_all(data):
    scores = data[0]
    y = np.repeat(scores[:, :1] > 1, 5, axis=1)
    decided = LinearThreshold().fit(scores, y).transform(scores)
    assert np.isfinite(LinearThreshold().fit(scores, y).coef_).all()
    assert decided[y].mean() > decided[~y].mean()


@pytest.mark.parametrize("factor, shift", [(1, 100.0), (1e-3, 0), (1e3, -5.0)])
def test_shift_and_factor_of_all_scores_do_not_matter(factor, shift, data):
    scores, y = data
    expected = LinearThreshold().fit(scores, y).transform(scores)
    for rows in (slice(None), slice(4)):  # with fewer rows than labels too
        model = LinearThreshold().fit(factor * scores[rows] + shift, y[rows])
        plain = LinearThreshold().fit(scores[rows], y[rows])
        expected = plain.transform(scores)
        found = model.transform(factor * scores + shift)
        np.testing.assert_array_equal(found, expected)


def test_signs_are_decided_at_zero():
    scores = np.random.default_rng(0).choice([-1.0, 1.0], size=(50, 4))
    model = LinearThreshold().fit(scores, scores > 0)
    np.testing.assert_allclose(model.predict_threshold(scores), 0, atol=1e-12)


@pytest.mark.parametrize("largest", [1e308, 1e-300])
def test_extreme_scores(largest):
    scores = largest * np.array([[1.0, -1.0, 0.5], [-1.0, 1.0, -0.5]])
    decided = LinearThreshold().fit(scores, scores > 0).transform(scores)
    np.testing.assert_array_equal(decided, scores > 0)


def test_one_label_is_a_line_through_its_classes():
    """Targets are 0.1 of the range on either side of the score, halved."""
    scores = np.array([[0.0], [1.0], [2.0], [3.0]])
    model = LinearThreshold().fit(scores, [[0], [0], [1], [1]])
    np.testing.assert_array_equal(model.transform(scores), [[0], [0], [1], [1]])

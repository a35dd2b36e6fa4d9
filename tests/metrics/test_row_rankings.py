import itertools

import numpy as np
import pytest
from sklearn.metrics import coverage_error, label_ranking_loss

from skmultitag.metrics import coverage, one_error, precision_at_k, ranking_loss

METRICS = [one_error, coverage, ranking_loss]


@pytest.fixture
def data():
    """Scores with ties; the first row has no label, the second all."""
    rng = np.random.default_rng(0)
    y_true = (rng.random((40, 6)) < 0.3).astype(int)
    y_true[0], y_true[1] = 0, 1
    return y_true, rng.integers(0, 20, size=(40, 6)) / 20


def by_definition(metric, y, s):
    """Of one row; None if it is left out."""
    has, has_not = np.flatnonzero(y), np.flatnonzero(y == 0)
    if metric is one_error:
        return float(s.argmax() not in has)
    if metric is coverage:
        return max((s >= s[has].min()).sum() - 1, 0) if len(has) else 0
    pairs = list(itertools.product(has, has_not))
    return np.mean([s[a] <= s[b] for a, b in pairs]) if pairs else None


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("is_weighted", [False, True])
def test_values_by_definition(metric, is_weighted, data):
    weight = np.arange(40) % 4 if is_weighted else None
    values = [by_definition(metric, y, s) for y, s in zip(*data, strict=True)]
    used = [row for row, value in enumerate(values) if value is not None]
    assert (len(used) < 40) == (metric is ranking_loss)
    expected = np.average(
        [values[row] for row in used], weights=None if weight is None else weight[used]
    )
    assert metric(*data, sample_weight=weight) == pytest.approx(expected)


def test_conventions_of_scikit_learn(data):
    y_true, y_score = data
    kept = y_true.any(axis=1)
    expected = coverage_error(y_true[kept], y_score[kept]) - 1
    assert coverage(y_true[kept], y_score[kept]) == pytest.approx(expected)
    has_pairs = kept & ~y_true.all(axis=1)
    theirs = label_ranking_loss(y_true, y_score)
    ours = ranking_loss(y_true, y_score) * has_pairs.mean()
    assert ours == pytest.approx(theirs)
    expected = 1 - precision_at_k(y_true, y_score, k=1)
    assert one_error(y_true, y_score) == expected


@pytest.mark.parametrize("metric", METRICS)
def test_perfect_order_and_one_label(metric, data):
    y_true = data[0][data[0].any(axis=1)]
    expected = y_true.sum(axis=1).mean() - 1 if metric is coverage else 0
    order = np.arange(6) / 100  # without ties
    assert metric(y_true, y_true + order) == pytest.approx(expected)
    assert metric([1, 1], [0.2, 0.9]) == 0


def test_no_row_with_pairs():
    assert ranking_loss([[1, 1], [0, 0]], [[0.1, 0.2], [0.3, 0.4]]) == 0

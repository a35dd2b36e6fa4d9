"""The parts of the benchmarks of questions that could be wrong without being seen."""

import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("matplotlib")
pytest.importorskip("pandas")

BENCHMARKS = Path(__file__).parents[1] / "examples" / "benchmarks"


@pytest.fixture(autouse=True)
def benchmarks_on_path(monkeypatch):
    monkeypatch.setattr(sys, "path", [str(BENCHMARKS), *sys.path])


def test_best_f1_is_that_of_the_best_threshold():
    from bench_simulated import best_f1, expected_f1

    # one row: 2 * 0.9 / (1.8 + 1); two: 2 * 1.5 / (1.8 + 2); three: 2 * 1.8 / 4.8
    proba = np.array([[0.3], [0.9], [0.6]])
    assert best_f1(proba) == pytest.approx(3 / 3.8)
    assert expected_f1(proba, np.array([[0], [1], [1]])) == pytest.approx(3 / 3.8)


def test_best_threshold_is_half_of_the_best_f1():
    from bench_simulated import best_f1, implied_thresholds

    proba = np.random.RandomState(0).beta(1, 4, size=(200_000, 1))
    half = best_f1(proba) / 2
    found = implied_thresholds(proba, proba > half)
    np.testing.assert_allclose(found, half, atol=1e-3)
    order = -np.sort(-proba[:, 0])
    f1 = 2 * np.cumsum(order) / (proba.sum() + np.arange(1, len(proba) + 1))
    assert order[f1.argmax()] == pytest.approx(half[0], abs=2e-3)


def test_troubles_have_the_stated_size():
    from bench_robustness import spoil

    rng = np.random.RandomState(0)
    X = rng.standard_normal((50_000, 2))
    y = (rng.random_sample((50_000, 2)) < [0.1, 0.5]).astype(np.uint8)

    _, added = spoil(X, y, "added", 0.5, rng)
    assert (added >= y).all()
    np.testing.assert_allclose(added[y[:, 0] == 0, 0].mean(), 0.05, atol=0.005)
    np.testing.assert_allclose(added[y[:, 1] == 0, 1].mean(), 0.25, atol=0.01)

    _, removed = spoil(X, y, "removed", 0.3, rng)
    assert (removed <= y).all()
    np.testing.assert_allclose(removed[y == 1].mean(), 0.7, atol=0.01)

    for trouble in ("gaussian", "cauchy"):
        noisy, kept = spoil(X, y, trouble, 0.2, rng)
        assert (noisy != X).any(axis=1).sum() == 10_000
        np.testing.assert_array_equal(kept, y)


def test_all_sizes_make_as_many_updates():
    from bench_batch_size import epochs_of

    case = {"same": "updates", "size": 256}
    default = epochs_of(1024, case)
    assert epochs_of(1024, {**case, "size": 128}) == default // 2
    assert epochs_of(1024, {**case, "size": "full"}) == 4 * default
    assert epochs_of(100_000, {**case, "size": "full"}) is None
    assert epochs_of(1024, {"same": "epochs", "size": 32}) == default


def test_words_get_no_noise():
    from bench_robustness import troubles_of

    X = np.eye(500)
    of_words = {name for name, _ in troubles_of("words", X)}
    of_others = {name for name, _ in troubles_of("others", 2 * X)}
    assert of_others - of_words == {"gaussian", "cauchy"}
    assert ("rows", 400) in troubles_of("words", X)
    assert ("rows", 800) not in troubles_of("words", X)


def test_a_run_goes_on_where_it_stopped(tmp_path):
    pd = pytest.importorskip("pandas")
    from resumable import run_missing

    ran = []

    def run_case(data, case):
        ran.append(case["amount"])
        return [{"rule": "natural", "macro": data}, {"rule": "tuned", "macro": data}]

    cases = [{"data": "d", "amount": amount, "seed": 0} for amount in (1, 0.5)]
    path = tmp_path / "runs.csv"
    run_missing(cases[:1], run_case, {"d": 1}, path, 1)
    run_missing(cases, run_case, {"d": 1}, path, 1)
    assert ran == [1, 0.5]
    assert len(path.read_text().splitlines()) == 5
    # a column of 1 and 0.5 is one of floats to pandas, which writes 1.0
    pd.read_csv(path).to_csv(path, index=False)
    assert "1.0" in path.read_text()
    run_missing(cases, run_case, {"d": 1}, path, 1)
    assert ran == [1, 0.5]


def test_interval_is_that_of_students_t():
    pd = pytest.importorskip("pandas")
    from result_tables import summarize

    table = pd.DataFrame({"data": "d", "macro": [1.0, 2.0, 3.0, 4.0, 5.0]})
    mean, half = summarize(table, ["data"], ["macro"])
    assert mean.loc["d", "macro"] == 3
    # standard deviation sqrt(2.5), 97.5 % quantile of t with 4 degrees 2.776
    assert half.loc["d", "macro"] == pytest.approx(2.776 * np.sqrt(2.5 / 5), rel=1e-3)

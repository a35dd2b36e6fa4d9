"""The parts of the benchmarks of questions that could be wrong without being seen."""

import csv
import gzip
import importlib
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from bench_batch_size import epochs_of
from bench_robustness import spoil, troubles_of
from bench_simulated import best_f1, expected_f1, implied_thresholds
from harness.data import random_labels
from harness.report import read_results
from harness.run import run_missing
from harness.timing import compare

from skmultitag.datasets import make_multitag_classification

HERE = Path(__file__).parents[1]
STORED = HERE.parents[1] / "doc" / "benchmarks"
PAGES = sorted(path.stem for path in HERE.glob("bench_*.py"))

# sizes of the pages that make data of their own, and what takes long in a page
SMALL = {
    "rows": 500,
    "features": 8,
    "units": 8,
    "labels": 10,
    "batch": 500,
    "epochs": 1,
    "n_train": 250,
}
PATCHES = {
    "bench_defaults": {"SIZES": (100,)},
    "bench_deploy": {
        "ONE_ROW_CALLS": 2,
        "LOADS": 1,
        "EPOCHS": 1,
        "load_debtags": lambda **_: DATA,
    },
    "bench_first_contact": {"N_ROWS": 250},
    "bench_nested": {"MOST_ROWS": 200},
    "bench_partial_labels": {"N_ROWS": 250},
    "bench_simulated": {"N_POPULATION": 1000},
    "bench_speed": {"ONE_ROW_CALLS": 2, "N_STEPS": 1, "load_debtags": lambda **_: DATA},
    "bench_splits": {"SIZES": {"simulated": (500, 10)}},
    "bench_tools": {"random_labels": partial(random_labels, smallest=0.05)},
    "bench_time_to_f1": {"N_EPOCHS": 2, "SHOWN_EPOCH": 2},
}
# those start processes of their own, or take a minute
NOT_RUN = {"bench_scale": {"memory", "processes"}, "bench_tools": {"tuning"}}
DATA = make_multitag_classification(200, 8, 5, cardinality=2, random_state=0)


def compare_in_one_turn(contestants, pairs, turns=None, n_units=1):
    return compare(contestants, pairs, turns=1, n_units=n_units)


def small_runs(name, stored, monkeypatch, path):
    """Run a page on little data.

    One case, if the documentation has results; else all, or one of each part.
    """
    page = importlib.import_module(name)
    for attribute, value in PATCHES.get(name, {}).items():
        monkeypatch.setattr(page, attribute, value)
    if hasattr(page, "compare"):
        monkeypatch.setattr(page, "compare", compare_in_one_turn)
    data_sets = {"small": (*DATA, *DATA)}
    if name in ("bench_nested", "bench_texts"):
        data_sets = page.load(["debtags"])
    cases = page.make_cases(data_sets, n_seeds=1)
    if stored:
        cases = cases[:1]
    elif "part" in cases[0]:
        of_parts = {case["part"]: case for case in cases}
        cases = [of_parts[p] for p in of_parts if p not in NOT_RUN.get(name, ())]
    sizes = {key: value for key, value in SMALL.items() if key in cases[0]}
    cases = [case | sizes for case in cases]
    run_missing(cases, page.run_case, data_sets, path, n_workers=1)
    return page


@pytest.mark.parametrize("name", PAGES)
def test_a_page_runs_on_little_data(name, monkeypatch, tmp_path):
    if not STORED.is_dir():
        pytest.skip("a source distribution has no results")
    path = tmp_path / "results.csv"
    stored = list(STORED.glob(name.removeprefix("bench_") + ".csv*"))
    page = small_runs(name, stored, monkeypatch, path)
    if stored:  # then a run can go on with the file, and the documentation reports it
        assert columns_of(path) == columns_of(stored[0])
    else:
        page.report(read_results(path), tmp_path)
        assert list(tmp_path.glob("*.rst"))


def columns_of(path):
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt") as file:
        return set(next(csv.reader(file)))


def test_best_f1_is_that_of_the_best_threshold():
    # one row: 2 * 0.9 / (1.8 + 1); two: 2 * 1.5 / (1.8 + 2); three: 2 * 1.8 / 4.8
    proba = np.array([[0.3], [0.9], [0.6]])
    assert best_f1(proba) == pytest.approx(3 / 3.8)
    assert expected_f1(proba, np.array([[0], [1], [1]])) == pytest.approx(3 / 3.8)


def test_best_threshold_is_half_of_the_best_f1():
    proba = np.random.RandomState(0).beta(1, 4, size=(200_000, 1))
    half = best_f1(proba) / 2
    found = implied_thresholds(proba, proba > half)
    np.testing.assert_allclose(found, half, atol=1e-3)
    order = -np.sort(-proba[:, 0])
    f1 = 2 * np.cumsum(order) / (proba.sum() + np.arange(1, len(proba) + 1))
    assert order[f1.argmax()] == pytest.approx(half[0], abs=2e-3)


def test_troubles_have_the_stated_size():
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
    case = {"same": "updates", "size": 256}
    default = epochs_of(1024, case)
    assert epochs_of(1024, {**case, "size": 128}) == default // 2
    assert epochs_of(1024, {**case, "size": "full"}) == 4 * default
    assert epochs_of(100_000, {**case, "size": "full"}) is None
    assert epochs_of(1024, {"same": "epochs", "size": 32}) == default


def test_words_get_no_noise():
    X = np.eye(500)
    of_words = {name for name, _ in troubles_of("words", X)}
    of_others = {name for name, _ in troubles_of("others", 2 * X)}
    assert of_others - of_words == {"gaussian", "cauchy"}
    assert ("rows", 400) in troubles_of("words", X)
    assert ("rows", 800) not in troubles_of("words", X)

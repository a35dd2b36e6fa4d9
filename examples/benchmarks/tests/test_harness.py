"""The benchmarks: statistics, measures, data, and runs that go on."""

import gzip

import numpy as np
import pandas as pd
import pytest
from bench_paper import TopCount
from bench_texts import shipped_rows
from harness.data import data_hash, load_all
from harness.metrics import calibration_error
from harness.report import read_results, write_all, write_frame
from harness.run import choose, main, run_missing, version
from harness.statistics import (
    cliques,
    critical_difference,
    friedman_p_value,
    holm,
    mean_ranks,
    summarize,
)
from harness.timing import busy_cores, compare
from scipy import stats

from skmultitag import __version__
from skmultitag.calibration import PlattCalibrator
from skmultitag.datasets import load_debtags


# table 5a of Demšar (2006), for a level of 5 %
@pytest.mark.parametrize("n_methods, q", [(2, 1.960), (4, 2.569), (5, 2.728)])
def test_critical_difference_has_the_published_quantiles(n_methods, q):
    expected = q * np.sqrt(n_methods * (n_methods + 1) / (6 * 14))
    assert critical_difference(n_methods, 14) == pytest.approx(expected, rel=1e-3)


def test_interval_is_that_of_students_t():
    table = pd.DataFrame({"data": list("dddddo"), "macro": [1.0, 2, 3, 4, 5, 6]})
    mean, half = summarize(table, ["data"], ["macro"])
    assert mean["macro"].to_dict() == {"d": 3, "o": 6}
    # standard deviation sqrt(2.5), 97.5 % quantile of t with 4 degrees 2.776
    expected = 2.776 * np.sqrt(2.5 / 5)
    assert half.loc["d", "macro"] == pytest.approx(expected, rel=1e-3)
    assert np.isnan(half.loc["o", "macro"])


def test_cliques_are_the_largest_groups_not_told_apart():
    assert cliques([1.0, 2.0, 3.0, 4.5], 1.5) == [(0, 1), (1, 2), (2, 3)]
    assert cliques([1.0, 1.2, 1.4, 3.0], 0.5) == [(0, 2)]


def test_holm_multiplies_by_the_number_of_p_values_left():
    np.testing.assert_allclose(
        holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02]
    )


def test_friedman_p_value_counts_permutations():
    """Three methods in one order on two data sets: 6 of 36 orders are as extreme."""
    table = pd.DataFrame({"a": [3.0, 6.0], "b": [2.0, 5.0], "c": [1.0, 4.0]})
    assert friedman_p_value(table) == pytest.approx(1 / 6)
    assert mean_ranks(table).to_dict() == {"a": 1, "b": 2, "c": 3}


def test_friedman_p_value_is_that_of_chi_square_with_many_rows():
    values = np.random.RandomState(0).randn(60, 4) + [0, 0, 0.1, 0.2]
    expected = stats.friedmanchisquare(*values.T).pvalue
    assert 0.05 < expected < 0.5
    found = friedman_p_value(pd.DataFrame(values))
    assert found == pytest.approx(expected, abs=0.015)


def test_calibration_error_of_two_bins():
    # 0.1 off in the bin of 0.9, 0.25 in that of 0.25
    proba = [[0.9, 0.25], [0.9, 0.25], [1.0, 0.25], [0.8, 0.25]]
    y_true = [[1, 0], [1, 0], [1, 0], [1, 0]]
    assert calibration_error(y_true, proba) == pytest.approx((0.4 + 1.0) / 8)


def test_the_shipped_rows_are_those_of_other_packages():
    data = load_debtags()
    X, y = shipped_rows(data.packages[:5000:2], data.target_names[[3, 1]])
    kept = [i for i in range(len(data.data)) if i >= 5000 or i % 2]
    kept = [i for i in kept if not data.is_test[i]]
    np.testing.assert_array_equal(X, data.data[kept])
    np.testing.assert_array_equal(y, data.target[kept][:, [3, 1]])


def save_npz(path, **changes):
    """A file of four rows; an array that is None is left out."""
    arrays = {
        "X": np.zeros((4, 2)),
        "Y": np.eye(4, dtype=int),
        "split": ["train", "train", "test", "test"],
    }
    arrays |= changes
    np.savez(path, **{key: a for key, a in arrays.items() if a is not None})
    return path


def test_npz_data_are_split_into_train_and_test(tmp_path):
    parts = load_all([f"a={save_npz(tmp_path / 'a.npz')}"])["a"]
    assert [part.shape for part in parts] == [(2, 2), (2, 4), (2, 2), (2, 4)]


@pytest.mark.parametrize("arguments", [[], ["debtags"]])
def test_the_shipped_data_are_taken_by_name_or_without_arguments(arguments):
    assert list(load_all(arguments)) == ["debtags"]


@pytest.mark.parametrize(
    "argument, message",
    [
        ("a.npz", "name=file.npz, debtags or digits. Got 'a.npz' instead"),
        ("a=b=c.npz", "b=c.npz: there is no such file"),
    ],
)
def test_wrong_data_arguments_are_told(argument, message):
    with pytest.raises(SystemExit, match=message):
        load_all([argument])


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"split": None}, "there is no split. Expected are X, Y and split, got X, Y"),
        ({"Y": np.eye(3)}, "same number of rows. Got 4, 3 and 4"),
        ({"split": ["train"] * 4}, "'test' for the others. Got 'train'"),
        ({"split": ["train", "test", "valid", "test"]}, "'train', 'valid'"),
    ],
)
def test_wrong_npz_files_are_told_by_name(tmp_path, changes, message):
    path = save_npz(tmp_path / "a.npz", **changes)
    with pytest.raises(SystemExit, match=f"a.npz: .*{message}"):
        load_all([f"a={path}"])


def test_a_file_that_is_not_npz_is_told(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros(3))
    with pytest.raises(SystemExit, match="a.npy: not an npz file"):
        load_all([f"a={tmp_path / 'a.npy'}"])


def test_a_hash_tells_data_apart():
    X = np.arange(6.0)
    assert data_hash(X, X) == data_hash(X.copy(), X)
    changed = [data_hash(X, X + 1), data_hash(X), data_hash(X.reshape(2, 3), X)]
    assert len({data_hash(X, X), *changed}) == 4


CASES = [{"data": "a", "seed": seed} for seed in range(3)]
DATA = {"a": (np.zeros(3),)}


def run(cases, run_case, path, data_sets=DATA):
    """In this process, without workers."""
    run_missing(cases, run_case, data_sets, path, n_workers=1)


def one_row(data, case):
    return [{"macro": 0.5}]


def read(path):
    return pd.read_csv(path).drop(columns=["data_hash", "version"]).values.tolist()


def test_failed_runs_are_counted_and_tried_again(tmp_path):
    seen = []

    def run_case(data, case):
        seen.append(case["seed"])
        if seen == [0, 1]:
            raise RuntimeError("once")
        return [{"macro": 0.5}]

    path = tmp_path / "new" / "results.csv"
    with pytest.raises(SystemExit, match="1 of 3 runs failed, see above"):
        run(CASES, run_case, path)
    run(CASES, run_case, path)
    assert seen == [0, 1, 2, 1]
    assert read(path) == [["a", 0, 0.5], ["a", 2, 0.5], ["a", 1, 0.5]]


@pytest.mark.parametrize("name", ["runs.csv", "runs.csv.gz"])
def test_a_run_goes_on_where_it_stopped(tmp_path, name):
    ran = []

    def run_case(data, case):
        ran.append(case["amount"])
        return [{"rule": "natural"}, {"rule": "tuned"}]

    cases = [{"data": "a", "amount": amount, "seed": 0} for amount in (1, 0.5)]
    path = tmp_path / name
    run(cases[:1], run_case, path)
    run(cases, run_case, path)
    assert ran == [1, 0.5]
    assert len(read(path)) == 4
    # a column of 1 and 0.5 is one of floats to pandas, which writes 1.0
    pd.read_csv(path).to_csv(path, index=False)
    assert [row[1] for row in read(path)] == [1.0, 1.0, 0.5, 0.5]
    run(cases, run_case, path)
    assert ran == [1, 0.5]


def test_a_row_names_code_and_data(tmp_path):
    path = tmp_path / "runs.csv"
    run(CASES[:1], one_row, path)
    row = pd.read_csv(path).loc[0]
    assert row["version"].startswith(__version__)
    assert row["version"] == version()
    assert row["data_hash"] == data_hash(*DATA["a"])


def test_a_run_on_its_own_data_gives_their_hash(tmp_path):
    path = tmp_path / "runs.csv"
    run(CASES[:1], lambda data, case: [{"data_hash": "of x"}], path, data_sets={})
    assert list(pd.read_csv(path)["data_hash"]) == ["of x"]


def test_results_of_other_data_with_the_same_name_are_refused(tmp_path):
    path = tmp_path / "runs.csv"
    run(CASES[:1], one_row, path)
    with pytest.raises(SystemExit, match="results of other data called 'a'"):
        run(CASES, one_row, path, {"a": (np.ones(3),)})


def test_rows_older_than_version_and_hash_are_kept(tmp_path, capsys):
    path = tmp_path / "runs.csv"
    path.write_text("data,seed,macro,data_hash,version\na,0,0.25,,\n")
    run(CASES[:2], one_row, path)
    assert read(path) == [["a", 0, 0.25], ["a", 1, 0.5]]
    assert "results of other versions: an unknown one" in capsys.readouterr().out


def test_a_new_column_needs_a_new_file(tmp_path):
    path = tmp_path / "runs.csv"
    run(CASES[:1], one_row, path)
    with pytest.raises(SystemExit, match="runs.csv has no column micro"):
        run(CASES, lambda data, case: [{"micro": 0.5}], path)


def test_an_empty_file_gets_a_header(tmp_path):
    path = tmp_path / "results.csv"
    path.touch()
    run(CASES[:1], one_row, path)
    assert read(path) == [["a", 0, 0.5]]


def test_results_of_another_benchmark_are_refused(tmp_path):
    path = tmp_path / "results.csv"
    path.write_text("data,beta\n")
    with pytest.raises(SystemExit, match="results.csv .* missing: seed"):
        run(CASES, None, path)


def test_an_interrupt_ends_with_a_sentence(tmp_path):
    def run_case(data, case):
        raise KeyboardInterrupt

    with pytest.raises(SystemExit, match="stopped: the same command goes on"):
        run(CASES, run_case, tmp_path / "results.csv")


def test_cases_are_chosen_by_the_values_of_their_columns():
    cases = [{"part": part, "size": size} for part in "abc" for size in (1, 2)]
    chosen = choose(cases, {"size": ["2"]}, only_if_asked={"part": ("c",)})
    assert chosen == [{"part": "a", "size": 2}, {"part": "b", "size": 2}]
    assert choose(cases, {"part": ["c"], "size": ["1"]}, {"part": ("c",)}) == [cases[4]]
    with pytest.raises(SystemExit, match="--only part: there is no d. There are a, b"):
        choose(cases, {"part": ["a", "d"]}, {})


def test_both_commands_work_from_the_command_line(tmp_path, monkeypatch):
    def report(table, folder):
        write_frame(folder / "table.rst", table[["seed", "macro"]].set_index("seed"))

    def call(*arguments):
        monkeypatch.setattr("sys.argv", ["page.py", *map(str, arguments)])
        make_cases = lambda data_sets, n_seeds: CASES[:n_seeds]  # noqa: E731
        main("A page.", make_cases, one_row, report, load=None, is_timed=True)

    results = tmp_path / "results.csv"
    call("run", "--results", results, "--seeds", 2, "--only", "seed", 1)
    call("report", "--results", results, "--output", tmp_path / "out")
    lines = (tmp_path / "out" / "table.rst").read_text().splitlines()
    assert lines[-2:] == ["   seed,macro", "   1,0.5"]


def test_all_results_of_a_folder_are_reported_by_the_page_of_their_name(
    tmp_path, monkeypatch
):
    (tmp_path / "bench_toy.py").write_text(
        "def report(table, folder):\n"
        "    (folder / 'seeds').write_text(str(list(table['seed'])))\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    with gzip.open(tmp_path / "toy.csv.gz", "wt") as file:
        file.write("data,seed\na,2\na,1\n")
    write_all(tmp_path, tmp_path / "made")
    assert (tmp_path / "made" / "toy" / "seeds").read_text() == "[1, 2]"


@pytest.mark.parametrize(
    "content, message",
    [
        (None, "there are no results"),
        ("", "there are no results"),
        ("data,macro\n", "missing are the columns seed"),
    ],
)
def test_what_is_no_file_of_results_is_told(tmp_path, content, message):
    path = tmp_path / "runs.csv"
    if content is not None:
        path.write_text(content)
    with pytest.raises(SystemExit, match=message):
        read_results(path)


def test_ratios_are_taken_within_a_turn(monkeypatch):
    clock = iter([0, 9, 0, 9, 0, 2, 0, 1, 0, 6, 0, 1, 0, 4, 0, 1])
    monkeypatch.setattr("harness.timing.time.perf_counter", lambda: next(clock))
    nothing = {"ours": lambda: None, "theirs": lambda: None}
    [row] = compare(nothing, [("ours", "theirs")], turns=3, n_units=2)
    found = [row[key] for key in ("seconds", "ratio", "least", "largest")]
    assert found == [2, 4, 2, 6]


def test_busy_cores_are_let_go_of_at_an_error():
    with pytest.raises(KeyError), busy_cores(2) as processes:
        assert [process.poll() for process in processes] == [None, None]
        raise KeyError
    # ended by a signal
    assert all(process.poll() < 0 for process in processes)


def test_each_row_gets_as_many_labels_as_probabilities_add_up_to():
    scores = np.random.RandomState(0).randn(400, 5)
    y = (scores + np.random.RandomState(1).randn(400, 5) > 0.3).astype(int)
    decided = TopCount().fit(scores, y).transform(scores)
    proba = PlattCalibrator().fit(scores, y).transform(scores)
    np.testing.assert_array_equal(decided.sum(axis=1), proba.sum(axis=1).round())
    # no label that is left out is better than one that is taken
    worst_taken = np.where(decided, proba, 2).min(axis=1)
    assert (np.where(decided, -1, proba).max(axis=1) <= worst_taken).all()

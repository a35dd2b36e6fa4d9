"""The benchmarks: statistics, measures, data, and runs that go on."""

import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from skmultitag.datasets import load_debtags

BENCHMARKS = Path(__file__).parents[1] / "examples" / "benchmarks"


@pytest.fixture(autouse=True)
def benchmarks_on_path(monkeypatch):
    monkeypatch.setattr(sys, "path", [str(BENCHMARKS), *sys.path])


# table 5a of Demšar (2006), for a level of 5 %
@pytest.mark.parametrize("n_methods, q", [(2, 1.960), (4, 2.569), (5, 2.728)])
def test_critical_difference_has_the_published_quantiles(n_methods, q):
    from paper_statistics import critical_difference

    expected = q * np.sqrt(n_methods * (n_methods + 1) / (6 * 14))
    assert critical_difference(n_methods, 14) == pytest.approx(expected, rel=1e-3)


def test_half_width_of_five_values():
    from result_tables import half_width

    # standard deviation sqrt(2.5), 97.5 % quantile of t with 4 degrees 2.776
    expected = 2.776 * np.sqrt(2.5 / 5)
    assert half_width([1, 2, 3, 4, 5]) == pytest.approx(expected, rel=1e-3)
    assert np.isnan(half_width([1]))


def test_cliques_are_the_largest_groups_not_told_apart():
    from paper_statistics import cliques

    assert cliques([1.0, 2.0, 3.0, 4.5], 1.5) == [(0, 1), (1, 2), (2, 3)]
    assert cliques([1.0, 1.2, 1.4, 3.0], 0.5) == [(0, 2)]


def test_holm_multiplies_by_the_number_of_p_values_left():
    from paper_statistics import holm

    np.testing.assert_allclose(
        holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02]
    )


def test_friedman_p_value_counts_permutations():
    """Three methods in one order on two data sets: 6 of 36 orders are as extreme."""
    pd = pytest.importorskip("pandas")
    from paper_statistics import friedman_p_value, mean_ranks

    table = pd.DataFrame({"a": [3.0, 6.0], "b": [2.0, 5.0], "c": [1.0, 4.0]})
    assert friedman_p_value(table) == pytest.approx(1 / 6)
    assert mean_ranks(table).to_dict() == {"a": 1, "b": 2, "c": 3}


def test_friedman_p_value_is_that_of_chi_square_with_many_rows():
    pd = pytest.importorskip("pandas")
    from paper_statistics import friedman_p_value

    values = np.random.RandomState(0).randn(60, 4) + [0, 0, 0.1, 0.2]
    expected = stats.friedmanchisquare(*values.T).pvalue
    assert 0.05 < expected < 0.5
    found = friedman_p_value(pd.DataFrame(values))
    assert found == pytest.approx(expected, abs=0.015)


def test_calibration_error_of_two_bins():
    from paper_metrics import calibration_error

    # 0.1 off in the bin of 0.9, 0.25 in that of 0.25
    proba = [[0.9, 0.25], [0.9, 0.25], [1.0, 0.25], [0.8, 0.25]]
    y_true = [[1, 0], [1, 0], [1, 0], [1, 0]]
    assert calibration_error(y_true, proba) == pytest.approx((0.4 + 1.0) / 8)


def test_the_shipped_rows_are_those_of_other_packages():
    for name in ("pandas", "PIL", "tqdm"):
        pytest.importorskip(name)
    from bench_texts import shipped_rows

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
    from npz_data import load_all

    parts = load_all([f"a={save_npz(tmp_path / 'a.npz')}"])["a"]
    assert [part.shape for part in parts] == [(2, 2), (2, 4), (2, 2), (2, 4)]


@pytest.mark.parametrize("arguments", [[], ["debtags"]])
def test_the_shipped_data_are_taken_by_name_or_without_arguments(arguments):
    from npz_data import load_all

    assert list(load_all(arguments)) == ["debtags"]


@pytest.mark.parametrize(
    "argument, message",
    [
        ("a.npz", "name=file.npz, or debtags. Got 'a.npz' instead"),
        ("a=b=c.npz", "b=c.npz: there is no such file"),
    ],
)
def test_wrong_data_arguments_are_told(argument, message):
    from npz_data import load_all

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
    from npz_data import load_all

    path = save_npz(tmp_path / "a.npz", **changes)
    with pytest.raises(SystemExit, match=f"a.npz: .*{message}"):
        load_all([f"a={path}"])


def test_a_file_that_is_not_npz_is_told(tmp_path):
    from npz_data import load_all

    np.save(tmp_path / "a.npy", np.zeros(3))
    with pytest.raises(SystemExit, match="a.npy: not an npz file"):
        load_all([f"a={tmp_path / 'a.npy'}"])


@pytest.fixture
def run_missing():
    for name in ("pandas", "PIL", "tqdm"):
        pytest.importorskip(name)
    from resumable import run_missing

    # in this process, without workers
    return lambda cases, run_case, path: run_missing(cases, run_case, {}, path, 1)


CASES = [{"data": "a", "seed": seed} for seed in range(3)]


def test_failed_runs_are_counted_and_tried_again(run_missing, tmp_path):
    seen = []

    def run_case(data, case):
        seen.append(case["seed"])
        if seen == [0, 1]:
            raise RuntimeError("once")
        return [{"macro": 0.5}]

    path = tmp_path / "new" / "results.csv"
    with pytest.raises(SystemExit, match="1 of 3 runs failed, see above"):
        run_missing(CASES, run_case, path)
    run_missing(CASES, run_case, path)
    assert seen == [0, 1, 2, 1]
    assert path.read_text().split() == [
        "data,seed,macro",
        "a,0,0.5",
        "a,2,0.5",
        "a,1,0.5",
    ]


def test_an_empty_file_gets_a_header(run_missing, tmp_path):
    path = tmp_path / "results.csv"
    path.touch()
    run_missing(CASES[:1], lambda data, case: [{"macro": 0.5}], path)
    assert path.read_text().split() == ["data,seed,macro", "a,0,0.5"]


def test_results_of_another_benchmark_are_refused(run_missing, tmp_path):
    path = tmp_path / "results.csv"
    path.write_text("data,beta\n")
    with pytest.raises(SystemExit, match="results.csv .* missing: seed"):
        run_missing(CASES, None, path)


def test_an_interrupt_ends_with_a_sentence(run_missing, tmp_path):
    def run_case(data, case):
        raise KeyboardInterrupt

    with pytest.raises(SystemExit, match="stopped: the same command goes on"):
        run_missing(CASES, run_case, tmp_path / "results.csv")

"""The statistics and measures of `examples/benchmarks/bench_paper.py`."""

import sys
from pathlib import Path

import numpy as np
import pytest

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
    from paper_statistics import half_width

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


def test_friedman_p_value_is_zero_if_all_data_sets_agree():
    pd = pytest.importorskip("pandas")
    from paper_statistics import friedman_p_value, mean_ranks

    table = pd.DataFrame({"a": [3.0, 6.0, 9.0], "b": [2.0, 5.0, 8.0], "c": [1, 4, 7]})
    assert friedman_p_value(table) == 0
    assert mean_ranks(table).to_dict() == {"a": 1, "b": 2, "c": 3}


def test_calibration_error_of_two_bins():
    from paper_metrics import calibration_error

    # 0.1 off in the bin of 0.9, 0.25 in that of 0.25
    proba = [[0.9, 0.25], [0.9, 0.25], [1.0, 0.25], [0.8, 0.25]]
    y_true = [[1, 0], [1, 0], [1, 0], [1, 0]]
    assert calibration_error(y_true, proba) == pytest.approx((0.4 + 1.0) / 8)

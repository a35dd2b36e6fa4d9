import numpy as np
import pytest
from imblearn.under_sampling import TomekLinks

from skmultitag.sampling import (
    MLTL,
    imbalance_ratio_per_label,
    mean_imbalance_ratio,
    scumble,
)
from tests.sampling.common import make_data


def removed_from(X, y, **params):
    sampler = MLTL(**params)
    sampler.fit_resample(X, y)
    return np.setdiff1d(np.arange(len(y)), sampler.sample_indices_).tolist()


def test_links_on_paper():
    # pairs at 0, 10, 20, ... are each others nearest neighbours
    X = np.array([[0, 1, 10, 11, 20, 21, 30, 31, 40, 41]]).T
    y = np.array(
        [
            [1, 0, 0, 0],  # differs by 1 from ...
            [0, 1, 0, 0],
            [1, 1, 0, 0],  # differs by 2 / 4 from ...
            [1, 0, 1, 0],
            [1, 1, 0, 0],  # differs by 1 / 3 from ...
            [1, 0, 0, 0],
            [1, 0, 0, 0],  # differs by 1 from ...
            [0, 0, 0, 1],  # the rare label
            [1, 1, 1, 0],
            [0, 0, 0, 0],  # no labels
        ]
    )
    # on 7, 4, 2 and 1 rows: ratios 1, 1.75, 3.5 and 7
    assert mean_imbalance_ratio(y) == 13.25 / 4
    rare = [3]
    assert removed_from(X, y, threshold=0, sampling_strategy=rare) == [
        0, 1, 2, 3, 4, 5, 6, 8
    ]  # fmt: skip
    assert removed_from(X, y, threshold=0.4, sampling_strategy=rare) == [
        0, 1, 2, 3, 6, 8
    ]  # fmt: skip
    # 0.5 is not above 0.5
    assert removed_from(X, y, threshold=0.5, sampling_strategy=rare) == [0, 1, 6, 8]
    # labels 2 and 3 are minority labels, and rows 3, 7 and 8 are kept
    assert removed_from(X, y, threshold=0.4) == [0, 1, 2, 6]


def test_mutual():
    X = np.array([[0.0, 1.0, 1.5, 9.0]]).T  # the nearest of 0 is 1, that of 1 is 2
    y = np.array([[1, 0], [1, 0], [0, 1], [1, 0]])
    assert removed_from(X, y, mutual=True) == [1]
    y[0] = [0, 0]
    y[3] = [1, 0]  # the nearest of 3 is 2
    y[1] = [1, 0]
    assert removed_from(X, y, sampling_strategy=[1], mutual=False) == [1, 3]


@pytest.mark.parametrize("mutual", [True, False])
@pytest.mark.parametrize("threshold", [0, 0.15, 0.3, 0.5, 0.9])
def test_rows_are_those_of_a_loop(threshold, mutual):
    X, y = make_data()
    distances = np.linalg.norm(X[:, None] - X, axis=2)
    np.fill_diagonal(distances, np.inf)
    minority = imbalance_ratio_per_label(y) > mean_imbalance_ratio(y)
    expected = []
    for i in range(len(y)):
        j = distances[i].argmin()
        is_link = not mutual or distances[j].argmin() == i
        differ = (y[i] != y[j]).sum() / max(y[i].sum() + y[j].sum(), 1)
        if is_link and differ > threshold and y[i].any() and not y[i, minority].any():
            expected.append(i)
    assert len(expected) > 2
    assert removed_from(X, y, threshold=threshold, mutual=mutual) == expected


def test_links_of_one_label_are_those_of_imbalanced_learn():
    """With two labels that exclude each other, the difference is 0 or 1."""
    X, _ = make_data()
    positive = np.arange(120) % 5 == 0
    y = np.column_stack([~positive, positive]).astype(int)
    theirs = TomekLinks(sampling_strategy="majority")
    theirs.fit_resample(X, positive)
    ours = MLTL().fit(X, y)
    ours.fit_resample(X, y)
    np.testing.assert_array_equal(ours.sample_indices_, theirs.sample_indices_)
    assert len(theirs.sample_indices_) < 120


@pytest.mark.parametrize(
    "n_rare, expected",
    # the mean ratio is (1 + 100 / n) / 2, and one over its root 0.53, 0.45 and 0.14
    [(16, 0.5), (11, 0.3), (1, 0.15)],
)
def test_automatic_threshold(n_rare, expected):
    y = np.zeros((100 + n_rare, 2), dtype=int)
    y[:100, 0] = y[100:, 1] = 1
    X = np.arange(len(y))[:, None]
    sampler = MLTL()
    sampler.fit_resample(X, y)
    assert sampler.threshold_ == expected
    assert MLTL(threshold=0.7).fit(X, y).threshold == 0.7


def test_automatic_threshold_of_high_scumble():
    y = np.zeros((100, 2), dtype=int)
    y[:, 0] = y[:1, 1] = 1
    X = np.arange(100)[:, None]
    assert scumble(y) < 0.3
    assert _threshold(X, y) == 0.15
    # half of the rows have a common and a rare label, by 25 rare ones
    y = np.zeros((100, 26), dtype=int)
    y[:, 0] = 1
    y[np.arange(50), 1 + np.arange(50) // 2] = 1
    assert scumble(y) > 0.3
    assert _threshold(X, y) == 0.5


def _threshold(X, y):
    sampler = MLTL()
    sampler.fit_resample(X, y)
    return sampler.threshold_


def test_only_majority_rows_go():
    X, y = make_data()
    minority = imbalance_ratio_per_label(y) > mean_imbalance_ratio(y)
    removed = removed_from(X, y, mutual=False, threshold=0)
    assert removed and not y[removed][:, minority].any()
    assert y[removed].any(axis=1).all()

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from skmultitag.datasets import make_multitag_classification
from skmultitag.sampling import MLRUS, imbalance_ratio_per_label, mean_imbalance_ratio
from tests.sampling.common import targets


def removed_from(y, **params):
    """Numbers of the rows that are removed."""
    sampler = MLRUS(**params)
    sampler.fit_resample(np.zeros((len(y), 1)), y)
    return np.setdiff1d(np.arange(len(y)), sampler.sample_indices_)


def test_rows_that_may_go_on_paper():
    # labels on 8, 4 and 2 rows: ratios 1, 2 and 4, their mean 7/3
    y = np.zeros((15, 3), dtype=int)
    y[:8, 0] = y[6:10, 1] = y[10:12, 2] = 1
    y[6, 2], y[11, 2] = 1, 0
    # Row 6 has the rare label, and rows 11 to 14 have none. A label must keep
    # 8 / (7/3) rows or more, which is 4: so the rows of label 1 are kept, and 4 of the
    # 6 that have label 0 alone go.
    for seed in range(5):
        removed = removed_from(y, fraction=1, random_state=seed)
        assert len(removed) == 4 and set(removed) <= set(range(6))
    assert len(removed_from(y, fraction=0.2)) == 3
    assert len(removed_from(y, fraction=0)) == 0


def test_no_label_gets_rarer_than_the_commonest_that_is_named():
    y = np.zeros((15, 4), dtype=int)
    y[:8, 0] = y[8:11, 1] = y[11:14, 2] = y[14, 3] = 1
    removed = removed_from(y, sampling_strategy=[2, 3], fraction=1, random_state=0)
    assert len(removed) == 5 and removed.max() < 8
    removed = removed_from(y, sampling_strategy=[3], fraction=1, random_state=0)
    assert [np.isin(removed, rows).sum() for rows in (range(8), range(8, 11))] == [7, 2]
    assert len(removed) == 7 + 2 + 2


@settings(max_examples=60, deadline=None)
@given(
    targets(),
    st.sampled_from(["auto", [1], [0, 1]]),
    st.sampled_from([0.2, 0.5, 1.0]),
    st.integers(0, 5),
)
def test_rows_go_one_after_the_other(y, strategy, fraction, seed):
    """The same rows as by a loop over the rows that may go, in random order."""
    removed = removed_from(
        y, sampling_strategy=strategy, fraction=fraction, random_state=seed
    )
    counts = y.sum(axis=0)
    most, border = counts.max(), mean_imbalance_ratio(y)
    if strategy == "auto":
        minority = (counts > 0) & (imbalance_ratio_per_label(y) > border)
    else:
        minority = np.isin(np.arange(y.shape[1]), strategy) & (counts > 0)
        border = most / max(counts[minority].max(initial=0), 1)
    if not minority.any():
        assert len(removed) == 0
        return
    may_go = np.flatnonzero(y.any(axis=1) & ~y[:, minority].any(axis=1))
    expected = []
    for row in np.random.RandomState(seed).permutation(may_go):
        left = counts - y[row]
        stays_common = (most <= border * left + 1e-9)[y[row] == 1].all()
        if stays_common and len(expected) < round(fraction * len(y)):
            expected.append(row)
            counts = left
    assert removed.tolist() == sorted(expected)


def test_no_new_label_sets_or_minority_labels_and_less_imbalance():
    X, y = make_multitag_classification(1000, n_labels=20, imbalance=50, random_state=0)
    mean, ratios = mean_imbalance_ratio(y), imbalance_ratio_per_label(y)
    most = y.sum(axis=0).max()
    before = mean
    sets = {tuple(row) for row in y}
    for fraction in (0.05, 0.1, 0.25, 1.0):
        sampler = MLRUS(fraction=fraction, random_state=0)
        _, y_resampled = sampler.fit_resample(X, y)
        assert {tuple(row) for row in y_resampled} <= sets
        after = mean_imbalance_ratio(y_resampled)
        assert after <= before
        before = after
        counts = y_resampled.sum(axis=0)
        np.testing.assert_array_equal(most / counts > mean, ratios > mean)
        # no row of a minority label is lost
        np.testing.assert_array_equal(
            counts[ratios > mean], y.sum(axis=0)[ratios > mean]
        )
    assert before < 0.8 * mean

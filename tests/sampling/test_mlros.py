import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skmultitag.datasets import make_multitag_classification
from skmultitag.sampling import MLROS, imbalance_ratio_per_label, mean_imbalance_ratio
from tests.sampling.common import targets


def copies_of(y, **params):
    """Numbers of the rows that are copied."""
    sampler = MLROS(**params)
    sampler.fit_resample(np.zeros((len(y), 1)), y)
    np.testing.assert_array_equal(sampler.sample_indices_[: len(y)], np.arange(len(y)))
    return sampler.sample_indices_[len(y) :]


def test_turns_on_paper():
    # Labels on 8, 1 and 1 rows: ratios 1, 8 and 8, their mean 17/3. With 2 rows the
    # ratio of a label is 4. Each has one row, so that nothing is left to chance.
    y = np.zeros((10, 3), dtype=int)
    y[:8, 0] = y[8, 1] = y[9, 2] = 1
    assert copies_of(y, fraction=1.0).tolist() == [8, 9]
    assert copies_of(y, fraction=0.1).tolist() == [8]
    assert copies_of(y, fraction=0).tolist() == []


def test_copies_for_another_label_count():
    # both labels are on row 8 only, so that one copy is enough for both
    y = np.zeros((9, 3), dtype=int)
    y[:8, 0] = y[8, 1] = y[8, 2] = 1
    assert copies_of(y, fraction=1.0).tolist() == [8]


def test_turns_go_on_when_another_label_has_enough():
    # Label 3 is on rows 3 and 5, and needs one more: the copy of row 3 for label 1.
    # Then it is the turn of label 2, not of label 1 again.
    y = np.zeros((6, 4), dtype=int)
    y[:3, 0] = y[3, 1] = y[4, 2] = y[[3, 5], 3] = 1
    copies = copies_of(y, sampling_strategy=[1, 2, 3], fraction=10)
    assert copies.tolist() == [3, 4, 3, 4]


def test_copies_end_within_a_round():
    y = np.zeros((10, 3), dtype=int)
    y[:8, 0] = y[8, 1] = y[9, 2] = 1
    copies = copies_of(y, sampling_strategy=[1, 2], fraction=0.3)
    assert copies.tolist() == [8, 9, 8]


def test_named_labels_are_copied_until_they_are_as_common_as_the_commonest():
    y = np.zeros((10, 3), dtype=int)
    y[:6, 0] = y[6:9, 1] = y[9, 2] = 1
    copies = copies_of(y, sampling_strategy=[1, 2], fraction=10, random_state=0)
    # in turn 1, 2, 1, 2, 1, 2, then label 2 alone
    assert np.isin(copies[[0, 2, 4]], [6, 7, 8]).all()
    assert copies[[1, 3, 5, 6, 7]].tolist() == [9] * 5
    assert len(copies) == 8
    assert len(copies_of(y, sampling_strategy=[0], fraction=10)) == 0


def test_number_of_copies_is_rounded():
    y = np.zeros((100, 2), dtype=int)
    y[:99, 0] = y[99, 1] = 1
    for fraction, n_copies in [(0.29, 29), (0.126, 13), (2.0, 98)]:
        params = {"sampling_strategy": [1], "fraction": fraction}
        assert len(copies_of(y, **params)) == n_copies


def test_each_row_of_a_label_is_as_likely():
    y = np.zeros((1000, 2), dtype=int)
    y[:996, 0] = y[996:, 1] = 1
    copies = copies_of(y, sampling_strategy=[1], fraction=0.9, random_state=0)
    counts = np.bincount(copies - 996, minlength=4)
    assert counts.sum() == 900
    # four standard deviations of a binomial count
    assert np.abs(counts - 225).max() < 4 * np.sqrt(900 * 0.25 * 0.75)


@settings(max_examples=60, deadline=None)
@given(
    targets(),
    st.sampled_from(["auto", [1], [0, 1]]),
    st.sampled_from([0.2, 1.0, 5.0]),
    st.integers(0, 5),
)
def test_copies_follow_the_turns(y, strategy, fraction, seed):
    """Each copy has the label whose turn it is, replayed one after the other."""
    copies = copies_of(
        y, sampling_strategy=strategy, fraction=fraction, random_state=seed
    ).tolist()
    counts = y.sum(axis=0).astype(float)
    most, border = counts.max(), mean_imbalance_ratio(y)
    if strategy == "auto":
        turns = np.flatnonzero(
            (counts > 0) & (imbalance_ratio_per_label(y) > border)
        ).tolist()
    else:
        border = 1.0
        turns = [label for label in strategy if most > counts[label] > 0]
    n_copies = round(fraction * len(y))
    assert len(copies) <= n_copies
    for row in copies:
        label = turns.pop(0)
        assert y[row, label] == 1
        counts += y[row]
        turns.append(label)
        turns = [label for label in turns if most / counts[label] > border]
    assert len(copies) == n_copies or not turns


def test_no_new_label_sets_and_less_imbalance():
    X, y = make_multitag_classification(1000, n_labels=20, imbalance=50, random_state=0)
    before = mean_imbalance_ratio(y)
    sets = {tuple(row) for row in y}
    for fraction in (0.05, 0.1, 0.25, 1.0):
        sampler = MLROS(fraction=fraction, random_state=0)
        _, y_resampled = sampler.fit_resample(X, y)
        assert {tuple(row) for row in y_resampled} == sets
        after = mean_imbalance_ratio(y_resampled)
        assert after <= before
        before = after
    assert before < 0.8 * mean_imbalance_ratio(y)


def test_sample_indices_carry_weights():
    X, y = make_multitag_classification(200, n_labels=8, imbalance=20, random_state=0)
    weight = np.arange(200.0)
    sampler = MLROS(random_state=0)
    X_resampled, _ = sampler.fit_resample(X, y)
    assert len(weight[sampler.sample_indices_]) == len(X_resampled) == 223


@pytest.mark.parametrize("fraction", [0.3, 3.0])
def test_many_labels(fraction):
    """As many labels as rows take turns, more than there are copies, and fewer."""
    y = np.eye(100, dtype=int)
    y[:, 0] = 1
    copies = copies_of(y, fraction=fraction)
    # each of the 99 labels once, as the ratio is 50 then, and the mean was 99.01
    n_copies = min(round(100 * fraction), 99)
    assert copies.tolist() == list(range(1, n_copies + 1))

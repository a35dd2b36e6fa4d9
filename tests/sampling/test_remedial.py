import numpy as np
from hypothesis import given, settings

from skmultitag.datasets import make_multitag_classification
from skmultitag.sampling import (
    MLROS,
    REMEDIAL,
    imbalance_ratio_per_label,
    mean_imbalance_ratio,
    scumble,
)
from tests.sampling.common import targets


def test_rows_on_paper():
    # on 4, 1 and 2 rows: ratios 1, 4 and 2, their mean 7/3; the SCUMBLE of row 3 is 0.2
    # and that of row 2 is 0.057, the mean 0.0514
    y = np.array([[1, 0, 0], [1, 0, 0], [1, 0, 1], [1, 1, 0], [0, 0, 1]])
    X = np.arange(5.0)[:, None]
    sampler = REMEDIAL()
    X_resampled, y_resampled = sampler.fit_resample(X, y)
    assert sampler.minority_labels_.tolist() == [1]
    # row 2 is above the mean too, but has majority labels only
    assert sampler.sample_indices_.tolist() == [0, 1, 2, 4, 3, 3]
    assert y_resampled[-2:].tolist() == [[1, 0, 0], [0, 1, 0]]
    np.testing.assert_array_equal(X_resampled, X[sampler.sample_indices_])


def test_named_minority_labels():
    y = np.array([[1, 0, 0], [1, 0, 0], [1, 0, 1], [1, 1, 0], [0, 0, 1]])
    sampler = REMEDIAL(sampling_strategy=[1, 2])
    _, y_resampled = sampler.fit_resample(np.arange(5.0)[:, None], y)
    assert sampler.sample_indices_.tolist() == [0, 1, 4, 2, 3, 2, 3]
    assert y_resampled[3:].tolist() == [[1, 0, 0], [1, 0, 0], [0, 0, 1], [0, 1, 0]]


@settings(max_examples=60, deadline=None)
@given(targets())
def test_rows_are_those_of_a_loop(y):
    X = np.arange(len(y))[:, None]
    sampler = REMEDIAL()
    X_resampled, y_resampled = sampler.fit_resample(X, y)
    minority = imbalance_ratio_per_label(y) > mean_imbalance_ratio(y)
    values = scumble(y, per_row=True)
    kept, common, rare = [], [], []
    for number, row in enumerate(y):
        is_mixed = row[minority].any() and row[~minority].any()
        if values[number] > values.mean() and is_mixed:
            common.append((number, *np.where(minority, 0, row)))
            rare.append((number, *np.where(minority, row, 0)))
        else:
            kept.append((number, *row))
    expected = np.array(kept + common + rare)
    np.testing.assert_array_equal(np.column_stack([X_resampled, y_resampled]), expected)
    np.testing.assert_array_equal(y_resampled.sum(axis=0), y.sum(axis=0))
    np.testing.assert_array_equal(X_resampled[:, 0], sampler.sample_indices_)


def test_copies_of_rare_labels_do_more_afterwards():
    """The reason of being of the method: a copy no longer has a common label."""
    X, y = make_multitag_classification(
        1000, 20, 20, cardinality=4, imbalance=100, random_state=0
    )
    apart = REMEDIAL().fit_resample(X, y)
    assert scumble(apart[1]) < scumble(y)
    np.testing.assert_array_equal(apart[1].sum(axis=0), y.sum(axis=0))
    copies = []
    for data in ((X, y), apart):
        y_resampled = MLROS(fraction=0.1, random_state=0).fit_resample(*data)[1]
        copies.append(y_resampled[len(data[1]) :].sum(axis=1).mean())
    assert copies[1] < copies[0]

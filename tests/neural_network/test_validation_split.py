import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from skmultitag.neural_network._validation_split import validation_split


@settings(max_examples=100, deadline=None)
@given(
    st.integers(2, 60), st.integers(1, 6), st.floats(0.05, 0.9), st.integers(0, 10**6)
)
def test_sides_are_a_partition_and_not_empty(n_samples, n_labels, fraction, seed):
    rng = np.random.RandomState(seed)
    y = (rng.rand(n_samples, n_labels) < 0.3).astype(np.uint8)
    train, validation = validation_split(y, fraction, rng)
    assert len(train) and len(validation)
    rows = np.concatenate([train, validation])
    np.testing.assert_array_equal(np.sort(rows), np.arange(n_samples))


def test_rare_labels_are_on_both_sides():
    n_splits = n_missing = 0
    for seed in range(50):
        rng = np.random.RandomState(seed)
        y = rng.rand(400, 12) < np.geomspace(0.005, 0.4, 12)
        train, validation = validation_split(y.astype(np.uint8), 0.1, rng)
        n_possible = y.sum(axis=0) >= 2
        both = y[train].any(axis=0) & y[validation].any(axis=0)
        n_splits += n_possible.sum()
        n_missing += (n_possible & ~both).sum()
    # impossible where all rows of a label are placed by rarer ones on one side
    assert n_missing <= 0.005 * n_splits


def test_frequencies_are_kept():
    rng = np.random.RandomState(0)
    y = (rng.rand(2000, 10) < np.geomspace(0.01, 0.5, 10)).astype(np.uint8)
    _, validation = validation_split(y, 0.2, rng)
    assert abs(len(validation) - 400) < 40
    expected = 0.2 * y.sum(axis=0)
    assert (np.abs(y[validation].sum(axis=0) - expected) <= 0.1 * expected + 2).all()


def test_sparse_and_dense_targets_give_the_same():
    y = (np.random.RandomState(0).rand(50, 4) < 0.3).astype(np.uint8)
    for as_type in (sparse.csr_matrix, sparse.csr_array):
        ours = validation_split(as_type(y), 0.2, np.random.RandomState(1))
        theirs = validation_split(y, 0.2, np.random.RandomState(1))
        np.testing.assert_array_equal(ours[1], theirs[1])

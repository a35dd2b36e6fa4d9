import numpy as np
import pytest
from imblearn.over_sampling import SMOTE
from scipy import sparse
from sklearn.neighbors import NearestNeighbors

from skmultitag.datasets import make_multitag_classification
from skmultitag.sampling import MLSMOTE, imbalance_ratio_per_label, mean_imbalance_ratio
from tests.sampling.common import make_data


def nearest(X, k):
    """Numbers of the k nearest other rows of each row, by a loop."""
    found = []
    for number, row in enumerate(X):
        distances = np.linalg.norm(X - row, axis=1)
        distances[number] = np.inf
        found.append(np.argsort(distances)[: min(k, len(X) - 1)])
    return found


@pytest.mark.parametrize("rule", ["ranking", "union", "intersection"])
@pytest.mark.parametrize("k", [1, 2, 5])
def test_new_rows_are_those_of_the_definition(rule, k):
    X, y = make_multitag_classification(
        300, 6, 12, cardinality=3, imbalance=40, random_state=1
    )
    sampler = MLSMOTE(label_rule=rule, k_neighbors=k, random_state=0)
    X_resampled, y_resampled = sampler.fit_resample(X, y)
    X_new, y_new = iter(X_resampled[300:]), iter(y_resampled[300:])
    ratios, mean = imbalance_ratio_per_label(y), mean_imbalance_ratio(y)
    minority = np.flatnonzero((ratios > mean) & np.isfinite(ratios))
    assert len(minority) > 2
    steps, places = [], []
    for label in minority:
        rows = np.flatnonzero(y[:, label])
        for row, neighbors in zip(rows, nearest(X[rows], k), strict=True):
            # at one place of the line to one of the neighbours
            direction = X[rows[neighbors]] - X[row]
            shift = next(X_new) - X[row]
            step = direction @ shift / (direction**2).sum(axis=1)
            distance = np.linalg.norm(shift - step[:, None] * direction, axis=1)
            place = distance.argmin()
            assert distance[place] < 1e-10
            steps.append(step[place])
            places.append(place)
            # and with the labels of a part of the group
            group = y[np.append(rows[neighbors], row)]
            least = {"ranking": len(group) // 2 + 1, "union": 1}.get(rule, len(group))
            np.testing.assert_array_equal(next(y_new), group.sum(axis=0) >= least)
    assert next(X_new, None) is None and next(y_new, None) is None
    assert 0 <= min(steps) < 0.1 and 0.9 < max(steps) <= 1
    assert set(places) == set(range(k))


def test_labels_of_a_group_on_paper():
    # with k = 2 the three rows of label 3 are one group, whatever the distances
    X = np.arange(6.0)[:, None]
    y = np.zeros((6, 4), dtype=int)
    y[:3] = [[1, 1, 0, 1], [1, 1, 0, 1], [1, 0, 1, 1]]
    y[3:, 0] = 1
    labels = {"ranking": [1, 1, 0, 1], "union": [1, 1, 1, 1]}
    for rule in ("ranking", "union", "intersection"):
        sampler = MLSMOTE(sampling_strategy=[3], label_rule=rule, k_neighbors=2)
        _, y_resampled = sampler.fit_resample(X, y)
        expected = [labels.get(rule, [1, 0, 0, 1])] * 3
        assert y_resampled[6:].tolist() == expected


def test_half_of_an_even_group_is_not_enough():
    X = np.arange(4.0)[:, None]
    y = np.array([[1, 1, 0], [1, 0, 1], [0, 1, 0], [0, 1, 0]])
    sampler = MLSMOTE(sampling_strategy=[0], k_neighbors=1)
    assert sampler.fit_resample(X, y)[1][4:].tolist() == [[1, 0, 0]] * 2


def test_fewer_rows_than_neighbours():
    X, y = make_data()
    all_others = MLSMOTE(k_neighbors=1000, random_state=0).fit_resample(X, y)
    n_rows = y[:, 3:].sum()
    assert len(all_others[0]) == 120 + n_rows


def test_equal_rows_are_each_others_neighbours():
    """A row is left out by its number, not by its place among equal ones."""
    X = np.repeat(np.arange(3.0), 4)[:, None]
    y = np.ones((12, 2), dtype=int)
    y[:, 1] = np.arange(12) < 8
    sampler = MLSMOTE(sampling_strategy=[1], k_neighbors=3, random_state=0)
    X_resampled, _ = sampler.fit_resample(X, y)
    np.testing.assert_array_equal(X_resampled[12:], X[:8])


def test_neighbours_object():
    X, y = make_data()
    expected = MLSMOTE(k_neighbors=3, random_state=0).fit_resample(X, y)[0]
    search = NearestNeighbors(n_neighbors=4, algorithm="kd_tree")
    sampler = MLSMOTE(k_neighbors=search, random_state=0)
    np.testing.assert_array_equal(sampler.fit_resample(X, y)[0], expected)
    assert sampler.nn_k_ is not search and not hasattr(search, "n_samples_fit_")
    by_city_block = NearestNeighbors(n_neighbors=4, metric="manhattan")
    sampler.set_params(k_neighbors=by_city_block, k_neighbors__n_jobs=1)
    assert not np.array_equal(sampler.fit_resample(X, y)[0], expected)


def test_same_lines_as_smote():
    """With one minority label, new rows are from the population of SMOTE's."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 2))
    y = np.column_stack([np.ones(60), np.arange(60) < 20]).astype(int)
    X_new = MLSMOTE(random_state=0).fit_resample(X, y)[0][60:]
    theirs = SMOTE(random_state=0).fit_resample(X, y[:, 1])[0][60:]
    assert len(X_new) == len(theirs) == 20
    for rows in (X_new, theirs):
        assert (rows >= X[:20].min(axis=0)).all() and (rows <= X[:20].max(axis=0)).all()


def test_sparse_features_are_not_made_dense():
    X, y = make_data()
    X = np.where(np.abs(X) > 1, X, 0).astype(np.float32)
    expected = MLSMOTE(random_state=0).fit_resample(X, y)[0]
    found = MLSMOTE(random_state=0).fit_resample(sparse.csr_array(X), y)[0]
    assert found.dtype == np.float32 and found.nnz < found.shape[0] * found.shape[1]
    np.testing.assert_allclose(found.toarray(), expected, rtol=1e-6)


def test_counts_above_a_byte():
    """Labels are counted over more rows than fit into the type of the target."""
    X = np.random.default_rng(0).normal(size=(700, 2))
    y = np.ones((700, 2), dtype=np.uint8)
    y[400:, 1] = 0
    sampler = MLSMOTE(sampling_strategy=[1], k_neighbors=399, label_rule="intersection")
    assert sampler.fit_resample(X, y)[1][700:].all()

"""Measures at k against pyxclib 5d13086 and napkinXC e95fb3f, which agree."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.metrics import ndcg_score

from skmultitag.metrics import (
    inverse_propensity,
    ndcg_at_k,
    precision_at_k,
    recall_at_k,
)

METRICS = {"precision": precision_at_k, "recall": recall_at_k, "ndcg": ndcg_at_k}
Y_TRUE = [
    [1, 0, 0, 1, 0, 0, 0, 0],
    [0, 1, 0, 0, 0, 0, 0, 0],
    [1, 1, 0, 0, 1, 0, 0, 1],
    [0, 0, 0, 0, 0, 1, 0, 0],
    [0, 0, 1, 0, 0, 0, 0, 1],
    [0, 0, 0, 0, 0, 0, 0, 0],
]
Y_SCORE = [
    [0.9, 0.2, 0.1, 0.4, 0.8, 0.05, 0.3, 0.6],
    [0.5, 0.7, 0.2, 0.1, 0.3, 0.6, 0.4, 0.05],
    [0.3, 0.8, 0.1, 0.2, 0.6, 0.7, 0.05, 0.4],
    [0.1, 0.2, 0.3, 0.05, 0.4, 0.25, 0.9, 0.8],
    [0.2, 0.1, 0.6, 0.3, 0.5, 0.05, 0.4, 0.9],
    [0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05, 0.01],
]
TRAIN_COUNTS = [400, 120, 3, 10, 35, 1, 60, 7]
PROPENSITIES = [
    1.3616283330015535,
    1.6978668175969243,
    5.27585155259514,
    3.5521470235083683,
    2.3521610644628113,
    6.907755278982138,
    2.0148647965198,
    4.013762971004723,
]
PUBLISHED = {  # for k = 1 ... 5
    "precision": [2 / 3, 5 / 12, 1 / 3, 1 / 3, 1 / 3],
    "recall": [0.375, 0.4583333333333333, 0.5, 0.625, 0.8333333333333334],
    "ndcg": [
        0.6666666666666666,
        0.5377157309218195,
        0.5528442136332655,
        0.6051521544328865,
        0.6947975586766111,
    ],
}
PROPENSITY_SCORED = {
    "precision": [
        0.4089601363465968,
        0.4814741148341262,
        0.531183956529324,
        0.7434611589628882,
        1.0,
    ],
    "recall": [
        0.3430084763446235,
        0.43054754039596216,
        0.4534150637487868,
        0.5987436868217072,
        1.0,
    ],
    "ndcg": [
        0.4089601363465968,
        0.4148040013113346,
        0.43946708334833356,
        0.5195296280867525,
        0.6725733702209559,
    ],
}
MAKE = [np.array, sparse.csr_array, sparse.csc_matrix]


@pytest.mark.parametrize("make_true", MAKE)
@pytest.mark.parametrize("make_score", MAKE)
@pytest.mark.parametrize("name", METRICS)
def test_published_values(name, make_score, make_true):
    y_true, y_score = make_true(Y_TRUE), make_score(Y_SCORE)
    found = [METRICS[name](y_true, y_score, k=k) for k in range(1, 6)]
    np.testing.assert_allclose(found, PUBLISHED[name], rtol=1e-12)
    found = [
        METRICS[name](y_true, y_score, k=k, inverse_propensity=PROPENSITIES)
        for k in range(1, 6)
    ]
    np.testing.assert_allclose(found, PROPENSITY_SCORED[name], rtol=1e-12)


@pytest.mark.parametrize("make", MAKE)
def test_published_propensities(make):
    y_train = (np.arange(1000)[:, None] < TRAIN_COUNTS).astype(int)
    found = inverse_propensity(make(y_train))
    np.testing.assert_allclose(found, PROPENSITIES, rtol=1e-12)
    of_amazon = inverse_propensity(make(y_train), a=0.6, b=2.6)
    factor = (np.log(1000) - 1) * 3.6**0.6
    np.testing.assert_allclose(of_amazon[0], 1 + factor * 402.6**-0.6)


@pytest.mark.parametrize("n_rows, without_positive", [(1, 1), (2, 1), (3, np.inf)])
def test_propensities_of_few_rows(n_rows, without_positive):
    y_train = np.tile([1, 0], (n_rows, 1))
    found = inverse_propensity(y_train, b=0)
    assert found[0] >= 1 and found[1] == without_positive


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    y_true = (rng.random((30, 9)) < 0.25).astype(int)
    y_true[0] = 0
    return y_true, rng.normal(size=(30, 9))


@pytest.mark.parametrize("k", [1, 3, 9])
def test_ndcg_is_that_of_scikit_learn(k, data):
    expected = ndcg_score(*data, k=k)
    assert ndcg_at_k(*data, k=k) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("k", [1, 3, 9])
def test_precision_and_recall_by_their_definitions(k, data):
    y_true, y_score = data
    top = [y[np.argsort(-s)[:k]] for y, s in zip(y_true, y_score, strict=True)]
    precision = [hits.sum() / k for hits in top]
    recall = [hits.sum() / max(y.sum(), 1) for hits, y in zip(top, y_true, strict=True)]
    weight = np.arange(30.0)
    for metric, values in ((precision_at_k, precision), (recall_at_k, recall)):
        assert metric(*data, k=k) == pytest.approx(np.mean(values))
        found = metric(*data, k=k, sample_weight=weight)
        assert found == pytest.approx(np.average(values, weights=weight))


@pytest.mark.parametrize("metric", METRICS.values())
@pytest.mark.parametrize("propensities", [None, np.arange(1.0, 10)])
def test_integer_weights_equal_repeated_rows(metric, propensities, data):
    weight = np.arange(30) % 3
    repeated = [np.repeat(each, weight, axis=0) for each in data]
    params = {"k": 4, "inverse_propensity": propensities}
    weighted = metric(*data, sample_weight=weight, **params)
    assert weighted == pytest.approx(metric(*repeated, **params))


@pytest.mark.parametrize("metric", METRICS.values())
def test_equal_propensities_give_the_share_of_the_best(metric, data):
    y_true, y_score = data
    found = metric(y_true, y_score, k=3, inverse_propensity=np.full(9, 2.0))
    expected = metric(y_true, y_score, k=3) / metric(y_true, y_true, k=3)
    assert found == pytest.approx(expected)
    assert metric(y_true, y_true, k=3, inverse_propensity=np.arange(9, 0, -1)) <= 1


@pytest.mark.parametrize("metric", METRICS.values())
def test_scores_that_are_not_stored_come_last(metric, data):
    """Also after negative ones; and they are not counted."""
    y_true, y_score = data
    y_score = -1 - np.abs(y_score)
    rank = (-y_score).argsort(axis=1).argsort(axis=1)
    kept = rank < 4
    stored = sparse.csr_matrix(np.where(kept, y_score, 0))
    assert stored.nnz == 120
    expected = metric(y_true, y_score, k=4)
    assert metric(y_true, stored, k=4) == pytest.approx(expected)
    # at 5 and 6 there is nothing: places without a label
    missing = np.where(kept, y_score, -100)
    n_hits = 4 * precision_at_k(y_true, missing, k=4)
    assert precision_at_k(y_true, stored, k=6) == pytest.approx(n_hits / 6)
    # what is stored counts, a zero too
    zero = sparse.csr_matrix(([0.0, -1.0], ([0, 0], [2, 0])), shape=(1, 3))
    assert metric([[0, 0, 1]], zero, k=1) == 1


def test_of_equal_scores_the_first_labels_are_taken():
    y_score = [[0.5, 0.5, 0.9, 0.5]]
    for make in (np.array, sparse.csr_matrix):
        found = [
            precision_at_k([[label == j for j in range(4)]], make(y_score), k=2)
            for label in range(4)
        ]
        assert found == [0.5, 0, 0.5, 0]


def test_labels_are_paired_by_name(data):
    y_true = pd.DataFrame(data[0], columns=list("abcdefghi"))
    y_score = pd.DataFrame(data[1], columns=list("abcdefghi"))
    expected = precision_at_k(*data, k=3)
    assert precision_at_k(y_true[list("ihgfedcba")], y_score, k=3) == expected
    tags = [[name for name in y_true if row[name]] for _, row in y_true.iterrows()]
    assert precision_at_k(tags, y_score, k=3) == expected


def test_one_label_and_no_labels():
    for metric in METRICS.values():
        assert metric([1, 0], [0.3, 0.7], k=1) == 0.5
        assert metric([1, 0], [0.7, 0.3], k=1) == 0.5
        assert metric(np.zeros((3, 2), int), np.ones((3, 2)), k=1) == 0
        none = {"inverse_propensity": [1.0, 2.0]}
        assert metric(np.zeros((3, 2), int), np.ones((3, 2)), k=1, **none) == 0


@pytest.mark.parametrize("metric", METRICS.values())
def test_bad_input_raises(metric, data):
    with pytest.raises(ValueError, match="k must be at most the number of labels, 9"):
        metric(*data, k=10)
    with pytest.raises(ValueError, match="'k' parameter of .*_at_k must be an int"):
        metric(*data, k=0)
    with pytest.raises(ValueError, match="y_score contains NaN"):
        metric(data[0], np.full((30, 9), np.nan), k=1)
    with pytest.raises(ValueError, match=r"y_true must have the shape of y_score"):
        metric(data[0][:, :3], data[1], k=1)
    for wrong in ([1.0], np.zeros(9), [[1.0] * 9]):
        with pytest.raises(ValueError, match="inverse_propensity must have a positive"):
            metric(*data, k=1, inverse_propensity=wrong)


def test_many_labels_take_little_memory():
    """Two million labels: an array of all scores would have 16 GB."""
    rng = np.random.default_rng(0)
    columns = rng.integers(0, 2_000_000, size=(1000, 20))
    rows = np.repeat(np.arange(1000), 20)
    scores = sparse.csr_matrix(
        (rng.random(20_000), (rows, columns.ravel())), shape=(1000, 2_000_000)
    )
    y_true = sparse.csr_matrix(
        (np.ones(1000, int), (np.arange(1000), columns[:, 0])), scores.shape
    )
    assert recall_at_k(y_true, scores, k=20) == 1
    assert precision_at_k(y_true, scores, k=5) == pytest.approx(0.05, abs=0.01)

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import parametrize_with_checks

from skmultitag.datasets import make_multitag_classification
from skmultitag.neighbors import NeighborLabels
from tests.common import run_check_of_transformer


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@parametrize_with_checks([NeighborLabels()])
def test_scikit_learn_checks(estimator, check):
    run_check_of_transformer(estimator, check)


@pytest.fixture(scope="module")
def data():
    return make_multitag_classification(400, 10, 6, cardinality=2, random_state=0)


def test_rows_of_fit_are_left_out(data):
    """Each is transformed by a fit on all others."""
    X, y = data[0][:40], data[1][:40]
    shares = NeighborLabels(3).fit_transform(X, y)
    for row in range(40):
        others = np.arange(40) != row
        one = NeighborLabels(3).fit(X[others], y[others]).transform(X[[row]])
        np.testing.assert_array_equal(shares[[row]], one)


def test_new_rows_find_all_of_them(data):
    X, y = data
    model = NeighborLabels(1).fit(X, y)
    np.testing.assert_array_equal(model.transform(X), y)
    assert NeighborLabels(5).fit(X, y).transform(X[:7]).shape == (7, 6)


def test_in_a_pipeline_it_helps_logistic_regression(data):
    """And a classifier that was given its own labels would be worse on new rows."""
    X, y = data
    logistic = OneVsRestClassifier(LogisticRegression(C=0.1))
    train, test = slice(300), slice(300, None)
    union = FeatureUnion(
        [("same", FunctionTransformer()), ("labels", NeighborLabels())],
        transformer_weights={"labels": 3},
    )
    model = make_pipeline(union, logistic).fit(X[train], y[train])
    features = NeighborLabels().fit(X[train], y[train])
    expected = clone(logistic).fit(
        np.hstack([X[train], 3 * features.fit_transform(X[train], y[train])]), y[train]
    )
    stacked = np.hstack([X[test], 3 * features.transform(X[test])])
    np.testing.assert_allclose(
        model.predict_proba(X[test]), expected.predict_proba(stacked)
    )


def test_names_and_frames(data):
    X, y = data
    tags = [[f"t{j}" for j in np.flatnonzero(row)] for row in y]
    model = NeighborLabels().set_output(transform="pandas").fit(X, tags)
    assert model.transform(X).columns.tolist() == [f"neighbors_t{j}" for j in range(6)]
    frame = pd.DataFrame(y, columns=list("abcdef"))
    model = NeighborLabels().set_output(transform="pandas")
    columns = model.fit_transform(X, frame).columns.tolist()
    assert columns == [f"neighbors_{name}" for name in "abcdef"]


def test_sparse_input_is_the_same(data):
    X, y = data
    X = np.where(X > 0, X, 0)
    expected = NeighborLabels(algorithm="brute").fit_transform(X, y)
    found = NeighborLabels().fit_transform(sparse.csr_array(X), sparse.csr_array(y))
    np.testing.assert_array_equal(found, expected)


def test_sparse_output_is_the_same(data):
    X, y = data
    dense, model = NeighborLabels(), NeighborLabels(sparse_output=True)
    expected = dense.fit_transform(X, y), dense.transform(X)
    sparse_shares = model.fit_transform(X, y), model.transform(X)
    for shares, found in zip(expected, sparse_shares, strict=True):
        assert sparse.issparse(found) and found.nnz == (shares > 0).sum()
        np.testing.assert_array_equal(found.toarray(), shares)


@pytest.mark.parametrize("n_classes, n_columns", [(2, 1), (3, 3)])
def test_target_of_one_dimension(n_classes, n_columns, data):
    X = data[0]
    y = np.array(["a", "b", "c"])[np.digitize(X[:, 0], [0, 0.8][: n_classes - 1])]
    model = NeighborLabels(4)
    shares = model.fit_transform(X, y)
    assert shares.shape == (400, n_columns)
    assert model.get_feature_names_out()[-1] == f"neighbors_{'abc'[n_classes - 1]}"
    if n_classes == 3:
        np.testing.assert_allclose(shares.sum(axis=1), 1)
    assert np.corrcoef(shares[:, -1], y == "abc"[n_classes - 1])[0, 1] > 0.3


def test_a_refused_fit_leaves_the_old_model(data):
    X, y = data
    model = NeighborLabels().fit(X, y)
    expected = model.transform(X)
    with pytest.raises(ValueError, match="Got X 399, y 400"):
        model.fit(X[1:], y)
    with pytest.raises(ValueError, match="y must hold 0 and 1 only"):
        model.fit(X[:, :2], 3 * y)
    np.testing.assert_array_equal(model.transform(X), expected)

import json
import sys
from functools import partial

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import Perceptron
from sklearn.model_selection import GridSearchCV
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from skmultitag import MultiTagClassifier, ThresholdedClassifierCV, predict_tags
from skmultitag.calibration import PlattCalibrator
from skmultitag.ensemble import MultilabelVotingClassifier
from skmultitag.hierarchy import HierarchicalClassifier
from skmultitag.kernel_ridge import KernelRidgeClassifierCV
from skmultitag.neighbors import MLkNNClassifier
from skmultitag.thresholds import FixedThreshold
from skmultitag.utils._scores import label_scores

NAMES = ["e", "b", "a", "c", "d"]


def tags_of(indicator, names):
    return [tuple(names[j] for j in np.flatnonzero(row)) for row in indicator]


@pytest.mark.parametrize(
    "wrap",
    [
        lambda model: model,
        lambda model: make_pipeline(StandardScaler(), model),
        lambda model: GridSearchCV(make_pipeline(model), {}, cv=[([0, 1, 2], [3])]),
        lambda model: ThresholdedClassifierCV(make_pipeline(model), cv=2),
    ],
)
def test_tags_of_wrapped_classifiers(wrap, multilabel_data):
    X, y, _ = multilabel_data
    tags = tags_of(y, NAMES)
    model = wrap(MultiTagClassifier(max_iter=2, random_state=0)).fit(X, tags)
    expected = tags_of(model.predict(X), sorted(NAMES))
    assert predict_tags(model, X) == expected
    assert predict_tags(FrozenEstimator(model), X) == expected


def test_names_can_be_given(multilabel_data):
    X, y, _ = multilabel_data
    forest = RandomForestClassifier(5, random_state=0).fit(X, y)
    expected = tags_of(forest.predict(X), NAMES)
    assert predict_tags(forest, X, label_names=NAMES) == expected
    with pytest.raises(ValueError, match="label_names must have a name for each label"):
        predict_tags(forest, X, label_names=NAMES[:3])
    with pytest.raises(TypeError, match="RandomForestClassifier does not know"):
        predict_tags(forest, X)


def test_one_dimension_and_no_fit(multilabel_data):
    X, y, _ = multilabel_data
    model = MultiTagClassifier(max_iter=2)
    with pytest.raises(NotFittedError):
        predict_tags(model, X)
    classes = np.where(y[:, 0], "yes", "no")
    model.fit(X, classes)
    assert predict_tags(model, X) == [(name,) for name in model.predict(X)]


@pytest.mark.parametrize(
    "model, of_proba",
    [
        (MultiTagClassifier("bce", threshold=0.3, max_iter=2, random_state=0), True),
        (KernelRidgeClassifierCV(), False),
        (ThresholdedClassifierCV(KernelRidgeClassifierCV()), False),
        (
            ThresholdedClassifierCV(
                KernelRidgeClassifierCV(), calibrator=PlattCalibrator()
            ),
            True,
        ),
        (
            MultilabelVotingClassifier(
                [("one", KernelRidgeClassifierCV()), ("two", MLkNNClassifier())], cv=2
            ),
            True,
        ),
        (MLkNNClassifier(), True),
    ],
)
@pytest.mark.parametrize("form", [np.asarray, sparse.csr_array])
def test_scores_and_best_labels(model, of_proba, form, multilabel_data):
    X, y, _ = multilabel_data
    model = clone(model).fit(X, form(y))
    scores = model.predict_proba(X) if of_proba else model.decision_function(X)
    pred = model.predict(X)
    pred = pred.toarray() if sparse.issparse(pred) else pred
    assert pred.any() and not pred.all()
    expected = []
    for row, predicted in zip(scores, pred, strict=True):
        labels = sorted(np.flatnonzero(predicted), key=lambda label: -row[label])
        expected.append(tuple((int(label), row[label].item()) for label in labels))
    assert model.predict_tags(X, return_scores=True) == expected
    assert predict_tags(make_pipeline(model), X, return_scores=True) == expected
    named = predict_tags(model, X, label_names=NAMES, return_scores=True)
    assert named == [tuple((NAMES[j], score) for j, score in row) for row in expected]
    # the best labels, in their order
    top = model.predict_top(X, 2)
    assert top.shape == (300, 5) and (np.diff(top.indptr) == 2).all()
    for row, found in zip(scores, top.indices.reshape(-1, 2), strict=True):
        assert found.tolist() == sorted(np.argsort(-row, kind="stable")[:2])
    np.testing.assert_array_equal(
        top.data, scores[np.repeat(np.arange(300), 2), top.indices]
    )


def test_equal_scores_are_in_the_order_of_labels():
    X = np.arange(4.0)[:, None]
    y = np.array([[1, 1, 1], [1, 1, 1], [0, 0, 1], [0, 0, 1]])
    tree = DecisionTreeClassifier().fit(X, y)
    tags = predict_tags(tree, X, label_names=["c", "b", "a"], return_scores=True)
    assert tags[0] == (("c", 1.0), ("b", 1.0), ("a", 1.0))
    assert tags[3] == (("a", 1.0),)


def test_scores_that_there_are_not(multilabel_data):
    X, y, _ = multilabel_data
    model = KernelRidgeClassifierCV().fit(X, y[:, 0])
    for predict in (model.predict_tags, partial(predict_tags, model)):
        with pytest.raises(ValueError, match="return_scores=True needs several labels"):
            predict(X, return_scores=True)
    with pytest.raises(ValueError, match="predict_top needs several labels"):
        model.predict_top(X, 1)
    with pytest.raises(NotFittedError):
        KernelRidgeClassifierCV().predict_top(X, 1)
    with pytest.raises(ValueError, match="k must be an integer from 1 to 5. Got 6"):
        KernelRidgeClassifierCV().fit(X, y).predict_top(X, 6)
    dummy = MultiOutputClassifier(Perceptron()).fit(X, y)
    with pytest.raises(TypeError, match="has neither predict_proba nor"):
        predict_tags(dummy, X, label_names=NAMES, return_scores=True)


def both_ways(model):
    """The method, and the function for pipelines."""
    return model.predict_tags, partial(predict_tags, make_pipeline(model))


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("output", ["pandas", "polars"])
@pytest.mark.parametrize("with_scores", [False, True])
def test_tables_of_tags(number, output, with_scores, multilabel_data):
    X, y, _ = multilabel_data
    model = KernelRidgeClassifierCV().fit(X, tags_of(y, NAMES))
    predict = both_ways(model)[number]
    expected = [
        (row, *(tag if with_scores else [tag]))
        for row, tags in enumerate(model.predict_tags(X, return_scores=with_scores))
        for tag in tags
    ]
    table = predict(X, return_scores=with_scores, output=output)
    assert list(table.columns) == ["row", "tag", "score"][: 2 + with_scores]
    if output == "polars":
        assert isinstance(table, pl.DataFrame) and table.rows() == expected
    else:
        assert list(table.itertuples(index=False, name=None)) == expected
    assert len({row for row, *_ in expected}) < len(X)  # some have no tag
    one_class = predict(X, output=output)["tag"].to_list()
    assert one_class == [tag for tags in model.predict_tags(X) for tag in tags]


class Coarse(ClassifierMixin, BaseEstimator):
    """Scores that are often equal, and 0."""

    def fit(self, X, y):
        self.n_labels_ = y.shape[1]
        return self

    def predict_proba(self, X):
        return np.random.RandomState(0).randint(3, size=(len(X), self.n_labels_)) / 4

    def predict(self, X):
        return self.predict_proba(X) > 0


@pytest.mark.parametrize("output", ["pandas", "polars"])
@pytest.mark.parametrize(
    "inner",
    [Coarse(), KernelRidgeClassifierCV(), MultiTagClassifier("bce", max_iter=2)],
)
@pytest.mark.parametrize("k", [1, 3, 5])
def test_tables_of_the_best_labels(inner, k, output, multilabel_data):
    X, y, _ = multilabel_data
    model = ThresholdedClassifierCV(inner, cv=2).fit(X, tags_of(y, NAMES))
    scores = label_scores(model, X, 5).tolist()
    names = sorted(NAMES)
    expected = []
    for row, values in enumerate(scores):
        best = sorted(range(5), key=lambda label: (-values[label], label))[:k]
        for rank, label in enumerate(best, start=1):
            expected.append((row, rank, names[label], values[label]))
    table = model.predict_top(X, k, output=output)
    assert list(table.columns) == ["row", "rank", "tag", "score"]
    if output == "polars":
        assert isinstance(table, pl.DataFrame) and table.rows() == expected
    else:
        assert list(table.itertuples(index=False, name=None)) == expected


def test_best_labels_of_a_network_are_in_its_precision(multilabel_data):
    X, y, _ = multilabel_data
    X = X.astype(np.float32)
    model = MultiTagClassifier("bce", max_iter=2, random_state=0).fit(X, y)
    table = model.predict_top(X, 2, output="pandas")
    assert table["score"].dtype == np.float32
    by_hand = np.sort(model.predict_proba(X), axis=1)[:, :-3:-1]
    np.testing.assert_array_equal(table["score"].to_numpy().reshape(-1, 2), by_hand)


def test_of_equal_scores_the_upper_label_has_the_better_rank(multilabel_data):
    """Also if its column comes later."""
    X, y, _ = multilabel_data
    model = HierarchicalClassifier(Coarse(), {"a": "e"}, close_targets=True)
    model.fit(X, tags_of(y, NAMES))
    table = model.predict_top(X, 5, output="pandas")
    rank = table.pivot(index="row", columns="tag", values="rank")
    score = table.pivot(index="row", columns="tag", values="score")
    assert (score["a"] == score["e"]).sum() > 30
    assert (rank["e"] < rank["a"]).all()


@pytest.mark.parametrize("number", [0, 1])
def test_rows_of_pandas_have_its_index(number, multilabel_data):
    X, y, _ = multilabel_data
    names = pd.Index([f"image {row}" for row in range(300)], name="file")
    X = pd.DataFrame(X, index=names).add_prefix("x")
    model = KernelRidgeClassifierCV().fit(X, y)
    predict = both_ways(model)[number]
    table = predict(X[::-1], output="pandas")
    by_hand = X.index.to_numpy()[::-1][model.predict(X[::-1]).nonzero()[0]]
    assert table["row"].tolist() == by_hand.tolist()
    joined = table.join(X["x0"], on="row")
    assert joined["x0"].tolist() == X.loc[by_hand, "x0"].tolist()
    pairs = X.set_axis(pd.MultiIndex.from_product([[0, 1, 2], range(100)]))
    assert predict(pairs, output="pandas")["row"].isin(list(pairs.index)).all()
    best = model.predict_top(X[::-1], 2, output="pandas")
    assert best["row"].tolist() == X.index[::-1].repeat(2).tolist()
    of_polars = predict(X, output="polars")["row"].to_list()
    assert of_polars == model.predict(X).nonzero()[0].tolist()


@pytest.mark.parametrize("output", ["pandas", "polars"])
def test_tables_without_tags_and_of_classes(output, multilabel_data):
    X, y, _ = multilabel_data
    never = ThresholdedClassifierCV(KernelRidgeClassifierCV(), FixedThreshold(np.inf))
    table = never.fit(X, y).predict_tags(X, return_scores=True, output=output)
    assert table.shape == (0, 3) and list(table.columns) == ["row", "tag", "score"]
    classes = np.where(y[:, 0], "yes", "no")
    model = KernelRidgeClassifierCV().fit(X, classes)
    table = model.predict_tags(X, output=output)
    assert table["tag"].to_list() == model.predict(X).tolist()
    assert table["row"].to_list() == list(range(300))


@pytest.mark.parametrize("number", [0, 1])
def test_unknown_tables_and_those_of_packages_that_are_missing(
    number, multilabel_data, monkeypatch
):
    X, y, _ = multilabel_data
    model = KernelRidgeClassifierCV().fit(X, y)
    predict = both_ways(model)[number]
    with pytest.raises(ValueError, match="'pandas' or 'polars'. Got 'dataframe'"):
        predict(X, output="dataframe")
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(ImportError, match="needs polars \\(pip install polars\\)"):
        predict(X, output="polars")
    best = model.predict_top
    with pytest.raises(ValueError, match="'sparse', 'pandas' or 'polars'. Got 'list'"):
        best(X, 2, output="list")
    with pytest.raises(ImportError, match="needs polars \\(pip install polars\\)"):
        best(X, 2, output="polars")


def test_numbers_of_labels_are_of_python(multilabel_data):
    """So that they can be written as JSON, and are printed as numbers."""
    X, y, _ = multilabel_data
    model = KernelRidgeClassifierCV().fit(X, y)
    for predict in both_ways(model):
        for with_scores in (False, True):
            tags = predict(X[:20], return_scores=with_scores)
            assert "np." not in repr(tags) and json.loads(json.dumps(tags))


@pytest.mark.parametrize(
    "names",
    [[1, "b", 2.5, "d", "c"], [("a", 1), ("a", 2), ("b", 1), ("b", 2), ("c", 1)]],
    ids=["of several types", "tuples"],
)
def test_tables_hold_names_that_have_no_type_of_polars(names):
    X, y = np.eye(5), np.eye(5, dtype=int)
    frame = pd.DataFrame(y, columns=pd.Index(names, tupleize_cols=False, dtype=object))
    model = KernelRidgeClassifierCV().fit(X, frame)
    for predict in (
        model.predict_tags,
        partial(model.predict_tags, return_scores=True),
        partial(model.predict_top, k=5),
    ):
        of_polars = predict(X, output="polars")["tag"].to_list()
        assert of_polars == predict(X, output="pandas")["tag"].tolist()
    best = model.predict_top(X, k=5, output="polars")["tag"].to_list()
    assert best[::5] == names

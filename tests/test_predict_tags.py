from functools import partial

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import clone
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
from skmultitag.kernel_ridge import KernelRidgeClassifierCV
from skmultitag.neighbors import MLkNNClassifier

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
        with pytest.raises(ValueError, match="return_scores=True needs a y of several"):
            predict(X, return_scores=True)
    with pytest.raises(ValueError, match="predict_top needs a y of several labels"):
        model.predict_top(X, 1)
    with pytest.raises(NotFittedError):
        KernelRidgeClassifierCV().predict_top(X, 1)
    with pytest.raises(ValueError, match="k must be an integer from 1 to 5. Got 6"):
        KernelRidgeClassifierCV().fit(X, y).predict_top(X, 6)
    dummy = MultiOutputClassifier(Perceptron()).fit(X, y)
    with pytest.raises(TypeError, match="has neither predict_proba nor"):
        predict_tags(dummy, X, label_names=NAMES, return_scores=True)

"""A target with names, of which there is one only, is not one of two classes."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn import metrics
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, RidgeClassifier

from skmultitag import MultiTagClassifier, ThresholdedClassifierCV
from skmultitag.datasets import make_multitag_classification
from skmultitag.ensemble import MultilabelVotingClassifier
from skmultitag.hierarchy import HierarchicalClassifier
from skmultitag.kernel_ridge import (
    KernelRidgeClassifierCV,
    StackedKernelRidgeClassifierCV,
)
from skmultitag.metrics import get_scorer, hierarchical_f1_score
from skmultitag.multioutput import BinaryRelevanceClassifier
from skmultitag.neighbors import MLkNNClassifier

X, Y = make_multitag_classification(100, 6, 6, random_state=0)
COLUMN = Y[:, 0]
RIDGE = KernelRidgeClassifierCV()
NETWORK = MultiTagClassifier(hidden_layer_sizes=4, max_iter=2, random_state=0)
MODELS = [
    RIDGE,
    StackedKernelRidgeClassifierCV(),
    MLkNNClassifier(3),
    NETWORK,
    BinaryRelevanceClassifier(RIDGE),
    BinaryRelevanceClassifier(ThresholdedClassifierCV(RIDGE)),
    HierarchicalClassifier(ThresholdedClassifierCV(RIDGE), []),
    MultilabelVotingClassifier([("ridge", RIDGE), ("logistic", LogisticRegression())]),
    *(
        ThresholdedClassifierCV(each, cv=2)
        for each in (RIDGE, NETWORK, LogisticRegression(), RidgeClassifier())
    ),
]
FORMS = {
    "frame": lambda column: pd.DataFrame({"tag": column}),
    "sparse": lambda column: sparse.csr_array(column[:, None]),
    "tags": lambda column: [["tag"] if each else [] for each in column],
}


@pytest.mark.filterwarnings("ignore:A column-vector y")  # of scikit-learn
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("model", MODELS, ids=range(len(MODELS)))
def test_predictions_and_scores_have_a_column(model, form):
    model.fit(X, FORMS[form](COLUMN))
    methods = ("predict", "predict_proba", "decision_function")
    results = {
        each: getattr(model, each)(X) for each in methods if hasattr(model, each)
    }
    known = [name for name in vars(model) if name.startswith(("oof_", "loo_"))]
    results |= {name: getattr(model, name) for name in known}
    assert {name: each.shape for name, each in results.items()} == dict.fromkeys(
        results, (100, 1)
    )


@pytest.mark.parametrize("model", [MODELS[1], MODELS[3], MODELS[8]], ids=range(3))
def test_margins_are_those_of_two_classes(model):
    of_two_classes = model.fit(X, COLUMN).decision_function(X)
    margin = model.fit(X, FORMS["frame"](COLUMN)).decision_function(X)
    np.testing.assert_allclose(margin[:, 0], of_two_classes, rtol=1e-5, atol=1e-8)


NETWORK_VOTE = MultilabelVotingClassifier(
    [
        ("network", NETWORK),
        ("logistic", BinaryRelevanceClassifier(LogisticRegression())),
    ],
    cv=2,
)


@pytest.mark.parametrize(
    "model",
    [
        ThresholdedClassifierCV(NETWORK, cv=2),
        ThresholdedClassifierCV(BinaryRelevanceClassifier(LogisticRegression()), cv=2),
        ThresholdedClassifierCV(NETWORK_VOTE),
        HierarchicalClassifier(ThresholdedClassifierCV(NETWORK, cv=2), []),
        BinaryRelevanceClassifier(ThresholdedClassifierCV(RIDGE)),
    ],
    ids=range(5),
)
def test_entries_of_it_can_be_unknown(model):
    is_known = np.arange(100) % 4 > 0
    partial = pd.DataFrame({"tag": np.where(is_known, COLUMN, np.nan)})
    y_pred = model.fit(X, partial).predict(X)
    assert y_pred.shape == (100, 1)
    expected = (y_pred[is_known, 0] == COLUMN[is_known]).mean()
    assert model.score(X, partial) == pytest.approx(expected)


@pytest.mark.parametrize(
    "model",
    [StackedKernelRidgeClassifierCV(), *MODELS[5:7], *MODELS[8:10]],
    ids=range(5),
)
def test_all_rows_can_have_it(model):
    model.fit(X, pd.DataFrame({"tag": np.ones(100)}))
    assert model.predict(X).all()


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.UndefinedMetricWarning")
@pytest.mark.parametrize("average", ["macro", "micro", "weighted", "samples"])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["f1", "precision", "recall", "jaccard"])
def test_scorers_average_over_labels_and_not_over_two_classes(name, form, average):
    metric = getattr(metrics, f"{name}_score")
    scorer = get_scorer(f"{name}_{average}")
    weight = np.arange(100) % 3
    y = FORMS[form](COLUMN)
    forest = RandomForestClassifier(3, random_state=0).fit(X, COLUMN)
    for model in (BinaryRelevanceClassifier(LogisticRegression()).fit(X, y), forest):
        if model is forest and form == "tags":
            continue  # of which it knows no names
        y_pred = model.predict(X)
        y_pred = (y_pred.toarray() if sparse.issparse(y_pred) else y_pred).ravel()
        found = scorer(model, X, y, sample_weight=weight)
        if average == "samples":  # of two sets with one element at most
            right = (COLUMN == 1) & (y_pred == 1)
            assert found == pytest.approx(np.average(right, weights=weight))
        else:
            expected = metric(COLUMN, y_pred, sample_weight=weight)
            assert found == pytest.approx(expected)


def test_scorers_leave_out_entries_of_it_that_are_unknown():
    is_known = np.arange(100) % 4 > 0
    partial = pd.DataFrame({"tag": np.where(is_known, COLUMN, np.nan)})
    model = BinaryRelevanceClassifier(LogisticRegression()).fit(X, partial)
    y_pred = model.predict(X)[:, 0]
    expected = metrics.f1_score(COLUMN[is_known], y_pred[is_known])
    for average in ("macro", "micro", "weighted"):
        found = get_scorer(f"f1_{average}")(model, X, partial)
        assert found == pytest.approx(expected)


@pytest.mark.parametrize("average", ["macro", "micro", "weighted", None])
def test_hierarchical_scores(average):
    y_pred = np.roll(COLUMN, 1)
    found = hierarchical_f1_score(
        FORMS["tags"](COLUMN), FORMS["tags"](y_pred), hierarchy=[], average=average
    )
    assert found == pytest.approx(metrics.f1_score(COLUMN, y_pred))


def test_scorers_of_two_classes_are_those_of_scikit_learn():
    model = RIDGE.fit(X, COLUMN)
    for name in ("f1_macro", "f1_micro", "f1"):
        expected = metrics.get_scorer(name)(model, X, COLUMN)
        assert get_scorer(name)(model, X, COLUMN) == expected

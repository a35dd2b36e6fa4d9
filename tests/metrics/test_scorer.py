import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import get_scorer_names as sklearn_names
from sklearn.model_selection import GridSearchCV, cross_val_score, cross_validate
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmultitag import MultiTagClassifier
from skmultitag.metrics import (
    binary_cross_entropy_error,
    coverage,
    get_scorer,
    get_scorer_names,
    ndcg_at_k,
    one_error,
    precision_at_k,
    ranking_loss,
    recall_at_k,
    sigmoid_f1_score,
    soft_f1_score,
)
from skmultitag.model_selection import MultilabelStratifiedKFold

OURS = sorted(set(get_scorer_names()) - set(sklearn_names()))


@pytest.fixture
def fitted(multilabel_data):
    X, y, _ = multilabel_data
    return OneVsRestClassifier(LogisticRegression(solver="liblinear")).fit(X, y)


def test_names_are_those_of_scikit_learn_and_ours():
    assert set(sklearn_names()) < set(get_scorer_names())
    for base in ("soft_f1", "sigmoid_f1"):
        for suffix in ("", "_micro", "_samples", "_weighted"):
            assert base + suffix in OURS
    assert "neg_bce" in OURS


@pytest.mark.parametrize("weighted", [False, True])
def test_scorers_call_the_metric_on_the_right_response(
    fitted, multilabel_data, weighted
):
    X, y, _ = multilabel_data
    kwargs = {"sample_weight": np.arange(len(y))} if weighted else {}
    proba, margin = fitted.predict_proba(X), fitted.decision_function(X)
    expected = {"neg_bce": -binary_cross_entropy_error(y, proba, **kwargs)}
    for average in ("macro", "micro", "samples", "weighted"):
        suffix = "" if average == "macro" else f"_{average}"
        kwargs_f1 = {**kwargs, "average": average, "of_ranks": True}
        expected[f"soft_f1{suffix}"] = soft_f1_score(y, proba, **kwargs_f1)
        expected[f"sigmoid_f1{suffix}"] = sigmoid_f1_score(
            y, margin, beta=2.0, **kwargs_f1
        )
    for metric in (one_error, coverage, ranking_loss):
        expected[f"neg_{metric.__name__}"] = -metric(y, margin, **kwargs)
    for metric in (precision_at_k, recall_at_k, ndcg_at_k):
        for k in (1, 3, 5):
            name = metric.__name__.replace("_k", f"_{k}")
            expected[name] = metric(y, margin, k=k, **kwargs)
    assert sorted(expected) == OURS
    for name, value in expected.items():
        scorer = get_scorer(name)
        assert scorer(fitted, X, y, **kwargs) == pytest.approx(value)


@pytest.mark.parametrize("name", OURS)
def test_scorers_pickle(name, fitted, multilabel_data):
    X, y, _ = multilabel_data
    scorer = get_scorer(name)
    copied = pickle.loads(pickle.dumps(scorer))
    assert copied(fitted, X, y) == scorer(fitted, X, y)


def test_scorers_work_together_in_processes(multilabel_data):
    X, y, _ = multilabel_data
    model = OneVsRestClassifier(LogisticRegression(solver="liblinear"))
    scoring = {name: get_scorer(name) for name in OURS}
    alone = cross_validate(model, X, y, scoring=scoring)
    spread = cross_validate(model, X, y, scoring=scoring, n_jobs=2)
    for name in OURS:
        np.testing.assert_array_equal(alone[f"test_{name}"], spread[f"test_{name}"])


def test_names_of_scikit_learn_and_callables_pass():
    assert get_scorer("f1_macro")._kwargs["average"] == "macro"
    assert get_scorer(len) is len


@pytest.mark.parametrize("name", ["f1_macro", "roc_auc", "neg_bce", "sigmoid_f1"])
def test_labels_are_paired_by_name(name, multilabel_data):
    X, y, _ = multilabel_data
    frame = pd.DataFrame(y, columns=list("ebacd"))
    tags = [[name for name in frame if row[name]] for _, row in frame.iterrows()]
    model = MultiTagClassifier(max_iter=3, random_state=0)
    model = make_pipeline(StandardScaler(), model).fit(X, frame)
    scorer = get_scorer(name)
    expected = scorer(model, X, y)
    for other in (frame, frame[list("abcde")], tags, [set(row) for row in tags]):
        assert scorer(model, X, other) == expected
    with pytest.warns(UserWarning, match="has not seen, such as 'z': they are left"):
        assert scorer(model, X, [[*row, "z"] for row in tags]) == expected
    with pytest.raises(ValueError, match=r"\['z'\] are unknown"):
        scorer(model, X, frame.rename(columns={"a": "z"}))


def test_scores_of_tags_in_a_search(multilabel_data):
    X, y, _ = multilabel_data
    tags = [[int(label) for label in np.flatnonzero(row)] for row in y]
    cv, grid = MultilabelStratifiedKFold(3), {"loss__beta": [0.5, 2.0]}
    model = MultiTagClassifier("sigmoid_f1", max_iter=2, random_state=0)
    scores = [
        GridSearchCV(model, grid, cv=cv, scoring=get_scorer("f1_macro"))
        .fit(X, target)
        .cv_results_["mean_test_score"]
        for target in (y, tags)
    ]
    np.testing.assert_array_equal(*scores)
    expected = cross_val_score(model, X, y, cv=cv, scoring="f1_macro")
    found = cross_val_score(model, X, tags, cv=cv, scoring=get_scorer("f1_macro"))
    np.testing.assert_array_equal(found, expected)


def test_tags_need_a_classifier_with_names(fitted, multilabel_data):
    with pytest.raises(ValueError, match="OneVsRestClassifier has no names of labels"):
        get_scorer("f1_macro")(fitted, multilabel_data[0], [["a"]] * 300)


def test_unknown_name_lists_the_names():
    with pytest.raises(ValueError, match=r"Unknown scorer 'f2'. .*sigmoid_f1"):
        get_scorer("f2")

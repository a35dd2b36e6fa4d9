"""Scores of labels and their ancestors, against HiClass, sets and scikit-learn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.metrics import f1_score

from skmultitag.hierarchy import add_ancestors
from skmultitag.metrics import (
    hierarchical_f1_score,
    hierarchical_precision_score,
    hierarchical_recall_score,
)
from tests.hierarchy.test_hierarchy_edges import below, dags

# figures of hiclass.metrics for these, at commit 6384239: of all entries, and the
# mean over rows, which it calls macro
NAMES = ["a", "b", "e", "c", "d", "f"]
HIERARCHY = {"b": "a", "e": "a", "d": "c", "f": "c"}
Y_TRUE = [[1, 1, 0, 1, 1, 0], [1, 0, 1, 0, 0, 0], [1, 1, 0, 1, 0, 1]]
Y_PRED = [[1, 0, 1, 1, 1, 0], [1, 1, 0, 0, 0, 0], [0, 0, 0, 1, 1, 0]]
HICLASS = {
    hierarchical_precision_score: (0.625, 0.5833333333333334),
    hierarchical_recall_score: (0.5, 0.5),
    hierarchical_f1_score: (0.5555555555555556, 0.5277777777777778),
}
PARAMS = {"hierarchy": HIERARCHY, "label_names": NAMES}
SCORES = pytest.mark.parametrize("score", HICLASS)


def tags(y, leaves_only=True):
    parents = set(HIERARCHY.values())
    return [
        [
            name
            for name, there in zip(NAMES, row, strict=True)
            if there and not (leaves_only and name in parents)
        ]
        for row in y
    ]


@SCORES
def test_figures_of_hiclass(score):
    micro, of_rows = HICLASS[score]
    assert score(Y_TRUE, Y_PRED, **PARAMS) == pytest.approx(micro)
    assert score(Y_TRUE, Y_PRED, average="samples", **PARAMS) == pytest.approx(of_rows)


@SCORES
def test_all_forms_give_the_same(score):
    pd = pytest.importorskip("pandas")
    expected = score(Y_TRUE, Y_PRED, **PARAMS)
    y_true, y_pred = np.array(Y_TRUE), np.array(Y_PRED)
    leaves, names = [1, 2, 4, 5], ["b", "e", "d", "f"]
    frames = [pd.DataFrame(y[:, leaves], columns=names) for y in (y_true, y_pred)]
    for given_true, given_pred, params in (
        (y_true[:, leaves], y_pred[:, leaves], {"label_names": names}),
        (sparse.csr_array(Y_TRUE), y_pred == 1, {"label_names": NAMES}),
        (frames[0], frames[1][["d", "e", "f", "b"]], {}),
        (tags(Y_TRUE), tags(Y_PRED), {}),
        (tags(Y_TRUE, leaves_only=False), Y_PRED, {"label_names": NAMES}),
        (frames[0], tags(Y_PRED), {}),
    ):
        ours = score(given_true, given_pred, hierarchy=HIERARCHY, **params)
        assert ours == pytest.approx(expected)


@settings(deadline=None)
@given(dags(), st.integers(0, 2**16))
def test_scores_are_those_of_sets(dag, seed):
    n_labels, edges = dag
    if n_labels == 1:
        return
    rng = np.random.default_rng(seed)
    y_true, y_pred = rng.integers(0, 2, (2, 6, n_labels))
    y_true[0] = y_pred[0] = 1
    under = below(n_labels, edges)

    def closed(row):
        return {a for a in range(n_labels) if any(row[d] for d in under[a])}

    pairs = [(closed(t), closed(p)) for t, p in zip(y_true, y_pred, strict=True)]
    n_right = sum(len(t & p) for t, p in pairs)
    precision = n_right / sum(len(p) for _, p in pairs)
    recall = n_right / sum(len(t) for t, _ in pairs)
    f1 = 2 * precision * recall / (precision + recall)
    for score, expected in zip(HICLASS, (precision, recall, f1), strict=True):
        assert score(y_true, y_pred, hierarchy=edges) == pytest.approx(expected)


@pytest.mark.parametrize("average", ["macro", "weighted", None])
def test_other_averages_and_weights_are_those_of_scikit_learn(average):
    params = {"average": average, "sample_weight": [1, 2, 3], "zero_division": 0.0}
    ours = hierarchical_f1_score(Y_TRUE, Y_PRED, **PARAMS, **params)
    closed = [
        add_ancestors(y, HIERARCHY, label_names=NAMES)[0] for y in (Y_TRUE, Y_PRED)
    ]
    np.testing.assert_allclose(ours, f1_score(*closed, **params))


@pytest.mark.parametrize("average", ["micro", "macro", "samples"])
def test_entries_that_are_not_annotated_are_left_out(average):
    y_true = np.array(Y_TRUE, dtype=float)
    y_true[1, 4:] = np.nan
    y_true[2, [2, 4]] = np.nan
    params = {"average": average, "zero_division": 0.0, **PARAMS}
    ours = hierarchical_f1_score(y_true, Y_PRED, **params)
    true, pred = np.array(Y_TRUE), np.array(Y_PRED)
    pred, _ = add_ancestors(pred, HIERARCHY, label_names=NAMES)
    true[np.isnan(y_true)] = pred[np.isnan(y_true)] = 0
    expected = f1_score(true, pred, average=average, zero_division=0.0)
    assert ours == pytest.approx(expected)


def test_no_prediction_and_no_label():
    assert hierarchical_f1_score(Y_TRUE, np.zeros((3, 6)), **PARAMS) == 0
    y = np.zeros((3, 6), dtype=int)
    assert hierarchical_f1_score(y, y, zero_division=1.0, **PARAMS) == 1


@pytest.mark.parametrize(
    ("y_true", "y_pred", "params", "message"),
    [
        ([1, 0], Y_PRED[:2], PARAMS, "y_true must have several labels for each"),
        (tags(Y_TRUE), Y_PRED, {"hierarchy": HIERARCHY}, "label_names must be given"),
        (Y_TRUE, Y_PRED[:2], PARAMS, "The same number of rows is needed"),
        (Y_TRUE, Y_PRED, {"hierarchy": HIERARCHY}, "has no parent of any"),
        (
            Y_TRUE,
            Y_PRED,
            {**PARAMS, "label_names": ["a", "b"]},
            "a name for each of the 6",
        ),
        (Y_TRUE, Y_PRED, {**PARAMS, "hierarchy": {"a": "b", "b": "a"}}, "a cycle"),
        (Y_TRUE, Y_PRED, {**PARAMS, "average": "binary"}, "'average' parameter"),
    ],
)
def test_bad_input(y_true, y_pred, params, message):
    with pytest.raises(ValueError, match=message):
        hierarchical_f1_score(y_true, y_pred, **params)

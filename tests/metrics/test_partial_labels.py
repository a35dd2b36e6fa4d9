"""Metrics of targets in which some entries are not annotated."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn import metrics
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import make_scorer
from sklearn.model_selection import GridSearchCV, KFold, cross_validate
from sklearn.multiclass import OneVsRestClassifier

from skmultitag import MultiTagClassifier
from skmultitag.kernel_ridge import KernelRidgeClassifierCV
from skmultitag.metrics import (
    binary_cross_entropy_error,
    coverage,
    get_scorer,
    get_scorer_names,
    inverse_propensity,
    label_confusion_matrix,
    label_report,
    label_report_from_predictions,
    ndcg_at_k,
    one_error,
    precision_at_k,
    ranking_loss,
    recall_at_k,
    sigmoid_f1_score,
    soft_f1_score,
)
from skmultitag.metrics._ranks import sigmoid_of_ranks
from skmultitag.metrics._values_at_thresholds import (
    check_thresholds,
    values_at_thresholds,
)
from skmultitag.model_selection import MultilabelStratifiedKFold

AVERAGES = ["macro", "micro", "samples", "weighted"]
WEIGHTED = pytest.mark.parametrize("is_weighted", [False, True])


def some_data(seed=0, n_samples=40, n_labels=5, hidden=0.4):
    """Targets with NaN, scores with ties in [0, 1], weights of which some are 0.

    Nobody has annotated the first row and the last label; the last but one has no
    positive.
    """
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 20, size=(n_samples, n_labels)) / 20
    y = (rng.random((n_samples, n_labels)) < 0.2 + 0.6 * scores).astype(float)
    y[:, -2] = 0
    y[rng.random(y.shape) < hidden] = np.nan
    y[0], y[:, -1] = np.nan, np.nan
    return y, scores, rng.integers(0, 3, size=n_samples).astype(float)


def annotated_part(y, scores, weight=None):
    """Of one label or row: what is annotated."""
    kept = ~np.isnan(y)
    parts = y[kept].astype(int), scores[kept]
    return parts if weight is None else (*parts, weight[kept])


def of_labels_or_rows(metric, y, scores, weight, average):
    """The general rule: an average of a function of (y, scores, weight)."""
    if average == "micro":
        weights = np.repeat(weight[:, None], y.shape[1], axis=1)
        return metric(*annotated_part(y, scores, weights))
    if average == "samples":
        used = [i for i in range(len(y)) if not np.isnan(y[i]).all()]
        parts = [annotated_part(y[i], scores[i]) for i in used]
        values = [metric(*part, np.ones(len(part[0]))) for part in parts]
        return np.average(values, weights=weight[used])
    # nobody has annotated it: as a label without positives
    parts = [
        annotated_part(*columns, weight) for columns in zip(y.T, scores.T, strict=True)
    ]
    none = np.zeros(1, int), np.zeros(1), np.ones(1)
    values = [metric(*(part if part[2].any() else none)) for part in parts]
    if average is None:
        return values
    if average == "macro":
        return np.mean(values)
    n_positive = np.array([part[0] @ part[2] for part in parts])
    values = np.where(n_positive > 0, values, 0)
    return np.average(values, weights=n_positive)


def quiet(metric, **params):
    def call(y, scores, weight):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # labels or rows without positives
            return metric(y, scores, sample_weight=weight, **params)

    return call


class Given(ClassifierMixin, BaseEstimator):
    """A classifier whose answers are given."""

    def __init__(self, scores, y_pred=None):
        self.scores = scores
        self.y_pred = (scores > 0.5).astype(int) if y_pred is None else y_pred
        self.classes_ = np.tile([0, 1], (scores.shape[1], 1))

    def predict(self, X):
        return self.y_pred

    def predict_proba(self, X):
        return self.scores


def scored(name, y, scores, weight=None, y_pred=None):
    scorer = get_scorer(name) if isinstance(name, str) else name
    params = {} if weight is None else {"sample_weight": weight}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return scorer(Given(scores, y_pred), np.zeros((len(scores), 1)), y, **params)


OF_DECISIONS = {
    "f1": quiet(metrics.f1_score, zero_division=0),
    "precision": quiet(metrics.precision_score, zero_division=0),
    "recall": quiet(metrics.recall_score, zero_division=0),
    "jaccard": quiet(metrics.jaccard_score, zero_division=0),
}
OF_RANKINGS = {
    "roc_auc": quiet(metrics.roc_auc_score),
    "average_precision": quiet(metrics.average_precision_score),
}


@WEIGHTED
@pytest.mark.parametrize("average", AVERAGES)
@pytest.mark.parametrize("name", OF_DECISIONS)
@pytest.mark.parametrize("seed", range(3))
def test_scorers_of_decisions_label_by_label(name, average, is_weighted, seed):
    y, scores, weight = some_data(seed)
    weight = weight if is_weighted else np.ones(len(y))
    expected = of_labels_or_rows(
        OF_DECISIONS[name], y, (scores > 0.5).astype(int), weight, average
    )
    found = scored(f"{name}_{average}", y, scores, weight if is_weighted else None)
    assert found == pytest.approx(expected, abs=1e-12)
    assert 0.1 < found < 0.9


@WEIGHTED
@pytest.mark.parametrize("average", [*AVERAGES, None])
@pytest.mark.parametrize("name", OF_RANKINGS)
def test_scorers_of_rankings_label_by_label(name, average, is_weighted):
    y, scores, weight = some_data()
    y[:, -2:] = np.tile([0, 1], len(y))[:, None][: len(y)]
    weight = weight if is_weighted else np.ones(len(y))
    func = getattr(metrics, f"{name}_score")
    response = ("decision_function", "predict_proba")
    params = {} if average is None else {"average": average}
    if average is None:
        scorer = get_scorer(name)
        average = "macro"
    else:
        scorer = get_scorer(make_scorer(func, response_method=response, **params))
    if average == "samples":  # so that no row lacks a positive or a negative
        y[:, 0], y[:, 1] = 0, 1
    expected = of_labels_or_rows(OF_RANKINGS[name], y, scores, weight, average)
    found = scored(scorer, y, scores, weight if is_weighted else None)
    assert found == pytest.approx(expected, abs=1e-12)
    assert 0.2 < found < 0.99


@pytest.mark.parametrize("average", AVERAGES)
def test_rankings_of_labels_without_annotated_rows(average):
    y, scores, _ = some_data()
    params = {"response_method": "predict_proba", "average": average}
    scorer = get_scorer(make_scorer(metrics.average_precision_score, **params))
    expected = of_labels_or_rows(
        OF_RANKINGS["average_precision"], y, scores, np.ones(len(y)), average
    )
    assert scored(scorer, y, scores) == pytest.approx(expected, abs=1e-12)
    is_defined = average in ("micro", "weighted")
    params["average"] = average
    scorer = get_scorer(make_scorer(metrics.roc_auc_score, **params))
    assert np.isnan(scored(scorer, y, scores)) != is_defined


@WEIGHTED
def test_accuracy_and_hamming_loss_of_annotated_entries(is_weighted):
    y, scores, weight = some_data(n_labels=4)
    weight = weight if is_weighted else np.ones(len(y))
    is_right = np.isnan(y) | (y == (scores > 0.5))
    is_used = ~np.isnan(y).all(axis=1)
    expected = np.average(is_right.all(axis=1)[is_used], weights=weight[is_used])
    assert 0 < expected < 0.9
    given_weight = weight if is_weighted else None
    assert scored("accuracy", y, scores, given_weight) == pytest.approx(expected)
    loss = scored(get_scorer(make_scorer(metrics.zero_one_loss)), y, scores, weight)
    assert loss == pytest.approx(1 - expected)
    hamming = scored(
        get_scorer(make_scorer(metrics.hamming_loss)), y, scores, given_weight
    )
    wrong = np.where(np.isnan(y), np.nan, ~is_right)
    weights = np.where(np.isnan(y), 0, weight[:, None])
    assert hamming == pytest.approx(np.nansum(wrong * weights) / weights.sum())


@WEIGHTED
@pytest.mark.parametrize("average", [*AVERAGES, None])
@pytest.mark.parametrize("of_ranks", [False, True])
def test_soft_f1_label_by_label(average, of_ranks, is_weighted):
    y, scores, weight = some_data()
    weight = weight if is_weighted else np.ones(len(y))
    soft = scores.copy()
    if of_ranks:  # within the annotated rows of each label
        for label in range(y.shape[1] - 1):
            rows = ~np.isnan(y[:, label])
            soft[rows, [label]] = sigmoid_of_ranks(
                scores[rows, [label]][:, None], weight[rows], decision=0.5
            )[:, 0]

    def f1(y, soft, weight):
        total = weight @ (y + soft)
        return 2 * weight @ (y * soft) / total if total else 0.0

    expected = of_labels_or_rows(f1, y, soft, weight, average)
    params = {"average": average, "zero_division": 0.0, "of_ranks": of_ranks}
    params["sample_weight"] = weight if is_weighted else None
    np.testing.assert_allclose(soft_f1_score(y, scores, **params), expected)
    found = sigmoid_f1_score(y, scores - 0.5, beta=2.0, **params)
    if not of_ranks:
        soft = 1 / (1 + np.exp(-2 * (scores - 0.5)))
        expected = of_labels_or_rows(f1, y, soft, weight, average)
    np.testing.assert_allclose(found, expected)


@WEIGHTED
def test_cross_entropy_of_annotated_entries(is_weighted):
    y, scores, weight = some_data()
    scores = scores.clip(0.01, 0.99)
    weight = weight if is_weighted else np.ones(len(y))
    expected = of_labels_or_rows(quiet(metrics.log_loss), y, scores, weight, "micro")
    found = binary_cross_entropy_error(y, scores, sample_weight=weight)
    assert found == pytest.approx(expected)
    assert scored("neg_bce", y, scores, weight) == pytest.approx(-expected)


def precision_of_row(y, scores, k):
    first = np.argsort(-scores, kind="stable")[:k]
    return y[first].sum() / k


def recall_of_row(y, scores, k):
    return precision_of_row(y, scores, k) * k / max(y.sum(), 1)


def ndcg_of_row(y, scores, k):
    discount = 1 / np.log2(np.arange(max(k, len(y))) + 2)
    gains = y[np.argsort(-scores, kind="stable")][:k]
    ideal = discount[: max(min(k, y.sum()), 1)].sum()
    return gains @ discount[: len(gains)] / ideal


def ranking_loss_of_row(y, scores):
    pairs = scores[y == 1][:, None] <= scores[y == 0]
    return pairs.mean() if pairs.size else None


def coverage_of_row(y, scores):
    return (scores >= scores[y == 1].min()).sum() - 1 if y.any() else 0


@WEIGHTED
@pytest.mark.parametrize(
    ("metric", "of_row", "params"),
    [
        (precision_at_k, precision_of_row, {"k": 1}),
        (precision_at_k, precision_of_row, {"k": 3}),
        (recall_at_k, recall_of_row, {"k": 3}),
        (ndcg_at_k, ndcg_of_row, {"k": 1}),
        (ndcg_at_k, ndcg_of_row, {"k": 3}),
        (one_error, lambda y, scores: 1 - y[scores.argmax()], {}),
        (coverage, coverage_of_row, {}),
        (ranking_loss, ranking_loss_of_row, {}),
    ],
)
def test_rankings_row_by_row(metric, of_row, params, is_weighted):
    """The k best are looked for among the annotated labels of a row."""
    y, scores, weight = some_data(hidden=0.3)
    y[1, :-1], y[2] = 1, [1, np.nan, np.nan, np.nan, np.nan]
    weight = weight if is_weighted else np.ones(len(y))
    rows = [annotated_part(*row) for row in zip(y, scores, strict=True)]
    values = [of_row(*row, **params) if len(row[0]) else None for row in rows]
    used = [i for i, value in enumerate(values) if value is not None]
    expected = np.average([values[i] for i in used], weights=weight[used])
    params = {**params, "sample_weight": weight if is_weighted else None}
    assert metric(y, scores, **params) == pytest.approx(expected)
    assert metric(sparse.csr_array(y), scores, **params) == pytest.approx(expected)
    if metric in (precision_at_k, recall_at_k, ndcg_at_k):
        scores += 0.01  # all are stored
        assert metric(y, sparse.csr_array(scores), **params) == pytest.approx(expected)


@pytest.mark.parametrize("metric", [precision_at_k, ndcg_at_k])
def test_propensities_at_k(metric):
    y, scores, _ = some_data()
    value = inverse_propensity(np.nan_to_num(y[:, :4]))
    value = np.append(value, 3.0)
    for k in (1, 2):
        discount = 1 / np.log2(np.arange(k) + 2) if metric is ndcg_at_k else np.ones(k)
        total = largest = 0
        for row, of_labels in zip(y, scores, strict=True):
            kept = np.flatnonzero(~np.isnan(row))
            if not len(kept):
                continue
            gains = row[kept] * value[kept]
            first = gains[np.argsort(-of_labels[kept], kind="stable")][:k]
            best = -np.sort(-gains)[:k]
            n = min(k, int(row[kept].sum()))
            scale = 1 / discount[: max(n, 1)].sum() if metric is ndcg_at_k else 1 / k
            total += scale * first @ discount[: len(first)]
            largest += scale * best @ discount[: len(best)]
        found = metric(y, scores, k=k, inverse_propensity=value)
        assert found == pytest.approx(total / largest)


def test_stored_zeros_of_sparse_scores_are_scores():
    y = [[np.nan, 0, 1], [1, np.nan, 0]]
    stored = sparse.csr_array([[5.0, 3.0, 4.0], [4.0, 2.0, 5.0]])
    stored.data[[0, 2, 3]] = 0  # labels 0 and 2 of row 0, label 0 of row 1
    assert precision_at_k(y, stored, k=1) == 0
    assert precision_at_k(y, stored, k=2) == 0.5


def test_inverse_propensity_of_annotated_rows():
    y, _, _ = some_data()
    found = inverse_propensity(y)
    for label in range(4):
        column = y[:, label][~np.isnan(y[:, label])]
        pair = np.column_stack([column, np.ones(len(column))])
        assert found[label] == pytest.approx(inverse_propensity(pair)[0])
    assert found[-1] == 1  # nothing is known
    np.testing.assert_array_equal(inverse_propensity(sparse.csr_array(y)), found)


def all_values(y, scores):
    """What every metric, scorer and report says."""
    pred = (scores > 0.5).astype(int)
    values = [
        [soft_f1_score(y, scores, average=average, of_ranks=of_ranks, zero_division=0.0)
         for average in [*AVERAGES, None] for of_ranks in (False, True)],
        [metric(y, scores) for metric in
         (binary_cross_entropy_error, one_error, coverage, ranking_loss)],
        [metric(y, scores, k=k)
         for metric in (precision_at_k, recall_at_k, ndcg_at_k) for k in (1, 2)],
        label_confusion_matrix(y, pred),
        label_report_from_predictions(y, pred, scores, n_resamples=5, random_state=0),
        [scored(f"{name}_{average}", y, scores)
         for name in OF_DECISIONS for average in AVERAGES],
        [scored(name, y, scores) for name in ("accuracy", *OF_RANKINGS)],
    ]  # fmt: skip
    return [value for part in values for value in np.ravel(np.concatenate(
        [np.ravel(each) for each in part] if isinstance(part, list)
        else [np.ravel(np.asarray(part, dtype=float))]))]  # fmt: skip


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 10**6), st.sampled_from([0.1, 0.5, 0.8]))
def test_entries_that_are_not_annotated_can_hold_anything(seed, hidden):
    y, scores, _ = some_data(seed, 12, 4, hidden)
    rng = np.random.default_rng(seed)
    others = np.where(np.isnan(y), rng.random(y.shape).round(1), scores)
    if not np.isnan(y).all():
        np.testing.assert_array_equal(all_values(y, scores), all_values(y, others))


def test_rows_without_annotated_labels_have_no_part():
    y, scores, _ = some_data()
    np.testing.assert_array_equal(all_values(y, scores), all_values(y[1:], scores[1:]))


def test_a_copy_of_the_rows_for_the_labels_of_each():
    """Rows are split in two: the labels are annotated in one or the other."""
    rng = np.random.default_rng(0)
    scores = rng.random((50, 6))
    y = (rng.random((50, 6)) < scores).astype(float)
    halves = y.copy(), y.copy()
    halves[0][:, :3], halves[1][:, 3:] = np.nan, np.nan
    for name in ["f1_macro", "f1_micro", "recall_weighted", "roc_auc", "neg_bce"]:
        found = scored(name, np.vstack(halves), np.vstack([scores, scores]))
        assert found == pytest.approx(scored(name, y.astype(int), scores)), name


@pytest.mark.parametrize("make", [
    pd.DataFrame,
    sparse.csr_array,
    lambda y: np.ma.masked_invalid(y),
    lambda y: [[None if np.isnan(entry) else int(entry) for entry in row] for row in y],
    lambda y: pd.DataFrame(y).astype("Int64"),
])  # fmt: skip
def test_forms_of_targets(make):
    y, scores, _ = some_data()
    for name in ("f1_samples", "neg_bce", "roc_auc_ovr_weighted", "ndcg_at_3"):
        found = scored(name, make(y), scores)
        assert found == pytest.approx(scored(name, y, scores)), name


def test_sparse_predictions():
    y, scores, _ = some_data()
    pred = sparse.csr_array(scores > 0.5)
    for name in ("f1_macro", "accuracy", "jaccard_samples"):
        expected = scored(name, y, scores)
        assert scored(name, sparse.csr_array(y), scores, y_pred=pred) == expected
        assert scored(name, y, scores, y_pred=pred) == expected


def test_one_label():
    y, scores, _ = some_data(n_labels=3)
    y, scores = y[:, :1], scores[:, :1]
    kept = ~np.isnan(y[:, 0])
    part = y[kept].astype(int), scores[kept]
    assert scored("accuracy", y, scores) == scored("accuracy", *part)
    assert scored("average_precision", y, scores) == scored("average_precision", *part)
    assert binary_cross_entropy_error(y, scores) == binary_cross_entropy_error(*part)
    assert soft_f1_score(y, scores) == soft_f1_score(*part)


def test_values_at_thresholds():
    y, scores, weight = some_data()
    coded = np.where(np.isnan(y), -1, y).astype(np.int8)
    hidden = scores.copy()
    hidden[np.isnan(y)] = 0.123  # no threshold
    thresholds = check_thresholds(None, coded, hidden)
    expected = np.unique(scores[~np.isnan(y)])
    np.testing.assert_array_equal(thresholds, expected)
    for average in ("macro", "micro", None):
        found = values_at_thresholds(
            coded, scores, thresholds, "f1", 1.0, average, weight
        )
        for threshold, value in zip(thresholds, found, strict=True):
            pred = (scores >= threshold).astype(int)
            of_labels = of_labels_or_rows(OF_DECISIONS["f1"], y, pred, weight, average)
            np.testing.assert_allclose(value, of_labels)


METRICS_OF_REPORT = {"precision", "recall", "f1"}


def test_report_label_by_label():
    y, scores, _ = some_data(n_samples=80)
    scores[0] = 0.99  # not annotated
    pred = (scores > 0.5).astype(int)
    report = label_report_from_predictions(
        y, pred, scores, n_resamples=0, sort_by=None, output="dataframe"
    )
    one, averages = np.ones(len(y)), report.index[-3:]
    for name in METRICS_OF_REPORT:
        of_labels = of_labels_or_rows(OF_DECISIONS[name], y, pred, one, None)
        np.testing.assert_allclose(report[name][:-3], of_labels)
        for average in averages:
            expected = of_labels_or_rows(
                OF_DECISIONS[name], y, pred, one, average.removesuffix(" avg")
            )
            assert report.loc[average, name] == pytest.approx(expected)
    assert report["n_annotated"].tolist() == [
        *(~np.isnan(y)).sum(axis=0), *[(~np.isnan(y)).sum()] * 3
    ]  # fmt: skip
    assert report["support"].tolist() == [*(y == 1).sum(axis=0), *[(y == 1).sum()] * 3]
    for label in range(3):
        part = annotated_part(y[:, label], scores[:, label])
        kept = np.column_stack(part)[:, :1], (part[1] > 0.5)[:, None], part[1][:, None]
        alone = label_report_from_predictions(*kept, n_resamples=0, sort_by=None)
        shared = [name for name in alone if name != "n_annotated"]
        np.testing.assert_allclose(
            report.iloc[label][shared].tolist(), alone.iloc[0].tolist()
        )
    assert np.isnan(report.iloc[-4]["calibration_error"])
    assert not np.isnan(report.loc["macro avg", "calibration_error"])


def test_intervals_of_rows_drawn():
    """Those of a label are near those of its annotated rows alone."""
    rng = np.random.default_rng(0)
    scores = rng.random((400, 2))
    y = (rng.random((400, 2)) < scores).astype(float)
    y[rng.random(y.shape) < 0.5] = np.nan
    report = label_report_from_predictions(
        y, scores > 0.5, scores, sort_by=None, random_state=0
    )
    part = annotated_part(y[:, 0], scores[:, 0])
    alone = label_report_from_predictions(
        part[0][:, None], part[1][:, None] > 0.5, part[1][:, None], random_state=0
    )
    for name in ("f1_low", "f1_high", "average_precision_low", "recall_high"):
        assert report.iloc[0][name] == pytest.approx(alone.iloc[0][name], abs=0.03)


def test_report_and_confusions_of_a_classifier(multilabel_data):
    X, y, _ = multilabel_data
    model = OneVsRestClassifier(LogisticRegression(solver="liblinear")).fit(X, y)
    partial = np.where(np.random.default_rng(0).random(y.shape) < 0.5, np.nan, y)
    partial[:20] = np.nan
    params = {"n_resamples": 10, "random_state": 0, "sort_by": None}
    found = label_report(model, X, partial, **params)
    given = label_report_from_predictions(
        partial, model.predict(X), model.predict_proba(X), **params
    )
    pd.testing.assert_frame_equal(found, given.set_axis(found.index), check_exact=True)
    confusion = np.zeros((y.shape[1], y.shape[1]), int)
    for true, pred in zip(partial, model.predict(X), strict=True):
        confusion += np.outer((true == 1) & (pred == 0), (true == 0) & (pred == 1))
    assert confusion.any()
    np.testing.assert_array_equal(
        label_confusion_matrix(partial, model.predict(X)), confusion
    )


def test_scores_of_classifiers_and_searches(multilabel_data):
    X, y, _ = multilabel_data
    partial = np.where(np.random.default_rng(0).random(y.shape) < 0.3, np.nan, y)
    names = list("edcba")[: y.shape[1]]
    frame = pd.DataFrame(partial, columns=names)
    model = KernelRidgeClassifierCV().fit(X, pd.DataFrame(y, columns=names))
    kept = ~np.isnan(partial).all(axis=1)
    is_right = np.isnan(partial) | (partial == model.predict(X))
    expected = is_right.all(axis=1)[kept].mean()
    assert model.score(X, frame) == pytest.approx(expected)
    assert model.score(X, frame[sorted(names)]) == pytest.approx(expected)
    assert model.score(X, sparse.csr_array(partial)) == pytest.approx(expected)
    assert get_scorer("accuracy")(model, X, frame) == pytest.approx(expected)
    for name in ("f1_macro", "neg_ranking_loss"):
        expected = get_scorer(name)(model, X, partial)
        assert get_scorer(name)(model, X, frame[sorted(names)]) == expected
        assert get_scorer(name)(model, X, sparse.csr_array(partial)) == expected


class Filled(OneVsRestClassifier):
    """A classifier that reads what is not annotated as 0."""

    def fit(self, X, y):
        return super().fit(X, np.nan_to_num(y).astype(int))


@pytest.mark.parametrize("cv", [KFold(3), MultilabelStratifiedKFold(3)])
def test_targets_with_nan_in_a_search(cv, multilabel_data):
    X, y, _ = multilabel_data
    partial = np.where(np.random.default_rng(0).random(y.shape) < 0.3, np.nan, y)
    model = Filled(LogisticRegression(solver="liblinear"))
    scorer = get_scorer("f1_macro")
    search = GridSearchCV(model, {"estimator__C": [0.1, 1.0]}, cv=cv, scoring=scorer)
    search.fit(X, partial)
    for C, found in zip((0.1, 1.0), search.cv_results_["mean_test_score"], strict=True):
        values = []
        for train, test in cv.split(X, partial):
            fitted = model.set_params(estimator__C=C).fit(X[train], partial[train])
            values.append(scorer(fitted, X[test], partial[test]))
        assert found == pytest.approx(np.mean(values))
    scoring = {"f1": scorer, "bce": get_scorer("neg_bce")}
    again = cross_validate(model, X, partial, cv=cv, scoring=scoring)
    assert again["test_f1"].mean() == pytest.approx(found)
    assert (again["test_bce"] < 0).all()


def test_scorers_of_forests():
    """Their probabilities are a list of arrays."""
    y, scores, _ = some_data()
    complete = np.nan_to_num(y).astype(int)
    complete[1] = 1
    forest = RandomForestClassifier(5, random_state=0).fit(scores, complete)
    proba = np.column_stack([each[:, 1] for each in forest.predict_proba(scores)])
    with pytest.warns(UndefinedMetricWarning):  # of the label without positives
        found = get_scorer("roc_auc_ovr_weighted")(forest, scores, y)
    assert found == scored("roc_auc_ovr_weighted", y, proba)


@pytest.mark.parametrize("name", sorted(set(get_scorer_names())))
def test_every_scorer_takes_them_or_says_why_not(name):
    y, scores, _ = some_data()
    takes = {"accuracy", "average_precision", *OF_DECISIONS, "roc_auc"}
    is_ours = name not in metrics.get_scorer_names()
    if is_ours or any(name.startswith(each) for each in takes):
        if name in OF_DECISIONS:  # the average "binary"
            with pytest.raises(ValueError, match="choose another average setting"):
                scored(name, y, scores)
        elif not name.startswith("sigmoid_f1"):
            assert np.isfinite(scored(name, y, scores)) or name.startswith("roc_auc")
        return
    with pytest.raises(ValueError, match="can't leave out entries that are not annot"):
        scored(name, y, scores)


@pytest.mark.parametrize("metric", [
    soft_f1_score, binary_cross_entropy_error, coverage, one_error,
])  # fmt: skip
def test_nothing_is_annotated(metric):
    y = np.full((3, 2), np.nan)
    with pytest.raises(ValueError, match="All entries of y_true.* are NaN: none"):
        metric(y, np.full((3, 2), 0.5))
    y[0] = 1  # where there is no weight
    with pytest.raises(ValueError, match="All entries of y_true.* are NaN: none"):
        metric(y, np.full((3, 2), 0.5), sample_weight=[0, 1, 1])


def test_a_user_metric_gets_the_targets_as_they_are():
    y, scores, _ = some_data()

    def share(y_true, y_pred):
        return np.isnan(y_true).mean()

    assert scored(get_scorer(make_scorer(share)), y, scores) == np.isnan(y).mean()


def test_scorers_of_scikit_learn_pair_labels_too(multilabel_data):
    X, y, _ = multilabel_data
    tags = [[int(label) for label in np.flatnonzero(row)] for row in y]
    model = MultiTagClassifier(max_iter=2, random_state=0).fit(X, tags)
    scorer = make_scorer(metrics.fbeta_score, beta=2, average="macro", zero_division=0)
    assert get_scorer(scorer)(model, X, tags) == scorer(model, X, y)


def test_complete_targets_are_as_before():
    """Also floats, and beside a row that is not annotated."""
    y, scores, _ = some_data(hidden=0.0)
    y[1:, -1] = y[1:, 0]
    kept = y[1:].astype(int), scores[1:]
    assert not np.isnan(y[1:]).any() and np.isnan(y[0, 0])
    expected = all_values(*kept)
    np.testing.assert_array_equal(all_values(y[1:], scores[1:]), expected)
    report = label_report_from_predictions(kept[0], kept[1] > 0.5, n_resamples=0)
    assert "n_annotated" not in report
    for name in ["f1_macro", "recall_samples", "average_precision", "accuracy"]:
        assert scored(name, y, scores) == pytest.approx(scored(name, *kept))

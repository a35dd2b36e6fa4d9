import sys
import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from scipy.stats import norm
from sklearn.calibration import calibration_curve
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (
    average_precision_score,
    f1_score,
    precision_score,
    recall_score,
)
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmultitag import MultiTagClassifier, ThresholdedClassifierCV
from skmultitag.calibration import PlattCalibrator
from skmultitag.datasets import load_debtags, make_multitag_classification
from skmultitag.ensemble import MultilabelVotingClassifier
from skmultitag.kernel_ridge import KernelRidgeClassifierCV
from skmultitag.metrics import label_report, label_report_from_predictions
from skmultitag.metrics._bootstrap import WeightedMetrics, draw_weights
from skmultitag.thresholds import FBetaThreshold, TopKThreshold
from skmultitag.utils._scores import label_scores

NAMES = ["e", "b", "a", "c", "d"]
AVERAGES = ["micro", "macro", "samples"]
METRICS = {"precision": precision_score, "recall": recall_score, "f1": f1_score}
ONE_VS_REST = OneVsRestClassifier(LogisticRegression(solver="liblinear"))


def some_decisions(seed=0, n_samples=60, n_labels=4, decimals=1):
    """Targets, predictions and scores with ties; the last label has no positive."""
    rng = np.random.RandomState(seed)
    scores = rng.rand(n_samples, n_labels).round(decimals)
    y = rng.rand(n_samples, n_labels) < 0.6 * scores
    y[:, -1] = False
    return y, scores > 0.6, scores


def report_of(*args, **params):
    params = {"n_resamples": 0, "sort_by": None, **params}
    return label_report_from_predictions(*args, **params)


def sklearn_metrics(y, pred, scores):
    """Each metric of each label, then the averages, by scikit-learn."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of labels without positives
        values = {
            name: [
                *metric(y, pred, average=None, zero_division=0),
                *(metric(y, pred, average=each, zero_division=0) for each in AVERAGES),
            ]
            for name, metric in METRICS.items()
        }
    of_labels = list(map(average_precision, y.T, scores.T))
    of_rows = list(map(average_precision, y, scores))
    values["average_precision"] = [
        *of_labels,
        average_precision(y.ravel(), scores.ravel()),
        np.nanmean(of_labels),
        np.nanmean(of_rows),
    ]
    return values


def average_precision(y, scores):
    return average_precision_score(y, scores) if y.any() else np.nan


@pytest.mark.parametrize("seed", range(3))
def test_values_are_those_of_scikit_learn(seed):
    y, pred, scores = some_decisions(seed)
    report = report_of(y, pred, scores)
    for name, expected in sklearn_metrics(y, pred, scores).items():
        np.testing.assert_allclose(report[name], expected, err_msg=name)
    assert report["support"].tolist() == [*y.sum(axis=0), *[y.sum()] * 3]
    shares = pred.mean(axis=0)
    np.testing.assert_allclose(
        report["share_predicted"], [*shares, *[shares.mean()] * 3]
    )


@pytest.mark.parametrize("n_labels", [1, 4])
def test_a_weight_is_a_number_of_repeated_rows(n_labels):
    """Metrics of bootstrap samples are those of the samples written out."""
    y, pred, scores = some_decisions(n_labels=n_labels + 1)
    y, pred, scores = y[:, :n_labels], pred[:, :n_labels], scores[:, :n_labels]
    if n_labels > 1:
        y[:, -1] = False
    weights = draw_weights(len(y), 6, np.random.RandomState(0))
    assert (weights.sum(axis=0) == len(y)).all() and len(np.unique(weights)) > 3
    values = WeightedMetrics(y, pred, scores)(weights)
    for draw, weight in enumerate(weights.T):
        rows = np.repeat(np.arange(len(y)), weight.astype(int))
        sample = report_of(y[rows], pred[rows], scores[rows])
        for name in values:
            np.testing.assert_allclose(values[name][:, draw], sample[name])


def test_rows_are_drawn_evenly():
    weights = draw_weights(5, 20_000, np.random.RandomState(0))
    # a binomial of 5 draws with probability 1 / 5
    np.testing.assert_allclose(weights.mean(axis=1), 1, atol=0.03)
    np.testing.assert_allclose(weights.var(axis=1), 0.8, atol=0.03)
    covariance = np.cov(weights[0], weights[1])[0, 1]
    assert covariance == pytest.approx(-0.2, abs=0.03)


def test_blocks_of_draws_make_no_difference(monkeypatch):
    metrics = WeightedMetrics(*some_decisions())
    whole = metrics.bootstrap(10, np.random.RandomState(0))
    monkeypatch.setattr("skmultitag.utils._blocks.N_ENTRIES_OF_A_BLOCK", 200)
    blocks = metrics.bootstrap(10, np.random.RandomState(0))
    for name, values in whole.items():
        np.testing.assert_array_equal(blocks[name], values)


def test_intervals_by_a_loop_over_samples():
    y, pred, scores = some_decisions(n_samples=25)
    level, n_draws = 0.8, 40
    report = report_of(
        y, pred, scores, n_resamples=n_draws, confidence_level=level, random_state=3
    )
    rng = np.random.RandomState(3)
    draws = [rng.randint(25, size=25) for _ in range(n_draws)]
    samples = [sklearn_metrics(y[d], pred[d], scores[d]) for d in draws]
    for name in [*METRICS, "average_precision"]:
        of_data = report[name].to_numpy()
        drawn = np.array([sample[name] for sample in samples])
        for label in np.flatnonzero(~np.isnan(of_data)):
            values, value = drawn[:, label], of_data[label]
            values = np.where(np.isclose(values, value), value, values)
            share = (values < value).mean() + (values == value).mean() / 2
            z = norm.ppf(np.clip(share, 1 / (n_draws + 1), n_draws / (n_draws + 1)))
            tail = norm.ppf((1 + level) / 2)
            low, high = np.quantile(values, norm.cdf([2 * z - tail, 2 * z + tail]))
            row = report.iloc[label]
            assert row[f"{name}_low"] == pytest.approx(min(low, value)), name
            assert row[f"{name}_high"] == pytest.approx(max(high, value)), name


def test_intervals_cover():
    """Those of 95 % hold the value of all rows in nearly as many samples of them."""
    _, y, proba = make_multitag_classification(
        30_000, 5, 4, cardinality=1.2, imbalance=4, return_proba=True, random_state=0
    )
    pred = proba > 0.4
    truth = report_of(y, pred, proba)
    rng, covered = np.random.RandomState(0), []
    for seed in range(100):
        rows = rng.randint(len(y), size=200)
        report = report_of(
            y[rows], pred[rows], proba[rows], n_resamples=200, random_state=seed
        )
        for name in ("precision", "recall", "f1", "average_precision"):
            covered.append(
                (report[f"{name}_low"] <= truth[name])
                & (truth[name] <= report[f"{name}_high"])
            )
    shares = np.reshape(covered, (100, 4, 7)).mean(axis=0)
    # the standard error of one share is 0.02
    assert 0.85 < shares.min() and shares.max() <= 1
    assert 0.91 < shares.mean() < 0.97


def test_calibration_error_is_that_of_calibration_curve():
    _, y, proba = make_multitag_classification(
        500, 5, 4, cardinality=1, return_proba=True, random_state=0
    )
    proba = proba**1.5
    errors = report_of(y, proba > 0.5, proba)["calibration_error"]
    expected = []
    for truth, column in zip(y.T, proba.T, strict=True):
        rates, means = calibration_curve(truth, column, n_bins=10, strategy="quantile")
        # 500 distinct probabilities are 10 bins of 50 rows
        expected.append(np.abs(rates - means).mean())
    np.testing.assert_allclose(errors[:4], expected)
    assert errors["macro avg"] == pytest.approx(np.mean(expected))
    assert "calibration_error" not in report_of(y, proba > 0.5, proba - 0.1)


def test_thresholds_are_found_in_predictions():
    scores = np.array([[0.1, 0.2, 0.3, 0.4], [0.5, 0.6, 0.7, 0.8], [0.9, 0.1, 0.2, 0]])
    pred = [[0, 0, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0]]
    thresholds = report_of(pred, pred, scores)["threshold"]
    np.testing.assert_array_equal(thresholds, [0.5, 0.6, *[np.nan] * 5])


@pytest.mark.parametrize(
    "model, threshold",
    [
        (MultiTagClassifier("bce", threshold=0.3, max_iter=2, random_state=0), 0.3),
        (ThresholdedClassifierCV(ONE_VS_REST, FBetaThreshold(), cv=2), "threshold_"),
        (
            ThresholdedClassifierCV(
                KernelRidgeClassifierCV(), calibrator=PlattCalibrator()
            ),
            "threshold_",
        ),
        (ThresholdedClassifierCV(ONE_VS_REST, TopKThreshold(2), cv=2), None),
        (KernelRidgeClassifierCV(), None),
        (KNeighborsClassifier(), None),
        (
            MultilabelVotingClassifier(
                [("ridge", KernelRidgeClassifierCV()), ("logistic", ONE_VS_REST)], cv=2
            ),
            None,
        ),
    ],
)
@pytest.mark.parametrize(
    "wrap",
    [
        lambda model: model,
        lambda model: make_pipeline(StandardScaler(), model),
        lambda model: GridSearchCV(model, {}, cv=2),
    ],
)
def test_classifiers(model, threshold, wrap, multilabel_data):
    X, y, _ = multilabel_data
    wrapped = wrap(model).fit(X, y)
    report = label_report(wrapped, X, y, sort_by=None, n_resamples=0)
    pred = wrapped.predict(X)
    np.testing.assert_allclose(report["f1"][:5], f1_score(y, pred, average=None))
    assert report.index.tolist() == [*range(5), *(f"{each} avg" for each in AVERAGES)]
    ranking = average_precision_score(y, label_scores(wrapped, X, 5), average=None)
    np.testing.assert_allclose(report["average_precision"][:5], ranking)
    if threshold is None:
        return
    inner = wrapped
    while not hasattr(inner, "thresholder_") and not hasattr(inner, "net_"):
        inner = getattr(inner, "best_estimator_", None) or inner[-1]
    expected = threshold if isinstance(threshold, float) else inner.threshold_
    np.testing.assert_array_equal(report["threshold"][:5], np.broadcast_to(expected, 5))
    frozen = label_report(FrozenEstimator(wrapped), X, y, sort_by=None, n_resamples=0)
    pd.testing.assert_frame_equal(frozen, report)


def test_thresholds_by_name_of_renamed_labels(multilabel_data):
    X, y, _ = multilabel_data
    frame = pd.DataFrame(y, columns=NAMES)
    threshold = {"a": 0.1, "b": 0.2, "c": 0.3, "d": 0.4, "e": 0.5}
    model = MultiTagClassifier("bce", threshold=threshold, max_iter=2, random_state=0)
    report = label_report(
        model.fit(X, frame), X, frame, label_names=list("vwxyz"), n_resamples=0
    )
    expected = dict(zip("vwxyz", [0.5, 0.2, 0.1, 0.3, 0.4], strict=True))
    assert report["threshold"][:5].to_dict() == expected


def test_spread_of_thresholds_over_folds(multilabel_data):
    X, y, _ = multilabel_data
    model = ThresholdedClassifierCV(ONE_VS_REST, cv=3, store_cv_results=True).fit(X, y)
    report = label_report(make_pipeline(model), X, y, sort_by=None, n_resamples=0)
    expected = model.cv_results_["std_threshold"]
    np.testing.assert_array_equal(report["std_threshold"][:5], expected)
    assert "std_threshold" not in label_report(ONE_VS_REST.fit(X, y), X, y)


def test_labels_are_paired_by_name(multilabel_data):
    X, y, _ = multilabel_data
    frame = pd.DataFrame(y, columns=NAMES)
    tags = [[NAMES[j] for j in np.flatnonzero(row)] for row in y]
    model = KernelRidgeClassifierCV().fit(X, frame)
    report = label_report(model, X, frame, n_resamples=20, random_state=0)
    for other in (frame[sorted(NAMES)], tags):
        again = label_report(model, X, other, n_resamples=20, random_state=0)
        pd.testing.assert_frame_equal(again, report)
    assert report["support"][NAMES].tolist() == y.sum(axis=0).tolist()


@pytest.mark.parametrize(
    "form", [sparse.csr_array, sparse.csc_matrix, np.ndarray.tolist, pd.DataFrame]
)
def test_forms_of_given_labels(form):
    y, pred, scores = some_decisions()
    y, pred = y.astype(int), pred.astype(int)
    report = report_of(form(y), form(pred), scores)
    pd.testing.assert_frame_equal(report, report_of(y, pred, scores))


def test_given_tags():
    y, pred, scores = some_decisions()
    names = ["b", "a", "d", "c"]

    def tags(rows):
        return [[names[j] for j in np.flatnonzero(row)] for row in rows]

    expected = report_of(y, pred, scores, label_names=names)
    report = report_of(tags(y), tags(pred), scores, label_names=names)
    pd.testing.assert_frame_equal(report, expected)
    frame = pd.DataFrame(pred.astype(int), columns=names)
    pd.testing.assert_frame_equal(report_of(tags(y), frame, scores), expected)


def test_sorted():
    y, pred, scores = some_decisions(n_labels=6)
    plain = report_of(y, pred, scores, label_names=list("fedcba"))
    for ascending in (True, False):
        for column in ("f1", "support", "average_precision"):
            report = report_of(
                y,
                pred,
                scores,
                label_names=list("fedcba"),
                sort_by=column,
                ascending=ascending,
            )
            expected = plain[:6].sort_values(
                column, ascending=ascending, kind="stable", na_position="last"
            )
            pd.testing.assert_frame_equal(report[:6], expected)
            pd.testing.assert_frame_equal(report[6:], plain[6:])


def test_records_are_the_table():
    y, pred, scores = some_decisions()
    records = report_of(y, pred, scores, output="records", label_names=list("abcd"))
    assert [type(each) for each in records[0].values()][:3] == [str, int, float]
    table = pd.DataFrame(records).set_index("label")
    pd.testing.assert_frame_equal(
        table, report_of(y, pred, scores, label_names=list("abcd"))
    )


def test_columns_without_scores_and_intervals():
    y, pred, _ = some_decisions()
    names = ["precision", "recall", "f1", "share_predicted"]
    assert list(report_of(y, pred)) == ["support", *names]
    limits = [f"{name}{end}" for name in names for end in ("", "_low", "_high")]
    assert list(report_of(y, pred, n_resamples=5)) == ["support", *limits]


def test_random_state(multilabel_data):
    y, pred, scores = some_decisions()
    state = np.random.get_state()[1].copy()
    first, same, other = (
        report_of(y, pred, scores, n_resamples=10, random_state=seed)
        for seed in (0, 0, None)
    )
    pd.testing.assert_frame_equal(first, same)
    assert not first.equals(other)
    np.testing.assert_array_equal(np.random.get_state()[1], state)


def test_shipped_data():
    _, y = load_debtags(subset="test", return_X_y=True)
    noise = np.random.RandomState(0).rand(*y.shape)
    report = label_report_from_predictions(y, noise + y > 0.95, noise + y)
    assert len(report) == 124
    low, value, high = (report[f"f1{end}"] for end in ("_low", "", "_high"))
    assert (low <= value).all() and (value <= high).all()


@pytest.mark.parametrize(
    "params, message",
    [
        ({"sort_by": "f2"}, "sort_by must be None or one of the columns"),
        ({"sort_by": "label"}, "sort_by must be None or one of the columns"),
        ({"label_names": ["a"]}, r"a name for each of the 4 labels. Got 1: \['a'\]"),
        ({"y_score": np.ones((60, 3))}, r"y_score must have the shape .*\(60, 4\)"),
        ({"y_score": np.full((60, 4), np.nan)}, "y_score contains NaN"),
        ({"y_true": np.ones((60, 3))}, "y_true must have the shape of the predictions"),
        ({"y_true": np.full((60, 4), 2)}, "y_true must hold 0 and 1 only"),
        ({"y_pred": np.full((60, 4), 2)}, "y_pred must hold 0 and 1 only"),
        ({"y_pred": np.ones(60)}, "y_pred must have several labels for each row"),
        ({"y_pred": [["a"]] * 60}, "label_names must be given if y_pred has tags"),
        ({"n_resamples": -1}, "'n_resamples' parameter"),
        ({"confidence_level": 95}, "'confidence_level' parameter"),
        ({"output": "dict"}, "'output' parameter"),
    ],
)
def test_bad_parameters_raise(params, message):
    y, pred, scores = some_decisions()
    with pytest.raises(ValueError, match=message):
        report_of(**{"y_true": y, "y_pred": pred, "y_score": scores, **params})


def test_classifiers_of_one_dimension_raise(multilabel_data):
    X, y, _ = multilabel_data
    model = LogisticRegression().fit(X, y[:, 0])
    with pytest.raises(ValueError, match="y_pred must have several labels for"):
        label_report(model, X, y[:, 0])


def test_missing_pandas_is_named(monkeypatch):
    y, pred, _ = some_decisions()
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match="label_report_from_predictions needs pandas"):
        report_of(y, pred)
    assert len(report_of(y, pred, output="records")) == 7

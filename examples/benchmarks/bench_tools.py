"""Time and memory of thresholds, calibration and samplers of many labels at once.

Parts; choose some with ``--only part NAME ...``:

- thresholds: FBetaThreshold against a loop of scikit-learn's precision_recall_curve,
  which is how thresholds are tuned by hand. Both must decide alike;
- calibration: PlattCalibrator against a loop of scikit-learn's sigmoid calibration;
- tuning: ThresholdedClassifierCV against MultiOutputClassifier of
  TunedThresholdClassifierCV, which works for multilabel targets too. `fits` is the
  number of fits of a binary classifier;
- samplers: each of them, for a dense and a sparse target, which must give the same
  rows, against a copy of X. MLTL, whose time grows with the square of the rows, has
  fewer.

Labels are independent, with frequencies that fall from 30 % to 0.1 %. `memory` is the
largest that is allocated beyond the input, as a multiple of the scores, or of X.
"""

import tracemalloc
from functools import partial

import numpy as np
from harness.data import data_hash, random_labels
from harness.report import formatted, write_frame, write_ratios
from harness.run import main
from harness.timing import compare
from scipy import sparse
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import precision_recall_curve
from sklearn.model_selection import TunedThresholdClassifierCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier

from skmultitag import ThresholdedClassifierCV
from skmultitag.calibration import PlattCalibrator
from skmultitag.datasets import make_multitag_classification
from skmultitag.sampling import MLROS, MLRUS, MLSMOTE, MLTL, REMEDIAL
from skmultitag.thresholds import FBetaThreshold

SIZES = {
    # rows and labels
    "thresholds": (100_000, 200),
    "calibration": (100_000, 200),
    "tuning": (4000, 20),
    "samplers": (100_000, 200),
    "samplers, MLTL": (20_000, 200),
}
N_FEATURES = 384  # of the samplers


def make_cases(data_sets, n_seeds):
    return [
        {
            "part": part,
            "data": f"{rows:,} x {labels}",
            "rows": rows,
            "labels": labels,
            "seed": seed,
        }
        for part, (rows, labels) in SIZES.items()
        for seed in range(n_seeds)
    ]


def run_case(data, case):
    rows = MEASURES[case["part"]](case["rows"], case["labels"])
    return [{"memory": "", "fits": "", **row} for row in rows]


def allocated(function):
    """The most bytes that are allocated at a time."""
    tracemalloc.start()
    try:
        function()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


# Thresholds and calibration


def make_margins(n_rows, n_labels):
    y = random_labels(n_rows, n_labels)
    margins = np.random.default_rng(1).normal(size=y.shape)
    margins += 2 * y + np.log(y.mean(axis=0) + 1 / n_rows) - 1
    return margins, y


def loop_of_curves(scores, y):
    thresholds = []
    for of_label, y_label in zip(scores.T, y.T, strict=True):
        precision, recall, threshold = precision_recall_curve(y_label, of_label)
        total = precision + recall
        f1 = 2 * precision * recall / np.where(total > 0, total, 1)
        thresholds.append(threshold[np.argmax(f1[:-1])])
    return np.array(thresholds)


def measure_thresholds(n_rows, n_labels):
    margins, y = make_margins(n_rows, n_labels)
    proba = expit(margins)
    rules = {
        "FBetaThreshold": FBetaThreshold(),
        "FBetaThreshold, micro": FBetaThreshold(average="micro"),
        "FBetaThreshold, shrunken": FBetaThreshold(shrinkage=50),
    }
    # the curves' threshold is the lowest predicted score, ours lies halfway below it
    counts = [
        (proba >= thresholds).sum(axis=0)
        for thresholds in (
            rules["FBetaThreshold"].fit(proba, y).threshold_,
            loop_of_curves(proba, y),
        )
    ]
    np.testing.assert_array_equal(*counts)
    rival = {"precision_recall_curve": partial(loop_of_curves, proba, y)}
    return against_loop(rules, rival, proba, y)


def against_loop(estimators, rival, scores, y):
    """Rows of time and memory of the estimators, against one rival."""
    [name_of_rival] = rival
    fits = {name: partial(model.fit, scores, y) for name, model in estimators.items()}
    rows = compare({**fits, **rival}, [(name, name_of_rival) for name in fits])
    for row in rows:
        row["memory"] = allocated(fits[row["contestant"]]) / scores.nbytes
        row["data_hash"] = data_hash(scores, y)
    return rows


class Margin(ClassifierMixin, BaseEstimator):
    """A fitted classifier whose margin is its one feature."""

    def __init__(self):
        self.classes_ = np.array([0, 1])

    def fit(self, X, y):
        return self

    def decision_function(self, X):
        return X[:, 0]


def loop_of_sigmoids(scores, y):
    rows = np.arange(len(y))
    slopes = []
    for of_label, y_label in zip(scores.T, y.T, strict=True):
        calibrated = CalibratedClassifierCV(
            FrozenEstimator(Margin()),
            method="sigmoid",
            cv=[(rows, rows)],
            ensemble=True,
        )
        calibrated.fit(of_label[:, None], y_label)
        slopes.append(-calibrated.calibrated_classifiers_[0].calibrators[0].a_)
    return np.array(slopes)


def measure_calibration(n_rows, n_labels):
    margins, y = make_margins(n_rows, n_labels)
    slopes = PlattCalibrator().fit(margins, y).slope_
    # the loop stops earlier
    np.testing.assert_allclose(slopes, loop_of_sigmoids(margins, y), rtol=0.01)
    rival = {"sigmoid calibration": partial(loop_of_sigmoids, margins, y)}
    return against_loop({"PlattCalibrator": PlattCalibrator()}, rival, margins, y)


class CountedLogistic(LogisticRegression):
    """Logistic regression that counts its fits."""

    n_fits = 0

    def fit(self, X, y, sample_weight=None):
        CountedLogistic.n_fits += 1
        return super().fit(X, y, sample_weight)


def measure_tuning(n_rows, n_labels):
    X, y = make_multitag_classification(
        n_rows, 20, n_labels, cardinality=n_labels / 10, imbalance=10, random_state=0
    )
    logistic = CountedLogistic(C=0.1)
    models = {
        "ThresholdedClassifierCV": ThresholdedClassifierCV(
            OneVsRestClassifier(logistic), FBetaThreshold()
        ),
        "TunedThresholdClassifierCV": MultiOutputClassifier(
            TunedThresholdClassifierCV(logistic, scoring="f1")
        ),
    }
    n_fits = {}

    def fit_and_count(name):
        CountedLogistic.n_fits = 0
        models[name].fit(X, y)
        n_fits[name] = CountedLogistic.n_fits

    contestants = {name: partial(fit_and_count, name) for name in models}
    first, rival = models
    # the rival takes a minute
    rows = compare(contestants, [(first, rival), (rival, rival)], turns=1)
    for row in rows:
        row["fits"] = n_fits[row["contestant"]]
        row["data_hash"] = data_hash(X, y)
    return rows


# Samplers


def measure_samplers(n_rows, n_labels):
    samplers = [
        MLROS(random_state=0),
        MLRUS(random_state=0),
        MLSMOTE(random_state=0),
        REMEDIAL(),
    ]
    return resample(samplers, n_rows, n_labels)


def measure_mltl(n_rows, n_labels):
    return resample([MLTL()], n_rows, n_labels)


def resample(samplers, n_rows, n_labels):
    rng = np.random.default_rng(1)
    X = rng.standard_normal((n_rows, N_FEATURES), dtype=np.float32)
    y = random_labels(n_rows, n_labels)
    contestants = {"copy of X": X.copy}
    for sampler in samplers:
        of_dense, of_sparse = (
            partial(sampler.fit_resample, X, target)
            for target in (y, sparse.csr_array(y))
        )
        np.testing.assert_array_equal(of_dense()[0], of_sparse()[0])
        np.testing.assert_array_equal(of_dense()[1], of_sparse()[1].toarray())
        name = type(sampler).__name__
        contestants |= {name: of_dense, f"{name}, sparse y": of_sparse}
    pairs = [(name, "copy of X") for name in contestants]
    rows = compare(contestants, pairs[1:], turns=3)
    for row in rows:
        row["memory"] = allocated(contestants[row["contestant"]]) / X.nbytes
        row["data_hash"] = data_hash(X, y)
    return rows


MEASURES = {
    "thresholds": measure_thresholds,
    "calibration": measure_calibration,
    "tuning": measure_tuning,
    "samplers": measure_samplers,
    "samplers, MLTL": measure_mltl,
}


def report(table, folder):
    # in one table, columns by size
    table["part"] = table["part"].str.replace(", MLTL", "")
    write_ratios(folder, table)
    keys = ["part", "contestant", "data"]
    others = table.groupby(keys, sort=False)[["memory", "fits"]].median()
    write_frame(folder / "tools_memory.rst", formatted(others, 2))


if __name__ == "__main__":
    main(__doc__, make_cases, run_case, report, load=None, n_seeds=1, is_timed=True)

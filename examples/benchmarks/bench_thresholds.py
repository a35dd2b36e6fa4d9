"""Time and memory of thresholds and calibration of many labels at once.

Three comparisons, each with its rival in the same turn, on one thread:

- FBetaThreshold against a loop of scikit-learn's precision_recall_curve, which is how
  thresholds are tuned by hand;
- PlattCalibrator against a loop of scikit-learn's sigmoid calibration;
- ThresholdedClassifierCV against MultiOutputClassifier of TunedThresholdClassifierCV,
  which works for multilabel targets too, with the number of fits of the classifier.

The ratio to the rival is taken within each turn; its median, least and largest value
are printed. Memory is the largest that is allocated beyond the input, as a multiple of
the score matrix.

Run: python examples/benchmarks/bench_thresholds.py [--turns 5] [--samples 100000]
[--labels 200]
"""

import argparse
import time
import tracemalloc

import numpy as np
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import precision_recall_curve
from sklearn.model_selection import TunedThresholdClassifierCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier
from threadpoolctl import threadpool_limits

from skmultitag import ThresholdedClassifierCV
from skmultitag.calibration import PlattCalibrator
from skmultitag.datasets import make_multitag_classification
from skmultitag.thresholds import FBetaThreshold


def make_margins(n_samples, n_labels):
    """Margins and targets of labels whose frequencies fall from 30 % to 0.1 %."""
    rng = np.random.default_rng(0)
    frequency = np.geomspace(0.3, 0.001, n_labels)
    y = rng.random((n_samples, n_labels)) < frequency
    margins = rng.normal(size=y.shape)
    margins += 2 * y + np.log(frequency) - 1
    return margins, y.astype(np.uint8)


def loop_of_curves(scores, y):
    thresholds = []
    for label_scores, label_y in zip(scores.T, y.T, strict=True):
        precision, recall, threshold = precision_recall_curve(label_y, label_scores)
        total = precision + recall
        f1 = 2 * precision * recall / np.where(total > 0, total, 1)
        thresholds.append(threshold[np.argmax(f1[:-1])])
    return np.array(thresholds)


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
    for label_scores, label_y in zip(scores.T, y.T, strict=True):
        calibrated = CalibratedClassifierCV(
            FrozenEstimator(Margin()),
            method="sigmoid",
            cv=[(rows, rows)],
            ensemble=True,
        )
        calibrated.fit(label_scores[:, None], label_y)
        slopes.append(-calibrated.calibrated_classifiers_[0].calibrators[0].a_)
    return np.array(slopes)


class CountedLogistic(LogisticRegression):
    """Logistic regression that counts its fits."""

    n_fits = 0

    def fit(self, X, y, sample_weight=None):
        CountedLogistic.n_fits += 1
        return super().fit(X, y, sample_weight)


def seconds(function, *arguments):
    start = time.perf_counter()
    result = function(*arguments)
    return time.perf_counter() - start, result


def compare(name, ours, rival, arguments, turns):
    times = []
    for _ in range(turns):
        (our_time, our_result), (rival_time, rival_result) = (
            seconds(ours, *arguments),
            seconds(rival, *arguments),
        )
        times.append((our_time, rival_time, rival_time / our_time))
    our_time, rival_time, _ = np.median(times, axis=0)
    ratio = np.transpose(times)[2]
    print(
        f"{name}: {our_time:.2f} s, rival {rival_time:.2f} s, faster by"
        f" {np.median(ratio):.1f} ({ratio.min():.1f} to {ratio.max():.1f})"
    )
    return our_result, rival_result


def memory(function, scores, y):
    tracemalloc.start()
    function(scores, y)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / scores.nbytes


def bench_classifiers(turns):
    X, y = make_multitag_classification(
        4000, 20, 50, cardinality=5, imbalance=10, random_state=0
    )
    logistic = CountedLogistic(C=0.1)
    tuned = TunedThresholdClassifierCV(logistic, scoring="f1")
    fits = []

    def ours(X, y):
        CountedLogistic.n_fits = 0
        model = OneVsRestClassifier(logistic)
        ThresholdedClassifierCV(model, FBetaThreshold()).fit(X, y)
        fits.append(CountedLogistic.n_fits)

    def rival(X, y):
        CountedLogistic.n_fits = 0
        MultiOutputClassifier(tuned).fit(X, y)
        fits.append(CountedLogistic.n_fits)

    compare(
        f"ThresholdedClassifierCV of logistic regressions, {len(X):,} rows x"
        f" {y.shape[1]} labels, against a tuned classifier a label",
        ours,
        rival,
        (X, y),
        turns,
    )
    print(
        f"  fits of one label: {fits[0]} and {fits[1]}; of a classifier of all labels:"
        f" 6, against {6 * y.shape[1]} of one label each"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--samples", type=int, default=100_000)
    parser.add_argument("--labels", type=int, default=200)
    arguments = parser.parse_args()
    margins, y = make_margins(arguments.samples, arguments.labels)
    proba = expit(margins)
    size = f"{arguments.samples:,} rows x {arguments.labels} labels"
    with threadpool_limits(1):
        thresholds, rival_thresholds = compare(
            f"FBetaThreshold, {size}, against precision_recall_curve",
            lambda scores, y: FBetaThreshold().fit(scores, y).threshold_,
            loop_of_curves,
            (proba, y),
            arguments.turns,
        )
        slopes, rival_slopes = compare(
            f"PlattCalibrator, {size}, against sigmoid calibration",
            lambda scores, y: PlattCalibrator().fit(scores, y).slope_,
            loop_of_sigmoids,
            (margins, y),
            max(1, arguments.turns // 2),
        )
        bench_classifiers(arguments.turns)
    # the curves' threshold is the lowest predicted score, ours lies halfway below it
    same = [
        (proba[:, label] >= thresholds[label]).sum()
        == (proba[:, label] >= rival_thresholds[label]).sum()
        for label in range(arguments.labels)
    ]
    print(f"same decisions for {sum(same)} of {arguments.labels} labels")
    print(f"largest difference of slopes: {np.abs(slopes - rival_slopes).max():.1e}")
    for name, estimator, scores in (
        ("FBetaThreshold", FBetaThreshold(), proba),
        ("FBetaThreshold, micro", FBetaThreshold(average="micro"), proba),
        ("FBetaThreshold, shrunken", FBetaThreshold(shrinkage=50), proba),
        ("PlattCalibrator", PlattCalibrator(), margins),
    ):
        share = memory(estimator.fit, scores, y)
        print(f"memory of fit, {name}: {share:.2f} of the score matrix")


if __name__ == "__main__":
    main()

"""Losses, rival classifiers and decision rules on several data sets and seeds.

A run is a data set, a method and a seed, and gives one row a decision rule. All methods
have an equal tuning budget:

- The split into training and test rows is that of the data; test rows are used for the
  measures only. The seed governs folds, held-out rows and the method's own randomness.
- Features are standardized for all methods, or left as they are if all are 0 and 1.
- One of three settings (`paper_methods.py`) is chosen on a stratified fifth of the
  training rows.
- With the chosen setting the training rows are scored out of fold, in 3 stratified
  folds, and one fit on all of them scores the test rows. Every tuned rule is fitted on
  the same out-of-fold scores.

Decision rules: "natural" is the method's own `predict`; "0.5" a probability above 0.5;
"tuned" the package's default, F1 thresholds for each label, shrunken; "tuned per label"
without shrinkage; "tuned micro" one threshold for all; "knee" `PlattKnee`; "top n_hat"
gives each row its best labels, as many as its calibrated probabilities add up to.
"""

import time

import numpy as np
from harness.data import is_bag_of_words, prepare
from harness.methods import out_of_fold_scores
from harness.metrics import calibration_error
from harness.run import main
from paper_methods import ONLY_IF_ASKED, all_methods
from paper_report import report
from sklearn.metrics import (
    average_precision_score,
    f1_score,
    precision_recall_fscore_support,
)

from skmultitag import PlattKnee
from skmultitag.calibration import PlattCalibrator
from skmultitag.model_selection import (
    multilabel_train_test_split,
)
from skmultitag.thresholds import FBetaThreshold
from skmultitag.utils._scores import label_scores

MAX_MEMORY = 8e9  # bytes of one fit


class TopCount:
    """Each row gets its best labels, as many as their probabilities add up to.

    Probabilities are those of Platt scaling, the sum is rounded. It works for every
    classifier.
    """

    def fit(self, scores, y):
        self.calibrator_ = PlattCalibrator().fit(scores, y)
        return self

    def transform(self, scores):
        proba = self.calibrator_.transform(scores)
        count = np.rint(proba.sum(axis=1))
        rank = np.argsort(np.argsort(-proba, axis=1, kind="stable"), axis=1)
        return (rank < count[:, None]).astype(int)


def thresholders():
    """Rules that are fitted on out-of-fold scores, by name."""
    return {
        "tuned": FBetaThreshold(shrinkage=50),
        "tuned per label": FBetaThreshold(),
        "tuned micro": FBetaThreshold(average="micro"),
        "knee": PlattKnee(),
        "top n_hat": TopCount(),
    }


def make_cases(data_sets, n_seeds):
    """First seed first, cheap ones first."""
    cases = []
    for data, (X, y, *_) in data_sets.items():
        for name, method in all_methods(is_binary=False).items():
            if method.memory * y.size > MAX_MEMORY:
                print(f"{data}, {name}: left out, it would need too much memory")
                continue
            work = method.cost * len(X) * (X.shape[1] + y.shape[1])
            cases += [(seed, work, data, name) for seed in range(n_seeds)]
    return [
        {"data": data, "method": name, "seed": seed}
        for seed, _, data, name in sorted(cases)
    ]


def run_case(data, case):
    X, y, X_test, y_test = prepare(data)
    method = all_methods(is_bag_of_words(X))[case["method"]]
    seed = case["seed"]

    start = time.perf_counter()
    setting = choose_setting(method, X, y, seed)
    scores = out_of_fold_scores(lambda: method.make(setting, seed), X, y, seed)
    start_of_fit = time.perf_counter()
    model = method.make(setting, seed).fit(X, y)
    end = time.perf_counter()

    test_scores = label_scores(model, X_test, y.shape[1]).astype(np.float64)
    has_proba = hasattr(model, "predict_proba")
    decisions = {"natural": np.asarray(model.predict(X_test))}
    if has_proba:
        decisions["0.5"] = (test_scores > 0.5).astype(int)
    for name, thresholder in thresholders().items():
        decisions[name] = thresholder.fit(scores, y).transform(test_scores)
    shared = {
        **score_metrics(y_test, test_scores, has_proba),
        "fit_seconds": end - start_of_fit,
        "total_seconds": end - start,
        "setting": ", ".join(f"{k}={v}" for k, v in setting.items()) or "defaults",
    }
    return [
        {"rule": rule, **decision_metrics(y_test, y_pred), **shared}
        for rule, y_pred in decisions.items()
    ]


def choose_setting(method, X, y, seed):
    """The setting with the best macro + micro F1 on a fifth of the rows.

    Thresholds are fitted on the same fifth: the scores are compared by the best that a
    tuned rule could make of them. It favors each method alike, and no test row or
    final score is involved.
    """
    if len(method.settings) == 1:
        return method.settings[0]
    X_fit, X_held_out, y_fit, y_held_out = multilabel_train_test_split(
        X, y, test_size=0.2, random_state=seed
    )
    found = []
    for setting in method.settings:
        model = method.make(setting, seed).fit(X_fit, y_fit)
        scores = label_scores(model, X_held_out, y.shape[1])
        y_pred = FBetaThreshold(shrinkage=50).fit_transform(scores, y_held_out)
        found.append(
            sum(
                f1_score(y_held_out, y_pred, average=average, zero_division=0)
                for average in ("macro", "micro")
            )
        )
    return method.settings[int(np.argmax(found))]


def decision_metrics(y_true, y_pred):
    """Measures of decisions, as a dict.

    A label with no positive in the test rows has an F1 of 0, as in scikit-learn, and so
    has a row without labels for "samples".
    """
    metrics = {}
    for average in ("macro", "micro", "weighted", "samples"):
        values = precision_recall_fscore_support(
            y_true, y_pred, average=average, zero_division=0
        )
        names = ("precision", "recall", "f1")
        for name, value in zip(names, values, strict=False):
            metrics[f"{average}_{name}"] = value
    is_right = y_true == y_pred
    n_labels = y_pred.sum(axis=1)
    return {
        **metrics,
        "subset_accuracy": is_right.all(axis=1).mean(),
        "label_accuracy": is_right.mean(),
        "labels_predicted": n_labels.mean(),
        "labels_true": y_true.sum(axis=1).mean(),
        "empty_rows": (n_labels == 0).mean(),
        "empty_rows_true": (y_true.sum(axis=1) == 0).mean(),
    }


def score_metrics(y_true, scores, is_probability):
    """Measures of scores, which no decision changes, as a dict.

    The macro average precision is the mean over labels with a positive in the test
    rows. Scores that are no probabilities have no calibration error.
    """
    seen = y_true.any(axis=0)
    error = calibration_error(y_true, scores) if is_probability else np.nan
    return {
        "macro_average_precision": average_precision_score(
            y_true[:, seen], scores[:, seen], average="macro"
        ),
        "micro_average_precision": average_precision_score(
            y_true, scores, average="micro"
        ),
        "calibration_error": error,
    }


if __name__ == "__main__":
    main(
        __doc__,
        make_cases,
        run_case,
        report,
        only_if_asked={"method": ONLY_IF_ASKED},
    )

"""One job of `bench_paper.py`: a method on a data set with a seed."""

import time

import numpy as np
from paper_methods import all_methods
from paper_metrics import decision_metrics, score_metrics
from sklearn.metrics import f1_score
from sklearn.preprocessing import StandardScaler

from skmultitag import PlattKnee, ThresholdedClassifierCV
from skmultitag.calibration import PlattCalibrator
from skmultitag.model_selection import (
    MultilabelStratifiedKFold,
    multilabel_train_test_split,
)
from skmultitag.thresholds import FBetaThreshold
from skmultitag.utils._scores import label_scores
from skmultitag.utils._top_k import top_k_indicator

N_FOLDS = 3
MAX_ROWS = 4000  # of questions that need many fits


class TopCount:
    """Each row gets its best labels, as many as their probabilities add up to.

    Probabilities are those of Platt scaling, the sum is rounded.
    """

    def fit(self, scores, y):
        self.calibrator_ = PlattCalibrator().fit(scores, y)
        return self

    def transform(self, scores):
        proba = self.calibrator_.transform(scores)
        count = np.rint(proba.sum(axis=1)).astype(int)
        return top_k_indicator(proba, count).astype(int)


def thresholders():
    """Rules that are fitted on out-of-fold scores, by name."""
    return {
        "tuned": FBetaThreshold(shrinkage=50),
        "tuned per label": FBetaThreshold(),
        "tuned micro": FBetaThreshold(average="micro"),
        "knee": PlattKnee(),
        "top n_hat": TopCount(),
    }


def is_bag_of_words(X):
    """Whether all features are 0 or 1."""
    return bool(((X == 0) | (X == 1)).all())


def prepare(data, is_raw=False):
    """Training and test parts with features standardized, unless 0 and 1 or raw."""
    X, y, X_test, y_test = data
    if not is_raw and not is_bag_of_words(X):
        scaler = StandardScaler().fit(X)
        X, X_test = scaler.transform(X), scaler.transform(X_test)
    return X, y.astype(int), X_test, y_test.astype(int)


def at_most(X, y, seed, n_rows=MAX_ROWS):
    """The rows, or a stratified sample of so many if there are more."""
    if len(X) > n_rows:
        X, _, y, _ = multilabel_train_test_split(
            X, y, train_size=n_rows, random_state=seed
        )
    return X, y


def prepare_sample(data, seed, n_rows=MAX_ROWS):
    """`prepare` with at most so many training rows, which alone set the scale."""
    X, y, *test = data
    return prepare((*at_most(X, y, seed, n_rows), *test))


def fit_deciders(model, X, y, is_tuned, cv=None):
    """Fitted models by decision rule; the two rules share the fit on all rows."""
    if not is_tuned:
        return {"natural": model.fit(X, y)}
    tuned = ThresholdedClassifierCV(model, cv=cv).fit(X, y)
    return {"natural": tuned.estimator_, "tuned": tuned}


def choose_setting(method, X, y, seed):
    """The setting with the best macro + micro F1 on a fifth of the rows.

    Thresholds are fitted on the same fifth: the scores are compared by the best that a
    tuned rule could make of them. It favours each method alike, and no test row or
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


def out_of_fold_scores(model_maker, X, y, seed):
    """Scores of the training rows by models that have not seen them."""
    scores = np.empty(y.shape)
    folds = MultilabelStratifiedKFold(N_FOLDS, shuffle=True, random_state=seed)
    for rows, rest in folds.split(X, y):
        model = model_maker().fit(X[rows], y[rows])
        scores[rest] = label_scores(model, X[rest], y.shape[1])
    return scores


def run_job(data, job):
    """Rows of a job, one a decision rule, as dicts."""
    X, y, X_test, y_test = prepare(data, job["data"].endswith(" raw"))
    method = all_methods(is_bag_of_words(X))[job["method"]]
    seed = job["seed"]

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

"""Measures of one run of `bench_paper.py`."""

import numpy as np
from sklearn.metrics import average_precision_score, precision_recall_fscore_support


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


def calibration_error(y_true, proba, n_bins=10):
    """Expected calibration error of all entries, in bins of equal width.

    The mean over entries of the distance between the mean probability in their bin and
    the share of positives there.
    """
    y_true, proba = np.ravel(y_true), np.ravel(proba).astype(np.float64)
    bins = np.minimum((proba * n_bins).astype(int), n_bins - 1)
    surplus = np.bincount(bins, weights=proba - y_true, minlength=n_bins)
    return np.abs(surplus).sum() / len(proba)

"""Measures of predictions that several pages report."""

import numpy as np
from sklearn.metrics import f1_score


def scores_of(y_true, y_pred):
    """Macro and micro F1, and labels a row."""
    scores = {
        average: f1_score(y_true, y_pred, average=average, zero_division=0)
        for average in ("macro", "micro")
    }
    return {**scores, "labels": y_pred.sum(axis=1).mean()}


def f1_by_label(y_true, y_pred):
    return f1_score(y_true, y_pred, average=None, zero_division=0)


def calibration_error(y_true, proba, n_bins=10):
    """Expected calibration error of all entries, in bins of equal width.

    The mean over entries of the distance between the mean probability in their bin and
    the share of positives there.
    """
    y_true, proba = np.ravel(y_true), np.ravel(proba).astype(np.float64)
    bins = np.minimum((proba * n_bins).astype(int), n_bins - 1)
    surplus = np.bincount(bins, weights=proba - y_true, minlength=n_bins)
    return np.abs(surplus).sum() / len(proba)

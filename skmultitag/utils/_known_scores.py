"""Scores of its training rows that a fitted classifier knows by itself."""

import numpy as np
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier
from sklearn.utils import get_tags

from skmultitag.utils._scores import columns_of_margin, columns_of_proba

# what a classifier calls the scores of its training rows: in the form of
# `predict_proba`, as scikit-learn's bagging has in the first, or `decision_function`
_KNOWN_PROBA = ("oob_decision_function_", "loo_proba_", "oof_proba_")
_KNOWN_MARGIN = ("loo_decision_function_", "oof_decision_function_")

# transformers that look at no target; the tags of scikit-learn don't say so of others,
# such as SelectKBest
_WITHOUT_TARGET = (
    "sklearn.cluster.",
    "sklearn.decomposition.",
    "sklearn.feature_extraction.",
    "sklearn.feature_selection._variance_threshold",
    "sklearn.impute.",
    "sklearn.kernel_approximation",
    "sklearn.preprocessing.",
    "sklearn.random_projection",
)


def known_scores(estimator, n_labels):
    """Scores of the training rows that a fitted classifier knows by itself, or None.

    Parameters
    ----------
    estimator : classifier
        Fitted, also at the end of a pipeline whose other steps look at no target: what
        these know of a row, such as its part in a mean, is little.

    n_labels : int
        Number of labels; 1 for a target of one dimension.

    Returns
    -------
    scores : ndarray of shape (n_samples, n_labels) or None
        Of the form of `label_scores`, NaN in rows without.
    """
    if hasattr(estimator, "steps"):
        *first, (_, last) = estimator.steps
        is_row_by_row = all(_is_without_target(step) for _, step in first)
        return known_scores(last, n_labels) if is_row_by_row else None
    if isinstance(estimator, (OneVsRestClassifier, MultiOutputClassifier)):
        columns = [known_scores(each, 1) for each in estimator.estimators_]
        is_known = all(column is not None for column in columns)
        return np.hstack(columns) if is_known else None
    has_proba = hasattr(estimator, "predict_proba")
    for name in _KNOWN_PROBA if has_proba else _KNOWN_MARGIN:
        scores = getattr(estimator, name, None)
        if scores is None:
            continue
        scores = np.asarray(scores)
        if not has_proba:
            return columns_of_margin(scores)
        return _columns_of_known_proba(scores, estimator, n_labels)
    return None


def _is_without_target(step):
    """Whether a step is known to make of each row one row, whatever the targets are."""
    if step is None or step == "passthrough":
        return True
    if hasattr(step, "fit_resample"):
        return False
    if hasattr(step, "steps"):
        return all(_is_without_target(each) for _, each in step.steps)
    tags = get_tags(step)
    is_unsupervised = type(step).__module__.startswith(_WITHOUT_TARGET)
    return not tags.requires_fit or is_unsupervised and not tags.target_tags.required


def _columns_of_known_proba(proba, estimator, n_labels):
    scores = list(np.moveaxis(proba, 2, 0)) if proba.ndim == 3 else proba
    scores = columns_of_proba(scores, estimator, n_labels).astype(np.float64)
    if proba.ndim == 3 or n_labels == 1:
        # of a row that all trees had seen, forests have zeros for all classes
        is_zero = ~proba.reshape(len(proba), -1).any(axis=1)
        scores[is_zero] = np.nan
    return scores

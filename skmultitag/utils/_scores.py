"""One form for the scores of every classifier."""

import numpy as np


def label_scores(estimator, X, n_labels):
    """Scores of a fitted classifier, one column a label.

    `predict_proba` is preferred to `decision_function`. The list of arrays that
    forests and nearest neighbours return is put side by side; of a binary classifier
    of one dimension the positive class is taken.

    Parameters
    ----------
    estimator : object
        A fitted classifier.

    X : array-like of shape (n_samples, n_features)

    n_labels : int
        Number of labels; 1 for a target of one dimension.

    Returns
    -------
    scores : ndarray of shape (n_samples, n_labels)

    Raises
    ------
    TypeError
        If the classifier has neither method.
    """
    if hasattr(estimator, "predict_proba"):
        proba = estimator.predict_proba(X)
        if isinstance(proba, list):
            columns = zip(proba, estimator.classes_, strict=True)
            return np.column_stack([_positive(*column) for column in columns])
        return proba[:, -n_labels:]
    if hasattr(estimator, "decision_function"):
        margin = estimator.decision_function(X)
        return margin[:, None] if margin.ndim == 1 else margin
    raise TypeError(
        f"{type(estimator).__name__} has neither predict_proba nor decision_function,"
        " so that there are no scores to choose a threshold on."
    )


def _positive(proba, classes):
    """Probability of 1 among the classes that one label had in training."""
    found = np.flatnonzero(np.asarray(classes) == 1)
    return proba[:, found[0]] if len(found) else np.zeros(len(proba))

"""One fold of the cross-validation that thresholds are chosen on."""

from typing import NamedTuple

import numpy as np

from skmultitag.utils._messages import shorten
from skmultitag.utils._scores import label_scores
from skmultitag.utils._sklearn import safe_indexing
from skmultitag.utils._sklearn_callbacks import data_of, inner_fit

# the parameters of `fit` that have a value a row, here and in packages for boosting;
# by their names, as another may have as many values as there are rows
_PER_ROW = {"sample_weight", "base_margin", "init_score", "baseline"}


class Fold(NamedTuple):
    """Row numbers left out, their scores, and the classifier if it is kept."""

    rows: np.ndarray
    scores: np.ndarray
    estimator: object


def fit_fold(
    estimator,
    X,
    y,
    train,
    test,
    encoder,
    fit_params,
    *,
    keep_estimator,
    task=None,
    caller=None,
):
    """Fit `estimator` on the rows `train`, and score the rows `test`.

    Parameters
    ----------
    estimator : classifier
        It is fitted itself.

    X, y : array-like
        All rows.

    train, test : ndarray of int
        Row numbers.

    encoder : TargetEncoder
        Fitted on `y`.

    fit_params : dict
        Of the classifier's `fit`, for all rows.

    keep_estimator : bool

    task : CallbackContext or None, default=None
        That of the fold, for callbacks of scikit-learn.

    caller : ThresholdedClassifierCV or None, default=None
        Whose task it is.

    Returns
    -------
    fold : Fold
    """
    params = {
        name: safe_indexing(value, train) if _is_per_row(name) else value
        for name, value in fit_params.items()
    }
    X_train, y_train = safe_indexing(X, train), safe_indexing(y, train)
    data = data_of(X_train, y_train, params.get("sample_weight"))
    try:
        with inner_fit(task, caller, estimator, data):
            estimator.fit(X_train, y_train, **params)
    except ValueError as exc:
        missing = _labels_of_one_class(y_train, encoder)
        if not missing:
            raise
        raise ValueError(
            f"{type(estimator).__name__} could not be fitted on the training rows of a"
            f" fold, in which the labels {shorten(missing)} have one class only: {exc}"
            " Use other folds, leave these labels out, or take a classifier that"
            " accepts them."
        ) from exc
    scores = label_scores(estimator, safe_indexing(X, test), encoder.n_outputs_)
    return Fold(test, scores, estimator if keep_estimator else None)


def _is_per_row(name):
    return name.rpartition("__")[2] in _PER_ROW  # also of the step of a pipeline


def _labels_of_one_class(y, encoder):
    if encoder.kind_ != "multilabel":
        return []
    y = np.asarray(y)
    return encoder.label_names_[(y == y[:1]).all(axis=0)].tolist()

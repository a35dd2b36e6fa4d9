"""Scores of training rows by models that did not see them.

A classifier may know them in closed form, as kernel ridge does, or from the rows that
each of its trees did not get. Else it is fitted once a fold.
"""

from functools import partial
from numbers import Integral
from typing import NamedTuple

import numpy as np
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import check_cv
from sklearn.utils.parallel import Parallel, delayed

from skmultitag.model_selection import (
    MultilabelStratifiedGroupKFold,
    MultilabelStratifiedKFold,
    MultilabelStratifiedShuffleSplit,
)
from skmultitag.utils._inner_classifier import (
    fit_all_labels,
    last_step,
    named_clone,
    params_of_rows,
    rows_of_X,
    target_to_fit,
)
from skmultitag.utils._known_scores import known_scores
from skmultitag.utils._messages import shorten
from skmultitag.utils._scores import label_scores
from skmultitag.utils._sklearn import safe_indexing
from skmultitag.utils._sklearn_callbacks import (
    data_of,
    has_callbacks,
    inner_fit,
    make_task,
)

N_FOLDS = 5

_OWN_SPLITTERS = (
    MultilabelStratifiedKFold,
    MultilabelStratifiedGroupKFold,
    MultilabelStratifiedShuffleSplit,
)


class OutOfSample(NamedTuple):
    """A classifier, and scores of its training rows by models that did not see them.

    Attributes
    ----------
    estimator : classifier
        Fitted on all rows, or on those of the only fold.

    rows : ndarray of int of shape (n_scores,)
        Rows with scores.

    scores : ndarray of shape (n_scores, n_labels)

    folds : list of Fold
        Empty if no fold was fitted.

    task : CallbackContext or None, default=None
        That has begun for this, for callbacks of scikit-learn.
    """

    estimator: object
    rows: np.ndarray
    scores: np.ndarray
    folds: list
    task: object = None


class Fold(NamedTuple):
    """Row numbers left out, their scores, and the classifier if it is kept."""

    rows: np.ndarray
    scores: np.ndarray
    estimator: object


def fit_out_of_sample(
    estimator,
    X,
    y,
    encoder,
    fit_params,
    *,
    cv=None,
    split_params=None,
    refit=True,
    n_jobs=None,
    begin=None,
    caller=None,
    missing_labels="error",
):
    """Fit a classifier, and score its training rows by models that did not see them.

    Parameters
    ----------
    estimator : classifier
        A clone of it is fitted.

    X, y : array-like
        All rows; `y` as `encoder.as_target` makes it.

    encoder : TargetEncoder
        Fitted on `y`.

    fit_params : dict
        Of the classifier's `fit`, for all rows.

    cv : int, cross-validation generator, iterable or None, default=None
        Folds. None takes the scores that the classifier knows, and 5 folds if it knows
        none.

    split_params : dict or None, default=None
        Of the splitter, such as groups, which only folds keep together.

    refit : bool, default=True
        Whether to fit it on all rows, if it is not fitted on them already. Else the
        classifier of the only fold is kept.

    n_jobs : int or None, default=None
        Number of folds that are fitted at the same time.

    begin : callable or None, default=None
        Called before anything is fitted, with the largest number of fits; returns the
        task that they are part of.

    caller : estimator or None, default=None
        Whose task it is.

    missing_labels : {"error", "negative", "pass"}, default="error"
        See :class:`~skmultitag.ThresholdedClassifierCV`.

    Returns
    -------
    result : OutOfSample
    """
    if isinstance(last_step(estimator), FrozenEstimator):
        raise ValueError(
            f"{type(estimator).__name__} is frozen: it can't be fitted on other rows"
            " than it was, so that there are no scores of rows that it has not seen."
            " Pass a classifier that is not fitted."
        )
    data = X, target_to_fit(estimator, y, missing_labels), encoder, fit_params
    split = partial(_splits, cv, X, y, encoder, split_params or {}, refit)
    may_know = cv is None and not split_params
    # what is wrong with folds that are asked for is said before any fit
    splits = None if may_know else split()
    n_fits = N_FOLDS + 1 if may_know else len(splits) + refit
    task = None if begin is None else begin(n_fits)
    fitted = None
    if may_know:
        fitted = _fit_on_all(estimator, *data, task, caller)
        rows, scores = _known_rows(fitted, len(y), encoder.n_outputs_)
        if len(rows):
            return OutOfSample(fitted, rows, scores, [], task)
        splits = split()
    # made before the loop, as one must not change while another is pickled
    tasks = [make_task(task, "fold") for _ in splits]
    # who has no callbacks need not travel to other processes
    of_folds = caller if has_callbacks(caller) else None
    folds = Parallel(n_jobs=n_jobs)(
        delayed(_fit_fold)(
            named_clone(estimator, encoder),
            *data,
            *each_split,
            keep_estimator=not refit,
            task=each_task,
            caller=of_folds,
        )
        for each_split, each_task in zip(splits, tasks, strict=True)
    )
    if not refit:
        fitted = folds[0].estimator
    elif fitted is None:
        fitted = _fit_on_all(estimator, *data, task, caller)
    rows = np.concatenate([fold.rows for fold in folds])
    scores = np.concatenate([fold.scores for fold in folds])
    return OutOfSample(fitted, rows, scores, folds, task)


def _splits(cv, X, y, encoder, split_params, refit):
    """The rows of each fold, as a list of pairs."""
    is_number = cv is None or isinstance(cv, Integral)
    if encoder.kind_ == "multilabel" and is_number:
        splitter = MultilabelStratifiedKFold(N_FOLDS if cv is None else cv)
    else:
        splitter = check_cv(cv, y, classifier=True)
    splits = list(splitter.split(X, target_to_split(splitter, y), **split_params))
    if not refit and len(splits) != 1:
        raise ValueError(
            f"refit=False needs a cv with a single split, got {len(splits)}: else"
            " no one classifier was fitted. Pass ShuffleSplit(1), or refit=True."
        )
    return splits


def _fit_on_all(estimator, X, y, encoder, fit_params, task, caller):
    """A clone that is fitted on all rows."""
    estimator = named_clone(estimator, encoder)
    data = data_of(X, y, fit_params.get("sample_weight"))
    try:
        with inner_fit(make_task(task, "refit"), caller, estimator, data):
            fit_all_labels(estimator, X, y, **fit_params)
    except ValueError as exc:
        # what forests of scikit-learn say that make out-of-bag scores
        if "inhomogeneous" in str(exc):
            _explain_one_class(estimator, y, encoder, "all rows", exc)
        raise
    return estimator


def _known_rows(estimator, n_rows, n_labels):
    """The training rows of which a fitted classifier knows scores, and these."""
    scores = known_scores(estimator, n_labels)
    if scores is None:
        return [], None
    if scores.shape != (n_rows, n_labels):
        raise ValueError(
            f"{type(estimator).__name__} has out-of-sample scores of shape"
            f" {scores.shape}, but there are {n_rows} rows, and {n_labels} columns are"
            " needed. Pass a number as cv."
        )
    rows = np.flatnonzero(~np.isnan(scores).any(axis=1))
    return rows, scores[rows]


def mean_by_row(rows, scores, n_rows):
    """Scores of all rows in their order, as an array of float64.

    The mean where a row occurs more than once, NaN where it does not.
    """
    total = np.zeros((n_rows, scores.shape[1]))
    np.add.at(total, rows, scores)
    n_times = np.bincount(rows, minlength=n_rows)
    return total / np.where(n_times > 0, n_times, np.nan)[:, None]


def target_to_split(splitter, y):
    """The target in a form that splitters of this package take for an indicator."""
    is_own = isinstance(splitter, _OWN_SPLITTERS)
    # one column could be two classes; with another for its absence it is an indicator
    is_ambiguous = y.ndim == 2 and y.shape[1] == 1
    return np.hstack([1 - y, y]) if is_own and is_ambiguous else y


def _fit_fold(
    estimator,
    X,
    y,
    encoder,
    fit_params,
    train,
    test,
    *,
    keep_estimator,
    task,
    caller,
):
    """Fit `estimator` itself on the rows `train`, and score the rows `test`.

    The task is that of the fold. The others are those of `fit_out_of_sample`.

    Returns
    -------
    fold : Fold
    """
    params = params_of_rows(fit_params, train)
    X_train = rows_of_X(estimator, X, train, train, len(y))
    y_train = safe_indexing(y, train)
    data = data_of(X_train, y_train, params.get("sample_weight"))
    try:
        with inner_fit(task, caller, estimator, data):
            fit_all_labels(estimator, X_train, y_train, **params)
    except ValueError as exc:
        where = "the training rows of a fold"
        _explain_one_class(estimator, y_train, encoder, where, exc)
        raise
    X_test = rows_of_X(estimator, X, test, train, len(y))
    scores = label_scores(estimator, X_test, encoder.n_outputs_)
    return Fold(test, scores, estimator if keep_estimator else None)


def _explain_one_class(estimator, y, encoder, where, exc):
    """Raise an error that names labels of one class, if there are some."""
    if encoder.kind_ != "multilabel":
        return
    y = np.asarray(y)
    labels = encoder.label_names_[(y == y[:1]).all(axis=0)].tolist()
    if not labels:
        return
    raise ValueError(
        f"{type(estimator).__name__} could not be fitted on {where}, in which the"
        f" labels {shorten(labels)} have one class only: {exc} Use other folds, leave"
        " these labels out, or take a classifier that accepts them, such as one for"
        " each label."
    ) from exc

"""Scores of training rows by models that did not see them.

A classifier may know them in closed form, as kernel ridge does, or from the rows that
each of its trees did not get. Else it is fitted once a fold.
"""

from numbers import Integral
from typing import NamedTuple

import numpy as np
from scipy import sparse
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import check_cv
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier
from sklearn.utils import get_tags
from sklearn.utils.parallel import Parallel, delayed

from skmultitag.model_selection import (
    MultilabelStratifiedGroupKFold,
    MultilabelStratifiedKFold,
    MultilabelStratifiedShuffleSplit,
)
from skmultitag.utils._labelled_classifier import (
    forget_names,
    in_searches,
    last_step,
    named_clone,
)
from skmultitag.utils._messages import shorten
from skmultitag.utils._scores import columns_of_margin, columns_of_proba, label_scores
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

# the parameters of `fit` that have a value a row, here and in packages for boosting;
# by their names, as another may have as many values as there are rows
_PER_ROW = {"sample_weight", "base_margin", "init_score", "baseline"}

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

    y_to_fit = target_to_fit(estimator, y, missing_labels)

    def split():
        splitter = _splitter(cv, y, encoder)
        target = target_to_split(splitter, y)
        splits = list(splitter.split(X, target, **(split_params or {})))
        if not refit and len(splits) != 1:
            raise ValueError(
                f"refit=False needs a cv with a single split, got {len(splits)}: else"
                " no one classifier was fitted. Pass ShuffleSplit(1), or refit=True."
            )
        return splits

    def fit_on_all():
        fitted = named_clone(estimator, encoder)
        data = data_of(X, y_to_fit, fit_params.get("sample_weight"))
        try:
            with inner_fit(make_task(task, "refit"), caller, fitted, data):
                fit_all_labels(fitted, X, y_to_fit, **fit_params)
        except ValueError as exc:
            # what forests of scikit-learn say that make out-of-bag scores
            if "inhomogeneous" in str(exc):
                _explain_one_class(fitted, y, encoder, "all rows", exc)
            raise
        return fitted

    if isinstance(last_step(estimator), FrozenEstimator):
        raise ValueError(
            f"{type(estimator).__name__} is frozen: it can't be fitted on other rows"
            " than it was, so that there are no scores of rows that it has not seen."
            " Pass a classifier that is not fitted."
        )
    may_know = cv is None and not split_params
    # what is wrong with folds that are asked for is said before any fit
    splits = None if may_know else split()
    n_fits = N_FOLDS + 1 if may_know else len(splits) + refit
    task = None if begin is None else begin(n_fits)
    fitted = None
    if may_know:
        fitted = fit_on_all()
        scores = known_scores(fitted, encoder.n_outputs_)
        if scores is not None and scores.shape != (len(y), encoder.n_outputs_):
            raise ValueError(
                f"{type(fitted).__name__} has out-of-sample scores of shape"
                f" {scores.shape}, but there are {len(y)} rows, and"
                f" {encoder.n_outputs_} columns are needed. Pass a number as cv."
            )
        rows = [] if scores is None else np.flatnonzero(~np.isnan(scores).any(axis=1))
        if len(rows):
            return OutOfSample(fitted, rows, scores[rows], [], task)
        splits = split()
    # made before the loop, as one must not change while another is pickled
    tasks = [make_task(task, "fold") for _ in splits]
    # who has no callbacks need not travel to other processes
    of_folds = caller if has_callbacks(caller) else None
    folds = Parallel(n_jobs=n_jobs)(
        delayed(_fit_fold)(
            named_clone(estimator, encoder),
            X,
            y_to_fit,
            *each_split,
            encoder,
            fit_params,
            keep_estimator=not refit,
            task=each_task,
            caller=of_folds,
        )
        for each_split, each_task in zip(splits, tasks, strict=True)
    )
    if fitted is None:
        fitted = fit_on_all() if refit else folds[0].estimator
    rows = np.concatenate([fold.rows for fold in folds])
    scores = np.concatenate([fold.scores for fold in folds])
    return OutOfSample(fitted, rows, scores, folds, task)


def fit_all_labels(estimator, X, y, **params):
    """Fit a classifier; of one that takes no indicator, the error says what to do."""
    try:
        return estimator.fit(X, y, **params)
    except ValueError as exc:
        # the words of scikit-learn's check of a y
        if np.ndim(y) != 2 or "should be a 1d array" not in str(exc):
            raise
        name = type(last_step(estimator)).__name__
        raise TypeError(
            f"{name} learns one label at a time, but y has {np.shape(y)[1]} labels. Put"
            " sklearn.multiclass.OneVsRestClassifier around it:"
            f" OneVsRestClassifier({name}(...))."
        ) from exc
    finally:
        forget_names(estimator)


def accepts_missing_labels(estimator):
    """Whether a classifier leaves out entries of its target that are not annotated.

    Also at the end of a pipeline, or in a search.
    """
    return getattr(in_searches(estimator), "_accepts_missing_labels", False)


def target_to_fit(estimator, y, missing_labels="error", member=None):
    """What the classifier gets of a target of which entries may be missing.

    An error calls it by its class, and by its name as a `member` of several.
    """
    is_complete = y.ndim == 1 or y.dtype.kind != "f"
    if is_complete or missing_labels == "pass":
        return y
    if missing_labels == "negative":
        return np.where(np.isnan(y), 0, y).astype(np.int64)
    if accepts_missing_labels(estimator):
        return y
    n_missing = np.isnan(y).sum()
    name = type(last_step(estimator)).__name__
    who = name if member is None else f"{name}, the member {member!r},"
    raise ValueError(
        f"y has {n_missing} entries that are not annotated (NaN), which {who} can't"
        " leave out. Take MultiTagClassifier, or put a BinaryRelevanceClassifier of"
        " skmultitag.multioutput around it, which learns each label from its annotated"
        " rows. Or, with ThresholdedClassifierCV, set missing_labels='negative' to fit"
        " it as if their labels were absent."
    )


def mean_by_row(rows, scores, n_rows):
    """Scores of all rows in their order, as an array of float64.

    The mean where a row occurs more than once, NaN where it does not.
    """
    total = np.zeros((n_rows, scores.shape[1]))
    np.add.at(total, rows, scores)
    n_times = np.bincount(rows, minlength=n_rows)
    return total / np.where(n_times > 0, n_times, np.nan)[:, None]


def _splitter(cv, y, encoder):
    is_number = cv is None or isinstance(cv, Integral)
    if encoder.kind_ == "multilabel" and is_number:
        return MultilabelStratifiedKFold(N_FOLDS if cv is None else cv)
    return check_cv(cv, y, classifier=True)


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


def rows_of_X(estimator, X, rows, train, n_rows_of_fit):
    """Rows of `X` for an estimator that is fitted on some rows of a `fit`, `train`.

    A kernel has a column for each row of the `fit`, of which the others are left out.
    """
    if not get_tags(estimator).input_tags.pairwise:
        return safe_indexing(X, rows)
    X = X if sparse.issparse(X) else np.asarray(X)
    if X.shape[1:] != (n_rows_of_fit,):
        raise ValueError(
            f"X must be a kernel with {n_rows_of_fit} columns, one for each row of the"
            f" X of fit. Got shape {X.shape}."
        )
    return X[np.ix_(rows, train)]


def params_of_rows(params, rows):
    """Parameters of `fit` for some rows: those with a value a row are cut."""
    return {
        name: safe_indexing(value, rows) if _is_per_row(name) else value
        for name, value in params.items()
    }


def _is_per_row(name):
    return name.rpartition("__")[2] in _PER_ROW  # also of the step of a pipeline


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

from numbers import Integral, Real

import numpy as np
from scipy.special import ndtr, ndtri

from skmultitag.metrics._bootstrap import OVERALL, WeightedMetrics
from skmultitag.metrics._decisions import decisions_of, given_decisions
from skmultitag.utils._messages import shorten
from skmultitag.utils._random_state import make_random_state
from skmultitag.utils._sklearn import Interval, StrOptions, validate_params
from skmultitag.utils._target_forms import as_objects

_N_BINS = 10
_ROUNDING = 1e-12  # by which equal values, summed in other orders, may differ
_WITH_INTERVAL = ("precision", "recall", "f1", "average_precision", "share_predicted")
_OPTIONS = {
    "label_names": ["array-like", None],
    "sort_by": [str, None],
    "ascending": ["boolean"],
    "confidence_level": [Interval(Real, 0, 1, closed="neither")],
    "n_resamples": [Interval(Integral, 0, None, closed="left")],
    "random_state": ["random_state"],
    "output": [StrOptions({"dataframe", "records"})],
}


@validate_params(
    {"X": "no_validation", "y": "no_validation"} | _OPTIONS,
    prefer_skip_nested_validation=True,
)
def label_report(
    estimator,
    X,
    y,
    *,
    label_names=None,
    sort_by="f1",
    ascending=True,
    confidence_level=0.95,
    n_resamples=1000,
    random_state=None,
    output="dataframe",
):
    """Report how well a fitted classifier predicts each label, and how sure that is.

    It shows which labels you can trust. :func:`sklearn.metrics.classification_report`
    has precision, recall and F1 of each label. This report also has the quality of the
    ranking, the threshold, the calibration, and intervals from the bootstrap over rows.

    Read more in the :ref:`User Guide <label_report>`.

    Parameters
    ----------
    estimator : classifier
        Any fitted multilabel classifier, also in a pipeline or a search.

    X : array-like of shape (n_samples, n_features)
        Rows that the classifier was not trained on.

    y : {array-like, sparse matrix} of shape (n_samples, n_labels) or list of \
            n_samples lists of tags
        Labels of the rows, matched by name if the classifier knows names. Entries of an
        indicator that are NaN are not annotated, and are left out of the whole report.

    label_names : array-like of shape (n_labels,), default=None
        Names of the labels. None takes the names that the classifier knows, else the
        names of the columns of `y`, else 0 to n_labels - 1.

    sort_by : str or None, default="f1"
        Column by which the labels are sorted; NaN comes last. None keeps the order of
        the labels.

    ascending : bool, default=True
        Whether small values come first: with "f1", the worst labels.

    confidence_level : float, default=0.95
        Confidence level of the intervals, in (0, 1).

    n_resamples : int, default=1000
        Number of bootstrap samples, in [0, inf). With 0 there are no intervals.

    random_state : int, RandomState instance or None, default=None
        Seed of the bootstrap samples. Pass an int to get the same intervals in each
        call.

    output : {"dataframe", "records"}, default="dataframe"
        Whether to return a pandas DataFrame, or a list of dicts.

    Returns
    -------
    report : DataFrame or list of dict
        A row for each label, then the averages "micro avg", "macro avg" and
        "samples avg". The index, or the entry "label" of a dict, has the names. The
        columns are:

        - "support": number of positives; for the averages that of all labels;
        - "n_annotated": number of annotated rows, if some entries are not annotated;
          for the averages the number of annotated entries;
        - "precision", "recall", "f1": 0 if it is 0 / 0;
        - "average_precision": quality of the ranking without any threshold. NaN for a
          label without positives, which the averages leave out;
        - "share_predicted": share of the annotated rows for which the label is
          predicted;
        - "threshold": lowest score at which the label is predicted. It is the threshold
          of the classifier if the predictions agree with it, else the lowest score of a
          predicted row. NaN if scores alone do not decide, or if no row is predicted;
        - "std_threshold": standard deviation of the threshold over folds, if a
          :class:`~skmultitag.ThresholdedClassifierCV` has stored it;
        - "calibration_error": mean distance between probabilities and frequencies, in
          ten groups of rows of nearly equal size. Only if scores are in [0, 1].

        "precision", "recall", "f1", "average_precision" and "share_predicted" have
        limits of an interval, such as "f1_low" and "f1_high". If the classifier has no
        scores, the columns that need them are left out.

    See Also
    --------
    label_report_from_predictions : Reports on given predictions.
    label_confusion_matrix : Counts which labels are predicted in place of others.
    skmultitag.plotting.LabelReportDisplay : Draws a report.

    Notes
    -----
    Rows are drawn with replacement, all their labels together. The limits are the
    quantiles :math:`\\Phi(2 z \\pm z_\\alpha)` of a metric over the samples. Here
    :math:`\\Phi(z)` is the share of the samples with a smaller value than the data
    (the bias-corrected percentile interval [1]_, section 14.3 with a = 0). Intervals
    are too short for labels with fewer than about ten positives. For example, if five
    positives are all found, each sample has a recall of 1.

    The calibration error has no interval, because noise makes it larger: it is larger
    in most samples than in the data.

    References
    ----------
    .. [1] B. Efron, R. J. Tibshirani, "An Introduction to the Bootstrap", 1993.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.multiclass import OneVsRestClassifier
    >>> from skmultitag.datasets import make_multitag_classification
    >>> from skmultitag.metrics import label_report
    >>> X, y = make_multitag_classification(n_samples=400, random_state=0)
    >>> model = OneVsRestClassifier(LogisticRegression()).fit(X[:200], y[:200])
    >>> report = label_report(model, X[200:], y[200:], random_state=0)
    >>> report.shape
    (13, 18)
    >>> worst = report.iloc[0]
    >>> bool(worst["f1_low"] <= worst["f1"] <= worst["f1_high"])
    True
    """
    decisions = decisions_of(estimator, X, y, label_names)
    table = report_table(decisions, confidence_level, n_resamples, random_state)
    return _in_form(sorted_table(table, sort_by, ascending), output, "label_report")


@validate_params(_OPTIONS, prefer_skip_nested_validation=True)
def label_report_from_predictions(
    y_true,
    y_pred,
    y_score=None,
    *,
    label_names=None,
    sort_by="f1",
    ascending=True,
    confidence_level=0.95,
    n_resamples=1000,
    random_state=None,
    output="dataframe",
):
    """Report how good given predictions of each label are, and how sure that is.

    It is :func:`label_report` without a classifier.

    Read more in the :ref:`User Guide <label_report>`.

    Parameters
    ----------
    y_true : {array-like, sparse matrix} of shape (n_samples, n_labels) or list of \
            n_samples lists of tags
        The labels. Tags need `label_names`, or a DataFrame as `y_pred`. Entries of an
        indicator that are NaN are not annotated.

    y_pred : {array-like, sparse matrix} of shape (n_samples, n_labels) or list of \
            n_samples lists of tags
        The predicted labels.

    y_score : array-like of shape (n_samples, n_labels), default=None
        Probabilities, or other scores that are larger for likelier labels.

    label_names : array-like of shape (n_labels,), default=None
        Names of the labels. None takes the names of the columns of `y_pred`, else of
        `y_true`, else 0 to n_labels - 1.

    sort_by : str or None, default="f1"
        Column by which the labels are sorted, see :func:`label_report`.

    ascending : bool, default=True
        Whether small values come first.

    confidence_level : float, default=0.95
        Confidence level of the intervals, in (0, 1).

    n_resamples : int, default=1000
        Number of bootstrap samples, in [0, inf). With 0 there are no intervals.

    random_state : int, RandomState instance or None, default=None
        Seed of the bootstrap samples.

    output : {"dataframe", "records"}, default="dataframe"
        Whether to return a pandas DataFrame, or a list of dicts.

    Returns
    -------
    report : DataFrame or list of dict
        The report, as :func:`label_report` returns it.

    See Also
    --------
    label_report : Reports on a fitted classifier.

    Examples
    --------
    >>> from skmultitag.metrics import label_report_from_predictions
    >>> y_true = [["a"], ["a", "b"], ["b"]]
    >>> y_pred = [["a"], ["a"], ["a", "b"]]
    >>> report = label_report_from_predictions(
    ...     y_true, y_pred, label_names=["a", "b"], n_resamples=0
    ... )
    >>> report.loc["b", ["precision", "recall"]].tolist()
    [1.0, 0.5]
    >>> report.index.tolist()
    ['b', 'a', 'micro avg', 'macro avg', 'samples avg']
    """
    decisions = given_decisions(y_true, y_pred, label_names, y_score)
    table = report_table(decisions, confidence_level, n_resamples, random_state)
    table = sorted_table(table, sort_by, ascending)
    return _in_form(table, output, "label_report_from_predictions")


def report_table(decisions, confidence_level, n_resamples, random_state):
    """The columns of a report, labels in their order.

    Parameters
    ----------
    decisions : Decisions

    confidence_level : float

    n_resamples : int

    random_state : int, RandomState instance or None

    Returns
    -------
    table : dict of arrays of shape (n_labels + 3,)
        "label" is the first.
    """
    y_true, y_pred, names, is_annotated, scores, *_ = decisions
    if not len(y_true):
        raise ValueError("A report needs at least one row. Got none.")
    metrics = WeightedMetrics(y_true, y_pred, scores, is_annotated)
    values = metrics(np.ones((len(y_true), 1)))
    if n_resamples:
        draws = metrics.bootstrap(n_resamples, make_random_state(random_state))
    table = {
        "label": as_objects([*names, *OVERALL]),
        "support": _with_totals(y_true),
    }
    if is_annotated is not None:
        table["n_annotated"] = _with_totals(is_annotated)
    for name in _WITH_INTERVAL:
        if name in values:
            table[name] = values[name][:, 0]
            if n_resamples:
                table[f"{name}_low"], table[f"{name}_high"] = _intervals(
                    table[name], draws[name], confidence_level
                )
    if scores is not None:
        table.update(_score_columns(decisions))
    return table


def _with_totals(is_counted):
    """How many entries of each label, and of all for the averages."""
    counts = is_counted.sum(axis=0)
    return np.append(counts, [counts.sum()] * len(OVERALL))


def sorted_table(table, sort_by, ascending):
    """A table with its labels in order, NaN last; the averages stay at the end."""
    if sort_by is None:
        return table
    columns = [name for name in table if name != "label"]
    if sort_by not in columns:
        raise ValueError(
            f"sort_by must be None or one of the columns, {shorten(columns)}. Got"
            f" {sort_by!r}."
        )
    n_labels = len(table["label"]) - len(OVERALL)
    key = table[sort_by][:n_labels]
    order = np.argsort(key if ascending else -key, kind="stable")
    order = np.append(order, n_labels + np.arange(len(OVERALL)))
    return {name: column[order] for name, column in table.items()}


def _intervals(values, draws, confidence_level):
    """Limits of bias-corrected percentile intervals.

    Parameters
    ----------
    values : ndarray of shape (n_values,)
        Values of the data.

    draws : ndarray of shape (n_values, n_draws)
        Values of bootstrap samples.

    confidence_level : float

    Returns
    -------
    low, high : ndarray of shape (n_values,)
        Limits below and above the values; NaN if a value is NaN.
    """
    is_defined = ~np.isnan(draws)
    n_defined = np.maximum(is_defined.sum(axis=1), 1)
    # share of the draws below the value of the data: 1/2 if there is no bias
    excess = draws - values[:, None]
    is_equal = np.abs(excess) <= _ROUNDING
    share = ((excess < -_ROUNDING) + 0.5 * is_equal).sum(axis=1) / n_defined
    bias = ndtri(np.clip(share, 1 / (n_defined + 1), n_defined / (n_defined + 1)))
    tail = ndtri((1 + confidence_level) / 2)
    draws = np.sort(draws, axis=1)  # NaN last
    low, high = (
        _sorted_quantile(draws, ndtr(2 * bias + side * tail), n_defined)
        for side in (-1, 1)
    )
    return np.minimum(low, values), np.maximum(high, values)


def _sorted_quantile(draws, q, n_defined):
    """A quantile of each sorted row, of its first `n_defined` values."""
    place = q * (n_defined - 1)
    before = np.floor(place).astype(np.intp)
    after = np.minimum(before + 1, n_defined - 1)
    rows = np.arange(len(draws))
    share = place - before
    return (1 - share) * draws[rows, before] + share * draws[rows, after]


def _score_columns(decisions):
    """The columns of a report that come from scores, except for their ranking."""
    no_average = np.full(len(OVERALL), np.nan)
    columns = {"threshold": np.append(_thresholds(decisions), no_average)}
    if decisions.std_threshold is not None:
        columns["std_threshold"] = np.append(decisions.std_threshold, no_average)
    errors = _calibration_errors(decisions)
    if errors is not None:
        columns["calibration_error"] = errors
    return columns


def _thresholds(decisions):
    """Thresholds of the labels that are decided by one, else NaN."""
    scores, y_pred, stated = decisions.scores, decisions.y_pred, decisions.thresholds
    least = np.where(y_pred, scores, np.inf).min(axis=0)
    below = np.where(y_pred, -np.inf, scores).max(axis=0)
    found = np.where((below < least) & np.isfinite(least), least, np.nan)
    if stated is None:
        return found
    return np.where((below <= stated) & (stated <= least), stated, found)


def _calibration_errors(decisions):
    """Calibration errors of the labels and averages, or None without probabilities."""
    y_true, proba, kept = decisions.y_true, decisions.scores, decisions.is_annotated
    entries = (y_true, proba) if kept is None else (y_true[kept], proba[kept])
    if entries[1].min() < 0 or entries[1].max() > 1:
        return None
    if kept is None:
        errors = _errors_of_columns(y_true, proba)
    else:
        errors = np.full(kept.shape[1], np.nan)
        for label in np.flatnonzero(kept.any(axis=0)):
            rows = kept[:, label]
            errors[label] = _error_of_all(y_true[rows, label], proba[rows, label])
    averages = [_error_of_all(*entries), np.nanmean(errors), np.nan]
    return np.append(errors, averages)


def _error_of_all(y_true, proba):
    [error] = _errors_of_columns(y_true.reshape(-1, 1), proba.reshape(-1, 1))
    return error


def _errors_of_columns(y_true, proba):
    """Expected calibration error of each column, in bins of about as many rows each.

    Bins of equal width would have nearly all rows of a rare label in the first one.
    """
    n_samples, n_labels = proba.shape
    edges = np.quantile(proba, np.linspace(0, 1, _N_BINS + 1)[1:-1], axis=0)
    bins = np.arange(n_labels) * _N_BINS + sum(proba > edge for edge in edges)
    gaps = np.bincount(
        bins.ravel(), weights=(proba - y_true).ravel(), minlength=n_labels * _N_BINS
    )
    return np.abs(gaps).reshape(n_labels, _N_BINS).sum(axis=1) / n_samples


def _in_form(table, output, caller):
    names = list(table)
    if output == "records":
        rows = zip(*(column.tolist() for column in table.values()), strict=True)
        return [dict(zip(names, row, strict=True)) for row in rows]
    try:
        import pandas as pd
    except ImportError as exc:
        raise ImportError(
            f"{caller} needs pandas (pip install pandas), or output='records'."
        ) from exc
    return pd.DataFrame(table).set_index("label")

"""Precision, recall and F1 of labels and all that lie above them."""

from numbers import Real

from sklearn import metrics

from skmultitag._confusion import AVERAGES
from skmultitag.utils._annotation import with_nan
from skmultitag.utils._hierarchy import read_hierarchy, with_ancestors
from skmultitag.utils._metrics_of_annotated import (
    metric_of_annotated,
    metric_of_one_label,
)
from skmultitag.utils._nested_target_encoder import (
    NestedTargetEncoder,
    with_columns_for_ancestors,
)
from skmultitag.utils._rows import check_same_rows
from skmultitag.utils._sklearn import Options, StrOptions, validate_params
from skmultitag.utils._target_forms import check_tags, names_as_list, read_form

_CONSTRAINTS = {
    "hierarchy": [str, dict, "array-like"],
    "label_names": ["array-like", None],
    "average": [StrOptions(set(AVERAGES)), None],
    "sample_weight": ["array-like", None],
    "zero_division": [Options(Real, {0.0, 1.0}), "nan", StrOptions({"warn"})],
}
_check_params = validate_params(_CONSTRAINTS, prefer_skip_nested_validation=True)


@_check_params
def hierarchical_f1_score(
    y_true,
    y_pred,
    *,
    hierarchy,
    label_names=None,
    average="micro",
    sample_weight=None,
    zero_division="warn",
):
    """F1 of labels together with their ancestors in a hierarchy.

    Use it if a wrong label that has ancestors in common with the right one should count
    as partly right. It is :func:`sklearn.metrics.f1_score` after the ancestors of all
    labels are added to targets and predictions.

    Read more in the :ref:`User Guide <hierarchical_scores>`.

    Parameters
    ----------
    y_true : {array-like, sparse matrix} of shape (n_samples, n_labels) or list of \
            n_samples lists of tags
        Targets. Ancestors may be missing, and their columns too. Entries that are NaN
        are not annotated, and are left out.

    y_pred : {array-like, sparse matrix} of shape (n_samples, n_labels) or list of \
            n_samples lists of tags
        Predictions, in which ancestors and their columns may be missing too.

    hierarchy : str, dict or array-like of shape (n_edges, 2)
        A separator, a dict with the parent or parents of each label, or pairs
        (parent, child), see :class:`~skmultitag.hierarchy.HierarchicalClassifier`.

    label_names : array-like of shape (n_labels,), default=None
        Names of the columns of indicators. None takes the names of the columns of a
        DataFrame, else 0 to n_labels - 1.

    average : {"macro", "micro", "samples", "weighted"} or None, default="micro"
        "micro" counts all entries together, as [1]_ does. "samples" is the mean over
        rows, which some papers call macro. "macro", "weighted" and None compute the F1
        of each label, as in scikit-learn.

    sample_weight : array-like of shape (n_samples,), default=None
        Weights of the rows.

    zero_division : {"warn", 0.0, 1.0, np.nan}, default="warn"
        F1 if there is neither a positive nor a prediction. "warn" is 0.0 with a
        warning.

    Returns
    -------
    score : float or ndarray of shape (n_all_labels,)
        In [0, 1], higher is better. If `average` is None: of each label, first those of
        `label_names` or the sorted tags, then labels that occur only as parents.

    See Also
    --------
    hierarchical_precision_score : Share of the predicted labels that are right.
    hierarchical_recall_score : Share of the right labels that are predicted.

    References
    ----------
    .. [1] S. Kiritchenko, S. Matwin, R. Nock, A. F. Famili, "Learning and Evaluation
       in the Presence of Class Hierarchies: Application to Text Categorization",
       Canadian AI, 2006.

    Examples
    --------
    >>> from skmultitag.metrics import hierarchical_f1_score
    >>> y_true, y_pred = [["use::checking"], ["game"]], [["use::editing"], ["game"]]
    >>> hierarchical_f1_score(y_true, y_pred, hierarchy="::")  # of 3 labels 2 are right
    0.66...
    """
    return _metric_of_closed(
        metrics.f1_score,
        *_with_ancestors(y_true, y_pred, hierarchy, label_names),
        average=average,
        sample_weight=sample_weight,
        zero_division=zero_division,
    )


@_check_params
def hierarchical_precision_score(
    y_true,
    y_pred,
    *,
    hierarchy,
    label_names=None,
    average="micro",
    sample_weight=None,
    zero_division="warn",
):
    """Precision of labels together with their ancestors in a hierarchy.

    It is :func:`sklearn.metrics.precision_score` after the ancestors of all labels are
    added to targets and predictions.

    Read more in the :ref:`User Guide <hierarchical_scores>`.

    Parameters
    ----------
    y_true : {array-like, sparse matrix} of shape (n_samples, n_labels) or list of \
            n_samples lists of tags
        Targets, see :func:`hierarchical_f1_score`.

    y_pred : {array-like, sparse matrix} of shape (n_samples, n_labels) or list of \
            n_samples lists of tags
        Predictions, see :func:`hierarchical_f1_score`.

    hierarchy : str, dict or array-like of shape (n_edges, 2)
        A separator, a dict with the parent or parents of each label, or pairs
        (parent, child), see :class:`~skmultitag.hierarchy.HierarchicalClassifier`.

    label_names : array-like of shape (n_labels,), default=None
        Names of the columns of indicators, see :func:`hierarchical_f1_score`.

    average : {"macro", "micro", "samples", "weighted"} or None, default="micro"
        See :func:`hierarchical_f1_score`.

    sample_weight : array-like of shape (n_samples,), default=None
        Weights of the rows.

    zero_division : {"warn", 0.0, 1.0, np.nan}, default="warn"
        Precision if nothing is predicted. "warn" is 0.0 with a warning.

    Returns
    -------
    score : float or ndarray of shape (n_all_labels,)
        In [0, 1], higher is better, see :func:`hierarchical_f1_score`.

    See Also
    --------
    hierarchical_f1_score : F1, with all details of the parameters.

    Examples
    --------
    >>> from skmultitag.metrics import hierarchical_precision_score
    >>> y_true, y_pred = [["use::checking"]], [["use::checking", "use::editing"]]
    >>> hierarchical_precision_score(y_true, y_pred, hierarchy="::")  # 2 of 3
    0.66...
    """
    return _metric_of_closed(
        metrics.precision_score,
        *_with_ancestors(y_true, y_pred, hierarchy, label_names),
        average=average,
        sample_weight=sample_weight,
        zero_division=zero_division,
    )


@_check_params
def hierarchical_recall_score(
    y_true,
    y_pred,
    *,
    hierarchy,
    label_names=None,
    average="micro",
    sample_weight=None,
    zero_division="warn",
):
    """Recall of labels together with their ancestors in a hierarchy.

    It is :func:`sklearn.metrics.recall_score` after the ancestors of all labels are
    added to targets and predictions.

    Read more in the :ref:`User Guide <hierarchical_scores>`.

    Parameters
    ----------
    y_true : {array-like, sparse matrix} of shape (n_samples, n_labels) or list of \
            n_samples lists of tags
        Targets, see :func:`hierarchical_f1_score`.

    y_pred : {array-like, sparse matrix} of shape (n_samples, n_labels) or list of \
            n_samples lists of tags
        Predictions, see :func:`hierarchical_f1_score`.

    hierarchy : str, dict or array-like of shape (n_edges, 2)
        A separator, a dict with the parent or parents of each label, or pairs
        (parent, child), see :class:`~skmultitag.hierarchy.HierarchicalClassifier`.

    label_names : array-like of shape (n_labels,), default=None
        Names of the columns of indicators, see :func:`hierarchical_f1_score`.

    average : {"macro", "micro", "samples", "weighted"} or None, default="micro"
        See :func:`hierarchical_f1_score`.

    sample_weight : array-like of shape (n_samples,), default=None
        Weights of the rows.

    zero_division : {"warn", 0.0, 1.0, np.nan}, default="warn"
        Recall if there is no positive. "warn" is 0.0 with a warning.

    Returns
    -------
    score : float or ndarray of shape (n_all_labels,)
        In [0, 1], higher is better, see :func:`hierarchical_f1_score`.

    See Also
    --------
    hierarchical_f1_score : F1, with all details of the parameters.

    Examples
    --------
    >>> from skmultitag.metrics import hierarchical_recall_score
    >>> y_true, y_pred = [["use::checking", "use::editing"]], [["use::checking"]]
    >>> hierarchical_recall_score(y_true, y_pred, hierarchy="::")  # 2 of 3
    0.66...
    """
    return _metric_of_closed(
        metrics.recall_score,
        *_with_ancestors(y_true, y_pred, hierarchy, label_names),
        average=average,
        sample_weight=sample_weight,
        zero_division=zero_division,
    )


def _metric_of_closed(metric, y_true, y_pred, **kwargs):
    is_one = y_true.shape[1] == 1
    metric_of = metric_of_one_label if is_one else metric_of_annotated
    return metric_of(metric, y_true, y_pred, **kwargs)


def _with_ancestors(y_true, y_pred, hierarchy, label_names):
    """Closed indicators of targets and predictions, with the same columns."""
    check_same_rows(y_true=y_true, y_pred=y_pred)
    forms = [read_form(y_true, "y_true"), read_form(y_pred, "y_pred")]
    names = _names(forms, label_names)
    forms = [
        with_columns_for_ancestors(form, hierarchy, None if form.names else names)
        if form.kind == "indicator"
        else form
        for form in forms
    ]
    encoder = NestedTargetEncoder(hierarchy)
    names = with_ancestors(names, read_hierarchy(hierarchy))
    y_true = encoder.fit_transform(forms[0], names, name="y_true", allow_missing=True)
    return with_nan(y_true), encoder.transform(forms[1], name="y_pred")


def _names(forms, label_names):
    """Names of the labels of both targets, without those that are only parents."""
    known = []
    for form, name in zip(forms, ("y_true", "y_pred"), strict=True):
        if form.kind == "column":
            raise ValueError(
                f"{name} must have several labels for each row. Got one column: pass an"
                " indicator, or a list of tags for each row."
            )
        if form.kind == "tags":
            known.append(check_tags(form.data, name))
        elif form.names is not None and label_names is None:
            label_names = form.names
    if label_names is not None:
        return names_as_list(label_names)
    if len(known) == 1:
        raise ValueError(
            "label_names must be given if one of y_true and y_pred has tags, and the"
            " other is an indicator without column names. Got None."
        )
    return sorted(set().union(*known)) if known else range(forms[0].data.shape[1])

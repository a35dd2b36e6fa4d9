"""Scorers: metrics in the form in which `GridSearchCV` takes them."""

import copy
from functools import partial

from sklearn import metrics
from sklearn.metrics import make_scorer

from skmultitag.metrics._at_k import ndcg_at_k, precision_at_k, recall_at_k
from skmultitag.metrics._binary_cross_entropy import binary_cross_entropy_error
from skmultitag.metrics._ranks import BETA_OF_RANKS
from skmultitag.metrics._row_rankings import coverage, one_error, ranking_loss
from skmultitag.metrics._sigmoid_f1_score import sigmoid_f1_score
from skmultitag.metrics._soft_f1_score import soft_f1_score
from skmultitag.utils._annotation import has_nan
from skmultitag.utils._fitted_labels import is_one_label, target_for
from skmultitag.utils._messages import unknown_name
from skmultitag.utils._metrics_of_annotated import (
    metric_of_annotated,
    metric_of_one_label,
)
from skmultitag.utils._sklearn import Scorer


class LabelScorer(Scorer):
    """A scorer that matches the labels of targets and classifier by name.

    So targets can be tags, and the columns of a DataFrame can be in any order. Entries
    that are not annotated are left out.
    """

    def _score(self, method_caller, estimator, X, y_true, **kwargs):
        is_one = is_one_label(estimator, y_true)
        y_true = target_for(estimator, y_true, name="y_true")
        scorer = self
        if is_one or has_nan(y_true):
            metric_of = metric_of_one_label if is_one else metric_of_annotated
            metric = partial(metric_of, self._score_func)
            scorer = Scorer(metric, self._sign, self._kwargs, self._response_method)
        return Scorer._score(scorer, method_caller, estimator, X, y_true, **kwargs)


_SCORERS = {
    "neg_bce": make_scorer(
        binary_cross_entropy_error,
        greater_is_better=False,
        response_method="predict_proba",
    )
}
for _average in ("macro", "micro", "samples", "weighted"):
    _suffix = "" if _average == "macro" else f"_{_average}"
    _kwargs = {"of_ranks": True, "average": _average}
    _SCORERS[f"soft_f1{_suffix}"] = make_scorer(
        soft_f1_score, response_method="predict_proba", **_kwargs
    )
    _SCORERS[f"sigmoid_f1{_suffix}"] = make_scorer(
        sigmoid_f1_score,
        response_method="decision_function",
        beta=BETA_OF_RANKS,
        **_kwargs,
    )
# of whatever a classifier ranks labels by
_RANKED_BY = ["decision_function", "predict_proba"]
for _name, _error in {
    "one_error": one_error,
    "coverage": coverage,
    "ranking_loss": ranking_loss,
}.items():
    _SCORERS[f"neg_{_name}"] = make_scorer(
        _error, greater_is_better=False, response_method=_RANKED_BY
    )
for _score in (precision_at_k, recall_at_k, ndcg_at_k):
    for _k in (1, 3, 5):
        _name = _score.__name__.replace("_k", f"_{_k}")
        _SCORERS[_name] = make_scorer(_score, response_method=_RANKED_BY, k=_k)


def get_scorer_names():
    """Names that `get_scorer` accepts, of this package and of scikit-learn.

    Read more in the :ref:`User Guide <which_scorer>`.

    Returns
    -------
    names : list of str
        Sorted.

    Examples
    --------
    >>> from skmultitag.metrics import get_scorer_names
    >>> {"sigmoid_f1", "neg_bce", "f1_macro"} <= set(get_scorer_names())
    True
    """
    return sorted({*_SCORERS, *metrics.get_scorer_names()})


def get_scorer(scoring):
    """Return the scorer with a given name, for the `scoring` of a search.

    The names of scikit-learn and these names are accepted:

    - "sigmoid_f1": :func:`sigmoid_f1_score` of the ranks of `decision_function`, with
      beta=2 and eta=0;
    - "soft_f1": :func:`soft_f1_score` of the ranks of `predict_proba`;
    - "neg_bce": minus :func:`binary_cross_entropy_error` of `predict_proba`;
    - "precision_at_k", "recall_at_k" and "ndcg_at_k", with 1, 3 or 5 in place of k;
    - "neg_one_error", "neg_coverage" and "neg_ranking_loss": minus the metrics of these
      names.

    The last two lines use `decision_function`, or `predict_proba` if there is none.

    "sigmoid_f1" and "soft_f1" are macro averages. For other averages append "_micro",
    "_samples" or "_weighted". These scorers depend on the decisions, and a little on
    the order of the rows near them, but not on the scale of the scores. So they are
    fair in a search over the slope of a loss. For other settings, use
    :func:`sklearn.metrics.make_scorer` as in the example.

    Read more in the :ref:`User Guide <metrics_of_soft_predictions>`.

    Parameters
    ----------
    scoring : str or callable
        A name of `get_scorer_names`, or what :func:`sklearn.metrics.make_scorer`
        returns. Another callable is returned as it is.

    Returns
    -------
    scorer : callable
        Called as `scorer(estimator, X, y, sample_weight=None)`; higher is better. `y`
        can have any form that a classifier of this package can be fitted on, also tags.
        Its labels are matched by name with those of the classifier. Entries of `y` that
        are not annotated (NaN) are left out, as the Notes say.

    Raises
    ------
    ValueError
        If there is no scorer with this name. When the scorer is called: if `y` has NaN,
        and the metric is one of scikit-learn that can't leave these entries out.

    Notes
    -----
    Averages are over labels. For an indicator of one label they are the metric of this
    label, for which scikit-learn takes the mean over the classes 0 and 1.

    scikit-learn's metrics refuse NaN, but the scorers of accuracy, precision, recall,
    F1, Jaccard index, ROC AUC and average precision leave NaN out. With the averages
    "macro" and "weighted" the metric of each label is computed from its annotated rows;
    with "micro" it is computed from all annotated entries together; with "samples", and
    for the accuracy, from the annotated labels of each row. Rows without an annotated
    label are left out. A label without annotated rows counts as one without positives.

    If `y` has NaN, pass a splitter such as
    :class:`~skmultitag.model_selection.MultilabelStratifiedKFold` as `cv` to
    :class:`~sklearn.model_selection.GridSearchCV` and
    :func:`~sklearn.model_selection.cross_val_score`: with a number they refuse NaN.

    Examples
    --------
    >>> from sklearn.metrics import make_scorer
    >>> from skmultitag.metrics import get_scorer, sigmoid_f1_score
    >>> scorer = get_scorer("sigmoid_f1")
    >>> steep = make_scorer(
    ...     sigmoid_f1_score,
    ...     response_method="decision_function",
    ...     beta=10.0,
    ...     of_ranks=True,
    ... )
    """
    if type(scoring) is Scorer:
        return _pair_labels(scoring)
    if not isinstance(scoring, str):
        return scoring
    if scoring in _SCORERS:
        return _pair_labels(copy.deepcopy(_SCORERS[scoring]))
    if scoring not in metrics.get_scorer_names():
        text = unknown_name("scorer", scoring, get_scorer_names())
        raise ValueError(f"scoring: {text}")
    return _pair_labels(metrics.get_scorer(scoring))


def _pair_labels(scorer):
    args = scorer._score_func, scorer._sign, scorer._kwargs, scorer._response_method
    paired = LabelScorer(*args)
    vars(paired).update(vars(scorer))  # what it requests of metadata
    return paired

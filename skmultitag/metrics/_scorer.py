"""Scorers: metrics in the form in which `GridSearchCV` takes them."""

import copy

from sklearn import metrics
from sklearn.metrics import make_scorer

from skmultitag.metrics._binary_cross_entropy import binary_cross_entropy_error
from skmultitag.metrics._sigmoid_f1_score import sigmoid_f1_score
from skmultitag.metrics._soft_f1_score import soft_f1_score

_SCORERS = {
    "neg_bce": make_scorer(
        binary_cross_entropy_error,
        greater_is_better=False,
        response_method="predict_proba",
    )
}
for _average in ("macro", "micro", "samples", "weighted"):
    _suffix = "" if _average == "macro" else f"_{_average}"
    # 0 / 0 needs a prediction that is exactly 0: it is a score of 0, not a warning
    _kwargs = {"average": _average, "zero_division": 0.0}
    _SCORERS[f"soft_f1{_suffix}"] = make_scorer(
        soft_f1_score, response_method="predict_proba", **_kwargs
    )
    _SCORERS[f"sigmoid_f1{_suffix}"] = make_scorer(
        sigmoid_f1_score, response_method="decision_function", **_kwargs
    )


def get_scorer_names():
    """Names for `get_scorer`: those of this package and all of scikit-learn.

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
    """Return the scorer of a name.

    Besides the names of scikit-learn there are

    - "soft_f1": :func:`soft_f1_score` of `predict_proba`;
    - "sigmoid_f1": :func:`sigmoid_f1_score` of `decision_function`, at beta=1, eta=0;
    - "neg_bce": minus :func:`binary_cross_entropy_error` of `predict_proba`.

    The first two are macro averages; "_micro", "_samples" and "_weighted" can be
    appended. For other settings use :func:`sklearn.metrics.make_scorer`, as below.

    Read more in the :ref:`User Guide <metrics_of_soft_predictions>`.

    Parameters
    ----------
    scoring : str or callable
        A name of `get_scorer_names`. A callable is returned as it is.

    Returns
    -------
    scorer : callable
        Called as `scorer(estimator, X, y, sample_weight=None)`; higher is better.

    Raises
    ------
    ValueError
        If there is no scorer of that name.

    Examples
    --------
    >>> from sklearn.metrics import make_scorer
    >>> from skmultitag.metrics import get_scorer, sigmoid_f1_score
    >>> scorer = get_scorer("sigmoid_f1")
    >>> steep = make_scorer(
    ...     sigmoid_f1_score, response_method="decision_function", beta=10.0
    ... )
    """
    if not isinstance(scoring, str):
        return scoring
    if scoring in _SCORERS:
        return copy.deepcopy(_SCORERS[scoring])
    if scoring not in metrics.get_scorer_names():
        raise ValueError(
            f"Unknown scorer {scoring!r}. The names are {get_scorer_names()}."
        )
    return metrics.get_scorer(scoring)

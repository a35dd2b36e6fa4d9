"""What the displays share."""

from sklearn.utils.validation import check_is_fitted

from skmultitag.utils._by_label import check_label_names
from skmultitag.utils._fitted_labels import encoder_of, further_in, target_for
from skmultitag.utils._scores import label_scores
from skmultitag.utils._sklearn import check_matplotlib_support
from skmultitag.utils._target_forms import column_names


def scores_and_target(estimator, X, y, scoring_estimator=None):
    """Scores of a fitted classifier, and a target in the order of their columns.

    Parameters
    ----------
    estimator : classifier

    X : array-like of shape (n_samples, n_features)

    y : target in any form that the classifier knows

    scoring_estimator : classifier, default=None
        The classifier inside of `estimator` that has the scores; None for itself.

    Returns
    -------
    scores : ndarray of shape (n_samples, n_labels)

    y : ndarray, CSR matrix or array-like
        As scikit-learn's metrics take it, with NaN where it is not annotated.

    names : list or None
        Names of the labels, if they are known.
    """
    check_is_fitted(estimator)
    encoder = encoder_of(estimator)
    target = target_for(estimator, y)
    has_columns = getattr(target, "ndim", 1) == 2
    names = column_names(y)
    if encoder is not None and has_columns:
        names = encoder.label_names_.tolist()
    n_labels = target.shape[1] if has_columns else 1
    scores = label_scores(scoring_estimator or estimator, X, n_labels)
    return scores, target, names


def names_or_numbers(label_names, n_labels):
    """Names of the labels: those given, else their numbers."""
    if label_names is None:
        return range(n_labels)
    check_label_names(label_names, n_labels)
    return label_names


def set_axes(display, ax):
    """Set `ax_` and `figure_`: those given, or of a new figure if `ax` is None."""
    check_matplotlib_support(f"{type(display).__name__}.plot")
    import matplotlib.pyplot as plt

    display.ax_ = plt.subplots(layout="constrained")[1] if ax is None else ax
    display.figure_ = display.ax_.figure


def line_style(defaults, kwargs):
    """`kwargs` of a line, short names written out, over `defaults`."""
    from matplotlib.cbook import normalize_kwargs
    from matplotlib.lines import Line2D

    return {**defaults, **normalize_kwargs(kwargs, Line2D)}


def inner_classifier(estimator):
    """The fitted MultiTagClassifier in a pipeline, a search or other wrappers."""
    found = estimator
    while not hasattr(found, "net_"):
        inner = further_in(found)
        if inner is None:
            inner = getattr(found, "estimator_", None)
        if inner is None:
            check_is_fitted(found)
            raise TypeError(
                "estimator must be a fitted MultiTagClassifier, or contain one. Got"
                f" {type(estimator).__name__}."
            )
        found = inner
    return found

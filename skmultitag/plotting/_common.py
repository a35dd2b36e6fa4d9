"""What the displays share."""

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skmultitag.utils._fitted_labels import further_in
from skmultitag.utils._sklearn import check_matplotlib_support
from skmultitag.utils._target_forms import column_names


def number_of_labels(y):
    """Number of columns of `y`, 1 for one dimension."""
    try:
        shape = y.shape if hasattr(y, "shape") else np.shape(y)
    except ValueError as exc:
        raise ValueError(
            "y must be an indicator matrix of 0 and 1, or two classes. Got rows of"
            " different lengths. To turn tags into an indicator, use"
            " sklearn.preprocessing.MultiLabelBinarizer."
        ) from exc
    return shape[1] if len(shape) == 2 else 1


def check_label_names(label_names, y, n_labels):
    """Names of the labels: those given, else those of the columns of `y`, or None."""
    if label_names is None:
        return column_names(y)
    if len(label_names) != n_labels:
        raise ValueError(
            f"label_names must have a name for each of the {n_labels} labels. Got"
            f" {len(label_names)} names."
        )
    return label_names


def axes_or_new(display, ax):
    """`ax`, or the axes of a new figure if it is None."""
    check_matplotlib_support(f"{type(display).__name__}.plot")
    import matplotlib.pyplot as plt

    return plt.subplots(layout="constrained")[1] if ax is None else ax


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

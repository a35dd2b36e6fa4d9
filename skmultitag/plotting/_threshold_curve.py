from numbers import Real

import numpy as np
from sklearn.base import BaseEstimator

from skmultitag.metrics._values_at_thresholds import (
    METRICS,
    check_thresholds,
    last_best,
    name_of_metric,
    values_at_thresholds,
)
from skmultitag.plotting._common import (
    line_style,
    names_or_numbers,
    scores_and_target,
    set_axes,
)
from skmultitag.utils._by_label import check_label_names
from skmultitag.utils._scores import check_scores_and_target
from skmultitag.utils._sklearn import (
    Interval,
    StrOptions,
    check_matplotlib_support,
    validate_params,
)
from skmultitag.utils._target_forms import column_names

_MAX_LEGEND = 10


class ThresholdCurveDisplay:
    """Plot of a metric against the threshold.

    Use it to see whether the best threshold is a peak, which a little noise moves, or a
    plateau. A label is predicted if its score is at least the threshold, which is the
    same for all labels. A point marks the best threshold of each line.

    Make a display with `from_estimator` or `from_predictions`. All parameters are
    stored as attributes.

    Read more in the :ref:`User Guide <plots>`.

    Parameters
    ----------
    thresholds : ndarray of shape (n_thresholds,)
        Thresholds, from low to high.

    values : ndarray of shape (n_thresholds,) or (n_thresholds, n_labels)
        The metric at each threshold, for all labels together or for each label.

    metric_name : str, default=None
        Name of the metric.

    average : str or None, default=None
        Name of the average, for the legend.

    label_names : array-like of shape (n_labels,), default=None
        Names of the labels for the legend. None takes 0 to n_labels - 1.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with the lines.

    figure_ : matplotlib Figure
        Figure with the axes.

    line_ : matplotlib Line2D or list of n_labels matplotlib Line2D
        The line, or one line for each label if `values` has two dimensions.

    best_threshold_ : float or ndarray of shape (n_labels,)
        The threshold with the largest value; the highest one if several are equal. NaN
        for a flat line, such as the F1 of a label without a positive.

    See Also
    --------
    skmultitag.thresholds.FBetaThreshold : Finds the exact best threshold.
    KneeDisplay : Shows a threshold that optimizes no metric.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from skmultitag.datasets import make_multitag_classification
    >>> from skmultitag.plotting import ThresholdCurveDisplay
    >>> _, y, proba = make_multitag_classification(return_proba=True, random_state=0)
    >>> display = ThresholdCurveDisplay.from_predictions(y, proba, average="micro")
    >>> round(display.best_threshold_, 2), round(float(display.values.max()), 2)
    (0.41, 0.74)
    >>> plt.close(display.figure_)
    """

    def __init__(
        self, thresholds, values, *, metric_name=None, average=None, label_names=None
    ):
        self.thresholds = thresholds
        self.values = values
        self.metric_name = metric_name
        self.average = average
        self.label_names = label_names

    @classmethod
    def from_estimator(cls, estimator, X, y, **kwargs):
        """Draw a metric of a fitted classifier against the threshold.

        Parameters
        ----------
        estimator : classifier
            A fitted classifier with `predict_proba`, which is preferred, or
            `decision_function`. For a
            :class:`~skmultitag.thresholds.ThresholdedClassifierCV`, its scores after
            the calibrator are used. They are compared with its `threshold_`, unless the
            thresholder calibrates them once more as PlattKnee does.

        X : array-like of shape (n_samples, n_features)
            Rows that the classifier was not trained on.

        y : {array-like, sparse matrix} of shape (n_samples, n_labels), list of \
                n_samples lists of tags, or array-like of shape (n_samples,)
            Targets in any form that the classifier takes, with NaN for entries that are
            not annotated. Labels are matched by name if the classifier knows their
            names.

        **kwargs : dict
            Parameters of `from_predictions`.

        Returns
        -------
        display : ThresholdCurveDisplay
            The display, drawn.
        """
        check_matplotlib_support(f"{cls.__name__}.from_estimator")
        scores, y, names = scores_and_target(estimator, X, y)
        if kwargs.get("label_names") is None:
            kwargs["label_names"] = names
        return cls.from_predictions(y, scores, **kwargs)

    @classmethod
    @validate_params(
        {
            "metric": [StrOptions(set(METRICS)), callable],
            "beta": [Interval(Real, 0, None, closed="neither")],
            "average": [StrOptions({"macro", "micro"}), None],
            "thresholds": ["array-like", None],
            "label_names": ["array-like", None],
            "sample_weight": ["array-like", None],
        },
        prefer_skip_nested_validation=True,
    )
    def from_predictions(
        cls,
        y_true,
        y_score,
        *,
        metric="f1",
        beta=1.0,
        average="macro",
        thresholds=None,
        label_names=None,
        sample_weight=None,
        ax=None,
        **kwargs,
    ):
        """Draw a metric of given scores against the threshold.

        Parameters
        ----------
        y_true : {array-like, sparse matrix} of shape (n_samples, n_labels) \
                or (n_samples,)
            Targets in {0, 1}. If it has one dimension, it is the target of each column
            of `y_score`. Entries that are NaN (not annotated) are left out.

        y_score : array-like of shape (n_samples, n_labels)
            Probabilities or other scores. The larger the score, the more likely is the
            label.

        metric : {"f1", "fbeta", "jaccard", "precision", "recall"} or callable, \
                default="f1"
            The metric. 0 / 0 counts as 0. A callable gets the counts, an object with
            the arrays `tp`, `fp`, `fn` and `tn` of the same shape, and returns values
            of this shape. Higher values are better.

        beta : float, default=1.0
            Weight of recall against precision in "fbeta", in (0, inf).

        average : {"macro", "micro"} or None, default="macro"
            "macro" is the mean of the metric over labels. "micro" is the metric of the
            counts of all labels together. None draws a line for each label.

        thresholds : array-like of shape (n_thresholds,), default=None
            Finite thresholds. None takes the distinct scores if there are at most 200
            of them, and otherwise about 200 quantiles of the scores of positives and of
            negatives.

        label_names : array-like of shape (n_labels,), default=None
            Names of the labels. None takes the columns of `y_true`, or 0 to
            n_labels - 1.

        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.

        ax : matplotlib Axes, default=None
            Axes to draw on. None makes a new figure.

        **kwargs : dict
            Parameters of `plot`.

        Returns
        -------
        display : ThresholdCurveDisplay
            The display, drawn.
        """
        check_matplotlib_support(f"{cls.__name__}.from_predictions")
        if beta != 1 and metric != "fbeta":
            raise ValueError(f'beta={beta} needs metric="fbeta", got {metric!r}.')
        scores, y, sample_weight = check_scores_and_target(
            BaseEstimator(),
            y_score,
            y_true,
            sample_weight,
            name="y_true",
            of="y_score",
            allow_missing=True,
        )
        if label_names is None:
            label_names = column_names(y_true)
        else:
            check_label_names(label_names, y.shape[1])
        thresholds = check_thresholds(thresholds, y, scores)
        values = values_at_thresholds(
            y, scores, thresholds, metric, beta, average, sample_weight
        )
        display = cls(
            thresholds,
            values,
            metric_name=name_of_metric(metric, beta),
            average=average,
            label_names=label_names,
        )
        return display.plot(ax, **kwargs)

    def plot(self, ax=None, **kwargs):
        """Draw the lines.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on. None makes a new figure.

        **kwargs : dict
            Parameters of :meth:`matplotlib.axes.Axes.plot` for each line.

        Returns
        -------
        display : ThresholdCurveDisplay
            The display itself.
        """
        set_axes(self, ax)
        if np.ndim(self.values) == 1:
            name = " ".join(filter(None, [self.average, self.metric_name]))
            self.line_, self.best_threshold_ = self._draw(self.values, name, kwargs)
        else:
            names = names_or_numbers(self.label_names, self.values.shape[1])
            lines = [
                self._draw(values, name, kwargs)
                for values, name in zip(self.values.T, names, strict=True)
            ]
            self.line_ = [line for line, _ in lines]
            self.best_threshold_ = np.array([best for _, best in lines])
        self.ax_.set(xlabel="threshold", ylabel=self.metric_name)
        if 0 < len(self.ax_.get_legend_handles_labels()[1]) <= _MAX_LEGEND:
            self.ax_.legend()
        return self

    def _draw(self, values, name, kwargs):
        """Draw one line with a point at its best threshold, and return both."""
        best = last_best(values)
        defaults = {
            "drawstyle": "steps-pre",  # the decisions change just above a score
            "label": str(name),
            "marker": "o",
            "markevery": best,
        }
        (line,) = self.ax_.plot(self.thresholds, values, **line_style(defaults, kwargs))
        return line, float(self.thresholds[best[0]]) if best else np.nan

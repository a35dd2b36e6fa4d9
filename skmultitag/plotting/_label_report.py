from numbers import Integral

import numpy as np

from skmultitag.metrics import label_report, label_report_from_predictions
from skmultitag.metrics._bootstrap import OVERALL
from skmultitag.plotting._common import line_style, set_axes
from skmultitag.utils._messages import shorten
from skmultitag.utils._sklearn import (
    Interval,
    check_matplotlib_support,
    validate_params,
)

_SHOWN_AS = {"f1": "F1"}
_LARGE_IS_BAD = ("calibration_error", "std_threshold")


class LabelReportDisplay:
    """Plot of how well each label is predicted, with intervals, the worst label first.

    Each label has a dot and an interval. The number behind its name is its number of
    positives. With few positives, the interval is long. A dashed line marks the mean
    over all labels.

    Make a display with `from_estimator` or `from_predictions`. All parameters are
    stored as attributes.

    Read more in the :ref:`User Guide <label_report>`.

    Parameters
    ----------
    report : DataFrame or list of dict
        Result of :func:`~skmultitag.metrics.label_report`.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with the dots.

    figure_ : matplotlib Figure
        Figure with the axes.

    points_ : matplotlib Line2D
        The dots, the worst label first.

    intervals_ : matplotlib LineCollection or None
        The intervals. None if the report has no intervals.

    mean_line_ : matplotlib Line2D
        The mean over all labels that have a value.

    See Also
    --------
    skmultitag.metrics.label_report : The same numbers as a table.
    LabelConfusionDisplay : Shows which labels are predicted in place of others.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from skmultitag.datasets import make_multitag_classification
    >>> from skmultitag.plotting import LabelReportDisplay
    >>> _, y, proba = make_multitag_classification(return_proba=True, random_state=0)
    >>> display = LabelReportDisplay.from_predictions(y, proba > 0.4, proba)
    >>> len(display.points_.get_xdata())
    10
    >>> plt.close(display.figure_)
    """

    def __init__(self, report):
        self.report = report

    @classmethod
    def from_estimator(
        cls,
        estimator,
        X,
        y,
        *,
        label_names=None,
        confidence_level=0.95,
        n_resamples=1000,
        random_state=None,
        ax=None,
        **kwargs,
    ):
        """Draw how well a fitted classifier predicts each label.

        Parameters
        ----------
        estimator : classifier
            Any fitted multilabel classifier, also in a pipeline or a search.

        X : array-like of shape (n_samples, n_features)
            Rows that the classifier was not trained on.

        y : {array-like, sparse matrix} of shape (n_samples, n_labels) or list of \
                n_samples lists of tags
            Labels of these rows. In an indicator, NaN marks entries that are not
            annotated.

        label_names : array-like of shape (n_labels,), default=None
            Names of the labels. None takes the names of the classifier, or the columns
            of `y`, or 0 to n_labels - 1.

        confidence_level : float, default=0.95
            Confidence level of the intervals, in (0, 1).

        n_resamples : int, default=1000
            Number of bootstrap samples, in [0, inf). With 0 there are no intervals.

        random_state : int, RandomState instance or None, default=None
            Seeds the bootstrap samples.

        ax : matplotlib Axes, default=None
            Axes to draw on. None makes a new figure.

        **kwargs : dict
            Parameters of `plot`.

        Returns
        -------
        display : LabelReportDisplay
            The display, drawn.
        """
        check_matplotlib_support(f"{cls.__name__}.from_estimator")
        report = label_report(
            estimator,
            X,
            y,
            label_names=label_names,
            confidence_level=confidence_level,
            n_resamples=n_resamples,
            random_state=random_state,
            output="records",
        )
        return cls(report).plot(ax, **kwargs)

    @classmethod
    def from_predictions(
        cls,
        y_true,
        y_pred,
        y_score=None,
        *,
        label_names=None,
        confidence_level=0.95,
        n_resamples=1000,
        random_state=None,
        ax=None,
        **kwargs,
    ):
        """Draw how well given predictions agree with each label.

        Parameters
        ----------
        y_true : {array-like, sparse matrix} of shape (n_samples, n_labels) or list of \
                n_samples lists of tags
            The true labels. For tags, pass `label_names`, or a DataFrame as `y_pred`.
            In an indicator, NaN marks entries that are not annotated.

        y_pred : {array-like, sparse matrix} of shape (n_samples, n_labels) or list of \
                n_samples lists of tags
            The predicted labels.

        y_score : array-like of shape (n_samples, n_labels), default=None
            Probabilities or other scores. Needed for ``metric="average_precision"``.

        label_names : array-like of shape (n_labels,), default=None
            Names of the labels. None takes the columns of `y_pred` or of `y_true`, or 0
            to n_labels - 1.

        confidence_level : float, default=0.95
            Confidence level of the intervals, in (0, 1).

        n_resamples : int, default=1000
            Number of bootstrap samples, in [0, inf). With 0 there are no intervals.

        random_state : int, RandomState instance or None, default=None
            Seeds the bootstrap samples.

        ax : matplotlib Axes, default=None
            Axes to draw on. None makes a new figure.

        **kwargs : dict
            Parameters of `plot`.

        Returns
        -------
        display : LabelReportDisplay
            The display, drawn.
        """
        check_matplotlib_support(f"{cls.__name__}.from_predictions")
        report = label_report_from_predictions(
            y_true,
            y_pred,
            y_score,
            label_names=label_names,
            confidence_level=confidence_level,
            n_resamples=n_resamples,
            random_state=random_state,
            output="records",
        )
        return cls(report).plot(ax, **kwargs)

    @validate_params(
        {"metric": [str], "max_labels": [Interval(Integral, 1, None, closed="left")]},
        prefer_skip_nested_validation=True,
    )
    def plot(self, ax=None, *, metric="f1", max_labels=30, **kwargs):
        """Draw the dots.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on. None makes a new figure.

        metric : str, default="f1"
            Column of the report.

        max_labels : int, default=30
            Largest number of labels that are drawn, in [1, inf). These are the worst
            labels, with the smallest values; of "calibration_error" and
            "std_threshold" with the largest.

        **kwargs : dict
            Parameters of :meth:`matplotlib.axes.Axes.plot` for the dots.

        Returns
        -------
        display : LabelReportDisplay
            The display itself.
        """
        records = _records_of_labels(self.report)
        columns = [name for name in records[0] if name != "label"]
        if metric not in columns:
            raise ValueError(
                f"metric must be a column of the report, {shorten(columns)}. Got"
                f" {metric!r}."
            )
        defined = [record for record in records if not np.isnan(record[metric])]
        worst = sorted(
            defined,
            key=lambda record: record[metric],
            reverse=metric in _LARGE_IS_BAD,
        )[:max_labels]
        places = np.arange(len(worst))
        set_axes(self, ax)
        self.intervals_ = None
        if f"{metric}_low" in columns:
            low, high = (
                [record[f"{metric}_{end}"] for record in worst]
                for end in ("low", "high")
            )
            self.intervals_ = self.ax_.hlines(places, low, high, color="grey")
        defaults = {"marker": "o", "linestyle": "", "color": "C0"}
        (self.points_,) = self.ax_.plot(
            [record[metric] for record in worst],
            places,
            **line_style(defaults, kwargs),
        )
        finite = [each[metric] for each in defined if np.isfinite(each[metric])]
        mean = np.mean(finite) if finite else np.nan
        self.mean_line_ = self.ax_.axvline(
            mean, color="black", linestyle="--", label=f"mean of all labels: {mean:.2f}"
        )
        name = _SHOWN_AS.get(metric, metric.replace("_", " "))
        names = [f"{record['label']} ({record['support']})" for record in worst]
        self.ax_.set(yticks=places, yticklabels=names, xlabel=name)
        self.ax_.set_ylim(len(worst) - 0.5, -0.5)  # the worst on top
        self.ax_.legend()
        return self


def _records_of_labels(report):
    """The rows of a report as dicts, without the averages at its end."""
    if hasattr(report, "reset_index"):
        report = report.reset_index().to_dict("records")
    return report[: -len(OVERALL)]

from numbers import Integral

import numpy as np

from skmultitag.metrics._decisions import decisions_of, given_decisions
from skmultitag.metrics._label_confusion_matrix import confusions
from skmultitag.plotting._common import names_or_numbers, set_axes
from skmultitag.utils._sklearn import (
    Interval,
    check_matplotlib_support,
    validate_params,
)


class LabelConfusionDisplay:
    """Bar plot of labels that are predicted in place of other labels.

    Each bar is a pair of labels. Its length is the number of rows that have the first
    label, in which the first label is not predicted, and the second label is predicted
    wrongly.

    Make a display with `from_estimator` or `from_predictions`. All parameters are
    stored as attributes.

    Read more in the :ref:`User Guide <label_report>`.

    Parameters
    ----------
    counts : ndarray of shape (n_labels, n_labels)
        Result of :func:`~skmultitag.metrics.label_confusion_matrix`.

    label_names : array-like of shape (n_labels,), default=None
        Names of the labels. None takes 0 to n_labels - 1.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with the bars.

    figure_ : matplotlib Figure
        Figure with the axes.

    bars_ : matplotlib BarContainer
        The bars, the longest first.

    pairs_ : list of tuples of two names
        The missed and the predicted label of each bar.

    See Also
    --------
    skmultitag.metrics.label_confusion_matrix : Computes the counts.
    LabelReportDisplay : Shows how well each label is predicted.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from skmultitag.plotting import LabelConfusionDisplay
    >>> y_true = [[1, 0, 0], [1, 0, 1], [0, 1, 0]]
    >>> y_pred = [[0, 1, 0], [0, 1, 1], [0, 1, 0]]
    >>> display = LabelConfusionDisplay.from_predictions(
    ...     y_true, y_pred, label_names=["cat", "dog", "outdoors"]
    ... )
    >>> display.pairs_
    [('cat', 'dog')]
    >>> plt.close(display.figure_)
    """

    def __init__(self, counts, *, label_names=None):
        self.counts = counts
        self.label_names = label_names

    @classmethod
    def from_estimator(cls, estimator, X, y, *, label_names=None, ax=None, **kwargs):
        """Draw which labels a fitted classifier confuses.

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

        ax : matplotlib Axes, default=None
            Axes to draw on. None makes a new figure.

        **kwargs : dict
            Parameters of `plot`.

        Returns
        -------
        display : LabelConfusionDisplay
            The display, drawn.
        """
        check_matplotlib_support(f"{cls.__name__}.from_estimator")
        decisions = decisions_of(estimator, X, y, label_names, with_scores=False)
        return cls._of(decisions, ax, kwargs)

    @classmethod
    def from_predictions(cls, y_true, y_pred, *, label_names=None, ax=None, **kwargs):
        """Draw which labels are confused in given predictions.

        Parameters
        ----------
        y_true : {array-like, sparse matrix} of shape (n_samples, n_labels) or list of \
                n_samples lists of tags
            The true labels. For tags, pass `label_names`, or a DataFrame as `y_pred`.
            In an indicator, NaN marks entries that are not annotated.

        y_pred : {array-like, sparse matrix} of shape (n_samples, n_labels) or list of \
                n_samples lists of tags
            The predicted labels.

        label_names : array-like of shape (n_labels,), default=None
            Names of the labels. None takes the columns of `y_pred` or of `y_true`, or 0
            to n_labels - 1.

        ax : matplotlib Axes, default=None
            Axes to draw on. None makes a new figure.

        **kwargs : dict
            Parameters of `plot`.

        Returns
        -------
        display : LabelConfusionDisplay
            The display, drawn.
        """
        check_matplotlib_support(f"{cls.__name__}.from_predictions")
        return cls._of(given_decisions(y_true, y_pred, label_names), ax, kwargs)

    @classmethod
    def _of(cls, decisions, ax, kwargs):
        display = cls(confusions(decisions), label_names=decisions.names)
        return display.plot(ax, **kwargs)

    @validate_params(
        {"max_pairs": [Interval(Integral, 1, None, closed="left")]},
        prefer_skip_nested_validation=True,
    )
    def plot(self, ax=None, *, max_pairs=15, **kwargs):
        """Draw the bars.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on. None makes a new figure.

        max_pairs : int, default=15
            Largest number of pairs that are drawn, in [1, inf). These are the pairs
            with the most rows.

        **kwargs : dict
            Parameters of :meth:`matplotlib.axes.Axes.barh`.

        Returns
        -------
        display : LabelConfusionDisplay
            The display itself.
        """
        set_axes(self, ax)
        counts = np.asarray(self.counts)
        names = names_or_numbers(self.label_names, len(counts))
        order = np.argsort(-counts, axis=None, kind="stable")[:max_pairs]
        order = order[counts.ravel()[order] > 0]
        self.pairs_ = [
            (names[missed], names[wrong])
            for missed, wrong in zip(
                *np.unravel_index(order, counts.shape), strict=True
            )
        ]
        places = np.arange(len(order))
        self.bars_ = self.ax_.barh(places, counts.ravel()[order], **kwargs)
        self.ax_.set(
            yticks=places,
            yticklabels=[f"{missed}, but {wrong}" for missed, wrong in self.pairs_],
            ylabel="missed label, but predicted label",
            xlabel="number of rows",
        )
        self.ax_.set_ylim(max(len(order), 1) - 0.5, -0.5)  # the most on top
        return self

from numbers import Integral

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skmultitag.plotting._common import line_style, scores_and_target, set_axes
from skmultitag.thresholds import PlattKnee, ThresholdedClassifierCV
from skmultitag.utils._annotation import with_nan
from skmultitag.utils._scores import check_scores_and_target
from skmultitag.utils._sklearn import (
    Interval,
    check_matplotlib_support,
    validate_params,
)


class KneeDisplay:
    """Plot of the sorted probabilities of the rows, with the knee of `PlattKnee`.

    Use it to see whether the curves have a bend. If not, the knee is a poor threshold.
    Each gray line is a row: its probabilities after Platt scaling, sorted from high to
    low, against their rank. The other lines are the median and the quartiles of all
    rows, the knee of the median, and the threshold at the knee.

    Make a display with `from_estimator` or `from_predictions`. All parameters are
    stored as attributes.

    Read more in the :ref:`User Guide <plots>`.

    Parameters
    ----------
    proba : ndarray of shape (n_samples, n_labels)
        Probabilities in [0, 1], each row sorted from high to low.

    median_curve : ndarray of shape (n_labels,)
        Median over rows of the probability at each rank.

    quartiles : ndarray of shape (2, n_labels)
        Lower and upper quartile over rows of the probability at each rank.

    knee : int or None
        Rank of the knee, from 0. None if there is no knee; then no line is drawn.

    threshold : float
        Lowest probability with which a label is predicted.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with the curves.

    figure_ : matplotlib Figure
        Figure with the axes.

    lines_ : matplotlib LineCollection
        One line for each row, at most `max_lines`.

    median_line_ : matplotlib Line2D
        The median curve.

    quartile_lines_ : list of two matplotlib Line2D
        The lower and the upper quartile.

    knee_line_ : matplotlib Line2D or None
        Vertical line at the rank of the knee.

    threshold_line_ : matplotlib Line2D
        Horizontal line at the threshold.

    See Also
    --------
    skmultitag.thresholds.PlattKnee : Finds the knee.
    ThresholdCurveDisplay : A metric against the threshold.

    References
    ----------
    .. [1] G. Bénédict, V. Koops, D. Odijk, M. de Rijke, "sigmoidF1: A Smooth F1 Score
       Surrogate Loss for Multilabel Classification", TMLR, 2022 (Figure 2).

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from skmultitag.datasets import make_multitag_classification
    >>> from skmultitag.plotting import KneeDisplay
    >>> _, y, proba = make_multitag_classification(return_proba=True, random_state=0)
    >>> display = KneeDisplay.from_predictions(y, proba)
    >>> display.knee, round(display.threshold, 2)
    (3, 0.08)
    >>> plt.close(display.figure_)
    """

    def __init__(self, proba, *, median_curve, quartiles, knee, threshold):
        self.proba = proba
        self.median_curve = median_curve
        self.quartiles = quartiles
        self.knee = knee
        self.threshold = threshold

    @classmethod
    def from_estimator(cls, estimator, X, y, **kwargs):
        """Find the knee on the scores of a fitted classifier, and draw it.

        Parameters
        ----------
        estimator : classifier
            A fitted classifier with `predict_proba` or `decision_function`. For a
            :class:`~skmultitag.thresholds.ThresholdedClassifierCV`, the scores of its
            `estimator_` are used, before its calibrator. The knee is found on the rows
            of `X`, so it can differ from the classifier's own threshold.

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
        display : KneeDisplay
            The display, drawn.
        """
        check_matplotlib_support(f"{cls.__name__}.from_estimator")
        inner = None
        if isinstance(estimator, ThresholdedClassifierCV):
            check_is_fitted(estimator)
            inner = estimator.estimator_
        scores, y, _ = scores_and_target(estimator, X, y, inner)
        return cls.from_predictions(y, scores, **kwargs)

    @classmethod
    def from_predictions(
        cls, y_true, y_score, *, sample_weight=None, ax=None, **kwargs
    ):
        """Find the knee on given scores, and draw it.

        Parameters
        ----------
        y_true : {array-like, sparse matrix} of shape (n_samples, n_labels) \
                or (n_samples,)
            Targets in {0, 1}. If it has one dimension, it is the target of each column
            of `y_score`. Platt scaling leaves out entries that are NaN (not annotated).

        y_score : array-like of shape (n_samples, n_labels)
            Probabilities or other scores. The larger the score, the more likely is the
            label.

        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows. Rows of weight 0 are not drawn.

        ax : matplotlib Axes, default=None
            Axes to draw on. None makes a new figure.

        **kwargs : dict
            Parameters of `plot`.

        Returns
        -------
        display : KneeDisplay
            The display, drawn.
        """
        check_matplotlib_support(f"{cls.__name__}.from_predictions")
        knee = PlattKnee()
        scores, y, sample_weight = check_scores_and_target(
            knee,
            y_score,
            y_true,
            sample_weight,
            name="y_true",
            of="y_score",
            allow_missing=True,
        )
        knee.fit(scores, with_nan(y), sample_weight)
        display = cls(
            np.sort(knee.calibrator_.transform(scores), axis=1)[:, ::-1],
            median_curve=knee.median_curve_,
            quartiles=knee.quartiles_,
            knee=knee.knee_,
            threshold=knee.threshold_,
        )
        return display.plot(ax, **kwargs)

    @validate_params(
        {
            "max_lines": [Interval(Integral, 0, None, closed="left")],
            "line_kwargs": [dict, None],
        },
        prefer_skip_nested_validation=True,
    )
    def plot(self, ax=None, *, max_lines=200, line_kwargs=None, **kwargs):
        """Draw the curves.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on. None makes a new figure.

        max_lines : int, default=200
            Largest number of rows that are drawn, in [0, inf). If there are more, they
            are picked evenly.

        line_kwargs : dict, default=None
            Parameters of :class:`matplotlib.collections.LineCollection` for the rows.

        **kwargs : dict
            Parameters of :meth:`matplotlib.axes.Axes.plot` for the median curve.

        Returns
        -------
        display : KneeDisplay
            The display itself.
        """
        set_axes(self, ax)
        self._draw_rows(max_lines, line_kwargs or {})
        self._draw_curves(kwargs)
        self._draw_knee()
        self.ax_.set(
            xlabel="rank of the label in its row",
            ylabel="probability after Platt scaling",
            ylim=(-0.01, 1.01),
        )
        self.ax_.legend(loc="upper right")
        return self

    def _draw_rows(self, max_lines, kwargs):
        from matplotlib.cbook import normalize_kwargs
        from matplotlib.collections import LineCollection

        n_samples = len(self.proba)
        picked = np.linspace(0, n_samples - 1, min(max_lines, n_samples)).astype(int)
        proba = self.proba[picked]
        ranks = np.broadcast_to(self._ranks(), proba.shape)
        defaults = {"colors": "grey", "alpha": 0.2, "linewidth": 0.5}
        kwargs = {**defaults, **normalize_kwargs(kwargs, LineCollection)}
        lines = LineCollection(np.stack([ranks, proba], axis=2), **kwargs)
        self.lines_ = self.ax_.add_collection(lines)

    def _draw_curves(self, kwargs):
        from matplotlib.ticker import MaxNLocator

        defaults = {"color": "C0", "linewidth": 2, "label": "median"}
        (self.median_line_,) = self.ax_.plot(
            self._ranks(), self.median_curve, **line_style(defaults, kwargs)
        )
        color = self.median_line_.get_color()
        self.quartile_lines_ = self.ax_.plot(
            self._ranks(), np.transpose(self.quartiles), "--", color=color, linewidth=1
        )
        self.quartile_lines_[0].set_label("quartiles")
        self.ax_.xaxis.set_major_locator(MaxNLocator(integer=True))

    def _draw_knee(self):
        dotted = {"color": "black", "linestyle": ":"}
        self.knee_line_ = None
        if self.knee is not None:
            self.knee_line_ = self.ax_.axvline(self.knee + 1, label="knee", **dotted)
        self.threshold_line_ = self.ax_.axhline(
            self.threshold, label=f"threshold: {self.threshold:.2f}", **dotted
        )

    def _ranks(self):
        return np.arange(1, len(self.median_curve) + 1)

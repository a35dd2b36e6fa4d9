from numbers import Integral, Real

import numpy as np

from skmultitag.plotting._common import (
    inner_classifier,
    line_style,
    names_or_numbers,
    set_axes,
)
from skmultitag.utils._sklearn import (
    Interval,
    StrOptions,
    check_matplotlib_support,
    validate_params,
)

_SYMBOLS = {"beta": "slope beta", "eta": "offset eta", "threshold": "threshold"}


class PosteriorDisplay:
    """Plot of the posterior of slope, offset or threshold of each label.

    Each label has a point at the mean, and a line between the limits of a central
    interval. Labels are sorted by the mean.

    Make a display with `from_estimator`. All parameters are stored as attributes.

    Read more in the :ref:`User Guide <plots>`.

    Parameters
    ----------
    posterior : SlopeOffsetPosterior
        `posterior_` of a fitted :class:`~skmultitag.losses.BayesianSigmoidF1Loss`.

    label_names : array-like of shape (n_labels,), default=None
        Names of the labels. None takes 0 to n_labels - 1.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with the lines.

    figure_ : matplotlib Figure
        Figure with the axes.

    lines_ : matplotlib LineCollection
        The intervals.

    points_ : matplotlib Line2D
        The means.

    See Also
    --------
    TrainingHistoryDisplay : Shows means of slope and offset over the epochs.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from skmultitag import MultiTagClassifier
    >>> from skmultitag.datasets import make_multitag_classification
    >>> from skmultitag.plotting import PosteriorDisplay
    >>> X, y = make_multitag_classification(n_samples=200, random_state=0)
    >>> model = MultiTagClassifier("bayesian_sigmoid_f1", max_iter=5, random_state=0)
    >>> display = PosteriorDisplay.from_estimator(model.fit(X, y), quantity="eta")
    >>> len(display.points_.get_xdata())
    10
    >>> plt.close(display.figure_)
    """

    def __init__(self, posterior, *, label_names=None):
        self.posterior = posterior
        self.label_names = label_names

    @classmethod
    def from_estimator(cls, estimator, *, ax=None, **kwargs):
        """Draw the posterior of a fitted classifier's loss.

        Parameters
        ----------
        estimator : MultiTagClassifier
            Classifier that was fitted with a
            :class:`~skmultitag.losses.BayesianSigmoidF1Loss`, also in a pipeline, a
            search or a ThresholdedClassifierCV.

        ax : matplotlib Axes, default=None
            Axes to draw on. None makes a new figure.

        **kwargs : dict
            Parameters of `plot`.

        Returns
        -------
        display : PosteriorDisplay
            The display, drawn.
        """
        check_matplotlib_support(f"{cls.__name__}.from_estimator")
        classifier = inner_classifier(estimator)
        parts = classifier.loss_.modules()  # the loss itself, and losses in it
        found = [part.posterior_ for part in parts if hasattr(part, "posterior_")]
        if not found:
            raise ValueError(
                f"The loss {classifier.loss_} has no posterior_. Fit with a"
                " BayesianSigmoidF1Loss."
            )
        posterior = found[0]
        names = classifier.label_names_
        n_labels = len(posterior.beta.mean)
        names = names if len(names) == n_labels else ["all"]
        return cls(posterior, label_names=names).plot(ax, **kwargs)

    @validate_params(
        {
            "quantity": [StrOptions(set(_SYMBOLS))],
            "probability": [Interval(Real, 0, 1, closed="neither")],
            "max_labels": [Interval(Integral, 1, None, closed="left")],
        },
        prefer_skip_nested_validation=True,
    )
    def plot(
        self, ax=None, *, quantity="threshold", probability=0.9, max_labels=30, **kwargs
    ):
        """Draw the intervals.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on. None makes a new figure.

        quantity : {"threshold", "beta", "eta"}, default="threshold"
            What to draw: the lowest probability with which a label is predicted, the
            slope, or the offset.

        probability : float, default=0.9
            Share of the draws in an interval, in (0, 1).

        max_labels : int, default=30
            Largest number of labels that are drawn, in [1, inf). If there are more,
            they are picked evenly from the sorted labels.

        **kwargs : dict
            Parameters of :meth:`matplotlib.axes.Axes.plot` for the points.

        Returns
        -------
        display : PosteriorDisplay
            The display itself.
        """
        set_axes(self, ax)
        draws = getattr(self.posterior, quantity)
        mean, (low, high) = draws.mean, draws.interval(probability)
        n_labels = len(mean)
        names = np.asarray(names_or_numbers(self.label_names, n_labels))
        picked = np.linspace(0, n_labels - 1, min(max_labels, n_labels)).astype(int)
        labels = np.argsort(mean, kind="stable")[picked]
        places = np.arange(len(labels))
        self.lines_ = self.ax_.hlines(places, low[labels], high[labels], color="grey")
        defaults = {"marker": "o", "linestyle": "", "color": "C0"}
        (self.points_,) = self.ax_.plot(
            mean[labels], places, **line_style(defaults, kwargs)
        )
        self.ax_.set(
            yticks=places,
            yticklabels=[str(name) for name in names[labels]],
            xlabel=f"{_SYMBOLS[quantity]}: mean and {probability:.0%} interval",
        )
        return self

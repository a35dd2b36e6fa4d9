import numpy as np

from skmultitag.plotting._common import inner_classifier, set_axes
from skmultitag.utils._messages import shorten
from skmultitag.utils._sklearn import check_matplotlib_support, validate_params


class TrainingHistoryDisplay:
    """Plot of losses, scores and the slope of the loss over the epochs of a training.

    Use it to see whether a training has ended: if the training loss still falls at the
    right edge, raise `max_iter`. Make a display with `from_estimator`. All parameters
    are stored as attributes.

    Read more in the :ref:`User Guide <plots>`.

    Parameters
    ----------
    history : dict of str to array-like of shape (n_epochs,) or (n_epochs, n_values)
        Values of each quantity by its name. NaN if an epoch has no value.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes of the first quantity.

    axes_ : dict of str to matplotlib Axes
        Axes of each quantity. Each has a scale of its own, from the second one on on
        the right side.

    figure_ : matplotlib Figure
        Figure with the axes.

    lines_ : dict of str to list of matplotlib Line2D
        Lines of each quantity.

    See Also
    --------
    PosteriorDisplay : Shows what the Bayesian loss has learned.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from skmultitag import MultiTagClassifier
    >>> from skmultitag.datasets import make_multitag_classification
    >>> from skmultitag.plotting import TrainingHistoryDisplay
    >>> X, y = make_multitag_classification(n_samples=200, random_state=0)
    >>> model = MultiTagClassifier("adaptive_sigmoid_f1", max_iter=4, random_state=0)
    >>> display = TrainingHistoryDisplay.from_estimator(model.fit(X, y))
    >>> sorted(display.lines_)
    ['beta', 'train_loss']
    >>> plt.close(display.figure_)
    """

    def __init__(self, history):
        self.history = history

    @classmethod
    @validate_params(
        {"names": ["array-like", None]}, prefer_skip_nested_validation=True
    )
    def from_estimator(cls, estimator, names=None, *, ax=None, **kwargs):
        """Draw the training of a fitted classifier.

        Parameters
        ----------
        estimator : MultiTagClassifier
            A fitted classifier, also in a pipeline, a search or a
            ThresholdedClassifierCV.

        names : list of str, default=None
            Quantities to draw: "train_loss", "valid_score" with early stopping, and
            quantities of the loss, such as "beta". None draws all that there are.

        ax : matplotlib Axes, default=None
            Axes to draw on. None makes a new figure.

        **kwargs : dict
            Parameters of `plot`.

        Returns
        -------
        display : TrainingHistoryDisplay
            The display, drawn.
        """
        check_matplotlib_support(f"{cls.__name__}.from_estimator")
        classifier = inner_classifier(estimator)
        epochs = list(classifier.net_.history)
        of_loss = list(classifier.loss_.epoch_figures())
        known = ["train_loss", "valid_score", *of_loss]
        known = [name for name in known if any(name in epoch for epoch in epochs)]
        for name in names if names is not None else ():
            if name not in known:
                raise ValueError(
                    f"The history has no {shorten(name)}. It has {shorten(known)}."
                )
        names = known if names is None else names
        history = {name: _values(epochs, name) for name in names}
        return cls(history).plot(ax, **kwargs)

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
        display : TrainingHistoryDisplay
            The display itself.
        """
        set_axes(self, ax)
        self.axes_, self.lines_ = {}, {}
        for number, (name, values) in enumerate(self.history.items()):
            axes = self.ax_ if number == 0 else self.ax_.twinx()
            if number > 1:
                axes.spines["right"].set_position(("outward", 55 * (number - 1)))
            epochs = np.arange(1, len(values) + 1)
            color = f"C{number}"
            self.lines_[name] = axes.plot(epochs, values, **{"color": color, **kwargs})
            axes.set_ylabel(name, color=color)
            self.axes_[name] = axes
        self.ax_.set_xlabel("epoch")
        self.ax_.xaxis.get_major_locator().set_params(integer=True)
        return self


def _values(epochs, name):
    """Values of all epochs; NaN for an epoch without one."""
    known = [epoch[name] for epoch in epochs if name in epoch]
    if len({np.shape(value) for value in known}) > 1:
        raise ValueError(
            f"{name!r} can't be drawn: it has one value in some epochs, and one value"
            " for each label in others, after a warm start with other parameters."
        )
    nothing = np.full(np.shape(known[0]), np.nan)
    return np.array([epoch.get(name, nothing) for epoch in epochs], dtype=np.float64)

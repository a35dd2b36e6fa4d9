from numbers import Real

from sklearn.base import clone

from skmultitag.losses._base import MultilabelLoss
from skmultitag.utils._sklearn import Interval


class WeightedSumLoss(MultilabelLoss):
    """Sum of two losses: first + weight * second.

    A second aim beside the first: a penalty on the number of labels, or an F1 loss that
    moves the decisions of cross-entropy. Decision, link and natural threshold are those
    of `first`.

    Parameters
    ----------
    first : MultilabelLoss
        The main loss.

    second : MultilabelLoss
        What is added.

    weight : float, default=1.0
        Weight of the second loss, in [0, inf).

    Attributes
    ----------
    n_labels_ : int
        Number of labels seen in `fit`.

    first_, second_ : MultilabelLoss
        Fitted clones of the two.

    See Also
    --------
    LabelCountLoss : Makes sense as `second` only.

    Notes
    -----
    Parameters of the parts are reached as `first__beta` and so on, in a search of
    :class:`~skmultitag.MultiTagClassifier` as `loss__first__beta`.

    Examples
    --------
    >>> from skmultitag.losses import (
    ...     BinaryCrossEntropyLoss, SoftF1Loss, WeightedSumLoss
    ... )
    >>> loss = WeightedSumLoss(BinaryCrossEntropyLoss(), SoftF1Loss(), weight=0.5)
    >>> loss.set_params(second__average="micro").second
    SoftF1Loss(average='micro')
    """

    _parameter_constraints = {
        "first": [MultilabelLoss],
        "second": [MultilabelLoss],
        "weight": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(self, first, second, weight=1.0):
        super().__init__()
        self.first = first
        self.second = second
        self.weight = weight

    def _fit(self, y_true, sample_weight, random_state):
        for name in ("first", "second"):
            part = clone(getattr(self, name))
            setattr(self, f"{name}_", part.fit(y_true, sample_weight, random_state))

    def _forward(self, y_score, y_true, sample_weight):
        first, second = self._part("first"), self._part("second")
        return first(y_score, y_true, sample_weight) + self.weight * second(
            y_score, y_true, sample_weight
        )

    @property
    def is_additive(self):
        return self._part("first").is_additive and self._part("second").is_additive

    def _row_sums(self, y_score, y_true, sample_weight):
        return self._join("row_sums", y_score, y_true, sample_weight)

    def validation_sums(self, y_score, y_true, sample_weight=None):
        return self._join("validation_sums", y_score, y_true, sample_weight)

    def _join(self, method, *batch):
        first, second = (
            getattr(self._part(name), method)(*batch) for name in ("first", "second")
        )
        self._n_first_sums = len(first)
        return (*first, *second)

    def _loss_from_sums(self, sums):
        n_first = self._n_first_sums
        first, second = self._part("first"), self._part("second")
        return first.loss_from_sums(sums[:n_first]) + self.weight * (
            second.loss_from_sums(sums[n_first:])
        )

    def _part(self, name):
        """The fitted part, or before `fit` the parameter itself."""
        fitted = f"{name}_"
        return getattr(self, fitted if hasattr(self, fitted) else name)

    def start_epoch(self, epoch, n_epochs):
        for name in ("first", "second"):
            self._part(name).start_epoch(epoch, n_epochs)

    def start_batch(self):
        for name in ("first", "second"):
            self._part(name).start_batch()

    @property
    def is_annealing(self):
        return self._part("first").is_annealing or self._part("second").is_annealing

    @property
    def n_rows_observed(self):
        parts = self._part("first"), self._part("second")
        return max(part.n_rows_observed for part in parts)

    def observe(self, y_score, y_true, sample_weight=None, is_final=False):
        for name in ("first", "second"):
            if self._part(name).n_rows_observed:
                self._part(name).observe(y_score, y_true, sample_weight, is_final)

    def epoch_figures(self):
        figures = dict(self._part("first").epoch_figures())
        for name, value in self._part("second").epoch_figures().items():
            figures[f"second_{name}" if name in figures else name] = value
        return figures

    def validation_loss(self, y_score, y_true, sample_weight=None):
        batch = y_score, y_true, sample_weight
        first, second = self._part("first"), self._part("second")
        return first.validation_loss(*batch) + self.weight * (
            second.validation_loss(*batch)
        )

    @property
    def has_natural_threshold(self):
        return self.first.has_natural_threshold

    def decision_function(self, logits):
        return self._part("first").decision_function(logits)

    def predict_proba(self, logits):
        return self._part("first").predict_proba(logits)

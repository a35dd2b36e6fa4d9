from sklearn.base import clone
from sklearn.utils.metaestimators import available_if

from skmultitag.losses._base import MultilabelLoss
from skmultitag.utils._messages import shorten


class WrapperLoss(MultilabelLoss):
    """Base class of losses that are made of other losses, their parts.

    Each method calls the method of the same name of all parts. A subclass names its
    parameters that are losses in `_part_names`, and defines `_combine`, which computes
    the loss from the values of the parts. `fit` stores fitted clones of the parts as
    attributes with an underscore at the end. Before `fit`, the parameters themselves
    are used.

    The loss has the decision, the link and the natural threshold of its first part. It
    is additive if all parts are, and annealing if one part is.

    Attributes
    ----------
    n_labels_ : int
        Number of labels seen in `fit`.

    See Also
    --------
    WeightedSumLoss : Adds two losses.
    DistributedLoss : Sums a loss over processes.

    Examples
    --------
    >>> import torch
    >>> from skmultitag.losses import SoftF1Loss, WrapperLoss
    >>> class SquaredLoss(WrapperLoss):
    ...     _part_names = ("loss",)
    ...     def __init__(self, loss):
    ...         super().__init__()
    ...         self.loss = loss
    ...     def _combine(self, values):
    ...         return values[0] ** 2
    >>> y_true = torch.tensor([[1], [0]])
    >>> SquaredLoss(SoftF1Loss()).fit(y_true)(torch.zeros(2, 1), y_true)
    tensor(0.2500)
    """

    _part_names = ()

    def _combine(self, values):
        """Compute the loss from the list of the values of the parts."""
        return values[0]

    def _fit(self, y_true, sample_weight, random_state):
        for name in self._part_names:
            part = clone(getattr(self, name))
            setattr(self, f"{name}_", part.fit(y_true, sample_weight, random_state))

    def _parts(self):
        """The fitted parts, or before `fit` the parameters themselves."""
        parts = []
        for name in self._part_names:
            part = getattr(self, f"{name}_", getattr(self, name))
            if not isinstance(part, MultilabelLoss):
                raise TypeError(
                    f"{name} must be a MultilabelLoss, such as SoftF1Loss(). Got"
                    f" {shorten(part)} instead."
                )
            parts.append(part)
        return parts

    def _forward(self, *batch):
        return self._combine([part._forward(*batch) for part in self._parts()])

    @property
    def is_additive(self):
        return all(part.is_additive for part in self._parts())

    def _row_sums(self, *batch):
        return tuple(part._row_sums(*batch) for part in self._parts())

    def _validation_sums(self, *batch):
        return tuple(part._validation_sums(*batch) for part in self._parts())

    def _loss_from_sums(self, sums):
        pairs = zip(self._parts(), sums, strict=True)
        return self._combine([part._loss_from_sums(own) for part, own in pairs])

    def validation_loss(self, y_score, y_true, sample_weight=None):
        batch = y_score, y_true, sample_weight
        return self._combine([part.validation_loss(*batch) for part in self._parts()])

    def start_epoch(self, epoch, n_epochs):
        for part in self._parts():
            part.start_epoch(epoch, n_epochs)

    def start_batch(self):
        for part in self._parts():
            part.start_batch()

    @property
    def is_annealing(self):
        return any(part.is_annealing for part in self._parts())

    @property
    def n_rows_observed(self):
        return max(part.n_rows_observed for part in self._parts())

    def _observe(self, *batch, is_final):
        for part in self._parts():
            if part.n_rows_observed:
                part._observe(*batch, is_final=is_final)

    def epoch_figures(self):
        """Numbers of all parts that are written to the history.

        Returns
        -------
        figures : dict of str to float or list of float
            Name and value of each. If two parts use one name, the second gets the name
            of its part as a prefix.
        """
        figures = {}
        for prefix, part in zip(self._part_names, self._parts(), strict=True):
            for name, value in part.epoch_figures().items():
                figures[f"{prefix}_{name}" if name in figures else name] = value
        return figures

    @property
    def has_natural_threshold(self):
        return self._parts()[0].has_natural_threshold

    def decision_function(self, logits):
        return self._parts()[0].decision_function(logits)

    def predict_proba(self, logits):
        return self._parts()[0].predict_proba(logits)

    @available_if(lambda self: hasattr(self._parts()[0], "predict_proba_std"))
    def predict_proba_std(self, logits):
        """Standard deviation of `predict_proba` over the posterior of the first part.

        Parameters
        ----------
        logits : tensor of shape (n_samples, n_labels)
            Output of the network.

        Returns
        -------
        std : tensor of shape (n_samples, n_labels)
            Standard deviations, in [0, 0.5].
        """
        return self._parts()[0].predict_proba_std(logits)

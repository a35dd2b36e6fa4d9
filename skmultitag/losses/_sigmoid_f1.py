"""The loss of this package, and what all losses on F1 of soft predictions share."""

from numbers import Real
from typing import NamedTuple

import numpy as np
import torch
from torch.nn import functional

from skmultitag._confusion import (
    AVERAGES,
    FBetaCounts,
    fbeta_counts,
    fbeta_from_counts,
    safe_ratio,
)
from skmultitag.losses._base import (
    MultilabelLoss,
    negatives,
    weights_of_rows,
)
from skmultitag.losses._binary_cross_entropy import BinaryCrossEntropyLoss
from skmultitag.utils._sklearn import Interval, StrOptions

F1_CONSTRAINTS = {
    "average": [StrOptions(set(AVERAGES))],
    "f_beta": [Interval(Real, 0, None, closed="neither")],
    "empty": [StrOptions({"ignore", "zero"})],
    "negative_class": ["boolean"],
}

_CROSS_ENTROPY = BinaryCrossEntropyLoss()


class BaseSigmoidF1Loss(MultilabelLoss):
    """Base class of F1 losses of S(u; beta, eta), with cross-entropy.

    A subclass has the parameters of :class:`SigmoidF1Loss`. A subclass without `beta`
    names another attribute to `_sigmoid`.
    """

    _parameter_constraints = {
        "eta": [Interval(Real, None, None, closed="neither"), "array-like"],
        "on": [StrOptions({"logits", "probability"})],
        **F1_CONSTRAINTS,
        "cross_entropy": [Interval(Real, 0, None, closed="left")],
    }

    @property
    def _f1(self):
        return F1Params(self.average, self.f_beta, self.empty, self.negative_class)

    def _forward(self, y_score, y_true, y_known, sample_weight):
        f1, y_soft = self._f1, self._sigmoid(y_score)
        sums = soft_f1_sums(y_soft, y_true, y_known, sample_weight, f1)
        value = soft_f1_from_sums(sums, f1)
        if self.cross_entropy == 0:
            return value
        if y_known is None and sample_weight is None:
            # as _CROSS_ENTROPY does: a step is mostly the calls on its way
            added = functional.binary_cross_entropy_with_logits(y_score, y_true)
        else:
            added = _CROSS_ENTROPY._forward(y_score, y_true, y_known, sample_weight)
        return value + self.cross_entropy * added

    def _row_sums(self, y_score, *target, slope=None):
        sums = soft_f1_sums(self._sigmoid(y_score, slope), *target, self._f1)
        if self.cross_entropy == 0:
            return sums
        return sums, _CROSS_ENTROPY._row_sums(y_score, *target)

    def _loss_from_sums(self, sums):
        if self.cross_entropy == 0:
            return soft_f1_from_sums(sums, self._f1)
        of_f1, of_cross_entropy = sums
        return soft_f1_from_sums(of_f1, self._f1) + self.cross_entropy * (
            _CROSS_ENTROPY.loss_from_sums(of_cross_entropy)
        )

    def _sigmoid(self, logits, slope=None):
        """S of the logits, for the attribute `beta` or the one that `slope` names."""
        beta = self._per_label(slope or "beta", like=logits)
        u = logits if self.on == "logits" else torch.sigmoid(logits)
        # a product with 1 takes as long as any other
        if not (isinstance(self.eta, Real) and self.eta == 0):
            u = u + self._per_label("eta", like=u)
        if not (isinstance(beta, Real) and beta == 1):
            u = beta * u
        return torch.sigmoid(u)

    @property
    def has_natural_threshold(self):
        if self.on == "logits":
            return True
        eta = np.asarray(self.eta)
        return bool(((eta > -1) & (eta < 0)).all())

    def decision_function(self, logits):
        """Distance of each logit from the logit at which S is 1/2.

        Parameters
        ----------
        logits : tensor of shape (n_samples, n_labels)
            Output of the network.

        Returns
        -------
        margin : tensor of shape (n_samples, n_labels)
            The number z + eta, or z - logit(-eta) with ``on="probability"``, for any
            beta. If the loss has no natural threshold, the logit z.
        """
        if not self.has_natural_threshold:
            return logits
        eta = self._per_label("eta", like=logits)
        if self.on == "logits":
            return logits + eta
        eta = torch.as_tensor(eta, dtype=logits.dtype, device=logits.device)
        return logits - torch.logit(-eta)

    def predict_proba(self, logits):
        """S(u; beta, eta): a soft decision, not the probability of a label.

        Parameters
        ----------
        logits : tensor of shape (n_samples, n_labels)
            Output of the network.

        Returns
        -------
        proba : tensor of shape (n_samples, n_labels)
            In [0, 1], above 1/2 if `decision_function` is positive.
        """
        if not self.has_natural_threshold:
            return torch.sigmoid(logits)
        return self._sigmoid(logits)


class SigmoidF1Loss(BaseSigmoidF1Loss):
    r"""1 - F1 of sigmoid predictions, with slope beta and offset eta.

    F1 is computed from soft predictions S, a smooth step, in place of 0 and 1:

    .. math:: S(u; \beta, \eta) = \frac{1}{1 + \exp(-\beta (u + \eta))}

    S is 1/2 at u = -eta, and the larger beta is, the closer S is to the hard decision
    u > -eta. The loss is

    .. math:: \frac{1}{L} \sum_j \left[ 1 - \frac{(1 + b^2) \sum_i S_{ij} y_{ij}}
              {b^2 \sum_i y_{ij} + \sum_i S_{ij}} \right]

    with b = `f_beta`, and sums over the rows of the batch. Training moves the decision
    of each label to where F1 is best, so no threshold needs to be tuned afterwards.

    Read more in the :ref:`User Guide <slope_and_offset>`.

    Parameters
    ----------
    beta : float, array-like of shape (n_labels,) or dict, default=1.0
        Slope, in (0, inf). With `on="logits"`, beta=1 and eta=0 is
        :class:`SoftF1Loss`. With a steep slope, rows far from the decision have hardly
        any gradient.

    eta : float, array-like of shape (n_labels,) or dict, default=0.0
        Offset: the decision is at u = -eta. A dict or Series, for `beta` or `eta`, has
        one value for each label name of the classifier.

    on : {"logits", "probability"}, default="logits"
        What u is: the logit z, or p = 1 / (1 + exp(-z)). With "probability", choose a
        beta near 10 and eta = -0.5. The decision p > -eta exists for eta in (-1, 0).

    average : {"macro", "micro", "samples", "weighted"}, default="macro"
        Which F1 is computed, as in :func:`sklearn.metrics.f1_score`:

        - "macro": the plain mean of the F1 of each label;
        - "weighted": the mean weighted by the number of positives of each label;
        - "micro": one F1 of all entries of the batch together;
        - "samples": the mean of the F1 of each row.

    f_beta : float, default=1.0
        Weight of recall against precision, in (0, inf): the beta of F-beta.

    empty : {"ignore", "zero"}, default="ignore"
        What to do with a label without a positive in the batch ("samples": with such a
        row, "micro": with such a batch). Its F1 is 0 whatever is predicted, so it has
        no gradient in either case.

        - "ignore": leave it out of the mean, which keeps losses of batches comparable;
        - "zero": count it as a loss of 1, as in the published code.

    negative_class : bool, default=False
        Whether to also compute this loss for the zeros of the target, and return the
        mean of the two losses: the "double soft F1". A label without a positive in the
        batch then has a gradient too.

    cross_entropy : float, default=0.0
        Weight with which the mean binary cross-entropy of the logits is added, in [0,
        inf). A small weight, such as 0.3 in the loss named "sigmoid_f1_bce", helps to
        rank the labels and gives every label a gradient in every batch. F1 still moves
        the decision.

    Attributes
    ----------
    n_labels_ : int
        Number of labels seen in `fit`.

    has_natural_threshold : bool
        Whether S crosses 1/2: always with ``on="logits"``, and if all eta are in (-1,
        0) with ``on="probability"``. If False, the decision is p > 1/2, and
        `predict_proba` returns p.

    See Also
    --------
    SoftF1Loss : The F1 loss without slope and offset.
    WeightedSumLoss : The sum of any two losses.
    skmultitag.metrics.sigmoid_f1_score : The score, over a whole data set.

    Notes
    -----
    The code published with [1]_ works on probabilities with beta=10, eta=1 (there
    S=-10, E=1) or beta=9, eta=1. With these values S lies between 0.9998 and 1 and
    never crosses 1/2. You can set them here for comparison, but they are no good
    choice.

    On logits, a last linear layer can learn any beta and eta by itself. So they only
    change the scale on which the layer starts, and with it the path of the training,
    but not what can be learned.

    References
    ----------
    .. [1] G. Benedict, V. Koops, D. Odijk, M. de Rijke, "sigmoidF1: A Smooth F1 Score
       Surrogate Loss for Multilabel Classification", Transactions on Machine Learning
       Research, 2022.

    Examples
    --------
    >>> import torch
    >>> from skmultitag.losses import SigmoidF1Loss
    >>> y_true = torch.tensor([[1.0], [0.0]])
    >>> y_score = torch.tensor([[0.1], [-0.1]])
    >>> round(SigmoidF1Loss(beta=1.0)(y_score, y_true).item(), 3)
    0.475
    >>> round(SigmoidF1Loss(beta=100.0)(y_score, y_true).item(), 3)  # a hard decision
    0.0
    """

    _parameter_constraints = {
        "beta": [Interval(Real, 0, None, closed="neither"), "array-like"],
        **BaseSigmoidF1Loss._parameter_constraints,
    }

    def __init__(
        self,
        beta=1.0,
        eta=0.0,
        on="logits",
        average="macro",
        f_beta=1.0,
        empty="ignore",
        negative_class=False,
        cross_entropy=0.0,
    ):
        super().__init__()
        self.beta = beta
        self.eta = eta
        self.on = on
        self.average = average
        self.f_beta = f_beta
        self.empty = empty
        self.negative_class = negative_class
        self.cross_entropy = cross_entropy

    def _fit(self, y_true, sample_weight, random_state):
        self._check_per_label("beta", positive=True)
        self._check_per_label("eta")


class F1Params(NamedTuple):
    """Which F-beta an F1 loss is computed from.

    Parameters
    ----------
    average : {"macro", "weighted", "micro", "samples"}, default="macro"
        What the F-beta is computed of, as in `fbeta_counts`. The mean is plain, or
        weighted by the number of positives if "weighted".

    f_beta : float, default=1.0
        Weight of recall against precision, in (0, inf).

    empty : {"ignore", "zero"}, default="ignore"
        Whether a label (row, batch) without a positive is left out of a plain mean, or
        has an F-beta of 0 in it.

    negative_class : bool, default=False
        Whether the loss is the mean of this loss and of the one for the zeros of the
        target.
    """

    average: str = "macro"
    f_beta: float = 1.0
    empty: str = "ignore"
    negative_class: bool = False


def soft_f1_sums(y_soft, y_true, y_known, sample_weight, f1):
    """Sums over rows from which `soft_f1_from_sums` computes 1 - F-beta.

    Parameters
    ----------
    y_soft : tensor of shape (n_samples, n_labels)
        Soft predictions in [0, 1].

    y_true : tensor of shape (n_samples, n_labels)
        Targets in {0, 1}.

    y_known : tensor of shape (n_samples, n_labels) or None
        1 if the target is annotated, else 0. None if all targets are.

    sample_weight : tensor of shape (n_samples,) or None
        Counts rows in each F-beta, or weighs the mean over rows if the average is
        "samples".

    f1 : F1Params

    Returns
    -------
    sums : nested tuple of tensors
        The counts. For the average "samples": the sum of the losses of the rows, and
        the sum of their weights. With `negative_class` also the sums for the zeros.
    """
    sides = [(y_true, y_soft if y_known is None else y_soft * y_known)]
    if f1.negative_class:
        y_unlike = 1 - y_soft if y_known is None else (1 - y_soft) * y_known
        sides.append((negatives(y_true, y_known), y_unlike))
    row_weight = weights_of_rows(y_known, sample_weight)
    sums = []
    for side in sides:
        counts = fbeta_counts(*side, average=f1.average, sample_weight=sample_weight)
        is_of_rows = f1.average == "samples"
        sums.append(_mean_sums(counts, f1, row_weight) if is_of_rows else counts)
    return tuple(sums)


def soft_f1_from_sums(sums, f1):
    """The loss, a scalar tensor, from what `soft_f1_sums` returns."""
    losses = []
    for side in sums:
        if f1.average != "samples":
            side = _mean_sums(FBetaCounts(*side), f1)
        losses.append(safe_ratio(*side))
    return losses[0] if len(losses) == 1 else (losses[0] + losses[1]) / 2


def _mean_sums(counts, f1, row_weight=None):
    """Weighted sum of 1 - F-beta, and sum of the weights."""
    fbeta = fbeta_from_counts(counts, f1.f_beta)
    if f1.average == "weighted":
        weights = counts.positive
    elif f1.empty == "zero":
        weights = torch.ones_like(fbeta)
    else:
        weights = (counts.positive > 0).to(fbeta.dtype)
    if row_weight is not None:
        weights = weights * row_weight
    total = weights.sum()
    return total - (weights * fbeta).sum(), total

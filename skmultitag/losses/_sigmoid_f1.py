from numbers import Real

from skmultitag.losses._base import per_label
from skmultitag.losses._base_sigmoid_f1 import BaseSigmoidF1Loss
from skmultitag.losses._binary_cross_entropy import BinaryCrossEntropyLoss
from skmultitag.utils._sklearn import Interval

_CROSS_ENTROPY = BinaryCrossEntropyLoss()
_N_SUMS = 2  # of its sums over rows


class SigmoidF1Loss(BaseSigmoidF1Loss):
    r"""1 - F1 of sigmoid predictions, with slope beta and offset eta.

    The counts of F1 are sums of a smooth step S in place of 0 and 1,

    .. math:: S(u; \beta, \eta) = \frac{1}{1 + \exp(-\beta (u + \eta))},

    which is 1/2 at u = -eta and turns into the hard decision u > -eta for a large beta:

    .. math:: \frac{1}{L} \sum_j \left[ 1 - \frac{(1 + b^2) \sum_i S_{ij} y_{ij}}
              {b^2 \sum_i y_{ij} + \sum_i S_{ij}} \right]

    with b = `f_beta`, and sums over the rows of the batch. Training moves the decision
    of each label to where F1 is best, so that no threshold is tuned afterwards.

    Parameters
    ----------
    beta : float or array-like of shape (n_labels,), default=1.0
        Slope, in (0, inf). With `on="logits"`, beta=1 and eta=0 is
        :class:`SoftF1Loss`. A steep sigmoid leaves rows far from the decision without
        a gradient.

    eta : float or array-like of shape (n_labels,), default=0.0
        Offset: the decision is at u = -eta.

    on : {"logits", "probability"}, default="logits"
        What u is: the logit z, or p = 1 / (1 + exp(-z)). On probabilities, choose a
        beta near 10 and eta = -0.5; the decision p > -eta exists for eta in (-1, 0).

    average : {"macro", "micro", "samples", "weighted"}, default="macro"
        What has an F1 of its own, as in :func:`sklearn.metrics.f1_score`:

        - "macro": each label, then the plain mean;
        - "weighted": each label, then the mean weighted by its positives;
        - "micro": the batch, all its entries counted together;
        - "samples": each row, then the mean over rows.

    f_beta : float, default=1.0
        Weight of recall against precision, in (0, inf): the beta of F-beta.

    empty : {"ignore", "zero"}, default="ignore"
        What a label without a positive in the batch gives ("samples": a row, "micro":
        a batch). It has no gradient in either case, as its F1 is 0 whatever is
        predicted.

        - "ignore": it leaves the mean, so that the loss of batches can be compared;
        - "zero": it counts as a loss of 1, as in the published code.

    negative_class : bool, default=False
        Whether to take the mean of this loss and of the same for the zeros of the
        target, as the "double soft F1". A label without a positive in the batch then
        has a gradient too.

    cross_entropy : float, default=0.0
        Weight of the mean binary cross-entropy of the logits that is added, in [0,
        inf). A small part, as the 0.3 of the name "sigmoid_f1_bce", helps to rank the
        labels and gives every label a gradient in every batch; F1 still moves the
        decision.

    Attributes
    ----------
    n_labels_ : int
        Number of labels seen in `fit`.

    has_natural_threshold : bool
        Whether S crosses 1/2: always on logits, for eta in (-1, 0) on probabilities.
        Without it the decision is p > 1/2, and `predict_proba` gives p.

    See Also
    --------
    SoftF1Loss : The same without slope and offset.
    WeightedSumLoss : The sum of any two losses.
    skmultitag.metrics.sigmoid_f1_score : The score, over a whole data set.

    Notes
    -----
    The code published with [1]_ works on probabilities with beta=10, eta=1 (there
    S=-10, E=1) or beta=9, eta=1. At these S lies between 0.9998 and 1 and never
    crosses 1/2: they can be set here, for comparison, and are no good choice.

    On logits, a last linear layer can learn any beta and eta by itself: they change
    the scale on which it starts, and with it the path of the training, not what can be
    learnt.

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
        **BaseSigmoidF1Loss._parameter_constraints,
        "beta": [Interval(Real, 0, None, closed="neither"), "array-like"],
        "cross_entropy": [Interval(Real, 0, None, closed="left")],
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
        super()._fit(y_true, sample_weight, random_state)
        self._check_per_label("beta", positive=True)

    def _forward(self, *batch):
        value = super()._forward(*batch)
        if self.cross_entropy > 0:
            value = value + self.cross_entropy * _CROSS_ENTROPY(*batch)
        return value

    def _row_sums(self, *batch):
        sums = super()._row_sums(*batch)
        return (*sums, *_CROSS_ENTROPY.row_sums(*batch)) if self.cross_entropy else sums

    def _loss_from_sums(self, sums):
        if self.cross_entropy == 0:
            return super()._loss_from_sums(sums)
        of_f1, of_cross_entropy = sums[:-_N_SUMS], sums[-_N_SUMS:]
        return super()._loss_from_sums(of_f1) + self.cross_entropy * (
            _CROSS_ENTROPY.loss_from_sums(of_cross_entropy)
        )

    def _slope(self, like):
        return per_label(self.beta, like=like)

import torch

from skmultitag.losses._base import MultilabelLoss
from skmultitag.losses._sigmoid_f1 import (
    F1_CONSTRAINTS,
    F1Params,
    soft_f1_from_sums,
    soft_f1_sums,
)


class SoftF1Loss(MultilabelLoss):
    r"""1 - F1 of the predicted probabilities in place of hard predictions.

    F1 is computed from p = 1 / (1 + exp(-z)) in place of 0 and 1, which makes it
    differentiable. Training moves the decision p > 1/2 of each label to where F1 is
    best, so no threshold needs to be tuned afterwards.

    .. math:: \frac{1}{L} \sum_j \left[ 1 - \frac{(1 + b^2) \sum_i p_{ij} y_{ij}}
              {b^2 \sum_i y_{ij} + \sum_i p_{ij}} \right]

    with b = `f_beta`, and sums over the rows of the batch.

    Read more in the :ref:`User Guide <f1_as_a_loss>`.

    Parameters
    ----------
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

    Attributes
    ----------
    n_labels_ : int
        Number of labels seen in `fit`.

    See Also
    --------
    SigmoidF1Loss : The F1 loss with a slope and an offset; equal at beta=1, eta=0.
    skmultitag.metrics.soft_f1_score : The score, over a whole data set.

    Notes
    -----
    The F1 of a batch is a biased estimate of the F1 of all rows. A label without a
    positive in a batch is not trained by it, and a label with a single positive counts
    as much as any other. So small batches give rare labels more weight than large
    batches do.

    References
    ----------
    .. [1] A. Maiza, "The Unknown Benefits of using a Soft-F1 Loss in Classification
       Systems", Towards Data Science, 2019.

    Examples
    --------
    >>> import torch
    >>> from skmultitag.losses import SoftF1Loss
    >>> y_true = torch.tensor([[1], [0]])
    >>> y_score = torch.zeros(2, 1)  # p = 0.5: tp = 0.5, fp = 0.5, fn = 0.5
    >>> SoftF1Loss()(y_score, y_true)
    tensor(0.5000)
    """

    _parameter_constraints = F1_CONSTRAINTS

    def __init__(
        self, average="macro", *, f_beta=1.0, empty="ignore", negative_class=False
    ):
        super().__init__()
        self.average = average
        self.f_beta = f_beta
        self.empty = empty
        self.negative_class = negative_class

    @property
    def _f1(self):
        return F1Params(self.average, self.f_beta, self.empty, self.negative_class)

    def _row_sums(self, y_score, *target):
        return soft_f1_sums(torch.sigmoid(y_score), *target, self._f1)

    def _loss_from_sums(self, sums):
        return soft_f1_from_sums(sums, self._f1)

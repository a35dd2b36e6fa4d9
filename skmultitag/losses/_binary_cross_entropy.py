from numbers import Real

import numpy as np
from torch.nn import functional

from skmultitag._confusion import safe_ratio
from skmultitag.losses._base import MultilabelLoss, label_frequencies
from skmultitag.utils._sklearn import Interval, StrOptions


class BinaryCrossEntropyLoss(MultilabelLoss):
    r"""Mean over rows and labels of the binary cross-entropy of the logits.

    This loss is the baseline. It trains each label on its own, to estimate its
    probability. If labels are rare, the decision p > 1/2 predicts too few of them. So
    tune a threshold on held-out rows before you compare it with an F1 loss.

    .. math:: \frac{1}{nL} \sum_{ij} w_j y_{ij} \log(1 + e^{-z_{ij}})
              + (1 - y_{ij}) \log(1 + e^{z_{ij}})

    Read more in the :ref:`User Guide <cross_entropy>`.

    Parameters
    ----------
    pos_weight : {"balanced"}, float, array-like, dict or None, default=None
        Weight w of the positives.

        - None: 1;
        - "balanced": number of negatives over number of positives of each label,
          counted in `fit` with sample weights; 1 for a label without a positive or
          without a negative;
        - numbers greater than 0: one for all labels, or an array of shape (n_labels,).
          A dict or Series has one for each label name of the classifier.

        With weights, the outputs are no longer probabilities of the labels.

    Attributes
    ----------
    n_labels_ : int
        Number of labels seen in `fit`.

    pos_weight_ : None, float or ndarray of shape (n_labels,)
        The weights in use.

    See Also
    --------
    SigmoidF1Loss : Trains the decision for F1.

    Examples
    --------
    >>> import torch
    >>> from skmultitag.losses import BinaryCrossEntropyLoss
    >>> y_true = torch.tensor([[1, 0], [0, 1]])
    >>> loss = BinaryCrossEntropyLoss().fit(y_true)
    >>> round(loss(torch.zeros(2, 2), y_true).item(), 4)  # log(2)
    0.6931
    """

    _parameter_constraints = {
        "pos_weight": [
            None,
            StrOptions({"balanced"}),
            Interval(Real, 0, None, closed="neither"),
            "array-like",
        ],
    }

    def __init__(self, pos_weight=None):
        super().__init__()
        self.pos_weight = pos_weight

    def _fit(self, y_true, sample_weight, random_state):
        if self.pos_weight is None:
            self.pos_weight_ = None
        elif isinstance(self.pos_weight, str):
            frequency, _ = label_frequencies(y_true, sample_weight)
            # counted in whole rows: a sum of weights is rounded, so that a label that
            # all rows have may have a frequency below 1
            is_used = None if sample_weight is None else np.asarray(sample_weight) > 0
            share, _ = label_frequencies(y_true, is_used)
            defined = (share > 0) & (share < 1)
            frequency = np.where(defined, frequency, 0.5)
            self.pos_weight_ = (1 - frequency) / frequency
        else:
            self.pos_weight_ = self._check_per_label("pos_weight", positive=True)

    def _forward(self, y_score, y_true, y_known, sample_weight):
        if sample_weight is not None:
            return super()._forward(y_score, y_true, y_known, sample_weight)
        # one pass in place of two
        if y_known is None:
            return self._cross_entropy(y_score, y_true, "mean")
        total = self._cross_entropy(y_score, y_true, "sum", weight=y_known)
        return safe_ratio(total, y_known.sum())

    def _entry_losses(self, y_score, y_true):
        return self._cross_entropy(y_score, y_true, "none")

    def _cross_entropy(self, y_score, y_true, reduction, weight=None):
        if self.pos_weight is None:
            pos_weight = None
        else:
            self._check_is_fitted()
            pos_weight = self._per_label("pos_weight_", like=y_score)
            if isinstance(pos_weight, Real):
                pos_weight = y_score.new_full((1,), pos_weight)
        return functional.binary_cross_entropy_with_logits(
            y_score, y_true, weight=weight, pos_weight=pos_weight, reduction=reduction
        )

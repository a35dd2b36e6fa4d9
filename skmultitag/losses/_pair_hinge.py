import torch

from skmultitag.losses._base import MultilabelLoss
from skmultitag.losses._pairs import n_pairs, refuse_without_pairs


class PairHingeLoss(MultilabelLoss):
    r"""Ranks the labels of a row above all others, by a margin of 1 (Rank-SVM).

    .. math:: \frac{1}{n} \sum_i \frac{1}{|P_i| |N_i|} \sum_{k \in P_i}
              \sum_{j \in N_i} \max(0, 1 - (z_{ik} - z_{ij}))^2

    with :math:`P_i` the labels that row i has and :math:`N_i` the labels that it does
    not have. Pairs that differ by 1 or more in the right direction cost nothing. The
    sum is computed by sorting each row, without a loop over pairs. Rows that have no
    label, or all labels, have a loss of 0. If there are no other rows, `fit` raises an
    error.

    The loss only ranks. The paper decides with
    :class:`~skmultitag.thresholds.LinearThreshold`.

    Read more in the :ref:`User Guide <rank_hinge>`.

    Parameters
    ----------
    squared : bool, default=True
        Whether the hinge is squared. A squared hinge has no kink, so gradient descent
        finds the minimum sooner. The hinge of the paper is not squared.

    Attributes
    ----------
    n_labels_ : int
        Number of labels seen in `fit`.

    See Also
    --------
    LSEPLoss : A smooth ranking loss without a margin.
    skmultitag.thresholds.LinearThreshold : Decides how many labels each row gets.

    Notes
    -----
    A linear network with weight decay solves nearly the problem of the linear Rank-SVM.
    But the weight decay of AdamW is not the penalty of a support vector machine, so
    there is no parameter C.

    References
    ----------
    .. [1] A. Elisseeff, J. Weston, "A Kernel Method for Multi-Labelled Classification",
       NIPS, 2001.

    Examples
    --------
    >>> import torch
    >>> from skmultitag.losses import PairHingeLoss
    >>> y_true, z = torch.tensor([[1.0, 0.0, 0.0]]), torch.tensor([[0.5, 0.0, -1.0]])
    >>> PairHingeLoss()(z, y_true).item()  # 1 - 0.5, squared, and 0
    0.125
    >>> PairHingeLoss(squared=False)(z, y_true).item()
    0.25
    """

    has_natural_threshold = False
    _fit = refuse_without_pairs

    _parameter_constraints = {"squared": ["boolean"]}

    def __init__(self, squared=True):
        super().__init__()
        self.squared = squared

    def _row_losses(self, y_score, y_true, y_false):
        # A positive pays for each negative that is above it, once these are raised by
        # the margin. In falling order, the sums of the distances to all negatives above
        # grow from place to place by the gap between the two: no large numbers are
        # subtracted, as they are in sums of scores and of their squares.
        raised, order = (y_score + y_false).sort(dim=1, descending=True)
        is_positive, is_negative = y_true.gather(1, order), y_false.gather(1, order)
        gap = raised[:, :-1] - raised[:, 1:]
        n_above = is_negative[:, :-1].cumsum(dim=1)
        distance = (n_above * gap).cumsum(dim=1)
        if self.squared:
            before = torch.nn.functional.pad(distance[:, :-1], (1, 0))
            distance = ((2 * before + n_above * gap) * gap).cumsum(dim=1)
        total = (is_positive[:, 1:] * distance).sum(dim=1)
        return total / n_pairs(y_true, y_false).clamp(min=1)

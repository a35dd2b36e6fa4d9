from numbers import Real

from skmultitag.losses._base import MultilabelLoss
from skmultitag.losses._wrapper import WrapperLoss
from skmultitag.utils._sklearn import Interval


class WeightedSumLoss(WrapperLoss):
    """Sum of two losses: first + weight * second.

    Use it to add a second aim, such as the right number of labels, or an F1 loss that
    moves the decisions of cross-entropy. The sum has the decision, the link and the
    natural threshold of `first`.

    Read more in the :ref:`User Guide <sums_of_losses>`.

    Parameters
    ----------
    first : MultilabelLoss
        The main loss.

    second : MultilabelLoss
        The loss that is added.

    weight : float, default=1.0
        Weight of the second loss, in [0, inf).

    Attributes
    ----------
    n_labels_ : int
        Number of labels seen in `fit`.

    first_, second_ : MultilabelLoss
        Fitted clones of the two losses.

    See Also
    --------
    LabelCountLoss : Makes sense only as `second`.

    Notes
    -----
    Parameters of the two losses have names such as `first__beta`, or
    `loss__first__beta` in a search over a :class:`~skmultitag.MultiTagClassifier`.

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

    _part_names = ("first", "second")

    def __init__(self, first, second, weight=1.0):
        super().__init__()
        self.first = first
        self.second = second
        self.weight = weight

    def _combine(self, values):
        first, second = values
        return first + self.weight * second

import torch

from skmultitag.losses._base import MultilabelLoss


class BrierLoss(MultilabelLoss):
    r"""Squared error of the probabilities (Brier score).

    .. math:: \frac{1}{nL} \sum_{ij} (p_{ij} - y_{ij})^2

    Like cross-entropy it is smallest where p is the probability of the label. But no
    entry costs more than 1, and the gradient of an entry that is confidently wrong
    vanishes: such entries, right or not, hardly move the network.

    Read more in the :ref:`User Guide <bounded_errors>`.

    Attributes
    ----------
    n_labels_ : int
        Number of labels seen in `fit`.

    See Also
    --------
    BinaryCrossEntropyLoss : Learns from confident mistakes.
    SoftHammingLoss : The absolute error.

    Notes
    -----
    The Huber loss of p - y is half of it, as no error is beyond 1.

    References
    ----------
    .. [1] G. W. Brier, "Verification of Forecasts Expressed in Terms of Probability",
       Monthly Weather Review 78(1), 1950.

    Examples
    --------
    >>> import torch
    >>> from skmultitag.losses import BrierLoss
    >>> BrierLoss()(torch.zeros(1, 2), torch.tensor([[1, 0]])).item()
    0.25
    """

    def _entry_losses(self, y_score, y_true):
        return torch.sigmoid((1 - 2 * y_true) * y_score).square()

import torch

from skmultitag.losses._base import MultilabelLoss


class BrierLoss(MultilabelLoss):
    r"""Squared error of the probabilities (Brier score).

    .. math:: \frac{1}{nL} \sum_{ij} (p_{ij} - y_{ij})^2

    Like cross-entropy, it is smallest if p is the true probability of the label. But no
    entry costs more than 1, and the gradient vanishes if p is near the wrong value. So
    wrong targets do less harm, and large mistakes are hardly mended.

    Read more in the :ref:`User Guide <bounded_errors>`.

    Attributes
    ----------
    n_labels_ : int
        Number of labels seen in `fit`.

    See Also
    --------
    BinaryCrossEntropyLoss : Has a large gradient for large mistakes.
    SoftHammingLoss : The absolute error.

    Notes
    -----
    It is twice the Huber loss of p - y, as no error is beyond 1.

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

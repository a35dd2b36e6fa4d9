import torch

from skmultitag.losses._base import MultilabelLoss


class SoftHammingLoss(MultilabelLoss):
    r"""Expected share of wrong labels, if each is drawn with its probability.

    .. math:: \frac{1}{nL} \sum_{ij} |p_{ij} - y_{ij}|
              = \frac{1}{nL} \sum_{ij} y_{ij} (1 - p_{ij}) + (1 - y_{ij}) p_{ij}

    With 0 and 1 in place of p it is the Hamming loss. It does not estimate
    probabilities: training moves p to 0 or 1, whichever is likelier. So a label whose
    probability is below 1/2 for all rows is never predicted. The gradient vanishes if p
    is near the wrong value.

    Read more in the :ref:`User Guide <bounded_errors>`.

    Attributes
    ----------
    n_labels_ : int
        Number of labels seen in `fit`.

    See Also
    --------
    SoftF1Loss : F1 of soft predictions.
    BrierLoss : Squared error, which estimates probabilities.

    References
    ----------
    .. [1] H. Yessou, G. Sumbul, B. Demir, "A Comparative Study of Deep Learning Loss
       Functions for Multi-Label Remote Sensing Image Classification", IGARSS, 2020
       (one of the losses compared).

    Examples
    --------
    >>> import torch
    >>> from skmultitag.losses import SoftHammingLoss
    >>> z = torch.tensor([[100.0, 100.0, -100.0, -100.0]])
    >>> SoftHammingLoss()(z, torch.tensor([[1, 0, 0, 0]])).item()  # one of four
    0.25
    """

    def _entry_losses(self, y_score, y_true):
        return torch.sigmoid((1 - 2 * y_true) * y_score)

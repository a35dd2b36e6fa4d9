"""Losses by name."""

from skmultitag.losses._base import MultilabelLoss
from skmultitag.losses._binary_cross_entropy import BinaryCrossEntropyLoss
from skmultitag.losses._callable import CallableLoss
from skmultitag.losses._sigmoid_f1 import SigmoidF1Loss
from skmultitag.losses._soft_f1 import SoftF1Loss

_LOSSES = {
    "bce": BinaryCrossEntropyLoss,
    "sigmoid_f1": SigmoidF1Loss,
    "soft_f1": SoftF1Loss,
}


def get_loss_names():
    """Names of the losses, for `get_loss` and the `loss` of `MultiTagClassifier`.

    Returns
    -------
    names : list of str
        Sorted.

    Examples
    --------
    >>> from skmultitag.losses import get_loss_names
    >>> "sigmoid_f1" in get_loss_names()
    True
    """
    return sorted(_LOSSES)


def get_loss(loss):
    """Return the loss object for a name, or for a callable.

    Parameters
    ----------
    loss : str, MultilabelLoss, torch.nn.Module or callable
        A name of `get_loss_names`; a loss of this package is returned as it is; any
        other module or callable of (logits, targets) is wrapped.

    Returns
    -------
    loss : MultilabelLoss
        A name gives a new object with default parameters.

    Raises
    ------
    ValueError
        If there is no loss of that name.

    TypeError
        If it is a class.

    Examples
    --------
    >>> from skmultitag.losses import get_loss
    >>> get_loss("sigmoid_f1").set_params(beta=2.0)
    SigmoidF1Loss(beta=2.0)
    """
    if isinstance(loss, MultilabelLoss):
        return loss
    if isinstance(loss, type):
        raise TypeError(
            f"The loss is a class: pass an object, {loss.__name__}(), instead."
        )
    if not isinstance(loss, str):
        return CallableLoss(loss)
    if loss not in _LOSSES:
        raise ValueError(f"Unknown loss {loss!r}. The names are {get_loss_names()}.")
    return _LOSSES[loss]()

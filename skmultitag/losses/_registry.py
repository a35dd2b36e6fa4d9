"""Losses by name."""

from skmultitag.losses._adaptive_sigmoid_f1 import AdaptiveSigmoidF1Loss
from skmultitag.losses._asymmetric import AsymmetricLoss
from skmultitag.losses._base import MultilabelLoss
from skmultitag.losses._binary_cross_entropy import BinaryCrossEntropyLoss
from skmultitag.losses._bp_mll import BPMLLLoss
from skmultitag.losses._brier import BrierLoss
from skmultitag.losses._callable import CallableLoss
from skmultitag.losses._distribution_balanced import DistributionBalancedLoss
from skmultitag.losses._focal import FocalLoss
from skmultitag.losses._global_objective import GlobalObjectiveLoss
from skmultitag.losses._hill import HillLoss
from skmultitag.losses._label_count import LabelCountLoss
from skmultitag.losses._lsep import LSEPLoss
from skmultitag.losses._mcm import MCMLoss
from skmultitag.losses._pair_hinge import PairHingeLoss
from skmultitag.losses._sigmoid_f1 import SigmoidF1Loss
from skmultitag.losses._smooth_hinge import SmoothHingeLoss
from skmultitag.losses._soft_f1 import SoftF1Loss
from skmultitag.losses._soft_hamming import SoftHammingLoss
from skmultitag.losses._sparsemax import SparsemaxLoss
from skmultitag.losses._tencent import TencentLoss
from skmultitag.losses._two_way import TwoWayLoss
from skmultitag.losses._weighted_sum import WeightedSumLoss
from skmultitag.losses._zlpr import ZLPRLoss
from skmultitag.losses.bayesian import BayesianSigmoidF1Loss
from skmultitag.utils._messages import shorten, unknown_name


def _cross_entropy_and_count():
    # the count alone does not tell labels apart
    return WeightedSumLoss(BinaryCrossEntropyLoss(), LabelCountLoss(), weight=0.1)


def _sigmoid_f1_and_cross_entropy():
    return SigmoidF1Loss(cross_entropy=0.3)


_LOSSES = {
    "adaptive_sigmoid_f1": AdaptiveSigmoidF1Loss,
    "asymmetric": AsymmetricLoss,
    "bayesian_sigmoid_f1": BayesianSigmoidF1Loss,
    "bce": BinaryCrossEntropyLoss,
    "bp_mll": BPMLLLoss,
    "brier": BrierLoss,
    "distribution_balanced": DistributionBalancedLoss,
    "focal": FocalLoss,
    "global_objective": GlobalObjectiveLoss,
    "hill": HillLoss,
    "label_count": _cross_entropy_and_count,
    "lsep": LSEPLoss,
    "mcm": MCMLoss,
    "rank_hinge": PairHingeLoss,
    "sigmoid_f1": SigmoidF1Loss,
    "sigmoid_f1_bce": _sigmoid_f1_and_cross_entropy,
    "smooth_hinge": SmoothHingeLoss,
    "soft_f1": SoftF1Loss,
    "soft_hamming": SoftHammingLoss,
    "sparsemax": SparsemaxLoss,
    "tencent": TencentLoss,
    "two_way": TwoWayLoss,
    "zlpr": ZLPRLoss,
}


def get_loss_names():
    """Names that `get_loss` and the `loss` of `MultiTagClassifier` accept.

    Read more in the :ref:`User Guide <losses>`.

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
    """Return the loss object for a name or a function.

    Read more in the :ref:`User Guide <losses>`.

    Parameters
    ----------
    loss : str, MultilabelLoss, torch.nn.Module or callable
        - a name of `get_loss_names`: the result is a new object with the parameters
          that the guide lists for the name, which are mostly the defaults;
        - a loss of this package, which is returned as it is;
        - any other module or function of (logits, targets), which is wrapped.

    Returns
    -------
    loss : MultilabelLoss
        The loss object.

    Raises
    ------
    ValueError
        If there is no loss with this name.

    TypeError
        If `loss` is a class, or neither a name nor callable.

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
            f"loss must be an object, not a class. Got {loss.__name__}: pass"
            f" {loss.__name__}() instead."
        )
    if callable(loss):
        return CallableLoss(loss)
    if not isinstance(loss, str):
        raise TypeError(
            "loss must be a name of get_loss_names(), a loss object or a function of"
            f" (logits, targets). Got {shorten(loss)}."
        )
    if loss not in _LOSSES:
        raise ValueError(unknown_name("loss", loss, get_loss_names()))
    return _LOSSES[loss]()

"""Losses: what a network is trained with. Each is a torch module with parameters."""

from skmultitag.losses._adaptive_sigmoid_f1 import AdaptiveSigmoidF1Loss
from skmultitag.losses._asymmetric import AsymmetricLoss
from skmultitag.losses._base import MultilabelLoss, label_frequencies
from skmultitag.losses._binary_cross_entropy import BinaryCrossEntropyLoss
from skmultitag.losses._bp_mll import BPMLLLoss
from skmultitag.losses._brier import BrierLoss
from skmultitag.losses._distributed import DistributedLoss
from skmultitag.losses._distribution_balanced import DistributionBalancedLoss
from skmultitag.losses._focal import FocalLoss
from skmultitag.losses._global_objective import GlobalObjectiveLoss
from skmultitag.losses._hill import HillLoss
from skmultitag.losses._label_count import LabelCountLoss
from skmultitag.losses._lsep import LSEPLoss
from skmultitag.losses._mcm import MCMLoss
from skmultitag.losses._pair_hinge import PairHingeLoss
from skmultitag.losses._registry import get_loss, get_loss_names
from skmultitag.losses._sigmoid_f1 import SigmoidF1Loss
from skmultitag.losses._smooth_hinge import SmoothHingeLoss
from skmultitag.losses._soft_f1 import SoftF1Loss
from skmultitag.losses._soft_hamming import SoftHammingLoss
from skmultitag.losses._sparsemax import SparsemaxLoss
from skmultitag.losses._tencent import TencentLoss
from skmultitag.losses._two_way import TwoWayLoss
from skmultitag.losses._weighted_sum import WeightedSumLoss
from skmultitag.losses._wrapper import WrapperLoss
from skmultitag.losses._zlpr import ZLPRLoss
from skmultitag.losses.bayesian import (
    BayesianSigmoidF1Loss,
    PosteriorDraws,
    SlopeOffsetPosterior,
)
from skmultitag.utils._random_stream import RandomStream

__all__ = [
    "AdaptiveSigmoidF1Loss",
    "AsymmetricLoss",
    "BPMLLLoss",
    "BayesianSigmoidF1Loss",
    "BinaryCrossEntropyLoss",
    "DistributedLoss",
    "DistributionBalancedLoss",
    "FocalLoss",
    "GlobalObjectiveLoss",
    "HillLoss",
    "LSEPLoss",
    "LabelCountLoss",
    "MCMLoss",
    "MultilabelLoss",
    "PairHingeLoss",
    "PosteriorDraws",
    "RandomStream",
    "SigmoidF1Loss",
    "SlopeOffsetPosterior",
    "SoftF1Loss",
    "BrierLoss",
    "SmoothHingeLoss",
    "SoftHammingLoss",
    "SparsemaxLoss",
    "TencentLoss",
    "TwoWayLoss",
    "WeightedSumLoss",
    "WrapperLoss",
    "ZLPRLoss",
    "get_loss",
    "get_loss_names",
    "label_frequencies",
]

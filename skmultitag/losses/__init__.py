"""Losses: what a network is trained on. Each is a torch module with parameters."""

from skmultitag.losses._base import MultilabelLoss
from skmultitag.losses._binary_cross_entropy import BinaryCrossEntropyLoss
from skmultitag.losses._registry import get_loss, get_loss_names
from skmultitag.losses._sigmoid_f1 import SigmoidF1Loss
from skmultitag.losses._soft_f1 import SoftF1Loss

__all__ = [
    "BinaryCrossEntropyLoss",
    "MultilabelLoss",
    "SigmoidF1Loss",
    "SoftF1Loss",
    "get_loss",
    "get_loss_names",
]

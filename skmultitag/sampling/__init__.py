"""Resampling of imbalanced multilabel data, and measures of the imbalance."""

from skmultitag.sampling._measures import (
    imbalance_ratio_per_label,
    mean_imbalance_ratio,
    scumble,
)
from skmultitag.sampling._mlros import MLROS
from skmultitag.sampling._mlrus import MLRUS
from skmultitag.sampling._mlsmote import MLSMOTE
from skmultitag.sampling._mltl import MLTL
from skmultitag.sampling._remedial import REMEDIAL

__all__ = [
    "MLROS",
    "MLRUS",
    "MLSMOTE",
    "MLTL",
    "REMEDIAL",
    "imbalance_ratio_per_label",
    "mean_imbalance_ratio",
    "scumble",
]

"""Thresholders, which turn scores into decisions, and a classifier that tunes them."""

from skmultitag.thresholds._expected_fbeta import ExpectedFBetaThreshold
from skmultitag.thresholds._fbeta import FBetaThreshold
from skmultitag.thresholds._fixed import FixedThreshold
from skmultitag.thresholds._half_f import HalfFThreshold
from skmultitag.thresholds._label_count import LabelCountThreshold
from skmultitag.thresholds._linear import LinearThreshold
from skmultitag.thresholds._platt_knee import PlattKnee
from skmultitag.thresholds._precision_floor import PrecisionFloorThreshold
from skmultitag.thresholds._proportional import ProportionalThreshold
from skmultitag.thresholds._recall_floor import RecallFloorThreshold
from skmultitag.thresholds._thresholded_classifier_cv import ThresholdedClassifierCV
from skmultitag.thresholds._top_k import TopKThreshold

__all__ = [
    "ExpectedFBetaThreshold",
    "FBetaThreshold",
    "FixedThreshold",
    "HalfFThreshold",
    "LabelCountThreshold",
    "LinearThreshold",
    "PlattKnee",
    "PrecisionFloorThreshold",
    "ProportionalThreshold",
    "RecallFloorThreshold",
    "ThresholdedClassifierCV",
    "TopKThreshold",
]

"""Thresholders, from scores to decisions, and the estimator that tunes them."""

from skmultitag.thresholds._fbeta import FBetaThreshold
from skmultitag.thresholds._fixed import FixedThreshold
from skmultitag.thresholds._thresholded_classifier_cv import ThresholdedClassifierCV

__all__ = ["FBetaThreshold", "FixedThreshold", "ThresholdedClassifierCV"]

"""Displays of thresholds, as scikit-learn's: matplotlib is imported on drawing only."""

from skmultitag.plotting._knee import KneeDisplay
from skmultitag.plotting._threshold_curve import ThresholdCurveDisplay

__all__ = ["KneeDisplay", "ThresholdCurveDisplay"]

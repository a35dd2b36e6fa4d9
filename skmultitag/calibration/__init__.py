"""Calibrators: from scores of any kind to probabilities, for all labels at once."""

from skmultitag.calibration._isotonic import IsotonicCalibrator
from skmultitag.calibration._platt import PlattCalibrator

__all__ = ["IsotonicCalibrator", "PlattCalibrator"]

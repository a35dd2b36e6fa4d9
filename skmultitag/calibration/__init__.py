"""Calibrators, which turn scores of any kind into probabilities of all labels."""

from skmultitag.calibration._isotonic import IsotonicCalibrator
from skmultitag.calibration._platt import PlattCalibrator

__all__ = ["IsotonicCalibrator", "PlattCalibrator"]

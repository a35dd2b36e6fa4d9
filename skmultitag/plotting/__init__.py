"""Displays like those of scikit-learn; matplotlib is imported only to draw."""

from skmultitag.plotting._knee import KneeDisplay
from skmultitag.plotting._label_confusion import LabelConfusionDisplay
from skmultitag.plotting._label_report import LabelReportDisplay
from skmultitag.plotting._posterior import PosteriorDisplay
from skmultitag.plotting._threshold_curve import ThresholdCurveDisplay
from skmultitag.plotting._training_history import TrainingHistoryDisplay

__all__ = [
    "KneeDisplay",
    "LabelConfusionDisplay",
    "LabelReportDisplay",
    "PosteriorDisplay",
    "ThresholdCurveDisplay",
    "TrainingHistoryDisplay",
]

"""Metrics of soft predictions, and scorers for model selection."""

from skmultitag.metrics._binary_cross_entropy import binary_cross_entropy_error
from skmultitag.metrics._scorer import get_scorer, get_scorer_names
from skmultitag.metrics._sigmoid_f1_score import sigmoid_f1_score
from skmultitag.metrics._soft_f1_score import soft_f1_score

__all__ = [
    "binary_cross_entropy_error",
    "get_scorer",
    "get_scorer_names",
    "sigmoid_f1_score",
    "soft_f1_score",
]

"""Metrics of soft predictions and of rankings, reports of labels, and scorers."""

from skmultitag.metrics._at_k import ndcg_at_k, precision_at_k, recall_at_k
from skmultitag.metrics._binary_cross_entropy import binary_cross_entropy_error
from skmultitag.metrics._certainty import (
    expected_fbeta_of_rows,
    log_odds_to_threshold,
)
from skmultitag.metrics._hierarchical import (
    hierarchical_f1_score,
    hierarchical_precision_score,
    hierarchical_recall_score,
)
from skmultitag.metrics._inverse_propensity import inverse_propensity
from skmultitag.metrics._label_confusion_matrix import label_confusion_matrix
from skmultitag.metrics._label_report import label_report, label_report_from_predictions
from skmultitag.metrics._row_rankings import coverage, one_error, ranking_loss
from skmultitag.metrics._scorer import get_scorer, get_scorer_names
from skmultitag.metrics._sigmoid_f1_score import sigmoid_f1_score
from skmultitag.metrics._soft_f1_score import soft_f1_score

__all__ = [
    "binary_cross_entropy_error",
    "coverage",
    "expected_fbeta_of_rows",
    "get_scorer",
    "get_scorer_names",
    "hierarchical_f1_score",
    "hierarchical_precision_score",
    "hierarchical_recall_score",
    "inverse_propensity",
    "label_confusion_matrix",
    "label_report",
    "label_report_from_predictions",
    "log_odds_to_threshold",
    "ndcg_at_k",
    "one_error",
    "precision_at_k",
    "ranking_loss",
    "recall_at_k",
    "sigmoid_f1_score",
    "soft_f1_score",
]

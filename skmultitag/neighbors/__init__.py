"""Predictions and features from the labels of the nearest rows."""

from skmultitag.neighbors._mlknn_classifier import MLkNNClassifier
from skmultitag.neighbors._neighbor_labels import NeighborLabels

__all__ = ["MLkNNClassifier", "NeighborLabels"]

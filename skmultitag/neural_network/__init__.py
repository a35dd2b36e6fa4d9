"""The classifier: a network on embeddings, trained on one of the losses."""

from skmultitag.neural_network._model_checkpoint import ModelCheckpoint
from skmultitag.neural_network._multitag_classifier import MultiTagClassifier

__all__ = ["ModelCheckpoint", "MultiTagClassifier"]

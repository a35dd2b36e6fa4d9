"""One classifier for each label."""

from skmultitag.multioutput._binary_relevance_classifier import (
    BinaryRelevanceClassifier,
)

__all__ = ["BinaryRelevanceClassifier"]

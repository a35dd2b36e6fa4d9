"""Hierarchies of labels: a row with a label also has all labels above it."""

from skmultitag.hierarchy._add_ancestors import add_ancestors
from skmultitag.hierarchy._hierarchical_classifier import HierarchicalClassifier
from skmultitag.utils._hierarchy import hierarchy_edges

__all__ = ["HierarchicalClassifier", "add_ancestors", "hierarchy_edges"]

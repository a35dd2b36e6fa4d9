"""Votes of several classifiers."""

from skmultitag.ensemble._multilabel_voting_classifier import MultilabelVotingClassifier

__all__ = ["MultilabelVotingClassifier"]

"""Data sets: one of real embeddings that is shipped, and simulated ones."""

from skmultitag.datasets._debtags import load_debtags
from skmultitag.datasets._make_multitag_classification import (
    make_multitag_classification,
)

__all__ = ["load_debtags", "make_multitag_classification"]

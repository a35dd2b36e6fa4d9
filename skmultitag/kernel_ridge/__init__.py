"""Kernel ridge classifiers, with leave-one-out scores in closed form."""

from skmultitag.kernel_ridge._kernel_ridge_classifier_cv import (
    KernelRidgeClassifierCV,
)

__all__ = ["KernelRidgeClassifierCV"]

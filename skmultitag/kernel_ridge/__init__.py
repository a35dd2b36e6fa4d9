"""Kernel ridge classifiers, with leave-one-out scores in closed form."""

from skmultitag.kernel_ridge._kernel_ridge_classifier_cv import (
    KernelRidgeClassifierCV,
)
from skmultitag.kernel_ridge._stacked_kernel_ridge_classifier_cv import (
    StackedKernelRidgeClassifierCV,
)

__all__ = ["KernelRidgeClassifierCV", "StackedKernelRidgeClassifierCV"]

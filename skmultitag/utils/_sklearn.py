"""The private names of scikit-learn that the package uses: imported here only."""

import numpy as np
from sklearn.base import _fit_context as fit_context
from sklearn.metrics._scorer import _Scorer as Scorer
from sklearn.utils import _safe_indexing as safe_indexing
from sklearn.utils._optional_dependencies import check_matplotlib_support
from sklearn.utils._param_validation import (
    HasMethods,
    Interval,
    Options,
    RealNotInt,
    StrOptions,
    validate_params,
)
from sklearn.utils.validation import _check_sample_weight
from sklearn.utils.validation import _num_samples as number_of_rows

from skmultitag.utils._messages import naming

__all__ = [
    "HasMethods",
    "Interval",
    "Options",
    "RealNotInt",
    "Scorer",
    "StrOptions",
    "check_matplotlib_support",
    "check_sample_weight",
    "fit_context",
    "number_of_rows",
    "safe_indexing",
    "validate_params",
]


def check_sample_weight(sample_weight, X):
    """Return the weights as a float64 array of shape (n_samples,), None as None.

    They must be finite, also their sum, not negative, and not all zero.
    """
    if sample_weight is None:
        return None
    with naming("sample_weight"):
        weight = _check_sample_weight(
            sample_weight, X, dtype=np.float64, ensure_non_negative=True
        )
        if not weight.any():  # scikit-learn checks this from 1.9 on
            raise ValueError(
                "Sample weights must contain at least one non-zero number."
            )
        with np.errstate(over="ignore"):
            if not np.isfinite(weight.sum()):
                raise ValueError("The sum of the weights is too large for a float64.")
    return weight

"""The private names of scikit-learn that the package uses.

Two are imported where they are used, as they bring large parts of scikit-learn along:
the base classes of searches and of votes.
"""

import numpy as np
from sklearn.base import _fit_context as fit_context
from sklearn.metrics._scorer import _Scorer as Scorer
from sklearn.utils import _safe_indexing
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

from skmultitag.utils._given import check_is_matrix
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


def safe_indexing(X, rows):
    """Rows by number of an array, sparse matrix, frame, list, or of what arrow has."""
    if hasattr(X, "to_pylist"):  # scikit-learn knows it from 1.7 on
        return X.take(rows)
    return _safe_indexing(X, rows)


def check_sample_weight(sample_weight, X):
    """Return the weights as a float64 array of shape (n_samples,), None as None.

    They must be finite, not negative, and not all zero, and their sum from 1e-200 to
    1e300: products with others would be rounded to 0, or infinite.
    """
    if sample_weight is None:
        return None
    check_is_matrix(sample_weight, "sample_weight")
    with naming("sample_weight"):
        weight = _check_sample_weight(
            sample_weight, X, dtype=np.float64, ensure_non_negative=True
        )
        if not weight.any():  # scikit-learn checks this from 1.9 on
            raise ValueError(
                "Sample weights must contain at least one non-zero number."
            )
        with np.errstate(over="ignore"):
            total = weight.sum()
        if not 1e-200 <= total <= 1e300:
            raise ValueError(
                "The sum of the weights must be from 1e-200 to 1e300. Got"
                f" {total:.3g}: divide them by their mean."
            )
    return weight

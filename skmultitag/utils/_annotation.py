"""Indicators in which some entries are not annotated.

An indicator of uint8 or bool is complete. One of int8 has -1 where nobody said whether
the row has the label: its type tells so, and no complete one is searched for them.
Outside of the package such entries are NaN.
"""

import numpy as np
from scipy import sparse

NOT_ANNOTATED = -1


def is_partial(indicator):
    """Whether an indicator has entries that are not annotated."""
    return indicator.dtype == np.int8


def annotated(indicator):
    """Which entries of an array are annotated, of its shape; None for all."""
    return indicator >= 0 if is_partial(indicator) else None


def positives(indicator):
    """An indicator in which entries that are not annotated count as 0, of uint8."""
    if not is_partial(indicator):
        return indicator
    if not sparse.issparse(indicator):
        return (indicator == 1).view(np.uint8)
    return _stored(indicator, 1)


def not_annotated(indicator):
    """The entries of a sparse indicator that are not annotated, as a CSR array of 1."""
    return _stored(indicator, NOT_ANNOTATED)


def _stored(indicator, value):
    """Where a sparse indicator has a value, as 1 of uint8."""
    indicator = indicator.copy()
    indicator.data = (indicator.data == value).view(np.uint8)
    indicator.eliminate_zeros()
    return indicator


def as_partial(y):
    """An indicator of int8 from an array or CSR matrix of 0, 1 and NaN."""
    if not sparse.issparse(y):
        return np.where(np.isnan(y), NOT_ANNOTATED, y).astype(np.int8)
    indicator = y.copy()
    indicator.data = as_partial(y.data)
    return indicator


def as_indicator(y):
    """An array or CSR matrix of targets, of int8 if it has NaN, else as it is."""
    y = y if sparse.issparse(y) else np.asarray(y)
    return as_partial(y) if has_nan(y) else y


def with_nan(indicator):
    """An indicator, of float64 with NaN if entries are not annotated; else as it is."""
    if not is_partial(indicator):
        return indicator
    if not sparse.issparse(indicator):
        return np.where(indicator < 0, np.nan, indicator)
    other = indicator.astype(np.float64)
    other.data = with_nan(indicator.data)
    return other


def has_nan(y):
    """Whether a target, as metrics take it, is an indicator with NaN."""
    if getattr(y, "ndim", 1) != 2 or y.dtype.kind != "f":
        return False
    return bool(np.isnan(y.data if sparse.issparse(y) else y).any())


def annotated_rows(indicator, sample_weight=None, name="y_true"):
    """Numbers of the rows with an annotated entry, and with a weight if there are any.

    Raises
    ------
    ValueError
        If there is none.
    """
    n_unknown = np.asarray((indicator < 0).sum(axis=1)).ravel()
    is_kept = n_unknown < indicator.shape[1]
    if sample_weight is not None:
        is_kept &= sample_weight > 0
    if not is_kept.any():
        where = "" if sample_weight is None else " in rows with a weight"
        raise ValueError(f"All entries of {name}{where} are NaN: none is annotated.")
    return np.flatnonzero(is_kept)


def without_empty_labels(indicator):
    """An array in which labels without annotated rows are 0: those without positives.

    For models of one label each, which can't be fitted on no row.
    """
    if not is_partial(indicator):
        return indicator
    return np.where((indicator < 0).all(axis=0), 0, indicator).astype(np.int8)

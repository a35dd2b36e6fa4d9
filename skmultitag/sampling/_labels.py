"""Targets as sparse indicators, and which of their labels are minority labels."""

import numpy as np
from scipy import sparse

from skmultitag.utils._messages import naming, shorten
from skmultitag.utils._target_encoder import TargetEncoder
from skmultitag.utils._target_forms import read_form


def read_target(y):
    """Return `y` as a sparse indicator, with the names of its labels.

    Parameters
    ----------
    y : array-like, sparse matrix or list of tag lists
        Multilabel target, see :class:`~skmultitag.MultiTagClassifier`.

    Returns
    -------
    indicator : CSR array of uint8 of shape (n_samples, n_labels)
        Without stored zeros, its indices sorted. It may share memory with `y`. Of int8,
        see `_annotation`, if entries are not annotated.

    names : ndarray of shape (n_labels,)
    """
    form = read_form(y)
    if form.kind == "column":
        raise ValueError(
            f"y must be a multilabel target. Got a y of shape {form.data.shape}, which"
            " is binary or multiclass. Use a sampler of imbalanced-learn, such as"
            " imblearn.over_sampling.RandomOverSampler. You can pass a single label as"
            " a sparse matrix, a DataFrame or tag lists."
        )
    encoder = TargetEncoder()
    indicator = sparse.csr_array(encoder.fit_transform(form, allow_missing=True))
    if indicator.shape[0] == 0:
        raise ValueError("y must have at least one row. Got none.")
    if not indicator.has_canonical_format or not indicator.data.all():
        indicator = indicator.copy()  # the entries may be those of y
        indicator.sum_duplicates()
        indicator.eliminate_zeros()
    return indicator, encoder.label_names_


def count_labels(indicator):
    """Number of rows of each label, as an array of int64."""
    return np.bincount(indicator.indices, minlength=indicator.shape[1])


def imbalance_ratios(counts):
    """The imbalance ratio of each label, infinite for a label without rows."""
    ratios = np.full(len(counts), np.inf)
    np.divide(counts.max(), counts, out=ratios, where=counts > 0)
    return ratios


def mean_ratio(ratios):
    """The mean imbalance ratio, over the labels that have rows."""
    return float(ratios[np.isfinite(ratios)].mean())


def minority_columns(counts, names, sampling_strategy):
    """Indices of the minority labels that have rows, in ascending order.

    Parameters
    ----------
    counts : ndarray of shape (n_labels,)
        Number of rows of each label.

    names : ndarray of shape (n_labels,)

    sampling_strategy : "auto" or list of names
    """
    has_rows = counts > 0
    if isinstance(sampling_strategy, str):
        ratios = imbalance_ratios(counts)
        return np.flatnonzero(has_rows & (ratios > mean_ratio(ratios)))
    columns = {name: column for column, name in enumerate(names.tolist())}
    wanted = np.asarray(sampling_strategy, dtype=object).ravel().tolist()
    with naming("sampling_strategy"):  # lists, say, are no names
        unknown = [name for name in wanted if name not in columns]
    if unknown:
        raise ValueError(
            "sampling_strategy must have names of labels of y. Got"
            f" {shorten(unknown)}, but the labels are {shorten(names)}."
        )
    is_wanted = np.zeros(len(counts), dtype=bool)
    is_wanted[[columns[name] for name in wanted]] = True
    return np.flatnonzero(is_wanted & has_rows)


def balanced_count(counts):
    """The least number of rows whose imbalance ratio is not above the mean ratio."""
    most, border = counts.max(), mean_ratio(imbalance_ratios(counts))
    # by the ratio itself, as the quotient may be rounded to the wrong side
    least = int(most / border)
    while most / least > border:
        least += 1
    return least

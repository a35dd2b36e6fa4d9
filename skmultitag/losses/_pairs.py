"""Pairs of a label that a row has and a label that it does not have."""

import numpy as np

from skmultitag.utils._annotation import as_indicator


def n_pairs(y_true, y_false):
    """Number of pairs of each row, of tensors of the positives and the negatives."""
    return y_true.sum(dim=1) * y_false.sum(dim=1)


def refuse_without_pairs(loss, y_true, sample_weight, random_state):
    """`_fit` of a loss that only compares the labels of a row with each other.

    If no row has a pair, the value of the loss is the same for any scores, and a
    network would stay as it began.

    Parameters
    ----------
    loss : MultilabelLoss

    y_true, sample_weight, random_state
        As passed to `fit`.

    Raises
    ------
    ValueError
        If no row has a pair.
    """
    y_true, n_labels = as_indicator(y_true), y_true.shape[1]
    n_positive = np.asarray((y_true == 1).sum(axis=1)).ravel()
    # what a sparse one does not store is 0
    n_negative = n_labels - np.asarray((y_true != 0).sum(axis=1)).ravel()
    has_pairs = (n_positive > 0) & (n_negative > 0)
    if sample_weight is not None:
        has_pairs &= np.asarray(sample_weight) > 0
    if not has_pairs.any():
        given = f"{n_labels} labels" if n_labels > 1 else "one label"
        raise ValueError(
            f"{type(loss).__name__} learns from rows that have some of the labels but"
            f" not all. y has {given} and no such row. Use a loss that trains each"
            " label on its own, such as 'bce'."
        )

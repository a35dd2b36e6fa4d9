"""Pairs of a label that a row has and one that it has not."""

import numpy as np


def n_pairs(y_true):
    """Number of pairs of each row of a tensor of targets."""
    n_positive = y_true.sum(dim=1)
    return n_positive * (y_true.shape[1] - n_positive)


def refuse_without_pairs(loss, y_true, sample_weight, random_state):
    """`_fit` of a loss that only compares the labels of a row with each other.

    Its value is the same for any scores if no row has a pair, and a network would stay
    as it began.

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
    n_labels = y_true.shape[1]
    n_positive = np.asarray(y_true.sum(axis=1)).ravel()
    has_pairs = (n_positive > 0) & (n_positive < n_labels)
    if sample_weight is not None:
        has_pairs &= np.asarray(sample_weight) > 0
    if not has_pairs.any():
        given = f"{n_labels} labels" if n_labels > 1 else "one label"
        raise ValueError(
            f"{type(loss).__name__} compares labels that a row has with those that it"
            f" has not: with this y, of {given}, there is nothing to learn, as no row"
            " has some of the labels but not all. Take a loss that trains each label on"
            " its own, such as 'bce'."
        )

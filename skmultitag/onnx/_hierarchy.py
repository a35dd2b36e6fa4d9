"""Scores and decisions that obey a hierarchy of labels, as operators of ONNX."""

import numpy as np


def write_max_over_descendants(graph, values, pairs, n_labels):
    """Add the largest of the values of each label and of all below it.

    Parameters
    ----------
    graph : Graph

    values : str
        Tensor of shape (n_samples, n_labels).

    pairs : tuple of two ndarrays of int64
        Of `descendant_pairs`.

    n_labels : int

    Returns
    -------
    values : str
    """
    ancestors, descendants = pairs
    n_below = np.bincount(ancestors, minlength=n_labels)
    # a row a label, filled up with the label itself
    table = np.tile(np.arange(n_labels)[:, None], n_below.max())
    table[np.arange(n_below.max()) < n_below[:, None]] = descendants
    below = graph("Gather", values, table, axis=1)
    return graph("ReduceMax", below, np.array([2]), keepdims=0)

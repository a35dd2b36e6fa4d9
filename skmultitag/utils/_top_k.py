import numpy as np


def top_k_indicator(scores, k):
    """Mark the labels with the largest scores of each row.

    Parameters
    ----------
    scores : ndarray of shape (n_samples, n_labels)

    k : int or ndarray of int of shape (n_samples,)
        How many labels of each row; all if it is more than there are.

    Returns
    -------
    indicator : ndarray of bool of shape (n_samples, n_labels)
        Of equal scores, those of the first labels are marked.
    """
    order = np.argsort(-scores, axis=1, kind="stable")
    is_top = np.arange(scores.shape[1]) < np.reshape(k, (-1, 1))
    indicator = np.zeros(scores.shape, dtype=bool)
    np.put_along_axis(indicator, order, np.broadcast_to(is_top, scores.shape), axis=1)
    return indicator

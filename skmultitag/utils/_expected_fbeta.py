"""Expected F-beta of decisions for one row, from probabilities of its labels."""

import numpy as np

from skmultitag._confusion import square_of

_NEGLIGIBLE = 1e-12  # probability of more labels in a row than are looked at


def expected_fbeta_of_first(proba, beta, zero_division):
    """Expected F-beta if the first k labels are predicted, for k = 0 ... n_labels.

    Labels are taken to be independent.

    Parameters
    ----------
    proba : ndarray of float64 of shape (n_samples, n_labels)
        Probabilities, in each row in any order of the labels.

    beta : float

    zero_division : float
        F-beta of a row without labels for which none is predicted.

    Returns
    -------
    expected : ndarray of shape (n_samples, n_labels + 1)
    """
    beta2 = square_of(beta)
    count = _count_distribution(proba)
    n_samples, n_labels = proba.shape
    expected = np.zeros((n_samples, n_labels + 1))
    expected[:, 0] = zero_division * count[:, 0]
    k = np.arange(1, n_labels + 1)
    # P(S_{-i} = s) follows from P(S) by division of polynomials: upwards from s = 0
    # where p_i is small, downwards from the end where it is large, so that rounding
    # errors shrink from step to step
    is_likely = proba > 0.5
    small, large = np.where(is_likely, 0, proba), np.where(is_likely, proba, 1)
    others = np.zeros_like(proba)
    for s in range(1, count.shape[1]):
        others = (count[:, [s - 1]] - small * others) / (1 - small)
        part = np.where(is_likely, 0, small * others).cumsum(axis=1)
        expected[:, 1:] += (1 + beta2) / (beta2 * s + k) * part
    if is_likely.any():
        # few columns if the likely labels come first
        n_likely = np.flatnonzero(is_likely.any(axis=0))[-1] + 1
        is_likely, large = is_likely[:, :n_likely], large[:, :n_likely]
        others = np.zeros_like(large)
        part = np.zeros_like(proba)
        for s in range(count.shape[1] - 1, 0, -1):
            others = (count[:, [s]] - (1 - large) * others) / large
            part[:, :n_likely] = np.where(is_likely, large * others, 0)
            expected[:, 1:] += (1 + beta2) / (beta2 * s + k) * part.cumsum(axis=1)
    return expected


def _count_distribution(proba):
    """Probability of s = 0, 1, ... labels in a row, as far as it is not negligible."""
    mean = proba.sum(axis=1).max()
    # Bernstein's inequality bounds the probability of more
    log_term = -np.log(_NEGLIGIBLE)
    most = int(mean + log_term / 3 + np.sqrt(log_term**2 / 9 + 2 * log_term * mean)) + 1
    most = min(most, proba.shape[1])
    count = np.zeros((len(proba), most + 1))
    count[:, 0] = 1
    for p in proba.T:
        count[:, 1:] += p[:, None] * (count[:, :-1] - count[:, 1:])
        count[:, 0] *= 1 - p
    return count

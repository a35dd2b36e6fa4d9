"""Diagnostics of Markov chains: split R-hat and effective sample size."""

import numpy as np


def split_r_hat(draws):
    """Potential scale reduction of chains that are cut in halves.

    Parameters
    ----------
    draws : ndarray of shape (n_chains, n_draws, n_labels)

    Returns
    -------
    r_hat : ndarray of shape (n_labels,)
        Near 1 if all halves have the same distribution; 1 if nothing moves at all.

    References
    ----------
    .. [1] A. Gelman et al., "Bayesian Data Analysis", third edition, 2013,
       section 11.4.
    """
    halves = _split(draws)
    n_draws = halves.shape[1]
    within = halves.var(axis=1, ddof=1).mean(axis=0)
    between = n_draws * halves.mean(axis=1).var(axis=0, ddof=1)
    total = (n_draws - 1) / n_draws * within + between / n_draws
    moves = within > 0
    return np.sqrt(np.divide(total, within, out=np.ones_like(total), where=moves))


def effective_sample_size(draws):
    """Number of independent draws that would give as exact a mean.

    Autocorrelations are summed up by Geyer's initial monotone sequence.

    Parameters
    ----------
    draws : ndarray of shape (n_chains, n_draws, n_labels)

    Returns
    -------
    size : ndarray of shape (n_labels,)

    References
    ----------
    .. [1] A. Vehtari, A. Gelman, D. Simpson, B. Carpenter, P.-C. Buerkner,
       "Rank-Normalization, Folding, and Localization: An Improved R-hat for Assessing
       Convergence of MCMC", Bayesian Analysis 16, 2021 (without the ranks).
    """
    halves = _split(draws)
    n_chains, n_draws, _ = halves.shape
    covariance = _autocovariance(halves).mean(axis=0)
    within = covariance[0] * n_draws / (n_draws - 1)
    between = halves.mean(axis=1).var(axis=0, ddof=1)
    total = covariance[0] + between
    moves = total > 0
    correlation = 1 - (within - covariance) / np.where(moves, total, 1)
    correlation[0] = 1
    # sums of neighbors are positive and fall, but for noise, from which on they are 0
    n_pairs = n_draws // 2
    pairs = correlation[: 2 * n_pairs].reshape(n_pairs, 2, -1).sum(axis=1)
    is_signal = np.logical_and.accumulate(pairs > 0, axis=0)
    pairs = np.minimum.accumulate(np.where(is_signal, pairs, 0), axis=0)
    n_all = n_chains * n_draws
    length = np.maximum(2 * pairs.sum(axis=0) - 1, 1 / np.log10(n_all))
    return np.where(moves, n_all / length, n_all)


def _split(draws):
    """Halves of the chains as chains of their own, of one length."""
    half = draws.shape[1] // 2
    return np.concatenate([draws[:, :half], draws[:, -half:]])


def _autocovariance(draws):
    """Autocovariance of each chain at all lags, of the shape of `draws`."""
    n_draws = draws.shape[1]
    centered = draws - draws.mean(axis=1, keepdims=True)
    spectrum = np.fft.rfft(centered, n=2 * n_draws, axis=1)
    covariance = np.fft.irfft(np.abs(spectrum) ** 2, axis=1)[:, :n_draws]
    return covariance / n_draws

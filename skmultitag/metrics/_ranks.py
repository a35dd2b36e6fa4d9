import numpy as np
from scipy.special import expit

# what agrees best with the hard macro F1 in examples/benchmarks/bench_scorers.py
BETA_OF_RANKS = 2.0


def sigmoid_of_ranks(
    y_score, sample_weight=None, decision=0.0, beta=BETA_OF_RANKS, eta=0.0
):
    """S(u; beta, eta) of the rank of each score within its label.

    u is the log-odds of the share of rows below a score, minus the same of the
    decision; of equal scores one half counts as below. If all rows are on one side, the
    decision is taken to lie halfway between the middle of the place of the last row and
    the end.

    Parameters
    ----------
    y_score : ndarray of shape (n_samples, n_labels)
        Finite scores.

    sample_weight : ndarray of shape (n_samples,), default=None
        Weights of the rows; an integer weight equals that many copies of the row.

    decision : float, default=0.0
        Above which score a label is predicted.

    beta : float, default=2.0
        Slope.

    eta : float, default=0.0
        Offset.

    Returns
    -------
    y_soft : ndarray of float64 of shape (n_samples, n_labels)
        In (0, 1).
    """
    if sample_weight is None:
        sample_weight = np.ones(len(y_score))
    # the decision takes part as one more row, of no weight
    weight = np.append(sample_weight, 0.0)
    u = np.empty(y_score.shape)
    for label, scores in enumerate(y_score.T):
        log_odds = _log_odds_of_ranks(np.append(scores, decision), weight)
        u[:, label] = log_odds[:-1] - log_odds[-1]
    return expit(beta * (u + eta))


def _log_odds_of_ranks(scores, weight):
    _, place = np.unique(scores, return_inverse=True)
    masses = np.bincount(place, weights=weight)
    first, last = masses[masses > 0][[0, -1]]
    total = masses.sum()
    # both are sums from their end, as 1 - share would lose small weights
    below = np.cumsum(masses) - masses / 2
    above = np.cumsum(masses[::-1])[::-1] - masses / 2
    below = np.clip(below, first / 4, total - last / 4)
    above = np.clip(above, last / 4, total - first / 4)
    return np.log(below / above)[place]

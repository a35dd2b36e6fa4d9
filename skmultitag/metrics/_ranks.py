import numpy as np
from scipy.special import expit

# what agrees best with the hard macro F1 in examples/benchmarks/bench_scorers.py
BETA_OF_RANKS = 2.0


def sigmoid_of_ranks(
    y_score,
    sample_weight=None,
    decision=0.0,
    beta=BETA_OF_RANKS,
    eta=0.0,
    is_annotated=None,
):
    """S(u; beta, eta) of the rank of each score within its label.

    u is the log-odds of the share of rows below a score, minus the log-odds of the
    share of rows below the decision. Half of equal scores count as below. If all rows
    are on one side of the decision, a quarter of the row nearest to it counts as on the
    other side.

    Parameters
    ----------
    y_score : ndarray of shape (n_samples, n_labels)
        Finite scores.

    sample_weight : ndarray of shape (n_samples,), default=None
        Weights of the rows; an integer weight equals that many copies of the row.

    decision : float, default=0.0
        The score above which a label is predicted.

    beta : float, default=2.0
        Slope.

    eta : float, default=0.0
        Offset.

    is_annotated : ndarray of bool of shape (n_samples, n_labels), default=None
        Which scores are ranked. In the result, the others have no meaning.

    Returns
    -------
    y_soft : ndarray of float64 of shape (n_samples, n_labels)
        In (0, 1).
    """
    if sample_weight is None:
        sample_weight = np.ones(len(y_score))
    u = np.zeros(y_score.shape)
    for label in range(y_score.shape[1]):
        rows = slice(None) if is_annotated is None else is_annotated[:, label]
        scores, weight = y_score[rows, label], sample_weight[rows]
        if weight.any():
            # the decision takes part as one more row, of no weight
            log_odds = _log_odds_of_ranks(
                np.append(scores, decision), np.append(weight, 0.0)
            )
            u[rows, label] = log_odds[:-1] - log_odds[-1]
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

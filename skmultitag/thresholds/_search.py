"""Exact searches for the threshold with the best F-beta.

With the best F-beta, the lowest predicted score is the score of a positive: if it were
the score of a negative, a higher threshold would have a better F-beta. So the scores of
the positives are the only candidates. Of equally good thresholds the highest is taken.
"""

import numpy as np

from skmultitag._confusion import FBetaCounts, fbeta_from_counts, square_of
from skmultitag.utils._annotation import annotated, is_partial

_N_EDGES = 32
_MAX_PASSES = 20


def never_predicted(scores, y):
    """Scores and targets that leave out the entries that are not annotated.

    These entries become negatives with a score below all thresholds. Such a negative is
    in no count, as it is neither a positive nor predicted.

    Parameters
    ----------
    scores : ndarray of shape (n_samples, n_labels)

    y : ndarray of bool or int8 of shape (n_samples, n_labels)

    Returns
    -------
    scores : ndarray of shape (n_samples, n_labels)
        Minus infinity if `y` is not annotated.

    y : ndarray of bool of shape (n_samples, n_labels)
    """
    if not is_partial(y):
        return scores, y
    return np.where(annotated(y), scores, scores.dtype.type(-np.inf)), y == 1


def each_label(scores, y, sample_weight, average="macro"):
    """Iterate over the labels; with "micro", all entries are those of one label.

    Yields
    ------
    scores, y, sample_weight : ndarray of shape (n_rows,)
        Contiguous. No weights if there are none.
    """
    if average == "micro":
        if sample_weight is not None:
            sample_weight = np.repeat(sample_weight, scores.shape[1])
        scores, y = scores.reshape(-1, 1), y.reshape(-1, 1)
    for column, target in zip(scores.T, y.T, strict=True):
        yield np.ascontiguousarray(column), np.ascontiguousarray(target), sample_weight


def midpoint_below(scores, candidate):
    """A threshold halfway between `candidate` and the next lower score.

    New rows can lie on both sides of a score, so the middle serves them best.
    """
    lower = scores[scores < candidate]
    if not lower.size:
        return float(candidate)
    # in the precision of the scores, so that no comparison rounds it to the lower one
    below = lower.max()
    middle = below / 2 + candidate / 2
    return float(middle if below < middle <= candidate else candidate)


def ends_of_ties(ordered):
    """Mask of the last of each run of equal scores: between equals there is no cut."""
    return np.append(ordered[1:] != ordered[:-1], True)


def best_fbeta(scores, y, beta, sample_weight=None):
    """The threshold on `scores` with the best F-beta, and that F-beta.

    Parameters
    ----------
    scores : ndarray of shape (n_samples,)

    y : ndarray of bool of shape (n_samples,)

    beta : float

    sample_weight : ndarray of shape (n_samples,), default=None

    Returns
    -------
    threshold, score : float
        Infinity and 0 without a positive.
    """
    if not y.any():
        return np.inf, 0.0
    total = _sum(y, sample_weight)
    low, high = _window(scores, y, beta, sample_weight, total)
    above = scores >= high
    inside = (scores >= low) & ~above
    weight = None if sample_weight is None else sample_weight[inside]
    candidates, tp, predicted = counts_at_positives(scores[inside], y[inside], weight)
    tp = tp + _sum(above & y, sample_weight)
    predicted = predicted + _sum(above, sample_weight)
    fbeta = _fbeta(tp, predicted, total, beta)
    best = np.argmax(fbeta)
    return midpoint_below(scores, candidates[best]), float(fbeta[best])


def _window(scores, y, beta, sample_weight, total):
    """Bounds low <= t < high of the best candidates t, without sorting all scores.

    Edges cut the positives into a few parts. Within a part, tp is at most the tp at its
    lower edge, and the number of predicted rows is at least the number at its upper
    edge. A part whose F-beta can't reach the best F-beta of the edges is left out.
    """
    positives = np.sort(scores[y])
    places = np.linspace(len(positives) - 1, 0, _N_EDGES).astype(int)
    edges = np.unique(positives[places])[::-1]
    counts = [(0, 0)]
    for edge in edges:
        above = scores >= edge
        counts.append((_sum(above & y, sample_weight), _sum(above, sample_weight)))
    tp, predicted = np.transpose(counts)
    reached = _fbeta(tp[1:], predicted[1:], total, beta).max()
    bound = _fbeta(tp[1:], predicted[:-1], total, beta)
    kept = np.flatnonzero(bound >= reached * (1 - 1e-9))
    return edges[kept[-1]], edges[kept[0] - 1] if kept[0] else np.inf


def counts_at_positives(scores, y, sample_weight=None):
    """Counts if all rows from a positive's score on are predicted.

    Returns
    -------
    candidates : ndarray of shape (n_candidates,)
        Distinct scores of positives, from high to low.

    tp, predicted : ndarray of shape (n_candidates,)
        Positives and all rows (or their weights) with this score or more.
    """
    candidates, n_equal = np.unique(scores[y], return_counts=True)
    candidates = candidates[::-1]
    if sample_weight is None:
        predicted = len(scores) - np.searchsorted(np.sort(scores), candidates)
        return candidates, np.cumsum(n_equal[::-1]), predicted
    order = np.argsort(scores)
    first = np.searchsorted(scores, candidates, sorter=order)
    tp = _sums_from(np.where(y, sample_weight, 0)[order], first)
    return candidates, tp, _sums_from(sample_weight[order], first)


def best_micro_fbeta(scores, y, beta, sample_weight=None):
    """One threshold for each label, with the best F-beta of the summed counts.

    The F-beta of summed counts is at least f if and only if the sum over labels of
    (1 + beta^2) tp - f (beta^2 n_pos + predicted) is 0 or more. This sum is largest if
    the part of each label is. So the best thresholds for any f have an F-beta above f,
    until f is the optimum (Dinkelbach).

    Returns
    -------
    threshold : ndarray of shape (n_labels,)

    score : float
    """
    labels = each_label(scores, y, sample_weight)
    parts = [counts_at_positives(*label) for label in labels]
    total = sum(tp[-1] for _, tp, _ in parts if len(tp))
    beta2, score, best = square_of(beta), 0.0, None
    while True:
        last = best
        best = [
            _argmax_or_none((1 + beta2) * tp - score * predicted)
            for _, tp, predicted in parts
        ]
        if best.count(None) == len(best):  # the gain of each label is rounded to 0
            best = last
            break
        tp, predicted = np.sum(
            [
                (part[1][i], part[2][i])
                for part, i in zip(parts, best, strict=True)
                if i is not None
            ],
            axis=0,
        )
        new_score = _fbeta(tp, predicted, total, beta)
        if new_score <= score * (1 + 1e-14):
            break
        score = new_score
    threshold = [
        np.inf if i is None else midpoint_below(label_scores, part[0][i])
        for label_scores, part, i in zip(scores.T, parts, best, strict=True)
    ]
    return np.array(threshold), float(score)


def best_mean_fbeta(scores, y, beta, weights, group_weight):
    """One threshold for all entries, with the best weighted mean of F-betas.

    Each row of the arrays has its own F-beta: it is a label for macro averages, and a
    sample for averages over samples.

    Parameters
    ----------
    scores : ndarray of shape (n_groups, n_entries)

    y : ndarray of bool of shape (n_groups, n_entries)

    beta : float

    weights : ndarray of shape (n_entries,) or None
        Weights of entries in the counts.

    group_weight : ndarray of shape (n_groups,)
        Weights of the F-betas; they sum to 1.

    Returns
    -------
    threshold, score : float
    """
    order = np.argsort(-scores, axis=1)
    y = np.take_along_axis(y, order, axis=1)
    weights = np.ones(scores.shape[1]) if weights is None else weights
    weights = weights[order]
    predicted, tp = np.cumsum(weights, axis=1), np.cumsum(weights * y, axis=1)
    fbeta = _fbeta(tp, predicted, tp[:, -1:], beta) * group_weight[:, None]
    # what each entry adds to the mean when it is predicted, after those above it
    gain = np.diff(fbeta, axis=1, prepend=0).ravel()
    candidates = np.take_along_axis(scores, order, axis=1).ravel()
    order = np.argsort(-candidates, kind="stable")
    candidates, mean = candidates[order], np.cumsum(gain[order])
    is_last = ends_of_ties(candidates)
    best = np.flatnonzero(is_last)[np.argmax(mean[is_last])]
    return midpoint_below(candidates, candidates[best]), float(mean[best])


def best_samples_fbeta(scores, y, beta, weight):
    """One threshold for each label, with a high mean over samples of F-beta.

    The labels of a row depend on each other, and all combinations can't be searched.
    The search starts at the best threshold for all labels. Then one label after the
    other gets its best threshold given the others, until nothing is gained. The result
    is a local optimum, and never worse than the start. The weights of the rows sum to
    1.

    Returns
    -------
    threshold : ndarray of shape (n_labels,)

    score : float
    """
    start, _ = best_mean_fbeta(scores, y, beta, None, weight)
    threshold = np.where(y.any(axis=0), start, np.inf)
    decision = scores >= threshold
    n_pos = y.sum(axis=1)
    tp, predicted = (decision & y).sum(axis=1), decision.sum(axis=1)
    score = weight @ _fbeta(tp, predicted, n_pos, beta)
    for _ in range(_MAX_PASSES):
        before = score
        for label in range(scores.shape[1]):
            column, target = scores[:, label], y[:, label]
            tp -= decision[:, label] & target
            predicted -= decision[:, label]
            without = _fbeta(tp, predicted, n_pos, beta)
            with_it = _fbeta(tp + target, predicted + 1, n_pos, beta)
            new_threshold, gain = _best_cut(column, weight * (with_it - without))
            new_score = weight @ without + gain
            if new_score > score + 1e-12:
                score, threshold[label] = new_score, new_threshold
                decision[:, label] = column >= new_threshold
            tp += decision[:, label] & target
            predicted += decision[:, label]
        if score <= before:
            break
    return threshold, float(score)


def _best_cut(scores, gain):
    """The threshold with the largest sum of gains at or above it, and that sum."""
    order = np.argsort(-scores, kind="stable")
    ordered, sums = scores[order], np.cumsum(gain[order])
    is_last = ends_of_ties(ordered)
    best = np.flatnonzero(is_last)[np.argmax(sums[is_last])]
    if sums[best] <= 0:
        return np.inf, 0.0
    return midpoint_below(scores, ordered[best]), sums[best]


def _sum(mask, weight):
    return np.count_nonzero(mask) if weight is None else weight[mask].sum()


def _sums_from(weights, first):
    """Sums of `weights` from each position of `first` to the end."""
    return np.append(np.cumsum(weights[::-1])[::-1], 0)[first]


def _fbeta(tp, predicted, n_pos, beta):
    return fbeta_from_counts(FBetaCounts(tp, predicted, n_pos), beta)


def _argmax_or_none(values):
    """Place of the largest value, the first of equals; None if none is positive."""
    if not len(values) or values.max() <= 0:
        return None
    return np.argmax(values)

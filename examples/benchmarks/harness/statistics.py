"""Intervals over seeds; ranks and tests over data sets.

As in J. Demšar, "Statistical Comparisons of Classifiers over Multiple Data Sets", JMLR
7, 2006: methods are compared by their ranks on data sets, pairs of methods by the
signed-rank test of Wilcoxon. Tables have data sets in rows and methods in columns.
"""

import numpy as np
from scipy import stats


def summarize(table, keys, columns, confidence=0.95):
    """Mean of columns by keys, and half the width of the t-interval over seeds.

    Half the width is NaN where there is one value.
    """
    groups = table.groupby(keys, sort=False)[columns]
    count = groups.count()
    quantile = stats.t.ppf((1 + confidence) / 2, count - 1)  # NaN for one value
    return groups.mean(), quantile * groups.std() / np.sqrt(count)


def mean_ranks(table):
    """Mean over data sets of the rank of each method, 1 for the largest value."""
    return table.rank(axis=1, ascending=False).mean()


def friedman_p_value(table, n_resamples=9999):
    """P-value that all methods are alike: Friedman's test, by permutations in rows.

    Exact if there are no more than `n_resamples` permutations.
    """
    ranks = table.rank(axis=1).to_numpy()
    return stats.permutation_test(
        tuple(ranks.T),
        # what Friedman's statistic grows with, as the sum of all ranks is constant
        lambda *columns, axis: np.square(np.sum(columns, axis=axis)).sum(axis=0),
        permutation_type="samples",
        alternative="greater",
        n_resamples=n_resamples,
        random_state=0,
    ).pvalue


def critical_difference(n_methods, n_data, alpha=0.05):
    """Least difference of mean ranks that tells two methods apart (Nemenyi)."""
    q = stats.studentized_range.ppf(1 - alpha, n_methods, np.inf) / np.sqrt(2)
    return q * np.sqrt(n_methods * (n_methods + 1) / (6 * n_data))


def cliques(ranks, difference):
    """First and last place of the largest groups that are not told apart.

    `ranks` ascend. Groups of one are left out, and those within another group.
    """
    found, end = [], 0
    for first, rank in enumerate(ranks):
        last = int(np.searchsorted(ranks, rank + difference, side="right")) - 1
        if last > first and last > end:
            found.append((first, last))
            end = last
    return found


def wilcoxon_p_value(differences):
    """Two-sided p-value that differences are symmetric around 0."""
    if not np.any(differences):
        return 1.0
    return stats.wilcoxon(differences).pvalue


def holm(p_values):
    """P-values adjusted for their number, by the method of Holm."""
    p = np.asarray(p_values, dtype=float)
    order = np.argsort(p)
    adjusted = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    result = np.empty_like(p)
    result[order] = np.minimum(adjusted, 1)
    return result

"""Metrics of each label, and of all together, under many weights of the rows at once.

A bootstrap sample is a weight of each row: how often it was drawn. Counts of all labels
and samples are then one product of a sparse matrix with the weights.
"""

import numpy as np
from scipy import sparse

from skmultitag._confusion import (
    FBetaCounts,
    fbeta_counts,
    fbeta_from_counts,
    precision_from_counts,
    recall_from_counts,
    safe_ratio,
)
from skmultitag.utils._blocks import row_blocks

OVERALL = ("micro avg", "macro avg", "samples avg")
_RATIOS = {
    "precision": precision_from_counts,
    "recall": recall_from_counts,
    "f1": fbeta_from_counts,
}


class WeightedMetrics:
    """Metrics of decisions and scores as a function of the weights of the rows.

    Parameters
    ----------
    y_true, y_pred : ndarray of bool of shape (n_samples, n_labels)

    scores : ndarray of shape (n_samples, n_labels) or None

    is_annotated : ndarray of bool of shape (n_samples, n_labels) or None
        None if all entries are annotated. For the others, `y_true` and `y_pred` are
        False and scores are -inf.
    """

    def __init__(self, y_true, y_pred, scores=None, is_annotated=None):
        self.n_samples, self.n_labels = y_true.shape
        self._annotated = None if is_annotated is None else _columns(is_annotated)
        self._hits = _columns(y_true & y_pred)
        self._predicted, self._positive = _columns(y_pred), _columns(y_true)
        by_row = fbeta_counts(
            y_true.astype(np.float64), y_pred.astype(np.float64), average="samples"
        )
        self._of_rows = {name: ratio(by_row) for name, ratio in _RATIOS.items()}
        self._rankings = None
        if scores is not None:
            rows = np.arange(self.n_samples)
            self._rankings = [
                _Ranking(y_true, scores, rows),
                _Ranking(
                    y_true.reshape(-1, 1),
                    scores.reshape(-1, 1),
                    np.repeat(rows, self.n_labels),
                ),
            ]
            of_rows = _Ranking(y_true.T, scores.T, np.arange(self.n_labels))
            one = np.ones((self.n_labels, 1))
            self._of_rows["average_precision"] = of_rows.average_precision(one)[:, 0]

    def __call__(self, weights):
        """Metrics under each of several weights.

        Parameters
        ----------
        weights : ndarray of float64 of shape (n_samples, n_draws)
            Not all zero in any column.

        Returns
        -------
        values : dict of ndarray of shape (n_labels + 3, n_draws)
            "precision", "recall", "f1", "share_predicted" and, with scores,
            "average_precision": of the labels, then the averages "micro", "macro" and
            "samples". 0 / 0 is 0, but NaN for the average precision without a positive,
            which the macro and samples averages leave out.
        """
        counts = FBetaCounts(
            self._hits @ weights, self._predicted @ weights, self._positive @ weights
        )
        total = FBetaCounts(*(count.sum(axis=0) for count in counts))
        values = {
            name: self._with_averages(name, ratio(counts), ratio(total), weights)
            for name, ratio in _RATIOS.items()
        }
        if self._annotated is None:
            shares = counts.predicted / weights.sum(axis=0)
        else:
            shares = safe_ratio(counts.predicted, self._annotated @ weights)
        values["share_predicted"] = np.vstack([shares, *3 * [shares.mean(axis=0)]])
        if self._rankings is not None:
            of_labels, [of_all] = (
                ranking.average_precision(weights) for ranking in self._rankings
            )
            values["average_precision"] = self._with_averages(
                "average_precision", of_labels, of_all, weights
            )
        return values

    def _with_averages(self, name, of_labels, micro, weights):
        of_rows = self._of_rows[name]
        is_defined = ~np.isnan(of_rows)
        samples = _mean(of_rows[is_defined, None], weights[is_defined])
        macro = _mean(of_labels, np.ones_like(of_labels))
        return np.vstack([of_labels, micro, macro, samples])

    def bootstrap(self, n_resamples, rng):
        """Metrics of rows drawn with replacement.

        Parameters
        ----------
        n_resamples : int

        rng : RandomState

        Returns
        -------
        values : dict of ndarray of shape (n_labels + 3, n_resamples)
            The values that `__call__` returns.
        """
        blocks = [
            self(draw_weights(self.n_samples, draws.stop - draws.start, rng))
            for draws in row_blocks(n_resamples, max(self.n_samples, self.n_positive))
        ]
        return {name: np.hstack([each[name] for each in blocks]) for name in blocks[0]}

    @property
    def n_positive(self):
        """Number of positives of all labels."""
        return self._positive.nnz


def draw_weights(n_samples, n_draws, rng):
    """How often each row is drawn, if as many rows are drawn with replacement.

    Returns
    -------
    weights : ndarray of float64 of shape (n_samples, n_draws)
    """
    drawn = rng.randint(n_samples, size=(n_draws, n_samples))
    drawn += n_samples * np.arange(n_draws)[:, None]
    counts = np.bincount(drawn.ravel(), minlength=n_draws * n_samples)
    return counts.reshape(n_draws, n_samples).T.astype(np.float64, order="C")


class _Ranking:
    """Average precision of columns of scores, as a function of the weights of rows.

    Only scores of positives matter as thresholds. So the rows of a column are put into
    groups that end at the distinct scores of its positives, from high to low.

    Parameters
    ----------
    y : ndarray of bool of shape (n_entries, n_columns)

    scores : ndarray of shape (n_entries, n_columns)

    rows : ndarray of int of shape (n_entries,)
        Row of each entry, which gives the entry its weight.
    """

    def __init__(self, y, scores, rows):
        order = np.argsort(-scores, axis=0).T
        # column after column
        ordered = np.take_along_axis(scores.T, order, axis=1)
        is_positive = np.take_along_axis(y.T, order, axis=1).ravel()
        group, self._n_groups = _groups_of(ordered, is_positive)
        rows = rows[order.ravel()]
        n_groups, n_rows = self._n_groups.sum(), rows.max() + 1

        def sums_of(kept):
            sizes = np.bincount(group[kept], minlength=n_groups)
            return _sums_of(rows[kept], sizes, n_rows)

        self._entries, self._positives = sums_of(group >= 0), sums_of(is_positive)
        self._columns = _sums_of(np.arange(n_groups), self._n_groups, n_groups)

    def average_precision(self, weights):
        """Average precision of each column, NaN if no positive has a weight.

        Parameters
        ----------
        weights : ndarray of float64 of shape (n_samples, n_draws)

        Returns
        -------
        values : ndarray of shape (n_columns, n_draws)
        """
        positive = self._positives @ weights
        total = self._columns @ positive
        hits, predicted = positive.copy(), self._entries @ weights
        for sums in (hits, predicted):
            self._accumulate(sums)
        # their ratio is the precision at the end of each group
        hits /= predicted + (predicted == 0)
        hits *= positive
        return np.where(total > 0, safe_ratio(self._columns @ hits, total), np.nan)

    def _accumulate(self, sums):
        """Sums over groups to sums over all groups of the column up to each."""
        np.cumsum(sums, axis=0, out=sums)
        ends = self._n_groups.cumsum()
        before = np.zeros((len(ends), sums.shape[1]))
        has_before = ends > self._n_groups
        before[has_before] = sums[(ends - self._n_groups)[has_before] - 1]
        sums -= np.repeat(before, self._n_groups, axis=0)


def _groups_of(ordered, is_positive):
    """Groups of sorted scores that end at the distinct scores of positives.

    Parameters
    ----------
    ordered : ndarray of shape (n_columns, n_entries)
        Scores of each column, falling.

    is_positive : ndarray of bool of shape (n_columns * n_entries,)

    Returns
    -------
    group : ndarray of int of shape (n_columns * n_entries,)
        Number of the group of each entry, counted over all columns; -1 for those below
        all positives of their column.

    n_groups : ndarray of int of shape (n_columns,)
    """
    is_new = np.ones(ordered.shape, dtype=bool)
    is_new[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    firsts = np.flatnonzero(is_new)
    # of equal scores: whether there is a positive among them
    is_end = np.logical_or.reduceat(is_positive, firsts)
    n_before = is_end.cumsum() - is_end
    group = n_before[is_new.cumsum() - 1]
    column_of_score = firsts // ordered.shape[1]
    n_groups = np.bincount(column_of_score, weights=is_end).astype(np.int64)
    is_below = group >= np.repeat(n_groups.cumsum(), ordered.shape[1])
    return np.where(is_below, -1, group), n_groups


def _sums_of(rows, n_in_group, n_rows):
    """Sums over groups of consecutive entries, as a sparse matrix."""
    ends = np.append(0, n_in_group.cumsum())
    return sparse.csr_array(
        (np.ones(len(rows)), rows, ends), shape=(len(n_in_group), n_rows)
    )


def _mean(values, weights):
    """Weighted mean of each column over the values that are not NaN, NaN if none is."""
    is_defined = ~np.isnan(values)
    total = (is_defined * weights).sum(axis=0)
    mean = safe_ratio((np.where(is_defined, values, 0) * weights).sum(axis=0), total)
    return np.where(total > 0, mean, np.nan)


def _columns(indicator):
    """The transposed indicator, sparse, for products with weights."""
    return sparse.csr_array(indicator.T, dtype=np.float64)

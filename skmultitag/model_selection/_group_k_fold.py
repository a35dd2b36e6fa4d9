import numpy as np
from scipy import sparse
from sklearn.utils import column_or_1d

from skmultitag.model_selection._k_fold import BaseMultilabelKFold
from skmultitag.model_selection._stratification import what_is_spread
from skmultitag.utils._messages import naming
from skmultitag.utils._rows import check_same_rows
from skmultitag.utils._target_forms import check_column


class MultilabelStratifiedGroupKFold(BaseMultilabelKFold):
    """Cross-validation folds that keep groups together, and the frequencies of labels.

    Use it if rows are not independent, such as parts of the same document. If parts of
    a document are in the training and in the test rows, a score says little about new
    documents.

    Read more in the :ref:`User Guide <stratified_splits>`.

    Parameters
    ----------
    n_splits : int, default=5
        Number of folds, at least 2 and at most the number of groups.

    shuffle : bool, default=False
        Whether groups of equal weight (see Notes) are assigned in random order.

    random_state : int, RandomState instance or None, default=None
        Seeds the random order. Only allowed with `shuffle=True`.

    See Also
    --------
    MultilabelStratifiedKFold : Without groups, and closer to the frequencies.
    sklearn.model_selection.StratifiedGroupKFold : For rows with one class each.

    Notes
    -----
    Each group has a share of the rows of each label, and a share of all rows. The sum
    of their squares is the weight of the group. Groups are assigned in the order of
    their weight, the largest first. Each goes to the fold for which the sum over folds
    and labels of the squared shares is smallest. Folds can have different numbers of
    rows. If entries of `y` are NaN (not annotated), shares of the annotated rows of
    each label count too.

    Examples
    --------
    >>> import numpy as np
    >>> from skmultitag.model_selection import MultilabelStratifiedGroupKFold
    >>> y = np.array([[1, 0], [0, 1], [1, 1], [1, 0], [0, 1], [0, 0]])
    >>> groups = ["a", "a", "b", "c", "c", "c"]
    >>> splitter = MultilabelStratifiedGroupKFold(2)
    >>> for train, test in splitter.split(np.zeros((6, 1)), y, groups):
    ...     print(test, y[test].sum(axis=0))
    [3 4 5] [1 1]
    [0 1 2] [2 2]
    """

    __metadata_request__split = {"groups": True}

    def split(self, X, y, groups=None):
        """Generate the row numbers of each split.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Only its number of rows is used.

        y : {array-like, sparse matrix} of shape (n_samples, n_labels), list of \
                n_samples lists of tags, or array-like of shape (n_samples,)
            Targets in any form that :class:`~skmultitag.MultiTagClassifier` takes.

        groups : array-like of shape (n_samples,)
            The group of each row.

        Yields
        ------
        train, test : ndarray of int
            Row numbers, ascending.
        """
        yield from self._split(X, y, groups)

    def _fold_of_rows(self, indicator, groups):
        if groups is None:
            raise ValueError(
                "groups must have the group of each row. Got None. Pass groups to the"
                " split of this splitter, to cross_val_score, or to the fit of"
                " ThresholdedClassifierCV; with metadata routing, pass them in params."
            )
        check_same_rows(y=indicator, groups=groups)
        with naming("groups"):
            groups = column_or_1d(groups)
            check_column(groups, "groups")
            names, group_of_row = np.unique(groups, return_inverse=True)
        if self.n_splits > len(names):
            raise ValueError(
                f"n_splits={self.n_splits} is more than the number of groups,"
                f" {len(names)}."
            )
        spread = what_is_spread(indicator)
        shares = _shares_of_groups(spread, group_of_row, len(names))
        return self._fold_of_groups(shares)[group_of_row]

    def _fold_of_groups(self, shares):
        weight = np.asarray(shares.power(2).sum(axis=1)).reshape(-1)
        rank = self._rank(shares.shape[0])
        order = np.lexsort((np.arange(len(weight)) if rank is None else rank, -weight))
        of_fold = np.zeros((self.n_splits, shares.shape[1]))
        fold = np.empty(shares.shape[0], dtype=np.intp)
        for number, group in enumerate(order):
            entries = slice(shares.indptr[group], shares.indptr[group + 1])
            columns, values = shares.indices[entries], shares.data[entries]
            # (a + b)^2 - a^2 = 2 a b + b^2, and b^2 is the same for all folds
            growth = of_fold[:, columns] @ values
            n_groups_left = len(order) - number
            is_empty = ~of_fold.any(axis=1)
            if is_empty.sum() == n_groups_left:
                growth[~is_empty] = np.inf  # each fold has a group
            fold[group] = growth.argmin()
            of_fold[fold[group], columns] += values
        return fold


def _shares_of_groups(indicator, group_of_row, n_groups):
    """Share of each label, and in the last column of the rows, that a group has."""
    n_rows = indicator.shape[0]
    ones = np.ones((n_rows, 1))
    columns = sparse.hstack([sparse.csr_array(indicator), sparse.csr_array(ones)])
    parts = np.ones(n_rows), (group_of_row, np.arange(n_rows))
    is_member = sparse.csr_array(parts, shape=(n_groups, n_rows))
    counts = is_member @ sparse.csr_array(columns)
    totals = np.maximum(np.asarray(counts.sum(axis=0)).reshape(-1), 1)
    return sparse.csr_array(counts @ sparse.diags_array(1 / totals))

from numbers import Integral

import numpy as np
from sklearn.model_selection import BaseCrossValidator

from skmultitag.model_selection._stratification import stratify
from skmultitag.utils._messages import shorten
from skmultitag.utils._random_state import make_random_state
from skmultitag.utils._rows import check_same_rows
from skmultitag.utils._target_encoder import TargetEncoder


class BaseMultilabelKFold(BaseCrossValidator):
    """What the splitters into folds share: `n_splits`, `shuffle`, `random_state`."""

    def __init__(self, n_splits=5, *, shuffle=False, random_state=None):
        if not isinstance(n_splits, Integral) or n_splits < 2:
            raise ValueError(
                "n_splits must be an integer of at least 2. Got"
                f" {shorten(n_splits)} instead."
            )
        if not isinstance(shuffle, bool):
            raise TypeError(
                f"shuffle must be True or False. Got {shorten(shuffle)} instead."
            )
        if not shuffle and random_state is not None:
            raise ValueError(
                "random_state has no effect with shuffle=False: leave it out, or set"
                " shuffle=True."
            )
        self.n_splits = n_splits
        self.shuffle = shuffle
        self.random_state = random_state

    def get_n_splits(self, X=None, y=None, groups=None):
        """Number of splits.

        Parameters
        ----------
        X, y, groups : object
            Not used.

        Returns
        -------
        n_splits : int
            Number of pairs that `split` yields.
        """
        return self.n_splits

    def _split(self, X, y, groups=None):
        indicator = TargetEncoder().fit_transform(y, allow_missing=True)
        check_same_rows(X=X, y=indicator)
        fold = self._fold_of_rows(indicator, groups)
        for number in range(self.n_splits):
            yield np.flatnonzero(fold != number), np.flatnonzero(fold == number)

    def _rank(self, n):
        """A random order of `n` things; None for their own."""
        if not self.shuffle:
            return None
        return make_random_state(self.random_state).permutation(n)

    def _fold_of_rows(self, indicator, groups):
        raise NotImplementedError(f"{type(self).__name__} must define _fold_of_rows.")


class MultilabelStratifiedKFold(BaseMultilabelKFold):
    """Cross-validation folds that keep the frequencies of all labels.

    Use it if some labels are rare. With :class:`sklearn.model_selection.KFold`, rare
    labels are missing from some folds. Their scores are undefined there, and thresholds
    can't be tuned. :class:`sklearn.model_selection.StratifiedKFold` takes only targets
    with one class for each row. Here the rows of each label are spread over the folds,
    the rarest label first.

    Read more in the :ref:`User Guide <stratified_splits>`.

    Parameters
    ----------
    n_splits : int, default=5
        Number of folds, at least 2.

    shuffle : bool, default=False
        Whether rows are assigned to folds in random order. If False, in their own
        order. For an integer `random_state` each call gives the same split.

    random_state : int, RandomState instance or None, default=None
        Seeds the random order. Only allowed with `shuffle=True`.

    See Also
    --------
    MultilabelStratifiedGroupKFold : Keeps rows of a group together.
    MultilabelStratifiedShuffleSplit : Random splits of any size.

    Notes
    -----
    The sizes of folds differ by one row at most. If labels occur together, their
    frequencies can't all be kept exactly. A label with fewer rows than folds is in as
    many folds as it has rows, if the other labels of these rows allow it.

    `y` can be an indicator (array, sparse matrix, DataFrame), lists of tags, or have
    one dimension. It is never made dense. If an indicator has entries that are NaN (not
    annotated), the annotated rows of each label are spread evenly too.

    References
    ----------
    .. [1] K. Sechidis, G. Tsoumakas, I. Vlahavas, "On the Stratification of Multi-Label
       Data", ECML PKDD, 2011.

    Examples
    --------
    >>> import numpy as np
    >>> from skmultitag.model_selection import MultilabelStratifiedKFold
    >>> y = np.array([[1, 0], [1, 0], [1, 1], [1, 1], [0, 0], [0, 0]])
    >>> for train, test in MultilabelStratifiedKFold(2).split(np.zeros((6, 1)), y):
    ...     print(test, y[test].sum(axis=0))
    [0 2 4] [2 1]
    [1 3 5] [2 1]
    """

    def split(self, X, y, groups=None):
        """Generate the row numbers of each split.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Only its number of rows is used.

        y : {array-like, sparse matrix} of shape (n_samples, n_labels), list of \
                n_samples lists of tags, or array-like of shape (n_samples,)
            Targets in any form that :class:`~skmultitag.MultiTagClassifier` takes.

        groups : object
            Not used.

        Yields
        ------
        train, test : ndarray of int
            Row numbers, ascending.
        """
        yield from self._split(X, y)

    def _fold_of_rows(self, indicator, groups):
        n_rows = indicator.shape[0]
        if self.n_splits > n_rows:
            raise ValueError(
                f"n_splits={self.n_splits} is more than the number of rows, {n_rows}."
            )
        sizes = np.full(self.n_splits, n_rows // self.n_splits)
        sizes[: n_rows % self.n_splits] += 1
        return stratify(indicator, sizes, self._rank(n_rows))

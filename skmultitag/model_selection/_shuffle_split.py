from numbers import Integral, Real

import numpy as np
from sklearn.model_selection import BaseCrossValidator

from skmultitag.model_selection._stratification import stratify
from skmultitag.utils._messages import shorten
from skmultitag.utils._random_state import make_random_state
from skmultitag.utils._rows import check_same_rows
from skmultitag.utils._target_encoder import TargetEncoder


class MultilabelStratifiedShuffleSplit(BaseCrossValidator):
    """Random training and test rows that keep the frequencies of all labels.

    Read more in the :ref:`User Guide <stratified_splits>`.

    Parameters
    ----------
    n_splits : int, default=10
        Number of splits, at least 1.

    test_size : float, int or None, default=None
        Share of the rows, in (0, 1), or number of rows. None takes all rows that
        `train_size` leaves, or a tenth if that is None too.

    train_size : float, int or None, default=None
        Share of the rows, in (0, 1), or number of rows. None takes all rows that
        `test_size` leaves.

    random_state : int, RandomState instance or None, default=None
        Seeds the splits.

    See Also
    --------
    MultilabelStratifiedKFold : Each row is tested once.
    multilabel_train_test_split : A single split of arrays.

    Notes
    -----
    Sizes are exact. A label with two rows or more is on both sides, if the other labels
    of these rows allow it. If entries of `y` are NaN (not annotated), the annotated
    rows of each label are spread evenly too.

    References
    ----------
    .. [1] K. Sechidis, G. Tsoumakas, I. Vlahavas, "On the Stratification of Multi-Label
       Data", ECML PKDD, 2011.

    Examples
    --------
    >>> import numpy as np
    >>> from skmultitag.model_selection import MultilabelStratifiedShuffleSplit
    >>> y = np.array([[1, 0], [1, 0], [1, 1], [1, 1], [0, 0], [0, 0]])
    >>> splitter = MultilabelStratifiedShuffleSplit(1, test_size=0.5, random_state=0)
    >>> for train, test in splitter.split(np.zeros((6, 1)), y):
    ...     print(y[train].sum(axis=0), y[test].sum(axis=0))
    [2 1] [2 1]
    """

    def __init__(
        self, n_splits=10, *, test_size=None, train_size=None, random_state=None
    ):
        self.n_splits = n_splits
        self.test_size = test_size
        self.train_size = train_size
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
            Row numbers, in random order.
        """
        if not isinstance(self.n_splits, Integral) or self.n_splits < 1:
            raise ValueError(
                "n_splits must be an integer of at least 1. Got"
                f" {shorten(self.n_splits)}."
            )
        indicator = TargetEncoder().fit_transform(y, allow_missing=True)
        yield from self._split(X, indicator)

    def _split(self, X, indicator):
        check_same_rows(X=X, y=indicator)
        n_rows = indicator.shape[0]
        n_train, n_test = _numbers_of_rows(n_rows, self.train_size, self.test_size)
        random_state = make_random_state(self.random_state)
        for _ in range(self.n_splits):
            yield split_once(indicator, n_train, n_test, random_state)


def split_once(indicator, n_train, n_test, random_state):
    """Row numbers of a training and a test part, in random order."""
    n_rows = indicator.shape[0]
    rank = random_state.permutation(n_rows)
    sizes = np.array([n_train, n_test, n_rows - n_train - n_test])
    part = stratify(indicator, sizes, rank)
    order = np.argsort(rank)
    return tuple(order[part[order] == number] for number in (0, 1))


def _numbers_of_rows(n_rows, train_size, test_size):
    if train_size is None and test_size is None:
        test_size = 0.1
    # a float share of rows is rounded up for the test, as in scikit-learn
    n_test = _number_of_rows("test_size", test_size, n_rows, np.ceil)
    n_train = _number_of_rows("train_size", train_size, n_rows, np.floor)
    n_test = n_rows - n_train if n_test is None else n_test
    n_train = n_rows - n_test if n_train is None else n_train
    if n_train < 1 or n_test < 1 or n_train + n_test > n_rows:
        raise ValueError(
            f"train_size={train_size} and test_size={test_size} mean {n_train} training"
            f" rows and {n_test} test rows, but y has {n_rows} rows. Each part needs at"
            " least one row, and both together must not have more rows than y."
        )
    return n_train, n_test


def _number_of_rows(name, size, n_rows, to_whole):
    if size is None:
        return None
    if isinstance(size, Integral) and not isinstance(size, bool) and size > 0:
        return int(size)
    if isinstance(size, Real) and not isinstance(size, Integral) and 0 < size < 1:
        return int(to_whole(size * n_rows))
    raise ValueError(
        f"{name} must be a share in (0, 1), a number of rows, or None. Got"
        f" {shorten(size)}."
    )

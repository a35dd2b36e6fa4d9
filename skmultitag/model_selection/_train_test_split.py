from sklearn.utils import indexable

from skmultitag.model_selection._shuffle_split import MultilabelStratifiedShuffleSplit
from skmultitag.utils._given import check_is_data
from skmultitag.utils._sklearn import safe_indexing
from skmultitag.utils._target_encoder import TargetEncoder


def multilabel_train_test_split(
    *arrays, test_size=None, train_size=None, random_state=None, stratify=None
):
    """Split arrays into a training and a test part that keep the label frequencies.

    Use it in place of :func:`sklearn.model_selection.train_test_split`. With `stratify`
    that function treats each combination of labels as a class, and fails if a
    combination occurs only once.

    Read more in the :ref:`User Guide <stratified_splits>`.

    Parameters
    ----------
    *arrays : sequence of indexables with the same number of rows
        Lists, arrays, sparse matrices or DataFrames, such as `X, y`.

    test_size : float, int or None, default=None
        Share of the rows, in (0, 1), or number of rows. None takes all rows that
        `train_size` leaves, or a quarter if that is None too.

    train_size : float, int or None, default=None
        Share of the rows, in (0, 1), or number of rows. None takes all rows that
        `test_size` leaves.

    random_state : int, RandomState instance or None, default=None
        Seeds the split.

    stratify : array-like, sparse matrix or list of tag lists, default=None
        Targets whose frequencies are kept. None takes the last of `arrays` if there are
        one or two. With more arrays you must pass it. If entries are NaN (not
        annotated), the annotated rows of each label are spread evenly too.

    Returns
    -------
    parts : list
        The training part and the test part of each array: for `X, y` these are
        `X_train, X_test, y_train, y_test`.

    See Also
    --------
    MultilabelStratifiedShuffleSplit : Several such splits, as row numbers.

    Examples
    --------
    >>> from skmultitag.model_selection import multilabel_train_test_split
    >>> X = [[0], [1], [2], [3]]
    >>> tags = [["a"], ["a"], ["a", "b"], ["a", "b"]]
    >>> X_train, X_test, y_train, y_test = multilabel_train_test_split(
    ...     X, tags, test_size=0.5, random_state=0
    ... )
    >>> sorted(y_train), sorted(y_test)
    ([['a'], ['a', 'b']], [['a'], ['a', 'b']])
    """
    if not arrays:
        raise ValueError("At least one array is needed, such as X and y.")
    if test_size is None and train_size is None:
        test_size = 0.25
    if stratify is None and len(arrays) > 2:
        raise ValueError(
            f"Which of the {len(arrays)} arrays has the targets? Pass them as stratify"
            " too, such as multilabel_train_test_split(X, y, groups, stratify=y)."
        )
    for number, array in enumerate(arrays):
        check_is_data(array, f"arrays[{number}]")
    name = f"arrays[{len(arrays) - 1}]" if stratify is None else "stratify"
    y = arrays[-1] if stratify is None else stratify
    indicator = TargetEncoder().fit_transform(y, name=name, allow_missing=True)
    arrays = indexable(*arrays)
    splitter = MultilabelStratifiedShuffleSplit(
        1, test_size=test_size, train_size=train_size, random_state=random_state
    )
    train, test = next(splitter._split(arrays[0], indicator))
    return [safe_indexing(array, rows) for array in arrays for rows in (train, test)]

"""Sums over rows as trees: nested tuples, whose leaves are tensors.

So the sums of a loss that is made of others are the tuple of theirs.
"""


def flat_sums(sums):
    """Return the leaves of a tree as a list, from left to right.

    Parameters
    ----------
    sums : tensor, number or nested tuple of these

    Returns
    -------
    leaves : list

    Examples
    --------
    >>> from skmultitag.losses._sums import flat_sums
    >>> flat_sums(((1, 2), 3))
    [1, 2, 3]
    """
    if not isinstance(sums, (tuple, list)):
        return [sums]
    return [leaf for part in sums for leaf in flat_sums(part)]


def nest_sums(leaves, like):
    """Return the tree with these leaves that has the shape of `like`.

    Parameters
    ----------
    leaves : iterable
        In the order of `flat_sums`.

    like : nested tuple

    Returns
    -------
    sums : nested tuple

    Examples
    --------
    >>> from skmultitag.losses._sums import nest_sums
    >>> nest_sums([10, 20, 30], like=((1, 2), 3))
    ((10, 20), 30)
    """
    leaves = iter(leaves)

    def nested(part):
        if not isinstance(part, (tuple, list)):
            return next(leaves)
        return tuple(nested(each) for each in part)

    return nested(like)


def add_sums(trees):
    """Add trees of one shape, leaf by leaf.

    Parameters
    ----------
    trees : iterable of nested tuples
        At least one.

    Returns
    -------
    total : nested tuple

    Examples
    --------
    >>> from skmultitag.losses._sums import add_sums
    >>> add_sums([((1, 2), 3), ((10, 20), 30)])
    ((11, 22), 33)
    """
    trees = list(trees)
    leaves = zip(*map(flat_sums, trees), strict=True)
    return nest_sums(map(sum, leaves), like=trees[0])

"""Labels that lie below others: who is whose ancestor, and what follows from it.

Inside of the package a hierarchy is an array of edges, pairs of the columns of a parent
and a child, ordered so that a child comes with all that is below it before its parent
does. `hierarchy_edges` makes it of all forms that a user may pass.
"""

from collections.abc import Collection, Mapping, Set
from graphlib import CycleError, TopologicalSorter

import numpy as np
from scipy import sparse

from skmultitag.utils._annotation import is_partial
from skmultitag.utils._messages import shorten
from skmultitag.utils._target_forms import is_missing, names_as_list


def hierarchy_edges(hierarchy, label_names):
    """Translate a hierarchy of names into pairs of column numbers.

    Use it for objects that know only columns, such as
    :class:`~skmultitag.losses.MCMLoss`, or to check a hierarchy.

    Read more in the :ref:`User Guide <nested_labels>`.

    Parameters
    ----------
    hierarchy : str, dict or array-like of shape (n_edges, 2)
        A separator, such as "::" in "use::checking"; a dict with the parent of each
        label, or a list of its parents; or pairs (parent, child). See
        :class:`~skmultitag.hierarchy.HierarchicalClassifier`.

    label_names : array-like of shape (n_labels,)
        Names of the columns, in their order.

    Returns
    -------
    edges : ndarray of int64 of shape (n_edges, 2)
        The columns of a parent and its child for each edge, from the leaves to the
        roots: all pairs in which a label is the parent come before the pairs in which
        it is the child.

    Raises
    ------
    ValueError
        If the hierarchy has a cycle, if a parent is not among the labels, or if no
        label has a parent.

    TypeError
        If `hierarchy` has none of these forms, or if it is a separator and labels are
        not strings.

    Examples
    --------
    >>> from skmultitag.hierarchy import hierarchy_edges
    >>> hierarchy_edges("::", ["use", "use::editing", "use::checking", "made-of"])
    array([[0, 2],
           [0, 1]])
    >>> hierarchy_edges({"apple": ["fruit", "food"]}, ["apple", "food", "fruit"])
    array([[2, 0],
           [1, 0]])
    """
    names = names_as_list(label_names)
    parents_of = read_hierarchy(hierarchy)
    column = {name: number for number, name in enumerate(names)}
    parents = {name: parents_of(name) for name in names}
    for name, its_parents in parents.items():
        unknown = [parent for parent in its_parents if parent not in column]
        if unknown:
            raise ValueError(
                f"The hierarchy has {shorten(unknown[0])} as parent of"
                f" {shorten(name)}, but it is not among the labels {shorten(names)}."
                " skmultitag.hierarchy.add_ancestors adds such labels to a target:"
                " indicator, names = add_ancestors(y, hierarchy). Then pass"
                " pd.DataFrame(indicator, columns=names). Lists of tags get them in"
                " fit."
            )
    try:
        from_root = list(TopologicalSorter(parents).static_order())
    except CycleError as exc:
        raise ValueError(
            "The hierarchy has a cycle, in which each is a parent of the next:"
            f" {shorten(exc.args[1])}."
        ) from exc
    edges = [(column[p], column[n]) for n in reversed(from_root) for p in parents[n]]
    if not edges and len(hierarchy):
        raise ValueError(
            f"The hierarchy {shorten(hierarchy)} has no parent of any of the labels"
            f" {shorten(names)}. If these are numbers, name them: pass y as a DataFrame"
            " with names as columns, or as lists of tags."
        )
    return np.array(edges, dtype=np.int64).reshape(-1, 2)


def read_hierarchy(hierarchy):
    """What a user passes as a hierarchy, as a function from a label to its parents."""
    if isinstance(hierarchy, str):
        return _parents_by_name(hierarchy)
    # edges of networkx are a set that is a mapping too
    if isinstance(hierarchy, Mapping) and not isinstance(hierarchy, Set):
        parents = {name: _as_list(value) for name, value in hierarchy.items()}
    else:
        parents = {}
        for parent, child in _pairs(hierarchy):
            parents.setdefault(child, [])
            if not is_missing(parent):
                parents[child].append(parent)
    # each parent once
    parents = {name: list(dict.fromkeys(value)) for name, value in parents.items()}
    return lambda name: parents.get(name, [])


def _parents_by_name(separator):
    if not separator:
        raise ValueError("The separator of a hierarchy must not be empty.")

    def parents_of(name):
        if not isinstance(name, str):
            raise TypeError(
                f"The hierarchy {separator!r} is made from the names of labels, which"
                f" must be strings. Got {shorten(name)}: name them, with y as a"
                " DataFrame or as lists of tags."
            )
        parent, _, last = name.rpartition(separator)
        return [parent] if parent and last else []

    return parents_of


def _as_list(parents):
    """None or NaN, one parent or several, as a list."""
    if not isinstance(parents, Collection) or isinstance(parents, (str, bytes)):
        parents = [parents]
    return [parent for parent in parents if not is_missing(parent)]


def _pairs(hierarchy):
    pairs = hierarchy.tolist() if hasattr(hierarchy, "tolist") else hierarchy
    is_list = isinstance(pairs, Collection) and not isinstance(pairs, bytes)
    if not is_list or not all(isinstance(p, (list, tuple)) for p in pairs):
        raise TypeError(
            "A hierarchy is a separator, a dict with the parent or parents of each"
            f" label, or a list of pairs (parent, child). Got {shorten(hierarchy)}."
        )
    for pair in pairs:
        if len(pair) != 2:
            raise ValueError(
                "The entries of a hierarchy that is a list must be pairs (parent,"
                f" child). Got {shorten(pair)}."
            )
    return pairs


def with_ancestors(names, parents_of):
    """Labels and those above them: the labels first, each once.

    Parameters
    ----------
    names : iterable

    parents_of : callable
        From a label to a list of labels.

    Returns
    -------
    names : list
    """
    found = list(dict.fromkeys(names))
    known = set(found)
    for name in found:  # which grows
        new = [parent for parent in parents_of(name) if parent not in known]
        found += new
        known.update(new)
    return found


def max_over_descendants(scores, edges):
    """The largest score among each label and all below it.

    Parameters
    ----------
    scores : ndarray of shape (n_samples, n_labels)
        Numbers or booleans.

    edges : ndarray of shape (n_edges, 2)
        Of `hierarchy_edges`.

    Returns
    -------
    scores : ndarray of shape (n_samples, n_labels)
        No label has less than one below it.
    """
    columns = np.array(scores.T, order="C")  # a copy
    for parent, child in edges:
        np.maximum(columns[parent], columns[child], out=columns[parent])
    return np.ascontiguousarray(columns.T)


def close_target(indicator, edges):
    """Give each row the ancestors of its labels.

    What is not annotated stays so. The hierarchy would tell of labels above mostly that
    they are there, and of labels below that they are not: a model would take the one
    for frequent, and the other for rare.

    Parameters
    ----------
    indicator : {ndarray, CSR matrix} of shape (n_samples, n_labels)
        Of int8, see `_annotation`, if entries are not annotated.

    edges : ndarray of shape (n_edges, 2)

    Returns
    -------
    indicator : {ndarray, CSR matrix} of shape (n_samples, n_labels)
    """
    if not sparse.issparse(indicator):
        is_there = max_over_descendants(indicator == 1, edges)
        is_added = is_there & (indicator == 0)
        return np.where(is_added, indicator.dtype.type(1), indicator)
    if is_partial(indicator):
        return sparse.csr_matrix(close_target(indicator.toarray(), edges))
    ancestors, descendants = descendant_pairs(edges, indicator.shape[1])
    ones = np.ones(len(ancestors), dtype=np.int64)
    shape = 2 * (indicator.shape[1],)
    to_ancestors = sparse.csr_matrix((ones, (descendants, ancestors)), shape=shape)
    closed = sparse.csr_matrix(indicator @ to_ancestors)  # numbers of descendants
    closed.data = np.ones(len(closed.data), dtype=indicator.dtype)
    closed.sort_indices()
    return closed


def descendant_pairs(edges, n_labels):
    """All pairs of a label and one that is below it, or itself.

    Parameters
    ----------
    edges : ndarray of shape (n_edges, 2)

    n_labels : int

    Returns
    -------
    ancestors, descendants : ndarray of int64 of shape (n_pairs,)
        Sorted by both.
    """
    below = [{label} for label in range(n_labels)]
    for parent, child in edges.tolist():
        below[parent] |= below[child]
    n_below = [len(each) for each in below]
    descendants = [label for each in below for label in sorted(each)]
    return np.repeat(np.arange(n_labels), n_below), np.array(descendants, np.int64)


def from_the_roots(edges, n_labels):
    """The columns of the labels, each after those above it."""
    depth = np.zeros(n_labels, dtype=np.int64)
    for parent, child in edges[::-1]:
        depth[child] = max(depth[child], depth[parent] + 1)
    return np.argsort(depth, kind="stable")

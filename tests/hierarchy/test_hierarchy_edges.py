"""Who is whose ancestor, by networkx and by brute force."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from skmultitag.hierarchy import hierarchy_edges
from skmultitag.utils._hierarchy import (
    close_target,
    descendant_pairs,
    from_the_roots,
    max_over_descendants,
)


@st.composite
def dags(draw, most_labels=9):
    """Edges of a random graph without cycles, whose labels stand in any order."""
    n_labels = draw(st.integers(1, most_labels))
    order = draw(st.permutations(range(n_labels)))
    possible = [(order[i], order[j]) for j in range(n_labels) for i in range(j)]
    if not possible:
        return n_labels, []
    return n_labels, draw(st.lists(st.sampled_from(possible), unique=True))


def below(n_labels, edges):
    """The labels below each, and itself, by following all paths."""

    def follow(label):
        found = {label}
        for parent, child in edges:
            if parent == label:
                found |= follow(child)
        return found

    return [sorted(follow(label)) for label in range(n_labels)]


@settings(deadline=None)
@given(dags(), st.integers(0, 2**16))
def test_largest_score_below_is_that_of_all_paths(dag, seed):
    n_labels, edges = dag
    scores = np.random.default_rng(seed).normal(size=(5, n_labels))
    before = scores.copy()
    ours = max_over_descendants(scores, hierarchy_edges(edges, range(n_labels)))
    expected = [scores[:, each].max(axis=1) for each in below(n_labels, edges)]
    np.testing.assert_array_equal(ours, np.transpose(expected))
    np.testing.assert_array_equal(scores, before)


@settings(deadline=None)
@given(dags(), st.integers(0, 2**16))
def test_closed_targets_are_those_of_all_paths(dag, seed):
    n_labels, edges = dag
    y = np.random.default_rng(seed).integers(0, 2, (5, n_labels)).astype(np.uint8)
    expected = [y[:, each].max(axis=1) for each in below(n_labels, edges)]
    edges = hierarchy_edges(edges, range(n_labels))
    for matrix in (y, sparse.csr_matrix(y)):
        closed = close_target(matrix, edges)
        assert type(closed) is type(matrix) and closed.dtype == matrix.dtype
        again = close_target(closed, edges)
        for each in (closed, again):
            each = each.toarray() if sparse.issparse(each) else each
            np.testing.assert_array_equal(each, np.transpose(expected))


@settings(deadline=None)
@given(dags())
def test_pairs_and_order(dag):
    n_labels, edges = dag
    ordered = hierarchy_edges(edges, range(n_labels))
    assert sorted(map(tuple, ordered.tolist())) == sorted(edges)
    pairs = zip(*descendant_pairs(ordered, n_labels), strict=True)
    expected = [(a, d) for a, each in enumerate(below(n_labels, edges)) for d in each]
    assert [(int(a), int(d)) for a, d in pairs] == expected
    place = np.argsort(from_the_roots(ordered, n_labels))
    assert all(place[parent] < place[child] for parent, child in edges)


def test_entries_that_are_not_annotated():
    """They stay so; an absent label is there if one below is."""
    y = np.array([[-1, 1, -1], [-1, -1, 0], [0, -1, -1], [0, -1, 1]], dtype=np.int8)
    expected = [[-1, 1, -1], [-1, -1, 0], [0, -1, -1], [1, -1, 1]]
    for matrix in (y, sparse.csr_matrix(y)):
        closed = close_target(matrix, np.array([[0, 1], [0, 2]]))
        assert type(closed) is type(matrix) and closed.dtype == np.int8
        closed = closed.toarray() if sparse.issparse(closed) else closed
        np.testing.assert_array_equal(closed, expected)


@given(dags(), st.integers(0, 2**16))
@settings(deadline=None)
def test_hidden_entries_of_a_closed_target(dag, seed):
    n_labels, edges = dag
    rng = np.random.default_rng(seed)
    edges = hierarchy_edges(edges, range(n_labels))
    y = close_target(rng.integers(0, 2, (8, n_labels)).astype(np.int8), edges)
    hidden = np.where(rng.random(y.shape) < 0.5, -1, y).astype(np.int8)
    np.testing.assert_array_equal(close_target(hidden, edges), hidden)


def test_many_descendants_are_no_overflow():
    edges = hierarchy_edges([(0, child) for child in range(1, 513)], range(513))
    y = sparse.csr_matrix(np.ones((1, 513), dtype=np.uint8))
    assert close_target(y, edges).sum() == 513


FORMS = {
    "separator": "::",
    "parent of each": {"a::b": "a", "a::b::c": "a::b", "a": None, "d": []},
    "parents of each": {"a::b": ["a"], "a::b::c": ("a::b", "a::b")},
    "others too": {"a::b": "a", "a::b::c": "a::b", "x": "y"},
    "pairs": [("a", "a::b"), ("a::b", "a::b::c")],
    "array": np.array([["a", "a::b"], ["a::b", "a::b::c"]]),
}


@pytest.mark.parametrize("hierarchy", FORMS.values(), ids=FORMS)
def test_forms(hierarchy):
    names = np.array(["a::b::c", "d", "a", "a::b"], dtype=object)
    assert hierarchy_edges(hierarchy, names).tolist() == [[3, 0], [2, 3]]


def test_graph_of_networkx():
    networkx = pytest.importorskip("networkx")
    graph = networkx.gnp_random_graph(20, 0.2, seed=0, directed=True)
    graph = networkx.DiGraph([(u, v) for u, v in graph.edges if u < v])
    graph.add_nodes_from(range(20))
    edges = hierarchy_edges(list(graph.edges), range(20))
    ancestors, descendants = descendant_pairs(edges, 20)
    for label in range(20):
        theirs = networkx.descendants(graph, label) | {label}
        assert set(descendants[ancestors == label].tolist()) == theirs


def test_empty_names_are_no_parents():
    names = ["::a", "b::", "c"]
    with pytest.raises(ValueError, match="has no parent of any"):
        hierarchy_edges("::", names)


@pytest.mark.parametrize(
    ("hierarchy", "error", "message"),
    [
        ({"a": "b", "b": "c", "c": "a"}, ValueError, "has a cycle, in which each"),
        ({"a": "a"}, ValueError, "has a cycle"),
        ({"a": "x"}, ValueError, "has 'x' as parent of 'a', but it is not among"),
        ({0: 1}, ValueError, "has no parent of any of the labels"),
        ("::", ValueError, "The hierarchy '::' has no parent of any"),
        ("", ValueError, "must not be empty"),
        ([("a", "b", "c")], ValueError, r"must be pairs \(parent, child\)"),
        ([1, 2], TypeError, "A hierarchy is a separator, a dict"),
        (3, TypeError, "A hierarchy is a separator, a dict"),
    ],
)
def test_hierarchies_that_are_none(hierarchy, error, message):
    with pytest.raises(error, match=message):
        hierarchy_edges(hierarchy, ["a", "b", "c"])


def test_names_of_a_separator_are_strings():
    with pytest.raises(TypeError, match="must be strings. Got 0: name them"):
        hierarchy_edges("::", range(3))


def test_no_hierarchy():
    for empty in ({}, [], np.empty((0, 2))):
        assert hierarchy_edges(empty, ["a"]).shape == (0, 2)

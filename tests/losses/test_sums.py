from hypothesis import given, settings
from hypothesis import strategies as st

from skmultitag.losses._sums import add_sums, flat_sums, nest_sums

trees = st.recursive(
    st.integers(-9, 9), lambda parts: st.lists(parts, max_size=3).map(tuple)
)


@settings(max_examples=50, deadline=None)
@given(trees)
def test_flat_sums_nested_again_are_the_tree(tree):
    leaves = flat_sums(tree)
    assert all(isinstance(leaf, int) for leaf in leaves)
    assert nest_sums(leaves, like=tree) == tree


@settings(max_examples=50, deadline=None)
@given(trees, st.integers(1, 4))
def test_sum_of_equal_trees_multiplies_the_leaves(tree, n_trees):
    total = add_sums([tree] * n_trees)
    assert flat_sums(total) == [n_trees * leaf for leaf in flat_sums(tree)]
    assert nest_sums(flat_sums(tree), like=total) == tree

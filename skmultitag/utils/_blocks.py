"""Blocks of rows: what is computed of one block at a time needs little memory."""

from sklearn.utils import gen_batches

N_ENTRIES_OF_A_BLOCK = 2**22
N_ENTRIES_IN_CACHE = 2**17  # a megabyte: what is worked on stays in the cache


def row_blocks(n_rows, width, *, in_cache=False):
    """Slices of rows, of which a matrix of so many columns is small.

    With `in_cache`, it is so small that it pays to work on it in many steps.
    """
    n_entries = N_ENTRIES_IN_CACHE if in_cache else N_ENTRIES_OF_A_BLOCK
    return gen_batches(n_rows, max(1, n_entries // width))

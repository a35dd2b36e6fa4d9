"""Tests of the benchmarks; pytest puts this folder on the path, as for a script."""

from importlib.util import find_spec

import torch

# Fits as small as in the tests gain nothing from more threads.
torch.set_num_threads(1)

# what the extra "doc" has, and the package alone has not
collect_ignore_glob = [
    "tests/*" for name in ("matplotlib", "pandas") if find_spec(name) is None
]

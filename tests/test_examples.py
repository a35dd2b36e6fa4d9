"""Examples that the gallery shows without running them."""

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.mark.slow
def test_dask_grid_search_ends_with_equal_scores():
    pytest.importorskip("distributed")
    script = EXAMPLES / "scale" / "dask_grid_search.py"
    command = [sys.executable, script, "--rows", "200", "--epochs", "1"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr
    assert run.stdout.endswith("the scores are the same to the bit\n")

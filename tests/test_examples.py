"""Examples that the gallery shows without running them."""

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.mark.slow
@pytest.mark.parametrize("backend, package", [("dask", "distributed"), ("ray", "ray")])
def test_cluster_search_ends_with_equal_scores(backend, package):
    pytest.importorskip(package)
    script = EXAMPLES / "search" / "cluster_search.py"
    command = [sys.executable, script, backend, "--rows", "200", "--epochs", "1"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr
    assert run.stdout.endswith("the scores are the same to the bit\n")

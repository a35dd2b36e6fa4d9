"""The form of the gallery's pages, and those that start other processes."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
# the quick start is for everybody
PAGES = sorted(
    path
    for path in EXAMPLES.rglob("*.py")
    if "benchmarks" not in path.parts and path.name != "plot_quick_start.py"
)


def run(script, *arguments):
    """What the script prints."""
    command = [sys.executable, EXAMPLES / script, *arguments]
    env = os.environ | {"MPLBACKEND": "agg"}
    process = subprocess.run(
        command, env=env, capture_output=True, text=True, timeout=300
    )
    assert process.returncode == 0, process.stderr
    return process.stdout


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_page_says_for_whom_it_is_and_what_to_read_next(path):
    first, *_, last = re.split(r"^(?:# %%|\"\"\")$", path.read_text()[3:], flags=re.M)
    assert "**For whom:**" in first and "**What comes out:**" in first
    assert "**What to read next**" in last


@pytest.mark.slow
@pytest.mark.parametrize("backend, package", [("dask", "distributed"), ("ray", "ray")])
def test_cluster_search_ends_with_equal_scores(backend, package):
    pytest.importorskip(package)
    output = run("search/cluster_search.py", backend, "--rows=200", "--epochs=1")
    assert output.endswith("the scores are the same to the bit\n")


@pytest.mark.slow
def test_a_new_process_tags_texts():
    output = run("plot_text_to_tags.py")
    found = output[output.index("libtext-wrapper-perl") :]
    assert re.search(r"implemented-in::perl +(1\.0|0\.9)", found)


@pytest.mark.slow
def test_a_process_without_torch_predicts_the_same():
    pytest.importorskip("skl2onnx")
    assert "\n0 of 278,300 entries differ\n" in run(
        "after_training/plot_deploy_onnx.py"
    )

"""On a GPU that is pretended, models are the same to the bit as on the processor."""

import pickle
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from torch.utils import backend_registration

from tests.neural_network import pretended_gpu_script as script

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(
    not hasattr(backend_registration, "_setup_privateuseone_for_python_backend"),
    reason="devices written in Python came with torch 2.10",
)


@pytest.fixture(scope="module")
def on_gpu(tmp_path_factory):
    """A function of the name of `CASES`: what the script has found."""

    @cache
    def found(name):
        path = tmp_path_factory.mktemp("gpu") / "results.pickle"
        command = [sys.executable, "-W", "ignore", "-m"]
        subprocess.run(
            [*command, "tests.neural_network.pretended_gpu_script", name, path],
            cwd=ROOT,
            check=True,
            timeout=600,
        )
        return pickle.loads(path.read_bytes())

    return found


@pytest.mark.filterwarnings("ignore:.*no threshold of its own")
@pytest.mark.parametrize(
    "name, case",
    [
        *(("fast", case) for case in script.CASES["fast"]),
        *(
            pytest.param("slow", case, marks=pytest.mark.slow)
            for case in script.CASES["slow"]
        ),
    ],
    ids=str,
)
def test_same_bits_as_on_the_processor(on_gpu, name, case):
    found = on_gpu(name)[case]
    assert not isinstance(found, str), found  # else the error
    way, data, _ = case
    for ours, theirs in zip(found, script.results(way, data, "cpu"), strict=True):
        np.testing.assert_array_equal(ours, theirs)

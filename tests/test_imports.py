"""What is imported with the parts of the package: no more than they need."""

import json
import subprocess
import sys

import pytest

# in the order in which one process imports them: all that an entry must not bring along
# is still missing when the entries before it are there
NOT_IMPORTED = {
    "skmultitag": {"torch", "skorch", "matplotlib", "pandas", "imblearn", "onnx"},
    "skmultitag.metrics": {"torch", "skorch", "matplotlib"},
    "skmultitag.calibration": {"torch", "skorch", "matplotlib"},
    "skmultitag.thresholds": {"torch", "skorch", "matplotlib"},
    "skmultitag.hierarchy": {"torch", "skorch", "matplotlib"},
    "skmultitag.kernel_ridge": {"torch", "skorch", "matplotlib"},
    "skmultitag.neighbors": {"torch", "skorch", "matplotlib"},
    "skmultitag.model_selection": {"torch", "skorch", "matplotlib"},
    "skmultitag.datasets": {"torch", "skorch", "matplotlib"},
    "skmultitag.sampling": {"torch", "skorch", "matplotlib"},
    "skmultitag.plotting": {"torch", "skorch", "matplotlib"},
    "skmultitag.losses": {"skorch", "matplotlib"},
    "skmultitag.neural_network": {"matplotlib"},
}

# where skl2onnx, which is optional, is not installed
CODE = """
import importlib, inspect, json, sys
sys.modules["skl2onnx"] = None
imported = {}
for name in sys.argv[1:]:
    importlib.import_module(name)
    imported[name] = [name for name in sys.modules if "." not in name]
import skmultitag
members = [name for name, _ in inspect.getmembers(skmultitag)]
try:
    skmultitag.onnx
except ImportError as exc:
    print(json.dumps([imported, members, str(exc)]))
"""


@pytest.fixture(scope="module")
def process():
    command = [sys.executable, "-c", CODE, *NOT_IMPORTED]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(run.stdout)


@pytest.mark.parametrize("module", NOT_IMPORTED)
def test_import_leaves_out_what_is_not_needed(module, process):
    imported, _, _ = process
    assert not NOT_IMPORTED[module].intersection(imported[module])


def test_neural_networks_are_what_brings_torch_and_skorch(process):
    """The lists are those of what is really imported."""
    imported, _, _ = process
    assert {"torch", "skorch"} <= set(imported["skmultitag.neural_network"])


def test_help_needs_no_optional_package(process):
    """It asks for all members, as an import of ``*`` does."""
    _, members, _ = process
    assert {"metrics", "predict_tags"} <= set(members)


def test_export_says_what_to_install(process):
    *_, message = process
    assert message == 'skmultitag.onnx needs skl2onnx: pip install "skmultitag[onnx]".'

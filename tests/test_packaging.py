"""The lower bounds of setup.py, and the versions with which they are tested."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# torch is not pinned, see the file, nor is onnxscript, which must suit it; these others
# are tools for the docs and for texts
NOT_PINNED = {
    "cleanlab",
    "onnxscript",
    "optuna",
    "pydata-sphinx-theme",
    "scikit-activeml",
    "sentence-transformers",
    "skrub",
    "sphinx",
    "sphinx-copybutton",
    "sphinx-design",
    "sphinx-gallery",
    "torch",
}


def read(path, pattern):
    return re.findall(pattern, (ROOT / path).read_text(encoding="utf-8"), re.M)


def test_each_lower_bound_is_tested():
    bounds = dict(read("setup.py", r'"([a-z0-9-]+)(?:\[.+\])?>=([\d.]+)"'))
    pinned = dict(read(".ci/oldest.txt", r"^([a-z0-9-]+)==([\d.]+)$"))
    assert bounds.keys() - pinned.keys() == NOT_PINNED
    for name in bounds.keys() & pinned.keys():
        assert f"{pinned[name]}.".startswith(f"{bounds[name]}."), name


def test_versions_are_the_same_everywhere():
    (version,) = read("skmultitag/__init__.py", r'^__version__ = "(.+)"$')
    assert read("CITATION.cff", r"^version: (.+)$") == [version]


@pytest.mark.parametrize("path", [".ci/run", ".pre-commit-config.yaml"])
def test_one_version_of_ruff(path):
    assert set(read(path, r"ruff==([\d.*]+)")) == {"0.17.*"}

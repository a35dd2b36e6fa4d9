"""Configuration of the documentation, for Sphinx."""

import os
import re
import sys
from pathlib import Path

DOC = Path(__file__).resolve().parent
ROOT = DOC.parent
sys.path[:0] = [str(ROOT), str(DOC), str(ROOT / "examples" / "benchmarks")]

from harness.report import write_all  # noqa: E402
from public_names import methods_by_class  # noqa: E402

from skmultitag import __version__  # noqa: E402

project = "skmultitag"
author = "skmultitag developers"
copyright = author
version = release = __version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "numpydoc",
    "sphinx_gallery.gen_gallery",
]
templates_path = ["_templates"]
exclude_patterns = ["_build", "_templates", "_generated"]  # tables, included

# No nitpicky, no intersphinx: the build needs no network, and the names of other
# projects in docstrings stay plain text.
autosummary_generate = True
autosummary_context = {"public_methods": methods_by_class()}
numpydoc_show_class_members = False  # the template lists them, without torch's

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    "filename_pattern": re.escape(os.sep) + "plot_",
    "ignore_pattern": r"benchmarks|__init__\.py",
    "backreferences_dir": "_generated/examples_by_name",
    "doc_module": ("skmultitag",),
    "download_all_examples": False,
    "show_memory": False,
    "show_signature": False,
}

html_theme = "pydata_sphinx_theme"
html_title = f"{project} {version}"
html_theme_options = {"show_toc_level": 2, "navigation_with_keys": False}


def write_benchmarks(app):
    """Tables and figures of the benchmarks, from their results."""
    write_all(DOC / "benchmarks", DOC / "_generated")


def setup(app):
    app.connect("builder-inited", write_benchmarks)

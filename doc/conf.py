"""Configuration of the documentation, for Sphinx."""

import os
import re
import sys
from pathlib import Path

from sphinx_gallery.sorting import ExplicitOrder

DOC = Path(__file__).resolve().parent
sys.path[:0] = [str(DOC.parent), str(DOC.parent / "examples" / "benchmarks")]

from harness.report import write_all  # noqa: E402

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
numpydoc_show_class_members = False  # the template lists them, without torch's

# From what a newcomer looks for first to what only some need. All sections have to be
# named; an example that is not named comes last in its section.
GALLERY_SECTIONS = [
    "thresholds",
    "after_training",
    "search",
    "scale",
    "losses",
    "sampling",
]
GALLERY_EXAMPLES = [
    "plot_quick_start.py",
    "plot_text_to_tags.py",
    "plot_images_to_tags.py",
    "plot_any_classifier.py",
    "plot_precision_floor.py",
    "plot_label_report.py",
    "plot_deploy_onnx.py",
    "plot_optuna.py",
    "plot_memory_map.py",
    "plot_compare_losses.py",
    "*",
]
sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    "subsection_order": [f"../examples/{name}" for name in GALLERY_SECTIONS],
    "within_subsection_order": ExplicitOrder(GALLERY_EXAMPLES),
    "filename_pattern": re.escape(os.sep) + "plot_",
    "ignore_pattern": r"benchmarks|__init__\.py",
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

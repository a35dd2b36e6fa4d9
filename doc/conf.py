"""Configuration of the documentation, for Sphinx."""

import os
import re
import sys
from pathlib import Path

from sphinx_gallery.sorting import ExplicitOrder

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
    "sphinx.ext.viewcode",
    "numpydoc",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
]
templates_path = ["_templates"]
exclude_patterns = ["_build", "_templates", "_generated"]  # tables, included

# No nitpicky, no intersphinx: the build needs no network, and the names of other
# projects in docstrings stay plain text.
autosummary_generate = True
autosummary_context = {"public_methods": methods_by_class()}
toc_object_entries_show_parents = "hide"
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
    "plot_nested_labels.py",
    "plot_partial_labels.py",
    "plot_any_classifier.py",
    "plot_precision_floor.py",
    "plot_label_report.py",
    "plot_deploy_onnx.py",
    "plot_optuna.py",
    "plot_memory_map.py",
    "plot_many_labels.py",
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
    "backreferences_dir": "_generated/examples_by_name",
    "doc_module": ("skmultitag",),
    "download_all_examples": False,
    "reset_modules": ("matplotlib", "gallery_links.link_to_pages"),
    "show_memory": False,
    "write_computation_times": False,
    "show_signature": False,
}

copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

html_theme = "pydata_sphinx_theme"
html_title = f"{project} {version}"
html_logo = html_favicon = "_static/logo.svg"
html_static_path = ["_static"]
html_css_files = ["pages.css"]
html_theme_options = {
    "logo": {"text": project},
    "navbar_start": ["navbar-logo", "navbar-version"],
    "header_links_before_dropdown": 6,
    "navigation_with_keys": False,
    "show_toc_level": 2,
}
# Pages that have no others under them need no column for them.
html_sidebars = {
    name: [] for name in ("index", "install", "development", "glossary", "whats_new")
}


def write_benchmarks(app):
    """Tables and figures of the benchmarks, from their results."""
    write_all(DOC / "benchmarks", DOC / "_generated")


def setup(app):
    app.connect("builder-inited", write_benchmarks)

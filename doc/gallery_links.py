"""Links from estimators that the gallery shows to their pages."""

from pathlib import Path

from skmultitag.utils import _doc_link

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


def link_to_pages(gallery_conf, example):
    """Called by sphinx-gallery before each example, and before a folder with None."""
    if example is not None:
        depth = len(Path(example).resolve().relative_to(EXAMPLES).parts)
        _doc_link.DOCUMENTATION = "../" * depth

"""Links from estimators that the gallery shows to their pages."""

from pathlib import Path

from skmultitag.utils import _doc_link

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


def link_to_pages(gallery_conf, example):
    """Called by sphinx-gallery before each example, and before a folder with None.

    `example` is the name of the file, without its folder.
    """
    if example is not None:
        (path,) = EXAMPLES.rglob(Path(example).name)
        depth = len(path.relative_to(EXAMPLES).parts)
        _doc_link.DOCUMENTATION = "../" * depth

"""Estimators link to their pages in the documentation."""

import inspect

import pytest

from skmultitag import ThresholdedClassifierCV
from skmultitag.kernel_ridge import KernelRidgeClassifierCV
from skmultitag.utils import _doc_link
from skmultitag.utils._doc_link import DocLinkMixin
from tests.test_documentation import public_objects

ADDRESS = "https://docs.example/"
PATHS = {
    path: value
    for value, path in public_objects().items()
    if inspect.isclass(value) and issubclass(value, DocLinkMixin)
}


@pytest.mark.parametrize("path", PATHS)
def test_link_is_that_of_the_page(path, monkeypatch):
    monkeypatch.setattr(_doc_link, "DOCUMENTATION", ADDRESS)
    estimator = PATHS[path].__new__(PATHS[path])
    assert estimator._get_doc_link() == f"{ADDRESS}api/{path}.html"


def test_display_has_the_link(monkeypatch):
    model = ThresholdedClassifierCV(KernelRidgeClassifierCV())
    monkeypatch.setattr(_doc_link, "DOCUMENTATION", ADDRESS)
    html = model._repr_html_inner()
    for path in PATHS["skmultitag.ThresholdedClassifierCV"], KernelRidgeClassifierCV:
        assert f"{path.__name__}.html" in html


def test_no_link_without_an_address(monkeypatch):
    monkeypatch.setattr(_doc_link, "DOCUMENTATION", "")
    html = KernelRidgeClassifierCV()._repr_html_inner()
    assert "KernelRidgeClassifierCV.html" not in html


def test_classes_of_others_have_no_page_here(monkeypatch):
    monkeypatch.setattr(_doc_link, "DOCUMENTATION", ADDRESS)

    class Mine(KernelRidgeClassifierCV):
        pass

    assert Mine()._get_doc_link() == ""

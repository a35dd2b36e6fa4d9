"""The list of public names is whole, and so are their docstrings."""

import inspect
from importlib import import_module
from pathlib import Path

import pytest

import skmultitag

API_PAGE = Path(__file__).parents[1] / "doc" / "api.rst"
# those of numpydoc: a docstring is missing, parameters are missing, unknown, in another
# order, without a type or a description, what is returned is not said
DOCSTRING_ERRORS = {"GL08", "PR01", "PR02", "PR03", "PR04", "PR07", "RT01"}
# they say "those of `forward`" or "of `row_sums`", or are overrides of one line
BY_REFERENCE = {
    "MultilabelLoss.validation_loss",
    "MultilabelLoss.validation_sums",
    "AdaptiveSigmoidF1Loss.validation_sums",
    "AdaptiveSigmoidF1Loss.epoch_figures",
    "BayesianSigmoidF1Loss.epoch_figures",
    "BayesianSigmoidF1Loss.observe",
    "GlobalObjectiveLoss.epoch_figures",
    "GlobalObjectiveLoss.observe",
}


def public_objects():
    """All public classes and functions, each with its name in the package."""
    modules = ["skmultitag", *(f"skmultitag.{name}" for name in skmultitag._SUBMODULES)]
    found = {}
    for module in map(import_module, modules):
        for name in module.__all__:
            value = getattr(module, name)
            if callable(value):
                found.setdefault(value, f"{module.__name__}.{name}")
    return found


def objects_of_api_page():
    found, module = [], None
    for line in API_PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith(".. currentmodule:: "):
            module = import_module(line.split()[-1])
        elif line.startswith("   ") and line.strip().isidentifier():
            found.append(getattr(module, line.strip()))
    return found


def public_methods(value):
    """The methods of a class that are written in this package, by name."""
    for name, member in inspect.getmembers(value):
        method = inspect.unwrap(member) if callable(member) else None
        module = getattr(method, "__module__", None) or ""
        if module.startswith("skmultitag") and not name.startswith("_"):
            yield name, method


def documented_objects():
    """Import paths of public functions, classes and methods."""
    paths = set()
    for value in public_objects():
        # a method without a text of its own has that of the base class
        methods = [method for _, method in public_methods(value) if method.__doc__]
        for part in [value, *methods]:
            if part.__qualname__ in BY_REFERENCE:
                continue
            paths.add(f"{part.__module__}.{part.__qualname__}")
    return sorted(paths)


def test_api_page_has_each_public_name_once():
    listed, public = objects_of_api_page(), public_objects()
    names = {value: public.get(value, repr(value)) for value in listed} | public
    assert sorted(names[value] for value in listed) == sorted(public.values())


@pytest.mark.parametrize("path", documented_objects())
def test_docstring_says_what_goes_in_and_comes_out(path):
    validate = pytest.importorskip("numpydoc.validate").validate
    errors = dict(validate(path)["errors"])
    assert not DOCSTRING_ERRORS & errors.keys(), errors


def test_each_public_method_has_a_docstring():
    for value, path in public_objects().items():
        for name, _ in public_methods(value):
            assert inspect.getdoc(getattr(value, name)), f"{path}.{name}"

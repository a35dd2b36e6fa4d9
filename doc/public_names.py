"""The public names of skmultitag: for the pages of the API, and for the tests."""

import inspect
from importlib import import_module

import skmultitag


def public_objects():
    """All public classes and functions, each with the first of its import paths."""
    modules = ["skmultitag", *(f"skmultitag.{name}" for name in skmultitag._SUBMODULES)]
    found = {}
    for module in map(import_module, modules):
        for name in module.__all__:
            value = getattr(module, name)
            if callable(value):
                found.setdefault(value, f"{module.__name__}.{name}")
    return found


def public_methods(value):
    """The methods of a class that are written in this package, by name."""
    for name, member in inspect.getmembers(value):
        method = inspect.unwrap(member) if callable(member) else None
        module = getattr(method, "__module__", None) or ""
        if module.startswith("skmultitag") and not name.startswith("_"):
            yield name, method


def methods_by_class():
    """Names of the methods of each public class: plain data, as Sphinx wants it."""
    return {
        path: [name for name, _ in public_methods(value)]
        for value, path in public_objects().items()
        if inspect.isclass(value)
    }

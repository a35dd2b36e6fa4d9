"""Texts of errors, and the line of code that a warning names."""

import difflib
import re
import reprlib
import sys
import warnings
from contextlib import contextmanager

# whose code stands between the user's line and what warns
_PACKAGES = {"skmultitag", "sklearn", "imblearn", "skorch", "joblib", "contextlib"}

_REPR = reprlib.Repr()
_REPR.maxlist = _REPR.maxtuple = _REPR.maxset = _REPR.maxdict = 20
_REPR.maxstring = _REPR.maxother = 100


def shorten(value):
    """`value` as text for a message: the first entries of many, the ends of a long one.

    Parameters
    ----------
    value : object
        An array is shown as a list.

    Returns
    -------
    text : str

    Examples
    --------
    >>> from skmultitag.utils._messages import shorten
    >>> shorten(["a", "b"])
    "['a', 'b']"
    >>> shorten(range(100)), len(shorten(list(range(100_000))))
    ('range(0, 100)', 75)
    """
    is_array = hasattr(value, "tolist") and not isinstance(value, type)
    return _REPR.repr(value.tolist() if is_array else value)


def unknown_name(what, name, names):
    """Text for a name that is none of `names`, with one that it may be a slip of.

    Parameters
    ----------
    what : str
        What it should be a name of.

    name : object

    names : list of str

    Returns
    -------
    text : str

    Examples
    --------
    >>> from skmultitag.utils._messages import unknown_name
    >>> unknown_name("loss", "softf1", ["bce", "soft_f1"])
    "Unknown loss 'softf1'. Did you mean 'soft_f1'? The names are ['bce', 'soft_f1']."
    """
    similar = difflib.get_close_matches(str(name), names, n=1)
    hint = f" Did you mean {similar[0]!r}?" if similar else ""
    return f"Unknown {what} {shorten(name)}.{hint} The names are {names}."


@contextmanager
def naming(name):
    """Make the errors of checks say which argument they are about.

    scikit-learn, numpy and pandas don't know what the caller calls it.

    Parameters
    ----------
    name : str

    Examples
    --------
    >>> from skmultitag.utils._messages import naming
    >>> with naming("sample_weight"):
    ...     float("heavy")
    Traceback (most recent call last):
    ValueError: sample_weight: could not convert string to float: 'heavy'
    """
    try:
        yield
    except (TypeError, ValueError, RuntimeError) as exc:  # the last one of torch
        is_named = re.search(rf"\b{name}\b", str(exc))
        if is_named and not isinstance(exc, RuntimeError):
            raise
        kind = TypeError if isinstance(exc, TypeError) else ValueError
        raise kind(f"{name}: {exc}") from exc


def warn(message, category=UserWarning):
    """Warn the user: the warning names the line that called into the package.

    Parameters
    ----------
    message : str

    category : type, default=UserWarning
    """
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and _package_of(frame) in _PACKAGES:
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)


def _package_of(frame):
    return frame.f_globals.get("__name__", "").partition(".")[0]

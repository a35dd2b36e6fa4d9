"""Numbers of rows."""

from skmultitag.utils._messages import naming
from skmultitag.utils._sklearn import number_of_rows


def check_same_rows(**data):
    """Raise if array-likes, by name, have different numbers of rows; None is left out.

    Parameters
    ----------
    **data : dict of array-like or None
    """
    given = {name: each for name, each in data.items() if each is not None}
    n_rows = {}
    for name, each in given.items():
        with naming(name):
            n_rows[name] = number_of_rows(each)
    if len(set(n_rows.values())) > 1:
        numbers = ", ".join(f"{name} {number}" for name, number in n_rows.items())
        raise ValueError(f"The same number of rows is needed. Got {numbers}.")

import re

import numpy as np
import pytest
from sklearn.model_selection import cross_val_score

from skmultitag import MultiTagClassifier
from skmultitag.losses import get_loss
from skmultitag.metrics import get_scorer
from skmultitag.utils._messages import naming, shorten


def test_long_values_are_shortened():
    assert shorten(np.arange(3)) == "[0, 1, 2]"
    assert shorten(["a"] * 21) == f"[{', '.join([repr('a')] * 20)}, ...]"
    assert len(shorten("x" * 10**6)) == 100
    assert shorten(np.ndarray) == "<class 'numpy.ndarray'>"
    assert len(shorten([["y" * 1000] * 30] * 30)) < 50_000


@pytest.mark.parametrize("is_search", [False, True])
def test_warnings_name_the_line_of_the_user(multilabel_data, is_search):
    """Whether the user calls predict, or something of scikit-learn that does."""
    X, y, _ = multilabel_data
    model = MultiTagClassifier("two_way", max_iter=1, random_state=0)
    with pytest.warns(UserWarning, match="no threshold of its own") as caught:
        if is_search:
            cross_val_score(model, X, y, cv=2)
        else:
            model.fit(X, y).predict(X)
    assert {warning.filename for warning in caught} == {__file__}


@pytest.mark.parametrize(
    "error, kind, expected",
    [
        (ValueError("Expected 2D array"), ValueError, "^X: Expected 2D array$"),
        (TypeError("not 'dict'"), TypeError, "^X: not 'dict'$"),
        (RuntimeError("requires grad"), ValueError, "^X: requires grad$"),
        (ValueError("Input X contains NaN"), ValueError, "^Input X contains NaN$"),
        (ValueError("XY is no name"), ValueError, "^X: XY is no name$"),
        (KeyError("X"), KeyError, "^'X'$"),
    ],
)
def test_errors_name_the_argument(error, kind, expected):
    with pytest.raises(kind, match=expected), naming("X"):
        raise error


@pytest.mark.parametrize(
    "read, slip, meant",
    [
        (get_loss, "sigmoidf1", "Unknown loss 'sigmoidf1'. Did you mean 'sigmoid_f1'?"),
        (get_scorer, "f1macro", "Unknown scorer 'f1macro'. Did you mean 'f1_macro'?"),
        (get_loss, "xyz", "Unknown loss 'xyz'. The names are"),
    ],
)
def test_slips_of_names(read, slip, meant):
    with pytest.raises(ValueError, match=re.escape(meant)):
        read(slip)

"""The rules of the harness: each is broken once."""

import re
import warnings

import numpy as np
import pytest
import torch
from sklearn.exceptions import NotFittedError

from tests.fuzzing import harness
from tests.fuzzing.harness import Call, Failure, Refused
from tests.fuzzing.strategies import Case, Given


def refuse(kind, message):
    raise kind(message)


def case(kind="odd"):
    return Case({"X": Given(kind, "array", np.zeros(2))}, {}, "X")


@pytest.fixture(autouse=True)
def no_long_run(monkeypatch):
    monkeypatch.setattr(harness, "IS_LONG", False)
    monkeypatch.setattr(harness, "MAY_RAISE", re.compile(__name__.replace(".", "/")))
    monkeypatch.setattr(harness, "OUTCOMES", harness.defaultdict(harness.Counter))


BROKEN = {
    "KeyError": lambda X: refuse(KeyError, "X"),
    "names none of ['X']": lambda X: refuse(ValueError, "the array is wrong"),
    "from deep inside": lambda X: np.stack([]),
    "changes its input": lambda X: X.fill(1),
    "moves ['the stream of numpy']": lambda X: np.random.random(),
    "moves ['the stream of torch']": lambda X: torch.rand(1),
    "moves ['the gradient mode']": lambda X: torch.set_grad_enabled(False),
    "moves the filters of warnings": lambda X: warnings.simplefilter("ignore"),
    "warns odd numbers": lambda X: warnings.warn("odd numbers", RuntimeWarning, 1),
}


@pytest.mark.parametrize("message", BROKEN)
def test_broken_rules_are_failures(message):
    drawn = case()
    X = drawn.arguments["X"].value
    state, gradient = np.random.get_state(), torch.is_grad_enabled()
    try:
        with pytest.raises(Failure, match=re.escape(message)):
            Call("owner", drawn)("call", lambda: BROKEN[message](X))
    finally:
        np.random.set_state(state)
        torch.set_grad_enabled(gradient)


def test_good_arguments_must_be_taken_and_bad_ones_refused():
    with pytest.raises(Failure, match="good arguments are refused"):
        Call("owner", case("good"))("fit", lambda: refuse(ValueError, "X is wrong"))
    with pytest.raises(Failure, match="takes bad X"):
        Call("owner", case("bad"))("fit", lambda: None)


def test_what_keeps_the_rules_is_counted():
    assert Call("owner", case("good"))("fit", lambda: 3) == 3
    for kind in (ValueError, TypeError, NotFittedError):
        call = Call("owner", case())
        result = call("fit", lambda kind=kind: refuse(kind, "X is wrong"))
        assert isinstance(result, Refused) and isinstance(result.error, kind)
    assert harness.OUTCOMES["owner"] == {
        "worked": 1,
        "ValueError": 1,
        "TypeError": 1,
        "NotFittedError": 1,
    }


def test_wrong_results_are_failures():
    def check(result):
        assert result > 3, "too small"

    with pytest.raises(Failure, match="too small"):
        Call("owner", case("good"))("predict", lambda: 3, check)

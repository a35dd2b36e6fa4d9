"""The rules that each fuzzed call must keep, and the table of what became of them."""

import os
import pickle
import random
import re
import traceback
import warnings
from collections import Counter, defaultdict

import numpy as np
import sklearn
import torch
from hypothesis import HealthCheck, Phase, seed, settings
from scipy import sparse
from sklearn.base import BaseEstimator

SEED = int(os.environ.get("SKMULTITAG_FUZZ_SEED", 0))
N_CASES = int(os.environ.get("SKMULTITAG_FUZZ_CASES", 1500))
#: In a long run failures are counted and shown at its end, in place of ending a test.
IS_LONG = "SKMULTITAG_FUZZ_CASES" in os.environ

#: Numbers of calls by object and outcome, and of failures with the first of each kind.
OUTCOMES = defaultdict(Counter)
FAILURES = {}

#: Whose code may raise: ours, and the checks of those that read for us.
MAY_RAISE = re.compile(r"/(skmultitag|sklearn|imblearn|joblib)/")


def fuzz(share):
    """Decorator of a test that gets this share of all cases."""
    rules = settings(
        max_examples=max(1, round(share * N_CASES)),
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    return lambda test: seed(SEED)(rules(test))


# ---- the state of the process, and of objects, as things that can be compared


def world():
    """What a call must not move."""
    return {
        "the stream of numpy": snapshot(np.random.get_state()),
        "the stream of random": random.getstate(),
        "the stream of torch": torch.random.get_rng_state().numpy().tobytes(),
        "the threads of torch": torch.get_num_threads(),
        "the default dtype": torch.get_default_dtype(),
        "the gradient mode": torch.is_grad_enabled(),
        "the floating-point errors": np.geterr(),
        "the settings of scikit-learn": sklearn.get_config(),
        "the folder": os.getcwd(),
        "the environment": dict(os.environ),
    }


def snapshot(value):
    """All that can be seen of a value."""
    if isinstance(value, np.ndarray):
        entries = value.tolist() if value.dtype == object else value.tobytes()
        return type(value), value.dtype, value.shape, value.strides, snapshot(entries)
    if isinstance(value, torch.Tensor):
        return "tensor", value.dtype, value.requires_grad, repr(value.tolist())
    if sparse.issparse(value):
        return type(value), value.dtype, value.shape, repr(value.toarray())
    if hasattr(value, "iloc") and hasattr(value, "columns"):
        columns = [value.iloc[:, j].tolist() for j in range(value.shape[1])]
        labels = value.index.tolist(), value.columns.tolist(), value.dtypes.tolist()
        return type(value), repr(labels), snapshot(columns)
    if isinstance(value, BaseEstimator):
        return type(value), snapshot(vars(value))
    if isinstance(value, dict):
        return [(key, snapshot(each)) for key, each in value.items()]
    if isinstance(value, (list, tuple)):
        return type(value), [snapshot(each) for each in value]
    if isinstance(value, (str, bytes)):
        return value
    return type(value), repr(value)


def copied(model):
    return pickle.loads(pickle.dumps(model))


# ---- one call


class Failure(AssertionError):
    """A call that broke a rule."""


class Refused:
    """What a refused call returns; `error` is None if a rule was broken."""

    def __init__(self, error=None):
        self.error = error


class Call:
    """Calls of one object on a case, with the rules that each of them must keep.

    Parameters
    ----------
    owner : str
        The name under which the outcomes are counted.

    case : Case

    unnamed : frozenset of str, default=frozenset()
        Arguments that a message need not name, as they are read by others.
    """

    def __init__(self, owner, case, unnamed=frozenset()):
        self.owner, self.case, self.unnamed = owner, case, unnamed

    def __call__(self, name, function, check=None, check_refused=None):
        """Call `function`, and return what it does, or `Refused`.

        Parameters
        ----------
        name : str
            Of the function, for messages.

        function : callable
            Without arguments.

        check : callable, default=None
            Is called with the result, and asserts.

        check_refused : callable, default=None
            Is called with the error if the call was refused, and asserts.
        """
        try:
            result = self._result(function)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                if not isinstance(result, Refused) and check is not None:
                    check(result)
                if isinstance(result, Refused) and check_refused is not None:
                    check_refused(result.error)
        except AssertionError as exc:
            return self._fail(name, exc, str(exc))
        except Exception as exc:  # of the check
            return self._fail(name, exc, f"afterwards {type(exc).__name__}: {exc}")
        outcome = "worked"
        if isinstance(result, Refused):
            outcome = type(result.error).__name__
        OUTCOMES[self.owner][outcome] += 1
        return result

    def _fail(self, name, exc, message):
        OUTCOMES[self.owner]["failed"] += 1
        text = f"{self.owner}.{name}: {message}\n{self}"
        if not IS_LONG:
            raise Failure(text) from (exc.__cause__ or exc)
        # the same but for numbers and quoted values
        kind = re.sub(r"'[^']*'|\[.*?\]|\d[\d.e+-]*", "#", message)[:120]
        kind = kind.replace(self.owner, "#")
        _, owners = FAILURES.setdefault(kind, (text, Counter()))
        owners[self.owner] += 1
        return Refused()

    def _result(self, function):
        values = self.case.value_of(self.case.given)
        seen, before = snapshot(values), world()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            filters = list(warnings.filters)
            try:
                result = function()
            except Exception as exc:
                result = Refused(exc)
            has_filters = filters == list(warnings.filters)
        moved = [name for name, state in world().items() if state != before[name]]
        assert not moved, f"moves {moved}"
        assert has_filters, "moves the filters of warnings"
        assert snapshot(values) == seen, "changes its input"
        if isinstance(result, Refused):
            self._check_refusal(result.error)
        else:
            bad = [n for n, given in self.case.given.items() if given.kind == "bad"]
            assert not bad, f"takes bad {', '.join(bad)}"
        for warning in caught:
            place = f"{warning.filename}:{warning.lineno}"
            is_numeric = issubclass(warning.category, RuntimeWarning)
            is_ours = is_numeric and "/sklearn/" not in place
            assert not is_ours, f"warns {warning.message} ({place})"
        return result

    def _check_refusal(self, error):
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{frame.filename.split('site-packages/')[-1]}:{frame.lineno}"
        text = f"{type(error).__name__}({str(error)[:300]!r}) from {place}"
        try:
            assert isinstance(error, (ValueError, TypeError)), text
            kinds = {given.kind for given in self.case.given.values()}
            assert kinds - {"good"}, f"good arguments are refused: {text}"
            names = self._suspects()
            if self.unnamed.intersection(names):
                return
            assert MAY_RAISE.search(frame.filename), f"from deep inside: {text}"
            words = "|".join(names)
            message = str(error).replace("Sample weights", "sample_weight")
            is_named = re.search(rf"(?<!\w)({words})(?!\w)", message)
            assert is_named, f"names none of {names}: {text}"
        except AssertionError as exc:
            raise exc from error

    def _suspects(self):
        """Names of the arguments that can be wrong."""
        wrong = [n for n, given in self.case.given.items() if given.kind != "good"]
        return wrong if self.case.wrong != "all" else list(self.case.given)

    def __str__(self):
        lines = [
            f"    {name} ({given.kind}: {given.form}) = {given.value!r}"
            for name, given in self.case.given.items()
        ]
        return "\n".join(lines)


def table():
    """The outcomes as lines of text."""
    total = sum(OUTCOMES.values(), Counter())
    columns = sorted(total, key=lambda name: (name == "failed", name != "worked", name))
    lines = [f"{'':34}" + "".join(f"{name:>24}" for name in columns)]
    for owner, counts in [*sorted(OUTCOMES.items()), ("all", total)]:
        numbers = "".join(f"{counts[name]:24}" for name in columns)
        lines.append(f"{owner:34}{numbers}")
    return "\n".join(lines)

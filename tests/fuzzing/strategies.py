"""What the fuzzed calls are given: parameters, features, targets, weights, scores.

Each drawn argument says what must become of it: "good" ones must be taken, "bad" ones
refused, and with "odd" ones either may happen. A new form is one line in a table. The
parameters of constructors are derived from their constraints, so that a new parameter
is fuzzed by itself.
"""

import re
from contextlib import suppress
from numbers import Integral
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import torch
from hypothesis import strategies as st
from scipy import sparse
from sklearn.utils._param_validation import (
    HasMethods,
    Interval,
    StrOptions,
    generate_valid_param,
    make_constraint,
)


class Given(NamedTuple):
    """A drawn argument: what must become of it, the name of its form, and itself."""

    kind: str
    form: str
    value: object


def given_of(kind, forms, base):
    """Strategy of one of the forms of `base`; those that come first are simpler."""
    return st.sampled_from(list(forms.items())).map(
        lambda item: Given(kind, item[0], item[1](base))
    )


# ---- arrays, and what holds them


def read_only(A):
    A = A.copy()
    A.flags.writeable = False
    return A


def in_objects(rows):
    """An array of objects, whatever they are."""
    array = np.empty(len(rows), dtype=object)
    for number, row in enumerate(rows):
        array[number] = row
    return array


def named(A):
    return pd.DataFrame(A, columns=[f"name {j}" for j in range(A.shape[1])])


def columns_of(A):
    return {f"name {j}": A[:, j] for j in range(A.shape[1])}


LAYOUTS = {
    "array": lambda A: A,
    "list of lists": lambda A: A.tolist(),
    "tuple of tuples": lambda A: tuple(map(tuple, A.tolist())),
    "list of arrays": lambda A: list(A),
    "Fortran order": np.asfortranarray,
    "view of every second row": lambda A: np.repeat(A, 2, axis=0)[::2],
    "view of every second column": lambda A: np.repeat(A, 2, axis=1)[:, ::2],
    "reversed rows": lambda A: A[::-1].copy()[::-1],
    "read-only": read_only,
    "objects": lambda A: A.astype(object),
}
SPARSE = {
    f"{format}_{kind}": getattr(sparse, f"{format}_{kind}")
    for format in ("csr", "csc", "coo", "lil", "dok", "bsr", "dia")
    for kind in ("matrix", "array")
}
FRAMES = {
    "frame": named,
    "frame with numbered columns": pd.DataFrame,
    "frame with an index": lambda A: named(A).set_index(
        pd.Index([f"row {i}" for i in range(len(A))])
    ),
}
OTHER_FRAMES = {
    "frame of polars": lambda A: pl.DataFrame(columns_of(A)),
    "table of pyarrow": lambda A: pa.table(columns_of(A)),
}
NOT_TWO_DIMENSIONS = {
    "None": lambda A: None,
    "a number": lambda A: 3,
    "a text": lambda A: "text",
    "an object": lambda A: object(),
    "a dict": lambda A: {"a": 1},
    "a path": lambda A: Path("A.npy"),
    "a generator": lambda A: (row for row in A),
    "a method that is not called": lambda A: A.copy,
    "a list of matrices": lambda A: [A, A[:, :1]],
    "three dimensions": lambda A: A[:, :, None],
}


def with_entry(value, dtype=None):
    """A form with one other entry, in the middle."""

    def form(A):
        A = A.astype(dtype or A.dtype)
        A[len(A) // 2, -1] = value
        return A

    return form


# ---- features and scores

NUMBERS = {
    "float32": lambda A: A.astype(np.float32),
    "float16": lambda A: A.astype(np.float16),
    "big-endian": lambda A: A.astype(">f8"),
}
GOOD_FEATURES = {
    **LAYOUTS,
    **NUMBERS,
    **SPARSE,
    **FRAMES,
    "int64": lambda A: np.rint(A).astype(np.int64),
    "int8": lambda A: np.rint(A).clip(-100, 100).astype(np.int8),
    "bool": lambda A: A > 0,
    "frame of float32": lambda A: named(A.astype(np.float32)),
}
ODD_FEATURES = {
    **OTHER_FRAMES,
    "longdouble": lambda A: A.astype(np.longdouble),
    "numbers as texts": lambda A: A.astype(str),
    "masked array": lambda A: np.ma.masked_greater(A, 0),
    "frame of nullable floats": lambda A: named(A).convert_dtypes(),
    "tensor": torch.tensor,
    "tensor of float32": lambda A: torch.tensor(A, dtype=torch.float32),
    "tensor with a gradient": lambda A: torch.tensor(A, requires_grad=True),
    "tensor of bfloat16": lambda A: torch.tensor(A, dtype=torch.bfloat16),
    "huge": lambda A: A * 1e300,
    "tiny": lambda A: A * 1e-300,
    "constant": np.zeros_like,
    "column of vectors": lambda A: pd.Series(list(A)),
    "one column of vectors": lambda A: pd.DataFrame({"vector": list(A)}),
    "objects of vectors": lambda A: in_objects(list(A)),
    "dates": lambda A: A.astype("datetime64[s]"),
    "np.matrix": lambda A: np.asmatrix(A),
}
BAD_FEATURES = {
    **NOT_TWO_DIMENSIONS,
    "NaN": with_entry(np.nan),
    "infinite": with_entry(np.inf),
    "float16 that are infinite": with_entry(np.inf, np.float16),
    "complex": lambda A: A.astype(complex),
    "None among numbers": with_entry(None, object),
    "NA among numbers": with_entry(pd.NA, object),
    "a text among numbers": with_entry("text", object),
    "a list among numbers": with_entry([1.0, 2.0], object),
    "no rows": lambda A: A[:0],
    "no columns": lambda A: A[:, :0],
    "one dimension": lambda A: A[:, 0],
    "one row less": lambda A: A[1:],
    "ragged": lambda A: (
        [row[: 1 + i % 2].tolist() for i, row in enumerate(A[:, :1])]
        + [[1.0, 2.0, 3.0]]
    ),
    "sparse with NaN": lambda A: sparse.csr_matrix(with_entry(np.nan)(A)),
    "frame with NaN": lambda A: named(with_entry(np.nan)(A)),
    "frame of texts": lambda A: named(np.full(A.shape, "text")),
    "series": lambda A: pd.Series(A[:, 0]),
}

# ---- targets

TAGS = np.array(["a", "b b", "c", "Ä"], dtype=object)


def tag_rows(y, make=list):
    names = TAGS[: y.shape[1]]
    return [make(names[row == 1].tolist()) for row in y]


LABEL_TYPES = {
    name: lambda y, name=name: y.astype(name)
    for name in ("int32", "uint8", "bool", "float64", "float32", "float16", ">i4")
}
GOOD_INDICATORS = {
    **LAYOUTS,
    **LABEL_TYPES,
    **SPARSE,
    **FRAMES,
    "sparse bool": lambda y: sparse.csr_matrix(y.astype(bool)),
    "frame of bool": lambda y: named(y.astype(bool)),
    **OTHER_FRAMES,
    "tensor": torch.tensor,
    "texts of 0 and 1": lambda y: y.astype(str),
    "lists of texts of 0 and 1": lambda y: y.astype(str).tolist(),
    "nullable frame": lambda y: named(y).convert_dtypes(),
}
GOOD_TAGS = {
    "tag lists": tag_rows,
    "tag tuples": lambda y: tag_rows(y, tuple),
    "tuple of tag lists": lambda y: tuple(tag_rows(y)),
    "tag sets": lambda y: tag_rows(y, set),
    "frozen sets": lambda y: tag_rows(y, frozenset),
    "series of tag lists": lambda y: pd.Series(tag_rows(y)),
    "objects of tag lists": lambda y: in_objects(tag_rows(y)),
    "dicts of labels": lambda y: named(y).to_dict("records"),
    "polars column of lists": lambda y: pl.Series(tag_rows(y)),
    "arrow column of lists": lambda y: pa.array(tag_rows(y)),
    "series of sets": lambda y: pd.Series(tag_rows(y, set)),
    "objects of arrays": lambda y: in_objects(tag_rows(y, np.array)),
}
ODD_TARGETS = {
    "tags that are numbers": lambda y: [np.flatnonzero(row).tolist() for row in y],
    "repeated tags": lambda y: [tags * 2 for tags in tag_rows(y)],
    "masked array": lambda y: np.ma.masked_equal(y, 0),
    "frame with equal names": lambda y: pd.DataFrame(y, columns=["a"] * y.shape[1]),
    "all zero": np.zeros_like,
    "all one": np.ones_like,
    "one column": lambda y: y[:, :1],
    "one dimension": lambda y: y[:, 0],
    "texts of two classes": lambda y: np.where(y[:, 0], "yes", "no"),
    "series of two classes": lambda y: pd.Series(y[:, 0], dtype="category"),
    "classes": lambda y: y.sum(axis=1),
    "joined tags": lambda y: [", ".join(tags) for tags in tag_rows(y)],
    "written lists": lambda y: [str(tags) for tags in tag_rows(y)],
    "stored zeros": lambda y: sparse.csr_matrix(
        (
            y.ravel(),
            np.tile(np.arange(y.shape[1]), len(y)),
            np.arange(len(y) + 1) * y.shape[1],
        ),
        shape=y.shape,
    ),
    "empty lists": lambda y: [[] for _ in y],
    # entries that are not annotated, which most but not all take
    "NaN": with_entry(np.nan, float),
    "None among numbers": with_entry(None, object),
    "NA among numbers": with_entry(pd.NA, object),
    "frame with NaN": lambda y: named(with_entry(np.nan, float)(y)),
    "frame with NA": lambda y: named(with_entry(pd.NA, object)(y)),
}
BAD_TARGETS = {
    **NOT_TWO_DIMENSIONS,
    "a two": with_entry(2),
    "minus one": with_entry(-1),
    "a half": with_entry(0.5, float),
    "infinite": with_entry(np.inf, float),
    "sparse with a two": lambda y: sparse.csr_matrix(with_entry(2)(y)),
    "complex": lambda y: y.astype(complex),
    "no rows": lambda y: y[:0],
    "no columns": lambda y: y[:, :0],
    "one row less": lambda y: y[1:],
    "one tag list less": lambda y: tag_rows(y)[1:],
    "None among tags": lambda y: [*tag_rows(y)[:-1], [None, "a"]],
    "NaN among tags": lambda y: [*tag_rows(y)[:-1], [np.nan, "a"]],
    "NA among tags": lambda y: [*tag_rows(y)[:-1], [pd.NA, "a"]],
    "a number among tags": lambda y: [*tag_rows(y)[:-1], [1, "a"]],
    "None for tags": lambda y: [*tag_rows(y)[:-1], None],
    "a text for tags": lambda y: [*tag_rows(y)[:-1], "a"],
    "a list for a tag": lambda y: [*tag_rows(y)[:-1], [["a"]]],
    "dates": lambda y: y.astype("datetime64[s]"),
}

# ---- weights

GOOD_WEIGHTS = {
    "None": lambda w: None,
    "array": lambda w: w,
    "list": lambda w: w.tolist(),
    "whole numbers": lambda w: np.arange(len(w)) % 2 + 1,
    "float32": lambda w: w.astype(np.float32),
    "series": pd.Series,
    "reversed": lambda w: w[::-1],
    "read-only": read_only,
}
ODD_WEIGHTS = {
    "a number": lambda w: 2.0,
    "some zeros": lambda w: w * (np.arange(len(w)) % 2),
    "one row": lambda w: np.eye(len(w))[0],
    "bool": lambda w: w > w.mean(),
    "texts": lambda w: w.astype(str),
    "large": lambda w: w * 1e200,
    "small": lambda w: w * 1e-190,
    "huge": lambda w: w * 1e307,
    "tiny": lambda w: w * 1e-300,
    "subnormal": lambda w: w * 0 + 5e-324,
    "tensor": torch.tensor,
    "polars": pl.Series,
    "a dict": lambda w: dict(enumerate(w)),
}
BAD_WEIGHTS = {
    "negative": lambda w: -w,
    "one negative": lambda w: np.where(np.arange(len(w)) == 1, -1.0, w),
    "NaN": lambda w: np.where(np.arange(len(w)) == 1, np.nan, w),
    "infinite": lambda w: np.where(np.arange(len(w)) == 1, np.inf, w),
    "all zero": lambda w: w * 0,
    "one less": lambda w: w[1:],
    "a column and more": lambda w: np.column_stack([w, w]),
    "a text": lambda w: "balanced",
    "words": lambda w: ["text"] * len(w),
    "an object": lambda w: object(),
    "complex": lambda w: w * 1j,
    "None among numbers": lambda w: [None, *w[1:]],
    "NaN as a number": lambda w: np.nan,
}

# ---- groups of rows

GROUPS = {
    "good": {
        "array": lambda groups: groups,
        "list of texts": lambda groups: [f"group {group}" for group in groups],
        "series": pd.Series,
        "floats": lambda groups: groups / 3,
    },
    "odd": {
        "one group": np.zeros_like,
        "each row": lambda groups: np.arange(len(groups)),
        "NaN": lambda groups: np.where(groups == 0, np.nan, groups),
        "None among texts": lambda groups: [None, *map(str, groups[1:])],
        "polars": pl.Series,
    },
    "bad": {
        "None": lambda groups: None,
        "one less": lambda groups: groups[1:],
        "two columns": lambda groups: np.column_stack([groups, groups]),
        "a number": lambda groups: 3,
        "an object": lambda groups: object(),
        "lists": lambda groups: [[group] for group in groups[:-1]] + [[1, 2]],
    },
}

TABLES = {
    "groups": GROUPS,
    "X": {"good": GOOD_FEATURES, "odd": ODD_FEATURES, "bad": BAD_FEATURES},
    "y": {
        "good": {**GOOD_INDICATORS, **GOOD_TAGS},
        "odd": ODD_TARGETS,
        "bad": BAD_TARGETS,
    },
    "indicator": {
        "good": GOOD_INDICATORS,
        "odd": {**ODD_TARGETS, **GOOD_TAGS},
        "bad": BAD_TARGETS,
    },
    # without names that a fitted model may not know
    "unnamed": {
        "good": {**LAYOUTS, **LABEL_TYPES, **SPARSE},
        "odd": {**ODD_TARGETS, **GOOD_TAGS, **FRAMES, **OTHER_FRAMES},
        "bad": BAD_TARGETS,
    },
    "scores": {
        "good": {
            name: form
            for name, form in GOOD_FEATURES.items()
            if name not in SPARSE and name != "bool"
        },
        "odd": {**ODD_FEATURES, **SPARSE, "bool": GOOD_FEATURES["bool"]},
        "bad": BAD_FEATURES,
    },
    "sample_weight": {"good": GOOD_WEIGHTS, "odd": ODD_WEIGHTS, "bad": BAD_WEIGHTS},
}
TABLES["margins"] = TABLES["scores"]
# where only the number of rows is read
TABLES["rows"] = {
    "good": GOOD_FEATURES,
    "odd": {
        name: form
        for name, form in {**ODD_FEATURES, **BAD_FEATURES}.items()
        # other classifiers fail for them in torch, or overflow
        if "tensor" not in name and name != "huge"
    },
    "bad": {name: BAD_FEATURES[name] for name in ("one row less", "no rows")},
}

# where features are copied, whatever they are
ANYTHING = ("NaN", "infinite", "among numbers", "texts", "complex")
TABLES["any features"] = {
    "good": GOOD_FEATURES,
    "odd": {
        **ODD_FEATURES,
        **{n: form for n, form in BAD_FEATURES.items() if n.endswith(ANYTHING)},
    },
    "bad": {n: form for n, form in BAD_FEATURES.items() if not n.endswith(ANYTHING)},
}
# rows can be appended to frames of pandas only
TABLES["appended"] = {
    "good": {
        name: form
        for name, form in TABLES["y"]["good"].items()
        if not re.search("polars|arrow|tensor", name)
    },
    "odd": {**ODD_TARGETS, **OTHER_FRAMES},
    "bad": BAD_TARGETS,
}

# ---- parameters

JUNK = {
    "None": None,
    "True": True,
    "a text": "no such value",
    "an empty text": "",
    "NaN": np.nan,
    "inf": np.inf,
    "-inf": -np.inf,
    "-1": -1,
    "0": 0,
    "1": 1,
    "2": 2,
    "0.5": 0.5,
    "1e-300": 1e-300,
    "1e300": 1e300,
    "2 ** 70": 2**70,
    "a text of a number": "1",
    "bytes": b"1",
    "an object": object(),
    "an empty list": [],
    "a list": [1, 2],
    "a list of texts": ["a"],
    "nested lists": [[1], [1, 2]],
    "an empty dict": {},
    "a dict": {"a": 0.5},
    "an array": np.array([0.25, 0.5]),
    "an array of NaN": np.array([np.nan]),
    "an array of nothing": np.array(1.0),
    "numpy float32": np.float32(0.5),
    "numpy int64": np.int64(3),
    "numpy bool": np.bool_(True),
    "complex": 1j,
}


def is_valid(value, constraints):
    if isinstance(constraints, str):  # "no_validation"
        return True
    return any(make_constraint(each).is_satisfied_by(value) for each in constraints)


def is_certain(value, constraints):
    """Whether nothing beside its constraint can make a valid value wrong."""
    return any(
        make_constraint(each).is_satisfied_by(value)
        for each in constraints
        if each is None
        or isinstance(each, (Interval, StrOptions))
        or each is bool
        or each in ("boolean", "random_state", "verbose")
    )


def valid_values(constraints):
    """A few values of each constraint: the ends of intervals, and all options."""
    values = []
    for each in constraints:
        if isinstance(each, Interval):
            values += numbers_around(each)
        elif isinstance(each, StrOptions):
            values += sorted(each.options)
        elif not isinstance(each, HasMethods):
            # there is none of some types
            with suppress(TypeError, ValueError):
                values.append(generate_valid_param(make_constraint(each)))
    return [value for value in values if is_valid(value, constraints)]


def numbers_around(interval):
    ends = [end for end in (interval.left, interval.right) if end is not None]
    numbers = [3, *(end + step for end in ends for step in (0, 1, -1, 0.125, -0.125))]
    return [int(x) if interval.type is Integral else float(x) for x in numbers]


def parameter(constraints, is_uncertain):
    """Values of one parameter by its constraints: `Given` by kind.

    Of an uncertain one, none is good, as others can make a valid value wrong.
    """
    found = {"good": [], "odd": [], "bad": []}
    takes_flags = any(each is bool or each == "boolean" for each in constraints)
    values = {repr(value): value for value in valid_values(constraints)}
    for name, value in {**values, **JUNK}.items():
        if callable(value):  # what a function of the user does is not ours
            continue
        if isinstance(value, (bool, np.bool_)) and not takes_flags:
            continue  # a number to scikit-learn
        kind = "bad"
        if is_valid(value, constraints):
            kind = "odd"
            if is_certain(value, constraints) and not is_uncertain:
                kind = "good"
        found[kind].append(Given(kind, name, value))
    return found


@st.composite
def parameters(draw, constraints, uncertain, wrong):
    """A few parameters by name, as `Given`; the last is wrong if `wrong` says so."""
    names = draw(
        st.lists(
            st.sampled_from(sorted(constraints)),
            unique=True,
            min_size=wrong == "parameters",
            max_size=3,
        )
    )
    drawn = {}
    for name in names:
        found = parameter(constraints[name], name in uncertain)
        kinds = ["good"]
        if wrong == "all" or (wrong == "parameters" and name == names[-1]):
            kinds = ["odd", "bad"]
        values = [each for kind in kinds for each in found[kind]]
        if values:
            drawn[name] = draw(st.sampled_from(values))
    return drawn


# ---- files

PIECES = [b'"', b"\x00", b"\xff", b"[" * 3000, b"9" * 5000, b"--", b" AND", b"<"]
PIECES += [b",", b"\n", b"\r", b"{}", b"null", b" ", b"|", b"\x1f\x8b", b"x" * 200_000]


@st.composite
def edited(draw, content):
    """The content of a file with a few pieces put in, left out or repeated."""
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(content)))
        stop = start + draw(st.sampled_from([0, 0, 1, 10, 1000]))
        middle = draw(st.sampled_from([b"", 2 * content[start:stop], *PIECES]))
        content = content[:start] + middle + content[stop:]
    return content


# ---- all arguments of a call


class Case(NamedTuple):
    """What is drawn for a call.

    Attributes
    ----------
    arguments, params : dict of name to Given
        Of the call, and of the constructor.

    wrong : str or None
        The one argument that is odd or bad, "parameters" for one of `params`, "all" if
        each may be. Most cases have one at most: of two, only one is seen.
    """

    arguments: dict
    params: dict
    wrong: str | None

    @property
    def given(self):
        return {**self.params, **self.arguments}

    def value_of(self, what):
        return {name: given.value for name, given in what.items()}


@st.composite
def cases(
    draw, sources, constraints=None, *, uncertain=(), n_features=None, n_labels=None
):
    """Arguments of a call, and parameters by their constraints.

    `sources` are the names of the arguments, or a dict from them to those of `TABLES`;
    `uncertain` the parameters of which a valid value may not fit.
    """
    if not isinstance(sources, dict):
        sources = {name: name for name in sources}
    places = [*sources, "parameters"] if constraints else list(sources)
    wrong = draw(st.sampled_from([None, *places, None, "all"]))
    bases = draw(data(n_features, n_labels))
    params = {}
    if constraints:
        params = draw(parameters(constraints, uncertain, wrong))
    arguments = {}
    for name, source in sources.items():
        kinds = {name: ("odd", "bad"), "all": ("good", "odd", "bad")}
        kind = draw(st.sampled_from(kinds.get(wrong, ("good",))))
        forms = TABLES[source][kind]
        if len(sources) == 1 or wrong == "all":  # it may fit what is there
            forms = {form: make for form, make in forms.items() if "less" not in form}
        arguments[name] = draw(given_of(kind, forms, bases[source]))
    return Case(arguments, params, wrong)


@st.composite
def data(draw, n_features=None, n_labels=None):
    """Small arrays by the names of `TABLES`, of which the forms are made."""
    n_rows = draw(st.integers(4, 8))
    n_features = n_features or draw(st.integers(1, 4))
    n_labels = n_labels or draw(st.integers(2, 4))
    rng = np.random.RandomState(draw(st.integers(0, 2**16)))
    X = rng.standard_normal((n_rows, n_features))
    y = rng.randint(2, size=(n_rows, n_labels))
    y[0], y[1], y[2] = 1, 0, np.arange(n_labels) % 2  # each label on some rows
    return {
        "X": X,
        "rows": X,
        "any features": X,
        "appended": y,
        "y": y,
        "indicator": y,
        "unnamed": y,
        "scores": rng.uniform(size=(n_rows, n_labels)),
        "margins": rng.standard_normal((n_rows, n_labels)),
        "sample_weight": rng.uniform(0.5, 2, n_rows),
        "groups": np.arange(n_rows) % 4,
    }

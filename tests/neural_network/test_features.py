"""X in all the forms in which people have it, and what is refused of it."""

import os
import subprocess
import sys
import textwrap

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import sklearn
import torch
from scipy import sparse
from sklearn.preprocessing import StandardScaler
from sklearn.utils.fixes import parse_version

from tests.neural_network.common import small


class Sequence:
    """Rows by number and nothing else, as a column of a Hugging Face data set."""

    def __init__(self, rows):
        self.rows = rows

    def __getitem__(self, index):
        return self.rows[index]

    def __len__(self):
        return len(self.rows)


def table_of_arrow(X):
    return pa.table({f"x{j}": X[:, j] for j in range(X.shape[1])})


FORMS = {
    "arrow": table_of_arrow,
    "arrow, one batch": lambda X: table_of_arrow(X).to_batches()[0],
    "list of arrays": list,
    "list of tensors": lambda X: list(torch.from_numpy(X).requires_grad_()),
    "pandas": pd.DataFrame,
    "pandas of arrow": lambda X: pd.DataFrame(X).astype("float[pyarrow]"),
    "pandas, nullable": lambda X: pd.DataFrame(X).astype("Float32"),
    "pandas, sparse": lambda X: pd.DataFrame(X).astype(pd.SparseDtype("f4", 0)),
    "polars": pl.DataFrame,
    "sparse": sparse.csr_array,
    "tensor": torch.from_numpy,
    "tuple of arrays": tuple,
}

COLUMNS = {
    "Series of arrays": lambda X: pd.Series(list(X)),
    "Series of arrow": lambda X: pd.Series(
        list(X), dtype=pd.ArrowDtype(pa.list_(pa.float32()))
    ),
    "Series of lists": lambda X: pd.Series(X.tolist()),
    "Series of tensors": lambda X: pd.Series(list(torch.from_numpy(X)), dtype=object),
    "arrow": lambda X: pa.array(list(X)),
    "arrow, chunked": lambda X: pa.chunked_array([list(X[:100]), list(X[100:])]),
    "arrow, fixed size": lambda X: pa.FixedSizeListArray.from_arrays(
        pa.array(X.ravel()), X.shape[1]
    ),
    "arrow, table": lambda X: pa.table({"embedding": pa.array(list(X))}),
    "frame": lambda X: pd.DataFrame({"embedding": list(X)}),
    "object array": lambda X: pd.Series(list(X)).to_numpy(),
    "object array of a column": lambda X: pd.DataFrame({"e": list(X)}).to_numpy(),
    "polars Array": pl.Series,
    "polars List": lambda X: pl.Series(X.tolist(), dtype=pl.List(pl.Float32)),
    "polars frame": lambda X: pl.DataFrame({"embedding": X}),
    "sequence": lambda X: Sequence(X.tolist()),
}
# whose numbers are those of Python
IN_DOUBLE = {"Series of lists", "sequence"}


@pytest.mark.parametrize("form", FORMS)
def test_float32_is_computed_in_float32(multilabel_data, form):
    X, y, _ = multilabel_data
    expected = small().fit(X, y).predict_proba(X)
    model = small().fit(FORMS[form](X), y)
    proba = model.predict_proba(FORMS[form](X))
    assert proba.dtype == np.float32 and model.n_features_in_ == 8
    # sums of squares of sparse rows are rounded otherwise
    np.testing.assert_allclose(proba, expected, atol=1e-6 if form == "sparse" else 0)


@pytest.mark.parametrize("column", COLUMNS)
def test_a_column_of_embeddings_is_stacked(multilabel_data, column):
    X, y, _ = multilabel_data
    given = COLUMNS[column](X)
    dtype = np.float64 if column in IN_DOUBLE else np.float32
    expected = small().fit(X.astype(dtype), y).predict_proba(X)
    model = small().fit(given, y)
    assert model.n_features_in_ == 8 and not hasattr(model, "feature_names_in_")
    np.testing.assert_array_equal(model.predict_proba(X), expected)
    np.testing.assert_array_equal(
        model.predict_proba(given), model.predict_proba(X.astype(dtype))
    )


def test_a_column_of_embeddings_is_stacked_everywhere(multilabel_data):
    X, y, _ = multilabel_data
    column = pd.Series(list(X))
    expected = small(early_stopping=True).fit(X, y, X_val=X, y_val=y)
    model = small(early_stopping=True).fit(column, y, X_val=column, y_val=y)
    assert model.validation_scores_ == expected.validation_scores_
    blocks = small().partial_fit(column, y).partial_fit(column, y)
    assert blocks.n_iter_ == 2 and blocks.n_features_in_ == 8
    for method in ("decision_function", "predict", "predict_tags"):
        getattr(blocks, method)(column)
    assert blocks.predict_top(column, 2).shape == (300, 5)


@pytest.mark.parametrize("library", ["arrow", "polars"])
def test_names_of_a_table_are_kept(library, multilabel_data):
    X, y, _ = multilabel_data
    names = [f"x{j}" for j in range(8)]
    of_polars = pl.DataFrame(X, schema=names)
    table = of_polars if library == "polars" else table_of_arrow(X)
    if not hasattr(StandardScaler().fit(table), "feature_names_in_"):
        pytest.skip("scikit-learn before 1.9 sees no names of polars 2")
    model = small(early_stopping=True).fit(table, y, X_val=table, y_val=y)
    assert model.feature_names_in_.tolist() == names
    others = table.select(names[::-1])
    with pytest.raises(ValueError, match="feature names should match"):
        model.predict(others)
    with pytest.raises(ValueError, match="columns of X_val must be those of X"):
        model.fit(table, y, X_val=others, y_val=y)


def with_missing(X):
    return pd.DataFrame(X).astype("Float32").mask(lambda frame: frame > 2)


REFUSED = [
    (
        lambda X: pd.DataFrame(X).assign(text="a"),
        "X must hold numbers: could not conve",
    ),
    (lambda X: ["some text"] * 300, "X must hold numbers.*Turn texts into embeddings"),
    (lambda X: np.full((300, 8), b"a"), "X must hold numbers: could not convert"),
    (with_missing, "Input X contains NaN"),
    (lambda X: pl.DataFrame({"a": [1.0, None], "b": [1, 2]}), "Input X contains NaN"),
    (lambda X: X + 1j, "X must hold real numbers"),
    (lambda X: sparse.csr_array(X + 1j), "X: Complex data not supported"),
    (lambda X: X.astype("M8[s]"), r"X must hold numbers. Got dtype datetime64\[s\]"),
    (lambda X: np.zeros(300, dtype=[("a", "f4")]), r"X must hold numbers. Got dtype"),
    (lambda X: np.ma.masked_array(X, X > 2), "X has masked entries"),
    (lambda X: X[:, 0], r"X must have two dimensions.*Got shape \(300,\)"),
    (lambda X: X[:, :, None], r"X must have two dimensions.*Got shape \(300, 8, 1\)"),
    (lambda X: None, "X is None. Pass an array"),
    (lambda X: [[1.0], [1.0, 2.0]], "X must have rows of one length"),
    (lambda X: pd.Series([[1.0], [1.0, 2.0]] * 150), r"X is a column.*np.stack\(...\)"),
    (lambda X: pd.Series([[[1.0], [1.0, 2.0]]] * 300), r"X is a column.*np.stack"),
    (lambda X: pd.Series([X] * 300), r"two dimensions.*Got shape \(300, 300, 8\)"),
    (lambda X: pd.Series([{}] * 300), "X must hold numbers.*not 'dict'"),
    (lambda X: pd.Series([*X[:299], None]), r"X is a column.*np.stack\(...\)"),
    (
        lambda X: pd.DataFrame({"a": list(X), "b": list(X)}),
        r"X must hold numbers.*embeddings alone, or as np.stack\(...\)",
    ),
    (lambda X: X[:0], "X: Found array with 0 sample"),
]


@pytest.mark.filterwarnings("ignore:X has feature names")
@pytest.mark.parametrize("form, message", REFUSED)
def test_unusable_features_are_refused_by_name(multilabel_data, form, message):
    X, y, _ = multilabel_data
    with pytest.raises((TypeError, ValueError), match=message):
        small().fit(form(X), y)
    model = small().fit(X, y)
    with pytest.raises((TypeError, ValueError), match=r"\bX\b"):
        model.predict(form(X))


def test_validation_rows_are_named(multilabel_data):
    X, y, _ = multilabel_data
    model = small(early_stopping=True)
    for wrong, message in (
        (X[:, 0], "X_val must have two dimensions"),
        (np.full_like(X, np.nan), "Input X_val contains NaN"),
        (X.astype(str).astype(object) + "a", "X_val must hold numbers"),
    ):
        with pytest.raises(ValueError, match=message):
            model.fit(X, y, X_val=wrong, y_val=y)


def test_features_beyond_the_range_of_the_network_are_refused(multilabel_data):
    X, y, _ = multilabel_data
    huge = 1e100 * X.astype(np.float64)
    with pytest.raises(ValueError, match="X has values beyond the range of float32"):
        small().fit(X, y).predict(huge)
    with pytest.raises(ValueError, match="X has values beyond the range of float32"):
        small(precision="bfloat16").fit(huge, y)
    model = small().fit(huge, y)
    np.testing.assert_allclose(
        model.decision_function(huge),
        small().fit(X.astype(np.float64), y).decision_function(X.astype(np.float64)),
        rtol=1e-9,
    )


@pytest.mark.skipif(
    parse_version(sklearn.__version__) < parse_version("1.7"),
    reason="scikit-learn needs another package for it",
)
def test_array_api_dispatch_does_no_harm():
    # scipy reads the variable when it is imported
    script = """
        import numpy as np, sklearn, torch
        from skmultitag import MultiTagClassifier
        X = np.random.default_rng(0).normal(size=(60, 4)).astype(np.float32)
        y = (X[:, :3] > 0).astype(int)
        def fit(convert):
            model = MultiTagClassifier(max_iter=2, random_state=0, early_stopping=True)
            model.fit(convert(X), convert(y))
            return model.predict_proba(convert(X)), model.score(X, y)
        expected, score = fit(np.asarray)
        with sklearn.config_context(array_api_dispatch=True):
            for convert in (np.asarray, torch.from_numpy):
                proba, same = fit(convert)
                assert type(proba) is np.ndarray and same == score
                np.testing.assert_array_equal(proba, expected)
    """
    subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(script)],
        env={**os.environ, "SCIPY_ARRAY_API": "1"},
        check=True,
    )

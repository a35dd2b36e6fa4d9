"""Columns of embeddings, for all classifiers that read features themselves."""

import re

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy import sparse
from sklearn.pipeline import make_pipeline

from skmultitag import MultiTagClassifier, ThresholdedClassifierCV
from skmultitag.ensemble import MultilabelVotingClassifier
from skmultitag.kernel_ridge import (
    KernelRidgeClassifierCV,
    StackedKernelRidgeClassifierCV,
)
from skmultitag.multioutput import BinaryRelevanceClassifier
from skmultitag.neighbors import MLkNNClassifier
from skmultitag.utils._rows import stack_column
from tests.neural_network.test_features import COLUMNS, IN_DOUBLE

RIDGE = KernelRidgeClassifierCV()
CLASSIFIERS = [
    RIDGE,
    StackedKernelRidgeClassifierCV(),
    MLkNNClassifier(),
    ThresholdedClassifierCV(RIDGE),
    ThresholdedClassifierCV(RIDGE, cv=2),
    MultilabelVotingClassifier([("ridge", RIDGE), ("neighbors", MLkNNClassifier())]),
    BinaryRelevanceClassifier(RIDGE),
    make_pipeline(RIDGE),
]


@pytest.mark.parametrize("column", COLUMNS)
def test_columns_of_all_kinds(column, multilabel_data):
    X, y, _ = multilabel_data
    given = COLUMNS[column](X)
    dtype = np.float64 if column in IN_DOUBLE else np.float32
    expected = KernelRidgeClassifierCV().fit(X.astype(dtype), y)
    model = KernelRidgeClassifierCV().fit(given, y)
    assert model.n_features_in_ == 8 and not hasattr(model, "feature_names_in_")
    np.testing.assert_array_equal(
        model.decision_function(given), expected.decision_function(X.astype(dtype))
    )


@pytest.mark.parametrize("model", CLASSIFIERS, ids=lambda model: type(model).__name__)
@pytest.mark.parametrize("column", ["arrow", "arrow, table", "frame", "polars Array"])
def test_classifiers_take_a_column(model, column, multilabel_data):
    X, y, _ = multilabel_data
    expected = model.fit(X, y).predict(X)
    given = COLUMNS[column](X)
    np.testing.assert_array_equal(model.fit(given, y).predict(given), expected)


@pytest.mark.parametrize(
    "X",
    [
        [[1.0], [2.0]],
        np.array([[1.0], [2.0]]),
        np.array([["a"], ["b"]], dtype=object),
        pd.DataFrame({"a": [1.0, 2.0]}),
        pd.DataFrame({"a": [[1.0], [2.0]], "b": [1, 2]}),
        pl.DataFrame({"a": [1.0, 2.0]}),
        pa.table({"a": [1.0, 2.0]}),
        sparse.csr_array(np.eye(2)),
    ],
    ids=lambda X: type(X).__name__,
)
def test_what_is_no_column_of_embeddings_stays_as_it_is(X):
    assert stack_column(X) is X


def test_embeddings_of_different_length_are_refused():
    with pytest.raises(ValueError, match=r"X is a column.*can't be stacked.*np.stack"):
        KernelRidgeClassifierCV().fit(pd.Series([[1.0], [1.0, 2.0]]), np.eye(2))


@pytest.mark.parametrize("as_text", [str, lambda row: str(row.tolist())])
@pytest.mark.parametrize("model", [KernelRidgeClassifierCV(), MultiTagClassifier()])
@pytest.mark.parametrize("form", [pd.Series, pd.DataFrame, pl.Series])
def test_embeddings_of_a_csv_file_are_texts(form, model, as_text, multilabel_data):
    """The code in the message is run."""
    X, y, _ = multilabel_data
    column = [as_text(row) for row in X]
    with pytest.raises(ValueError, match="texts that look like embeddings") as caught:
        model.fit(form(column), y)
    cure = re.search(r"before: (np.stack.*\]\))\. To avoid", str(caught.value)).group(1)
    np.testing.assert_allclose(eval(cure, {"np": np, "column": column}), X, atol=1e-7)

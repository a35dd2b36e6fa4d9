import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy import sparse

from skmultitag import ThresholdedClassifierCV
from skmultitag.datasets import make_multitag_classification
from skmultitag.kernel_ridge import (
    KernelRidgeClassifierCV,
    StackedKernelRidgeClassifierCV,
)
from skmultitag.neighbors import MLkNNClassifier, NeighborLabels
from skmultitag.utils._embeddings import stacked

X, Y = make_multitag_classification(60, 6, 6, random_state=0)
COLUMNS = {
    "series of arrays": lambda X: pd.Series(list(X), index=range(7, 7 + len(X))),
    "series of lists": lambda X: pd.Series(X.tolist()),
    "frame": lambda X: pd.DataFrame({"embedding": list(X)}),
    "polars": lambda X: pl.Series(X.tolist()),
    "arrow": lambda X: pa.array(X.tolist()),
    "table of arrow": lambda X: pa.table({"embedding": X.tolist()}),
}


@pytest.mark.parametrize("form", COLUMNS)
@pytest.mark.parametrize(
    "model",
    [
        KernelRidgeClassifierCV(),
        StackedKernelRidgeClassifierCV(),
        ThresholdedClassifierCV(KernelRidgeClassifierCV(), cv=3),
        MLkNNClassifier(3),
        NeighborLabels(3),
    ],
    ids=lambda each: type(each).__name__,
)
def test_a_column_of_embeddings_is_a_matrix(model, form):
    def result(rows):
        is_transformer = hasattr(model, "transform")
        return model.transform(rows) if is_transformer else model.predict(rows)

    model.fit(X, Y)
    expected = result(X[:20])
    column = COLUMNS[form]
    assert model.fit(column(X), Y).n_features_in_ == 6
    np.testing.assert_array_equal(result(column(X[:20])), expected)


@pytest.mark.parametrize(
    "rows",
    [
        X,
        X.tolist(),
        sparse.csr_array(X),
        pd.DataFrame(X),
        pd.Series(["a"]),
        np.array(3),
    ],
    ids=range(6),
)
def test_all_else_stays_as_it_is(rows):
    assert stacked(rows) is rows


def test_embeddings_of_other_lengths_are_refused():
    column = pd.Series([[0.0, 1.0], [1.0]])
    with pytest.raises(ValueError, match="column of embeddings that can't be stacked"):
        KernelRidgeClassifierCV().fit(column, [[0, 1], [1, 0]])

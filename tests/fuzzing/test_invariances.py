"""What must not change a result: the order of labels and rows, containers, company.

What the tests of the single objects show already is not repeated here.
"""

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import sparse
from sklearn.base import clone

from skmultitag.calibration import IsotonicCalibrator, PlattCalibrator
from skmultitag.metrics import (
    binary_cross_entropy_error,
    sigmoid_f1_score,
    soft_f1_score,
)
from tests.fuzzing.harness import fuzz
from tests.losses.common import ALL_LOSSES, RANKING_WITHIN_ROWS
from tests.losses.test_common import fitted
from tests.thresholds.test_common import THRESHOLDERS

pytestmark = pytest.mark.slow

TRANSFORMERS = [*THRESHOLDERS, PlattCalibrator(), IsotonicCalibrator()]
# one label after the other gets its threshold: what is found depends on their order
OF_LABELS_IN_ANY_ORDER = [
    transformer
    for transformer in TRANSFORMERS
    if transformer.get_params().get("average") != "samples"
    or not transformer.get_params()["per_label"]
]


@st.composite
def scored(draw):
    """Scores without ties, a target, weights, and an order of the labels."""
    rng = np.random.RandomState(draw(st.integers(0, 2**32 - 1)))
    shape = draw(st.integers(1, 30)), draw(st.integers(1, 5))
    scores = rng.uniform(size=shape)
    y = (rng.uniform(size=shape) < draw(st.sampled_from([0.0, 0.2, 0.5, 1.0]))).astype(
        int
    )
    if draw(st.booleans()):
        scores = 20 * scores - 10
    weight = draw(st.sampled_from([None, rng.uniform(0.1, 3, shape[0])]))
    return scores, y, weight, rng.permutation(shape[1])


@fuzz(share=0.1)
@given(st.sampled_from(OF_LABELS_IN_ANY_ORDER), scored())
def test_labels_can_be_permuted(transformer, data):
    scores, y, weight, order = data
    expected = clone(transformer).fit(scores, y, weight).transform(scores)
    permuted = clone(transformer).fit(scores[:, order], y[:, order], weight)
    result = permuted.transform(scores[:, order])
    np.testing.assert_allclose(result, expected[:, order], rtol=1e-9)


@fuzz(share=0.05)
@given(st.sampled_from(TRANSFORMERS), scored())
def test_rows_are_decided_alone(transformer, data):
    scores, y, weight, _ = data
    model = clone(transformer).fit(scores, y, weight)
    alone = np.concatenate([model.transform(row[None]) for row in scores])
    np.testing.assert_allclose(alone, model.transform(scores), rtol=1e-12)


@fuzz(share=0.05)
@given(
    st.sampled_from(TRANSFORMERS),
    scored(),
    st.sampled_from([sparse.csr_array, sparse.coo_matrix, pd.DataFrame, np.float32]),
)
def test_the_container_of_the_target_does_not_matter(transformer, data, as_type):
    scores, y, weight, _ = data
    expected = clone(transformer).fit(scores, y, weight).transform(scores)
    result = clone(transformer).fit(scores, as_type(y), weight).transform(scores)
    np.testing.assert_array_equal(result, expected)


@fuzz(share=0.05)
@given(
    st.sampled_from([soft_f1_score, sigmoid_f1_score, binary_cross_entropy_error]),
    scored(),
)
def test_labels_and_rows_of_metrics_can_be_permuted(metric, data):
    scores, y, weight, order = data
    if metric is not sigmoid_f1_score:
        scores = (scores + 10) / 20
    params = {"sample_weight": weight}
    if metric is not binary_cross_entropy_error:
        params["zero_division"] = 0.0
    expected = metric(y, scores, **params)
    result = metric(y[:, order], scores[:, order], **params)
    np.testing.assert_allclose(result, expected)
    if weight is not None:
        params["sample_weight"] = weight[::-1]
    np.testing.assert_allclose(metric(y[::-1], scores[::-1], **params), expected)


@fuzz(share=0.1)
@given(st.sampled_from(ALL_LOSSES), scored(), st.sampled_from(["float32", "float64"]))
def test_rows_of_losses_can_be_permuted(loss, data, dtype):
    """Also where all rows have a label, so that its negatives are a rounding error."""
    scores, y, weight, _ = data
    weight = np.ones(len(y)) if weight is None else weight
    if isinstance(loss, RANKING_WITHIN_ROWS):  # refuses targets without pairs
        assume((y[weight > 0].min(axis=1) < y[weight > 0].max(axis=1)).any())
    arrays = [part.astype(dtype) for part in (scores, y, weight)]
    forth, back = (
        fitted(loss, part[1], part[2])(*map(torch.tensor, part))
        for part in (arrays, [array[::-1].copy() for array in arrays])
    )
    tolerance = 1e-4 if dtype == "float32" else 1e-9
    torch.testing.assert_close(forth, back, rtol=tolerance, atol=tolerance)

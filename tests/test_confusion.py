import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import fbeta_score, multilabel_confusion_matrix

from skmultitag._confusion import (
    AVERAGES,
    ConfusionCounts,
    fbeta_counts,
    fbeta_from_counts,
    weighted_mean,
)

indicators = st.tuples(st.integers(1, 8), st.integers(2, 4)).flatmap(
    lambda shape: st.tuples(
        arrays(np.float64, shape, elements=st.sampled_from([0.0, 1.0])),
        arrays(np.float64, shape, elements=st.sampled_from([0.0, 1.0])),
        arrays(
            np.float64, shape[0], elements=st.sampled_from([0.0, 1.0, 2.0, 3.0])
        ).filter(np.any),
    )
)


@settings(max_examples=50, deadline=None)
@given(indicators)
def test_hard_counts_per_label_are_those_of_scikit_learn(data):
    y_true, y_pred, weight = data
    counts = fbeta_counts(y_true, y_pred, sample_weight=weight)
    theirs = multilabel_confusion_matrix(y_true, y_pred, sample_weight=weight)
    np.testing.assert_allclose(counts.tp, theirs[:, 1, 1])
    np.testing.assert_allclose(counts.predicted, theirs[:, :, 1].sum(axis=1))
    np.testing.assert_allclose(counts.positive, theirs[:, 1].sum(axis=1))


@settings(max_examples=50, deadline=None)
@given(indicators)
def test_hard_counts_per_row_are_those_of_scikit_learn(data):
    y_true, y_pred, _ = data
    counts = fbeta_counts(y_true, y_pred, average="samples")
    theirs = multilabel_confusion_matrix(y_true, y_pred, samplewise=True)
    np.testing.assert_allclose(counts.tp, theirs[:, 1, 1])
    np.testing.assert_allclose(counts.predicted, theirs[:, :, 1].sum(axis=1))
    np.testing.assert_allclose(counts.positive, theirs[:, 1].sum(axis=1))


@settings(max_examples=50, deadline=None)
@given(indicators, st.sampled_from([0.5, 1.0, 2.0]))
def test_hard_fbeta_is_that_of_scikit_learn(data, beta):
    y_true, y_pred, weight = data
    for average in ("macro", "micro", "weighted"):
        counts = fbeta_counts(y_true, y_pred, average=average, sample_weight=weight)
        scores = np.asarray(fbeta_from_counts(counts, beta))
        support = counts.positive
        weights = support if average == "weighted" else np.ones_like(scores)
        theirs = fbeta_score(
            y_true,
            y_pred,
            beta=beta,
            average=average,
            sample_weight=weight,
            zero_division=0.0,
        )
        assert weighted_mean(scores, weights) == pytest.approx(theirs)


@pytest.mark.parametrize("average", AVERAGES)
@pytest.mark.parametrize("weighted", [False, True])
def test_numpy_and_torch_give_the_same_counts(average, weighted):
    rng = np.random.default_rng(0)
    y_true = rng.integers(0, 2, (6, 3)).astype(float)
    y_score = rng.random((6, 3))
    weight = rng.random(6) if weighted else None
    ours = fbeta_counts(y_true, y_score, average=average, sample_weight=weight)
    theirs = fbeta_counts(
        torch.from_numpy(y_true),
        torch.from_numpy(y_score),
        average=average,
        sample_weight=None if weight is None else torch.from_numpy(weight),
    )
    for name in ("tp", "predicted", "positive"):
        np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name))


@pytest.mark.parametrize("average", ["macro", "micro"])
def test_integer_weights_equal_repeated_rows(average):
    rng = np.random.default_rng(0)
    y_true = rng.integers(0, 2, (6, 3)).astype(float)
    y_score = rng.random((6, 3))
    weight = np.array([0, 1, 2, 3, 1, 0])
    rows = np.repeat(np.arange(6), weight)
    ours = fbeta_counts(y_true, y_score, average=average, sample_weight=weight)
    theirs = fbeta_counts(y_true[rows], y_score[rows], average=average)
    for mine, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine, other)


def test_counts_of_an_example_on_paper():
    """Predictions 0.75 and 0.25 for a positive and a negative."""
    counts = fbeta_counts(np.array([[1.0], [0.0]]), np.array([[0.75], [0.25]]))
    assert [float(count[0]) for count in counts] == [0.75, 1, 1]
    # 2 tp / (positive + predicted) = 1.5 / 2
    assert fbeta_from_counts(counts)[0] == 0.75
    four = ConfusionCounts(tp=0.75, fp=0.25, fn=0.25, tn=0.75)
    assert (four.predicted, four.positive) == (1, 1)
    assert fbeta_from_counts(four) == 0.75


def test_fbeta_of_nothing_is_zero():
    zero = np.zeros((3, 2))
    np.testing.assert_array_equal(fbeta_from_counts(fbeta_counts(zero, zero)), 0)


def test_mean_with_all_weights_zero_is_zero():
    assert weighted_mean(np.array([1.0, 2.0]), np.zeros(2)) == 0

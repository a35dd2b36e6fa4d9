"""Training on targets of which entries are not annotated."""

import pickle

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse
from sklearn.ensemble import RandomForestClassifier

from skmultitag import MultiTagClassifier
from skmultitag.datasets import make_multitag_classification
from tests.neural_network.common import FEW_DRAWS, LOSSES, small

X, Y = make_multitag_classification(n_samples=150, random_state=0)
IS_MISSING = np.random.default_rng(0).random(Y.shape) < 0.4
PARTIAL = np.where(IS_MISSING, np.nan, Y)


def tagger(**params):
    params = {"hidden_layer_sizes": (16,), "max_iter": 3, "random_state": 0, **params}
    return MultiTagClassifier(**params)


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_hidden_entries_teach_nothing(loss):
    """Whatever the truth is, and other than as zeros."""
    model = tagger(loss=loss).fit(X, PARTIAL)
    codes = np.where(IS_MISSING, -1, Y)
    proba = model.predict_proba(X)
    frame = pd.DataFrame(codes).replace(-1, pd.NA).add_prefix("l")
    stored = np.ones_like(PARTIAL, dtype=bool)
    for form in (
        frame,
        frame.astype("Int64"),
        np.ma.array(1 - Y, mask=IS_MISSING, copy=True) * 0
        + np.ma.array(Y, mask=IS_MISSING),
        PARTIAL.astype(np.float32),
        [[None if entry == -1 else int(entry) for entry in row] for row in codes],
        [dict(zip("abcdefghij", row, strict=True)) for row in PARTIAL],
        sparse.csr_array((PARTIAL[stored], np.nonzero(stored))),
    ):
        other = tagger(loss=loss).fit(X, form)
        np.testing.assert_array_equal(other.predict_proba(X), proba)
    as_zeros = tagger(loss=loss).fit(X, np.where(IS_MISSING, 0, Y))
    assert not np.allclose(as_zeros.predict_proba(X), proba, atol=1e-3)


def test_all_annotated_changes_nothing():
    expected = tagger().fit(X, Y).predict_proba(X)
    for form in (Y.astype(float), np.ma.array(Y, mask=np.zeros_like(IS_MISSING))):
        np.testing.assert_array_equal(tagger().fit(X, form).predict_proba(X), expected)


def test_rows_without_annotation_are_as_good_as_none():
    params = {"batch_size": "full", "max_iter": 20, "dropout": 0, "input_dropout": 0}
    expected = tagger(**params).fit(X, PARTIAL)
    X_twice = np.concatenate([X, X])  # of the same mean size, by which rows are scaled
    y_twice = np.concatenate([PARTIAL, np.full_like(PARTIAL, np.nan)])
    model = tagger(**params).fit(X_twice, y_twice)
    np.testing.assert_allclose(
        model.predict_proba(X), expected.predict_proba(X), rtol=1e-4
    )


def test_labels_without_annotation_are_never_predicted():
    y = PARTIAL.copy()
    y[:, 2] = np.nan
    model = tagger().fit(X, y)
    assert not model.predict(X)[:, 2].any()
    as_zeros = np.where(np.arange(10) == 2, 0, y)
    np.testing.assert_array_equal(
        model.predict(X)[:, 2], tagger().fit(X, as_zeros).predict(X)[:, 2]
    )


@pytest.mark.parametrize(
    "params",
    [
        {"early_stopping": True},
        {"early_stopping": True, "scoring": "sigmoid_f1"},
        {"early_stopping": True, "scoring": "f1_micro"},
        {"micro_batch_size": 20},
        {"warm_start": True},
        {"loss": FEW_DRAWS, "early_stopping": True},
        {"precision": "bfloat16"},
    ],
    ids=str,
)
def test_ways_of_training(params):
    weight = np.arange(len(X)) % 3 + 0.5
    model = tagger(**params).fit(X, PARTIAL, sample_weight=weight)
    loaded = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))
    if params.get("warm_start"):
        assert model.fit(X, PARTIAL).n_iter_ == 6
    elif not params.get("early_stopping"):
        model.partial_fit(X, PARTIAL)
    assert np.isfinite(model.predict_proba(X)).all()


def test_given_validation_rows():
    model = tagger(early_stopping=True)
    model.fit(X, PARTIAL, X_val=X, y_val=PARTIAL)
    assert np.isfinite(model.validation_scores_).all()


def test_partial_fit_may_meet_missing_entries_late():
    model = tagger().partial_fit(X, Y)
    model.partial_fit(X, PARTIAL).partial_fit(X, Y)
    assert np.isfinite(model.loss_curve_).all()


def test_a_function_as_loss_and_a_classifier_that_can_not_are_refused():
    function = torch.nn.functional.binary_cross_entropy_with_logits
    with pytest.raises(ValueError, match="not annotated.*write a subclass of Multi"):
        tagger(loss=function).fit(X, PARTIAL)
    forest = RandomForestClassifier(5, random_state=0)
    with pytest.raises(ValueError, match="not annotated.*RandomForestClassifier"):
        tagger(init=forest).fit(X, PARTIAL)


@pytest.mark.parametrize(
    "y, message",
    [
        (np.where(IS_MISSING, -1, Y), "is NaN"),
        (np.full_like(PARTIAL, np.nan), "none of its .* entries is 1"),
        (np.where(IS_MISSING, np.inf, Y), "0 and 1 only, got inf"),
        ([["a", None], ["b"]] * 75, "missing value"),
    ],
)
def test_bad_targets(y, message):
    with pytest.raises(ValueError, match=message):
        tagger().fit(X, y)


@pytest.mark.parametrize("form", [np.asarray, sparse.csr_array], ids=["dense", "CSR"])
def test_held_out_rows_that_nobody_annotated_are_refused(multilabel_data, form):
    X, y, _ = multilabel_data
    nothing = np.full((20, 5), np.nan)
    model = small(early_stopping=True)
    with pytest.raises(ValueError, match="No entry of the 20 held-out rows"):
        model.fit(X, y, X_val=X[:20], y_val=form(nothing))
    nothing[3, 1] = 0
    model.fit(X, y, X_val=X[:20], y_val=form(nothing))

"""Training on blocks of rows."""

import pickle

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import clone

from skmultitag.losses import AdaptiveSigmoidF1Loss
from tests.neural_network.common import FEW_DRAWS, small


def tags_of(y):
    return [[f"t{label}" for label in np.flatnonzero(row)] for row in y]


TAGS = [f"t{label}" for label in range(5)]


@pytest.mark.parametrize("loss", ["sigmoid_f1", "tencent", FEW_DRAWS])
@pytest.mark.parametrize("pickled", [False, True])
def test_blocks_that_are_all_rows_are_epochs(multilabel_data, loss, pickled):
    """State of network, optimizer, dropout, order of rows and loss go on."""
    X, y, _ = multilabel_data
    whole = small(loss, dropout=0.2, tol=None, batch_size=64, threshold=0.5).fit(X, y)
    model = clone(whole)
    for _ in range(6):
        model.partial_fit(X, y)
        if pickled:
            model = pickle.loads(pickle.dumps(model))
    assert model.n_iter_ == 6
    assert model.loss_curve_ == whole.loss_curve_
    # the last look at the posterior comes after each block
    if loss is not FEW_DRAWS:
        np.testing.assert_array_equal(model.predict_proba(X), whole.predict_proba(X))


def test_annealing_takes_max_iter_calls(multilabel_data):
    X, y, _ = multilabel_data
    whole = small(AdaptiveSigmoidF1Loss(), max_iter=5, tol=None).fit(X, y)
    model = small(AdaptiveSigmoidF1Loss(), max_iter=5)
    betas = [model.partial_fit(X, y).loss_.beta_.item() for _ in range(7)]
    np.testing.assert_allclose(betas[:5], whole.net_.history[:, "beta"])
    assert betas[4:] == [betas[4]] * 3


def test_blocks_lower_the_loss_on_all_rows(multilabel_data):
    X, y, _ = multilabel_data
    model = small("bce", learning_rate_init=0.01)
    scores = []
    for _ in range(15):
        for rows in np.array_split(np.arange(300), 3):
            model.partial_fit(X[rows], y[rows])
        proba = model.predict_proba(X)
        scores.append(-np.log(np.where(y == 1, proba, 1 - proba)).mean())
    assert scores[-1] < 0.85 * scores[0]


def test_labels_may_be_missing_from_a_block(multilabel_data):
    X, y, _ = multilabel_data
    without = np.flatnonzero(y[:, 2] == 0)
    model = small("bce").partial_fit(X[without], tags_of(y[without]), classes=TAGS)
    assert model.label_names_.tolist() == TAGS
    # not seen yet: its smoothed frequency, never predicted
    np.testing.assert_allclose(model.predict_proba(X)[:, 2], 0.5 / (len(without) + 1))
    only = np.flatnonzero(y[:, 2])
    model.partial_fit(X[only], tags_of(y[only]))
    assert np.ptp(model.predict_proba(X)[:, 2]) > 0
    model.partial_fit(X[:3], np.zeros((3, 5)))
    model.partial_fit(X[:3], sparse.csr_array((3, 5)))


def test_one_row_is_a_block(multilabel_data):
    X, y, _ = multilabel_data
    model = small().partial_fit(X, y)
    assert model.partial_fit(X[:1], y[:1]).n_iter_ == 2


def test_classes_of_one_dimension(multilabel_data):
    X, y, _ = multilabel_data
    labels = np.where(y[:, 0], "yes", "no")
    with pytest.raises(ValueError, match="classes must be passed on the first call"):
        small().partial_fit(X, labels)
    model = small().partial_fit(X[:5], ["no"] * 5, classes=["yes", "no"])
    assert model.partial_fit(X, labels).classes_.tolist() == ["no", "yes"]
    with pytest.raises(ValueError, match=r"classes \['maybe'\], which are not among"):
        model.partial_fit(X[:1], ["maybe"])


def test_unknown_labels_raise_and_change_nothing(multilabel_data):
    X, y, _ = multilabel_data
    model = small().partial_fit(X, tags_of(y), classes=TAGS)
    before = model.predict_proba(X)
    with pytest.raises(ValueError, match="such as 'new'"):
        model.partial_fit(X[:2], [["t0"], ["new"]])
    with pytest.raises(
        ValueError, match=r"must have a column for each of the \d+ labels"
    ):
        model.partial_fit(X, y[:, :4])
    with pytest.raises(ValueError, match="classes must be those of the first call"):
        model.partial_fit(X, tags_of(y), classes=TAGS[::-1])
    with pytest.raises(ValueError, match="X has 7 features"):
        model.partial_fit(X[:, :7], tags_of(y))
    np.testing.assert_array_equal(model.predict_proba(X), before)
    assert model.n_iter_ == 1


@pytest.mark.parametrize("classes", ["ab", [["a", "b"]], {"a": 1}])
def test_classes_that_are_no_list_raise(multilabel_data, classes):
    X, y, _ = multilabel_data
    with pytest.raises(ValueError, match="classes must be a list or array of names"):
        small().partial_fit(X, tags_of(y), classes=classes)


def test_classes_can_be_a_set(multilabel_data):
    X, y, _ = multilabel_data
    model = small().partial_fit(X[:5], tags_of(y[:5]), classes=set(TAGS))
    assert model.label_names_.tolist() == TAGS


def test_tags_stay_tags_in_each_block(multilabel_data):
    """By themselves these lists would be an indicator, and one class a row."""
    X, y, _ = multilabel_data
    model = small().partial_fit(X[:2], [[0], [0, 1, 2]], classes=[0, 1, 2])
    model.partial_fit(X[:3], [[0, 1]] * 3)
    model.partial_fit(X[:3], [[0], [1], [2]])
    assert model.n_iter_ == 3


def test_goes_on_after_fit(multilabel_data):
    X, y, _ = multilabel_data
    model = small().fit(X, y)
    assert model.partial_fit(X, y).n_iter_ == 7


def test_early_stopping_raises(multilabel_data):
    X, y, _ = multilabel_data
    with pytest.raises(ValueError, match="can't hold rows out"):
        small(early_stopping=True).partial_fit(X, y)

"""PrecisionFloorThreshold and RecallFloorThreshold, against all thresholds."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import binomtest, norm
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import precision_score, recall_score
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline

from skmultitag import ThresholdedClassifierCV
from skmultitag.calibration import PlattCalibrator
from skmultitag.datasets import make_multitag_classification
from skmultitag.thresholds import PrecisionFloorThreshold, RecallFloorThreshold

FLOORS = [PrecisionFloorThreshold, RecallFloorThreshold]


@st.composite
def scores_and_targets(draw):
    shape = (draw(st.integers(1, 10)), draw(st.integers(1, 3)))
    # few values, so that there are ties
    scores = draw(arrays(np.float64, shape, elements=st.sampled_from([0.1, 0.5, 0.9])))
    y = draw(arrays(np.int64, shape, elements=st.integers(0, 1)))
    weight = draw(arrays(np.float64, shape[0], elements=st.sampled_from([0, 1, 3])))
    return scores, y, weight if weight.any() else None


def bound_of(n_right, n_trials, confidence):
    if not n_trials or confidence is None:
        return n_right / n_trials if n_trials else 0
    test = binomtest(n_right, n_trials, alternative="greater")
    return test.proportion_ci(confidence, method="exact").low


def measures_at(threshold, scores, y, weight, confidence):
    """Precision and recall, and their bounds, of one threshold."""
    weight = np.ones(len(y)) if weight is None else weight
    counts = weight[:, None] * np.ones(y.shape)
    predicted = scores >= threshold
    tp = int((counts * (predicted & (y == 1))).sum())
    totals = int((counts * predicted).sum()), int((counts * y).sum())
    plain = [bound_of(tp, total, None) for total in totals]
    return plain, [bound_of(tp, total, confidence) for total in totals]


@pytest.mark.parametrize("average", ["macro", "micro"])
@pytest.mark.parametrize("kind", FLOORS)
@settings(max_examples=150, deadline=None)
@given(
    data=scores_and_targets(),
    floor=st.sampled_from([0.1, 0.5, 2 / 3, 0.75, 1.0]),
    confidence=st.sampled_from([None, None, 0.5, 0.9]),
    takes_best=st.booleans(),
)
def test_no_threshold_is_better(kind, average, data, floor, confidence, takes_best):
    scores, y, weight = data
    unmet = "best" if takes_best else "ignore"
    model = kind(floor, average, confidence=confidence, unmet=unmet)
    model.fit(scores, y, weight)
    floored, other = (0, 1) if kind is PrecisionFloorThreshold else (1, 0)
    attributes = [model.precision_, model.recall_]
    parts = [(slice(None), ())]
    if average == "macro":
        parts = [([label], (label,)) for label in range(y.shape[1])]
    for columns, place in parts:
        of_part = scores[:, columns], y[:, columns], weight
        every = [
            measures_at(threshold, *of_part, confidence)
            for threshold in [0.1, 0.5, 0.9]
        ]
        best_bound = max(bound[floored] for _, bound in every)
        is_met = bool(best_bound >= floor - 1e-9)
        assert np.asarray(model.is_met_)[place] == is_met
        threshold = np.asarray(model.threshold_)[place]
        plain, bound = measures_at(threshold, *of_part, confidence)
        found = np.asarray(attributes[floored])[place]
        assert np.asarray(attributes[other])[place] == pytest.approx(plain[other])
        if not is_met and not takes_best or not best_bound:
            assert threshold == np.inf
            assert found == pytest.approx(best_bound)
            continue
        assert found == pytest.approx(bound[floored])
        least = min(floor, best_bound) - 1e-9
        assert bound[floored] >= least
        best = max(plain[other] for plain, bound in every if bound[floored] >= least)
        assert plain[other] == pytest.approx(best)


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    y = (rng.random((400, 3)) < [0.1, 0.3, 0.6]).astype(int)
    return rng.normal(size=y.shape) + 2 * y, y


@pytest.mark.parametrize("average", ["macro", "micro"])
def test_values_are_those_of_scikit_learn(average, data):
    scores, y = data
    mean = None if average == "macro" else "micro"
    for kind in FLOORS:
        model = kind(0.8, average).fit(scores, y)
        predicted = model.transform(scores)
        precision = precision_score(y, predicted, average=mean)
        recall = recall_score(y, predicted, average=mean)
        np.testing.assert_allclose(model.precision_, precision)
        np.testing.assert_allclose(model.recall_, recall)
        floored = precision if kind is PrecisionFloorThreshold else recall
        assert np.min(floored) >= 0.8 and np.all(model.is_met_)


@pytest.mark.parametrize("kind", FLOORS)
def test_a_bound_asks_for_more(kind, data):
    plain = kind(0.7).fit(*data).threshold_
    bound = kind(0.7, confidence=0.9).fit(*data).threshold_
    if kind is PrecisionFloorThreshold:
        assert (bound > plain).all()
    else:
        assert (bound < plain).all()


def test_the_bound_of_recall_holds_for_chosen_thresholds():
    """The true recall of a threshold is known for normal scores."""
    rng = np.random.default_rng(0)
    scores, y = rng.normal(size=(40, 2000)), np.ones((40, 2000))
    model = RecallFloorThreshold(0.8, confidence=0.9).fit(scores, y)
    is_missed = norm.sf(model.threshold_) < 0.8
    assert is_missed.mean() <= 0.1 + 3 * np.sqrt(0.1 * 0.9 / 2000)
    without = RecallFloorThreshold(0.8).fit(scores, y)
    assert (norm.sf(without.threshold_) < 0.8).mean() > 0.3


def test_what_can_not_be_met_is_said():
    scores = pd.DataFrame({"a": [3, 2, 1, 0], "b": [3, 2, 1, 0], "c": [3, 2, 1, 0.0]})
    y = np.array([[1, 0, 0], [1, 1, 0], [0, 0, 0], [0, 1, 0]])
    with pytest.warns(UserWarning) as record:
        model = PrecisionFloorThreshold(0.9).fit(scores, y)
    assert len(record) == 1 and record[0].filename == __file__
    message = str(record[0].message)
    assert message.startswith(
        "No threshold reaches a precision of 0.9 for 2 of 3 labels. The best is"
        " {'b': 0.5, 'c': 0.0}. None of them is predicted."
    )
    assert model.threshold_.tolist() == [1.5, np.inf, np.inf]
    assert model.is_met_.tolist() == [True, False, False]
    best = PrecisionFloorThreshold(0.9, unmet="best").fit(scores, y)
    # of the thresholds with a precision of 1/2, the one with the best recall
    assert best.threshold_.tolist() == [1.5, 0.0, np.inf]
    assert best.recall_.tolist() == [1, 1, 0]
    with pytest.raises(ValueError, match="for 2 of 3 labels. The best.*lower floor"):
        PrecisionFloorThreshold(0.9, unmet="raise").fit(scores, y)
    with pytest.raises(ValueError, match="a lower bound of recall of 0.9 for all lab"):
        RecallFloorThreshold(0.9, "micro", confidence=0.9, unmet="raise").fit(scores, y)
    met = PrecisionFloorThreshold(0.9, unmet="raise").fit(scores[["a"]], y[:, 0])
    assert met.is_met_.all()


@pytest.mark.parametrize("kind", FLOORS)
def test_many_labels_make_a_short_message(kind):
    with pytest.warns(UserWarning, match="for 500 of 500 labels") as record:
        kind().fit(np.ones((2, 500)), np.zeros((2, 500)))
    assert len(str(record[0].message)) < 600


@pytest.mark.parametrize("kind", FLOORS)
@pytest.mark.parametrize("average", ["macro", "micro"])
def test_equal_weights_of_any_size_change_nothing(kind, average, data):
    """Sums of weights are rounded, and meet a floor that they reach exactly."""
    scores, y = data
    for floor in (0.5, 0.75, 0.8, 1.0):
        expected = kind(floor, average, unmet="ignore").fit(scores, y).transform(scores)
        model = kind(floor, average, unmet="ignore").fit(scores, y, np.full(400, 0.1))
        np.testing.assert_array_equal(model.transform(scores), expected)


@pytest.mark.parametrize("kind", FLOORS)
@pytest.mark.parametrize(
    "params, match",
    [
        ({"floor": 0}, "'floor' parameter of"),
        ({"floor": 1.1}, "'floor' parameter of"),
        ({"average": "samples"}, "'average' parameter of"),
        ({"confidence": 1}, "'confidence' parameter of"),
        ({"unmet": "none"}, "'unmet' parameter of"),
    ],
)
def test_bad_parameters_raise(kind, params, match, data):
    with pytest.raises(ValueError, match=match):
        kind(**params).fit(*data)


@pytest.mark.parametrize("kind", FLOORS)
def test_out_of_fold(kind):
    X, y = make_multitag_classification(n_samples=300, random_state=0)
    linear = OneVsRestClassifier(LogisticRegression())
    model = ThresholdedClassifierCV(linear, kind(0.6, unmet="ignore"), cv=3).fit(X, y)
    floored = model.thresholder_.is_met_
    assert model.predict(X)[:, ~floored].sum() == 0
    assert model.threshold_.shape == (10,) and floored.any()


@pytest.mark.parametrize("kind", FLOORS)
@pytest.mark.parametrize(
    "wrap", [lambda floor: floor, lambda floor: make_pipeline(PlattCalibrator(), floor)]
)
def test_labels_of_a_classifier_are_named(kind, wrap):
    X, y = make_multitag_classification(
        n_samples=300, n_labels=4, cardinality=1, random_state=0
    )
    tags = [[f"tag{j}" for j in np.flatnonzero(row)] for row in y]
    linear = OneVsRestClassifier(LogisticRegression())
    model = ThresholdedClassifierCV(linear, wrap(kind(1.0, confidence=0.9)), cv=3)
    names = r"\{'tag0': 0.*, 'tag1': 0.*, 'tag2': 0.*, 'tag3': 0.*\}"
    with pytest.warns(UserWarning, match=f"for 4 of 4 labels. The best.*{names}"):
        model.fit(X, tags)
    with pytest.warns(UserWarning, match=r"The best is \{0: 0.*, 3: 0.*\}"):
        model.fit(X, y)

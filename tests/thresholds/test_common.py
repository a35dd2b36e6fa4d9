import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import clone
from sklearn.metrics import precision_score, recall_score
from sklearn.utils.estimator_checks import parametrize_with_checks

from skmultitag.thresholds import (
    ExpectedFBetaThreshold,
    FBetaThreshold,
    FixedThreshold,
    HalfFThreshold,
    LabelCountThreshold,
    LinearThreshold,
    PlattKnee,
    PrecisionFloorThreshold,
    ProportionalThreshold,
    RecallFloorThreshold,
    TopKThreshold,
)
from tests.common import run_check_of_transformer

THRESHOLDERS = [
    ExpectedFBetaThreshold(),
    FBetaThreshold(),
    FBetaThreshold(shrinkage=50),
    FBetaThreshold(average="micro"),
    FBetaThreshold(average="micro", per_label=True),
    FBetaThreshold(average="samples"),
    FBetaThreshold(average="samples", per_label=True),
    FBetaThreshold(average="weighted", per_label=False),
    FixedThreshold(),
    HalfFThreshold(),
    HalfFThreshold(average="micro"),
    LabelCountThreshold(),
    LinearThreshold(),
    PlattKnee(),
    PrecisionFloorThreshold(unmet="ignore"),
    PrecisionFloorThreshold(0.7, "micro", unmet="ignore"),
    PrecisionFloorThreshold(0.6, confidence=0.9, unmet="best"),
    ProportionalThreshold(),
    ProportionalThreshold("micro"),
    RecallFloorThreshold(unmet="ignore"),
    RecallFloorThreshold(0.8, "micro", confidence=0.9, unmet="ignore"),
    TopKThreshold(),
]
# scikit-learn's checks fit on random numbers
UNMET = "ignore:No threshold reaches a (lower bound of )?(precision|recall) of"


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@pytest.mark.filterwarnings(UNMET)
@parametrize_with_checks(
    [*THRESHOLDERS, PrecisionFloorThreshold(), RecallFloorThreshold()]
)
def test_scikit_learn_checks(estimator, check):
    run_check_of_transformer(estimator, check)


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    y = (rng.random((200, 4)) < [0.05, 0.2, 0.3, 0.5]).astype(int)
    return rng.beta(1 + 2 * y, 3 - 2 * y), y


@pytest.mark.parametrize("thresholder", THRESHOLDERS, ids=str)
def test_decisions_follow_the_threshold(thresholder, data):
    scores, y = data
    model = clone(thresholder).fit(scores, y)
    predicted = model.transform(scores)
    assert predicted.dtype == np.int64 and set(np.unique(predicted)) <= {0, 1}
    if hasattr(model, "threshold_"):
        if isinstance(model, PlattKnee):
            scores = model.calibrator_.transform(scores)
        np.testing.assert_array_equal(predicted, scores >= model.threshold_)
        assert np.shape(model.threshold_) in [(), (4,)]


@pytest.mark.parametrize("thresholder", THRESHOLDERS, ids=str)
def test_a_weight_is_a_number_of_rows(thresholder, data):
    scores, y = data
    weight = np.arange(200) % 3
    repeated = np.repeat(scores, weight, axis=0), np.repeat(y, weight, axis=0)
    weighted = clone(thresholder).fit(scores, y, weight).transform(scores)
    expected = clone(thresholder).fit(*repeated).transform(scores)
    np.testing.assert_array_equal(weighted, expected)


@pytest.mark.parametrize("thresholder", THRESHOLDERS, ids=str)
def test_names_of_labels_and_frames(thresholder, data):
    scores, y = (pd.DataFrame(part, columns=list("abcd")) for part in data)
    model = clone(thresholder).set_output(transform="pandas").fit(scores, y)
    assert model.get_feature_names_out().tolist() == list("abcd")
    predicted = model.transform(scores)
    assert predicted.columns.tolist() == list("abcd")
    plain = clone(thresholder).fit(*data).transform(data[0])
    np.testing.assert_array_equal(predicted, plain)


@pytest.mark.parametrize("thresholder", THRESHOLDERS, ids=str)
def test_frames_by_configuration(thresholder, data):
    """Frames come out, and the calibrators inside go on with arrays."""
    proba, y = data
    for scores in (proba, 5 * proba - 2):  # those beyond [0, 1] are calibrated
        expected = clone(thresholder).fit(scores, y).transform(scores)
        with sklearn.config_context(transform_output="pandas"):
            predicted = clone(thresholder).fit(scores, y).transform(scores)
        assert isinstance(predicted, pd.DataFrame)
        np.testing.assert_array_equal(predicted, expected)


@pytest.mark.parametrize("thresholder", THRESHOLDERS, ids=str)
def test_input_is_not_changed(thresholder, data):
    scores, y = data
    before = scores.copy(), y.copy()
    clone(thresholder).fit(scores, y).transform(scores)
    np.testing.assert_array_equal(scores, before[0])
    np.testing.assert_array_equal(y, before[1])


@pytest.mark.parametrize("thresholder", THRESHOLDERS, ids=str)
def test_bad_input_raises(thresholder):
    with pytest.raises(ValueError, match="contains NaN"):
        clone(thresholder).fit([[0.1, np.nan]], [[0, 1]])
    with pytest.raises(ValueError, match=r"the shape of scores, \(1, 2\). Got"):
        clone(thresholder).fit([[0.1, 0.2]], [[0, 1, 1]])
    with pytest.raises(ValueError, match="y must hold 0 and 1 only"):
        clone(thresholder).fit([[0.1, 0.2]], np.array([[0, 2]]))


def test_messages_are_short_for_many_labels():
    names = [f"label {number}" for number in range(100_000)]
    scores = pd.DataFrame(np.zeros((1, 100_000)), columns=names)
    y = pd.DataFrame(np.zeros((1, 100_000)), columns=[*names[1:], "new"])
    with pytest.raises(ValueError, match="lacks .'label 0'") as info:
        TopKThreshold(1).fit(scores, y)
    assert len(str(info.value)) < 1500
    threshold = np.full(100_000, np.nan)
    with pytest.raises(ValueError, match="must not be NaN") as info:
        FixedThreshold(threshold).fit(scores.to_numpy(), y.to_numpy())
    assert len(str(info.value)) < 500


@pytest.mark.parametrize("average", ["macro", "micro", "samples", "weighted"])
@pytest.mark.parametrize("per_label", [True, False])
@pytest.mark.parametrize("beta", [1e-300, 1e-20, 1e20, 1e300, 2**70])
def test_extreme_weights_of_recall_are_precision_or_recall(
    beta, average, per_label, data
):
    scores, y = data
    model = FBetaThreshold(beta, average, per_label=per_label).fit(scores, y)
    metric = precision_score if beta < 1 else recall_score
    labels = None if per_label and average in ("macro", "weighted") else average
    params = {"average": labels, "zero_division": 0}
    found = metric(y, model.transform(scores), **params)
    np.testing.assert_allclose(model.score_, found)
    if beta > 1:
        np.testing.assert_allclose(model.score_, recall_score(y, y, **params))


@pytest.mark.parametrize("beta", [1e-300, 1e300, 2**70])
@pytest.mark.parametrize("thresholder", [HalfFThreshold, ExpectedFBetaThreshold])
def test_extreme_weights_of_recall_decide(thresholder, beta, data):
    scores, y = data
    predicted = thresholder(beta).fit(scores, y).transform(scores)
    n_labels = predicted.sum(axis=1)
    if thresholder is ExpectedFBetaThreshold:  # the surest one only, or all
        assert (n_labels == (1 if beta < 1 else 4)).all()
    else:  # a threshold of the best precision, or of 0
        assert predicted.all() == (beta > 1)


@pytest.mark.parametrize("thresholder", THRESHOLDERS, ids=str)
def test_a_refused_fit_leaves_the_old_model(thresholder, data):
    scores, y = data
    model = clone(thresholder).fit(scores, y)
    expected = model.transform(scores)
    for wrong in (np.full((200, 3), 2), y[:, :3] * np.nan):
        with pytest.raises(ValueError, match="y"):
            model.fit(scores[:, :3], wrong)
    np.testing.assert_array_equal(model.transform(scores), expected)

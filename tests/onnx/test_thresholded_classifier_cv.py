"""Scores of any classifier, calibrator and thresholder in ONNX decide as predict."""

import numpy as np
import pytest
import skl2onnx
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression, RidgeClassifier, SGDClassifier
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from skmultitag import MultiTagClassifier, PlattKnee, ThresholdedClassifierCV
from skmultitag.calibration import IsotonicCalibrator, PlattCalibrator
from skmultitag.losses import get_loss_names
from skmultitag.onnx import to_onnx
from skmultitag.onnx._decision import _before_calibration, write_calibrator
from skmultitag.thresholds import (
    ExpectedFBetaThreshold,
    FBetaThreshold,
    FixedThreshold,
    HalfFThreshold,
    LabelCountThreshold,
    LinearThreshold,
    PrecisionFloorThreshold,
    ProportionalThreshold,
    RecallFloorThreshold,
    TopKThreshold,
)
from tests.onnx.common import assert_predicts_alike

DTYPES = [np.float32, np.float64]
THRESHOLDERS = {
    "default": None,
    "macro": FBetaThreshold(),
    "micro": FBetaThreshold(average="micro"),
    "samples": FBetaThreshold(average="samples"),
    "fixed": FixedThreshold(0.4),
    "infinite": FixedThreshold([np.inf, -np.inf, 0.2, 0.3, -np.inf]),
    "half F": HalfFThreshold(),
    "half F, micro": HalfFThreshold(average="micro"),
    "proportional": ProportionalThreshold(),
    "precision floor": PrecisionFloorThreshold(unmet="ignore"),
    "recall floor": RecallFloorThreshold(average="micro"),
    "knee": PlattKnee(),
    "top 2": TopKThreshold(2),
    "top 0": TopKThreshold(0),
    "top 9 of 5": TopKThreshold(9),
    "linear": LinearThreshold(),
    "label count": LabelCountThreshold(),
    "label count, trees": LabelCountThreshold(DecisionTreeClassifier(max_depth=3)),
}
CALIBRATORS = {
    "none": None,
    "Platt": PlattCalibrator(),
    "isotonic": IsotonicCalibrator(),
    "scaler": MinMaxScaler(clip=True),
}


def n_eps_of(model):
    """Of rounding: a steep curve makes that of the probabilities larger."""
    if isinstance(model.calibrator, IsotonicCalibrator):
        return 10_000  # a step between scores that are near
    if isinstance(model.calibrator, PlattCalibrator):
        return 8 * max(1, abs(model.calibrator_.slope_).max() / 4)
    if isinstance(model.calibrator, MinMaxScaler):
        return 8 * max(1, model.calibrator_.scale_.max())
    return 8


@pytest.fixture(scope="module", params=DTYPES, ids=["float32", "float64"])
def prefit(request, data):
    """A classifier, rows that it was not fitted on, and their targets."""
    X, y = data[0].astype(request.param), data[1]
    model = MultiTagClassifier(loss="bce", max_iter=5, random_state=0)
    return model.fit(X[:500], y[:500]), X[500:], y[500:]


@pytest.mark.parametrize(
    "thresholder, calibrator",
    [(name, "none") for name in THRESHOLDERS]
    + [(name, "Platt") for name in ("top 2", "knee", "label count")]
    + [("default", name) for name in CALIBRATORS if name != "none"],
)
def test_thresholders_and_calibrators(thresholder, calibrator, prefit):
    estimator, X, y = prefit
    model = ThresholdedClassifierCV(
        estimator,
        THRESHOLDERS[thresholder],
        calibrator=CALIBRATORS[calibrator],
        cv="prefit",
    ).fit(X[:300], y[:300])
    names = assert_predicts_alike(model, X[200:], n_eps=n_eps_of(model))
    assert names == ["label", "probabilities", "scores"]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:The chains of the posterior")
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("loss", get_loss_names())
def test_each_loss_with_each_decision(loss, dtype, data):
    X, y = data[0].astype(dtype), data[1]
    estimator = MultiTagClassifier(loss, max_iter=3, random_state=0).fit(X, y)
    for thresholder in THRESHOLDERS.values():
        for calibrator in CALIBRATORS.values():
            model = ThresholdedClassifierCV(
                estimator, thresholder, calibrator=calibrator, cv="prefit"
            ).fit(X[:300], y[:300])
            # rows of which no score is a knot or a threshold
            assert_predicts_alike(model, X[300:], n_eps=n_eps_of(model))


@pytest.mark.parametrize("dtype", DTYPES)
def test_isotonic_curve_at_its_knots(dtype):
    """Scores that fit has seen, and those beyond them, by scikit-learn's own curve."""
    rng = np.random.default_rng(0)
    X = rng.integers(0, 8, (200, 3)).astype(dtype)
    y = (X + rng.normal(scale=3, size=X.shape) > 4).astype(int)
    estimator = MultiTagClassifier(
        "bce", hidden_layer_sizes=(), max_iter=5, random_state=0
    ).fit(X, y)
    model = ThresholdedClassifierCV(
        estimator, calibrator=IsotonicCalibrator(), cv="prefit"
    ).fit(X[:, [0, 1, 2]], y)
    assert_predicts_alike(model, np.vstack([X, 9 * X, -X]), n_eps=10_000)


class NumpyGraph:
    """Computes with numpy what would be written into a graph."""

    OPERATORS = {
        "Gather": lambda values, places: values[places],
        "Clip": np.clip,
        "GreaterOrEqual": np.greater_equal,
        "Min": np.minimum,
        "Max": np.maximum,
        "Mul": np.multiply,
        "Sub": np.subtract,
    }

    def __call__(self, operator, *inputs):
        function = self.OPERATORS.get(operator) or getattr(np, operator.lower())
        return function(*inputs)

    def cast(self, values, dtype):
        return values.astype(dtype)

    def constant(self, value):
        return value


@pytest.mark.parametrize("dtype", DTYPES)
def test_isotonic_curve_is_that_of_scikit_learn_to_the_bit(dtype):
    """At its knots too, where values of different pieces differ in the last digit."""
    rng = np.random.default_rng(0)
    scores = rng.random((300, 50)).astype(dtype)
    curve = IsotonicCalibrator().fit(scores, rng.random(scores.shape) < scores)
    rows = np.vstack([scores, rng.uniform(-1, 2, size=(300, 50)).astype(dtype)])
    found = write_calibrator(NumpyGraph(), curve, rows, 50, np.dtype(dtype))
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, curve.transform(rows))


CLASSIFIERS = [
    RandomForestClassifier(10, random_state=0),
    ExtraTreesClassifier(10, random_state=0),
    DecisionTreeClassifier(random_state=0),
    KNeighborsClassifier(),
    MLPClassifier((8,), max_iter=20, random_state=0),
    RidgeClassifier(),
    OneVsRestClassifier(LogisticRegression()),
    OneVsRestClassifier(SVC(random_state=0)),
    OneVsRestClassifier(GaussianNB()),
    OneVsRestClassifier(RandomForestClassifier(5, random_state=0)),
    OneVsRestClassifier(GradientBoostingClassifier(n_estimators=5, random_state=0)),
    OneVsRestClassifier(make_pipeline(StandardScaler(), LogisticRegression())),
    MultiOutputClassifier(LogisticRegression()),
    MultiOutputClassifier(SGDClassifier(loss="log_loss", random_state=0)),
    MultiOutputClassifier(RandomForestClassifier(5, random_state=0)),
    make_pipeline(StandardScaler(), MLPClassifier((8,), max_iter=20, random_state=0)),
    make_pipeline(StandardScaler(), MultiOutputClassifier(GaussianNB())),
]


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
@pytest.mark.filterwarnings("ignore:Attribute `prob")  # that skl2onnx reads
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("classifier", CLASSIFIERS, ids=str)
def test_classifiers_of_scikit_learn(classifier, dtype, data):
    X, y = data[0][:300].astype(dtype), data[1][:300, [0, 1, 3, 4]]
    model = ThresholdedClassifierCV(classifier, cv=2).fit(X, y)
    # ensembles of trees and support vector machines are float32 in ONNX
    kinds = ("Forest", "GradientBoosting", "SVC")
    with_float32 = any(kind in str(classifier) for kind in kinds)
    n_eps = 2**29 if with_float32 and dtype == np.float64 else 1
    assert_predicts_alike(model, X, n_eps=32 * n_eps)


@pytest.mark.parametrize("shares", [10, 7])
def test_score_that_is_equal_to_the_threshold(shares, data):
    """A forest of ten trees has scores of 0.7, which is less in float32."""
    X, y = data[0].astype(np.float32), data[1][:, [0, 1]]
    forest = RandomForestClassifier(10, random_state=0).fit(X, y)
    threshold = FixedThreshold(shares / 10)
    model = ThresholdedClassifierCV(forest, threshold, cv="prefit").fit(X, y)
    proba = model.predict_proba(X)
    assert (proba == shares / 10).sum() > 10
    assert_predicts_alike(model, X)


@pytest.mark.parametrize(
    "classifier",
    [
        RandomForestClassifier(5, random_state=0),
        MultiOutputClassifier(RandomForestClassifier(5, random_state=0)),
    ],
    ids=str,
)
def test_labels_of_one_class(classifier, data):
    X, y = data[0][:300].astype(np.float32), data[1][:300].copy()
    y[:, 0] = 1
    assert not y[:, 2].any()
    model = ThresholdedClassifierCV(classifier, FixedThreshold(0.5), cv=2).fit(X, y)
    assert_predicts_alike(model, X)


@pytest.mark.parametrize(
    "classifier",
    [
        MultiTagClassifier(max_iter=2, random_state=0),
        LogisticRegression(),
        RandomForestClassifier(5, random_state=0),
        RidgeClassifier(),
    ],
    ids=str,
)
@pytest.mark.parametrize("names", [[0, 1], ["no", "yes"]])
def test_two_classes(names, classifier, data):
    X = data[0][:300].astype(np.float32)
    y = np.array(names)[(X[:, 0] > 0.5).astype(int)]
    model = ThresholdedClassifierCV(classifier, FBetaThreshold(2.0), cv=2).fit(X, y)
    assert_predicts_alike(model, X, n_eps=16)


def test_all_rows_have_as_many_labels(data):
    """The count is that of a DummyClassifier, which skl2onnx does not know."""
    X, y = data[0][:300].astype(np.float32), np.tile([[1, 0, 1], [0, 1, 1]], (150, 1))
    model = ThresholdedClassifierCV(
        MultiTagClassifier(max_iter=2, random_state=0), LabelCountThreshold(), cv=2
    ).fit(X, y)
    assert_predicts_alike(model, X)


# What is refused says why


class Never(TransformerMixin, BaseEstimator):
    """A thresholder of the user that predicts nothing."""

    def fit(self, scores, y):
        return self

    def transform(self, scores):
        return np.zeros(scores.shape, dtype=int)


@pytest.mark.parametrize(
    "classifier, thresholder, message",
    [
        (
            OneVsRestClassifier(LogisticRegression()),
            ExpectedFBetaThreshold(),
            "ExpectedFBetaThreshold can't be written as ONNX: each row needs",
        ),
        (
            OneVsRestClassifier(LogisticRegression()),
            Never(),
            r"no converter for Never\(\)",
        ),
        (ClassifierChain(LogisticRegression()), None, "no converter for ClassifierCha"),
        (
            MultiOutputClassifier(make_pipeline(StandardScaler(), GaussianNB())),
            None,
            "skl2onnx can't write MultiOutputClassifier.*It says",
        ),
    ],
    ids=["expected F", "thresholder of the user", "chain", "pipelines in a classifier"],
)
def test_what_cannot_be_written(classifier, thresholder, message, data):
    X, y = data[0][:300], data[1][:300, [0, 1, 3]]
    model = ThresholdedClassifierCV(classifier, thresholder, cv=2).fit(X, y)
    for export in (to_onnx, skl2onnx.to_onnx):
        with pytest.raises(ValueError, match=f"(?s){message}"):
            export(model, X[:1])


@pytest.fixture
def model_and_row(data):
    X, y = data[0][:100], data[1][:100, [0, 1, 3]]
    model = ThresholdedClassifierCV(OneVsRestClassifier(LogisticRegression()), cv=2)
    return model.fit(X, y), X[:1]


def test_other_scores_than_those_of_the_classifier(model_and_row, monkeypatch):
    model, x = model_and_row
    other = clone(model).fit(
        np.tile(np.eye(8), (4, 1)), np.tile(np.eye(8), (4, 1))[:, :3].astype(int)
    )
    wrong = to_onnx(other, x)
    monkeypatch.setattr(skl2onnx, "to_onnx", lambda *args, **kwargs: wrong)
    with pytest.raises(ValueError, match="(?s)The probabilities .* differ by .* those"):
        to_onnx(model, x)


def test_operator_that_the_runtime_lacks(model_and_row, monkeypatch):
    model, x = model_and_row
    wrong = to_onnx(model, x)
    wrong.graph.node[0].op_type = "Unheard"
    monkeypatch.setattr(skl2onnx, "to_onnx", lambda *args, **kwargs: wrong)
    with pytest.raises(ValueError, match="(?s)ONNX Runtime can't run .*Unheard"):
        to_onnx(model, x)


# A thresholder with a calibrator compares scores, not their probabilities


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("thresholder", [PlattKnee(), HalfFThreshold()], ids=str)
def test_scores_that_repeat_decide_as_their_probabilities(thresholder, dtype):
    rng = np.random.default_rng(0)
    scores = rng.integers(-3, 4, (200, 4)).astype(dtype) / 3
    y = scores + rng.normal(scale=0.5, size=scores.shape) > 0.3
    y[:, 1] = ~y[:, 1]  # falls with the score
    y[:, 2] = rng.random(200) < 0.3
    thresholder = clone(thresholder).fit(scores, y)
    sign, least = _before_calibration(
        thresholder.calibrator_, thresholder.threshold_, dtype
    )
    assert sign[1] == -1
    near = [scores, np.nextafter(scores, -9, dtype=dtype), rng.normal(size=(500, 4))]
    for rows in (*near, sign * least, sign * np.nextafter(least, -9, dtype=dtype)):
        rows = np.atleast_2d(np.nan_to_num(rows)).astype(dtype)
        np.testing.assert_array_equal(
            sign * rows >= least, thresholder.transform(rows) == 1
        )


def test_thresholds_of_a_calibrated_label_that_is_never_or_always_predicted():
    scores = np.linspace(-1, 1, 20)[:, None] * [1.0, 0.0]
    calibrator = PlattCalibrator().fit(scores, scores > [[0.0, 2.0]])
    for threshold, least in (((2.0, 2.0), np.inf), ((0.0, 0.0), -np.inf)):
        _, found = _before_calibration(calibrator, threshold, np.float64)
        np.testing.assert_array_equal(found, least)

"""Fuzzed calls of all that takes data: each works, or says what is wrong.

The rules are those of `harness.Call`; what is drawn is in `strategies`. More cases, and
a table of outcomes::

    SKMULTITAG_FUZZ_CASES=100000 pytest -m slow tests/fuzzing
"""

import json
import re
from functools import cache
from itertools import islice
from numbers import Integral, Real
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from matplotlib import pyplot
from sklearn.dummy import DummyClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import check_consistent_length
from sklearn.utils._param_validation import Interval

from skmultitag import (
    MultiTagClassifier,
    calibration,
    datasets,
    metrics,
    sampling,
    thresholds,
)
from skmultitag.losses import get_loss, get_loss_names
from skmultitag.model_selection import (
    MultilabelStratifiedGroupKFold,
    MultilabelStratifiedKFold,
    MultilabelStratifiedShuffleSplit,
    multilabel_train_test_split,
)
from skmultitag.plotting import KneeDisplay, ThresholdCurveDisplay
from tests.fuzzing import harness
from tests.fuzzing.harness import Call, Refused, copied, fuzz, snapshot
from tests.fuzzing.strategies import Case, Given, cases, edited

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning"),
]


def public(module, method=None):
    found = [getattr(module, name) for name in module.__all__]
    return [each for each in found if method is None or hasattr(each, method)]


def fit(case, model, predict, check, method="fit", unnamed=frozenset()):
    """Fit a copy of a fitted model on a case, and return it, or `Refused`.

    If it is refused, it must predict as before. `check` asserts of the fitted one.
    """
    owner = type(model).__name__
    call, model = Call(owner, case, unnamed), copied(model)
    old_params, expected = model.get_params(deep=False), predict(model)
    model.set_params(**case.value_of(case.params))
    params = model.get_params(deep=False)

    def check_parameters():
        now = model.get_params(deep=False)
        same = all(now[name] is value for name, value in params.items())
        assert same, "changes its parameters"

    def check_fitted(model):
        check_parameters()
        check(model)

    def check_old(_):
        check_parameters()
        model.set_params(**old_params)
        same = snapshot(predict(model)) == snapshot(expected)
        assert same, "a refused call changes what the old model predicts"

    arguments = case.value_of(case.arguments)
    return call(
        method, lambda: getattr(model, method)(**arguments), check_fitted, check_old
    )


def check_probabilities(result, shape):
    assert result.shape == shape
    assert ((result >= 0) & (result <= 1)).all(), f"not in [0, 1]: {result}"


# ---- thresholders and calibrators

SCORES = np.random.RandomState(0).uniform(size=(20, 3))
TARGET = (SCORES > np.random.RandomState(1).uniform(size=(20, 3))).astype(int)
TRANSFORMERS = public(thresholds, "transform") + public(calibration, "transform")


@cache
def fitted_transformer(transformer):
    return transformer().fit(SCORES, TARGET)


@fuzz(share=0.25)
@given(st.data())
def test_thresholders_and_calibrators(data):
    transformer = data.draw(st.sampled_from(TRANSFORMERS))
    sources = {
        "scores": data.draw(st.sampled_from(["scores", "margins"])),
        "y": "indicator",
        "sample_weight": "sample_weight",
    }
    case = data.draw(cases(sources, transformer._parameter_constraints))
    # it refuses good scores, if they don't reach a floor
    assume("unmet" not in case.params or case.params["unmet"].form != repr("raise"))

    def check(model):
        rows, n_labels = case.arguments["scores"].value, model.n_features_in_
        if sources["scores"] == "margins":  # those with a weight can lie in [0, 1]
            rows = np.linspace(0, 1, 5 * n_labels).reshape(5, n_labels)
        result = model.transform(rows)
        check_probabilities(result, (len(rows), n_labels))
        same = snapshot(copied(model).transform(rows)) == snapshot(result)
        assert same, "a pickled copy differs"

    model = fitted_transformer(transformer)
    model = fit(case, model, lambda model: model.transform(SCORES), check)
    if not isinstance(model, Refused) and not hasattr(model, "feature_names_in_"):
        n_labels = model.n_features_in_
        case = data.draw(cases(["scores"], n_labels=n_labels))
        scores = case.arguments["scores"].value
        Call(transformer.__name__, case)("transform", lambda: model.transform(scores))


# ---- the classifier

SMALL_NET = {
    "hidden_layer_sizes": (3,),
    "max_iter": 2,
    "batch_size": 4,
    "random_state": 0,
}
FEATURES = np.random.RandomState(2).standard_normal((20, 2))
HUGE = {"2 ** 70", "1e300"}
#: Values that cost too much; parameters that need processes, or the features of before.
TOO_MUCH = {"hidden_layer_sizes": {"2 ** 70"}, "max_iter": {"2 ** 70"}}
LEFT_OUT = {"distributed", "warm_start"}


@cache
def fitted_classifier():
    return MultiTagClassifier(**SMALL_NET).fit(FEATURES, TARGET)


@st.composite
def losses(draw):
    """A loss of any name, some with fuzzed parameters, as a case of one parameter."""
    loss = get_loss(draw(st.sampled_from(get_loss_names())))
    constraints = {
        name: constraint
        for name, constraint in loss._parameter_constraints.items()
        if name not in ("loss", "first", "second")
    }
    # a slope must not fall
    case = draw(cases([], constraints, uncertain={"beta_start", "beta_end"}))
    # as numbers of draws they take for ever, and as slopes more than a float32
    assume(HUGE.isdisjoint(each.form for each in case.params.values()))
    return type(loss)(**{**loss.get_params(False), **case.value_of(case.params)}), case


@fuzz(share=0.15)
@given(st.data())
def test_classifier(data):
    constraints = {
        name: constraint
        for name, constraint in MultiTagClassifier._parameter_constraints.items()
        if name not in LEFT_OUT
    }
    # too long steps are refused
    uncertain = {"learning_rate_init", "weight_decay"}
    sources = ["X", "y", "sample_weight"]
    case = data.draw(cases(sources, constraints, uncertain=uncertain))
    for name, forms in TOO_MUCH.items():
        assume(name not in case.params or case.params[name].form not in forms)
    method = data.draw(st.sampled_from(["fit", "fit", "partial_fit"]))
    model = fitted_classifier()
    if method == "partial_fit":
        sources = {"X": "X", "y": "unnamed", "sample_weight": "sample_weight"}
        n_features, n_labels = FEATURES.shape[1], TARGET.shape[1]
        case = data.draw(cases(sources, n_features=n_features, n_labels=n_labels))

    def check(model):
        X = case.arguments["X"].value
        proba, margin = model.predict_proba(X), model.decision_function(X)
        assert ((proba > 0) & (proba < 1)).all(), f"not in (0, 1): {proba}"
        assert np.isfinite(margin).all(), margin
        check_consistent_length(X, proba, model.predict(X), model.predict_tags(X))
        again = copied(model).predict_proba(X)
        assert snapshot(again) == snapshot(proba), "a pickled copy differs"

    def predict(model):
        return model.predict_proba(FEATURES), model.predict(FEATURES)

    model = fit(case, model, predict, check, method)
    if not isinstance(model, Refused) and not hasattr(model, "feature_names_in_"):
        case = data.draw(cases(["X"], n_features=model.n_features_in_))
        predict = data.draw(
            st.sampled_from(["predict", "predict_proba", "decision_function"])
        )
        call = Call("MultiTagClassifier", case)
        call(predict, lambda: getattr(model, predict)(case.arguments["X"].value))


@fuzz(share=0.05)
@given(st.data())
def test_losses_in_the_classifier(data):
    loss, case = data.draw(losses())
    model = MultiTagClassifier(loss, **SMALL_NET)

    def check(model):
        proba = model.predict_proba(FEATURES)
        assert ((proba > 0) & (proba < 1)).all(), f"not in (0, 1): {proba}"

    owner = type(loss).__name__
    Call(owner, case)("fit", lambda: model.fit(FEATURES, TARGET), check)


# ---- any classifier

TREE = DecisionTreeClassifier(max_depth=2, random_state=0)
CLASSIFIERS = [
    TREE,
    KNeighborsClassifier(1),
    DummyClassifier(strategy="prior"),
    make_pipeline(MaxAbsScaler(), TREE),
]


@cache
def fitted_wrapper():
    return thresholds.ThresholdedClassifierCV(TREE, cv=2).fit(FEATURES, TARGET)


@fuzz(share=0.1)
@given(st.data())
def test_thresholded_classifier(data):
    constraints = {
        name: constraint
        for name, constraint in (
            thresholds.ThresholdedClassifierCV._parameter_constraints.items()
        )
        if name not in ("estimator", "cv", "n_jobs", "refit")
    }
    make = data.draw(st.sampled_from([None, *TRANSFORMERS]))
    # not all thresholders have thresholds that can be stored
    has_thresholds = make is None or hasattr(fitted_transformer(make), "threshold_")
    uncertain = () if has_thresholds else {"store_cv_results"}
    sources = {"X": "rows", "y": "y", "sample_weight": "sample_weight"}
    case = data.draw(cases(sources, constraints, uncertain=uncertain))
    model = copied(fitted_wrapper())
    takes_weights = case.arguments["sample_weight"].value is not None
    classifiers = CLASSIFIERS[:1] if takes_weights else CLASSIFIERS
    model.estimator = data.draw(st.sampled_from(classifiers))
    if make is not None:
        name = "calibrator" if make.__name__.endswith("Calibrator") else "thresholder"
        model.set_params(**{name: make()})

    def check(model):
        X = case.arguments["X"].value
        check_consistent_length(X, model.predict(X), model.predict_tags(X))
        again = copied(model).predict(X)
        assert snapshot(again) == snapshot(model.predict(X)), "a pickled copy differs"

    def predict(model):
        return model.predict(FEATURES)

    # what X may be is the classifier's affair
    fit(case, model, predict, check, unnamed={"X"})


# ---- samplers, and measures of imbalance

MEASURES = [
    sampling.imbalance_ratio_per_label,
    sampling.mean_imbalance_ratio,
    sampling.scumble,
]


@fuzz(share=0.15)
@given(st.data())
def test_samplers(data):
    sampler = data.draw(st.sampled_from(public(sampling, "fit_resample")))
    sources = {
        "X": "X" if sampler._reads_features else "any features",
        "y": "appended" if sampler in (sampling.MLSMOTE, sampling.REMEDIAL) else "y",
    }
    case = data.draw(cases(sources, sampler._parameter_constraints))
    method = data.draw(st.sampled_from(["fit_resample", "fit"]))
    model = sampler(**case.value_of(case.params))
    arguments = case.value_of(case.arguments)

    def check(result):
        if method == "fit":
            return
        for drawn, after in zip(case.arguments.values(), result, strict=True):
            before = type(drawn.value)
            is_same = type(after) is before or drawn.kind == "odd"
            assert is_same, f"{before} became {type(after)}"
        check_consistent_length(*result)

    call = Call(sampler.__name__, case)
    call(method, lambda: getattr(model, method)(**arguments), check)


@fuzz(share=0.03)
@given(st.data())
def test_measures_of_imbalance(data):
    measure = data.draw(st.sampled_from(MEASURES))
    case = data.draw(cases(["y"]))
    Call(measure.__name__, case)("()", lambda: measure(case.arguments["y"].value))


# ---- splitters

SIZE = [
    Interval(Real, 0, 1, closed="neither"),
    Interval(Integral, 1, None, closed="left"),
    None,
]
SPLITTERS = {
    MultilabelStratifiedKFold: {
        "n_splits": [Interval(Integral, 2, 4, closed="both")],
        "shuffle": [bool],
    },
    MultilabelStratifiedGroupKFold: {
        "n_splits": [Interval(Integral, 2, 4, closed="both")],
        "shuffle": [bool],
    },
    MultilabelStratifiedShuffleSplit: {
        "n_splits": [Interval(Integral, 1, None, closed="left")],
        "test_size": SIZE,
        "random_state": ["random_state"],
    },
}


@fuzz(share=0.1)
@given(st.data())
def test_splitters(data):
    splitter = data.draw(st.sampled_from(list(SPLITTERS)))
    sources = {"X": "rows", "y": "y"}
    if splitter is MultilabelStratifiedGroupKFold:
        sources["groups"] = "groups"
    case = data.draw(cases(sources, SPLITTERS[splitter], uncertain={"test_size"}))
    params = {"n_splits": 2, **case.value_of(case.params)}
    arguments = case.value_of(case.arguments)

    def check(splits):
        for train, test in splits:
            rows = np.concatenate([train, test])
            assert len(set(rows)) == len(rows), "a row is on both sides"
            assert len(train) and len(test), "a side is empty"

    call = Call(splitter.__name__, case)
    call("split", lambda: list(islice(splitter(**params).split(**arguments), 5)), check)


@fuzz(share=0.02)
@given(st.data())
def test_train_test_split(data):
    constraints = {"test_size": SIZE, "random_state": ["random_state"]}
    sources = {"X": "rows", "y": "y"}
    case = data.draw(cases(sources, constraints, uncertain={"test_size"}))
    params, arguments = case.value_of(case.params), case.value_of(case.arguments)

    def check(parts):
        assert len(parts) == 4

    # they are passed by position
    call = Call("multilabel_train_test_split", case, unnamed={"X", "y"})
    call(
        "()",
        lambda: multilabel_train_test_split(*arguments.values(), **params),
        check,
    )


# ---- metrics

METRICS = {
    metrics.soft_f1_score: ("y_proba", "scores"),
    metrics.sigmoid_f1_score: ("y_score", "margins"),
    metrics.binary_cross_entropy_error: ("y_proba", "scores"),
    metrics.coverage: ("y_score", "margins"),
    metrics.one_error: ("y_score", "margins"),
    metrics.ranking_loss: ("y_score", "margins"),
}


@fuzz(share=0.15)
@given(st.data())
def test_metrics(data):
    metric = data.draw(st.sampled_from(list(METRICS)))
    name, source = METRICS[metric]
    sources = {"y_true": "indicator", name: source, "sample_weight": "sample_weight"}
    constraints = {
        name: constraint
        for name, constraint in metric._skl_parameter_constraints.items()
        if name not in sources
    }
    case = data.draw(cases(sources, constraints))

    def check(score):
        score = np.asarray(score)
        assert (np.isnan(score) | (score >= 0)).all(), score

    arguments = case.value_of(case.given)
    Call(metric.__name__, case)("()", lambda: metric(**arguments), check)


# ---- displays


@fuzz(share=0.03)
@given(st.data())
def test_displays(data):
    display = data.draw(st.sampled_from([ThresholdCurveDisplay, KneeDisplay]))
    sources = {"y_true": "indicator", "y_score": "scores"}
    sources["sample_weight"] = "sample_weight"
    draw = display.from_predictions
    constraints = {
        name: constraint
        for name, constraint in getattr(draw, "_skl_parameter_constraints", {}).items()
        if name not in sources and name != "metric"
    }
    case = data.draw(cases(sources, constraints))
    arguments = case.value_of(case.given)
    if "beta" in arguments:
        arguments["metric"] = "fbeta"
    Call(display.__name__, case)("from_predictions", lambda: draw(**arguments))
    pyplot.close("all")


# ---- data


@fuzz(share=0.05)
@given(st.data())
def test_simulated_data(data):
    make = datasets.make_multitag_classification
    # no label can be on more than all rows
    uncertain = {"cardinality", "imbalance", "n_labels"}
    constraints = make._skl_parameter_constraints
    case = data.draw(cases([], constraints, uncertain=uncertain))
    assume(all(each.form != "2 ** 70" for each in case.params.values()))
    usual = {"n_samples": 5, "cardinality": 0.5, "return_proba": True}
    params = {**usual, **case.value_of(case.params)}
    if params.get("random_state") is None:  # the global stream, as in scikit-learn
        params["random_state"] = 0

    def check(result):
        assert result[0].shape[0] == result[1].shape[0]
        assert np.isfinite(result[0]).all() and np.isin(result[1], (0, 1)).all()
        if len(result) == 3:
            assert ((result[2] > 0) & (result[2] < 1)).all(), result[2]

    call = Call(make.__name__, case)
    call("()", lambda: make(**params), check)


PAPER = {
    "id": "1",
    "title": "T",
    "abstract": "A",
    "categories": "cs.LG stat.ML",
    "versions": [{"created": "Mon, 2 Apr 2007 19:18:42 GMT"}],
}
FILMS = """\
imdbId,Imdb Link,Title,IMDB Score,Genre,Poster
1,http://www.imdb.com/title/tt1,"A, b",8.3,Drama|Comedy,http://example.com/1.jpg
2,http://www.imdb.com/title/tt2,B,8.3,,http://example.com/2.jpg
"""
#: The files of each loader; the first one is edited.
FILES = {
    datasets.load_arxiv: {
        "arxiv-metadata-oai-snapshot.json": f"{json.dumps(PAPER)}\n" * 2
    },
    datasets.load_movie_posters: {"MovieGenre.csv": FILMS, "1.jpg": "an image"},
    datasets.load_hallmarks: {
        "labels/1.txt": "<Cellular energetics--a--b ANDResisting cell death< NULL",
        "text/1.txt": "One .\nTwo .\n",
    },
    datasets.load_chemical_exposure: {
        "labels/1.txt": "<exposure routes--oral intake< ",
        "text/1.txt": "One .\nTwo .\n",
    },
}


@fuzz(share=0.05)
@given(st.data())
def test_loaders(data):
    loader = data.draw(st.sampled_from(list(FILES)))
    name, *_ = FILES[loader]
    contents = {name: text.encode() for name, text in FILES[loader].items()}
    contents[name] = data.draw(edited(contents[name]))
    file = Path(name).name
    case = Case({file: Given("odd", "edited", contents[name])}, {}, None)

    def check(bunch):
        assert len(bunch.data) == bunch.target.shape[0]
        assert bunch.target.shape[1] == len(bunch.target_names)

    def check_refused(error):
        has_place = re.search(rf"{file}, line \d+: expected", str(error))
        whole = "has no papers|None of the|more than the 1000|is a gzip file"
        is_whole = re.search(whole, str(error))
        assert has_place or is_whole, f"names no line: {error}"

    with TemporaryDirectory() as folder:
        for name, content in contents.items():
            Path(folder, name).parent.mkdir(exist_ok=True)
            Path(folder, name).write_bytes(content)
        Call(loader.__name__, case)("()", lambda: loader(folder), check, check_refused)


@pytest.mark.skipif(not harness.IS_LONG, reason="only a long run collects failures")
def test_nothing_failed():
    """In a long run the tests above only collect what fails."""
    assert not harness.FAILURES

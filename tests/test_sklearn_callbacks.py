"""Callbacks of scikit-learn: epochs and folds are tasks, wherever a model stands."""

import importlib.util
import pickle
import sys

import numpy as np
import pytest
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from skorch.callbacks import EarlyStopping

from skmultitag import ThresholdedClassifierCV
from skmultitag.neural_network import ModelCheckpoint
from skmultitag.utils import _sklearn_callbacks
from tests.neural_network.common import small


def test_without_callbacks_of_scikit_learn(monkeypatch):
    """As before version 1.9."""
    monkeypatch.setitem(sys.modules, "sklearn.callback", None)
    spec = importlib.util.find_spec(_sklearn_callbacks.__name__)
    bridge = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(bridge)

    class Estimator(bridge.CallbackSupportMixin):
        pass

    assert not hasattr(Estimator, "set_callbacks")
    assert not bridge.has_callbacks(Estimator())
    task = bridge.begin_fit(Estimator(), {}, 3)
    assert bridge.make_task(task, "fold") is None
    with bridge.inner_fit(None, None, Estimator(), {}):
        pass
    bridge.end_fit(task, Estimator(), {})


callback = pytest.importorskip("sklearn.callback")


def path_of(context):
    """Names of the tasks from the outermost one, with numbers of epochs and folds."""
    own = f"{context.estimator_name}:{context.task_name}:{context.task_id}"
    return ([] if context.parent is None else path_of(context.parent)) + [own]


class Recorder:
    """Remembers its calls, and what it was given."""

    def __init__(self, stop_after=None, error_after=None):
        self.stop_after = stop_after
        self.error_after = error_after
        self.calls = []
        self.models = []

    def setup(self, estimator, context):
        self.calls.append(("setup", path_of(context)))

    def teardown(self, estimator, context):
        self.calls.append(("teardown", path_of(context)))

    def on_fit_task_begin(self, estimator, context, *, X=None, y=None, metadata=None):
        self.calls.append(("begin", path_of(context)))

    def on_fit_task_end(
        self, estimator, context, *, X=None, y=None, metadata=None, fitted_estimator
    ):
        self.calls.append(("end", path_of(context)))
        self.X, self.y, self.metadata = X, y, metadata
        if context.task_name == "epoch":
            self.models.append(fitted_estimator)
            if len(self.models) == self.error_after:
                raise RuntimeError("no more")
            return len(self.models) == self.stop_after

    def ended(self, name):
        return [path for hook, path in self.calls if hook == "end" and name in path[-1]]


class Propagated(Recorder):
    max_propagation_depth = None


def test_epochs_are_tasks(multilabel_data):
    X, y, _ = multilabel_data
    recorder = Recorder()
    model = small(max_iter=2).set_callbacks(recorder).fit(X, y)
    fit = ["MultiTagClassifier:fit:0"]
    epochs = [[*fit, f"MultiTagClassifier:epoch:{number}"] for number in range(2)]
    assert recorder.calls == [
        ("setup", fit),
        ("begin", fit),
        ("begin", epochs[0]),
        ("end", epochs[0]),
        ("begin", epochs[1]),
        ("end", epochs[1]),
        ("end", fit),
        ("teardown", fit),
    ]
    assert recorder.X is X and recorder.metadata is None
    np.testing.assert_array_equal(recorder.y, y)
    assert not [name for name in vars(model) if "ctx" in name or "teardown" in name]


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"early_stopping": True, "learning_rate_init": 0.3, "tol": None},
        {"loss": "bayesian_sigmoid_f1", "early_stopping": True, "threshold": 0.5},
        {"loss": "tencent", "threshold": 0.5},
    ],
)
def test_the_model_of_an_epoch_is_that_of_a_shorter_fit(params, multilabel_data):
    """It stays so while the training goes on, which it does not disturb."""
    X, y, _ = multilabel_data
    recorder = Recorder()
    model = small(**params, max_iter=8).set_callbacks(recorder).fit(X, y)
    whole = small(**params, max_iter=8).fit(X, y)
    np.testing.assert_array_equal(model.predict_proba(X), whole.predict_proba(X))
    assert model.loss_curve_ == whole.loss_curve_
    for number, each in enumerate(recorder.models, start=1):
        shorter = small(**params, max_iter=number).fit(X, y)
        margin = shorter.decision_function(X)
        if params.get("loss") != "bayesian_sigmoid_f1":  # whose last draws are more
            np.testing.assert_array_equal(each.decision_function(X), margin)
        assert each.n_iter_ == number == len(each.loss_curve_)
        assert each.validation_scores_ == shorter.validation_scores_
        each.predict(X)


def test_a_callback_stops_the_training(multilabel_data, tmp_path):
    X, y, _ = multilabel_data
    checkpoint = ModelCheckpoint(tmp_path / "model.pkl")
    model = small(early_stopping=True, max_iter=9, callbacks=[checkpoint])
    recorder = Recorder(stop_after=4)
    model.set_callbacks(recorder).fit(X, y)
    shorter = small(early_stopping=True, max_iter=4).fit(X, y)
    np.testing.assert_array_equal(model.predict_proba(X), shorter.predict_proba(X))
    assert model.n_iter_ == 4 and recorder.calls[-1][0] == "teardown"
    # the file has neither the callback nor what is there during a fit
    loaded = pickle.loads((tmp_path / "model.pkl").read_bytes())
    assert not [name for name in vars(loaded) if "callback" in name[1:]]
    assert loaded.fit(X, y).n_iter_ == 9


def test_each_task_that_begins_ends(multilabel_data):
    X, y, _ = multilabel_data
    patience = EarlyStopping("train_loss", threshold=1, patience=2)
    for params, n_epochs in (
        ({"callbacks": [patience]}, 3),
        ({"tol": 100.0, "n_iter_no_change": 2}, 3),
    ):
        recorder = Recorder()
        model = small(**params, max_iter=9).set_callbacks(recorder).fit(X, y)
        assert model.n_iter_ == len(recorder.ended("epoch")) == n_epochs
        begun = [path for hook, path in recorder.calls if hook == "begin"]
        assert sorted(begun) == sorted(recorder.ended(""))


def test_an_error_leaves_the_model_as_it_was(multilabel_data):
    X, y, _ = multilabel_data
    model = small().fit(X, y)
    before, attributes = model.predict_proba(X), set(vars(model))
    recorder = Recorder(error_after=2)
    with pytest.raises(RuntimeError, match="no more"):
        model.set_callbacks(recorder).fit(X, y[:, ::-1])
    np.testing.assert_array_equal(model.predict_proba(X), before)
    assert set(vars(model)) == attributes | {"_skl_callbacks"}
    assert recorder.calls[-1][0] == "teardown"


def test_without_callbacks_there_are_no_tasks(multilabel_data, monkeypatch):
    X, y, _ = multilabel_data
    monkeypatch.setattr(
        callback.CallbackContext, "subcontext", lambda *args, **kwargs: 1 / 0
    )
    small().fit(X, y)


@pytest.mark.parametrize("form", ["tags", "sparse", "classes", "weights"])
def test_scores_for_targets_of_any_form(form, multilabel_data):
    X, y, _ = multilabel_data
    weight = np.linspace(0, 1, len(X)) if form == "weights" else None
    target = {
        "tags": [[f"t{label}" for label in np.flatnonzero(row)] for row in y],
        "sparse": sparse.csr_array(y),
        "classes": np.where(y[:, 0], "yes", "no"),
        "weights": y,
    }[form]
    scoring = "accuracy" if form == "classes" else "f1_macro"
    monitor = callback.ScoringMonitor(scoring=scoring)
    model = small(max_iter=3).set_callbacks(monitor)
    model.fit(X, target, sample_weight=weight)
    log = monitor.get_logs().data
    assert [row["task_name"] for row in log] == ["fit", "epoch", "epoch", "epoch"]
    if form == "classes":
        expected = (model.predict(X) == target).mean()
    else:
        expected = f1_score(y, model.predict(X), average="macro", sample_weight=weight)
    assert log[0][scoring] == pytest.approx(expected)
    assert log[-1][scoring] == pytest.approx(expected)


def test_in_pipelines_and_searches(multilabel_data):
    X, y, _ = multilabel_data
    recorder = Propagated()
    pipeline = make_pipeline(StandardScaler(), small(max_iter=2))
    search = GridSearchCV(
        pipeline, {"multitagclassifier__dropout": [0, 0.5]}, scoring="f1_macro", cv=2
    )
    search.set_callbacks(recorder).fit(X, y)
    epochs = recorder.ended("epoch")
    assert len(epochs) == (2 * 2 + 1) * 2  # candidates, folds and refit, epochs
    assert all(path[0].startswith("GridSearchCV:fit") for path in epochs)
    assert all(path[-2].startswith("MultiTagClassifier:fit") for path in epochs)
    assert len({tuple(path) for path in epochs}) == len(epochs)


@pytest.mark.slow
def test_a_scoring_monitor_in_a_search_in_processes(multilabel_data):
    X, y, _ = multilabel_data
    monitor = callback.ScoringMonitor(scoring="f1_macro")
    model = small(max_iter=2).set_callbacks(monitor)
    GridSearchCV(model, {"dropout": [0, 0.5]}, cv=2, scoring="f1_macro", n_jobs=2).fit(
        X, y
    )
    names = [row["task_name"] for row in monitor.get_logs().data]
    assert names.count("epoch") == (2 * 2 + 1) * 2


@pytest.mark.parametrize("refit", [True, False])
def test_folds_are_tasks(multilabel_data, refit):
    X, y, _ = multilabel_data
    recorder = Propagated()
    cv = 3 if refit else [(np.arange(200), np.arange(200, 300))]
    model = ThresholdedClassifierCV(small(max_iter=2), cv=cv, refit=refit)
    plain = ThresholdedClassifierCV(small(max_iter=2), cv=cv, refit=refit).fit(X, y)
    model.set_callbacks(recorder).fit(X, y)
    np.testing.assert_array_equal(model.threshold_, plain.threshold_)
    np.testing.assert_array_equal(model.predict(X), plain.predict(X))
    outer, inner = "ThresholdedClassifierCV:fit:0", "MultiTagClassifier"
    n_fits = 4 if refit else 1
    assert recorder.ended("epoch") == [
        [outer, f"{inner}:fit:{fit}", f"{inner}:epoch:{epoch}"]
        for fit in range(n_fits)
        for epoch in range(2)
    ]
    assert recorder.calls[-2:] == [("end", [outer]), ("teardown", [outer])]
    for each in (model, model.estimator_):
        assert not [name for name in vars(each) if "ctx" in name]
    assert not hasattr(model.estimator_, "_skl_callbacks")


def test_folds_without_what_is_inside(multilabel_data):
    X, y, _ = multilabel_data
    recorder, monitor = Recorder(), callback.ScoringMonitor(scoring="f1_micro")
    inner = OneVsRestClassifier(LogisticRegression())
    model = ThresholdedClassifierCV(inner, cv=2).set_callbacks(recorder, monitor)
    model.fit(X, y)
    assert [path[-1].partition(":")[2] for path in recorder.ended("")] == [
        "fold:0",
        "fold:1",
        "refit:2",
        "fit:0",
    ]
    score = f1_score(y, model.predict(X), average="micro")
    assert [row["f1_micro"] for row in monitor.get_logs().data] == [score]
    prefit = ThresholdedClassifierCV(model.estimator_, cv="prefit")
    recorder = Recorder()
    prefit.set_callbacks(recorder).fit(X, y)
    assert [hook for hook, _ in recorder.calls] == ["setup", "begin", "end", "teardown"]


def test_folds_in_processes(multilabel_data):
    X, y, _ = multilabel_data
    monitor = callback.ScoringMonitor(scoring="f1_macro")
    inner = small(max_iter=2).set_callbacks(monitor)
    ThresholdedClassifierCV(inner, cv=2, n_jobs=2).fit(X, y)
    data = monitor.get_logs().data  # of one run, as all tasks are parts of one
    assert [row["task_name"] for row in data].count("epoch") == 3 * 2


def test_a_progress_bar(multilabel_data, capsys):
    pytest.importorskip("rich")
    X, y, _ = multilabel_data
    model = ThresholdedClassifierCV(small(max_iter=2), cv=2)
    bar = callback.ProgressBar(max_propagation_depth=None)
    pickle.dumps(model.set_callbacks(bar).fit(X, y))
    printed = capsys.readouterr().out
    assert "ThresholdedClassifierCV" in printed and "MultiTagClassifier" in printed

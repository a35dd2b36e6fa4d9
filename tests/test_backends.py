"""A search has the same scores, and keeps to the cores, wherever joblib runs it."""

import os
import threading
from contextlib import contextmanager, suppress
from unittest import mock

import joblib
import numpy as np
import psutil
import pytest
import torch
from joblib.externals.loky import get_reusable_executor
from sklearn.model_selection import GridSearchCV

from skmultitag import MultiTagClassifier
from skmultitag.metrics import sigmoid_f1_score

N_JOBS = 2


def score(estimator, X, y):
    """A score that each bit of the weights moves, and where it was computed."""
    return {
        "sigmoid_f1": sigmoid_f1_score(y, estimator.decision_function(X)),
        "process": os.getpid(),
        "thread": threading.get_native_id(),
        "n_torch_threads": torch.get_num_threads(),
    }


def search(X, y, n_jobs):
    """The figures of `score` by name, of shape (n_folds, n_candidates)."""
    model = MultiTagClassifier(
        hidden_layer_sizes=16,
        dropout=0.3,
        learning_rate_init=0.03,
        batch_size=64,
        max_iter=5,
        random_state=0,
    )
    grid = {"loss__beta": [0.3, 1.0, 3.0]}
    search = GridSearchCV(model, grid, scoring=score, refit=False, cv=2, n_jobs=n_jobs)
    results = search.fit(X, y).cv_results_
    names = ["sigmoid_f1", "process", "thread", "n_torch_threads"]
    return {
        name: np.array([results[f"split{k}_test_{name}"] for k in range(2)])
        for name in names
    }


@contextmanager
def in_threads():
    with joblib.parallel_config("threading"):
        yield


@contextmanager
def in_loky():
    try:
        # large arrays are read from a file that is mapped into memory: here small too
        with joblib.parallel_config("loky", max_nbytes=1000):
            yield
    finally:
        get_reusable_executor().shutdown(wait=True)


@contextmanager
def in_dask():
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=N_JOBS, threads_per_worker=1, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster),
        joblib.parallel_config("dask"),
    ):
        yield


@contextmanager
def in_ray():
    ray = pytest.importorskip("ray")
    from ray.util.joblib import register_ray

    register_ray()
    bases = joblib.pool.PicklingPool.__bases__
    ray.init(num_cpus=N_JOBS, include_dashboard=False)
    try:
        with joblib.parallel_config("ray"):
            yield
    finally:
        ray.shutdown()
        # the backend of Ray changes this class of joblib
        joblib.pool.PicklingPool.__bases__ = bases


def started_processes():
    """Processes of ours, but for those of Python that clean up at its end."""
    found = set()
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):  # one that has just ended
            if "resource_tracker" not in " ".join(process.cmdline()):
                found.add(process)
    return found


@pytest.fixture(scope="module")
def data(multilabel_data):
    # float64, since torch may have more threads in a worker, and round differently
    X, y, _ = multilabel_data
    return X.astype(np.float64), y


@pytest.fixture(scope="module")
def expected(data):
    return search(*data, n_jobs=None)


def slow(backend):
    return pytest.param(backend, marks=pytest.mark.slow)


@pytest.fixture(
    scope="module", params=[in_threads, slow(in_loky), slow(in_dask), slow(in_ray)]
)
def found(request, data):
    before = started_processes()
    # dask leaves its numbers of threads in the environment
    with mock.patch.dict(os.environ):
        for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
            os.environ.pop(name, None)
        # Ray reports on its use, and keeps a token in the home folder
        os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
        os.environ["RAY_AUTH_TOKEN"] = os.urandom(16).hex()
        with request.param():
            results = search(*data, n_jobs=N_JOBS)
    _, alive = psutil.wait_procs(started_processes() - before, timeout=10)
    return {**results, "left_behind": alive}


def test_scores_are_those_of_a_sequential_search(found, expected):
    theirs = expected["sigmoid_f1"]
    assert len(np.unique(theirs)) == theirs.size
    np.testing.assert_allclose(found["sigmoid_f1"], theirs, rtol=1e-12)


def test_no_fit_runs_in_the_calling_thread(found):
    here = os.getpid(), threading.get_native_id()
    places = set(zip(found["process"].flat, found["thread"].flat, strict=True))
    assert here not in places


def test_threads_of_torch_do_not_outnumber_the_cores(found):
    assert found["n_torch_threads"].max() <= max(joblib.cpu_count() // N_JOBS, 1)


def test_no_process_is_left_behind(found):
    assert not found["left_behind"]

"""Memory of large data, search backends, several processes, many labels, forms of data.

Parts; choose some with ``--only part NAME ...``:

- memory: the most that a fit or a prediction takes, in a process of its own each: of a
  memory map in half precision; of a sparse y with many labels; of predict_proba; of a
  full batch with and without micro_batch_size. It is anonymous memory, which leaves out
  the pages of mapped files, above that at the start, when the data are there and a
  small fit has been made. The first three have a limit; above it the run fails;
- backends: a search over loss__beta with each joblib backend: seconds of the second
  search, and the largest difference of its scores from those without a backend. dask
  and ray are left out where they are not installed;
- processes: two processes of torch.distributed, started with torchrun: the largest
  difference between the gradients of a batch shared by two and those of the same batch
  in one, relative to the largest gradient, for the F1 losses and averages; and seconds
  an epoch with two processes against one, of one thread each;
- labels: `predict_top` against `predict_proba` for very many labels, and memory of a
  training step with and without micro_batch_size. malloc keeps some of what is freed
  in small parts: the last row is without that;
- forms: seconds an epoch with the same X as an array, a memory map, a sparse matrix, a
  DataFrame, and files of zarr and HDF5, where these are installed.

The data are random numbers, or of make_multitag_classification; files are written to
a temporary folder (768 MB for a million rows). Contestants of a ratio run in turn.

Linux only. All is on one thread (of each process), but the backends have the threads
that they give.
"""

import contextlib
import ctypes
import json
import logging
import multiprocessing
import os
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from harness.report import write_frame, write_ratios
from harness.run import main
from harness.timing import compare, machine, seconds_of, threads
from joblib import parallel_config
from scipy import sparse
from sklearn.model_selection import GridSearchCV
from skorch.callbacks import Callback
from torch import distributed

from skmultitag import MultiTagClassifier
from skmultitag.datasets import make_multitag_classification
from skmultitag.losses import (
    AdaptiveSigmoidF1Loss,
    BayesianSigmoidF1Loss,
    SigmoidF1Loss,
    SoftF1Loss,
)

AVERAGES = ("macro", "micro", "samples", "weighted")
MEGABYTE = 2**20
N_FORKS = 2  # processes of a backend, and of torchrun
COLUMNS = (
    "contestant",
    "rival",
    "seconds",
    "ratio",
    "least",
    "largest",
    "megabytes",
    "difference",
    "machine",
)


def make_cases(data_sets, n_seeds, n_rows=1_000_000, n_labels=100_000):
    sizes = {
        "memory": (n_rows, n_labels // 10),
        "backends": (n_rows // 200, 20),
        "processes": (n_rows // 50, 100),
        "labels": (n_rows // 500, n_labels),
        "forms": (n_rows // 50, 20),
    }
    return [
        {
            "part": part,
            "data": f"{rows:,} rows, {labels:,} labels",
            "rows": rows,
            "labels": labels,
            "seed": seed,
        }
        for part, (rows, labels) in sizes.items()
        for seed in range(n_seeds)
    ]


def run_case(data, case):
    rows = MEASURES[case["part"]](case["rows"], case["labels"])
    empty = dict.fromkeys(COLUMNS, "") | {"machine": machine()}
    return [empty | row for row in rows]


# Memory


class PeakMemory(Callback):
    """The most anonymous memory of this process in a block, above that at its start.

    A thread looks every 20 ms; as a callback of a fit, it looks after each batch too.
    """

    def __enter__(self):
        # memory that was freed, but not given back, would be used without being seen
        ctypes.CDLL(None).malloc_trim(0)
        self.start_ = self.peak_ = anonymous_memory()
        self.is_over_ = threading.Event()
        self.thread_ = threading.Thread(target=self.look_again, daemon=True)
        self.thread_.start()
        return self

    def __exit__(self, *exception):
        self.is_over_.set()
        self.thread_.join()
        self.look()

    def look_again(self):
        while not self.is_over_.wait(0.02):
            self.look()

    def look(self):
        self.peak_ = max(self.peak_, anonymous_memory())

    def on_batch_end(self, net, **kwargs):
        self.look()

    @property
    def megabytes(self):
        return (self.peak_ - self.start_) / MEGABYTE

    def __sklearn_clone__(self):
        return self  # the one that is looked at afterwards


def anonymous_memory():
    """Bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if "RssAnon" in line)


def run_alone(function, *arguments):
    """Call the function in a new process, with one thread, and return its result."""
    context = multiprocessing.get_context("spawn")
    start = {"initializer": torch.set_num_threads, "initargs": (1,)}
    with ProcessPoolExecutor(1, mp_context=context, **start) as pool:
        return pool.submit(function, *arguments).result()


def small_fit(model, X, y):
    """What is loaded and allocated once only is there afterwards."""
    params = model.get_params(deep=False)
    few = min(100, X.shape[0])
    return MultiTagClassifier(**params).set_params(max_iter=1).fit(X[:few], y[:few])


def measure_fit(X, y, n_hidden, batch_size, micro_batch_size=None, max_iter=1):
    """Megabytes and seconds of a fit of sigmoid F1."""
    model = MultiTagClassifier(
        hidden_layer_sizes=n_hidden,
        batch_size=batch_size,
        micro_batch_size=micro_batch_size,
        max_iter=max_iter,
        random_state=0,
    )
    small_fit(model, X, y)
    with PeakMemory() as memory:
        model.set_params(callbacks=[memory])
        seconds = seconds_of(partial(model.fit, X, y))
    return memory.megabytes, seconds


def write_memory_map(folder, n_rows, n_features):
    """A file of standard normal numbers in half precision, written in blocks."""
    rng = np.random.default_rng(0)
    path = Path(folder) / "X.npy"
    mapped = np.lib.format.open_memmap(path, "w+", np.float16, (n_rows, n_features))
    for start in range(0, n_rows, 10_000):
        block = mapped[start : start + 10_000]
        block[...] = rng.standard_normal(block.shape, dtype=np.float32)
    mapped.flush()
    return path


def random_targets(n_rows, n_labels, n_of_row=3):
    """Labels of each row at random, in CSR."""
    rng = np.random.default_rng(1)
    columns = rng.integers(n_labels, size=n_of_row * n_rows, dtype=np.int32)
    starts = np.arange(0, len(columns) + 1, n_of_row, dtype=np.int32)
    ones = np.ones(len(columns), np.uint8)
    y = sparse.csr_array((ones, columns, starts), shape=(n_rows, n_labels))
    y.sum_duplicates()
    y.data[:] = 1
    return y


def memory_of_map(path, n_labels):
    X = np.load(path, mmap_mode="r")
    y = random_targets(len(X), n_labels).toarray()
    return measure_fit(X, y, 64, 1024)


def memory_of_sparse_targets(path, n_labels):
    X = np.load(path, mmap_mode="r")
    return measure_fit(X, random_targets(len(X), n_labels), 64, 1024)


def memory_of_proba(n_rows, n_labels):
    """Megabytes and seconds of predict_proba, and megabytes of its result."""
    X = np.random.default_rng(0).standard_normal((n_rows, 384), dtype=np.float32)
    y = random_targets(n_rows, n_labels)
    model = small_fit(MultiTagClassifier(random_state=0), X, y)
    model.predict_proba(X[:10])
    size = 4 * n_rows * n_labels / MEGABYTE
    with PeakMemory() as memory:
        seconds = seconds_of(partial(model.predict_proba, X))
    return memory.megabytes, seconds, size


def memory_of_full_batch(n_rows, micro_batch_size):
    X = np.random.default_rng(0).standard_normal((n_rows, 384), dtype=np.float32)
    y = random_targets(n_rows, 100).toarray()
    return measure_fit(X, y, 256, "full", micro_batch_size, max_iter=2)


def memory_row(name, megabytes, seconds, limit=None):
    """Row of a measure; above the limit it is an error."""
    if limit is not None and megabytes >= limit:
        raise RuntimeError(f"{name}: {megabytes:.0f} MB, the limit is {limit:.0f} MB")
    return {"contestant": name, "seconds": seconds, "megabytes": megabytes}


def measure_memory(n_rows, n_labels):
    with tempfile.TemporaryDirectory() as folder:
        path = write_memory_map(folder, n_rows, 384)
        name = f"float16 memory map, {n_rows:,} x 384 -> 64 -> 20"
        yield memory_row(name, *run_alone(memory_of_map, path, 20), limit=300)
        path = write_memory_map(folder, n_rows, 64)
        name = f"sparse y, {n_rows:,} x 64 -> 64 -> {n_labels:,}"
        result = run_alone(memory_of_sparse_targets, path, n_labels)
        yield memory_row(name, *result, limit=2048)

    few, n_labels = n_rows // 50, n_labels // 10
    peak, seconds, size = run_alone(memory_of_proba, few, n_labels)
    name = f"predict_proba, {few:,} x 384 -> {n_labels:,}, {size:.0f} MB"
    # a small result has less than the block of rows that is predicted at once
    yield memory_row(name, peak, seconds, limit=2 * size if size >= 50 else None)

    n_rows = n_rows // 10
    for micro_batch_size in (None, 4096):
        name = f"full batch, {n_rows:,} x 384 -> 256 -> 100"
        name += f", micro_batch_size={micro_batch_size}"
        result = run_alone(memory_of_full_batch, n_rows, micro_batch_size)
        yield memory_row(name, *result)


# Backends of a search


@contextlib.contextmanager
def dask_backend():
    from dask.distributed import Client, LocalCluster

    with (
        LocalCluster(
            n_workers=N_FORKS, threads_per_worker=1, dashboard_address=None
        ) as own,
        Client(own),
        parallel_config("dask"),
    ):
        yield


@contextlib.contextmanager
def ray_backend():
    import ray
    from ray.util.joblib import register_ray

    register_ray()
    ray.init(
        num_cpus=N_FORKS,
        include_dashboard=False,
        log_to_driver=False,
        logging_level=logging.ERROR,
    )
    try:
        with parallel_config("ray", n_jobs=N_FORKS):
            yield
    finally:
        ray.shutdown()


BACKENDS = {
    "sequential": lambda: parallel_config("sequential"),
    "threading": lambda: parallel_config("threading", n_jobs=N_FORKS),
    "loky": lambda: parallel_config("loky", n_jobs=N_FORKS),
    "dask": dask_backend,
    "ray": ray_backend,
}


def measure_backends(n_rows, n_labels):
    X, y = make_multitag_classification(n_rows, 64, n_labels, random_state=0)
    X = X.astype(np.float32)
    model = MultiTagClassifier(max_iter=20, random_state=0)
    grid = {"loss__beta": [0.5, 1.0, 2.0, 4.0]}
    search = GridSearchCV(model, grid, scoring="f1_macro", cv=2, refit=False)
    expected = alone = None
    for name, backend in BACKENDS.items():
        package = {"dask": "distributed"}.get(name, name)
        if name in ("dask", "ray") and find_spec(package) is None:
            continue
        with backend():
            search.fit(X, y)  # starts the workers
            seconds = seconds_of(partial(search.fit, X, y))
        scores = scores_of_folds(search)
        if expected is None:
            expected, alone = scores, seconds
        yield {
            "contestant": name,
            "rival": "sequential",
            "seconds": seconds,
            **dict.fromkeys(("ratio", "least", "largest"), seconds / alone),
            "difference": np.abs(scores - expected).max(),
        }


def scores_of_folds(search):
    return np.array([search.cv_results_[f"split{fold}_test_score"] for fold in (0, 1)])


# Several processes


def measure_processes(n_rows, n_labels):
    """Rows of the first of two processes, which run this file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.json"
        command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
        command += ["--nproc-per-node", str(N_FORKS), __file__, "--is-one-of-two"]
        command += [str(n_rows), str(n_labels), str(path)]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        subprocess.run(command, check=True, env=environment)
        return json.loads(path.read_text())


def run_as_one_of_two(n_rows, n_labels, path):
    """What each of the processes does; the first one writes the rows."""
    distributed.init_process_group("gloo")
    try:
        with threads(1):
            rows = [*compare_gradients(), *time_processes(int(n_rows), int(n_labels))]
        if distributed.get_rank() == 0:
            Path(path).write_text(json.dumps(rows))
    finally:
        distributed.destroy_process_group()


class KeepGradients(Callback):
    """Keeps the gradients of the last step."""

    def on_grad_computed(self, net, named_parameters, **kwargs):
        self.gradients_ = [
            parameter.grad.numpy().copy()
            for _, parameter in named_parameters
            if parameter.grad is not None
        ]

    def __sklearn_clone__(self):
        return self


def gradients_of_step(loss, X, y, is_shared):
    """Of the first step of a fit, with all rows in one batch."""
    callback = KeepGradients()
    MultiTagClassifier(
        loss,
        hidden_layer_sizes=64,
        batch_size="full",
        max_iter=1,
        callbacks=[callback],
        distributed=is_shared,
        random_state=0,
    ).fit(X, y)
    return callback.gradients_


def compare_gradients():
    """Of 2 x 128 rows, against 1 x 256."""
    X, y = make_multitag_classification(256, 32, 20, random_state=0)
    losses = {
        f"{type_of_loss.__name__}, {average}": type_of_loss(average=average)
        for type_of_loss in (SoftF1Loss, SigmoidF1Loss, AdaptiveSigmoidF1Loss)
        for average in AVERAGES
    }
    # it has no other average
    losses["BayesianSigmoidF1Loss, macro"] = BayesianSigmoidF1Loss()
    rows = []
    for name, loss in losses.items():
        for dtype in ("float64", "float32"):
            shared, alone = (
                gradients_of_step(loss, X.astype(dtype), y, is_shared)
                for is_shared in (True, False)
            )
            worst = max(map(relative_difference, shared, alone))
            rows.append({"contestant": f"{name}, {dtype}", "difference": float(worst)})
    return rows


def relative_difference(value, expected):
    return np.abs(value - expected).max() / np.abs(expected).max()


def time_processes(n_rows, n_labels):
    """Of a small step, most of which is waiting for messages, and of a large one."""
    n_epochs = 3
    X, y = make_multitag_classification(n_rows, 384, n_labels, random_state=0)
    X = X.astype(np.float32)
    rows = []
    for n_hidden, batch_size in ((256, 256), (1024, 2048)):
        params = {"hidden_layer_sizes": n_hidden, "batch_size": batch_size}
        params |= {"max_iter": n_epochs, "tol": None, "random_state": 0}

        def fit(is_shared, params=params):
            distributed.barrier()
            # the second process waits while the first one trains alone
            if is_shared or distributed.get_rank() == 0:
                MultiTagClassifier(distributed=is_shared, **params).fit(X, y)
            distributed.barrier()

        size = f"384 -> {n_hidden:,} -> {n_labels}, batch {batch_size:,}"
        one, two = f"1 process, {size}", f"2 processes, {size}"
        contestants = {one: partial(fit, False), two: partial(fit, True)}
        rows += compare(contestants, [(two, one)], n_units=n_epochs)
    return rows


# Very many labels


def make_rows_of_many_labels(n_rows, n_labels):
    """Few rows that have all labels between them: every label is trained."""
    X = np.random.default_rng(0).standard_normal((n_rows, 32), dtype=np.float32)
    columns = np.arange(n_labels, dtype=np.int32)
    places = columns * n_rows // n_labels, columns
    y = sparse.coo_array((np.ones(n_labels, np.uint8), places), (n_rows, n_labels))
    return X, y.tocsr()


def measure_prediction(method, n_rows, n_labels):
    """Megabytes and seconds of predict_top or predict_proba."""
    X, y = make_rows_of_many_labels(500, n_labels)
    model = MultiTagClassifier(hidden_layer_sizes=32, max_iter=1, random_state=0)
    model.fit(X, y)
    X = np.random.default_rng(1).standard_normal((n_rows, 32), dtype=np.float32)
    arguments = (10,) if method == "predict_top" else ()
    predict = partial(getattr(model, method), X, *arguments)
    getattr(model, method)(X[:10], *arguments)
    with PeakMemory() as memory:
        seconds = seconds_of(predict)
    return memory.megabytes, seconds


def measure_step(n_labels, micro_batch_size, gives_back):
    X, y = make_rows_of_many_labels(256, n_labels)
    if gives_back:
        threshold_for_pages_of_its_own = -3
        ctypes.CDLL(None).mallopt(threshold_for_pages_of_its_own, MEGABYTE)
    return measure_fit(X, y, 32, 256, micro_batch_size, max_iter=2)


def measure_labels(n_rows, n_labels):
    for method in ("predict_top", "predict_proba"):
        result = run_alone(measure_prediction, method, n_rows, n_labels)
        yield memory_row(method, *result)
    one = 4 * 256 * n_labels / MEGABYTE
    for micro_batch_size, gives_back in ((None, False), (32, False), (32, True)):
        name = f"two steps of 256 rows, logits {one:.0f} MB"
        name += f", micro_batch_size={micro_batch_size}"
        name += ", malloc gives back at once" * gives_back
        result = run_alone(measure_step, n_labels, micro_batch_size, gives_back)
        yield memory_row(name, *result)


# Forms of X


def make_forms(X, folder):
    """The same numbers in many forms, by name."""
    np.save(folder / "X.npy", X.astype(np.float16))
    forms = {
        "float32 array": X,
        "float16 memory map": np.load(folder / "X.npy", mmap_mode="r"),
        "CSR": sparse.csr_array(X),
        "DataFrame": pd.DataFrame(X),
    }
    if find_spec("zarr"):
        import zarr

        zarr.save_array(str(folder / "X.zarr"), X)
        forms["zarr"] = zarr.open_array(str(folder / "X.zarr"), mode="r")
    if find_spec("h5py"):
        import h5py

        with h5py.File(folder / "X.h5", "w") as file:
            file.create_dataset("X", data=X)
        forms["HDF5"] = h5py.File(folder / "X.h5", "r")["X"]
    return forms


def measure_forms(n_rows, n_labels):
    n_epochs = 5
    X, y = make_multitag_classification(n_rows, 384, n_labels, random_state=0)
    X = X.astype(np.float32)
    # nine of ten are 0, for the sparse matrix, and the same in all forms
    X *= np.random.default_rng(0).random(X.shape) < 0.1
    params = {"hidden_layer_sizes": 64, "max_iter": n_epochs, "tol": None}
    model = MultiTagClassifier(random_state=0, **params)
    with tempfile.TemporaryDirectory() as folder:
        forms = make_forms(X, Path(folder))
        contestants = {
            name: partial(model.fit, form, y) for name, form in forms.items()
        }
        first, *others = contestants
        pairs = [(other, first) for other in others]
        return compare(contestants, pairs, n_units=n_epochs)


MEASURES = {
    "memory": measure_memory,
    "backends": measure_backends,
    "processes": measure_processes,
    "labels": measure_labels,
    "forms": measure_forms,
}


def report(table, folder):
    """Ratios; memory; and the largest differences from the results without sharing."""
    write_ratios(folder, table.dropna(subset="ratio"))
    for column, style in (("megabytes", "{:.0f}"), ("difference", "{:.0e}")):
        part = table.dropna(subset=column)
        largest = part.groupby(["part", "contestant"], sort=False)[[column]].max()
        write_frame(folder / f"scale_{column}.rst", largest.map(style.format))


if __name__ == "__main__":
    if "--is-one-of-two" in sys.argv:  # started by torchrun
        run_as_one_of_two(*sys.argv[sys.argv.index("--is-one-of-two") + 1 :])
    else:
        main(__doc__, make_cases, run_case, report, load=None, n_seeds=1, is_timed=True)

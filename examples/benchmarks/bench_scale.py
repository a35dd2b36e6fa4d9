"""Memory of large data, search backends, several processes, many labels, forms of data.

Parts, chosen with --parts:

- memory: the most that a fit or a prediction takes, in a process of its own each: of a
  memory map in half precision; of a sparse y with many labels; of predict_proba; of a
  full batch with and without micro_batch_size. It is anonymous memory, which leaves out
  the pages of mapped files, above that at the start, when the data are there and a
  small fit has been made. The first three have a limit; above it the script fails in
  the end;
- backends: a search over loss__beta with each joblib backend: seconds of the second
  search, and the largest difference of its scores from those without a backend. dask
  and ray are left out where they are not installed;
- processes: two processes of torch.distributed, started with torchrun: the largest
  difference between the gradients of a batch shared by two and those of the same batch
  in one, relative to the largest gradient, for the F1 losses and averages; and seconds
  an epoch with two processes against one, of one thread each;
- labels: `predict_top` against `predict_proba` for very many labels, and memory of a
  training step with and without micro_batch_size. malloc keeps some of what is freed
  in small parts: the last line is without that;
- forms: seconds an epoch with the same X as an array, a memory map, a sparse matrix, a
  DataFrame, and files of zarr and HDF5, where these are installed.

The data are random numbers, or of make_multitag_classification; files are written to
a temporary folder (768 MB for a million rows). Contestants of a ratio run in turn; the
median, least and largest ratio over the turns are printed.

Linux only. All is on one thread (of each process), but the backends have the threads
that they give. With fewer rows and labels all parts are scaled down.

Run: python examples/benchmarks/bench_scale.py [--parts memory backends processes labels
forms] [--rows 1000000] [--labels 100000] [--turns 5]
"""

import argparse
import contextlib
import ctypes
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
import torch
from joblib import Parallel, delayed, parallel_config
from scipy import sparse
from sklearn.model_selection import GridSearchCV
from skorch.callbacks import Callback
from timing import (
    print_ratios,
    print_seconds,
    print_versions,
    run_in_turn,
    seconds_of,
    threads,
)
from torch import distributed

from skmultitag import MultiTagClassifier
from skmultitag.datasets import make_multitag_classification
from skmultitag.losses import (
    AdaptiveSigmoidF1Loss,
    BayesianSigmoidF1Loss,
    SigmoidF1Loss,
    SoftF1Loss,
)

N_ROWS, N_LABELS = 1_000_000, 100_000
AVERAGES = ("macro", "micro", "samples", "weighted")
MEGABYTE = 2**20


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
    """Megabytes of predict_proba, and of its result."""
    X = np.random.default_rng(0).standard_normal((n_rows, 384), dtype=np.float32)
    y = random_targets(n_rows, n_labels)
    model = small_fit(MultiTagClassifier(random_state=0), X, y)
    model.predict_proba(X[:10])
    with PeakMemory() as memory:
        proba = model.predict_proba(X)
    return memory.megabytes, proba.nbytes / MEGABYTE


def memory_of_full_batch(n_rows, micro_batch_size):
    X = np.random.default_rng(0).standard_normal((n_rows, 384), dtype=np.float32)
    y = random_targets(n_rows, 100).toarray()
    return measure_fit(X, y, 256, "full", micro_batch_size, max_iter=2)


def print_memory(name, megabytes, seconds, limit=None):
    """One line; returns whether the limit is kept."""
    is_kept = limit is None or megabytes < limit
    text = f"  {name:50} {megabytes:8.0f} MB in {seconds:6.1f} s"
    if limit is not None:
        text += f", {'below' if is_kept else 'NOT BELOW'} {limit} MB"
    print(text, flush=True)
    return is_kept


def bench_memory(arguments):
    n_rows = arguments.rows
    print("\nmemory, above that before the fit; sigmoid F1, batch 1,024, one epoch")
    with tempfile.TemporaryDirectory() as folder:
        path = write_memory_map(folder, n_rows, 384)
        result = run_alone(memory_of_map, path, 20)
        name = f"float16 memory map, {n_rows:,} x 384 -> 64 -> 20"
        are_kept = [print_memory(name, *result, limit=300)]
        path = write_memory_map(folder, n_rows, 64)
        n_labels = arguments.labels // 10
        result = run_alone(memory_of_sparse_targets, path, n_labels)
        name = f"sparse y, {n_rows:,} x 64 -> 64 -> {n_labels:,}"
        are_kept.append(print_memory(name, *result, limit=2048))

    n_rows, n_labels = arguments.rows // 50, arguments.labels // 100
    peak, size = run_alone(memory_of_proba, n_rows, n_labels)
    print(
        f"  predict_proba of {n_rows:,} rows x {n_labels:,} labels: {peak:.0f} MB,"
        f" {peak / size:.2f} of the result, which must be below 2 if that is large"
    )
    # a small result has less than the block of rows that is predicted at once
    are_kept.append(peak < 2 * size or size < 50)

    n_rows = arguments.rows // 10
    print(f"memory of a full batch, {n_rows:,} x 384 -> 256 -> 100, two epochs")
    for micro_batch_size in (None, 4096):
        result = run_alone(memory_of_full_batch, n_rows, micro_batch_size)
        print_memory(f"micro_batch_size={micro_batch_size}", *result)
    return all(are_kept)


# Backends of a search


@contextlib.contextmanager
def dask_backend():
    from dask.distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as own,
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
        num_cpus=2,
        include_dashboard=False,
        log_to_driver=False,
        logging_level=logging.ERROR,
    )
    try:
        with parallel_config("ray", n_jobs=2):
            yield
    finally:
        ray.shutdown()


BACKENDS = {
    "sequential": lambda: parallel_config("sequential"),
    "threading": lambda: parallel_config("threading", n_jobs=2),
    "loky": lambda: parallel_config("loky", n_jobs=2),
    "dask": dask_backend,
    "ray": ray_backend,
}


def bench_backends(arguments):
    n_rows = arguments.rows // 200
    X, y = make_multitag_classification(n_rows, 64, 20, random_state=0)
    X = X.astype(np.float32)
    model = MultiTagClassifier(max_iter=20, random_state=0)
    grid = {"loss__beta": [0.5, 1.0, 2.0, 4.0]}
    search = GridSearchCV(model, grid, scoring="f1_macro", cv=2, refit=False)
    print(f"\nbackends, 8 fits of {n_rows // 2:,} x 64 -> 256 -> 20, 20 epochs")
    expected = None
    for name, backend in BACKENDS.items():
        package = {"dask": "distributed"}.get(name, name)
        if name in ("dask", "ray") and find_spec(package) is None:
            print(f"  {name}: not installed")
            continue
        with backend():
            search.fit(X, y)  # starts the workers
            seconds = seconds_of(partial(search.fit, X, y))
            calls = [delayed(torch.get_num_threads)()] * 4
            n_threads = sorted(set(Parallel()(calls)))
        scores = scores_of_folds(search)
        expected = scores if expected is None else expected
        print(
            f"  {name:12} {seconds:6.2f} s, largest difference of scores"
            f" {np.abs(scores - expected).max():.0e}, torch threads"
            f" {', '.join(map(str, n_threads))}",
            flush=True,
        )


def scores_of_folds(search):
    return np.array([search.cv_results_[f"split{fold}_test_score"] for fold in (0, 1)])


# Several processes


def bench_processes(arguments):
    print("\nprocesses", flush=True)
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += ["--nproc-per-node", "2", __file__, "--is-started-by-torchrun"]
    command += ["--rows", str(arguments.rows), "--turns", str(arguments.turns)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    subprocess.run(command, check=True, env=environment)


def run_as_one_of_two(arguments):
    """What each of the processes does; the first one prints."""
    distributed.init_process_group("gloo")
    try:
        with threads(1):
            compare_gradients()
            time_processes(arguments)
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
    X, y = make_multitag_classification(256, 32, 20, random_state=0)
    losses = {
        f"{type_of_loss.__name__}, {average}": type_of_loss(average=average)
        for type_of_loss in (SoftF1Loss, SigmoidF1Loss, AdaptiveSigmoidF1Loss)
        for average in AVERAGES
    }
    # it has no other average
    losses["BayesianSigmoidF1Loss, macro"] = BayesianSigmoidF1Loss()
    say("largest relative difference of gradients, 2 x 128 rows from 1 x 256")
    say(f"  {'':40} float64  float32")
    for name, loss in losses.items():
        differences = []
        for dtype in (np.float64, np.float32):
            shared, alone = (
                gradients_of_step(loss, X.astype(dtype), y, is_shared)
                for is_shared in (True, False)
            )
            differences.append(max(map(relative_difference, shared, alone)))
        say(f"  {name:40} " + "  ".join(f"{value:7.0e}" for value in differences))


def relative_difference(value, expected):
    return np.abs(value - expected).max() / np.abs(expected).max()


def time_processes(arguments):
    """Of a small step, most of which is waiting for messages, and of a large one."""
    n_rows, n_epochs = arguments.rows // 50, 3
    X, y = make_multitag_classification(n_rows, 384, 100, random_state=0)
    X = X.astype(np.float32)
    pairs = [("2 processes", "1 process")]
    for n_hidden, batch_size in ((256, 256), (1024, 2048)):
        params = {"hidden_layer_sizes": n_hidden, "batch_size": batch_size}
        params |= {"max_iter": n_epochs, "tol": None, "random_state": 0}

        def fit(is_shared, params=params):
            distributed.barrier()
            # the second process waits while the first one trains alone
            if is_shared or distributed.get_rank() == 0:
                MultiTagClassifier(distributed=is_shared, **params).fit(X, y)
            distributed.barrier()

        contestants = {
            "1 process": partial(fit, False),
            "2 processes": partial(fit, True),
        }
        seconds = run_in_turn(contestants, arguments.turns, n_epochs)
        if distributed.get_rank() == 0:
            size = f"{n_rows:,} x 384 -> {n_hidden:,} -> 100, batch {batch_size:,}"
            print_seconds(f"fit, {size}: s an epoch", seconds)
            print_ratios(seconds, pairs)


def say(text):
    if distributed.get_rank() == 0:
        print(text, flush=True)


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


def bench_labels(arguments):
    n_rows, n_labels = arguments.rows // 500, arguments.labels
    one = 4 * n_rows * n_labels / MEGABYTE
    print(f"\nlabels, {n_rows:,} rows x {n_labels:,} labels, {one:.0f} MB in float32")
    for method in ("predict_top", "predict_proba"):
        print_memory(method, *run_alone(measure_prediction, method, n_rows, n_labels))
    one = 4 * 256 * n_labels / MEGABYTE
    print(
        f"two steps of 256 rows, 32 -> 32 -> {n_labels:,}; one array of logits has"
        f" {one:.0f} MB"
    )
    for micro_batch_size, gives_back in ((None, False), (32, False), (32, True)):
        name = f"micro_batch_size={micro_batch_size}"
        name += ", malloc gives back at once" * gives_back
        result = run_alone(measure_step, n_labels, micro_batch_size, gives_back)
        print_memory(name, *result)
        print(f"    which is {result[0] / one:.1f} arrays of logits")


# Forms of X


def make_forms(X, folder):
    """The same numbers in many forms, by name."""
    import pandas as pd

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


def bench_forms(arguments):
    n_rows, n_epochs = arguments.rows // 50, 5
    X, y = make_multitag_classification(n_rows, 384, 20, random_state=0)
    X = X.astype(np.float32)
    # nine of ten are 0, for the sparse matrix, and the same in all forms
    X *= np.random.default_rng(0).random(X.shape) < 0.1
    params = {"hidden_layer_sizes": 64, "max_iter": n_epochs, "tol": None}

    def fit(form):
        MultiTagClassifier(random_state=0, **params).fit(form, y)

    with tempfile.TemporaryDirectory() as folder, threads(1):
        forms = make_forms(X, Path(folder))
        contestants = {name: partial(fit, form) for name, form in forms.items()}
        seconds = run_in_turn(contestants, arguments.turns, n_epochs)
    print_seconds(f"forms, {n_rows:,} x 384 -> 64 -> 20: s an epoch", seconds)
    first, *others = forms
    print_ratios(seconds, [(other, first) for other in others])
    for package in ("zarr", "h5py"):
        if find_spec(package) is None:
            print(f"  {package}: not installed")


PARTS = {
    "memory": bench_memory,
    "backends": bench_backends,
    "processes": bench_processes,
    "labels": bench_labels,
    "forms": bench_forms,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--rows", type=int, default=N_ROWS, help="fewer, for a try")
    parser.add_argument("--labels", type=int, default=N_LABELS, help="fewer, for a try")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument(
        "--is-started-by-torchrun", action="store_true", help=argparse.SUPPRESS
    )
    arguments = parser.parse_args()
    if arguments.is_started_by_torchrun:
        run_as_one_of_two(arguments)
        return
    print_versions()
    results = [PARTS[part](arguments) for part in arguments.parts]
    if False in results:
        sys.exit("memory: a limit is not kept")


if __name__ == "__main__":
    main()

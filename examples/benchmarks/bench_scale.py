"""Memory of large data and of many labels, several processes, forms of data.

Parts; choose some with ``--only part NAME ...``:

- memory: the most that a call takes, in a process of its own each: a fit of a memory
  map in half precision; of a sparse y with many labels; predict_proba; a full batch
  with and without micro_batch_size; with very many labels `predict_top` and
  `predict_proba`, and a training step with and without micro_batch_size. It is
  anonymous memory, which leaves out the pages of mapped files, above that at the start,
  when the data are there and a small fit has been made. The first three have a limit;
  above it the run fails. malloc keeps some of what is freed in small parts: the last
  row is without that;
- processes: two processes of torch.distributed, started with torchrun: seconds an epoch
  against one process, of one thread each, for a small and a large step;
- forms: seconds an epoch with the same X as an array, a memory map, a sparse matrix, a
  DataFrame, and files of zarr and HDF5, where these are installed.

The data are random numbers, or of make_multitag_classification; files are written to
a temporary folder (768 MB for a million rows). Contestants of a ratio run in turn.
Linux only.
"""

import ctypes
import json
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
from scipy import sparse
from torch import distributed

from skmultitag import MultiTagClassifier
from skmultitag.datasets import make_multitag_classification

MEGABYTE = 2**20
N_PROCESSES = 2
IS_STARTED = "--is-started-by-torchrun"
COLUMNS = ("contestant", "rival", "seconds", "ratio", "least", "largest", "megabytes")


def make_cases(data_sets, n_seeds):
    sizes = {
        "memory": (1_000_000, 100_000),
        "processes": (20_000, 100),
        "forms": (20_000, 20),
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


def measure(function):
    """Megabytes that a call takes at most, above those at its start, and seconds."""
    # memory that was freed, but not given back, would be used without being seen
    ctypes.CDLL(None).malloc_trim(0)
    seen, is_over = [anonymous_memory()], threading.Event()

    def look():
        while not is_over.wait(0.005):
            seen.append(anonymous_memory())

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        seconds = seconds_of(function)
    finally:
        is_over.set()
        thread.join()
    return (max(*seen, anonymous_memory()) - seen[0]) / MEGABYTE, seconds


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


def random_rows(n_rows, n_features):
    return np.random.default_rng(0).standard_normal((n_rows, n_features), np.float32)


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


def rows_of_many_labels(n_rows, n_labels):
    """Few rows that have all labels between them: every label is trained."""
    columns = np.arange(n_labels, dtype=np.int32)
    places = columns * n_rows // n_labels, columns
    y = sparse.coo_array((np.ones(n_labels, np.uint8), places), (n_rows, n_labels))
    return random_rows(n_rows, 32), y.tocsr()


def memory_of_fit(X, y, **params):
    model = MultiTagClassifier(random_state=0, **params)
    # what is loaded and allocated once only is there afterwards
    few = min(100, X.shape[0])
    MultiTagClassifier(**params | {"max_iter": 1}).fit(X[:few], y[:few])
    return measure(partial(model.fit, X, y))


def memory_of_map(path, n_labels, is_dense):
    X = np.load(path, mmap_mode="r")
    y = random_targets(len(X), n_labels)
    y = y.toarray() if is_dense else y
    params = {"hidden_layer_sizes": 64, "batch_size": 1024, "max_iter": 1}
    return memory_of_fit(X, y, **params)


def memory_of_full_batch(n_rows, micro_batch_size):
    y = random_targets(n_rows, 100).toarray()
    params = {"batch_size": "full", "micro_batch_size": micro_batch_size}
    return memory_of_fit(random_rows(n_rows, 384), y, max_iter=2, **params)


def memory_of_prediction(method, n_rows, n_features, n_labels):
    X, y = rows_of_many_labels(500, n_labels)
    X = np.tile(X, (1, n_features // 32))
    model = MultiTagClassifier(hidden_layer_sizes=32, max_iter=1, random_state=0)
    predict = getattr(model.fit(X, y), method)
    arguments = (10,) if method == "predict_top" else ()
    predict(X[:10], *arguments)
    return measure(partial(predict, random_rows(n_rows, n_features), *arguments))


def memory_of_step(n_labels, micro_batch_size, gives_back):
    X, y = rows_of_many_labels(256, n_labels)
    if gives_back:
        threshold_for_pages_of_its_own = -3
        ctypes.CDLL(None).mallopt(threshold_for_pages_of_its_own, MEGABYTE)
    params = {"hidden_layer_sizes": 32, "batch_size": 256, "max_iter": 2}
    return memory_of_fit(X, y, micro_batch_size=micro_batch_size, **params)


def measure_memory(n_rows, n_labels):
    with tempfile.TemporaryDirectory() as folder:
        for n_features, labels, form, limit in (
            (384, 20, "dense", 300),
            (64, n_labels // 10, "sparse", 2048),
        ):
            path = write_memory_map(folder, n_rows, n_features)
            found = run_alone(memory_of_map, path, labels, form == "dense")
            name = f"memory map, {n_rows:,} x {n_features} -> 64 -> {labels:,}, {form}"
            yield memory_row(f"{name} y", *found, limit)

    proba, top = "predict_proba", "predict_top"
    many, some, few = n_rows // 10, n_rows // 50, n_rows // 500
    size = 4 * some * n_labels // 100 / MEGABYTE
    # a small result has less than the block of rows that is predicted at once
    limits = {(proba, some): 2 * size if size >= 50 else None}
    for method, rows, n_features, labels in (
        (proba, some, 384, n_labels // 100),
        (proba, few, 32, n_labels),
        (top, few, 32, n_labels),
    ):
        found = run_alone(memory_of_prediction, method, rows, n_features, labels)
        name = f"{method}, {rows:,} rows, {labels:,} labels"
        yield memory_row(name, *found, limits.get((method, rows)))

    for micro in (None, 4096):
        name = f"full batch, {many:,} x 384 -> 256 -> 100, micro_batch_size={micro}"
        yield memory_row(name, *run_alone(memory_of_full_batch, many, micro))
    for micro, gives_back in ((None, False), (32, False), (32, True)):
        name = f"batch of 256, {n_labels:,} labels, micro_batch_size={micro}"
        name += ", malloc gives back at once" * gives_back
        found = run_alone(memory_of_step, n_labels, micro, gives_back)
        yield memory_row(name, *found)


def memory_row(name, megabytes, seconds, limit=None):
    """Row of a measure; above the limit it is an error."""
    if limit is not None and megabytes >= limit:
        raise RuntimeError(f"{name}: {megabytes:.0f} MB, the limit is {limit:.0f} MB")
    return {"contestant": name, "seconds": seconds, "megabytes": megabytes}


# Several processes


def measure_processes(n_rows, n_labels):
    """Rows of the first of two processes, which run this file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.json"
        command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
        command += ["--nproc-per-node", str(N_PROCESSES), __file__, IS_STARTED]
        command += [str(n_rows), str(n_labels), str(path)]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        subprocess.run(command, check=True, env=environment)
        return json.loads(path.read_text())


def run_as_one_of_two(n_rows, n_labels, path):
    """What each of the processes does; the first one writes the rows."""
    distributed.init_process_group("gloo")
    try:
        with threads(1):
            rows = time_processes(int(n_rows), int(n_labels))
        if distributed.get_rank() == 0:
            Path(path).write_text(json.dumps(rows))
    finally:
        distributed.destroy_process_group()


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
    "processes": measure_processes,
    "forms": measure_forms,
}


def report(table, folder):
    write_ratios(folder, table.dropna(subset="ratio"))
    memory = table.dropna(subset="megabytes").groupby("contestant", sort=False)
    text = memory[["megabytes"]].max().map("{:.0f}".format)
    write_frame(folder / "memory.rst", text)


if __name__ == "__main__":
    if IS_STARTED in sys.argv:
        run_as_one_of_two(*sys.argv[sys.argv.index(IS_STARTED) + 1 :])
    else:
        main(__doc__, make_cases, run_case, report, load=None, n_seeds=1, is_timed=True)

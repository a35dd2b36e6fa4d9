"""Time and memory of the samplers.

Features are standard normal in float32. Labels are independent, with frequencies that
fall geometrically from 30 % to 0.1 %. The target is a dense array, and then sparse,
which must give the same rows. Memory is the largest that is allocated beyond the data,
the resampled data included, as a multiple of the size of X.

Run: python examples/benchmarks/bench_sampling_speed.py [--rows 100000] [--features 384]
[--labels 200] [--samplers MLROS,MLTL] [--turns 3]
"""

import argparse
import time
import tracemalloc

import numpy as np
from scipy import sparse

from skmultitag.sampling import (
    MLROS,
    MLRUS,
    MLSMOTE,
    MLTL,
    REMEDIAL,
    imbalance_ratio_per_label,
    mean_imbalance_ratio,
    scumble,
)


def make_data(n_rows, n_features, n_labels):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n_rows, n_features), dtype=np.float32)
    frequency = np.geomspace(0.3, 0.001, n_labels)
    y = np.empty((n_rows, n_labels), dtype=np.uint8)
    for label in range(n_labels):
        y[:, label] = rng.random(n_rows) < frequency[label]
    return X, y


def seconds(function, turns):
    times = []
    for _ in range(turns):
        start = time.perf_counter()
        result = function()
        times.append(time.perf_counter() - start)
    return np.median(times), result


def memory(function, size):
    tracemalloc.start()
    function()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / size


def main():
    samplers = [
        MLROS(random_state=0),
        MLRUS(random_state=0),
        MLSMOTE(random_state=0),
        REMEDIAL(),
        MLTL(),
    ]
    names = [type(sampler).__name__ for sampler in samplers]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--features", type=int, default=384)
    parser.add_argument("--labels", type=int, default=200)
    parser.add_argument("--samplers", default=",".join(names))
    parser.add_argument("--turns", type=int, default=1)
    parser.add_argument("--memory", action="store_true", help="one more turn for it")
    arguments = parser.parse_args()

    X, y = make_data(arguments.rows, arguments.features, arguments.labels)
    y_sparse = sparse.csr_array(y)
    print(
        f"{arguments.rows:,} rows x {arguments.features} features (float32),"
        f" {arguments.labels} labels, {y_sparse.nnz / arguments.rows:.1f} a row"
    )
    for measure in (imbalance_ratio_per_label, mean_imbalance_ratio, scumble):
        times = [
            seconds(lambda measure=measure, y=y: measure(y), arguments.turns)[0]
            for y in (y, y_sparse)
        ]
        print(f"{measure.__name__}: {times[0]:.2f} s, sparse {times[1]:.2f} s")
    for name, sampler in zip(names, samplers, strict=True):
        if name not in arguments.samplers.split(","):
            continue

        def resample(y, sampler=sampler):
            return sampler.fit_resample(X, y)

        time_dense, dense = seconds(lambda: resample(y), arguments.turns)
        n_rows = len(dense[0])
        line = f"{name}: {time_dense:.2f} s"
        if name != "MLTL":  # which takes as long
            time_sparse, given_sparse = seconds(
                lambda: resample(y_sparse), arguments.turns
            )
            line += f", sparse {time_sparse:.2f} s"
            assert np.array_equal(given_sparse[0], dense[0])
            assert np.array_equal(given_sparse[1].toarray(), dense[1])
        line += f"; {n_rows - len(X):+,} rows"
        del dense
        if arguments.memory:
            share = memory(lambda: resample(y_sparse), X.nbytes)
            line += f", memory {share:.2f} of X, of which the result has"
            line += f" {n_rows / len(X):.2f}"
        print(line, flush=True)


if __name__ == "__main__":
    main()

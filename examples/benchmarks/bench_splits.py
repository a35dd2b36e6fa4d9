"""Label frequencies in folds, and seconds, of splitters for multilabel targets.

Our MultilabelStratifiedKFold against KFold and, where it is installed, the one of the
package iterative-stratification; ten folds, shuffled, 5 seeds. The deviation is the
mean over folds and labels of the error in the number of positives, relative to the
number that the fold should have. "missing" is the share of folds and labels (with
positives in as many rows as there are folds) without a positive. Then the seconds of
five folds of simulated targets.

Run: python examples/benchmarks/bench_splits.py [name=file.npz ...]
"""

import argparse
import time
from importlib.util import find_spec

import numpy as np
from npz_data import load_all
from sklearn.model_selection import KFold

from skmultitag.model_selection import MultilabelStratifiedKFold

SEEDS = range(5)
N_FOLDS = 10
SIZES = [(100_000, 100), (100_000, 1_000), (1_000_000, 100)]


def contestants(n_splits, seed):
    """Splitters by name."""
    params = {"n_splits": n_splits, "shuffle": True, "random_state": seed}
    splitters = {"KFold": KFold(**params), "ours": MultilabelStratifiedKFold(**params)}
    if find_spec("iterstrat"):
        from iterstrat.ml_stratifiers import MultilabelStratifiedKFold as Theirs

        splitters["iterative-stratification"] = Theirs(**params)
    return splitters


def deviation_and_missing(splitter, y):
    n_positives = y.sum(axis=0)
    expected = n_positives / N_FOLDS
    counts = np.array([y[test].sum(axis=0) for _, test in splitter.split(y, y)])
    errors = np.abs(counts - expected)[:, n_positives > 0]
    is_common = n_positives >= N_FOLDS
    return (
        np.mean(errors / expected[n_positives > 0]),
        np.mean(counts[:, is_common] == 0),
    )


def print_deviations(name, y):
    print(f"\n{name}: {y.shape[0]} rows, {y.shape[1]} labels")
    results = {}
    for seed in SEEDS:
        for contestant, splitter in contestants(N_FOLDS, seed).items():
            start = time.perf_counter()
            pair = deviation_and_missing(splitter, y)
            seconds = time.perf_counter() - start
            results.setdefault(contestant, []).append((*pair, seconds))
    for contestant, values in results.items():
        deviation, missing, seconds = np.mean(values, axis=0)
        print(
            f"  {contestant:26} deviation {deviation:6.3f}  missing {missing:6.1%}"
            f"  {seconds:7.3f} s"
        )


def print_seconds(n_samples, n_labels):
    rng = np.random.RandomState(0)
    frequency = np.geomspace(0.1, 0.0005, n_labels)
    y = np.empty((n_samples, n_labels), dtype=np.uint8)
    for label in range(n_labels):
        y[:, label] = rng.rand(n_samples) < frequency[label]
    print(f"\n{n_samples:,} x {n_labels:,}, 5 folds: s")
    for contestant, splitter in contestants(5, 0).items():
        if contestant.startswith("iterative") and y.size > 2e7:
            continue  # half a minute and more
        start = time.perf_counter()
        next(iter(splitter.split(y, y)))
        print(f"  {contestant:26} {time.perf_counter() - start:8.2f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="*", metavar="name=file.npz")
    for name, parts in load_all(parser.parse_args().data).items():
        print_deviations(name, np.vstack([parts[1], parts[3]]))
    for size in SIZES:
        print_seconds(*size)


if __name__ == "__main__":
    main()

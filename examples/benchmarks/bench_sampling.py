"""F1 with and without resampling of the training rows.

Every sampler is tried with three ways to decide: cross-entropy at 0.5, cross-entropy
with thresholds tuned on out-of-fold scores (3 folds, the default thresholder), and
sigmoid F1. Features are standardized, then the training rows resampled, then the
network is trained (learning_rate_init=3e-3, max_iter=20); thresholds are tuned on rows
that are not resampled. "rare" is the macro F1 of the labels that are on fewer than 2 %
of the training rows, and on one row or more of the training and the test rows each;
"macro" and "micro" are of all labels. "seconds" is the time of the fit, with
resampling. The spread is the standard deviation over seeds of samplers, folds and
network; the split is fixed.

Data sets are npz files as in npz_data.py; without any, the shipped one is taken.
Results are kept in the folder given by --results, so that a run can go on where one
stopped.

Run: python examples/benchmarks/bench_sampling.py [name=file.npz ...] [--seeds 5]
[--results folder] [--samplers "none;MLROS"] [--models "bce;sigmoid_f1"] [--rows 2000]
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from imblearn.pipeline import make_pipeline
from joblib import Parallel, delayed, parallel_config
from npz_data import load_all
from sklearn.metrics import f1_score
from sklearn.model_selection import KFold
from sklearn.preprocessing import StandardScaler

from skmultitag import MultiTagClassifier, ThresholdedClassifierCV
from skmultitag.sampling import (
    MLROS,
    MLRUS,
    MLSMOTE,
    MLTL,
    REMEDIAL,
    mean_imbalance_ratio,
    scumble,
)

MODELS = ["bce", "bce, tuned", "sigmoid_f1"]
SCORES = ["rare", "macro", "micro"]


def samplers(y, seed):
    """Steps of a pipeline, by name."""
    rare = np.flatnonzero(y.mean(axis=0) < 0.02).tolist()
    return {
        "none": [],
        "MLROS": [MLROS(random_state=seed)],
        # as many copies as rows, and no end where labels reach the mean ratio
        "MLROS, rare": [MLROS(sampling_strategy=rare, fraction=1, random_state=seed)],
        "MLSMOTE": [MLSMOTE(random_state=seed)],
        "MLRUS": [MLRUS(random_state=seed)],
        "MLTL": [MLTL()],
        "MLTL, 0.5": [MLTL(threshold=0.5)],
        "REMEDIAL": [REMEDIAL()],
        "REMEDIAL, MLROS": [REMEDIAL(), MLROS(random_state=seed)],
    }


SAMPLERS = list(samplers(np.zeros((1, 1)), seed=0))


def make_model(name, sampler, y, seed):
    loss, *tuned = name.split(", ")
    classifier = MultiTagClassifier(
        loss, learning_rate_init=3e-3, max_iter=20, random_state=seed
    )
    model = make_pipeline(StandardScaler(), *samplers(y, seed)[sampler], classifier)
    if tuned:
        folds = KFold(3, shuffle=True, random_state=seed)
        return ThresholdedClassifierCV(model, cv=folds)
    return model


def is_rare(y, y_test):
    return (y.mean(axis=0) < 0.02) & y.any(axis=0) & y_test.any(axis=0)


def run(path, data, sampler, model, seed):
    """Write the scores of one fit to a file, if it is not there."""
    if path.exists():
        return
    X, y, X_test, y_test = data
    start = time.perf_counter()
    fitted = make_model(model, sampler, y, seed).fit(X, y)
    seconds = time.perf_counter() - start
    predicted = fitted.predict(X_test)
    scores = f1_score(y_test, predicted, average=None, zero_division=0)
    rare = is_rare(y, y_test)
    row = {
        "rare": scores[rare].mean() if rare.any() else np.nan,
        "macro": scores.mean(),
        "micro": f1_score(y_test, predicted, average="micro", zero_division=0),
        "seconds": seconds,
    }
    path.write_text(json.dumps(row))


def describe(name, data):
    X, y, _, y_test = data
    rare = is_rare(y, y_test)
    print(
        f"\n{name}: {len(X):,} training rows, {X.shape[1]} features, {y.shape[1]}"
        f" labels, {rare.sum()} rare; mean imbalance ratio"
        f" {mean_imbalance_ratio(y):.1f}, SCUMBLE {scumble(y):.2f}"
    )
    for sampler, steps in samplers(y, 0).items():
        resampled = StandardScaler().fit_transform(X), y
        for step in steps:
            resampled = step.fit_resample(*resampled)
        rows, ratio = len(resampled[1]), mean_imbalance_ratio(resampled[1])
        print(
            f"  {sampler}: {rows:,} rows, mean imbalance ratio {ratio:.1f},"
            f" SCUMBLE {scumble(resampled[1]):.2f}"
        )


def report(table):
    keys = ["model", "sampler"]
    for name, part in table.groupby("data", sort=False):
        groups = part.groupby(keys, sort=False)[[*SCORES, "seconds"]]
        mean, spread = groups.mean(), groups.std()
        cells = pd.DataFrame(index=mean.index)
        for score in SCORES:
            cells[score] = mean[score].map("{:.3f}".format)
            cells[score] += spread[score].map(" ({:.3f})".format)
        cells["seconds"] = mean["seconds"].round(1)
        print(f"\n{name}: mean over seeds, and standard deviation")
        print(cells.to_string())
    n_seeds = table["seed"].nunique()
    if not {"none"} < set(table["sampler"]):
        return
    case = ["data", "model", "seed"]
    plain = table[table["sampler"] == "none"].set_index(case)[SCORES]
    others = table[table["sampler"] != "none"].set_index([*case, "sampler"])[SCORES]
    gain = others - plain.reindex(others.index.droplevel("sampler")).to_numpy()
    print(f"\ngain over no sampler, mean over data sets and {n_seeds} seeds")
    print(gain.groupby(keys, sort=False).mean().round(3).to_string())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="*", help="name=file.npz, or debtags")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--results", type=Path, help="folder to keep results in")
    parser.add_argument("--samplers", help="names, with semicolons")
    parser.add_argument("--models", help="names, with semicolons")
    parser.add_argument("--rows", type=int, help="training rows to take, at random")
    parser.add_argument("--n-jobs", type=int, default=2)
    arguments = parser.parse_args()
    folder = arguments.results or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    data_sets = load_all(arguments.data)
    if arguments.rows:
        for name, (X, y, *test) in data_sets.items():
            rows = np.random.default_rng(0).permutation(len(X))[: arguments.rows]
            data_sets[name] = (X[rows], y[rows], *test)
    for name, data in data_sets.items():
        describe(name, data)
    cases = [
        {"data": data, "model": model, "sampler": sampler, "seed": seed}
        for data in data_sets
        for seed in range(arguments.seeds)
        for model in (arguments.models or ";".join(MODELS)).split(";")
        for sampler in (arguments.samplers or ";".join(SAMPLERS)).split(";")
    ]
    paths = [
        folder / "{data}_{model}_{sampler}_{seed}.json".format(**case) for case in cases
    ]
    with parallel_config("loky", n_jobs=arguments.n_jobs, inner_max_num_threads=1):
        Parallel()(
            delayed(run)(
                path,
                data_sets[case["data"]],
                case["sampler"],
                case["model"],
                case["seed"],
            )
            for path, case in zip(paths, cases, strict=True)
        )
    rows = [
        {**case, **json.loads(path.read_text())}
        for path, case in zip(paths, cases, strict=True)
    ]
    report(pd.DataFrame(rows))


if __name__ == "__main__":
    main()

"""Do a growing slope, or a posterior of slope and offset, help an F1 loss?

Every method trains the default network on standardized features, with five seeds:

- cross-entropy, decided at 0.5, and with thresholds tuned out of fold (3 folds);
- soft F1, which has nothing to tune;
- sigmoid F1, with beta and eta chosen by a search (3 folds, macro F1);
- adaptive sigmoid F1 and Bayesian sigmoid F1 with their defaults.

Beside F1 of the test rows: the calibration error of `predict_proba` (mean over labels
of the expected calibration error with 10 bins of equal width), the number of labels
that a row gets, and the seconds of the fit. The spread is the standard deviation over
seeds.

Data sets are npz files as in npz_data.py; without any, the shipped one is taken.
Results are appended to --results, so that a run can go on where one stopped.

Run: python examples/benchmarks/bench_adaptive_bayesian.py [name=file.npz ...]
[--seeds 5] [--results file.csv] [--n-jobs 2]
"""

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd
from joblib import Parallel, delayed, parallel_config
from npz_data import load_all
from sklearn.metrics import f1_score
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmultitag import MultiTagClassifier, ThresholdedClassifierCV

GRID = {"loss__beta": [1.0, 2.0, 5.0], "loss__eta": [-1.0, 0.0]}
METHODS = [
    "cross-entropy, 0.5",
    "cross-entropy, tuned thresholds",
    "soft F1",
    "sigmoid F1, beta and eta tuned",
    "adaptive sigmoid F1",
    "Bayesian sigmoid F1",
]


def make_model(method, seed):
    def network(loss):
        return MultiTagClassifier(loss, random_state=seed)

    folds = KFold(3, shuffle=True, random_state=seed)
    return {
        "cross-entropy, 0.5": network("bce"),
        "cross-entropy, tuned thresholds": ThresholdedClassifierCV(
            network("bce"), cv=folds
        ),
        "soft F1": network("soft_f1"),
        "sigmoid F1, beta and eta tuned": GridSearchCV(
            network("sigmoid_f1"), GRID, scoring="f1_macro", cv=folds
        ),
        "adaptive sigmoid F1": network("adaptive_sigmoid_f1"),
        "Bayesian sigmoid F1": network("bayesian_sigmoid_f1"),
    }[method]


def calibration_error(y_true, proba, n_bins=10):
    """Mean over labels of the expected calibration error."""
    bins = np.minimum((proba * n_bins).astype(int), n_bins - 1)
    errors = [
        np.abs(((proba - y_true) * (bins == number)).sum(axis=0)) / len(proba)
        for number in range(n_bins)
    ]
    return np.sum(errors, axis=0).mean()


def run(data_name, data, method, seed):
    X, y, X_test, y_test = data
    model = make_pipeline(StandardScaler(), make_model(method, seed))
    start = time.perf_counter()
    model.fit(X, y)
    seconds = time.perf_counter() - start
    predicted = model.predict(X_test)
    row = {"data": data_name, "method": method, "seed": seed}
    for average in ("macro", "micro", "samples"):
        row[average] = f1_score(y_test, predicted, average=average, zero_division=0)
    row["calibration error"] = calibration_error(y_test, model.predict_proba(X_test))
    row["labels"] = predicted.sum(axis=1).mean()
    row["seconds"] = seconds
    return row


def report(rows, data_sets):
    groups = rows.drop(columns="seed").groupby(["data", "method"], sort=False)
    mean, spread = groups.mean(), groups.std()
    for data_name, (*_, y_test) in data_sets.items():
        print(f"\n{data_name}: {y_test.sum(axis=1).mean():.2f} labels a row")
        cells = mean.loc[data_name].map("{:.3f}".format)
        cells += " ± " + spread.loc[data_name].map("{:.3f}".format)
        for column in ("labels", "seconds"):
            cells[column] = mean.loc[data_name, column].map("{:.2f}".format)
        print(cells.reindex(METHODS).to_string())
    print("\nmean over data sets")
    print(mean.groupby("method", sort=False).mean().reindex(METHODS).round(3))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="*", help="name=file.npz, or debtags")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--results", type=Path, help="CSV file to go on from")
    parser.add_argument("--n-jobs", type=int, default=2)
    arguments = parser.parse_args()
    data_sets = load_all(arguments.data)
    done = pd.DataFrame()
    if arguments.results is not None and arguments.results.exists():
        done = pd.read_csv(arguments.results)
    cases = [
        (data_name, method, seed)
        for seed in range(arguments.seeds)
        for data_name in data_sets
        for method in METHODS
    ]
    if len(done):
        known = set(done[["data", "method", "seed"]].itertuples(index=False, name=None))
        cases = [case for case in cases if case not in known]
    rows = [done]
    with parallel_config("loky", n_jobs=arguments.n_jobs, inner_max_num_threads=1):
        results = Parallel(return_as="generator")(
            delayed(run)(data_name, data_sets[data_name], method, seed)
            for data_name, method, seed in cases
        )
        for row in results:
            rows.append(pd.DataFrame([row]))
            if arguments.results is not None:
                pd.concat(rows).to_csv(arguments.results, index=False)
    report(pd.concat(rows), data_sets)


if __name__ == "__main__":
    main()

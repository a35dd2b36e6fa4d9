"""F1 of decision rules on the scores of several classifiers.

Each classifier scores its training rows out of fold (3 folds, shuffled), is fitted
again on all of them, and scores the test rows. Each rule is fitted on the out-of-fold
scores and decides the test rows. Features are standardized, except for the forest. The
spread is the standard deviation over seeds, of folds and classifiers; the split into
training and test rows is fixed.

Data sets are npz files as in npz_data.py; without any, the shipped one is taken. Scores
are kept in the folder given by --scores, so that a run can go on where one stopped.

Run: python examples/benchmarks/bench_thresholds_quality.py [name=file.npz ...]
[--seeds 5] [--scores folder] [--classifiers logistic,forest] [--shrinkage]
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from joblib import Parallel, delayed, parallel_config
from npz_data import load_all
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import KFold
from sklearn.multiclass import OneVsRestClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmultitag import MultiTagClassifier, PlattKnee
from skmultitag.calibration import IsotonicCalibrator, PlattCalibrator
from skmultitag.thresholds import (
    ExpectedFBetaThreshold,
    FBetaThreshold,
    FixedThreshold,
    HalfFThreshold,
    ProportionalThreshold,
    TopKThreshold,
)
from skmultitag.utils._scores import label_scores

N_FOLDS = 3


def classifiers(seed):
    logistic = LogisticRegression(C=0.1, max_iter=300, tol=1e-3)
    return {
        "logistic": make_pipeline(StandardScaler(), OneVsRestClassifier(logistic)),
        "forest": RandomForestClassifier(100, min_samples_leaf=2, random_state=seed),
        "knn": make_pipeline(StandardScaler(), KNeighborsClassifier(20)),
        "bce": make_pipeline(
            StandardScaler(), MultiTagClassifier("bce", random_state=seed)
        ),
    }


def rules():
    """Calibrator or None, and thresholder, by name."""
    return {
        "0.5": (None, FixedThreshold()),
        "Platt, 0.5": (PlattCalibrator(), FixedThreshold()),
        "isotonic, 0.5": (IsotonicCalibrator(), FixedThreshold()),
        "micro": (None, FBetaThreshold(average="micro")),
        "Platt, micro": (PlattCalibrator(), FBetaThreshold(average="micro")),
        "macro, one for all": (None, FBetaThreshold(per_label=False)),
        "samples": (None, FBetaThreshold(average="samples")),
        "macro": (None, FBetaThreshold()),
        "micro, one a label": (None, FBetaThreshold(average="micro", per_label=True)),
        "samples, one a label": (
            None,
            FBetaThreshold(average="samples", per_label=True),
        ),
        "macro, shrunken": (None, FBetaThreshold(shrinkage=50)),
        "Platt, half F": (PlattCalibrator(), HalfFThreshold()),
        "Platt, half F, micro": (PlattCalibrator(), HalfFThreshold(average="micro")),
        "proportional": (None, ProportionalThreshold()),
        "proportional, one for all": (None, ProportionalThreshold(average="micro")),
        "top k": (None, TopKThreshold()),
        "Platt, expected F": (PlattCalibrator(), ExpectedFBetaThreshold()),
        "knee": (None, PlattKnee()),
    }


def shrinkage_rules():
    """Strengths of shrinkage, and what the strongest comes to."""
    found = {
        f"{k}": (None, FBetaThreshold(shrinkage=k))
        for k in (0, 5, 10, 20, 50, 100, 200, 500)
    }
    found["Platt, micro"] = (PlattCalibrator(), FBetaThreshold(average="micro"))
    return found


def make_scores(path, data, classifier, seed):
    if path.exists():
        return
    X, y, X_test, y_test = data
    model = classifiers(seed)[classifier]
    out_of_fold = np.empty(y.shape, dtype=np.float32)
    for train, rest in KFold(N_FOLDS, shuffle=True, random_state=seed).split(X):
        fitted = clone(model).fit(X[train], y[train])
        out_of_fold[rest] = label_scores(fitted, X[rest], y.shape[1])
    test = label_scores(model.fit(X, y), X_test, y.shape[1]).astype(np.float32)
    np.savez(path, oof=out_of_fold, test=test, Y=y, Yt=y_test)


def decide(path, keys, compared):
    """One row a rule: F1 of its decisions on the test rows."""
    with np.load(path) as data:
        scores, test, y, y_test = (data[name] for name in ("oof", "test", "Y", "Yt"))
    rows = []
    for name, (calibrator, thresholder) in compared.items():
        calibrated, calibrated_test = scores, test
        if calibrator is not None:
            calibrated = calibrator.fit_transform(scores, y)
            calibrated_test = calibrator.transform(test)
        predicted = thresholder.fit(calibrated, y).transform(calibrated_test)
        row = {**keys, "rule": name, "labels": predicted.sum(axis=1).mean()}
        for average in ("macro", "micro", "samples"):
            row[average] = f1_score(y_test, predicted, average=average, zero_division=0)
        rows.append(row)
    return rows


def report(table):
    table["mean"] = (table["macro"] + table["micro"]) / 2
    keys = ["data", "classifier", "rule"]
    groups = table.drop(columns="seed").groupby(keys, sort=False)
    mean, spread = groups.mean(), groups.std()
    for data in table["data"].unique():
        cells = mean.loc[data]
        both = cells["macro"].map("{:.3f}".format) + "/"
        both += cells["micro"].map("{:.3f}".format)
        print(f"\n{data}: macro/micro F1")
        print(both.unstack("classifier", sort=False).to_string())
        print("labels a row")
        print(cells["labels"].unstack("classifier", sort=False).round(2).to_string())
    print("\nlargest spread over seeds")
    print(spread[["macro", "micro", "samples"]].max().round(3).to_string())
    by_case = mean["mean"].unstack("rule", sort=False)
    micro = mean["micro"].unstack("rule", sort=False)
    overall = mean.groupby("rule", sort=False)[["macro", "micro", "samples", "mean"]]
    overall = overall.mean()
    overall["rank"] = by_case.rank(axis=1, ascending=False).mean()
    overall["worst, to the best"] = by_case.sub(by_case.max(axis=1), axis=0).min()
    first = micro.columns[0]
    overall[f"worst micro, to {first}"] = micro.sub(micro[first], axis=0).min()
    print("\nmean over data sets and classifiers, and mean rank by (macro + micro) / 2")
    print(overall.sort_values("mean", ascending=False).round(3).to_string())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="*", help="name=file.npz, or debtags")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--scores", type=Path, help="folder to keep scores in")
    parser.add_argument("--classifiers", help="names, with commas")
    parser.add_argument("--shrinkage", action="store_true", help="compare its strength")
    parser.add_argument("--n-jobs", type=int, default=2)
    arguments = parser.parse_args()
    folder = arguments.scores or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    data_sets = load_all(arguments.data)
    chosen = (arguments.classifiers or ",".join(classifiers(0))).split(",")
    compared = shrinkage_rules() if arguments.shrinkage else rules()
    cases = [
        {"data": data, "classifier": classifier, "seed": seed}
        for data in data_sets
        for classifier in chosen
        for seed in range(arguments.seeds)
    ]
    paths = [folder / "{data}_{classifier}_{seed}.npz".format(**case) for case in cases]
    with parallel_config("loky", n_jobs=arguments.n_jobs, inner_max_num_threads=1):
        Parallel()(
            delayed(make_scores)(
                path, data_sets[case["data"]], case["classifier"], case["seed"]
            )
            for path, case in zip(paths, cases, strict=True)
        )
        rows = Parallel()(
            delayed(decide)(path, case, compared)
            for path, case in zip(paths, cases, strict=True)
        )
    report(pd.DataFrame([row for part in rows for row in part]))


if __name__ == "__main__":
    main()

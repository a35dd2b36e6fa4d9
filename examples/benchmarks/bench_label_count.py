"""F1 of decisions by a learnt number of labels, against thresholds.

A network with cross-entropy ("bce", as in ML-NET) or LSEP ("lsep", as of Li, Song and
Luo) scores its training rows out of fold (5 folds, shuffled), is fitted on all of them,
and scores the test rows; features are standardized. Each decision is fitted on the
out-of-fold scores. `LabelCountThreshold` is compared for several models of the number.

doc/benchmarks/label_count.csv also has the decision "count head": a network with one
hidden layer of 128 units on the logits, which was trained beside the first one, in the
same steps. The package had it until commit a32f360; this script keeps these rows.

Data sets are npz files as in npz_data.py; without any, the shipped one is taken.

Run: python examples/benchmarks/bench_label_count.py [name=file.npz ...] [--seeds 5]
[--results label_count.csv]
"""

import argparse
import warnings
from pathlib import Path

import pandas as pd
import torch
from npz_data import load_all
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import cross_val_predict
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

from skmultitag import MultiTagClassifier
from skmultitag.model_selection import MultilabelStratifiedKFold
from skmultitag.thresholds import (
    ExpectedFBetaThreshold,
    FBetaThreshold,
    FixedThreshold,
    LabelCountThreshold,
    TopKThreshold,
)

HEAD = "count head"
AVERAGES = ("macro", "micro", "samples")


def decisions(seed):
    """Thresholders by name."""
    forest = RandomForestClassifier(100, min_samples_leaf=5, random_state=seed)
    network = MLPClassifier((128,), max_iter=50, random_state=seed)
    return {
        "0.5": FixedThreshold(),
        "FBetaThreshold(shrinkage=50)": FBetaThreshold(shrinkage=50),
        "ExpectedFBetaThreshold()": ExpectedFBetaThreshold(),
        "TopKThreshold()": TopKThreshold(),
        "LabelCountThreshold()": LabelCountThreshold(),
        "LabelCountThreshold(logistic)": LabelCountThreshold(
            LogisticRegression(max_iter=500)
        ),
        "LabelCountThreshold(forest)": LabelCountThreshold(forest),
        "LabelCountThreshold(network)": LabelCountThreshold(network),
    }


def measures(y_true, y_pred):
    """F1 by average, mean number of labels, and mean error of the number."""
    row = {
        average: f1_score(y_true, y_pred, average=average, zero_division=0)
        for average in AVERAGES
    }
    n_true, n_predicted = y_true.sum(axis=1), y_pred.sum(axis=1)
    row["labels"] = n_predicted.mean()
    return {**row, "count_error": abs(n_predicted - n_true).mean()}


def run(data, loss, seed):
    """One row a decision."""
    X, y, X_test, y_test = data
    scaler = StandardScaler().fit(X)
    X, X_test, y, y_test = *map(scaler.transform, (X, X_test)), y.astype(int), y_test
    model = MultiTagClassifier(loss, threshold=0.5, random_state=seed)
    folds = MultilabelStratifiedKFold(5, shuffle=True, random_state=seed)
    scores = cross_val_predict(model, X, y, cv=folds, method="predict_proba")
    test_scores = model.fit(X, y).predict_proba(X_test)
    for name, thresholder in decisions(seed).items():
        y_pred = thresholder.fit(scores, y).transform(test_scores)
        yield {"decision": name, **measures(y_test, y_pred)}


def report(table):
    """Print mean and standard deviation over seeds."""
    groups = table.groupby(["data", "loss", "decision"], sort=False)[list(AVERAGES)]
    text = groups.mean().map("{:.3f}".format) + groups.std().map(" ± {:.3f}".format)
    print(text.to_string())
    means = groups.mean().groupby("decision", sort=False).mean()
    print("\nmean over data sets and losses")
    print(means.round(3).to_string())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="*", help="name=file.npz, or debtags")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--results", type=Path, help="csv to write")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    # a network of counts may not have converged, or have too few rows of a count
    warnings.filterwarnings("ignore", module="sklearn")
    rows = [
        {"data": name, "loss": loss, "seed": seed, **row}
        for name, data in load_all(arguments.data).items()
        for loss in ("bce", "lsep")
        for seed in range(arguments.seeds)
        for row in run(data, loss, seed)
    ]
    table = pd.DataFrame(rows)
    if arguments.results is not None:
        if arguments.results.exists():
            old = pd.read_csv(arguments.results, dtype={"decision": str})
            table = pd.concat([table, old[old["decision"] == HEAD]])
        table.to_csv(arguments.results, index=False, float_format="%.4f")
    report(table)


if __name__ == "__main__":
    main()

"""F1 of all losses, at their natural decision and with tuned thresholds.

Every loss trains the same default network on standardized features. "natural" is
`threshold="auto"`: the decision of the loss, or p > 1/2 where it has none. "tuned" is
one threshold a label with the best F1 on predictions from 3-fold cross-validation of
the training rows, without shrinkage. The spread is the standard deviation over seeds of
the network; the split is fixed.

Data sets are npz files as in npz_data.py; without any, the shipped one is taken.

Run: python examples/benchmarks/bench_losses_quality.py [name=file.npz ...] [--seeds 5]
[--losses bce,soft_f1]
"""

import argparse
import warnings

import pandas as pd
from joblib import Parallel, delayed, parallel_config
from npz_data import load_all
from sklearn.metrics import f1_score
from sklearn.model_selection import KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmultitag import MultiTagClassifier
from skmultitag.losses import (
    BinaryCrossEntropyLoss,
    SoftF1Loss,
    WeightedSumLoss,
    get_loss_names,
)
from skmultitag.thresholds import FBetaThreshold, ThresholdedClassifierCV


def contestants():
    """Parameters of the classifier, by name."""
    mix = WeightedSumLoss(BinaryCrossEntropyLoss(), SoftF1Loss())
    return {
        **{name: {"loss": name} for name in get_loss_names()},
        "bce, balanced": {"loss": BinaryCrossEntropyLoss("balanced")},
        "bce + soft_f1": {"loss": mix},
        "double soft_f1": {"loss": SoftF1Loss(negative_class=True)},
        "lsep, count head": {"loss": "lsep", "count_head": True},
    }


def run(data_name, data, name, params, seed):
    warnings.filterwarnings("ignore", message=".*no threshold of its own")
    X, y, X_test, y_test = data
    model = make_pipeline(
        StandardScaler(), MultiTagClassifier(random_state=seed, **params)
    )
    folds = KFold(3, shuffle=True, random_state=seed)
    tuned = ThresholdedClassifierCV(model, FBetaThreshold(), cv=folds).fit(X, y)
    row = {"data": data_name, "loss": name}
    for rule, decider in (("natural", tuned.estimator_), ("tuned", tuned)):
        predicted = decider.predict(X_test)
        for average in ("macro", "micro"):
            row[f"{average}, {rule}"] = f1_score(
                y_test, predicted, average=average, zero_division=0
            )
        row[f"labels, {rule}"] = predicted.sum(axis=1).mean()
    return row


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="*", help="name=file.npz, or debtags")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--losses", help="names in the table, with commas")
    arguments = parser.parse_args()
    chosen = arguments.losses.split(",") if arguments.losses else contestants()
    data_sets = load_all(arguments.data)
    jobs = [
        delayed(run)(data_name, data, name, params, seed)
        for data_name, data in data_sets.items()
        for name, params in contestants().items()
        if name in chosen
        for seed in range(arguments.seeds)
    ]
    with parallel_config("loky", n_jobs=2, inner_max_num_threads=1):
        rows = Parallel(verbose=5)(jobs)
    groups = pd.DataFrame(rows).groupby(["data", "loss"], sort=False)
    mean, spread = groups.mean(), groups.std()
    table = mean.map("{:.3f}".format) + " ± " + spread.map("{:.3f}".format)
    for rule in ("natural", "tuned"):
        column = f"labels, {rule}"
        table[column] = mean[column].map("{:.2f}".format)
    for data_name, (*_, y_test) in data_sets.items():
        print(f"\n{data_name}: {y_test.sum(axis=1).mean():.2f} labels a row")
        print(table.loc[data_name].to_string())


if __name__ == "__main__":
    main()

"""Default parameters: F1 of the network for values around a base.

Training rows only: the network is trained on 300, 1,000 and 3,000 of them, at random,
and scored on others after some numbers of epochs. "natural" is the decision of the
loss; "tuned" has the default thresholds of `ThresholdedClassifierCV`, fitted on one
half of the held-out rows and scored on the other, both ways round. The test rows are
not used: they are left to `bench_paper.py`.

Features of 0 and 1 are taken as they are, others are standardized.

What the network does with the mean of the features is asked up to 3,000 rows: features
as they are, of which it takes off the mean, against the same network without that, and
against standardized features.
"""

from functools import partial
from itertools import product
from time import perf_counter

import numpy as np
from harness.data import is_bag_of_words
from harness.metrics import scores_of
from harness.report import cells, formatted, write_frame
from harness.run import main
from scipy import stats
from sklearn.preprocessing import StandardScaler
from skorch.callbacks import LRScheduler
from torch.optim.lr_scheduler import LinearLR

from skmultitag import MultiTagClassifier
from skmultitag.neural_network._mlp import MLPModule
from skmultitag.thresholds import FBetaThreshold

EPOCHS = (20, 30, 40)
SIZES = (300, 1000, 3000, 10000)
N_FEW = 3000  # rows, of the mean over data sets
LEAST_SHARE = 0.2  # of the rows that is held out
MOST_HELD_OUT = 3000
LEAST_POSITIVES = 3  # of a label, in the training rows

# parameters that are not as in the base
BASE = {"hidden_layer_sizes": (256,), "dropout": 0.5, "input_dropout": 0.0}
CANDIDATES = {
    "base": {},
    "input_dropout=0.3": {"input_dropout": 0.3},
    "input_dropout=0.5": {"input_dropout": 0.5},
    "input_dropout=0.7": {"input_dropout": 0.7},
    "input_dropout=0.5, dropout=0.2": {"input_dropout": 0.5, "dropout": 0.2},
    "input_dropout=0.6, dropout=0.2": {"input_dropout": 0.6, "dropout": 0.2},
    "input_dropout=0.3, dropout=0.2": {"input_dropout": 0.3, "dropout": 0.2},
    "input_dropout=auto, dropout=0.2": {"input_dropout": "auto", "dropout": 0.2},
    "input_dropout=0.5, dropout=0": {"input_dropout": 0.5, "dropout": 0.0},
    "input_dropout=0.5, dropout=0.2, 512 units": {
        "input_dropout": 0.5,
        "dropout": 0.2,
        "hidden_layer_sizes": (512,),
    },
    "input_dropout=0.5, dropout=0.2, rate 2e-3": {
        "input_dropout": 0.5,
        "dropout": 0.2,
        "learning_rate_init": 2e-3,
    },
    "input_dropout=0.5, dropout=0.2, decay": {
        "input_dropout": 0.5,
        "dropout": 0.2,
        "decay": True,
    },
}

# how the features come to the network, which has the default parameters else
FEATURES = {
    "standardized": {},
    "as they are": {},
    "as they are, with their mean": {},
    "as they are, input_dropout=0": {"input_dropout": 0.0},
}
SHOWN_EPOCHS = 30  # of these, as in the default


def make_cases(data_sets, n_seeds):
    return [
        {"data": data, "n_rows": n_rows, "candidate": candidate, "seed": seed}
        for seed in range(n_seeds)
        for data, (X, *_) in data_sets.items()
        for n_rows in SIZES
        if n_rows <= (1 - LEAST_SHARE) * len(X)
        for candidate in candidates_for(n_rows, X)
    ]


def candidates_for(n_rows, X):
    if n_rows > N_FEW:
        return [*CANDIDATES]
    features = [*FEATURES][is_bag_of_words(X) :]  # words are not standardized
    return [*CANDIDATES, *features]


def run_case(data, case):
    (X, X_held_out), (y, y_held_out) = split(data, case)
    params = FEATURES.get(case["candidate"])
    if params is None:
        params = BASE | CANDIDATES[case["candidate"]]
    elif case["candidate"].endswith("with their mean"):
        params = {"module": network_with_the_mean(X, case["seed"])}
    fits = fit_to_the_end if params.pop("decay", False) else fit_once
    rows = []
    model = MultiTagClassifier(**params, random_state=case["seed"])
    for epochs, seconds in fits(model, X, y):
        margin = model.decision_function(X_held_out)
        for rule, predicted in decisions(margin, y_held_out).items():
            scores = scores_of(y_held_out, predicted)
            rows.append({"epochs": epochs, "rule": rule, "seconds": seconds, **scores})
    return rows


def split(data, case):
    X, y, *_ = data
    order = np.random.RandomState(case["seed"]).permutation(len(X))
    parts = np.split(order[: case["n_rows"] + MOST_HELD_OUT], [case["n_rows"]])
    labels = y[parts[0]].sum(axis=0) >= LEAST_POSITIVES
    X = [X[part] for part in parts]
    is_as_it_is = case["candidate"].startswith("as they are")
    if not (is_as_it_is or is_bag_of_words(X[0])):
        scaler = StandardScaler().fit(X[0])
        X = [scaler.transform(part) for part in X]
    return X, [y[part][:, labels].astype(int) for part in parts]


def network_with_the_mean(X, seed):
    """The network of the defaults, but of features only divided by their size."""
    size = np.median(np.linalg.norm(X, axis=1)) / X.shape[1] ** 0.5
    return partial(
        MLPModule,
        hidden_layer_sizes=(256,),
        activation="relu",
        dropout=0.2,
        input_dropout=0.5,
        init_seed=2 * seed,
        dropout_seed=2 * seed + 1,
        feature_size=size,
    )


def fit_once(model, X, y):
    seconds = 0.0
    for epoch in range(1, EPOCHS[-1] + 1):
        start = perf_counter()
        model.partial_fit(X, y)
        seconds += perf_counter() - start
        if epoch in EPOCHS:
            yield epoch, seconds


def fit_to_the_end(model, X, y):
    """A fit for each number of epochs, over which the rate falls to 0."""
    for epochs in EPOCHS:
        decay = LRScheduler(LinearLR, end_factor=0.0, total_iters=epochs)
        model.set_params(max_iter=epochs, callbacks=[decay], tol=None)
        start = perf_counter()
        model.fit(X, y)
        yield epochs, perf_counter() - start


def decisions(margin, y):
    tuned = np.empty_like(y)
    halves = np.array_split(np.arange(len(y)), 2)
    for fitted, decided in (halves, halves[::-1]):
        thresholder = FBetaThreshold(shrinkage=50).fit(margin[fitted], y[fitted])
        tuned[decided] = thresholder.transform(margin[decided])
    return {"natural": (margin > 0).astype(int), "tuned": tuned}


def report(results, folder):
    results["score"] = (results["macro"] + results["micro"]) / 2
    results["log_seconds"] = np.log(results["seconds"])
    report_features(results[results["candidate"].isin(FEATURES)], folder)
    results = results[results["candidate"].isin(CANDIDATES)]
    for rule, part in results.groupby("rule"):
        gains = gains_over_base(part, "score").groupby(level=["data", "n_rows"]).mean()
        table = gains.groupby(level="n_rows").mean().rename("{:,} rows".format).T
        table = formatted(table)
        few = gains[gains.index.get_level_values("n_rows") <= N_FEW]
        by_data = few.groupby(level="data").mean().T
        mean, half = t_interval(by_data)
        table[f"mean up to {N_FEW:,}"] = cells(mean, half)
        table["worst data set"] = formatted(by_data.min(axis=1))
        ratio = np.exp(gains_over_base(part, "log_seconds").mean())
        table["time"] = formatted(ratio, 1)
        write_frame(folder / f"defaults_{rule}.rst", table)
        by_data = by_data.dropna()
        write_frame(folder / f"defaults_{rule}_by_data.rst", formatted(by_data))


def report_features(results, folder):
    """F1 of each way to take the features, the mean over numbers of rows."""
    results = results[results["epochs"] == SHOWN_EPOCHS]
    for rule, part in results.groupby("rule"):
        f1 = part.pivot(
            index=["data", "n_rows", "seed"], columns="candidate", values="score"
        ).reindex(columns=FEATURES)
        table = formatted(f1.groupby(level=["data", "n_rows"]).mean())
        gain = f1["as they are"] - f1["as they are, with their mean"]
        mean, half = t_interval(gain.unstack("seed"))
        table["gain without the mean"] = cells(mean, half)
        table.index = table.index.rename(["", "rows"])
        write_frame(folder / f"defaults_features_{rule}.rst", table)


def gains_over_base(results, column):
    """Differences to the base after 20 epochs, on the same rows, by candidate."""
    keys, cases = ["candidate", "epochs"], ["data", "n_rows", "seed"]
    table = results.pivot(index=cases, columns=keys, values=column)
    table = table[[key for key in product(CANDIDATES, EPOCHS) if key in table]]
    return table.sub(table["base", 20], axis=0)


def t_interval(table):
    """Mean of each row, and half the width of its interval."""
    sem = table.sem(axis=1)
    return table.mean(axis=1), sem * stats.t.ppf(0.975, table.count(axis=1) - 1)


if __name__ == "__main__":
    main(__doc__, make_cases, run_case, report, n_seeds=1)

"""Default parameters: F1 of the network for values around a base.

Training rows only: a third is held out (three times on small data sets), the network is
trained on the rest and scored after some numbers of epochs. "natural" is the decision
of the loss; "tuned" has the default thresholds of `ThresholdedClassifierCV`, fitted on
one half of the held-out rows and scored on the other, both ways round. The test rows
are not used: they are left to `bench_paper.py`.

Features of 0 and 1 are taken as they are, others are standardized; embeddings of norm
1 also come "raw". Large data sets are cut to 4,000 rows.

A place is the rank by the mean of macro and micro F1, among all candidates, averaged
over data sets and both decisions.
"""

import numpy as np
from harness.data import MAX_ROWS, is_bag_of_words
from harness.methods import LARGE_BATCHES
from harness.metrics import scores_of
from harness.report import formatted, write_frame
from harness.run import main
from sklearn.preprocessing import StandardScaler

from skmultitag import MultiTagClassifier
from skmultitag.losses import SigmoidF1Loss
from skmultitag.model_selection import MultilabelStratifiedKFold
from skmultitag.thresholds import FBetaThreshold

EPOCHS = (10, 20, 30, 50, 75, 100)
N_FEW = 2500  # rows of a data set that is held out three times
LARGEST_NORM = 1.01  # of an embedding in half precision

# parameters that are not as in the base, which has batches of 256 rows for 50 epochs
CANDIDATES = {
    "base": {},
    "sigmoid_f1": {"loss": "sigmoid_f1"},
    "cross_entropy=1": {"loss": SigmoidF1Loss(cross_entropy=1.0)},
    "bce": {"loss": "bce"},
    "dropout=0.3": {"dropout": 0.3},
    "dropout=0": {"dropout": 0.0},
    "sigmoid_f1, dropout=0": {"loss": "sigmoid_f1", "dropout": 0.0},
    "bce, dropout=0": {"loss": "bce", "dropout": 0.0},
    "128 units": {"hidden_layer_sizes": (128,)},
    "512 units": {"hidden_layer_sizes": (512,)},
    "two layers": {"hidden_layer_sizes": (256, 256)},
    "weight_decay=1": {"weight_decay": 1.0},
    "learning_rate_init=3e-3": {"learning_rate_init": 3e-3},
    "batch_size=64": {"batch_size": 64},
}


def make_cases(data_sets, n_seeds):
    return [
        {"data": data, "raw": is_raw, "candidate": candidate, "seed": seed}
        for seed in range(n_seeds)
        for data, (X, *_) in data_sets.items()
        for is_raw in ([False, True] if has_norm_one(X) else [is_bag_of_words(X)])
        for candidate in CANDIDATES
    ]


def has_norm_one(X):
    return np.linalg.norm(X[:100], axis=1).max() < LARGEST_NORM


def run_case(data, case):
    X, y, *_ = data
    if len(X) > MAX_ROWS:
        chosen = np.random.RandomState(0).permutation(len(X))[:MAX_ROWS]
        X, y = X[chosen], y[chosen]
        y = y[:, y.sum(axis=0) >= 3]  # one in each part
    seed = case["seed"]
    folds = MultilabelStratifiedKFold(3, shuffle=True, random_state=seed)
    folds = list(folds.split(X, y))[: 3 if len(X) < N_FEW else 1]
    params = {
        "batch_size": LARGE_BATCHES["batch_size"],
        **CANDIDATES[case["candidate"]],
    }
    rows = []
    for train, held_out in folds:
        parts = X[train], X[held_out]
        if not case["raw"]:
            scaler = StandardScaler().fit(parts[0])
            parts = [scaler.transform(part) for part in parts]
        model = MultiTagClassifier(**params, random_state=seed)
        for epoch in range(1, EPOCHS[-1] + 1):
            model.partial_fit(parts[0], y[train])
            if epoch in EPOCHS:
                margin = model.decision_function(parts[1])
                rows += [
                    {"epochs": epoch, "rule": rule, **scores_of(y[held_out], predicted)}
                    for rule, predicted in decisions(margin, y[held_out], seed).items()
                ]
    return rows


def decisions(margin, y, seed):
    tuned = np.empty_like(y)
    halves = MultilabelStratifiedKFold(2, shuffle=True, random_state=seed)
    for fitted, decided in halves.split(margin, y):
        thresholder = FBetaThreshold(shrinkage=50).fit(margin[fitted], y[fitted])
        tuned[decided] = thresholder.transform(margin[decided])
    return {"natural": (margin > 0).astype(int), "tuned": tuned}


def report(results, folder):
    results["score"] = (results["macro"] + results["micro"]) / 2
    results["data"] += results["raw"].map({True: " raw", False: ""})
    keys = ["candidate", "epochs", "rule", "data"]
    scores = results.groupby(keys, sort=False)["score"].mean().unstack("data")
    places = scores.groupby("rule").rank(ascending=False).mean(axis=1).unstack("rule")
    table = scores.mean(axis=1).unstack("rule").add_prefix("F1, ")
    table = formatted(table)
    table["mean rank"] = places.mean(axis=1)
    table = table.sort_values("mean rank")
    table["mean rank"] = formatted(table["mean rank"], 1)
    at_base = table.index.get_level_values("epochs") == LARGE_BATCHES["max_iter"]
    names = table.index.get_level_values("candidate")
    is_shown = at_base | names.isin(["base", "batch_size=64"])
    write_frame(folder / "defaults.rst", table[is_shown])
    default = MultiTagClassifier()
    chosen = (f"batch_size={default.batch_size}", default.max_iter)
    for rule in ("natural", "tuned"):
        part = scores.xs(rule, level="rule")
        at_base = part.index.get_level_values("epochs") == LARGE_BATCHES["max_iter"]
        part = part[at_base | (part.index == chosen)]
        write_frame(folder / f"defaults_{rule}.rst", formatted(part))


if __name__ == "__main__":
    main(__doc__, make_cases, run_case, report, n_seeds=1)

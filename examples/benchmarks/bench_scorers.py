"""Which scorer finds the slope and offset with the best macro F1.

A grid of `SigmoidF1Loss`, beta and eta on logits and on probabilities, in the default
network on standardized features, always trained to the end. Scorers see 3 folds of at
most 2,000 training rows, as in `GridSearchCV`: all rows of a held-out fold, or 30 of
them. Then the model of each candidate is fitted on all training rows, and the macro F1
of its decisions on the test rows is compared with what the scorers said: by rank
correlation, and by how far the pick is below the best of the grid.

"margin, beta=1" and "probability" are `sigmoid_f1_score` and `soft_f1_score` with their
defaults, which depend on the scale of what they are given. "margin / spread" divides
the margins of each label by their mean absolute deviation, with beta=2.
"""

import numpy as np
import pandas as pd
from harness.data import prepare_sample
from harness.methods import network
from harness.metrics import scores_of
from harness.report import formatted, write_frame
from harness.run import main
from sklearn.metrics import make_scorer

from skmultitag.losses import SigmoidF1Loss
from skmultitag.metrics import get_scorer, sigmoid_f1_score, soft_f1_score
from skmultitag.model_selection import MultilabelStratifiedKFold

N_ROWS = 2000
FEW = 30
BETAS = (0.1, 0.3, 1.0, 3.0, 10.0)
# on probabilities there is a decision of S for eta in (-1, 0) only
ETAS = {"logits": (-1.0, 0.0, 1.0), "probability": (-0.5, 0.0, 1.0)}


def f1_by_spread(y_true, y_score):
    spread = np.abs(y_score - y_score.mean(axis=0)).mean(axis=0)
    spread = np.where(spread > 0, spread, 1)
    return sigmoid_f1_score(y_true, y_score / spread, beta=2.0)


of_margin = {"response_method": "decision_function"}
SCORERS = {
    "sigmoid_f1": get_scorer("sigmoid_f1"),
    "soft_f1": get_scorer("soft_f1"),
    "f1_macro": get_scorer("f1_macro"),
    "margin / spread": make_scorer(f1_by_spread, **of_margin),
    "margin, beta=1": make_scorer(sigmoid_f1_score, **of_margin),
    "probability": make_scorer(soft_f1_score, response_method="predict_proba"),
    "average_precision": get_scorer("average_precision"),
    "neg_bce": get_scorer("neg_bce"),
}


def make_cases(data_sets, n_seeds):
    return [
        {"data": data, "on": on, "beta": beta, "eta": eta, "seed": seed}
        for seed in range(n_seeds)
        for data in data_sets
        for on, etas in ETAS.items()
        for beta in BETAS
        for eta in etas
    ]


def run_case(data, case):
    seed = case["seed"]
    X, y, X_test, y_test = prepare_sample(data, seed, N_ROWS)
    loss = SigmoidF1Loss(case["beta"], case["eta"], on=case["on"])
    model = network(loss, seed, tol=None)
    folds = MultilabelStratifiedKFold(3, shuffle=True, random_state=seed)
    values = {"all": [], "few": []}
    for rest, held_out in folds.split(X, y):
        model.fit(X[rest], y[rest])
        few = np.random.default_rng(seed).permutation(held_out)[:FEW]
        for name, rows in (("all", held_out), ("few", few)):
            values[name].append(
                {
                    key: scorer(model, X[rows], y[rows])
                    for key, scorer in SCORERS.items()
                }
            )
    of_test = scores_of(y_test, model.fit(X, y).predict(X_test))
    return [
        {"rows": name, **pd.DataFrame(folds_of).mean().to_dict(), **of_test}
        for name, folds_of in values.items()
    ]


def report(table, folder):
    """Distances to the best of the grid, and rank correlations, by data set."""
    for rows, part in table.groupby("rows"):
        loss, rank = [], []
        for (data, _), grid in part.groupby(["data", "seed"], sort=False):
            values = grid[list(SCORERS)]
            best = grid["macro"].max()
            picks = grid["macro"].to_numpy()[values.to_numpy().argmax(axis=0)]
            is_default = (grid["on"] == "logits") & (grid["beta"] == 1)
            default = grid["macro"][is_default & (grid["eta"] == 0)].mean()
            none = {"no search: logits, 1, 0": best - default}
            picked = dict(zip(SCORERS, best - picks, strict=True))
            loss.append({"data": data, **picked, **none})
            correlation = values.corrwith(grid["macro"], method="spearman")
            rank.append({"data": data, **correlation})
        worst = {"largest": "max"}
        write_frame(folder / f"distance_{rows}.rst", by_data(loss, worst))
        write_frame(folder / f"spearman_{rows}.rst", by_data(rank, {"least": "min"}))


def by_data(records, extreme):
    """Means over seeds, data sets in columns, with the mean and an extreme of these."""
    table = pd.DataFrame(records).groupby("data", sort=False).mean().T
    ends = {name: table.agg(how, axis=1) for name, how in extreme.items()}
    table = table.assign(mean=table.mean(axis=1), **ends)
    return formatted(table)


if __name__ == "__main__":
    main(__doc__, make_cases, run_case, report, n_seeds=3)

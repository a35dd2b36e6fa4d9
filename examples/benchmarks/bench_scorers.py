"""Which scorer finds the slope and offset with the best macro F1.

A grid of `SigmoidF1Loss`, beta and eta on logits and on probabilities, in the default
network on standardized features, always trained to the end. Scorers see 3 folds of at
most 2,000 training rows, as in `GridSearchCV`: all rows of a held-out fold, or 100 or
30 of them. Then the model of each candidate is fitted on all training rows, and the
macro F1 of its decisions on the test rows is compared with what the scorers said: by
rank correlation, and by how far the pick is below the best of the grid.

"sigmoid_f1 at 1" and "at 3" have another beta than the scorer. "margin" and
"probability" are `sigmoid_f1_score` and `soft_f1_score` at their defaults, which depend
on the scale of what they are given. "margin / spread" divides the margins of each label
by their mean absolute deviation, with beta=2.
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
N_SCORED = {"all": None, "100": 100, "30": 30}  # rows of a held-out fold
BETAS = (0.1, 0.3, 1.0, 3.0, 10.0)
# on probabilities there is a decision of S for eta in (-1, 0) only
ETAS = {"logits": (-1.0, 0.0, 1.0), "probability": (-0.5, 0.0, 1.0)}


def f1_by_spread(y_true, y_score):
    spread = np.abs(y_score - y_score.mean(axis=0)).mean(axis=0)
    spread = np.where(spread > 0, spread, 1)
    return sigmoid_f1_score(y_true, y_score / spread, beta=2.0)


def of_margin(metric, **params):
    return make_scorer(metric, response_method="decision_function", **params)


SCORERS = {
    "sigmoid_f1": get_scorer("sigmoid_f1"),
    "soft_f1": get_scorer("soft_f1"),
    "f1_macro": get_scorer("f1_macro"),
    "sigmoid_f1 at 1": of_margin(sigmoid_f1_score, beta=1.0, of_ranks=True),
    "sigmoid_f1 at 3": of_margin(sigmoid_f1_score, beta=3.0, of_ranks=True),
    "margin / spread": of_margin(f1_by_spread),
    "margin": of_margin(sigmoid_f1_score),
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
    values = {name: [] for name in N_SCORED}
    for rest, held_out in folds.split(X, y):
        model.fit(X[rest], y[rest])
        held_out = np.random.default_rng(seed).permutation(held_out)
        for name, n_rows in N_SCORED.items():
            values[name].append(score_all(model, X, y, held_out[:n_rows]))
    of_test = scores_of(y_test, model.fit(X, y).predict(X_test))
    return [
        {"rows": name, **pd.DataFrame(folds_of).mean().to_dict(), **of_test}
        for name, folds_of in values.items()
    ]


def score_all(model, X, y, rows):
    return {name: scorer(model, X[rows], y[rows]) for name, scorer in SCORERS.items()}


def report(table, folder):
    """Distances to the best of the grid, and rank correlations, by data set."""
    for rows, part in table.groupby("rows"):
        distances, ranks = [], []
        for (data, _), grid in part.groupby(["data", "seed"], sort=False):
            values, macro = grid[list(SCORERS)], grid["macro"]
            picks = macro.to_numpy()[values.to_numpy().argmax(axis=0)]
            others = {"beta=1, eta=0, on logits": macro[is_default(grid)].item()}
            others["mean of the grid"] = macro.mean()
            found = dict(zip(SCORERS, picks, strict=True)) | others
            below = {name: macro.max() - value for name, value in found.items()}
            distances.append({"data": data, **below})
            ranks.append({"data": data, **values.corrwith(macro, method="spearman")})
        write_frame(folder / f"distance_{rows}.rst", by_data(distances, "largest"))
        write_frame(folder / f"spearman_{rows}.rst", by_data(ranks, "least"))


def is_default(grid):
    return (grid["on"] == "logits") & (grid["beta"] == 1) & (grid["eta"] == 0)


def by_data(records, end):
    """Means over seeds, data sets in columns; their mean and their largest or least."""
    table = pd.DataFrame(records).groupby("data", sort=False).mean().T
    of_end = table.max(axis=1) if end == "largest" else table.min(axis=1)
    return formatted(table.assign(**{"mean": table.mean(axis=1), end: of_end}))


if __name__ == "__main__":
    main(__doc__, make_cases, run_case, report, n_seeds=3)

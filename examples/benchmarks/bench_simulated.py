"""How far from the best possible F1: data whose probabilities are known.

`make_multitag_classification` gives P(y = 1 | x) of each row, and so, over 40,000 rows
in place of the population, the thresholds on the probabilities that have the best F1,
and that F1: for each label (macro), and for all entries together (micro). Lipton et
al. (2014) show that the best threshold is half of the best F1. F1 is in expectation
over the labels: 2 sum(p d) / (sum(p) + sum(d)) for decisions d.

Reported is the distance to the best F1, by number of training rows, for 20 labels, 2 a
row, the commonest 10 or 100 times as common as the rarest. Labels are noisy (noise=2).
The decision of a model is also shown as a threshold on the true probability: the one
that would predict each label as often as the model does.

Networks have default parameters; logistic regression has C = 1 and is the true model.
"tuned" is `FBetaThreshold`, for each label with shrinkage=50, "tuned micro" one for
all, fitted on predictions from 5 stratified folds.
"""

import numpy as np
from harness.data import data_hash
from harness.figures import (
    draw_lines,
    in_order,
    legend_below,
    log_ticks,
    panels,
    save,
    side_by_side,
)
from harness.methods import network
from harness.report import cells, formatted, name_with_rule, write_frame
from harness.run import grid, main
from harness.statistics import summarize
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.multiclass import OneVsRestClassifier
from sklearn.preprocessing import StandardScaler

from skmultitag.datasets import make_multitag_classification
from skmultitag.model_selection import MultilabelStratifiedKFold
from skmultitag.thresholds import FBetaThreshold

N_TRAIN = (250, 1000, 4000, 16_000)
N_POPULATION = 40_000
IMBALANCES = (10, 100)
METHODS = (
    "bce",
    "logistic",
    "sigmoid_f1",
    "sigmoid_f1, beta=5",
    "sigmoid_f1, micro",
    "sigmoid_f1_bce",
    "bce + soft_f1",
)
TUNED = ("bce", "logistic")
THRESHOLDERS = {
    "tuned": FBetaThreshold(shrinkage=50),
    "tuned micro": FBetaThreshold(average="micro"),
}


def make_method(name, seed):
    if name == "logistic":
        return OneVsRestClassifier(LogisticRegression(max_iter=300, tol=1e-3))
    return network(name, seed)


def make_cases(data_sets, n_seeds):
    cases = grid(n_seeds, imbalance=IMBALANCES, n_train=N_TRAIN, method=METHODS)
    return [{"data": f"imbalance {case['imbalance']}", **case} for case in cases]


def run_case(data, case):
    X, y, proba = make_multitag_classification(
        n_samples=max(N_TRAIN) + N_POPULATION,
        n_labels=20,
        imbalance=case["imbalance"],
        noise=2.0,
        return_proba=True,
        random_state=case["seed"],
    )
    of_data = data_hash(X, y)
    # the last rows are the population, the same for all numbers of training rows
    X_test, proba = X[-N_POPULATION:], proba[-N_POPULATION:]
    X, y = X[: case["n_train"]], y[: case["n_train"]]
    scaler = StandardScaler().fit(X)
    X, X_test = scaler.transform(X), scaler.transform(X_test)
    model = make_method(case["method"], case["seed"])
    decisions = decide(model, X, y, X_test, case["method"] in TUNED)
    best = best_f1(proba)
    best_micro = best_f1(proba.reshape(-1, 1))
    rows = []
    for rule, decision in decisions.items():
        f1 = expected_f1(proba, decision)
        micro = expected_f1(proba.reshape(-1, 1), decision.reshape(-1, 1))
        row = {
            "rule": rule,
            "macro": f1.mean(),
            "micro": micro[0],
            "best_macro": best.mean(),
            "best_micro": best_micro[0],
            "thresholds": to_text(implied_thresholds(proba, decision)),
            "best_thresholds": to_text(best / 2),
            "data_hash": of_data,
        }
        rows.append(row)
    return rows


def decide(model, X, y, X_test, is_tuned):
    """Decisions on the population, by rule."""
    if is_tuned:
        # the same scores for both thresholders
        folds = MultilabelStratifiedKFold(5)
        scores = cross_val_predict(model, X, y, cv=folds, method="predict_proba")
    model.fit(X, y)
    decisions = {"natural": model.predict(X_test)}
    if is_tuned:
        test_scores = model.predict_proba(X_test)
        for rule, thresholder in THRESHOLDERS.items():
            decisions[rule] = thresholder.fit(scores, y).transform(test_scores)
    return decisions


def expected_f1(proba, decision):
    """F1 of each column, with the expected counts of labels drawn from proba."""
    hits = (proba * decision).sum(axis=0)
    return 2 * hits / (proba.sum(axis=0) + decision.sum(axis=0))


def best_f1(proba):
    """The best F1 of each column: the k rows with the largest proba, for the best k."""
    hits = np.cumsum(-np.sort(-proba, axis=0), axis=0)
    n_predicted = np.arange(1, len(proba) + 1)[:, None]
    return (2 * hits / (proba.sum(axis=0) + n_predicted)).max(axis=0)


def implied_thresholds(proba, decision):
    """The threshold on proba that predicts each label as often as the decision."""
    shares = decision.mean(axis=0)
    pairs = zip(proba.T, shares, strict=True)
    return np.array([np.quantile(p, 1 - share) for p, share in pairs])


def to_text(values):
    return " ".join(f"{value:.4f}" for value in values)


def report(table, folder):
    table["name"] = name_with_rule(table, "method", TUNED)
    # the others aim at micro F1
    part = table[~table["name"].str.endswith("micro")].copy()
    part["missing"] = part["best_macro"] - part["macro"]
    order = in_order(part["name"])
    mean, half = (
        found["missing"].unstack("name")[order]
        for found in summarize(part, ["data", "n_train", "name"], ["missing"])
    )
    draw_distances(mean, half, folder / "simulated_macro.png")
    text = cells(mean, half)
    best = part.groupby(["data", "n_train"])["best_macro"].mean()
    text.insert(0, "best F1", formatted(best))
    text.index.names = ["labels", "training rows"]
    write_frame(folder / "simulated_macro.rst", text)
    draw_thresholds(table, folder / "simulated_thresholds.png")


def draw_distances(mean, half, path):
    figure, axes = side_by_side(mean.index.unique("data"), 4.5, 4)
    for name, ax in axes.items():
        draw_lines(ax, mean.loc[name], half.loc[name])
        log_ticks(ax, N_TRAIN)
        ax.set_xlabel("training rows")
    first = next(iter(axes.values()))
    first.set_ylim(bottom=0)
    first.set_ylabel("best macro F1 - macro F1")
    legend_below(figure, first)
    save(figure, path)


def draw_thresholds(table, path):
    """Thresholds of the trained decisions against the best ones, a point a label."""
    shown = ["bce at 0.5", "bce tuned", "sigmoid_f1", "sigmoid_f1_bce"]
    sizes = N_TRAIN[1], N_TRAIN[-1]
    styles = {"color": "#0072B2", "marker": "o"}, {"color": "#D55E00", "marker": "s"}
    figure, axes = panels(len(sizes), len(shown), 2.5, 2.6, sharex=True, sharey=True)
    for row, n_train in zip(axes, sizes, strict=True):
        for ax, name in zip(row, shown, strict=True):
            chosen = table[(table["name"] == name) & (table["n_train"] == n_train)]
            for style, (data, part) in zip(styles, chosen.groupby("data"), strict=True):
                best, found = (
                    np.array(" ".join(part[column]).split(), dtype=float)
                    for column in ("best_thresholds", "thresholds")
                )
                ax.scatter(
                    best,
                    found,
                    s=9,
                    alpha=0.5,
                    label=data,
                    **style,
                )
            ax.plot([0, 0.5], [0, 0.5], color="black", linewidth=0.8)
            ax.set_title(f"{name}, {n_train} rows", fontsize=9)
            ax.grid(alpha=0.3)
    for ax in axes[-1]:
        ax.set_xlabel("best F1 / 2")
    for ax in axes[:, 0]:
        ax.set_ylabel("threshold found")
    legend_below(figure, axes[0, 0])
    save(figure, path)


if __name__ == "__main__":
    main(__doc__, make_cases, run_case, report, load=None)

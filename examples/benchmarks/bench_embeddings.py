"""The strongest taggers: kernel ridge, networks, their vote, and rivals at their best.

Rows are drawn at random: 300, 1,000 or 3,000 to learn from, and up to 3,000 others to
test on; a seed is a draw. Labels with fewer than 5 positives among the former are left
out. All methods but those called "own" have the default thresholds of
`ThresholdedClassifierCV`, from leave-one-out or out-of-bag scores where a method has
them, else from 5 folds. "own" is the decision of the network.

Preprocessing: kernel and linear ridge choose by their leave-one-out scores whether to
standardize. All others run on features as they are and on standardized ones, and the
tables show the better of both for each data set and number of rows, which is chosen
with hindsight, in their favor; but the vote, whose network gets standardized features.

Settings of rivals: strengths C of logistic regression and support vector machines are
chosen by macro and micro F1 on a fifth of the training rows; leaves of extra trees and
the number of neighbors out of bag and by folds, likewise.
"""

from functools import partial
from time import perf_counter

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from harness.figures import log_ticks, panels, save
from harness.metrics import scores_of
from harness.report import NO_VALUE, cells, formatted, write_frame
from harness.run import main
from scipy import stats
from sklearn.base import clone
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from skmultitag import MultiTagClassifier, ThresholdedClassifierCV
from skmultitag.ensemble import MultilabelVotingClassifier
from skmultitag.kernel_ridge import (
    KernelRidgeClassifierCV,
    StackedKernelRidgeClassifierCV,
)
from skmultitag.model_selection import multilabel_train_test_split

SIZES = (300, 1000, 3000)
LEAST_SHARE = 0.2  # of the rows that is tested on
MOST_TESTED = 3000
LEAST_POSITIVES = 5
EMBEDDINGS = ("debtags", "hoc", "hoc_fine", "posters")
RECOMMENDED = "stacked kernel ridge"
OURS = (
    "network, own",
    "network",
    "network from kernel ridge, own",
    RECOMMENDED,
    "vote: stacked kernel ridge, network",
)

kernel_ridge = partial(KernelRidgeClassifierCV, standardize="auto")


def network(seed, **params):
    return MultiTagClassifier(random_state=seed, **params)


def logistic(seed, C):
    return OneVsRestClassifier(LogisticRegression(C=C, tol=1e-3, max_iter=300))


def machine(seed, C):
    return OneVsRestClassifier(SVC(C=C))


def trees(seed, leaf):
    return ExtraTreesClassifier(
        300, min_samples_leaf=leaf, bootstrap=True, oob_score=True, random_state=seed
    )


def neighbors(seed, k):
    return KNeighborsClassifier(k, metric="cosine")


def perceptrons(seed):
    members = [
        (
            f"mlp{n}",
            MLPClassifier((256,), alpha=1.0, max_iter=40, random_state=3 * seed + n),
        )
        for n in range(3)
    ]
    return MultilabelVotingClassifier(members)


def vote(seed):
    scaled = make_pipeline(StandardScaler(), network(seed))
    members = [("kernel", StackedKernelRidgeClassifierCV()), ("network", scaled)]
    return MultilabelVotingClassifier(members)


# by method: what makes the classifier, the settings to choose from, whether it runs on
# both forms of the features, and the largest number of rows; the quick ones first
METHODS = {
    "kernel ridge, rbf": (lambda seed: kernel_ridge(), [{}], False, 3000),
    "kernel ridge, exponential": (
        lambda seed: kernel_ridge(kernel="exponential"),
        [{}],
        False,
        3000,
    ),
    RECOMMENDED: (lambda seed: StackedKernelRidgeClassifierCV(), [{}], False, 3000),
    "linear ridge": (
        lambda seed: kernel_ridge(np.geomspace(0.01, 1e4, 13), kernel="linear"),
        [{}],
        False,
        3000,
    ),
    "network": (network, [{}], True, 3000),
    "network from kernel ridge": (
        partial(network, init="kernel_ridge"),
        [{}],
        True,
        3000,
    ),
    "vote: stacked kernel ridge, network": (vote, [{}], False, 3000),
    "extra trees": (trees, [{"leaf": 1}, {"leaf": 3}], False, 3000),
    "nearest neighbors": (neighbors, [{"k": 10}, {"k": 30}], True, 3000),
    "logistic regression": (
        logistic,
        [{"C": C} for C in (1e-4, 1e-3, 1e-2, 0.1, 1.0, 10.0)],
        True,
        1000,
    ),
    "SVC, rbf": (machine, [{"C": 1.0}, {"C": 10.0}], True, 1000),
    "3 MLPClassifier": (perceptrons, [{}], True, 1000),
}
ONE_DECISION = ("network from kernel ridge",)  # whose thresholds are not tuned


def make_cases(data_sets, n_seeds):
    sizes = {
        data: [n for n in SIZES if n <= (1 - LEAST_SHARE) * (len(X) + len(X_test))]
        for data, (X, _, X_test, _) in data_sets.items()
    }
    return [
        {"data": data, "n_rows": n_rows, "method": method, "seed": seed}
        for method, (*_, most) in METHODS.items()
        for n_rows in SIZES
        for seed in range(n_seeds)
        for data in data_sets
        if n_rows in sizes[data] and n_rows <= most
    ]


def run_case(data, case):
    make, settings, in_both_forms, _ = METHODS[case["method"]]
    X, X_test, y, y_test = split(data, case)
    scaler = StandardScaler().fit(X)
    forms = {"raw": (X, X_test)}
    if in_both_forms:
        forms["standardized"] = scaler.transform(X), scaler.transform(X_test)
    rows = []
    for form, (X, X_test) in forms.items():
        start = perf_counter()
        model = make(case["seed"], **choose(make, settings, X, y, case["seed"]))
        if case["method"] in ONE_DECISION:
            deciders = {"own": model.fit(X, y)}
        else:
            tuned = ThresholdedClassifierCV(model).fit(X, y)
            deciders = {"tuned": tuned}
        seconds = {rule: perf_counter() - start for rule in deciders}
        if case["method"] == "network":
            start = perf_counter()
            deciders["own"] = clone(model).fit(X, y)
            seconds["own"] = perf_counter() - start
        rows += [
            {
                "form": form,
                "rule": rule,
                "seconds": seconds[rule],
                **scores_of(y_test, decider.predict(X_test)),
            }
            for rule, decider in deciders.items()
        ]
    return rows


def split(data, case):
    """Training and test parts of a draw, and the labels that are frequent enough."""
    X, y = np.concatenate(data[::2]), np.concatenate(data[1::2]).astype(int)
    order = np.random.RandomState(case["seed"]).permutation(len(X))
    train, test = np.split(order[: case["n_rows"] + MOST_TESTED], [case["n_rows"]])
    labels = y[train].sum(axis=0) >= LEAST_POSITIVES
    return X[train], X[test], y[train][:, labels], y[test][:, labels]


def choose(make, settings, X, y, seed):
    """The best setting on a fifth of the rows."""
    if len(settings) == 1:
        return settings[0]
    X, X_held_out, y, y_held_out = multilabel_train_test_split(
        X, y, test_size=0.2, random_state=seed
    )
    labels = y.any(axis=0)
    y, y_held_out = y[:, labels], y_held_out[:, labels]

    def score(setting):
        model = make(seed, **setting).fit(X, y)
        # thresholds on the rows themselves: all settings gain alike
        tuned = ThresholdedClassifierCV(model, cv="prefit").fit(X_held_out, y_held_out)
        scores = scores_of(y_held_out, tuned.predict(X_held_out))
        return scores["macro"] + scores["micro"]

    return max(settings, key=score)


# Tables and figures


def report(results, folder):
    results["method"] += results["rule"].map({"own": ", own", "tuned": ""})
    results["F1"] = (results["macro"] + results["micro"]) / 2
    keys = ["method", "data", "n_rows"]
    means = results.groupby([*keys, "form"])["F1"].mean()
    best = means.groupby(keys).idxmax().map(lambda key: key[-1]).rename("best")
    results = results.join(best, on=keys)
    results = results[results["form"] == results["best"]]
    scores = results.pivot(
        index=["data", "n_rows", "seed"], columns="method", values="F1"
    )
    scores = scores[in_order(scores)]
    write_tables(scores, folder)
    write_frame(folder / "ahead_of_best.rst", formatted(ahead_of_best(scores)))
    seconds = results.pivot_table(
        index="method", columns="n_rows", values="seconds", aggfunc="median"
    )
    seconds = seconds.loc[in_order(seconds.index)]
    write_frame(
        folder / "seconds.rst",
        formatted(seconds.rename(columns="{:,} rows".format), 1).rename_axis(
            columns=None
        ),
    )
    draw(scores, seconds, folder)


def ahead_of_best(scores):
    """Differences to the best rival of each data set, on the draws that both have."""
    ours = [name for name in OURS if name in scores]
    rivals = scores.drop(columns=ours)
    ahead = {}
    for name in ours:
        difference = rivals.sub(scores[name], axis=0)
        by_data = difference.groupby(level=["data", "n_rows"]).mean()
        ahead[name] = -by_data.max(axis=1)
    return pd.DataFrame(ahead).rename_axis(["", "rows"])


def in_order(names):
    known = [*OURS[:3], *METHODS]
    return [name for name in dict.fromkeys(known) if name in set(names)]


def write_tables(scores, folder):
    """Means of each data set, and differences to kernel ridge, by kind of data."""
    reference = scores["kernel ridge, rbf"]
    is_embedding = scores.index.get_level_values("data").isin(EMBEDDINGS)
    table = {}
    for kind, rows in (("embeddings", is_embedding), ("others", ~is_embedding)):
        if not rows.any():
            continue
        difference = scores[rows].sub(reference[rows], axis=0)
        by_data = difference.groupby(level=["data", "n_rows"]).mean()
        for n_rows, part in by_data.groupby(level="n_rows"):
            table[f"{kind}, {n_rows:,} rows"] = formatted(part.mean())
        mean, sem = by_data.mean(), by_data.sem()
        half = sem * stats.t.ppf(0.975, by_data.count() - 1)
        table[f"{kind}, all"] = cells(mean, half)
    table = pd.DataFrame(table).reindex(list(scores)).replace("", NO_VALUE)
    write_frame(folder / "differences.rst", table)
    in_short = [name for name in table if name.endswith(", all")]
    write_frame(
        folder / "in_short.rst",
        table[in_short].rename(columns=lambda name: name.removesuffix(", all")),
    )
    for n_rows, part in scores.groupby(level="n_rows"):
        by_data = part.groupby(level="data")
        mean, half = by_data.mean().T, by_data.sem().T
        half *= stats.t.ppf(0.975, by_data.count().T - 1)
        write_frame(folder / f"f1_{n_rows}.rst", cells(mean, half).rename_axis(""))


def draw(scores, seconds, folder):
    """Quality against seconds and against rows, in the mean over embedding sets."""
    is_embedding = scores.index.get_level_values("data").isin(EMBEDDINGS)
    part = scores[is_embedding] if is_embedding.any() else scores
    by_data = (
        part.groupby(level=["data", "n_rows"]).mean().groupby(level="n_rows").mean()
    )
    shown = [name for name in (*OURS, "kernel ridge, rbf") if name in by_data]
    figure, axes = panels(1, 2, 5, 4, sharey=True)
    for name in shown:
        axes[0, 0].plot(seconds.loc[name], by_data[name], "o-", label=name)
        axes[0, 1].plot(by_data.index, by_data[name], "o-")
    axes[0, 0].set(xscale="log", xlabel="seconds of all fits", ylabel="F1")
    log_ticks(axes[0, 1], list(by_data.index))
    axes[0, 1].set_xlabel("rows to learn from")
    figure.legend(loc="outside lower center", ncols=2)
    save(figure, folder / "embeddings.png")
    plt.close(figure)


if __name__ == "__main__":
    main(__doc__, make_cases, run_case, report)

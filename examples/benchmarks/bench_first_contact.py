"""What people use for tags, at 0.5 and with tuned thresholds, and the best way here.

1,000 rows at random to learn from, and up to 3,000 others to test on; a seed is a draw.
Labels with fewer than 5 positives among the former are left out. scikit-learn's
classifiers have their defaults, but for the number of iterations of logistic
regression, and predict at 0.5; "tuned" are the default thresholds of
`ThresholdedClassifierCV`. Methods other than the stacked kernel ridge and trees run on
features as they are and on standardized ones, and the better of both for each data set
is reported, which is chosen with hindsight, in their favour. F1 is the mean of macro
and micro F1.
"""

import matplotlib.pyplot as plt
import pandas as pd
from bench_embeddings import split
from harness.figures import panels, save
from harness.metrics import scores_of
from harness.report import cells, write_frame
from harness.run import grid, main
from scipy import stats
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

from skmultitag import MultiTagClassifier, ThresholdedClassifierCV
from skmultitag.kernel_ridge import StackedKernelRidgeClassifierCV

N_ROWS = 1000


def logistic(seed):
    return OneVsRestClassifier(LogisticRegression(max_iter=1000))


# by method: what makes the classifier, its decisions, whether it runs on both forms
METHODS = {
    "LogisticRegression": (logistic, ("at 0.5", "tuned"), True),
    "RandomForestClassifier": (
        lambda seed: RandomForestClassifier(random_state=seed),
        ("at 0.5", "tuned"),
        False,
    ),
    "MLPClassifier": (
        lambda seed: MLPClassifier(random_state=seed),
        ("at 0.5", "tuned"),
        True,
    ),
    "MultiTagClassifier": (
        lambda seed: MultiTagClassifier(random_state=seed),
        ("its own",),
        True,
    ),
    "StackedKernelRidgeClassifierCV": (
        lambda seed: StackedKernelRidgeClassifierCV(),
        ("tuned",),
        False,
    ),
}


def make_cases(data_sets, n_seeds):
    return grid(n_seeds, method=list(METHODS), data=list(data_sets), n_rows=[N_ROWS])


def run_case(data, case):
    make, rules, in_both_forms = METHODS[case["method"]]
    X, X_test, y, y_test = split(data, case)
    forms = {"raw": (X, X_test)}
    if in_both_forms:
        scaler = StandardScaler().fit(X)
        forms["standardized"] = scaler.transform(X), scaler.transform(X_test)
    rows = []
    for form, (X, X_test) in forms.items():
        for rule in rules:
            model = make(case["seed"])
            if rule == "tuned":
                model = ThresholdedClassifierCV(model)
            scores = scores_of(y_test, model.fit(X, y).predict(X_test))
            rows.append({"form": form, "rule": rule, **scores})
    return rows


# Tables and figures


def report(results, folder):
    scores = best_forms(results)
    mean, half = intervals(scores.groupby(["method", "rule", "data"], sort=False))
    table = cells(mean, half).unstack("data").loc[in_order(mean)]
    table.insert(0, "threshold", table.index.get_level_values("rule"))
    write_frame(folder / "f1.rst", table.droplevel("rule").rename_axis(""))
    draw(mean.unstack("data").mean(axis=1), folder / "first_contact.svg")


def best_forms(results):
    """F1 of each run, of the form of the features that is better on its data set."""
    results["F1"] = (results["macro"] + results["micro"]) / 2
    keys = ["method", "rule", "data"]
    means = results.groupby([*keys, "form"])["F1"].mean()
    best = means.groupby(keys).idxmax().map(lambda key: key[-1]).rename("best")
    results = results.join(best, on=keys)
    return results[results["form"] == results["best"]]


def intervals(groups):
    """Means, and halves of their 95 % intervals over seeds."""
    f1 = groups["F1"]
    return f1.mean(), f1.sem() * stats.t.ppf(0.975, f1.count() - 1)


def in_order(means):
    known = [(name, rule) for name, (_, rules, _) in METHODS.items() for rule in rules]
    have = {key[:2] for key in means.index}
    return pd.MultiIndex.from_tuples(
        [k for k in known if k in have], names=["", "rule"]
    )


def draw(means, path):
    """A bar for each method and decision; light where the threshold is 0.5."""
    figure, axes = panels(1, 1, 7, 3.2)
    ax = axes[0, 0]
    order = in_order(means)[::-1]
    colors = {"at 0.5": "#b5b5b5", "tuned": "#1f8a8c", "its own": "#e76f51"}
    names = {"at 0.5": "at 0.5", "tuned": "tuned thresholds", "its own": "as it comes"}
    bars = ax.barh(
        [f"{method}, {names[rule]}" for method, rule in order],
        means.loc[order],
        color=[colors[rule] for _, rule in order],
    )
    ax.bar_label(bars, fmt="%.2f", padding=3)
    ax.set_xlabel("F1 on test rows, mean of macro and micro F1")
    ax.spines[["top", "right"]].set_visible(False)
    save(figure, path)
    plt.close(figure)


if __name__ == "__main__":
    main(__doc__, make_cases, run_case, report)

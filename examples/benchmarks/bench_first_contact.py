"""What people use for tags, at 0.5 and with tuned thresholds, and the best way here.

1,000 rows at random to learn from, and up to 3,000 others to test on; a seed is a draw.
Labels with fewer than 5 positives among the former are left out. scikit-learn's
classifiers have their defaults, but for the number of iterations of logistic
regression, and predict at 0.5; "tuned" are the default thresholds of
`ThresholdedClassifierCV`. Methods other than the stacked kernel ridge and trees run on
features as they are and on standardized ones, and the better of both for each data set
is reported, which is chosen with hindsight, in their favor. F1 is the mean of macro
and micro F1.
"""

import pandas as pd
from bench_embeddings import split
from harness.figures import panels, save
from harness.metrics import scores_of
from harness.report import cells, formatted, write_frame
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
DECISIONS = {"at 0.5": "at 0.5", "tuned": "tuned thresholds", "its own": "as it comes"}
COLORS = {"at 0.5": "#b5b5b5", "tuned": "#7fc4c4", "its own": "#f4a261"}
BEST = "#1f8a8c"


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
    """The table and the figure of README.rst and of the page of the benchmarks."""
    scores = scores_of_best_forms(results)
    write_frame(folder / "f1.rst", make_table(scores))
    draw(scores, folder / "first_contact.png")


def scores_of_best_forms(results):
    """F1 with a row a data set and seed, and a column a method and decision."""
    results = results.assign(F1=(results["macro"] + results["micro"]) / 2)
    f1 = results.pivot_table("F1", ["data", "seed"], ["method", "rule", "form"])
    columns = {}
    for method, (_, rules, _) in METHODS.items():
        for rule in rules:
            forms = f1[method, rule]
            best = forms.groupby(level="data").mean().idxmax(axis=1)
            picked = [forms.loc[data, best[data]] for data in best.index]
            columns[method, rule] = pd.concat(picked, keys=best.index)
    return pd.DataFrame(columns).rename_axis(["data", "seed"])


def make_table(scores):
    """Means over seeds with 95 % intervals, and the mean over data sets."""
    by_data = scores.groupby(level="data")
    half = by_data.sem() * stats.t.ppf(0.975, by_data.count() - 1)
    table = cells(by_data.mean(), half).T
    table["mean"] = formatted(by_data.mean().mean())
    table.insert(0, "decision", table.index.get_level_values(1))
    return table.droplevel(1).rename_axis("")


def draw(scores, path):
    """A bar for each method and decision, the mean over data sets."""
    means = scores.groupby(level="data").mean().mean()[::-1]
    figure, axes = panels(1, 1, 7.5, 3.4)
    ax = axes[0, 0]
    bars = ax.barh(
        [f"{method}, {DECISIONS[rule]}" for method, rule in means.index],
        means,
        color=[COLORS[rule] for _, rule in means.index],
    )
    bars[0].set_color(BEST)
    ax.bar_label(bars, fmt="%.2f", padding=3)
    ax.set_xlabel("F1 on test rows (mean of macro and micro F1)")
    ax.spines[["top", "right"]].set_visible(False)
    save(figure, path)


if __name__ == "__main__":
    main(__doc__, make_cases, run_case, report)

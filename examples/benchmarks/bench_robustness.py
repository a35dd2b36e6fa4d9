"""What wrong labels, outliers, rare labels and few rows cost each method.

The training rows are spoiled, the test rows never:

- "added": each negative of label j is turned on with probability r * f_j, f_j the
  frequency of the label: as by a second annotator who tags at random. At r = 1 a rare
  label has as many wrong positives as right ones.
- "removed": each positive is dropped with probability r.
- "gaussian", "cauchy": a share r of the rows gets noise in all of its standardized
  features, normal with standard deviation 10, or Cauchy with scale 3. The labels of
  these rows stay. Scaling is that of the clean rows: a scaler that breaks is a question
  of its own.
- "rows": so many rows, a stratified sample, with the scaling of those rows.

Of larger data sets a stratified sample of 4,000 rows is taken, another one for each
seed. Features of 0 and 1 are not scaled and get no noise. The shipped data set, for its
rare labels, is run clean and with 800 rows only. F1 by number of positives is of data
sets with 100 labels or more.
Methods are networks with default parameters, and one-vs-rest logistic regression with
C = 0.1. "tuned" is `ThresholdedClassifierCV` with its defaults, on the spoiled rows.
Sigmoid F1 is on logits, with slope 1 the same as soft F1; the default loss of the
network, "sigmoid_f1_bce", adds 0.3 of cross-entropy to it, "bce + soft_f1" as much as
F1. The spread is over seeds, of the spoiling and of the method.
"""

import numpy as np
import pandas as pd
from harness.data import MAX_ROWS, is_bag_of_words, prepare_sample
from harness.figures import (
    draw_lines,
    in_order,
    legend_below,
    log_ticks,
    panels,
    save,
    side_by_side,
)
from harness.methods import fit_deciders, network, one_vs_rest
from harness.metrics import f1_by_label, scores_of
from harness.report import cells, formatted, name_with_rule, write_frame
from harness.run import main
from harness.statistics import summarize
from sklearn.linear_model import LogisticRegression

AMOUNTS = {
    "added": (0.25, 0.5, 1.0),
    "removed": (0.1, 0.3, 0.5),
    "gaussian": (0.05, 0.2),
    "cauchy": (0.05, 0.2),
    "rows": (100, 200, 400, 800),
}
X_LABELS = {
    "added": "wrong positives, r",
    "removed": "share of positives dropped",
    "gaussian": "share of rows, normal noise",
    "cauchy": "share of rows, Cauchy noise",
    "rows": "training rows",
}
METHODS = (
    "bce",
    "logistic",
    "sigmoid_f1",
    "sigmoid_f1, beta=5",
    "sigmoid_f1_bce",
    "bce + soft_f1",
)
TUNED = ("bce", "logistic")
NOISE = ("gaussian", "cauchy")
BY_LABEL = ("none", "rows")  # troubles whose runs count for rare labels
MANY_LABELS = 100
BINS = (1, 5, 10, 20, 50, 100, 200, 500, np.inf)


def make_method(name, is_binary, seed):
    if name == "logistic":
        return one_vs_rest(LogisticRegression(C=0.1, max_iter=300, tol=1e-3), is_binary)
    return network(name, seed)


def make_cases(data_sets, n_seeds):
    return [
        {
            "data": data,
            "trouble": trouble,
            "amount": amount,
            "method": method,
            "seed": seed,
        }
        for seed in range(n_seeds)
        for data, (X, *_) in data_sets.items()
        for trouble, amount in troubles_of(data, X)
        for method in METHODS
    ]


def troubles_of(data_name, X):
    if data_name == "debtags":
        return [("none", 0), ("rows", 800)]
    pairs = [(trouble, a) for trouble, amounts in AMOUNTS.items() for a in amounts]
    pairs = [pair for pair in pairs if pair[0] != "rows" or pair[1] < len(X)]
    if is_bag_of_words(X):
        pairs = [pair for pair in pairs if pair[0] not in NOISE]
    return [("none", 0), *pairs]


def run_case(data, case):
    trouble, amount, seed = case["trouble"], case["amount"], case["seed"]
    n_rows = amount if trouble == "rows" else MAX_ROWS
    X, y, X_test, y_test = prepare_sample(data, seed, n_rows)
    X, y = spoil(X, y, trouble, amount, np.random.RandomState(seed))
    model = make_method(case["method"], is_bag_of_words(X), seed)
    deciders = fit_deciders(model, X, y, is_tuned=case["method"] in TUNED)
    rows = []
    for rule, decider in deciders.items():
        y_pred = decider.predict(X_test)
        row = {"rule": rule, **scores_of(y_test, y_pred), "n_rows": len(X)}
        rows.append(row | by_label(y, y_test, y_pred, trouble))
    return rows


def by_label(y, y_test, y_pred, trouble):
    """Training positives and F1 of each label; of other troubles none are reported."""
    if trouble not in BY_LABEL:
        return {"positives": "", "f1_by_label": ""}
    f1 = f1_by_label(y_test, y_pred)
    return {
        "positives": " ".join(map(str, y.sum(axis=0))),
        "f1_by_label": " ".join(f"{value:.4f}" for value in f1),
    }


def spoil(X, y, trouble, amount, rng):
    """Copies of the training rows, with the trouble."""
    y = y.copy()
    if trouble == "added":
        y |= rng.random_sample(y.shape) < amount * y.mean(axis=0)
    elif trouble == "removed":
        y &= rng.random_sample(y.shape) >= amount
    elif trouble in NOISE:
        X = X.copy()
        rows = rng.permutation(len(X))[: round(amount * len(X))]
        shape = len(rows), X.shape[1]
        if trouble == "gaussian":
            X[rows] += 10 * rng.standard_normal(shape)
        else:
            X[rows] += 3 * rng.standard_cauchy(shape)
    return X, y


def report(table, folder):
    table["name"] = name_with_rule(table, "method", TUNED)
    order = in_order(table["name"])
    full = table[table["data"] != "debtags"]
    if len(full):
        parts = summarize(full, ["data", "trouble", "amount", "name"], ["macro"])
        mean, half = (part["macro"].unstack("name")[order] for part in parts)
        draw_troubles(mean, half, full, folder / "robustness_macro.png")
        losses = macro_losses(full)
        write_frame(folder / "robustness_macro.rst", losses_table(losses, order))
        in_short = losses.groupby(["data", "name"]).mean(numeric_only=True)
        in_short = in_short.groupby("name").mean().drop(columns="seed").loc[order]
        write_frame(folder / "robustness_mean.rst", formatted(in_short).rename_axis(""))
    rare = by_frequency(table)
    if rare is None:
        return
    keys = ["data", "positives", "name"]
    mean, half = (
        part["f1"].unstack("name")[order].sort_index()
        for part in summarize(rare, keys, ["f1"])
    )
    draw_frequencies(mean, half, folder / "robustness_rare_labels.png")
    counts = rare[rare["name"] == order[0]].groupby(keys[:2])["n"].sum()
    text = cells(mean, half)
    text.insert(0, "labels", counts.loc[text.index])
    text.index = pd.MultiIndex.from_tuples(
        [(data, bin_name(number)) for data, number in text.index], names=keys[:2]
    )
    write_frame(folder / "robustness_rare_labels.rst", text)


def draw_troubles(mean, half, table, path):
    """Rows are data sets, columns are troubles."""
    names = table["data"].unique()
    figure, axes = panels(
        len(names), len(AMOUNTS), 2.5, 2.6, sharex="col", sharey="row"
    )
    for row, name in zip(axes, names, strict=True):
        n_rows = table.loc[table["data"] == name, "n_rows"].max()
        for ax, trouble in zip(row, AMOUNTS, strict=True):
            parts = []
            if trouble not in mean.loc[name].index:
                ax.set_axis_off()  # no noise in words
                continue
            for part in (mean, half):
                clean = part.loc[name, "none"]
                if trouble == "rows":
                    clean = clean.set_axis([n_rows])
                parts.append(pd.concat([clean, part.loc[name, trouble]]).sort_index())
            draw_lines(ax, *parts)
            if trouble == "rows":
                log_ticks(ax, AMOUNTS["rows"])
        row[0].set_ylabel(f"{name}: macro F1")
    for ax, trouble in zip(axes[-1], AMOUNTS, strict=True):
        ax.set_xlabel(X_LABELS[trouble])
    legend_below(figure, axes[0, 0])
    save(figure, path)


def macro_losses(table):
    """Macro F1 on clean rows, and what the strongest of each trouble takes away."""
    keys = ["data", "name", "seed"]
    clean = table[table["trouble"] == "none"].set_index(keys)["macro"]
    columns = {"clean": clean}
    for trouble, amounts in AMOUNTS.items():
        worst = amounts[0] if trouble == "rows" else amounts[-1]
        of_trouble = table[(table["trouble"] == trouble) & (table["amount"] == worst)]
        # within a seed, so that the interval is that of the difference
        spoiled = of_trouble.set_index(keys)["macro"]
        columns[f"{trouble} {worst:g}"] = spoiled - clean
    return pd.DataFrame(columns).reset_index()


def losses_table(losses, order):
    """Means over seeds with intervals, a row a data set and method."""
    columns = losses.columns.drop(["data", "name", "seed"])
    text = cells(*summarize(losses, ["data", "name"], list(columns)))
    rows = [(data, name) for data in losses["data"].unique() for name in order]
    text = text.loc[rows]
    text.index.names = ["data", "method"]
    return text


def by_frequency(table):
    """Mean F1 of the labels of a bin, by seed; of clean rows and of few rows.

    Of data sets with many labels: the others have hardly any rare ones. None if there
    is no such data set.
    """
    parts = []
    for row in table[table["trouble"].isin(BY_LABEL)].itertuples():
        positives = np.array(row.positives.split(), dtype=int)
        if len(positives) < MANY_LABELS:
            continue
        f1 = np.array(row.f1_by_label.split(), dtype=float)
        number = np.digitize(positives, BINS)
        part = pd.DataFrame({"positives": number, "f1": f1})
        parts.append(part.assign(data=row.data, name=row.name, seed=row.seed))
    if not parts:
        return None
    labels = pd.concat(parts)
    labels = labels[labels["positives"] > 0]  # 0 is a label without any
    groups = labels.groupby(["data", "positives", "name", "seed"], as_index=False)
    return groups.agg(f1=("f1", "mean"), n=("f1", "size"))


def bin_name(number):
    low, high = BINS[number - 1 : number + 1]
    return f"from {low}" if np.isinf(high) else f"{low} to {high - 1}"


def draw_frequencies(mean, half, path):
    """A column for each data set."""
    figure, axes = side_by_side(mean.index.unique("data"), 4, 4.2)
    for name, ax in axes.items():
        parts = [part.loc[name] for part in (mean, half)]
        draw_lines(ax, *parts)
        ticks = parts[0].index
        ax.set_xticks(ticks, map(bin_name, ticks), rotation=30, ha="right")
        ax.set_xlabel("training positives of the label")
    first = next(iter(axes.values()))
    first.set_ylabel("mean F1 of the labels")
    legend_below(figure, first)
    save(figure, path)


if __name__ == "__main__":
    main(__doc__, make_cases, run_case, report)

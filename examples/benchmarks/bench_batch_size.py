"""F1 by batch size: the same epochs, with and without a rate of its own, or updates.

A large batch makes few steps an epoch, so that two comparisons are made, and neither
is the right one alone:

- "epochs": all sizes train for 50 epochs. Each size is shown at the default learning
  rate and at the best of three, which is chosen on held-out rows.
- "updates": all sizes make as many steps as batches of 256 rows make, at the default
  rate. A large batch then sees more rows, and takes longer. Sizes that would see more
  than 8 times the rows are left out.

Of larger data sets a stratified sample of 4,000 rows is taken, another one for each
seed, and features are standardized unless they are 0 and 1. Everything is trained on a
stratified 80 % of the training rows, always to the end. The rest chooses the rate, by
the mean of macro and micro F1, and the thresholds of cross-entropy,
`FBetaThreshold(shrinkage=50)`. Test rows are only measured. The spread is over seeds of
network and held-out rows. Seconds are those of one fit on one thread.
"""

import math
import time

import pandas as pd
from harness.data import prepare_sample
from harness.figures import draw_lines, in_order, legend_below, panels, save
from harness.methods import LARGE_BATCHES, network
from harness.metrics import scores_of
from harness.report import cells, name_with_rule, write_frame
from harness.run import grid, main
from harness.statistics import summarize

from skmultitag import MultiTagClassifier
from skmultitag.model_selection import multilabel_train_test_split
from skmultitag.thresholds import FBetaThreshold

SIZES = (32, 64, 128, 256, 512, 1024, "full")
RATES = (0.3, 1, 3)  # times the default, as roots of ratios of sizes are
LOSSES = ("sigmoid_f1_bce", "sigmoid_f1", "sigmoid_f1, micro", "bce")
MOST_ROWS = 8  # times those of batches of 256
VIEWS = ("same epochs, default rate", "same epochs, best rate", "same updates")


def make_cases(data_sets, n_seeds):
    params = {"data": data_sets, "loss": LOSSES, "size": SIZES}
    return [
        *grid(n_seeds, same=["epochs"], rate=RATES, **params),
        *grid(n_seeds, same=["updates"], rate=[1], **params),
    ]


def epochs_of(n_rows, case):
    """Epochs of a case, None where it would see too many rows."""
    if case["same"] == "epochs":
        return LARGE_BATCHES["max_iter"]
    size = n_rows if case["size"] == "full" else case["size"]
    updates = LARGE_BATCHES["max_iter"] * math.ceil(
        n_rows / LARGE_BATCHES["batch_size"]
    )
    epochs = round(updates / math.ceil(n_rows / size))
    return epochs if epochs <= MOST_ROWS * LARGE_BATCHES["max_iter"] else None


def run_case(data, case):
    X, y, X_test, y_test = prepare_sample(data, case["seed"])
    X, X_valid, y, y_valid = multilabel_train_test_split(
        X, y, test_size=0.2, random_state=case["seed"]
    )
    epochs = epochs_of(len(X), case)
    if epochs is None:
        return [{"rule": "left out"} | dict.fromkeys(MEASURES, math.nan)]
    model = network(
        case["loss"],
        case["seed"],
        learning_rate_init=case["rate"] * MultiTagClassifier().learning_rate_init,
        batch_size=case["size"],
        max_iter=epochs,
        tol=None,
    )
    # what a fresh process loads at its first fit is not a matter of the batch
    MultiTagClassifier(max_iter=1).fit(X[:100], y[:100])
    start = time.perf_counter()
    model.fit(X, y)
    costs = {"epochs": epochs, "seconds": time.perf_counter() - start}
    rules = {"natural": (model.predict(X_valid), model.predict(X_test))}
    if case["loss"] == "bce":
        scores = model.predict_proba(X_valid)
        thresholder = FBetaThreshold(shrinkage=50).fit(scores, y_valid)
        rules["tuned"] = (
            thresholder.transform(scores),
            thresholder.transform(model.predict_proba(X_test)),
        )
    rows = []
    for rule, (valid_pred, test_pred) in rules.items():
        valid = scores_of(y_valid, valid_pred)
        row = {
            "rule": rule,
            **scores_of(y_test, test_pred),
            "valid": (valid["macro"] + valid["micro"]) / 2,
            **costs,
        }
        rows.append(row)
    return rows


MEASURES = ("macro", "micro", "labels", "valid", "epochs", "seconds")


def report(table, folder):
    table = table[table["rule"] != "left out"].copy()
    table["method"] = name_with_rule(table, "loss", tuned=("bce",))
    views = pd.concat([view.assign(view=name) for name, view in make_views(table)])
    keys = ["view", "data", "method", "size"]
    mean, half = summarize(views, keys, ["macro", "micro", "seconds", "rate"])
    draw(mean["macro"], half["macro"], "macro", folder / "batch_size_macro.png")
    for average in ("macro", "micro"):
        best = [part.loc[VIEWS[1]] for part in (mean, half)]
        text = cells(best[0][[average]], best[1][[average]])[average]
        table = text.unstack("method").loc[list(names_of(text))]
        table = table[in_order(table)]
        seconds = best[0]["seconds"].unstack("method").loc[table.index]
        rates = best[0]["rate"].unstack("method").loc[table.index]
        table["seconds, sigmoid_f1"] = seconds["sigmoid_f1"].map("{:.2g}".format)
        table["rate, sigmoid_f1"] = rates["sigmoid_f1"].map("{:.1f}".format)
        write_frame(folder / f"batch_size_{average}.rst", table)


def names_of(values):
    """Data sets and sizes, the sizes in their order."""
    for name in values.index.unique("data"):
        yield from ((name, str(size)) for size in SIZES)


def make_views(table):
    by_epochs = table[table["same"] == "epochs"]
    yield VIEWS[0], by_epochs[by_epochs["rate"] == 1]
    # a rate for each size and seed, by rows that were held out
    keys = ["data", "method", "size", "seed"]
    yield VIEWS[1], by_epochs.loc[by_epochs.groupby(keys)["valid"].idxmax()]
    yield VIEWS[2], table[table["same"] == "updates"]


def draw(mean, half, average, path):
    """Rows are data sets, columns are views."""
    names = mean.index.unique("data")
    figure, axes = panels(len(names), len(VIEWS), 3.7, 2.3, sharex=True, sharey="row")
    sizes = [str(size) for size in SIZES]
    for row, name in zip(axes, names, strict=True):
        for ax, view in zip(row, VIEWS, strict=True):
            lines = (part.loc[view, name].unstack("method") for part in (mean, half))
            lines = [part.reindex(sizes) for part in lines]
            for part in lines:
                part.index = range(len(sizes))
            draw_lines(ax, *lines)
            ax.set_xticks(range(len(sizes)), sizes)
        row[0].set_ylabel(f"{name}: {average} F1")
    for ax, view in zip(axes[0], VIEWS, strict=True):
        ax.set_title(view)
    for ax in axes[-1]:
        ax.set_xlabel("batch size")
    legend_below(figure, axes[0, 0])
    save(figure, path)


if __name__ == "__main__":
    main(__doc__, make_cases, run_case, report)

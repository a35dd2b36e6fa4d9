"""What slope and offset of the sigmoid F1 loss do.

Test F1 of `SigmoidF1Loss` for a grid of beta and eta, on logits and on probabilities,
at its natural decision (p > 1/2 where S never crosses 1/2) and with thresholds tuned on
predictions from 3 folds, `ThresholdedClassifierCV(cv=3)`. The network is the default
one on standardized features, in batches of 256 rows for 50 epochs, always to the end: a
saturated sigmoid hardly moves the loss, and would be stopped by `tol`.

On probabilities the grid has the settings of the published code, (10, 1) and, at its
defaults, (1, 0); the best of the paper's own grid (1 to 30, and 0 to 2), (1, 1); and
that of AnyLoss, (73, -0.5). On logits (1, 0) is soft F1.

Run: python examples/benchmarks/bench_beta_eta.py run --results beta_eta.csv
[--seeds 5] [--workers 2] [name=file.npz ...] [debtags]
python examples/benchmarks/bench_beta_eta.py report --results beta_eta.csv
--output folder
"""

import matplotlib.pyplot as plt
import numpy as np
from paper_methods import TRAINING
from question_figures import save
from result_tables import cells, summarize, write_frame
from resumable import main, scores_of
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmultitag import MultiTagClassifier, ThresholdedClassifierCV
from skmultitag.losses import SigmoidF1Loss

GRIDS = {
    "logits": ((0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0), (-2, -1, -0.5, 0, 0.5, 1, 2)),
    "probability": ((1.0, 3.0, 10.0, 30.0, 73.0), (-0.75, -0.5, -0.25, 0, 0.5, 1, 2)),
}
MARKED = {
    "logits": {"soft F1": (1.0, 0)},
    "probability": {
        "published code": (10.0, 1),
        "its defaults": (1.0, 0),
        "paper's best": (1.0, 1),
        "AnyLoss": (73.0, -0.5),
    },
}
PLACE = {"aspect": "auto", "origin": "lower"}


def make_cases(data_sets, n_seeds):
    return [
        {"data": data, "on": on, "beta": beta, "eta": float(eta), "seed": seed}
        for seed in range(n_seeds)
        for data in data_sets
        for on, (betas, etas) in GRIDS.items()
        for beta in betas
        for eta in etas
    ]


def run_case(data, case):
    X, y, X_test, y_test = data
    loss = SigmoidF1Loss(beta=case["beta"], eta=case["eta"], on=case["on"])
    network = MultiTagClassifier(loss, **TRAINING, tol=None, random_state=case["seed"])
    model = make_pipeline(StandardScaler(), network)
    tuned = ThresholdedClassifierCV(model, cv=3).fit(X, y)
    true_labels = y_test.sum(axis=1).mean()
    return [
        {
            "rule": rule,
            **scores_of(y_test, decider.predict(X_test)),
            "true_labels": true_labels,
        }
        for rule, decider in (("natural", tuned.estimator_), ("tuned", tuned))
    ]


def report(table, folder):
    for on in GRIDS:
        of_grid = table[table["on"] == on]
        if len(of_grid):  # not so if runs are missing
            draw_maps(of_grid, on, folder / f"beta_eta_{on}.png")
    write_frame(folder / "beta_eta.rst", settings_table(table))


def draw_maps(table, on, path):
    """A row of maps a data set: macro F1 natural and tuned, labels a row natural."""
    names = table["data"].unique()
    columns = (("macro", "natural"), ("macro", "tuned"), ("labels", "natural"))
    figure, axes = plt.subplots(
        len(names),
        len(columns),
        figsize=(10, 3.1 * len(names)),
        layout="constrained",
        squeeze=False,
    )
    for row, name in zip(axes, names, strict=True):
        of_data = table[table["data"] == name]
        macro = of_data.groupby(["beta", "eta", "rule"])["macro"].mean()
        # both decisions on one scale, whose lower end leaves out total failures
        limits = max(macro.min(), 0.6 * macro.max()), macro.max()
        for ax, (value, rule) in zip(row, columns, strict=True):
            rows = of_data[of_data["rule"] == rule]
            grid = rows.pivot_table(value, "beta", "eta")
            title = f"{name}: {value} F1, {rule}"
            if value == "macro":
                ax.imshow(grid, "cividis", vmin=limits[0], vmax=limits[1], **PLACE)
                # the map is dark at its lower end
                is_dark = grid < sum(limits) / 2
            else:
                true = rows["true_labels"].mean()
                title = f"{name}: labels a row, true {true:.2f}"
                ratio = np.log2((grid / true).clip(1 / 4, 4))
                ax.imshow(ratio, "PuOr", vmin=-2, vmax=2, **PLACE)
                is_dark = ratio.abs() > 1.3
            label_map(ax, grid, is_dark, MARKED[on].values())
            ax.set_title(title, fontsize=10)
    save(figure, path)
    plt.close(figure)


def label_map(ax, grid, is_dark, marked):
    ax.set_xticks(range(grid.shape[1]), [f"{eta:g}" for eta in grid.columns])
    ax.set_yticks(range(grid.shape[0]), [f"{beta:g}" for beta in grid.index])
    ax.set_xlabel("eta")
    ax.set_ylabel("beta")
    for i in range(grid.shape[0]):
        for j in range(grid.shape[1]):
            value = grid.iloc[i, j]
            text = f"{value:.3f}"[1:] if grid.to_numpy().max() < 1 else f"{value:.1f}"
            colour = "white" if is_dark.iloc[i, j] else "black"
            ax.text(j, i, text, ha="center", va="center", fontsize=7, color=colour)
    for beta, eta in marked:
        if beta not in grid.index or eta not in grid.columns:
            continue
        place = grid.columns.get_loc(eta) - 0.5, grid.index.get_loc(beta) - 0.5
        ax.add_patch(plt.Rectangle(place, 1, 1, fill=False, color="#D55E00", lw=2))


def settings_table(table):
    """The marked settings, and the best and worst of each grid by its test F1."""
    keys = ["data", "on", "beta", "eta"]
    wide = table.pivot_table(
        ["macro", "micro", "labels"], [*keys, "seed"], "rule", sort=False
    )
    wide.columns = [f"{value}, {rule}" for value, rule in wide.columns]
    columns = ["macro, natural", "micro, natural", "labels, natural"]
    columns += ["macro, tuned", "micro, tuned"]
    mean, half = summarize(wide.reset_index(), keys, columns)
    text = cells(mean, half)
    text["labels, natural"] = mean["labels, natural"].map("{:.2f}".format)
    rows = {}
    for data, on in mean.index.droplevel(["beta", "eta"]).unique():
        of_grid = mean.loc[data, on]["macro, natural"]
        chosen = dict(MARKED[on])
        chosen["best on test rows"] = of_grid.idxmax()
        chosen["worst"] = of_grid.idxmin()
        for setting, (beta, eta) in chosen.items():
            if (beta, eta) not in of_grid:
                continue
            name = f"{setting} ({beta:g}, {eta:g})"
            rows[data, on, name] = text.loc[data, on, beta, eta]
    result = type(text)(rows).T
    result.index.names = ["data", "on", "setting (beta, eta)"]
    return result[columns]


if __name__ == "__main__":
    main(__doc__, make_cases, run_case, report)

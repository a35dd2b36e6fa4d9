"""What slope and offset of the sigmoid F1 loss do.

Test F1 of `SigmoidF1Loss` for a grid of beta and eta, on logits and on probabilities,
at its natural decision (p > 1/2 where S never crosses 1/2); for the settings that have
a name also with thresholds tuned on predictions from 3 folds,
`ThresholdedClassifierCV(cv=3)`. The network is the default one on standardized
features (words as they are), always to the end: a saturated sigmoid hardly moves the
loss, and would be stopped by `tol`. Of larger data sets a stratified sample of 4,000
training rows is taken, another one for each seed.

On probabilities the grid has the settings of the published code, (10, 1) and, at its
defaults, (1, 0); the best of the paper's own grid (1 to 30, and 0 to 2), (1, 1); and
that of AnyLoss, (73, -0.5). On logits (1, 0) is soft F1.
"""

import matplotlib.pyplot as plt
import numpy as np
from harness.data import at_most, prepare
from harness.figures import panels, save
from harness.methods import fit_deciders, network
from harness.metrics import scores_of
from harness.report import cells, write_frame
from harness.run import main
from harness.statistics import summarize

from skmultitag.losses import SigmoidF1Loss

GRIDS = {
    "logits": ((0.25, 1.0, 2.0, 5.0, 10.0, 30.0), (-2, -1, 0, 1, 2)),
    "probability": ((1.0, 3.0, 10.0, 30.0, 73.0), (-0.75, -0.5, 0, 1, 2)),
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
    X, y, X_test, y_test = prepare(data)
    X, y = at_most(X, y, case["seed"])
    loss = SigmoidF1Loss(beta=case["beta"], eta=case["eta"], on=case["on"])
    model = network(loss, case["seed"], tol=None)
    is_marked = (case["beta"], case["eta"]) in MARKED[case["on"]].values()
    deciders = fit_deciders(model, X, y, is_tuned=is_marked, cv=3)
    true_labels = y_test.sum(axis=1).mean()
    return [
        {
            "rule": rule,
            **scores_of(y_test, decider.predict(X_test)),
            "true_labels": true_labels,
        }
        for rule, decider in deciders.items()
    ]


def report(table, folder):
    for on in GRIDS:
        of_grid = table[table["on"] == on]
        if len(of_grid):  # not so if runs are missing
            draw_maps(of_grid, on, folder / f"beta_eta_{on}.png")
    for average in ("macro", "micro"):
        path = folder / f"beta_eta_{average}.rst"
        write_frame(path, settings_table(table, average))


def draw_maps(table, on, path):
    """A row of maps a data set: macro F1 and labels a row."""
    table = table[table["rule"] == "natural"]
    names = table["data"].unique()
    columns = ("macro", "labels")
    figure, axes = panels(len(names), len(columns), 3.75, 2.6)
    for row, name in zip(axes, names, strict=True):
        of_data = table[table["data"] == name]
        for ax, value in zip(row, columns, strict=True):
            grid = of_data.pivot_table(value, "beta", "eta")
            if value == "macro":
                title = f"{name}: macro F1"
                largest = grid.to_numpy().max()
                # the lower end leaves out total failures
                limits = max(grid.to_numpy().min(), 0.6 * largest), largest
                ax.imshow(grid, "cividis", vmin=limits[0], vmax=limits[1], **PLACE)
                # the map is dark at its lower end
                is_dark = grid < sum(limits) / 2
            else:
                true = of_data["true_labels"].mean()
                title = f"{name}: labels a row, true {true:.2f}"
                ratio = np.log2((grid / true).clip(1 / 4, 4))
                ax.imshow(ratio, "PuOr", vmin=-2, vmax=2, **PLACE)
                is_dark = ratio.abs() > 1.3
            label_map(ax, grid, is_dark, MARKED[on].values())
            ax.set_title(title, fontsize=9)
    save(figure, path)


def label_map(ax, grid, is_dark, marked):
    ax.set_xticks(range(grid.shape[1]), [f"{eta:g}" for eta in grid.columns])
    ax.set_yticks(range(grid.shape[0]), [f"{beta:g}" for beta in grid.index])
    ax.set_xlabel("eta")
    ax.set_ylabel("beta")
    for i in range(grid.shape[0]):
        for j in range(grid.shape[1]):
            value = grid.iloc[i, j]
            text = f"{value:.3f}"[1:] if grid.to_numpy().max() < 1 else f"{value:.1f}"
            color = "white" if is_dark.iloc[i, j] else "black"
            ax.text(j, i, text, ha="center", va="center", fontsize=7, color=color)
    for beta, eta in marked:
        if beta not in grid.index or eta not in grid.columns:
            continue
        place = grid.columns.get_loc(eta) - 0.5, grid.index.get_loc(beta) - 0.5
        ax.add_patch(plt.Rectangle(place, 1, 1, fill=False, color="#D55E00", lw=2))


def settings_table(table, average):
    """F1 of the settings that have a name, data sets in columns."""
    names = {
        (on, *setting): f"{on}: {name} ({setting[0]:g}, {setting[1]:g})"
        for on, marked in MARKED.items()
        for name, setting in marked.items()
    }
    settings = list(zip(table["on"], table["beta"], table["eta"], strict=True))
    table = table.assign(setting=[names.get(setting) for setting in settings])
    keys = ["setting", "rule", "data"]
    mean, half = summarize(table.dropna(subset="setting"), keys, [average])
    text = cells(mean, half)[average].unstack("data")
    index = [(name, rule) for name in names.values() for rule in ("natural", "tuned")]
    index = [key for key in index if key in text.index]  # not all if runs are missing
    return text.loc[index, list(table["data"].unique())]


if __name__ == "__main__":
    main(__doc__, make_cases, run_case, report)

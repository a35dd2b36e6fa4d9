"""Figures of `bench_paper.py`: dots with intervals, critical differences, dumbbells.

Colours are of the palette of Okabe and Ito, which colour-blind readers can tell apart;
marks differ in shape too.
"""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from paper_statistics import cliques, critical_difference, mean_ranks

STYLES = {
    "natural": {"color": "#E69F00", "marker": "o", "label": "decided by predict"},
    "tuned": {"color": "#0072B2", "marker": "D", "label": "tuned thresholds"},
}
PANELS = {"macro_f1": "Macro F1", "micro_f1": "Micro F1"}


def write_figures(results, folder, *, means, half_widths, block, losses):
    """Write all figures, and return their paths.

    Parameters
    ----------
    results : DataFrame
        A row a job and rule.

    folder : Path

    means, half_widths : callable
        Of (results, metric, rule): tables of data sets by methods.

    block : callable
        Of the same: the table whose ranks are compared.

    losses : list of str
        Methods of the dumbbell plot.
    """
    paths = []

    def save(figure, name):
        path = folder / f"{name}.png"
        figure.savefig(path, dpi=100, bbox_inches="tight")
        plt.close(figure)
        paths.append(path)

    for data in results["data"].unique():
        part = results[results["data"] == data]
        save(draw_dots(part, data, means, half_widths), f"dots_{data}")
    for metric, title in PANELS.items():
        for rule in STYLES:
            table = block(results, metric, rule)
            if len(table) > 1 and table.shape[1] > 2:
                difference = critical_difference(table.shape[1], len(table))
                figure = draw_critical_difference(
                    mean_ranks(table), difference, f"{title}, {STYLES[rule]['label']}"
                )
                save(figure, f"ranks_{metric}_{rule}")
    save(draw_dumbbells(results, means, losses), "natural_to_tuned")
    return paths


def draw_dots(results, data, means, half_widths):
    """F1 of each method on one data set, by both rules, with 95 % intervals."""
    order = means(results, "macro_f1", "tuned").loc[data].sort_values().index
    height = 1.2 + 0.27 * len(order)
    figure, axes = plt.subplots(1, 2, figsize=(9, height), sharey=True)
    for ax, (metric, title) in zip(axes, PANELS.items(), strict=True):
        for shift, (rule, style) in zip((0.15, -0.15), STYLES.items(), strict=True):
            mean = means(results, metric, rule).loc[data].reindex(order)
            half = half_widths(results, metric, rule).loc[data].reindex(order)
            ax.errorbar(
                mean, np.arange(len(order)) + shift, xerr=half, ls="", ms=5, **style
            )
        ax.set(title=title, yticks=range(len(order)), yticklabels=order)
        ax.locator_params(axis="x", nbins=5)
        ax.grid(axis="both", color="0.9")
        ax.set_axisbelow(True)
    axes[0].legend(loc="best", fontsize=9)
    figure.suptitle(data)
    figure.tight_layout()
    return figure


def draw_dumbbells(results, means, losses):
    """From the natural decision to tuned thresholds, mean over data sets, by loss."""
    figure, axes = plt.subplots(1, 2, figsize=(9, 6), sharey=True)
    order = None
    for ax, (metric, title) in zip(axes, PANELS.items(), strict=True):
        found = {}
        for rule in STYLES:
            table = means(results, metric, rule)
            found[rule] = table[[name for name in losses if name in table]].dropna()
        n_data = len(found["natural"])
        found = {rule: table.mean() for rule, table in found.items()}
        if order is None:
            order = found["natural"].sort_values().index
        place = np.arange(len(order))
        ends = [found[rule][order] for rule in STYLES]
        ax.hlines(place, *ends, color="0.7", lw=2)
        for rule, style in STYLES.items():
            ax.plot(found[rule][order], place, ls="", ms=7, **style)
        ax.set(title=f"{title}, mean of {n_data} data sets")
        ax.set(yticks=place, yticklabels=order)
        ax.grid(axis="both", color="0.9")
        ax.set_axisbelow(True)
    axes[0].legend(loc="best", fontsize=9)
    figure.tight_layout()
    return figure


def draw_critical_difference(ranks, difference, title):
    """Mean ranks on a line; methods joined by a bar are not told apart (Demšar)."""
    ranks = ranks.sort_values()
    n_methods = len(ranks)
    bars = cliques(ranks.to_numpy(), difference)
    n_left = (n_methods + 1) // 2
    depth = 0.5 + 0.25 * len(bars)
    figure, ax = plt.subplots(figsize=(9, 1.3 + 0.3 * (depth + n_left)))

    ax.hlines(0, 1, n_methods, color="black", lw=1)
    for tick in range(1, n_methods + 1):
        ax.vlines(tick, 0, 0.15, color="black", lw=1)
        ax.text(tick, 0.25, tick, ha="center", va="bottom")
    ax.hlines(1.2, 1, 1 + difference, color="black", lw=2)
    ax.text(
        1 + difference / 2,
        1.3,
        f"critical difference {difference:.2f}",
        ha="center" if difference > n_methods / 4 else "left",
        va="bottom",
        fontsize=9,
    )
    for level, (first, last) in enumerate(bars):
        ends = ranks.iloc[first] - 0.05, ranks.iloc[last] + 0.05
        ax.hlines(-0.3 - 0.25 * level, *ends, color="#0072B2", lw=4)
    for place, (name, rank) in enumerate(ranks.items()):
        is_left = place < n_left
        # the outermost name is the highest on either side
        y = -depth - (place if is_left else n_methods - 1 - place) * 0.8 - 0.3
        edge = 0.6 if is_left else n_methods + 0.4
        ax.plot([rank, rank, edge], [0, y, y], color="0.4", lw=1)
        side = "right" if is_left else "left"
        text = f" {name}, {rank:.1f} "
        ax.text(edge, y, text, ha=side, va="center")
    ax.set_title(title, pad=14)
    ax.axis("off")
    return figure

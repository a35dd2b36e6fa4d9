"""Tables and figures of `bench_paper.py`.

Rows are methods, the best mean rank first, and columns are data sets. Entries are means
over seeds and half the widths of their 95 % t-intervals, so the spread is that of
folds, held-out rows and the method's own randomness, not of the data. The best of a
data set is bold; those in its interval are in italics.
"""

import numpy as np
import pandas as pd
from harness.figures import panels, save
from harness.report import NO_VALUE, formatted, write_frame
from harness.statistics import (
    cliques,
    critical_difference,
    friedman_p_value,
    holm,
    mean_ranks,
    summarize,
    wilcoxon_p_value,
)
from paper_methods import losses as loss_names

METRICS = {
    "macro_f1": "Macro F1",
    "micro_f1": "Micro F1",
    "macro_average_precision": "Macro average precision",
    "micro_average_precision": "Micro average precision",
    "calibration_error": "calibration error",
}
F1 = ("macro_f1", "micro_f1")

RULES = {
    "natural": "decided by predict",
    "0.5": "probability above 0.5",
    "tuned": "tuned thresholds",
    "tuned per label": "tuned thresholds, without shrinkage",
    "tuned micro": "one tuned threshold",
    "knee": "knee of the median curve",
    "top n_hat": "as many labels as probabilities add up to",
}

DECISIONS = {"natural": "its own", "tuned": "tuned"}

# colors of Okabe and Ito
STYLES = {
    "natural": {"color": "#E69F00", "marker": "o"},
    "tuned": {"color": "#0072B2", "marker": "D"},
}

DOTS_OF = "hoc_minilm"  # one data set of which all methods are drawn

# few enough that a critical difference can tell some apart
CONTESTANTS = (
    "asymmetric bce sigmoid_f1_bce focal forest knn logistic mlp sigmoid_f1 zlpr"
)

PAIRS = [
    # method and rule, against method and rule
    ("sigmoid_f1", "natural", "bce", "natural"),
    ("sigmoid_f1", "tuned", "bce", "tuned"),
    ("sigmoid_f1", "natural", "bce", "tuned"),
    ("sigmoid_f1_bce", "natural", "bce", "tuned"),
    ("sigmoid_f1_bce", "tuned", "bce", "tuned"),
    ("sigmoid_f1_bce", "tuned", "sigmoid_f1_bce", "natural"),
    ("sigmoid_f1_bce", "tuned", "logistic", "tuned"),
    ("sigmoid_f1_bce", "tuned", "mlp", "tuned"),
    ("bce", "tuned", "bce", "natural"),
    ("bce", "tuned", "bce_256", "tuned"),
    ("sigmoid_f1_bce", "tuned", "bce_256", "tuned"),
    ("sigmoid_f1_bce", "tuned", "sigmoid_f1_bce_256", "tuned"),
]

# for the short answer: methods, each at its own decision and with tuned thresholds
IN_SHORT = ("logistic", "mlp", "forest", "bce", "sigmoid_f1", "sigmoid_f1_bce")

LEAST_WIN = 0.0005  # smaller differences of F1 count as ties


def report(results, folder):
    """All tables and figures; `results` has a row a run and rule."""
    results = results.sort_index()  # data sets as they were run, small ones first
    write_scores(folder, results)
    write_in_short(folder / "in_short.rst", results)
    write_pairs(folder, results)
    write_ranks(folder / "ranks.rst", results)
    write_settings(folder / "settings.rst", results)
    write_seconds(folder / "fit_seconds.rst", results)
    write_averages(
        folder / "calibration.rst",
        "Ranking, calibration and number of labels",
        calibration_tables(results),
    )
    for metric in F1:
        write_averages(
            folder / f"rules_{metric}.rst",
            f"{METRICS[metric]} of decision rules",
            {rule: means(results, metric, rule) for rule in RULES},
        )
    draw_all(results, folder)


# Tables


def means(results, metric, rule="tuned"):
    """Means over seeds, a row for each data set and a column for each method."""
    return means_and_halves(results, metric, rule)[0]


def means_and_halves(results, metric, rule):
    """`means`, and half the widths of their intervals."""
    part = results[results["rule"] == rule]
    return [
        found[metric].unstack("method")
        for found in summarize(part, ["data", "method"], [metric])
    ]


def complete_block(table):
    """The part of a table without gaps, to rank on.

    The data sets that most methods ran on, with the methods that ran on all of them.
    """
    return table[table.notna().mean(axis=1) > 0.5].dropna(axis=1)


def contestants_block(results, metric, rule):
    table = means(results, metric, rule)
    return complete_block(
        table[[name for name in CONTESTANTS.split() if name in table]]
    )


def write_scores(folder, results):
    """F1 by both rules: methods by data sets, with mean ranks."""
    for metric in F1:
        for rule in STYLES:
            mean, half = means_and_halves(results, metric, rule)
            block = complete_block(mean)
            ranks = mean_ranks(block).reindex(mean.columns).sort_values()
            entries = [marked(mean.loc[data], half.loc[data]) for data in mean.index]
            table = pd.DataFrame(entries, mean.index).T.loc[ranks.index]
            table["mean rank"] = formatted(ranks, 1)
            caption = f"{METRICS[metric]}, {RULES[rule]}"
            caption += f" (mean rank over {len(block)} data sets)"
            write_frame(folder / f"{metric}_{rule}.rst", unnamed(table), caption)


def write_in_short(path, results):
    """Macro F1 of a few methods with both decisions."""
    tables = {rule: means(results, "macro_f1", rule).T for rule in STYLES}
    names = [name for name in IN_SHORT if name in tables["tuned"].index]
    rows = {(name, rule): tables[rule].loc[name] for name in names for rule in STYLES}
    table = formatted(pd.DataFrame(rows).T)
    table.columns = [name.rsplit("_", 1)[0] for name in table.columns]
    table.insert(0, "decision", [DECISIONS[rule] for _, rule in table.index])
    write_frame(path, table.droplevel(1).rename_axis(""))


def marked(mean, half):
    """Text of the means of a data set; the best, and those in its interval, marked."""
    best = mean.max()
    least = best - half[mean.idxmax()]

    def entry(method):
        value, width = mean[method], half[method]
        if np.isnan(value):
            return NO_VALUE
        text = f"{value:.3f}" if np.isnan(width) else f"{value:.3f} ± {width:.3f}"
        if value == best:
            return f"**{text}**"
        return f"*{text}*" if value >= least else text

    return {method: entry(method) for method in mean.index}


def unnamed(table):
    """Without the heading of the index."""
    return table.rename_axis(index=None)


def write_ranks(path, results):
    """Mean ranks of the contestants, with the test of Friedman and that of Nemenyi."""
    ranks, notes = {}, {}
    for metric in F1:
        for rule in STYLES:
            block = contestants_block(results, metric, rule)
            if len(block) < 2 or block.shape[1] < 3:
                continue
            title = f"{METRICS[metric]}, {rule}"
            ranks[title] = mean_ranks(block)
            difference = critical_difference(block.shape[1], len(block))
            notes[title] = {
                "p-value of Friedman's test": p_text(friedman_p_value(block)),
                "critical difference": f"{difference:.2f}",
                "data sets": len(block),
            }
    if ranks:
        table = pd.DataFrame(ranks)
        table = table.loc[table.mean(axis=1).sort_values().index]
        table = pd.concat([formatted(table, 2), pd.DataFrame(notes)])
        write_frame(path, unnamed(table), "Mean ranks over data sets")


def write_pairs(folder, results):
    """Differences of pairs over data sets, with the signed-rank test of Wilcoxon."""
    for metric in F1:
        differences = {pair: pair_differences(results, metric, pair) for pair in PAIRS}
        differences = {pair: found for pair, found in differences.items() if len(found)}
        p_values = [wilcoxon_p_value(found) for found in differences.values()]
        rows = {
            (f"{method}, {rule}", f"{other}, {other_rule}"): {
                "wins / ties / losses": wins_ties_losses(found),
                "median difference": f"{found.median():+.3f}",
                "p": p_text(p),
                "p, Holm": p_text(adjusted),
            }
            for ((method, rule, other, other_rule), found), p, adjusted in zip(
                differences.items(), p_values, holm(p_values), strict=True
            )
        }
        table = pd.DataFrame(list(rows.values()))
        table.index = pd.MultiIndex.from_tuples(rows, names=["first", "second"])
        caption = f"{METRICS[metric]} of pairs over data sets, first minus second"
        write_frame(folder / f"pairs_{metric}.rst", table, caption)


def pair_differences(results, metric, pair):
    """First minus second, on the data sets that both ran on."""
    method, rule, other, other_rule = pair
    first, second = means(results, metric, rule), means(results, metric, other_rule)
    if method not in first or other not in second:
        return pd.Series(dtype=float)
    return (first[method] - second[other]).dropna()


def wins_ties_losses(differences):
    wins = int((differences > LEAST_WIN).sum())
    losses = int((differences < -LEAST_WIN).sum())
    return f"{wins} / {len(differences) - wins - losses} / {losses}"


def p_text(p):
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def write_averages(path, caption, tables):
    """Means over data sets, one column for each of `tables`.

    Data sets are the same for all; a method that did not run on them has no value.
    """
    is_complete = [complete_block(table).index for table in tables.values()]
    shared = [data for data in is_complete[0] if all(data in x for x in is_complete)]
    columns = {
        title: table.loc[shared].mean(skipna=False) for title, table in tables.items()
    }
    table = formatted(pd.DataFrame(columns).sort_index())
    caption += f" (means over {len(shared)} data sets)"
    write_frame(path, unnamed(table), caption)


def calibration_tables(results):
    """Average precision, calibration and numbers of labels, tables by title."""
    surplus = results["labels_predicted"] / results["labels_true"]
    results = results.assign(surplus=surplus)
    titles = {
        "surplus": "labels, predicted to true",
        "empty_rows": "rows without a label",
    }
    of_scores = [metric for metric in METRICS if metric not in F1]
    return {
        **{METRICS[metric]: means(results, metric) for metric in of_scores},
        **{
            f"{title}, {rule}": means(results, column, rule)
            for column, title in titles.items()
            for rule in STYLES
        },
    }


def write_seconds(path, results):
    table = results[results["rule"] == "tuned"]
    table = table.groupby(["method", "data"], sort=False)["fit_seconds"].median()
    table = table.unstack("data", sort=False)
    table = table.loc[table.median(axis=1).sort_values().index]
    # two figures are enough of what is below ten
    table = formatted(table, 1).where(table >= 10, formatted(table, 2))
    caption = "Seconds of one fit with the setting chosen, on one core, beside other"
    write_frame(path, unnamed(table), f"{caption} runs")


def write_settings(path, results):
    """How often each setting was chosen."""
    settings = results[results["rule"] == "tuned"].groupby("method")["setting"]
    counts = settings.agg(
        lambda of_method: "; ".join(
            f"{setting}: {n}" for setting, n in of_method.value_counts().items()
        )
    )
    caption = "Settings, and for how many data sets and seeds they were chosen"
    write_frame(path, counts.to_frame("chosen"), caption)


# Figures


def draw_all(results, folder):
    if DOTS_OF in set(results["data"]):
        draw_dots(results[results["data"] == DOTS_OF], folder / f"dots_{DOTS_OF}.png")
    draw_dumbbells(results, folder / "natural_to_tuned.png")
    for rule in STYLES:
        block = contestants_block(results, "macro_f1", rule)
        if len(block) > 1 and block.shape[1] > 2:
            path = folder / f"ranks_macro_f1_{rule}.png"
            draw_critical_difference(block, f"Macro F1, {RULES[rule]}", path)


def draw_dots(results, path):
    """F1 of each method on one data set, by both rules, with 95 % intervals."""
    order = means(results, "macro_f1").loc[DOTS_OF].sort_values().index
    figure, axes = panels(1, 2, 4.5, 1.2 + 0.27 * len(order), sharey=True)
    for ax, metric in zip(axes[0], F1, strict=True):
        for shift, (rule, style) in zip((0.15, -0.15), STYLES.items(), strict=True):
            mean, half = (
                part.loc[DOTS_OF].reindex(order)
                for part in means_and_halves(results, metric, rule)
            )
            place = np.arange(len(order)) + shift
            ax.errorbar(mean, place, xerr=half, ls="", ms=5, label=RULES[rule], **style)
        label_methods(ax, METRICS[metric], order)
        ax.locator_params(axis="x", nbins=5)
    axes[0, 0].legend(loc="best", fontsize=9)
    figure.suptitle(DOTS_OF)
    save(figure, path)


def label_methods(ax, title, names):
    ax.set(title=title, yticks=range(len(names)), yticklabels=names)
    ax.grid(axis="both", color="0.9")
    ax.set_axisbelow(True)


def draw_dumbbells(results, path):
    """From the natural decision to tuned thresholds, mean over data sets, by loss."""
    figure, axes = panels(1, 2, 4.5, 6, sharey=True)
    order = None
    for ax, metric in zip(axes[0], F1, strict=True):
        found = {}
        for rule in STYLES:
            table = means(results, metric, rule)
            found[rule] = table[[name for name in loss_names() if name in table]]
            found[rule] = found[rule].dropna()
        n_data = len(found["natural"])
        found = {rule: table.mean() for rule, table in found.items()}
        if order is None:
            order = found["natural"].sort_values().index
        place = np.arange(len(order))
        ax.hlines(place, *(found[rule][order] for rule in STYLES), color="0.7", lw=2)
        for rule, style in STYLES.items():
            ax.plot(found[rule][order], place, ls="", ms=7, label=RULES[rule], **style)
        label_methods(ax, f"{METRICS[metric]}, mean of {n_data} data sets", order)
    axes[0, 0].legend(loc="best", fontsize=9)
    save(figure, path)


def draw_critical_difference(block, title, path):
    """Mean ranks on a line; methods joined by a bar are not told apart (Demšar)."""
    ranks = mean_ranks(block).sort_values()
    n_methods = len(ranks)
    difference = critical_difference(n_methods, len(block))
    bars = cliques(ranks.to_numpy(), difference)
    n_left = (n_methods + 1) // 2
    depth = 0.5 + 0.25 * len(bars)
    figure, axes = panels(1, 1, 9, 1.3 + 0.3 * (depth + n_left))
    ax = axes[0, 0]

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
    save(figure, path)

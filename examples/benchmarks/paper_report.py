"""Tables of `bench_paper.py`, as reStructuredText files to be included in a page.

Rows are methods, the best mean rank first, and columns are data sets. Entries are means
over seeds and half the widths of their 95 % t-intervals, so the spread is that of
folds, held-out rows and the method's own randomness, not of the data. The best of a
data set is bold; those in its interval are in italics.

Data sets named "... raw" are the same data not standardized, and have a table of their
own: they don't count in ranks and tests.
"""

import numpy as np
import pandas as pd
from paper_figures import write_figures
from paper_methods import defaults
from paper_methods import losses as loss_names
from paper_statistics import (
    critical_difference,
    friedman_p_value,
    holm,
    mean_ranks,
    wilcoxon_p_value,
)
from result_tables import half_width, write_table

METRICS = {
    "macro_f1": "Macro F1",
    "micro_f1": "Micro F1",
    "samples_f1": "F1 of rows",
    "subset_accuracy": "Subset accuracy",
    "macro_average_precision": "Macro average precision",
    "micro_average_precision": "Micro average precision",
}

RULES = {
    "natural": "decided by predict",
    "0.5": "probability above 0.5",
    "tuned": "tuned thresholds",
    "tuned per label": "tuned thresholds, without shrinkage",
    "tuned micro": "one tuned threshold",
    "knee": "knee of the median curve",
    "top n_hat": "as many labels as probabilities add up to",
}

# few enough that a critical difference can tell some apart
CONTESTANTS = [
    "asymmetric",
    "bce",
    "sigmoid_f1_bce",
    "focal",
    "forest",
    "knn",
    "logistic",
    "mlp",
    "sigmoid_f1",
    "zlpr",
]

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

DEFAULT_PAIRS = [
    ("default", rule, rival, rule)
    for rule in ("natural", "tuned")
    for rival in (
        "default_before",
        "default_256",
        "mlp_default",
        "logistic_default",
        "knn_default",
    )
]
DEFAULT_PAIRS += [
    (name, rule, "bce_default", rival_rule)
    for name in ("default", "sigmoid_f1_default")
    for rule, rival_rule in (
        ("natural", "natural"),
        ("natural", "tuned"),
        ("tuned", "tuned"),
    )
]

NO_VALUE = "–"
LEAST_WIN = 0.0005  # smaller differences of F1 count as ties


def means(results, metric, rule="tuned"):
    """Means over seeds, a row for each data set and a column for each method."""
    part = results[results["rule"] == rule]
    groups = part.groupby(["data", "method"], sort=False)[metric]
    return groups.mean().unstack("method")


def half_widths(results, metric, rule="tuned"):
    """Half the widths of the intervals of `means`."""
    part = results[results["rule"] == rule]
    groups = part.groupby(["data", "method"], sort=False)[metric]
    return groups.agg(half_width).unstack("method")


def complete_block(table):
    """The part of a table without gaps, to rank on.

    The data sets that most methods ran on, with the methods that ran on all of them.
    """
    return table[table.notna().mean(axis=1) > 0.5].dropna(axis=1)


def entry(mean, half, best, best_half):
    """Text of mean and half width, marked if it is the best or in its interval."""
    if np.isnan(mean):
        return NO_VALUE
    text = f"{mean:.3f}" if np.isnan(half) else f"{mean:.3f} ± {half:.3f}"
    if mean == best:
        return f"**{text}**"
    return f"*{text}*" if mean >= best - best_half else text


def write_scores(path, results, metric, rule, caption):
    """A metric of one rule: methods by data sets, with mean ranks."""
    mean, half = means(results, metric, rule), half_widths(results, metric, rule)
    block = complete_block(mean)
    ranks = mean_ranks(block).reindex(mean.columns).sort_values()
    best = mean.max(axis=1)
    best_half = pd.Series(
        [half.loc[data, mean.loc[data].idxmax()] for data in mean.index], mean.index
    )
    rows = [
        [
            method,
            *(
                entry(
                    mean.loc[data, method],
                    half.loc[data, method],
                    best[data],
                    best_half[data],
                )
                for data in mean.index
            ),
            number(rank, 1),
        ]
        for method, rank in ranks.items()
    ]
    caption += f" (mean rank over {len(block)} data sets)"
    write_table(path, ["", *mean.index, "mean rank"], rows, caption)


def number(value, digits):
    return NO_VALUE if pd.isna(value) else f"{value:.{digits}f}"


def write_ranks(path, results):
    """Mean ranks of the contestants, with the test of Friedman and that of Nemenyi."""
    columns, notes = {}, {}
    for metric in ("macro_f1", "micro_f1"):
        for rule in ("natural", "tuned"):
            block = contestants_block(results, metric, rule)
            title = f"{METRICS[metric]}, {rule}"
            if len(block) < 2 or block.shape[1] < 3:
                continue
            columns[title] = mean_ranks(block)
            difference = critical_difference(block.shape[1], len(block))
            notes[title] = [
                p_text(friedman_p_value(block)),
                number(difference, 2),
                str(len(block)),
            ]
    if not columns:
        return
    table = pd.DataFrame(columns)
    table = table.loc[table.mean(axis=1).sort_values().index]
    rows = [
        [name, *(number(value, 2) for value in values)]
        for name, values in zip(table.index, table.to_numpy(), strict=True)
    ]
    names = ["p-value of Friedman's test", "critical difference", "data sets"]
    rows += [
        [name, *values]
        for name, values in zip(names, zip(*notes.values(), strict=True), strict=True)
    ]
    write_table(path, ["", *columns], rows, "Mean ranks over data sets")


def contestants_block(results, metric, rule):
    table = means(results, metric, rule)
    return complete_block(table[[name for name in CONTESTANTS if name in table]])


def write_pairs(path, results, metric, pairs):
    """Differences of pairs over data sets, with the signed-rank test of Wilcoxon."""
    compared = [(pair, pair_differences(results, metric, pair)) for pair in pairs]
    compared = [(pair, found) for pair, found in compared if len(found)]
    p_values = [wilcoxon_p_value(differences) for _, differences in compared]
    rows = [
        [
            f"{method}, {rule}",
            f"{other}, {other_rule}",
            wins_ties_losses(differences),
            f"{differences.median():+.3f}",
            p_text(p),
            p_text(adjusted),
        ]
        for ((method, rule, other, other_rule), differences), p, adjusted in zip(
            compared, p_values, holm(p_values), strict=True
        )
    ]
    header = ["first", "second", "wins / ties / losses", "median difference"]
    header += ["p", "p, Holm"]
    caption = f"{METRICS[metric]} of pairs over data sets, first minus second"
    write_table(path, header, rows, caption)


def wins_ties_losses(differences):
    wins = int((differences > LEAST_WIN).sum())
    losses = int((differences < -LEAST_WIN).sum())
    return f"{wins} / {len(differences) - wins - losses} / {losses}"


def p_text(p):
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def pair_differences(results, metric, pair):
    """First minus second, on the data sets that both ran on."""
    method, rule, other, other_rule = pair
    first, second = means(results, metric, rule), means(results, metric, other_rule)
    if method not in first or other not in second:
        return pd.Series(dtype=float)
    return (first[method] - second[other]).dropna()


def write_averages(path, caption, tables):
    """Means over data sets, one column for each of `tables`.

    Data sets are the same for all; a method that did not run on them has no value.
    """
    is_complete = [complete_block(table).index for table in tables.values()]
    shared = [data for data in is_complete[0] if all(data in x for x in is_complete)]
    columns = {
        title: table.loc[shared].mean(skipna=False) for title, table in tables.items()
    }
    averages = pd.DataFrame(columns).sort_index()
    rows = [
        [name, *(number(value, 3) for value in values)]
        for name, values in zip(averages.index, averages.to_numpy(), strict=True)
    ]
    caption += f" (means over {len(shared)} data sets)"
    write_table(path, ["", *columns], rows, caption)


def calibration_tables(results):
    """Average precision, calibration and numbers of labels, tables by title."""
    surplus = results["labels_predicted"] / results["labels_true"]
    results = results.assign(surplus=surplus)
    titles = {
        "surplus": "labels, predicted to true",
        "empty_rows": "rows without a label",
    }
    scores = ("macro_average_precision", "micro_average_precision")
    return {
        **{METRICS[metric]: means(results, metric) for metric in scores},
        "calibration error": means(results, "calibration_error"),
        **{
            f"{title}, {rule}": means(results, column, rule)
            for column, title in titles.items()
            for rule in ("natural", "tuned")
        },
    }


def write_seconds(path, results, column, caption):
    table = results[results["rule"] == "tuned"]
    table = table.groupby(["method", "data"], sort=False)[column].median()
    table = table.unstack("data")
    table = table.loc[table.median(axis=1).sort_values().index]
    rows = [
        [name, *(number(value, 1 if value >= 10 else 2) for value in values)]
        for name, values in zip(table.index, table.to_numpy(), strict=True)
    ]
    write_table(path, ["", *table.columns], rows, caption)


def write_settings(path, results):
    """How often each setting was chosen."""
    jobs = results[results["rule"] == "tuned"]
    rows = []
    for method, settings in jobs.groupby("method")["setting"]:
        counts = settings.value_counts()
        rows.append([method, "; ".join(f"{s}: {n}" for s, n in counts.items())])
    caption = "Settings, and for how many data sets and seeds they were chosen"
    write_table(path, ["method", "chosen"], rows, caption)


def write_report(results, folder):
    """All tables and figures of `results`, a frame with a row a job and rule."""
    folder.mkdir(parents=True, exist_ok=True)
    is_raw = results["data"].str.endswith(" raw")
    is_default = results["method"].isin(list(defaults(is_binary=False)))
    main = results[~is_raw & ~is_default]
    at_defaults = results[~is_raw & is_default]
    write_main_tables(main, folder)
    if len(at_defaults):
        write_default_tables(at_defaults, folder)
    if is_raw.any():
        raw = results[is_raw]
        for metric in ("macro_f1", "micro_f1"):
            for rule in ("natural", "tuned"):
                path = folder / f"raw_{metric}_{rule}.rst"
                caption = f"{METRICS[metric]}, {RULES[rule]}, features as they are"
                write_scores(path, raw, metric, rule, caption)
    figures = write_figures(
        main,
        folder,
        means=means,
        half_widths=half_widths,
        block=contestants_block,
        losses=list(loss_names()),
    )
    n_seeds = results.groupby(["data", "method"])["seed"].nunique()
    print(
        f"{len(list(folder.glob('*.rst')))} tables, {len(figures)} figures in {folder}"
    )
    print(f"{n_seeds.min()} to {n_seeds.max()} seeds a method and data set")


def write_main_tables(results, folder):
    for metric in ("macro_f1", "micro_f1", "samples_f1", "subset_accuracy"):
        for rule in ("natural", "tuned"):
            path = folder / f"{metric}_{rule}.rst"
            caption = f"{METRICS[metric]}, {RULES[rule]}"
            write_scores(path, results, metric, rule, caption)
    for metric in ("macro_average_precision", "micro_average_precision"):
        path = folder / f"{metric}.rst"
        write_scores(path, results, metric, "tuned", METRICS[metric])
    write_ranks(folder / "ranks.rst", results)
    write_settings(folder / "settings.rst", results)
    write_averages(
        folder / "calibration.rst",
        "Ranking, calibration and number of labels",
        calibration_tables(results),
    )
    for metric in ("macro_f1", "micro_f1"):
        write_pairs(folder / f"pairs_{metric}.rst", results, metric, PAIRS)
        write_averages(
            folder / f"rules_{metric}.rst",
            f"{METRICS[metric]} of decision rules",
            {rule: means(results, metric, rule) for rule in RULES},
        )
    write_seconds(
        folder / "fit_seconds.rst",
        results,
        "fit_seconds",
        "Seconds of one fit with the setting chosen, on one core, beside other runs",
    )
    write_seconds(
        folder / "total_seconds.rst",
        results,
        "total_seconds",
        "Seconds of choosing a setting, three folds and the fit",
    )


def write_default_tables(results, folder):
    for metric in ("macro_f1", "micro_f1"):
        for rule in ("natural", "tuned"):
            path = folder / f"defaults_{metric}_{rule}.rst"
            caption = f"{METRICS[metric]} at defaults, {RULES[rule]}"
            write_scores(path, results, metric, rule, caption)
        path = folder / f"defaults_pairs_{metric}.rst"
        write_pairs(path, results, metric, DEFAULT_PAIRS)

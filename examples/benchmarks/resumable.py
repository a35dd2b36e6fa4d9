"""Benchmarks that can be stopped: runs go to a CSV file, reports are made of it.

A benchmark is a list of cases (dicts of plain values, with "data" and "seed"), a
function that runs one, and a function that reports. Each run appends one row a decision
rule, and what is in the file is not run again; a run that fails is reported and not
written. A row has the version of the code that made it only by the folder it lies in:
take a new file after a change.
"""

import argparse
import csv
import io
import traceback
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from joblib import Parallel, delayed, parallel_config
from npz_data import load_all
from PIL import Image
from scipy import stats
from sklearn.metrics import f1_score
from timing import threads
from tqdm import tqdm

# how a method is drawn, in all figures, in the order of legends and tables; the colours
# of Okabe and Ito, which the colour-blind can tell apart
STYLES = {
    "bce at 0.5": {"color": "#0072B2", "marker": "o", "linestyle": "--"},
    "bce tuned": {"color": "#0072B2", "marker": "o"},
    "bce tuned micro": {"color": "#0072B2", "marker": "o"},
    "logistic at 0.5": {"color": "#000000", "marker": "X", "linestyle": "--"},
    "logistic tuned": {"color": "#000000", "marker": "X"},
    "logistic tuned micro": {"color": "#000000", "marker": "X"},
    "sigmoid_f1": {"color": "#D55E00", "marker": "s"},
    "sigmoid_f1, beta=5": {"color": "#E69F00", "marker": "D"},
    "sigmoid_f1, micro": {"color": "#CC79A7", "marker": "v"},
    "sigmoid_f1_bce": {"color": "#009E73", "marker": "^"},
    "bce + soft_f1": {"color": "#56B4E9", "marker": "P"},
}


def main(doc, make_cases, run_case, report):
    """The two commands of a benchmark.

    Parameters
    ----------
    doc : str
        Docstring of the benchmark.

    make_cases : callable
        From a dict of data sets and a number of seeds to a list of dicts.

    run_case : callable
        From a data set, None if the case has none, and a case to a list of dicts, one
        a decision rule.

    report : callable
        From a table of all rows and a folder; writes into the folder.
    """
    parser = argparse.ArgumentParser(description=doc.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    running = commands.add_parser("run", help="compute, and append to the results")
    running.add_argument("data", nargs="*", help="name=file.npz, or debtags")
    running.add_argument("--results", type=Path, required=True, help="CSV file")
    running.add_argument("--seeds", type=int, default=5)
    running.add_argument("--workers", type=int, default=2)
    reporting = commands.add_parser("report", help="write tables and figures")
    reporting.add_argument("--results", type=Path, required=True, help="CSV file")
    reporting.add_argument("--output", type=Path, required=True, help="folder")
    arguments = parser.parse_args()
    if arguments.command == "report":
        arguments.output.mkdir(parents=True, exist_ok=True)
        # workers finish in any order
        table = pd.read_csv(arguments.results).sort_values(["data", "seed"])
        report(table, arguments.output)
        return
    files = [name for name in arguments.data if name != "debtags"]
    data_sets = load_all(files) if files else {}
    if "debtags" in arguments.data:
        data_sets.update(load_all([]))
    cases = make_cases(data_sets, arguments.seeds)
    run_missing(cases, run_case, data_sets, arguments.results, arguments.workers)


def run_missing(cases, run_case, data_sets, path, n_workers):
    """Run the cases that are not in the file, in order; only this process writes."""
    keys = list(cases[0])
    done = set()
    if path.exists():
        with path.open(newline="") as file:
            done = {tuple(row[key] for key in keys) for row in csv.DictReader(file)}
    todo = [case for case in cases if tuple(map(str, case.values())) not in done]
    with (
        parallel_config("loky", n_jobs=n_workers, inner_max_num_threads=1),
        threads(1),
    ):
        results = Parallel(return_as="generator_unordered", batch_size=1)(
            delayed(_rows_of)(run_case, data_sets.get(case["data"]), case)
            for case in todo
        )
        bar = tqdm(results, total=len(todo), unit="run", smoothing=0)
        for case, rows in bar:
            name = ", ".join(map(str, case.values()))
            bar.set_postfix_str(name)
            if isinstance(rows, str):
                tqdm.write(f"{name} failed:\n{rows}")
            else:
                _append(path, rows)


def _rows_of(run_case, data, case):
    # a label that is constant in a fold, a stop before convergence, a loss without a
    # threshold of its own: all are wanted here
    warnings.simplefilter("ignore")
    try:
        return case, [{**case, **row} for row in run_case(data, case)]
    except Exception:
        return case, traceback.format_exc()


def _append(path, rows):
    """All rows of a run at once, so that no run is in the file in part."""
    is_new = not path.exists()
    with path.open("a", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        if is_new:
            writer.writeheader()
        writer.writerows(rows)


def scores_of(y_true, y_pred):
    """Macro and micro F1, and labels a row."""
    scores = {
        average: f1_score(y_true, y_pred, average=average, zero_division=0)
        for average in ("macro", "micro")
    }
    return {**scores, "labels": y_pred.sum(axis=1).mean()}


def summarize(table, keys, columns):
    """Mean of columns by keys, and half the width of the 95 % t-interval over seeds."""
    groups = table.groupby(keys, sort=False)[columns]
    n = groups.count()
    half = groups.sem() * stats.t.ppf(0.975, np.maximum(n - 1, 1))
    return groups.mean(), half


def cells(mean, half, digits=3):
    """Text of means with their intervals."""
    # an interval needs two seeds
    text = half.map(lambda value: "" if np.isnan(value) else f" ± {value:.{digits}f}")
    return mean.map(lambda value: f"{value:.{digits}f}") + text


def write_table(path, table):
    """A DataFrame as a reStructuredText table, for an include."""
    rows = [[*table.index.names, *table.columns]]
    for key, values in zip(table.index, table.to_numpy(), strict=True):
        rows.append([*(key if isinstance(key, tuple) else (key,)), *values])
    lines = [".. list-table::", "   :header-rows: 1", ""]
    for row in rows:
        first, *others = map(str, row)
        lines.append(f"   * - {first}")
        lines += [f"     - {other}".rstrip() for other in others]
    path.write_text("\n".join(lines) + "\n")


def in_order(names):
    return [name for name in STYLES if name in set(names)]


def draw_lines(ax, mean, half):
    """A line with its interval for each column; the index is x."""
    for name in in_order(mean):
        ax.errorbar(
            mean.index,
            mean[name],
            yerr=half[name].fillna(0),
            label=name,
            markersize=4,
            linewidth=1.3,
            elinewidth=0.8,
            **STYLES[name],
        )
    ax.grid(alpha=0.3)


def legend_below(figure, ax, n_columns=4):
    handles, names = ax.get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=n_columns)


def save(figure, path):
    """A png of 256 colours, which is a third as large."""
    with io.BytesIO() as buffer:
        figure.savefig(buffer, dpi=90)
        with Image.open(buffer) as image:
            image.convert("RGB").quantize(256).save(path, optimize=True)

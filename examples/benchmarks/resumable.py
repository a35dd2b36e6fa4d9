"""Benchmarks that can be stopped: runs go to a CSV file, reports are made of it.

A benchmark is a list of cases (dicts of plain values, with "data" and "seed"), a
function that runs one, and a function that reports. Each run appends one row a decision
rule, and what is in the file is not run again; a run that fails is reported and not
written. A row knows neither the version of the code nor the file of the data set that
made it: take a new file after a change of either.
"""

import argparse
import csv
import traceback
import warnings
from pathlib import Path

import pandas as pd
from joblib import Parallel, delayed, parallel_config
from npz_data import load_all
from sklearn.metrics import f1_score
from timing import threads
from tqdm import tqdm


def main(doc, make_cases, run_case, report, takes_data=True):
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

    takes_data : bool
        Whether it runs on data sets; if not, `make_cases` gets none.
    """
    parser, _ = make_parser(doc, takes_data)
    arguments = parser.parse_args()
    if arguments.command == "report":
        arguments.output.mkdir(parents=True, exist_ok=True)
        # workers finish in any order
        table = read_results(arguments.results).sort_values(["data", "seed"])
        report(table, arguments.output)
        return
    data_sets = load_all(arguments.data) if takes_data else {}
    cases = make_cases(data_sets, arguments.seeds)
    run_missing(cases, run_case, data_sets, arguments.results, arguments.workers)


def make_parser(doc, takes_data=True):
    """Parser of the two commands, and that of "run" for options of a benchmark."""
    parser = argparse.ArgumentParser(description=doc.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    formatter = {"formatter_class": argparse.ArgumentDefaultsHelpFormatter}
    # what is required has no default to show
    path = {"type": Path, "required": True, "default": argparse.SUPPRESS}
    running = commands.add_parser(
        "run", help="compute, and append to the results", **formatter
    )
    if takes_data:
        running.add_argument(
            "data",
            nargs="*",
            default=["debtags"],
            help="name=file.npz, or debtags for the shipped data set",
        )
    running.add_argument(
        "--results", help="CSV file; runs that it has are left out", **path
    )
    running.add_argument(
        "--seeds", type=positive_int, default=5, help="number of seeds, from 0"
    )
    running.add_argument(
        "--workers", type=positive_int, default=2, help="runs at a time, of a thread"
    )
    reporting = commands.add_parser(
        "report", help="write tables and figures", **formatter
    )
    reporting.add_argument("--results", help="CSV file of the command run", **path)
    reporting.add_argument("--output", help="folder of tables and figures", **path)
    return parser, running


def positive_int(text):
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1. Got {value} instead.")
    return value


def known_names(text, known, what):
    """Names with commas, checked."""
    names = [name.strip() for name in text.split(",")]
    for name in names:
        if name not in known:
            raise SystemExit(f"No {what} {name!r}. The names are {', '.join(known)}.")
    return list(dict.fromkeys(names))


def read_results(path):
    if not path.is_file() or not path.stat().st_size:
        raise SystemExit(f"{path}: there are no results, which the command run makes.")
    try:
        table = pd.read_csv(path)
    except (UnicodeDecodeError, pd.errors.ParserError) as error:
        raise SystemExit(f"{path} is no CSV file: {error}") from None
    missing = {"data", "seed", "rule"} - set(table)
    if missing:
        raise SystemExit(
            f"{path} has not the results of a benchmark; missing are the columns "
            f"{', '.join(sorted(missing))}."
        )
    return table


def run_missing(cases, run_case, data_sets, path, n_workers):
    """Run the cases that are not in the file, in order; only this process writes.

    Exits with an error if runs fail, after all others, or at Ctrl-C.
    """
    if not cases:
        raise SystemExit("There is nothing to run for these data.")
    path.parent.mkdir(parents=True, exist_ok=True)
    done = _read_done(path, list(cases[0]))
    todo = [case for case in cases if _key(case.values()) not in done]
    if len(todo) < len(cases):
        print(f"{len(cases) - len(todo)} of {len(cases)} runs are in {path}")
    try:
        n_failed = _run(todo, run_case, data_sets, path, n_workers)
    except KeyboardInterrupt:
        raise SystemExit("stopped: the same command goes on") from None
    if n_failed:
        raise SystemExit(
            f"{n_failed} of {len(todo)} runs failed, see above; "
            "the same command tries them again"
        )


def _read_done(path, keys):
    if not path.exists():
        return set()
    with path.open(newline="") as file:
        rows = csv.DictReader(file)
        # rows are appended by place, so that keys elsewhere will not do
        columns = rows.fieldnames or keys
        if columns[: len(keys)] != keys:
            missing = [key for key in keys if key not in columns]
            raise SystemExit(
                f"{path} has the results of another benchmark. Its first columns must "
                f"be {', '.join(keys)}; missing: {', '.join(missing) or 'none'}. "
                "Take another file."
            )
        return {_key(row[key] for key in keys) for row in rows}


def _key(values):
    """Of a run; 1 and 1.0 are the same, as pandas writes one for the other."""
    return tuple(map(_plain, map(str, values)))


def _plain(text):
    try:
        return float(text)
    except ValueError:
        return text


def _run(todo, run_case, data_sets, path, n_workers):
    """Number of runs that failed."""
    n_failed = 0
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
                n_failed += 1
                tqdm.write(f"{name} failed:\n{rows}")
            else:
                _append(path, rows)
    return n_failed


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
    is_new = not path.exists() or not path.stat().st_size
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

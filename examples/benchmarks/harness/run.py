"""The command line of a page, and runs that can be stopped and go on.

Each run appends its rows to a CSV file, and what is in the file is not run again. A run
that fails is reported and not written. A row says which version of the code made it,
and has a hash of its data. Both are empty in results that are older than these columns.
"""

import argparse
import csv
import gzip
import subprocess
import traceback
import warnings
from functools import partial
from itertools import product
from pathlib import Path

from joblib import Parallel, delayed, parallel_config
from tqdm import tqdm

import skmultitag
from harness.data import data_hash, load_all
from harness.report import read_results
from harness.timing import threads


def main(
    doc,
    make_cases,
    run_case,
    report,
    load=load_all,
    n_seeds=5,
    is_timed=False,
    only_if_asked=None,
):
    """The two commands of a page.

    Parameters
    ----------
    doc : str
        Docstring of the page.

    make_cases : callable
        From a dict of data sets and a number of seeds to a list of dicts.

    run_case : callable
        From a data set, None if the case has none, and a case to a list of dicts.

    report : callable
        From a table of all rows and a folder; writes into the folder.

    load : callable or None, default=load_all
        From arguments of the command to data sets by name, each a sequence of arrays.
        None if the page takes no data; `make_cases` gets none then.

    n_seeds : int, default=5
        Default number of seeds, or of repeats of a measure of time.

    is_timed : bool, default=False
        Whether runs are measures of time, and so are never made at the same time.

    only_if_asked : dict of str to tuple, default=None
        Values of keys of the cases that are left out unless `--only` names the key.
    """
    parser = _make_parser(doc, load is not None, n_seeds, is_timed)
    arguments = parser.parse_args()
    if arguments.command == "report":
        arguments.output.mkdir(parents=True, exist_ok=True)
        report(read_results(arguments.results), arguments.output)
        return
    data_sets = load(arguments.data) if load else {}
    cases = make_cases(data_sets, arguments.seeds)
    only = {key: values for key, *values in arguments.only}
    cases = choose(cases, only, only_if_asked or {})
    run_missing(cases, run_case, data_sets, arguments.results, arguments.workers)


def _make_parser(doc, takes_data, n_seeds, is_timed):
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
            help="name=file.npz, debtags (shipped) or digits (made)",
        )
    running.add_argument(
        "--results", help="CSV file; runs that it has are left out", **path
    )
    running.add_argument(
        "--seeds", type=positive_int, default=n_seeds, help="number of seeds, from 0"
    )
    running.add_argument(
        "--only",
        nargs="+",
        action="append",
        default=[],
        metavar=("COLUMN", "VALUE"),
        help="run the cases with one of these values only; may be repeated",
    )
    if is_timed:
        running.set_defaults(workers=1)
    else:
        running.add_argument(
            "--workers", type=positive_int, default=2, help="runs at a time, one thread"
        )
    reporting = commands.add_parser(
        "report", help="write tables and figures", **formatter
    )
    reporting.add_argument("--results", help="CSV file of the command run", **path)
    reporting.add_argument("--output", help="folder of tables and figures", **path)
    return parser


def positive_int(text):
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1. Got {value} instead.")
    return value


def grid(n_seeds, **values):
    """Cases of all combinations of the values, by column; the first seed first."""
    return [
        dict(zip(values, chosen, strict=True)) | {"seed": seed}
        for seed in range(n_seeds)
        for chosen in product(*values.values())
    ]


def choose(cases, only, only_if_asked):
    """The cases with the values that are asked for; others are an error.

    Parameters
    ----------
    cases : list of dict

    only : dict of str to list of str
        Values by column.

    only_if_asked : dict of str to tuple
        Values of a column that are left out if `only` does not have the column.
    """
    for column, values in only.items():
        known = list(dict.fromkeys(str(case.get(column)) for case in cases))
        unknown = [value for value in values if value not in known]
        if unknown or not values:
            raise SystemExit(
                f"--only {column}: there is no {', '.join(unknown) or 'value'}. "
                f"There are {', '.join(known)}."
            )
        cases = [case for case in cases if str(case[column]) in values]
    for column, values in only_if_asked.items():
        if column not in only:
            cases = [case for case in cases if case[column] not in values]
    return cases


def run_missing(cases, run_case, data_sets, path, n_workers):
    """Run the cases that are not in the file, in order; only this process writes.

    Exits with an error if runs fail, after all others, or at Ctrl-C.
    """
    if not cases:
        raise SystemExit("There is nothing to run for these data.")
    path.parent.mkdir(parents=True, exist_ok=True)
    hashes = {name: data_hash(*parts) for name, parts in data_sets.items()}
    keys = list(cases[0])
    done = _read_done(path, keys, hashes)
    todo = [case for case in cases if _key(case[key] for key in keys) not in done]
    if len(todo) < len(cases):
        print(f"{len(cases) - len(todo)} of {len(cases)} runs are in {path}")
    try:
        n_failed = _run(todo, run_case, data_sets, hashes, path, n_workers)
    except KeyboardInterrupt:
        raise SystemExit("stopped: the same command goes on") from None
    if n_failed:
        raise SystemExit(
            f"{n_failed} of {len(todo)} runs failed, see above; "
            "the same command tries them again"
        )


def _open(path, mode):
    # what is appended to a compressed file is a part of its own, which readers join
    opener = gzip.open if path.suffix == ".gz" else open
    return opener(path, mode + "t", newline="", encoding="utf-8")


def _is_new(path):
    return not path.exists() or not path.stat().st_size


def _read_done(path, keys, hashes):
    if _is_new(path):
        return set()
    with _open(path, "r") as file:
        rows = csv.DictReader(file)
        missing = [key for key in keys if key not in rows.fieldnames]
        if missing:
            raise SystemExit(
                f"{path} has the results of another benchmark; missing: "
                f"{', '.join(missing)}. Take another file."
            )
        rows = list(rows)
    for row in rows:
        found, name = row.get("data_hash"), row["data"]
        if found and hashes.get(name, found) != found:
            raise SystemExit(
                f"{path} has results of other data called {name!r}: their hash is "
                f"{found}, and not {hashes[name]}. Take another name or file."
            )
    others = {row.get("version") for row in rows} - {version(), None}
    if others:
        names = ", ".join(sorted(other or "an unknown one" for other in others))
        print(f"{path} has results of other versions: {names}")
    return {_key(row[key] for key in keys) for row in rows}


def _key(values):
    """Of a run; 1 and 1.0 are the same, as pandas writes one for the other."""
    return tuple(map(_plain, map(str, values)))


def _plain(text):
    try:
        return float(text)
    except ValueError:
        return text


def _run(todo, run_case, data_sets, hashes, path, n_workers):
    """Number of runs that failed."""
    n_failed = 0
    of_code = version()
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
                of_data = {"data_hash": hashes.get(case["data"], "")}
                _append(path, [{**of_data, **row, "version": of_code} for row in rows])
    return n_failed


def _rows_of(run_case, data, case):
    # a label that is constant in a fold, a stop before convergence, a loss without a
    # threshold of its own: all are wanted here
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return case, [{**case, **row} for row in run_case(data, case)]
        except Exception:
            return case, traceback.format_exc()


def _append(path, rows):
    """All rows of a run at once, so that no run is in the file in part."""
    last = ("data_hash", "version")
    columns = [name for name in rows[0] if name not in last] + list(last)
    is_new = _is_new(path)
    if not is_new:
        with _open(path, "r") as file:
            columns = next(csv.reader(file))
    unknown = set(rows[0]) - set(columns)
    if unknown:
        raise SystemExit(
            f"{path} has no column {', '.join(sorted(unknown))}. Take another file."
        )
    with _open(path, "a") as file:
        writer = csv.DictWriter(file, columns)
        if is_new:
            writer.writeheader()
        writer.writerows(rows)


def version():
    """Version of skmultitag, with the commit if it is a checkout of git."""
    folder = Path(skmultitag.__file__).parent
    git = partial(subprocess.run, cwd=folder, capture_output=True, text=True)
    try:
        # a folder of installed packages can lie inside another checkout
        if git(["git", "ls-files", "--error-unmatch", "__init__.py"]).returncode:
            return skmultitag.__version__
        commit = git(["git", "rev-parse", "--short", "HEAD"]).stdout.strip()
        is_changed = git(["git", "diff", "--quiet", "HEAD", "--", "."]).returncode
    except FileNotFoundError:  # no git
        return skmultitag.__version__
    return f"{skmultitag.__version__}+{commit}{'.changed' * bool(is_changed)}"

"""Losses, rival classifiers and decision rules on several data sets and seeds.

"run" computes, "report" makes tables and figures of what was computed. A job is a data
set, a method and a seed, and appends one row a decision rule to a CSV file. A run can
be stopped and started again: jobs that are in the file are left out.

All methods have an equal tuning budget (`paper_job.py`):

- The split into training and test rows is that of the data; test rows are used for the
  measures only. The seed governs folds, held-out rows and the method's own randomness.
- Features are standardized for all methods, or left as they are if all are 0 and 1, or
  with --raw.
- One of three settings (`paper_methods.py`) is chosen on a stratified fifth of the
  training rows. Methods at their defaults choose nothing.
- With the chosen setting the training rows are scored out of fold, in 3 stratified
  folds, and one fit on all of them scores the test rows. Every tuned rule is fitted on
  the same out-of-fold scores.

Decision rules: "natural" is the method's own `predict`; "0.5" a probability above 0.5;
"tuned" the package's default, F1 thresholds for each label, shrunken; "tuned per label"
without shrinkage; "tuned micro" one threshold for all; "knee" `PlattKnee`; "top n_hat"
gives each row its best labels, as many as its calibrated probabilities add up to.

Data sets are npz files as in npz_data.py; without any, the shipped one is taken.

Run: python examples/benchmarks/bench_paper.py run --results results.csv [--seeds 5]
[--workers 2] [--methods a,b] [--only data,...] [--raw] [name=file.npz ...]
python examples/benchmarks/bench_paper.py report --results results.csv --output folder
"""

import argparse
from pathlib import Path

import pandas as pd
from npz_data import load_all
from paper_job import is_bag_of_words, run_job
from paper_methods import ONLY_IF_ASKED, all_methods
from resumable import run_missing

MAX_MEMORY = 8e9  # bytes of one fit


def make_jobs(data_sets, methods, n_seeds):
    """First seed first, cheap ones first."""
    known = all_methods(is_binary=False)
    jobs = []
    for data, (X, y, *_) in data_sets.items():
        for name in methods:
            method = known[name]
            if method.memory * y.size > MAX_MEMORY:
                print(f"{data}, {name}: left out, it would need too much memory")
                continue
            work = method.cost * len(X) * (X.shape[1] + y.shape[1])
            jobs += [(seed, work, data, name) for seed in range(n_seeds)]
    return [
        {"data": data, "method": name, "seed": seed}
        for seed, _, data, name in sorted(jobs)
    ]


def run(arguments):
    data_sets = load_all(arguments.data)
    if arguments.only:
        data_sets = {name: data_sets[name] for name in arguments.only.split(",")}
    if arguments.raw:
        # features that are 0 and 1 are never standardized
        data_sets = {
            f"{name} raw": data
            for name, data in data_sets.items()
            if not is_bag_of_words(data[0])
        }
    known = all_methods(is_binary=False)
    methods = [name for name in known if name not in ONLY_IF_ASKED]
    if arguments.methods:
        methods = arguments.methods.split(",")
    for name in methods:
        if name not in known:
            raise SystemExit(f"No method {name!r}. The names are {', '.join(known)}.")
    jobs = make_jobs(data_sets, methods, arguments.seeds)
    run_missing(jobs, run_job, data_sets, arguments.results, arguments.workers)


def report(arguments):
    from paper_report import write_report

    write_report(pd.read_csv(arguments.results), arguments.output)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True)
    running = commands.add_parser("run", help="compute, and append to the results")
    running.add_argument("data", nargs="*", help="name=file.npz")
    running.add_argument("--results", type=Path, required=True, help="CSV file")
    running.add_argument("--seeds", type=int, default=5)
    running.add_argument("--workers", type=int, default=2)
    running.add_argument("--methods", help="names, with commas")
    running.add_argument("--only", help="names of data sets, with commas")
    running.add_argument("--raw", action="store_true", help="don't standardize")
    running.set_defaults(command=run)
    reporting = commands.add_parser("report", help="write tables and figures")
    reporting.add_argument("--results", type=Path, required=True, help="CSV file")
    reporting.add_argument("--output", type=Path, required=True, help="folder")
    reporting.set_defaults(command=report)
    arguments = parser.parse_args()
    arguments.command(arguments)


if __name__ == "__main__":
    main()

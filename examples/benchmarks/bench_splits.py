"""Label frequencies in folds, and seconds, of splitters for multilabel targets.

Our MultilabelStratifiedKFold against KFold and, where it is installed, the one of the
package iterative-stratification, all shuffled: ten folds of each data set, and five of
simulated targets of 100,000 and a million rows. The deviation is the mean over folds
and labels of the error in the number of positives, relative to the number that the fold
should have. "missing" is the share of folds and labels (with positives in as many rows
as there are folds) without a positive.
"""

from functools import partial
from importlib.util import find_spec

import numpy as np
from harness.data import data_hash, random_labels
from harness.report import formatted, write_frame, write_ratios
from harness.run import grid, main
from harness.timing import compare
from sklearn.model_selection import KFold

from skmultitag.model_selection import MultilabelStratifiedKFold

SIZES = {
    "100,000 x 100": (100_000, 100),
    "100,000 x 1,000": (100_000, 1_000),
    "1,000,000 x 100": (1_000_000, 100),
}


def contestants(n_splits, seed):
    """Splitters by name."""
    params = {"n_splits": n_splits, "shuffle": True, "random_state": seed}
    splitters = {"ours": MultilabelStratifiedKFold(**params), "KFold": KFold(**params)}
    if find_spec("iterstrat"):
        from iterstrat.ml_stratifiers import MultilabelStratifiedKFold as Theirs

        splitters["iterative-stratification"] = Theirs(**params)
    return splitters


def make_cases(data_sets, n_seeds):
    return grid(n_seeds, data=[*data_sets, *SIZES])


def run_case(data, case):
    is_simulated = data is None
    if is_simulated:
        y = random_labels(*SIZES[case["data"]], largest=0.1, smallest=0.0005)
    else:
        y = np.vstack([data[1], data[3]])
    splitters = contestants(5 if is_simulated else 10, case["seed"])
    if y.size > 2e7:  # half a minute and more
        splitters.pop("iterative-stratification", None)

    def split(splitter):
        next(iter(splitter.split(y, y)))  # all folds are found for the first one

    rows = compare(
        {name: partial(split, splitter) for name, splitter in splitters.items()},
        [(name, "ours") for name in splitters],
        turns=1 if is_simulated else 3,
    )
    of_data = {"data_hash": data_hash(y)} if is_simulated else {}
    return [
        {**row, **deviation_and_missing(splitters[row["contestant"]], y), **of_data}
        for row in rows
    ]


def deviation_and_missing(splitter, y):
    n_positives = y.sum(axis=0)
    expected = n_positives / splitter.n_splits
    counts = np.array([y[test].sum(axis=0) for _, test in splitter.split(y, y)])
    errors = np.abs(counts - expected)[:, n_positives > 0]
    is_common = n_positives >= splitter.n_splits
    return {
        "deviation": np.mean(errors / expected[n_positives > 0]),
        "missing": np.mean(counts[:, is_common] == 0),
    }


def report(table, folder):
    groups = table.groupby(["data", "contestant"], sort=False)
    for column in ("deviation", "missing"):
        text = formatted(groups[column].mean()).unstack("contestant", sort=False)
        write_frame(folder / f"splits_{column}.rst", text)
    write_ratios(folder, table.assign(part="splits_seconds"))


if __name__ == "__main__":
    main(__doc__, make_cases, run_case, report, is_timed=True)

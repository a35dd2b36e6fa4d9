"""From results to tables in reStructuredText, which pages of the documentation include.

Figures are in `harness.figures`.
"""

import csv
import importlib
import io

import numpy as np
import pandas as pd

NO_VALUE = "–"


def write_all(source, target):
    """Reports of all results in a folder, each in a folder of its own.

    Parameters
    ----------
    source : Path
        Folder of files NAME.csv and NAME.csv.gz.

    target : Path
        Folder to write to.
    """
    for path in sorted(source.glob("*.csv*")):
        name = path.name.split(".")[0]
        page = importlib.import_module(f"bench_{name}")
        folder = target / name
        folder.mkdir(parents=True, exist_ok=True)
        page.report(read_results(path), folder)


def read_results(path):
    """All rows by data set and seed, in the order of their runs otherwise."""
    if not path.is_file() or not path.stat().st_size:
        raise SystemExit(f"{path}: there are no results, which the command run makes.")
    try:
        table = pd.read_csv(path)
    except (UnicodeDecodeError, pd.errors.ParserError) as error:
        raise SystemExit(f"{path} is no CSV file: {error}") from None
    missing = {"data", "seed"} - set(table)
    if missing:
        raise SystemExit(
            f"{path} has not the results of a benchmark; missing are the columns "
            f"{', '.join(sorted(missing))}."
        )
    return table.sort_values(["data", "seed"])  # workers finish in any order


def name_with_rule(table, column, tuned):
    """Names of methods, with the decision rule for those that have several.

    Parameters
    ----------
    table : DataFrame

    column : str
        That of the methods.

    tuned : tuple of str
        Methods whose thresholds are tuned too.
    """
    rules = {"natural": " at 0.5", "tuned": " tuned", "tuned micro": " tuned micro"}
    rule = table["rule"].map(rules)
    return table[column] + rule.where(table[column].isin(tuned), "")


def cells(mean, half, digits=3):
    """Text of means with their intervals; nothing where there is no mean."""

    def number(value, before=""):
        return "" if np.isnan(value) else f"{before}{value:.{digits}f}"

    # an interval needs two seeds
    return mean.map(number) + half.map(number, before=" ± ")


def formatted(table, digits=3):
    """Text of the numbers of a DataFrame or a Series."""
    return table.map(lambda x: NO_VALUE if pd.isna(x) else f"{x:.{digits}f}")


def write_frame(path, table, caption=""):
    """A DataFrame as a table; its index, in the first columns, names the rows."""
    # a name that nobody chose is no heading
    names = [name or "" for name in table.index.names]
    rows = [
        (*(key if isinstance(key, tuple) else (key,)), *values)
        for key, values in zip(table.index, table.to_numpy(), strict=True)
    ]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([[*names, *table.columns], *rows])
    lines = [
        f".. csv-table:: {caption}".rstrip(),
        "   :header-rows: 1",
        "   :stub-columns: 1",
        "   :class: results",
        "",
        *(f"   {line}" for line in text.getvalue().splitlines()),
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_ratios(folder, table, keys=("part",)):
    """Measures of `harness.timing.compare`: a table for each value of the keys.

    Rows are pairs, columns data sets. Entries are the median ratio over all repeats,
    with the least and the largest, and the median seconds of the contestant.
    """
    for name, part in table.groupby(list(keys), sort=False):
        groups = part.groupby(["contestant", "rival", "data"], sort=False)
        ratio = formatted(groups["ratio"].median(), 2)
        least = formatted(groups["least"].min(), 2)
        largest = formatted(groups["largest"].max(), 2)
        seconds = groups["seconds"].median().map("{:.3g}".format)
        text = ratio + " (" + least + " to " + largest + "), " + seconds + " s"
        text = text.unstack("data", sort=False).fillna(NO_VALUE)
        text.index.names = ["contestant", "to"]
        path = folder / f"{'_'.join(map(str, name))}.rst"
        caption = "Ratio of seconds (least to largest), and seconds"
        write_frame(path, text, caption)

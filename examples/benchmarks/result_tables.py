"""Means with intervals, and tables of them for an include in a page."""

import csv
import io

import numpy as np
from scipy import stats


def half_width(values, confidence=0.95):
    """Half the width of the t-interval of a mean; NaN for a single value."""
    n = len(values)
    if n < 2:
        return np.nan
    quantile = stats.t.ppf((1 + confidence) / 2, n - 1)
    return quantile * np.std(values, ddof=1) / np.sqrt(n)


def summarize(table, keys, columns):
    """Mean of columns by keys, and half the width of the 95 % t-interval over seeds."""
    groups = table.groupby(keys, sort=False)[columns]
    return groups.mean(), groups.agg(half_width)


def cells(mean, half, digits=3):
    """Text of means with their intervals; nothing where there is no mean."""

    def number(value, before=""):
        return "" if np.isnan(value) else f"{before}{value:.{digits}f}"

    # an interval needs two seeds
    return mean.map(number) + half.map(number, before=" ± ")


def write_table(path, header, rows, caption=""):
    """A reStructuredText table; the first column names the rows."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    lines = [
        f".. csv-table:: {caption}".rstrip(),
        "   :header-rows: 1",
        "   :stub-columns: 1",
        "",
        *(f"   {line}" for line in text.getvalue().splitlines()),
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_frame(path, table):
    """A DataFrame as a table, its index in the first columns."""
    rows = table.reset_index().astype(str)
    write_table(path, list(rows), rows.to_numpy().tolist())

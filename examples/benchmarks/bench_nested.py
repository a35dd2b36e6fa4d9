"""Nested labels: classifiers that know of a hierarchy, and the same without.

Two sets of embeddings: debtags, whose labels are called facet::tag, with the facets as
labels above them; and the 37 nodes of the taxonomy of hoc_minilm. A seed draws at most
3,000 rows to learn from and as many others to test on. Labels with fewer than 5
positives among the former are left out, which are never above others that stay. All
learn from targets with all ancestors, and all are judged on these, but for "tags only",
which learns the labels without a child, and gets the others from the hierarchy.

Each classifier is fitted once, and its scores of the training rows out of fold (3
folds) choose thresholds, one a label as `ThresholdedClassifierCV` does. Then the
hierarchy is used in one of four ways: not at all; at the end, where each row gets the
ancestors of its labels, as `HierarchicalClassifier` does around thresholds; in the
scores, which become the largest of those below, before thresholds are chosen; and in
both.

HiClass needs its package, and is run if asked for (`--only method HiClass`). It learns
one path a row: rows with several are repeated, and its probabilities get thresholds.
"""

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from harness.methods import network, one_vs_rest, out_of_fold_scores
from harness.report import NO_VALUE, cells, formatted, write_frame
from harness.run import grid, main
from scipy import stats
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, f1_score
from sklearn.preprocessing import StandardScaler

from skmultitag.datasets import load_debtags
from skmultitag.hierarchy import add_ancestors, hierarchy_edges
from skmultitag.kernel_ridge import KernelRidgeClassifierCV
from skmultitag.losses import MCMLoss
from skmultitag.thresholds import FBetaThreshold, FixedThreshold
from skmultitag.utils._hierarchy import descendant_pairs, max_over_descendants
from skmultitag.utils._scores import label_scores

MOST_ROWS = 3000
SHARE_TO_LEARN = 0.7  # if there are fewer rows
LEAST_POSITIVES = 5
HICLASS = "HiClass"
TAGS_ONLY = ", tags only"
# by method: what makes the classifier of a seed and the edges, and its own threshold
METHODS = {
    "kernel ridge": (lambda seed, edges: KernelRidgeClassifierCV(), 0.0),
    f"kernel ridge{TAGS_ONLY}": (lambda seed, edges: KernelRidgeClassifierCV(), 0.0),
    "logistic regression": (lambda seed, edges: one_vs_rest(logistic(), False), 0.5),
    "network, cross-entropy": (lambda seed, edges: network("bce", seed), 0.5),
    "network, MCMLoss": (lambda seed, edges: network(MCMLoss(edges), seed), 0.5),
    "network, default": (lambda seed, edges: network("sigmoid_f1_bce", seed), 0.5),
    HICLASS: (lambda seed, edges: PathClassifier(edges), None),
}
# whether scores are the largest below, and whether decisions get their ancestors
WAYS = {
    "none": (False, False),
    "decisions": (False, True),
    "scores": (True, False),
    "both": (True, True),
}
SHOWN = ["none", "decisions", "both"]
MEASURES = ["macro F1", "micro F1", "hierarchical F", "broken"]


def load(arguments):
    """Rows, targets and names of the labels of each data set.

    Of a file: Y_fine and label_names_fine if it has them, else Y and label_names.
    """
    data_sets = {}
    for argument in arguments or ["debtags"]:
        name, _, path = argument.partition("=")
        if argument == "debtags":
            data = load_debtags()
            X, y, names = data.data, data.target, data.target_names
        elif not Path(path).is_file():
            raise SystemExit(f"{path}: there is no such file.")
        else:
            with np.load(path) as data:
                of = "_fine" if "Y_fine" in data.files else ""
                X, y, names = data["X"], data[f"Y{of}"], data[f"label_names{of}"]
        data_sets[name] = X.astype(np.float32), y, names.astype(str)
    return data_sets


def make_cases(data_sets, n_seeds):
    return grid(n_seeds, method=METHODS, data=data_sets)


def run_case(data, case):
    name, seed = case["method"], case["seed"]
    X, X_test, y, y_test, edges = split(data, seed)
    scaler = StandardScaler().fit(X)
    X, X_test = scaler.transform(X), scaler.transform(X_test)
    learned = np.arange(y.shape[1])
    if name.endswith(TAGS_ONLY):
        learned = np.setdiff1d(learned, edges[:, 0])
    make, own = METHODS[name]
    make = partial(make, seed, edges)
    own = None if own is None else FixedThreshold(own)
    rules = {"own": own, "tuned": FBetaThreshold(shrinkage=50)}
    scores = np.full(y.shape, -np.inf)
    test_scores = np.full(y_test.shape, -np.inf)
    scores[:, learned] = out_of_fold_scores(make, X, y[:, learned], seed)
    model = make().fit(X, y[:, learned])
    test_scores[:, learned] = label_scores(model, X_test, len(learned))
    rows = []
    for way, (in_scores, at_end) in WAYS.items():
        is_partial = len(learned) < y.shape[1]
        # the others have no scores of their own; HiClass has combined its own
        if in_scores < is_partial or in_scores > (name != HICLASS):
            continue
        of_way = [scores, test_scores]
        if in_scores:
            of_way = [max_over_descendants(each, edges) for each in of_way]
        for rule, thresholder in rules.items():
            if thresholder is None:
                y_pred = model.predict(X_test)
            else:
                y_pred = thresholder.fit(of_way[0], y).transform(of_way[1])
            closed = max_over_descendants(y_pred, edges)
            rows.append(
                {
                    "hierarchy": way,
                    "rule": rule,
                    "average precision": average_precision_score(
                        y_test, of_way[1], average="micro"
                    ),
                    **measures(y_test, closed if at_end else y_pred, closed),
                }
            )
    return rows


def measures(y_true, y_pred, closed):
    """F1 of the predictions as they are, F of the closed ones, and broken rows."""

    def f1(predicted, average):
        return f1_score(y_true, predicted, average=average, zero_division=0)

    return {
        "macro F1": f1(y_pred, "macro"),
        "micro F1": f1(y_pred, "micro"),
        # of targets that have all ancestors it is that
        "hierarchical F": f1(closed, "micro"),
        "broken": (y_pred != closed).any(axis=1).mean(),
    }


def split(data, seed):
    """Training and test parts of a draw, with all ancestors, and the edges."""
    X, y, names = data
    separator = "::" if any("::" in name for name in names) else "--"
    y, names = add_ancestors(y, separator, label_names=names)
    n_train = min(MOST_ROWS, int(SHARE_TO_LEARN * len(X)))
    order = np.random.RandomState(seed).permutation(len(X))[: n_train + MOST_ROWS]
    train, test = np.split(order, [n_train])
    kept = y[train].sum(axis=0) >= LEAST_POSITIVES
    edges = hierarchy_edges(separator, names[kept])
    return X[train], X[test], y[train][:, kept], y[test][:, kept], edges


class PathClassifier(BaseEstimator):
    """HiClass, which learns and predicts one path from a root a row.

    Rows are repeated for each of their paths. Rows without labels have a path of their
    own.
    """

    def __init__(self, edges):
        self.edges = edges

    def fit(self, X, y):
        from hiclass import LocalClassifierPerParentNode

        paths = self._paths(y.shape[1])
        depth = max(map(len, paths))
        above, below = descendant_pairs(self.edges, y.shape[1])
        inner = np.zeros((y.shape[1], y.shape[1]))
        inner[below, above] = below != above
        is_last = (y == 1) & ~(y @ inner > 0)
        row, column = is_last.nonzero()
        empty = np.flatnonzero(~y.any(axis=1))
        targets = [[*paths[c], *[""] * (depth - len(paths[c]))] for c in column]
        targets += [["none", *[""] * (depth - 1)]] * len(empty)
        self.model_ = LocalClassifierPerParentNode(
            logistic(), return_all_probabilities=True
        )
        targets = np.array(targets)
        self.model_.fit(X[np.concatenate([row, empty])], targets)
        self.n_labels_ = y.shape[1]
        self.names_ = [np.unique(level) for level in targets.T]
        return self

    def _paths(self, n_labels):
        parent = {child: parent for parent, child in self.edges.tolist()}
        paths = []
        for label in range(n_labels):
            path = [label]
            while path[0] in parent:
                path.insert(0, parent[path[0]])
            paths.append([f"n{each}" for each in path])
        return paths

    def predict(self, X):
        y = np.zeros((len(X), self.n_labels_), dtype=int)
        for row, path in enumerate(self.model_.predict(X)):
            y[row, [int(name[1:]) for name in path if is_label(name)]] = 1
        return y

    def predict_proba(self, X):
        proba = np.zeros((len(X), self.n_labels_))
        levels = self.model_.predict_proba(X)
        for names, of_level in zip(self.names_, levels, strict=True):
            for name, column in zip(names, of_level.T, strict=True):
                if is_label(name):
                    proba[:, int(name[1:])] = column
        return proba


def logistic():
    # the best of 0.001, 0.01 and 0.1 for HiClass, on both sets
    return LogisticRegression(C=0.01, max_iter=300)


def is_label(name):
    return name not in ("", "none")


def report(table, folder):
    """For each data set and rule the means of three ways, and their differences."""
    for (data, rule), part in table.groupby(["data", "rule"], sort=False):
        means = part.pivot_table(MEASURES, "method", "hierarchy")
        methods = [name for name in METHODS if name in means.index]
        columns = {}
        for measure in MEASURES:
            text = formatted(means[measure].reindex(methods, columns=SHOWN))
            columns[measure] = text[SHOWN].agg(" / ".join, axis=1)
        write_frame(folder / f"{data}_{rule}.rst", pd.DataFrame(columns))
    table["F1"] = (table["macro F1"] + table["micro F1"]) / 2
    of_ways = table[~table["method"].str.endswith(TAGS_ONLY)].pivot_table(
        "F1", ["method", "rule", "data", "seed"], "hierarchy", sort=False
    )
    gains = {way: of_ways[way] - of_ways["none"] for way in SHOWN[1:]}
    gains = pd.DataFrame(gains).groupby(level=["method", "rule", "data"], sort=False)
    half = gains.sem() * stats.t.ppf(0.975, (gains.count() - 1).clip(lower=1))
    text = cells(gains.mean(), half).replace("", NO_VALUE).unstack("data", sort=False)
    text.columns = [f"{data}, {way}" for way, data in text.columns]
    write_frame(folder / "gains.rst", text[sorted(text)])


if __name__ == "__main__":
    main(
        __doc__,
        make_cases,
        run_case,
        report,
        load,
        only_if_asked={"method": (HICLASS,)},
    )

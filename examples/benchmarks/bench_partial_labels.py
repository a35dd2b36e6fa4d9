"""What is lost where labels are partly annotated, and what leaving them out is worth.

600 rows are drawn at random to learn from, up to 3,000 others to test on, whose
targets are complete; a seed is a draw. Labels with fewer than 5 positives among the
former are left out. Features are standardized. Then entries of the targets are hidden:

- "entries": each with the same probability;
- "labels": each with one of its label, evenly spread around the same mean;
- "positives": positives only, which are then written as 0: nobody knows that they are
  missing.

Of what is hidden a method is told by NaN ("left out"), or not: "as zeros" hides it from
classifier and thresholds; "as zeros for the classifier" from the former only (run with
half of the entries hidden). All have the default thresholds of
`ThresholdedClassifierCV`. With hidden positives there is nothing to be told; "beta by
share" chooses thresholds by F-beta with a beta of one over the root of the share of the
positives that are left.
"""

import numpy as np
import pandas as pd
from harness.figures import panels, save
from harness.metrics import scores_of
from harness.report import cells, write_frame
from harness.run import grid, main
from harness.statistics import summarize
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from skmultitag import MultiTagClassifier, ThresholdedClassifierCV
from skmultitag.kernel_ridge import KernelRidgeClassifierCV
from skmultitag.multioutput import BinaryRelevanceClassifier
from skmultitag.thresholds import FBetaThreshold

N_ROWS, MOST_TESTED, LEAST_POSITIVES = 600, 3000, 5
SHARES = (0.1, 0.3, 0.5, 0.7)
TOLD = ("left out", "as zeros for the classifier", "as zeros")
LOSSES = ("bce", "sigmoid_f1_bce", "hill", "asymmetric")
WAYS = {"entries": "entries hidden at random", "labels": "hidden by label"}


def network(seed, loss="sigmoid_f1_bce"):
    return MultiTagClassifier(loss, random_state=seed)


METHODS = {
    "network": network,
    "logistic regression": lambda seed: BinaryRelevanceClassifier(
        LogisticRegression(C=0.1, tol=1e-3, max_iter=300)
    ),
    "kernel ridge": lambda seed: BinaryRelevanceClassifier(KernelRidgeClassifierCV()),
}


def make_cases(data_sets, n_seeds):
    complete = {"hidden": ("nothing",), "share": (0.0,), "told": ("left out",)}
    partly = {"hidden": tuple(WAYS), "share": SHARES, "told": TOLD}
    # of positives, the losses of networks are compared
    positives = {"hidden": ("positives",), "share": (0.3, 0.5, 0.7)}
    of_losses = []
    for rule, losses in (("thresholds", LOSSES), ("beta by share", ("bce", "hill"))):
        of_losses += grid(
            n_seeds, data=data_sets, method=losses, **positives, told=(rule,)
        )
    of_methods = [
        case
        for kind in (complete, partly)
        for case in grid(n_seeds, data=data_sets, method=METHODS, **kind)
        if case["told"] != TOLD[1] or case["share"] == 0.5
    ]
    no_loss = {"hidden": ("nothing",), "share": (0.0,), "told": ("thresholds",)}
    of_losses += grid(n_seeds, data=data_sets, method=LOSSES, **no_loss)
    return sorted(of_methods + of_losses, key=lambda case: case["seed"])


def run_case(data, case):
    X, X_test, y, y_test = split(data, case["seed"])
    is_hidden = hide(y, case)
    partial = np.where(is_hidden, np.nan, y)
    if case["told"] not in TOLD[:2]:
        partial = np.where(is_hidden, 0, y)
    if case["method"] in METHODS:
        model = METHODS[case["method"]](case["seed"])
    else:
        model = network(case["seed"], case["method"])
    thresholder = None
    if case["told"] == "beta by share":
        beta = 1 / np.sqrt(1 - case["share"])
        thresholder = FBetaThreshold(beta=beta, shrinkage=50)
    for_classifier = "negative" if case["told"] == TOLD[1] else "error"
    tuned = ThresholdedClassifierCV(model, thresholder, missing_labels=for_classifier)
    tuned.fit(X, partial)
    return [scores_of(y_test, tuned.predict(X_test))]


def split(data, seed):
    """Training and test parts of a draw, and the labels that are frequent enough."""
    X, y = np.concatenate(data[::2]), np.concatenate(data[1::2]).astype(int)
    order = np.random.RandomState(seed).permutation(len(X))
    train, test = np.split(order[: N_ROWS + MOST_TESTED], [N_ROWS])
    labels = y[train].sum(axis=0) >= LEAST_POSITIVES
    scaler = StandardScaler().fit(X[train])
    X_train, X_test = scaler.transform(X[train]), scaler.transform(X[test])
    return X_train, X_test, y[train][:, labels], y[test][:, labels]


def hide(y, case):
    """Which entries are hidden; of each label one positive is left."""
    random_state = np.random.RandomState(case["seed"])
    share = np.full(y.shape[1], case["share"])
    if case["hidden"] == "labels":
        low, high = max(0, 2 * case["share"] - 1), min(1, 2 * case["share"])
        share = random_state.permutation(np.linspace(low, high, y.shape[1]))
    is_hidden = random_state.uniform(size=y.shape) < share
    if case["hidden"] == "positives":
        is_hidden &= y == 1
    first = [random_state.choice(np.flatnonzero(column)) for column in y.T]
    is_hidden[first, np.arange(y.shape[1])] = False
    return is_hidden


def report(results, folder):
    results["F1"] = (results["macro"] + results["micro"]) / 2
    is_pu = results["told"].isin(["thresholds", "beta by share"])
    complete = results["hidden"] == "nothing"
    for way, title in WAYS.items():
        part = results[~is_pu & (complete | (results["hidden"] == way))]
        write_table(part, folder / f"{way}.rst", list(METHODS), title)
    of_losses = results[is_pu]
    of_losses = of_losses.assign(told=of_losses["told"].replace("thresholds", ""))
    write_table(of_losses, folder / "positives.rst", list(LOSSES), "positives hidden")
    draw(results[~is_pu], folder)


def write_table(part, path, methods, caption):
    """Mean over data sets, and half the interval over seeds of that mean."""
    by_seed = part.groupby(["method", "told", "share", "seed"])["F1"].mean()
    mean, half = summarize(by_seed.reset_index(), ["method", "told", "share"], ["F1"])
    table = pd.DataFrame({"text": cells(mean["F1"], half["F1"])})["text"]
    table = table.unstack("share").sort_index(axis=1)
    table.columns = [f"{share:.0%} hidden" for share in table]
    # complete data stand once
    table = table.replace(np.nan, "")
    order = [(m, t) for m in methods for t in (*TOLD, "", "beta by share")]
    table = table.loc[[key for key in order if key in table.index]]
    write_frame(path, table.rename_axis(["method", ""]), caption)


def draw(results, folder):
    figure, axes = panels(1, 2, 4, 3.2, sharey=True)
    for ax, (way, title) in zip(axes[0], WAYS.items(), strict=True):
        part = results[results["hidden"].isin(["nothing", way])]
        mean = part.groupby(["method", "told", "share"])["F1"].mean()
        for color, method in zip(("C0", "C1", "C2"), METHODS, strict=True):
            for told, style in ((TOLD[0], "o-"), (TOLD[2], "x--")):
                if (method, told) not in mean.index:
                    continue
                line = mean[method, told]
                if told == TOLD[2]:
                    line = pd.concat([mean[method, TOLD[0]].loc[:0.0], line])
                ax.plot(line.index, line, style, color=color, label=f"{method}, {told}")
        ax.set(title=title, xlabel="share of the entries hidden")
        ax.grid(alpha=0.3)
    axes[0, 0].set_ylabel("F1")
    handles, names = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=2)
    save(figure, folder / "partial_labels.png")


if __name__ == "__main__":
    main(__doc__, make_cases, run_case, report)

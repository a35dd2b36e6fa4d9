"""F1 of decisions by a learned number of labels, against thresholds.

A network with cross-entropy ("bce", as in ML-NET) or LSEP ("lsep", as of Li, Song and
Luo) scores its training rows out of fold (5 folds, shuffled), is fitted on all of them,
and scores the test rows; features are standardized. Each decision is fitted on the
out-of-fold scores. `LabelCountThreshold` is compared for several models of the number.
"""

from harness.data import prepare
from harness.metrics import scores_of
from harness.report import cells, formatted, write_frame
from harness.run import grid, main
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import cross_val_predict
from sklearn.neural_network import MLPClassifier

from skmultitag import MultiTagClassifier
from skmultitag.model_selection import MultilabelStratifiedKFold
from skmultitag.thresholds import (
    ExpectedFBetaThreshold,
    FBetaThreshold,
    FixedThreshold,
    LabelCountThreshold,
    TopKThreshold,
)

AVERAGES = ("macro", "micro", "samples")


def decisions(seed):
    """Thresholders by name."""
    forest = RandomForestClassifier(100, min_samples_leaf=5, random_state=seed)
    network = MLPClassifier((128,), max_iter=50, random_state=seed)
    return {
        "0.5": FixedThreshold(),
        "FBetaThreshold(shrinkage=50)": FBetaThreshold(shrinkage=50),
        "ExpectedFBetaThreshold()": ExpectedFBetaThreshold(),
        "TopKThreshold()": TopKThreshold(),
        "LabelCountThreshold()": LabelCountThreshold(),
        "LabelCountThreshold(logistic)": LabelCountThreshold(
            LogisticRegression(max_iter=500)
        ),
        "LabelCountThreshold(forest)": LabelCountThreshold(forest),
        "LabelCountThreshold(network)": LabelCountThreshold(network),
    }


def make_cases(data_sets, n_seeds):
    return grid(n_seeds, data=data_sets, loss=("bce", "lsep"))


def run_case(data, case):
    seed = case["seed"]
    X, y, X_test, y_test = prepare(data)
    model = MultiTagClassifier(case["loss"], threshold=0.5, random_state=seed)
    folds = MultilabelStratifiedKFold(5, shuffle=True, random_state=seed)
    scores = cross_val_predict(model, X, y, cv=folds, method="predict_proba")
    test_scores = model.fit(X, y).predict_proba(X_test)
    rows = []
    for name, thresholder in decisions(seed).items():
        y_pred = thresholder.fit(scores, y).transform(test_scores)
        samples = f1_score(y_test, y_pred, average="samples", zero_division=0)
        error = abs(y_pred.sum(axis=1) - y_test.sum(axis=1)).mean()
        measured = {**scores_of(y_test, y_pred), "samples": samples}
        rows.append({"decision": name, **measured, "count_error": error})
    return rows


def report(table, folder):
    """Mean of the three F1 by data set and loss, and means over these."""
    table["mean"] = table[[*AVERAGES]].mean(axis=1)
    keys = ["decision", "data", "loss"]
    groups = table.groupby(keys, sort=False)[["mean"]]
    by_case = cells(groups.mean(), groups.std())["mean"].unstack(["data", "loss"])
    by_case.columns = [" ".join(column) for column in by_case.columns]
    write_frame(folder / "by_case.rst", by_case)
    measures = [*AVERAGES, "count_error"]
    means = table.groupby(keys, sort=False)[measures].mean()
    over_cases = means.groupby("decision", sort=False).mean()
    over_cases = over_cases.rename(columns={"count_error": "error of the number"})
    write_frame(folder / "means.rst", formatted(over_cases))


if __name__ == "__main__":
    main(__doc__, make_cases, run_case, report)

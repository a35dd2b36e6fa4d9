"""F1 of decision rules on the scores of several classifiers.

Each classifier scores its training rows out of fold (3 stratified folds), is fitted
again on all of them, and scores the test rows. Each rule is fitted on the out-of-fold
scores and decides the test rows. Features are standardized, except for the forest. The
spread is over seeds, of folds and classifiers; the split into training and test rows is
fixed.

The rules called "k=..." are `FBetaThreshold` with so much shrinkage, in a table of
their own.
"""

from harness.data import prepare
from harness.methods import network, out_of_fold_scores
from harness.metrics import scores_of
from harness.report import formatted, write_frame
from harness.run import grid, main
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.multiclass import OneVsRestClassifier
from sklearn.neighbors import KNeighborsClassifier

from skmultitag import PlattKnee
from skmultitag.calibration import IsotonicCalibrator, PlattCalibrator
from skmultitag.thresholds import (
    ExpectedFBetaThreshold,
    FBetaThreshold,
    FixedThreshold,
    HalfFThreshold,
    ProportionalThreshold,
    TopKThreshold,
)
from skmultitag.utils._scores import label_scores

AVERAGES = ("macro", "micro", "samples")
STRENGTHS = (0, 5, 10, 20, 50, 100, 200, 500)

# of the rules, those that the user guide shows, as it writes them
OF_GUIDE = {
    "macro, shrunken": "``FBetaThreshold(shrinkage=50)``, the default",
    "Platt, half F": "Platt scaling, ``HalfFThreshold()``",
    "Platt, micro": 'Platt scaling, ``FBetaThreshold(average="micro")``',
    "macro": "``FBetaThreshold()``",
    "proportional": "``ProportionalThreshold()``",
    "Platt, expected F": "Platt scaling, ``ExpectedFBetaThreshold()``",
    "micro": '``FBetaThreshold(average="micro")``',
    "knee": "``PlattKnee()``",
    "top k": "``TopKThreshold()``",
    "0.5": "0.5",
}


def classifiers(seed):
    logistic = LogisticRegression(C=0.1, max_iter=300, tol=1e-3)
    return {
        "logistic": OneVsRestClassifier(logistic),
        "forest": RandomForestClassifier(100, min_samples_leaf=2, random_state=seed),
        "knn": KNeighborsClassifier(20),
        "bce": network("bce", seed),
    }


def rules():
    """Calibrator or None, and thresholder, by name."""
    platt = PlattCalibrator
    found = {
        "0.5": (None, FixedThreshold()),
        "Platt, 0.5": (platt(), FixedThreshold()),
        "isotonic, 0.5": (IsotonicCalibrator(), FixedThreshold()),
        "micro": (None, FBetaThreshold(average="micro")),
        "Platt, micro": (platt(), FBetaThreshold(average="micro")),
        "macro, one for all": (None, FBetaThreshold(per_label=False)),
        "samples": (None, FBetaThreshold(average="samples")),
        "macro": (None, FBetaThreshold()),
        "micro, one a label": (None, FBetaThreshold(average="micro", per_label=True)),
        "samples, one a label": (
            None,
            FBetaThreshold(average="samples", per_label=True),
        ),
        "macro, shrunken": (None, FBetaThreshold(shrinkage=50)),
        "Platt, half F": (platt(), HalfFThreshold()),
        "Platt, half F, micro": (platt(), HalfFThreshold(average="micro")),
        "proportional": (None, ProportionalThreshold()),
        "proportional, one for all": (None, ProportionalThreshold(average="micro")),
        "top k": (None, TopKThreshold()),
        "Platt, expected F": (platt(), ExpectedFBetaThreshold()),
        "knee": (None, PlattKnee()),
    }
    return found | {f"k={k}": (None, FBetaThreshold(shrinkage=k)) for k in STRENGTHS}


def make_cases(data_sets, n_seeds):
    return grid(n_seeds, data=data_sets, classifier=classifiers(seed=0))


def run_case(data, case):
    name, seed = case["classifier"], case["seed"]
    X, y, X_test, y_test = prepare(data, is_raw=name == "forest")
    scores = out_of_fold_scores(lambda: classifiers(seed)[name], X, y, seed)
    model = classifiers(seed)[name].fit(X, y)
    test = label_scores(model, X_test, y.shape[1])
    rows = []
    for rule, (calibrator, thresholder) in rules().items():
        fitted, decided = scores, test
        if calibrator is not None:
            fitted = calibrator.fit_transform(scores, y)
            decided = calibrator.transform(test)
        y_pred = thresholder.fit(fitted, y).transform(decided)
        samples = f1_score(y_test, y_pred, average="samples", zero_division=0)
        rows.append({"rule": rule, **scores_of(y_test, y_pred), "samples": samples})
    return rows


def report(table, folder):
    table["mean"] = (table["macro"] + table["micro"]) / 2
    keys = ["data", "classifier", "rule"]
    mean = table.groupby(keys)[[*AVERAGES, "mean", "labels"]].mean()
    is_strength = mean.index.get_level_values("rule").str.startswith("k=")
    strengths = mean[is_strength | mean.index.isin(["0.5", "Platt, micro"], "rule")]
    rules = over_cases(mean[~is_strength])
    write_frame(folder / "thresholds_rules.rst", rules)
    write_frame(folder / "thresholds_shrinkage.rst", over_cases(strengths))
    shown = rules.rename(columns={"worst, to the best": "worst"}).loc[list(OF_GUIDE)]
    shown = shown[[*AVERAGES, "rank", "worst"]].rename(OF_GUIDE)
    write_frame(folder / "thresholds_of_guide.rst", shown)
    text = formatted(mean[~is_strength])
    text = text["macro"] + " / " + text["micro"]
    write_frame(folder / "thresholds_data.rst", text.unstack("classifier"))


def over_cases(mean):
    """Means over data sets and classifiers; rank and worst case by the mean F1."""
    by_case, micro = (mean[column].unstack("rule") for column in ("mean", "micro"))
    table = mean.groupby("rule")[[*AVERAGES, "mean"]].mean()
    table["rank"] = by_case.rank(axis=1, ascending=False).mean()
    table["worst, to the best"] = by_case.sub(by_case.max(axis=1), axis=0).min()
    table["worst micro, to 0.5"] = micro.sub(micro["0.5"], axis=0).min()
    return formatted(table.sort_values("mean", ascending=False))


if __name__ == "__main__":
    main(__doc__, make_cases, run_case, report)

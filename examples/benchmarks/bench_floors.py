"""How often a floor of precision or recall is missed on new rows, and by how much.

All rows of a data set are split anew by each seed, a third of them to test; features
are standardized. One-vs-rest logistic regression scores its training rows out of fold
(5 folds, shuffled), is fitted on all of them, and scores the test rows.
`PrecisionFloorThreshold` and `RecallFloorThreshold` are fitted on the out-of-fold
scores, without and with a lower bound (confidence 0.9). So is
`BinaryClassificationController` of MAPIE, if it is installed, with its defaults: of 100
thresholds it takes those that a test proves, with a correction for their number.

Networks are compared too: "loss" is trained on `GlobalObjectiveLoss` with early
stopping by average precision, and decides at 0; "thresholds" is trained on
cross-entropy and has thresholds without a bound, as above. Both keep a floor for each
label.

Of the floors that are met there, those that can be measured on the test rows are
counted: for precision something must be predicted, for recall there must be a positive.
A floor is missed where the measure is below it; clearly missed where so few right ones
have a probability of at most 0.05 if the floor is kept, so that chance in the test rows
hardly explains it. The other measure (recall for a floor of precision) is the mean over
all floors, 0 for those that are not met.
"""

from importlib.util import find_spec

import numpy as np
import pandas as pd
from harness.data import prepare
from harness.report import formatted, write_frame
from harness.run import grid, main
from scipy.stats import binom
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.multiclass import OneVsRestClassifier

from skmultitag import MultiTagClassifier
from skmultitag.losses import GlobalObjectiveLoss
from skmultitag.model_selection import (
    MultilabelStratifiedKFold,
    multilabel_train_test_split,
)
from skmultitag.thresholds import PrecisionFloorThreshold, RecallFloorThreshold

THRESHOLDERS = {"precision": PrecisionFloorThreshold, "recall": RecallFloorThreshold}
RULES = {
    "measure": tuple(THRESHOLDERS),
    "average": ("macro", "micro"),
    "floor": (0.7, 0.8, 0.9),
}
CONFIDENCE = 0.9
METHODS = ("no bound", "bound", "MAPIE")
OF_NETWORKS = ("thresholds", "loss")
OBJECTIVES = {"precision": "recall_at_precision", "recall": "precision_at_recall"}
SUMS = [
    "floors",
    "met",
    "measured",
    "missed",
    "clearly",
    "reached",
    "shortfall",
    "other",
]


def make_cases(data_sets, n_seeds):
    found = METHODS if find_spec("mapie") else METHODS[:2]
    return grid(n_seeds, data=data_sets, method=(*found, *OF_NETWORKS))


def run_case(data, case):
    X, y, X_test, y_test = split(data, case["seed"])
    method = case["method"]
    if method != "loss":
        model = OneVsRestClassifier(LogisticRegression(C=0.1, max_iter=1000))
        if method == "thresholds":
            model = MultiTagClassifier("bce", random_state=case["seed"])
        folds = MultilabelStratifiedKFold(5, shuffle=True, random_state=case["seed"])
        scores = cross_val_predict(model, X, y, cv=folds, method="predict_proba")
        test_scores = model.fit(X, y).predict_proba(X_test)
    rows = []
    for rule in grid(1, **RULES):
        del rule["seed"]
        if method in OF_NETWORKS and rule["average"] == "micro":
            continue
        if method == "loss":
            predicted = by_loss(rule, X, y, case["seed"]).predict(X_test)
            is_met = np.ones(y.shape[1], dtype=bool)
        else:
            choose = by_mapie if method == "MAPIE" else by_thresholder
            threshold = choose(rule, scores, y, has_bound=method == "bound")
            predicted = test_scores >= threshold
            is_met = np.isfinite(threshold)
        rows.append({**rule, **counts_of(rule, y_test, predicted, is_met)})
    return rows


def split(data, seed):
    """Training and test rows, chosen anew among all."""
    X, y, X_test, y_test = data
    X, y = np.vstack([X, X_test]), np.vstack([y, y_test])
    X, X_test, y, y_test = multilabel_train_test_split(
        X, y, test_size=1 / 3, random_state=seed
    )
    return prepare((X, y, X_test, y_test))


def by_loss(rule, X, y, seed):
    loss = GlobalObjectiveLoss(OBJECTIVES[rule["measure"]], rule["floor"])
    model = MultiTagClassifier(
        loss, early_stopping=True, scoring="average_precision", random_state=seed
    )
    return model.fit(X, y)


def by_thresholder(rule, scores, y, has_bound):
    """Thresholds, infinite where the floor is not met."""
    thresholder = THRESHOLDERS[rule["measure"]](
        rule["floor"],
        rule["average"],
        confidence=CONFIDENCE if has_bound else None,
        unmet="ignore",
    )
    return np.atleast_1d(thresholder.fit(scores, y).threshold_)


def by_mapie(rule, scores, y, has_bound):
    """Thresholds, infinite where none is proven."""
    from mapie.risk_control import BinaryClassificationController

    if rule["average"] == "micro":
        scores, y = scores.reshape(-1, 1), y.reshape(-1, 1)
    threshold = np.full(y.shape[1], np.inf)
    for label in range(y.shape[1]):
        controller = BinaryClassificationController(
            lambda proba: np.column_stack([1 - proba, proba]),
            rule["measure"],
            rule["floor"],
            confidence_level=CONFIDENCE,
        ).calibrate(scores[:, label], y[:, label])
        if controller.best_predict_param is not None:
            threshold[label] = controller.best_predict_param
    return threshold


def counts_of(rule, y_true, y_pred, is_met):
    """Numbers of floors (one a label, or one for all), and sums over them."""
    axis = 0 if rule["average"] == "macro" else None
    right, predicted, positive = (
        np.atleast_1d(each.sum(axis)) for each in (y_true * y_pred, y_pred, y_true)
    )
    total, other_total = predicted, positive
    if rule["measure"] == "recall":
        total, other_total = positive, predicted
    is_measured = is_met & (total > 0)
    right, total, other_total = (
        each[is_measured] for each in (right, total, other_total)
    )
    shortfall = np.maximum(rule["floor"] - right / total, 0)
    chance = binom.cdf(right, total, rule["floor"])
    return {
        "floors": len(is_met),
        "met": is_met.sum(),
        "measured": is_measured.sum(),
        "missed": (shortfall > 1e-12).sum(),
        "clearly": (chance <= 0.05).sum(),
        "reached": (right / total).sum(),
        "shortfall": shortfall.sum(),
        "other": (right / np.maximum(other_total, 1)).sum(),
    }


def report(table, folder):
    """Shares over data sets and seeds: a table for each average, and of networks."""
    rule = ["measure", "floor", "method"]
    is_network = table["method"].isin(OF_NETWORKS)
    table["method"] = pd.Categorical(table["method"], (*METHODS, *OF_NETWORKS))
    for average, part in table[~is_network].groupby("average", sort=False):
        sums = part.groupby(rule, observed=True)[SUMS].sum()
        of_data = part.groupby([*rule, "data"], observed=True)[SUMS].sum()
        missed = (of_data["missed"] / of_data["measured"]).unstack("data")
        shares = {
            "floors met": sums["met"] / sums["floors"],
            "the other measure": sums["other"] / sums["floors"],
            "missed": sums["missed"] / sums["measured"],
            "by": sums["shortfall"] / sums["missed"],
            "clearly": sums["clearly"] / sums["measured"],
            **{f"missed, {name}": missed[name] for name in missed},
        }
        write_frame(folder / f"{average}.rst", formatted(pd.DataFrame(shares), 2))
    sums = table[is_network].groupby(rule, observed=True)[SUMS].sum()
    shares = {
        "reached": sums["reached"] / sums["measured"],
        "the other measure": sums["other"] / sums["measured"],
        "missed": sums["missed"] / sums["measured"],
        "by": sums["shortfall"] / sums["missed"],
        "clearly": sums["clearly"] / sums["measured"],
        "labels": sums["measured"] / sums["floors"],
    }
    write_frame(folder / "networks.rst", formatted(pd.DataFrame(shares), 2))


if __name__ == "__main__":
    main(__doc__, make_cases, run_case, report)

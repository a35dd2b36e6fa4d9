"""Do a growing slope, or a posterior of slope and offset, help an F1 loss?

Every method trains the default network but for the loss, on standardized features:

- cross-entropy, decided at 0.5, and with thresholds tuned out of fold (3 folds);
- soft F1, which has nothing to tune;
- sigmoid F1, with beta and eta chosen by a search (3 folds, macro F1);
- adaptive sigmoid F1 with its defaults, which end at a slope of 10, and ending at 3;
- Bayesian sigmoid F1 with its defaults.

Beside F1 of the test rows: the calibration error of `predict_proba`, the number of
labels that a row gets, and the seconds of the fit, with all of its tuning. The spread
is over seeds of network and folds; the split is fixed.
"""

import time

from harness.data import prepare
from harness.methods import network
from harness.metrics import calibration_error, scores_of
from harness.report import cells, write_frame
from harness.run import grid, main
from harness.statistics import summarize
from sklearn.metrics import f1_score
from sklearn.model_selection import GridSearchCV, KFold

from skmultitag import ThresholdedClassifierCV
from skmultitag.losses import AdaptiveSigmoidF1Loss

GRID = {"loss__beta": [1.0, 2.0, 5.0], "loss__eta": [-1.0, 0.0]}
METHODS = (
    "cross-entropy, 0.5",
    "cross-entropy, tuned thresholds",
    "soft F1",
    "sigmoid F1, beta and eta tuned",
    "adaptive sigmoid F1",
    "adaptive sigmoid F1, beta_end=3",
    "Bayesian sigmoid F1",
)


def make_model(method, seed):
    folds = KFold(3, shuffle=True, random_state=seed)
    return {
        "cross-entropy, 0.5": network("bce", seed),
        "cross-entropy, tuned thresholds": ThresholdedClassifierCV(
            network("bce", seed), cv=folds
        ),
        "soft F1": network("soft_f1", seed),
        "sigmoid F1, beta and eta tuned": GridSearchCV(
            network("sigmoid_f1", seed), GRID, scoring="f1_macro", cv=folds
        ),
        "adaptive sigmoid F1": network("adaptive_sigmoid_f1", seed),
        "adaptive sigmoid F1, beta_end=3": network(
            AdaptiveSigmoidF1Loss(beta_end=3.0), seed
        ),
        "Bayesian sigmoid F1": network("bayesian_sigmoid_f1", seed),
    }[method]


def make_cases(data_sets, n_seeds):
    return grid(n_seeds, data=data_sets, method=METHODS)


def run_case(data, case):
    X, y, X_test, y_test = prepare(data)
    model = make_model(case["method"], case["seed"])
    start = time.perf_counter()
    model.fit(X, y)
    seconds = time.perf_counter() - start
    y_pred = model.predict(X_test)
    samples = f1_score(y_test, y_pred, average="samples", zero_division=0)
    row = {
        "rule": "natural",
        **scores_of(y_test, y_pred),
        "samples": samples,
        "calibration_error": calibration_error(y_test, model.predict_proba(X_test)),
        "true_labels": y_test.sum(axis=1).mean(),
        "seconds": seconds,
    }
    return [row]


def report(table, folder):
    for average in ("macro", "micro"):
        mean, half = (
            part[average].unstack("data")
            for part in summarize(table, ["method", "data"], [average])
        )
        # a mean over data sets within each seed, so that the spread is one of seeds
        over_data = table.groupby(["method", "seed"], as_index=False)[average].mean()
        for part, of_all in zip(
            (mean, half), summarize(over_data, ["method"], [average]), strict=True
        ):
            part["mean"] = of_all[average]
        text = cells(mean, half).loc[list(METHODS)]
        write_frame(folder / f"adaptive_bayesian_{average}.rst", text)
    digits = {
        "samples": 3,
        "calibration_error": 3,
        "labels": 2,
        "true_labels": 2,
        "seconds": 2,
    }
    others = table.groupby("method")[list(digits)].mean().loc[list(METHODS)]
    for column, n in digits.items():
        others[column] = others[column].map(f"{{:.{n}f}}".format)
    write_frame(folder / "adaptive_bayesian_others.rst", others)


if __name__ == "__main__":
    main(__doc__, make_cases, run_case, report)

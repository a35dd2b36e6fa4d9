"""Which rows to annotate next: ways to choose them, by the F1 that comes of it.

An eighth of the training rows, at most 500, are annotated first, chosen at random.
Three times as many more follow, so many at a time, as a way chooses:

- random;
- expected F1: those with the smallest, by `expected_fbeta_of_rows`;
- distance: those with the smallest `log_odds_to_threshold`;
- committee: those about which five models differ most, kernel ridges on bootstrap
  samples of the annotated rows: the largest variance of the scores, a mean over labels;
- core set, TypiClust: of scikit-activeml, if it is installed. They look at the
  features only. Strategies of that package that ask a classifier take no multilabel
  targets.

The model is a calibrated kernel ridge with tuned thresholds. Labels that no annotated
row has are not predicted.
"""

from functools import partial
from importlib.util import find_spec

import numpy as np
from harness.data import prepare
from harness.report import NO_VALUE, cells, write_frame
from harness.run import grid, main
from sklearn.metrics import f1_score

from skmultitag import ThresholdedClassifierCV
from skmultitag.calibration import PlattCalibrator
from skmultitag.kernel_ridge import KernelRidgeClassifierCV
from skmultitag.metrics import expected_fbeta_of_rows, log_odds_to_threshold

AVERAGES = ["macro", "micro", "samples"]
N_ROUNDS = 3
N_MEMBERS = 5


def make_cases(data_sets, n_seeds):
    return grid(n_seeds, data=data_sets, strategy=STRATEGIES)


class Tagger:
    """A model of the labels that the annotated rows have."""

    def __init__(self, X, y):
        self.X, self.y = X, y
        self.is_known = y.any(axis=0)
        self.model = ThresholdedClassifierCV(
            KernelRidgeClassifierCV(), calibrator=PlattCalibrator()
        ).fit(X, y[:, self.is_known])

    def predict(self, X):
        y = np.zeros((len(X), len(self.is_known)), dtype=int)
        y[:, self.is_known] = self.model.predict(X)
        return y

    def committee_scores(self, X, rng):
        for _ in range(N_MEMBERS):
            rows = rng.randint(len(self.X), size=len(self.X))
            member = KernelRidgeClassifierCV()
            member.fit(self.X[rows], self.y[rows][:, self.is_known])
            yield member.decision_function(X)


# Strategies: numbers of the rows of `rest` to annotate, of which there are n


def by_random(tagger, rest, n, rng):
    return rng.choice(len(rest), n, replace=False)


def by_expected_f1(tagger, rest, n, rng):
    model = tagger.model
    value = expected_fbeta_of_rows(model.predict_proba(rest), model.predict(rest))
    return np.argsort(value, kind="stable")[:n]


def by_distance(tagger, rest, n, rng):
    model = tagger.model
    value = log_odds_to_threshold(model.predict_proba(rest), model.threshold_)
    return np.argsort(value, kind="stable")[:n]


def by_committee(tagger, rest, n, rng):
    scores = np.stack([*tagger.committee_scores(rest, rng)])
    value = scores.var(axis=0).mean(axis=1)
    return np.argsort(-value, kind="stable")[:n]


def by_features(name, tagger, rest, n, rng):
    """A strategy of scikit-activeml; a target of one class stands in for ours."""
    from skactiveml import pool

    X = np.vstack([tagger.X, rest])
    y = np.full(len(X), np.nan)
    y[: len(tagger.X)] = 0
    strategy = getattr(pool, name)(random_state=rng.randint(2**31))
    return strategy.query(X, y, batch_size=n) - len(tagger.X)


STRATEGIES = {
    "random": by_random,
    "expected F1": by_expected_f1,
    "distance": by_distance,
    "committee": by_committee,
}
if find_spec("skactiveml"):
    STRATEGIES["core set"] = partial(by_features, "CoreSet")
    STRATEGIES["TypiClust"] = partial(by_features, "TypiClust")


def run_case(data, case):
    rng = np.random.RandomState(case["seed"])
    X, y, X_test, y_test = prepare(data)
    n = min(500, len(X) // 8)
    is_annotated = np.zeros(len(X), dtype=bool)
    is_annotated[rng.permutation(len(X))[:n]] = True  # the same for all strategies
    rows = []
    for round_ in range(N_ROUNDS + 1):
        tagger = Tagger(X[is_annotated], y[is_annotated])
        y_pred = tagger.predict(X_test)
        measured = {
            average: f1_score(y_test, y_pred, average=average, zero_division=0)
            for average in AVERAGES
        }
        rows.append({"annotated": is_annotated.sum(), **measured})
        if round_ < N_ROUNDS:
            rest = np.flatnonzero(~is_annotated)
            choose = STRATEGIES[case["strategy"]]
            is_annotated[rest[choose(tagger, X[rest], n, rng)]] = True
    return rows


def report(table, folder):
    """F1 at the end, and what it is above that of random rows with the same start."""
    is_last = table["annotated"] == table.groupby("data")["annotated"].transform("max")
    table = table[is_last]
    random = table[table["strategy"] == "random"].set_index(["data", "seed"])
    of_same_start = random.loc[[*zip(table["data"], table["seed"], strict=True)]]
    for average in AVERAGES:
        gain = table[average].to_numpy() - of_same_start[average].to_numpy()
        table = table.assign(**{f"{average}, gain": gain})
    columns = [*AVERAGES, *(f"{average}, gain" for average in AVERAGES)]
    groups = table.groupby(["data", "strategy"], sort=False)[columns]
    text = cells(groups.mean(), groups.std())
    is_random = text.index.get_level_values("strategy") == "random"
    text.loc[is_random, columns[len(AVERAGES) :]] = NO_VALUE
    for data, part in text.groupby(level="data"):
        write_frame(folder / f"{data}.rst", part.droplevel("data"))


if __name__ == "__main__":
    main(__doc__, make_cases, run_case, report)

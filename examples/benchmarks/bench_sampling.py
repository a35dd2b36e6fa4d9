"""F1 with and without resampling of the training rows.

Every sampler is tried with three ways to decide: cross-entropy at 0.5, cross-entropy
with thresholds tuned on out-of-fold scores (3 folds, the default thresholder), and
sigmoid F1. Features are standardized, then the training rows resampled, then the
default network is trained but for the loss; thresholds are tuned on rows that are not
resampled. "rare" is the macro F1 of the labels that are on fewer than 2 % of the
training rows, and on one row or more of the training and the test rows each; "macro"
and "micro" are of all labels. The spread is over seeds of samplers, folds and network;
the split is fixed. Of larger data sets a stratified sample of 4,000 rows is taken,
another one for each seed.
"""

import time

import numpy as np
from harness.data import prepare_sample
from harness.methods import network
from harness.metrics import f1_by_label, scores_of
from harness.report import cells, formatted, write_frame
from harness.run import grid, main
from harness.statistics import summarize
from imblearn.pipeline import make_pipeline
from sklearn.model_selection import KFold

from skmultitag import ThresholdedClassifierCV
from skmultitag.sampling import MLROS, MLRUS, MLSMOTE, MLTL, REMEDIAL

MODELS = ("bce", "bce, tuned", "sigmoid_f1")
SCORES = ("rare", "macro", "micro")
RARE = 0.02


def samplers(seed):
    """Steps of a pipeline, by name."""
    return {
        "none": [],
        "MLROS": [MLROS(random_state=seed)],
        "MLSMOTE": [MLSMOTE(random_state=seed)],
        "MLRUS": [MLRUS(random_state=seed)],
        "MLTL": [MLTL()],
        "REMEDIAL": [REMEDIAL()],
        "REMEDIAL, MLROS": [REMEDIAL(), MLROS(random_state=seed)],
    }


SAMPLERS = tuple(samplers(seed=0))


def make_cases(data_sets, n_seeds):
    return grid(n_seeds, data=data_sets, model=MODELS, sampler=SAMPLERS)


def make_model(name, sampler, seed):
    loss, *tuned = name.split(", ")
    model = make_pipeline(*samplers(seed)[sampler], network(loss, seed))
    if tuned:
        folds = KFold(3, shuffle=True, random_state=seed)
        return ThresholdedClassifierCV(model, cv=folds)
    return model


def run_case(data, case):
    X, y, X_test, y_test = prepare_sample(data, case["seed"])
    model = make_model(case["model"], case["sampler"], case["seed"])
    start = time.perf_counter()
    model.fit(X, y)
    seconds = time.perf_counter() - start
    y_pred = model.predict(X_test)
    is_rare = (y.mean(axis=0) < RARE) & y.any(axis=0) & y_test.any(axis=0)
    by_label = f1_by_label(y_test, y_pred)
    row = {
        "rule": "natural",
        "rare": by_label[is_rare].mean() if is_rare.any() else np.nan,
        **scores_of(y_test, y_pred),
        "n_rare": is_rare.sum(),
        "seconds": seconds,
    }
    return [row]


def report(table, folder):
    for model in MODELS:
        part = table[table["model"] == model]
        mean = formatted(part.groupby(["sampler", "data"])[list(SCORES)].mean())
        text = mean.agg(" / ".join, axis=1)
        name = model.replace(", ", "_")
        text = text.unstack("data").loc[list(SAMPLERS)]
        write_frame(folder / f"sampling_{name}.rst", text)
    # within a data set and a seed, so that the spread is that of the gain
    keys = ["data", "model", "seed"]
    plain = table[table["sampler"] == "none"].set_index(keys)[list(SCORES)]
    gain = table.set_index([*keys, "sampler"])[list(SCORES)].sub(plain)
    gain = gain.groupby(["model", "sampler", "seed"]).mean().reset_index()
    text = cells(*summarize(gain, ["model", "sampler"], list(SCORES)))
    rows = [(model, name) for model in MODELS for name in SAMPLERS if name != "none"]
    write_frame(folder / "sampling_gain.rst", text.loc[rows])


if __name__ == "__main__":
    main(__doc__, make_cases, run_case, report)

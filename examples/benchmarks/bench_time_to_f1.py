"""Seconds of training until the macro F1 of logistic regression is reached.

One-vs-rest logistic regression with two penalties gives the mark: the better macro F1
on the test rows. Networks with three losses are scored after each of 50 epochs, in full
precision and in bfloat16, which also shows whether bfloat16 costs quality. All decide
at 0.5, on standardized features. Scoring is not timed; all is on one thread. Sigmoid F1
has its defaults, which make it soft F1.
"""

from functools import partial

from harness.data import prepare
from harness.methods import network
from harness.metrics import scores_of
from harness.report import cells, formatted, write_frame
from harness.run import main
from harness.timing import machine, seconds_of
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

LOSSES = ("bce", "soft_f1", "sigmoid_f1")
PRECISIONS = ("full", "bfloat16")
N_EPOCHS = 50
SHOWN_EPOCH = 20  # of the comparison of precisions


def make_cases(data_sets, n_seeds):
    methods = [("logistic", f"C={C}") for C in (1, 10)]
    methods += [(loss, precision) for loss in LOSSES for precision in PRECISIONS]
    return [
        {"data": data, "method": method, "setting": setting, "seed": seed}
        for data in data_sets
        for method, setting in methods
        # the regression is the same for all seeds
        for seed in range(1 if method == "logistic" else n_seeds)
    ]


def run_case(data, case):
    X, y, X_test, y_test = prepare(data)
    if case["method"] == "logistic":
        C = float(case["setting"].removeprefix("C="))
        model = OneVsRestClassifier(LogisticRegression(C=C, max_iter=1000))
        epochs, step = 1, partial(model.fit, X, y)
    else:
        model = network(
            case["method"],
            case["seed"],
            learning_rate_init=3e-3,
            precision=case["setting"],
        )
        epochs, step = N_EPOCHS, partial(model.partial_fit, X, y)
    rows, seconds = [], 0.0
    for epoch in range(1, epochs + 1):
        seconds += seconds_of(step)
        scores = scores_of(y_test, model.predict(X_test))
        row = {"epoch": epoch, "seconds": seconds, **scores, "machine": machine()}
        rows.append(row)
    return rows


def report(table, folder):
    is_mark = table["method"] == "logistic"
    keys = ["data", "method", "setting"]
    marks = table[is_mark].set_index(keys)[["macro", "seconds"]]
    best = table[is_mark].groupby("data")["macro"].max()
    write_frame(folder / "time_to_f1_marks.rst", formatted(marks))

    networks = table[~is_mark].copy()
    networks["mark"] = networks["data"].map(best)
    n_seeds = networks.groupby(keys)["seed"].nunique()
    reached = networks[networks["macro"] >= networks["mark"]]
    first = reached.sort_values("epoch").groupby([*keys, "seed"]).first()
    groups = first.groupby(keys)
    text = formatted(groups[["seconds", "epoch"]].median(), 2).reindex(n_seeds.index)
    share = groups.size().reindex(n_seeds.index, fill_value=0)
    text["seeds"] = share.astype(str) + " of " + n_seeds.astype(str)
    write_frame(folder / "time_to_f1_seconds.rst", text)

    shown = networks[networks["epoch"] == SHOWN_EPOCH].groupby(keys)[["macro"]]
    text = cells(shown.mean(), shown.std(), digits=4)["macro"].unstack("setting")
    write_frame(folder / "time_to_f1_precision.rst", text)


if __name__ == "__main__":
    main(__doc__, make_cases, run_case, report, n_seeds=3, is_timed=True)

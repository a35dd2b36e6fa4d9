"""A model in ONNX Runtime against the same model here and scikit-learn's network.

Parts; choose some with ``--only part NAME ...``:

- row: labels of one row, the mean of many calls. The model of ONNX gives scores and
  probabilities with them;
- rows: labels of all test rows;
- load: a file that is in memory, with its bytes: pickles, but for ONNX. ONNX Runtime
  also plans the computation.

All have the same network, of 256 hidden units, trained on the shipped data set, in
float32. "thresholded" has tuned thresholds (ThresholdedClassifierCV); "MLPClassifier"
has none and decides at 0.5. Labels of ONNX are checked to be those of `predict`. All
are on one thread. Contestants run in turn, after one turn that warms up, and ratios are
taken within each turn. Needs the extra "onnx".
"""

import pickle
from functools import lru_cache, partial

import numpy as np
import pandas as pd
from harness.data import data_hash
from harness.report import formatted, write_frame, write_ratios
from harness.run import main
from harness.timing import compare
from sklearn.neural_network import MLPClassifier

from skmultitag import MultiTagClassifier, ThresholdedClassifierCV
from skmultitag.datasets import load_debtags

ONE_ROW_CALLS = 1000
EPOCHS = 20
PARTS = "row", "rows", "load"
PAIRS = [
    ("ONNX Runtime", "predict"),
    ("ONNX Runtime, thresholded", "predict, thresholded"),
    ("ONNX Runtime", "MLPClassifier"),
    ("ONNX Runtime, thresholded", "MLPClassifier"),
    ("predict", "MLPClassifier"),
    ("predict, thresholded", "MLPClassifier"),
    ("MLPClassifier", "MLPClassifier"),
]


def make_cases(data_sets, n_seeds):
    return [
        {"part": part, "data": "debtags", "seed": seed}
        for seed in range(n_seeds)
        for part in PARTS
    ]


@lru_cache
def make_models():
    """Fitted models by name, and rows that they were not fitted on."""
    X, y = load_debtags(subset="train", return_X_y=True)
    X_test, _ = load_debtags(subset="test", return_X_y=True)
    tagger = MultiTagClassifier(max_iter=EPOCHS, random_state=0)
    models = {
        "predict": tagger.fit(X, y),
        "predict, thresholded": ThresholdedClassifierCV(tagger).fit(X, y),
        "MLPClassifier": MLPClassifier((256,), max_iter=EPOCHS, random_state=0),
    }
    models["MLPClassifier"].fit(X, y)
    return models, X_test


def open_session(file):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(file, options)


def run_case(data, case):
    from skmultitag.onnx import to_onnx

    models, X = make_models()
    files = {name: pickle.dumps(model) for name, model in models.items()}
    loads = {name: partial(pickle.loads, file) for name, file in files.items()}
    predicts = {name: model.predict for name, model in models.items()}
    for name in ("predict", "predict, thresholded"):
        file = to_onnx(models[name], X[:1]).SerializeToString()
        session = open_session(file)
        name_of_onnx = name.replace("predict", "ONNX Runtime")
        np.testing.assert_array_equal(
            session.run(["label"], {"X": X})[0], models[name].predict(X)
        )
        files[name_of_onnx] = file
        loads[name_of_onnx] = partial(open_session, file)
        predicts[name_of_onnx] = lambda X, session=session: session.run(None, {"X": X})
    if case["part"] == "load":
        rows = compare(loads, PAIRS)
    elif case["part"] == "rows":
        contestants = {name: partial(call, X) for name, call in predicts.items()}
        rows = compare(contestants, PAIRS)
    else:
        contestants = {
            name: partial(call_often, call, X) for name, call in predicts.items()
        }
        rows = compare(contestants, PAIRS, n_units=ONE_ROW_CALLS)
    for row in rows:
        row["bytes"] = len(files[row["contestant"]])
        row["data_hash"] = data_hash(X)
    return rows


def call_often(function, X):
    for number in range(ONE_ROW_CALLS):
        row = number % len(X)
        function(X[row : row + 1])


def report(table, folder):
    is_itself = table["contestant"] == table["rival"]
    write_ratios(folder, table[~is_itself])
    table = table[table["rival"] == "MLPClassifier"]
    groups = table.groupby(["contestant", "part"], sort=False)
    seconds = groups["seconds"].median().unstack("part", sort=False)
    size = table.groupby("contestant", sort=False)["bytes"].median()
    shown = {
        "one row, microseconds": seconds["row"] * 1e6,
        "test rows, milliseconds": seconds["rows"] * 1e3,
        "load, milliseconds": seconds["load"] * 1e3,
        "file, kilobytes": size / 1e3,
    }
    write_frame(folder / "deploy.rst", formatted(pd.DataFrame(shown), 1))


if __name__ == "__main__":
    main(__doc__, make_cases, run_case, report, load=None, n_seeds=3, is_timed=True)

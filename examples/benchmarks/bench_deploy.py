"""A model in ONNX Runtime against the same model here and scikit-learn's network.

Parts; choose some with ``--only part NAME ...``:

- row: labels of one row, the mean of many calls. The model of ONNX gives scores and
  probabilities with them;
- rows: labels of all test rows;
- load: a file that is in memory, with its bytes: pickle and skops, of the model and of
  the copy that only predicts, and ONNX. ONNX Runtime also plans the computation.

All have the same network, of 256 hidden units, trained on the shipped data set, in
float32. "thresholded" has tuned thresholds (ThresholdedClassifierCV); "MLPClassifier"
has none and decides at 0.5. Labels of ONNX, and of what was loaded, are checked to be
those of `predict`. All are on one thread. Contestants run in turn, after one turn that
warms up, and ratios are taken within each turn. Needs skops and the extra "onnx".
"""

import pickle
from functools import lru_cache, partial
from itertools import product

import numpy as np
import pandas as pd
from harness.data import data_hash
from harness.report import formatted, write_frame, write_ratios
from harness.run import main
from harness.timing import compare
from sklearn.base import clone
from sklearn.neural_network import MLPClassifier

from skmultitag import (
    MultiTagClassifier,
    ThresholdedClassifierCV,
    for_inference,
    trusted_types,
)
from skmultitag.datasets import load_debtags

ONE_ROW_CALLS = 1000
LOADS = 10
EPOCHS = 20
PARTS = "row", "rows", "load"
OURS = {"predict": "", "predict, thresholded": ", thresholded"}
PAIRS = [
    ("ONNX Runtime", "predict"),
    ("ONNX Runtime, thresholded", "predict, thresholded"),
    ("ONNX Runtime", "MLPClassifier"),
    ("ONNX Runtime, thresholded", "MLPClassifier"),
    ("predict", "MLPClassifier"),
    ("predict, thresholded", "MLPClassifier"),
    ("MLPClassifier", "MLPClassifier"),
]
FILES = "pickle", "skops", "only to predict, pickle", "only to predict, skops", "ONNX"
LOAD_PAIRS = [
    *(
        (f"{file}{ending}", f"pickle{ending}")
        for ending in OURS.values()
        for file in FILES
    ),
    ("pickle of MLPClassifier", "pickle"),
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
    # not a fitted one, which a file would hold as a parameter
    thresholded = ThresholdedClassifierCV(clone(tagger))
    models = {
        "predict": tagger.fit(X, y),
        "predict, thresholded": thresholded.fit(X, y),
        "MLPClassifier": MLPClassifier((256,), max_iter=EPOCHS, random_state=0),
    }
    models["MLPClassifier"].fit(X, y)
    return models, X_test


def open_session(file):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(file, options)


def make_sessions(models, X):
    """Sessions of ONNX Runtime, and their files, by the names of our models."""
    from skmultitag.onnx import to_onnx

    files = {name: to_onnx(models[name], X[:1]).SerializeToString() for name in OURS}
    sessions = {name: open_session(file) for name, file in files.items()}
    for name, session in sessions.items():
        np.testing.assert_array_equal(
            session.run(["label"], {"X": X})[0], models[name].predict(X)
        )
    return sessions, files


def run_case(data, case):
    models, X = make_models()
    sessions, files = make_sessions(models, X)
    if case["part"] == "load":
        rows = compare_loads(models, files, X)
    else:
        rows = compare_predictions(models, sessions, X, case["part"])
    no_file = {"bytes": None, "weights": None}
    return [no_file | row | {"data_hash": data_hash(X)} for row in rows]


def compare_predictions(models, sessions, X, part):
    predicts = {name: model.predict for name, model in models.items()}
    for name, session in sessions.items():
        predicts[f"ONNX Runtime{OURS[name]}"] = partial(run_session, session)
    if part == "rows":
        return compare({name: partial(predicts[name], X) for name in predicts}, PAIRS)
    contestants = {
        name: partial(call_often, call, X) for name, call in predicts.items()
    }
    return compare(contestants, PAIRS, n_units=ONE_ROW_CALLS)


def run_session(session, X):
    return session.run(None, {"X": X})


def call_often(function, X):
    for number in range(ONE_ROW_CALLS):
        row = number % len(X)
        function(X[row : row + 1])


def compare_loads(models, onnx_files, X):
    import skops.io

    load_skops = partial(skops.io.loads, trusted=trusted_types())
    ways = {
        "pickle": (pickle.dumps, pickle.loads),
        "skops": (skops.io.dumps, load_skops),
    }
    files, loads = {}, {}
    for name, ending in OURS.items():
        forms = {"": models[name], "only to predict, ": for_inference(models[name])}
        for (form, model), (way, (dump, load)) in product(forms.items(), ways.items()):
            key = f"{form}{way}{ending}"
            files[key], loads[key] = dump(model), load
            np.testing.assert_array_equal(
                load(files[key]).predict(X), models[name].predict(X)
            )
        files[f"ONNX{ending}"], loads[f"ONNX{ending}"] = onnx_files[name], open_session
    network = models["MLPClassifier"]
    files["pickle of MLPClassifier"] = pickle.dumps(network)
    loads["pickle of MLPClassifier"] = pickle.loads
    contestants = {
        key: partial(load_often, loads[key], file) for key, file in files.items()
    }
    rows = compare(contestants, LOAD_PAIRS, n_units=LOADS)
    weights = bytes_of_weights(network)
    sizes = {key: len(file) for key, file in files.items()}
    return [
        row | {"bytes": sizes[row["contestant"]], "weights": weights} for row in rows
    ]


def load_often(load, file):
    for _ in range(LOADS):
        load(file)


def bytes_of_weights(network):
    """Bytes of the weights of all these networks, as they have the same layers."""
    return sum(layer.nbytes for layer in [*network.coefs_, *network.intercepts_])


def report(table, folder):
    is_load = table["part"] == "load"
    write_loads(folder, table[is_load])
    table = table[~is_load]
    is_itself = table["contestant"] == table["rival"]
    write_ratios(folder, table[~is_itself])
    table = table[table["rival"] == "MLPClassifier"]
    groups = table.groupby(["contestant", "part"], sort=False)
    seconds = groups["seconds"].median().unstack("part", sort=False)
    shown = {
        "one row, microseconds": seconds["row"] * 1e6,
        "test rows, milliseconds": seconds["rows"] * 1e3,
    }
    write_frame(folder / "deploy.rst", formatted(pd.DataFrame(shown), 1))


def write_loads(folder, table):
    groups = table.groupby("contestant", sort=False)
    size = groups["bytes"].median()
    shown = {
        "file, kilobytes": formatted(size / 1e3, 0),
        "times the weights": formatted(size / groups["weights"].median(), 2),
        "load, milliseconds": formatted(groups["seconds"].median() * 1e3, 2),
        "times the pickle's": formatted(groups["ratio"].median(), 2),
    }
    write_frame(folder / "files.rst", pd.DataFrame(shown))


if __name__ == "__main__":
    main(__doc__, make_cases, run_case, report, load=None, n_seeds=3, is_timed=True)

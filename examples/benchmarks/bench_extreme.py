"""Very many labels: neighbors, networks and label trees, by precision at k.

Rows and labels are simulated. A label has a direction near that of its topic of 50
labels, and a row is the sum of the directions of its one to five labels, all of one
topic, over the root of their number, with noise. Topics and labels are the rarer the
later they come: with a hundred thousand labels most have one training row, or none.

Methods are the labels of the nearest rows (`NeighborLabels`, sparse), the network with
cross-entropy, ridge regression in closed form, and, if napkinXC is installed, its trees
of linear classifiers with default parameters. Scores are sparse matrices, of most
methods the best five of each row. With a hundred thousand labels the network has 64
units in place of 256, five epochs in place of 20, and one seed. Seconds are those of
the processor, of fit and prediction together, on one thread. Memory is the most that is
used above that at the start.
"""

import tempfile
import time
from importlib.util import find_spec

import numpy as np
from bench_scale import measure
from harness.report import cells, write_frame
from harness.run import main
from scipy import sparse
from sklearn.utils import gen_batches

from skmultitag import MultiTagClassifier
from skmultitag.metrics import inverse_propensity, precision_at_k
from skmultitag.neighbors import NeighborLabels
from skmultitag.utils._top_k import top_k_scores

OF_TOPIC = 50
N_FEATURES = 128
N_TEST = 2000
N_TOP = 5
NOISE = 2.0
MEASURES = ["P@1", "P@5", "PSP@1", "PSP@5"]


def make_cases(data_sets, n_seeds):
    cases = []
    for rows, labels in ((6_000, 3_000), (20_000, 100_000)):
        is_large = labels > 10_000
        for seed in range(n_seeds):
            for method in METHODS:
                if is_large and method == "network" and seed > 0:
                    continue  # it takes too long
                data = f"{rows:,} rows, {labels:,} labels"
                case = {"data": data, "rows": rows, "labels": labels}
                cases.append({**case, "method": method, "seed": seed})
    return cases


def draw(n_rows, n_labels, seed):
    """Rows, and their labels as a CSR array."""
    rng = np.random.default_rng(seed)
    n_topics = -(-n_labels // OF_TOPIC)
    topic = rng.choice(n_topics, n_rows, p=falling(n_topics, start=10))
    within = rng.choice(OF_TOPIC, (n_rows, 5), p=falling(OF_TOPIC))
    columns = (OF_TOPIC * topic[:, None] + within).ravel()
    starts = 5 * np.arange(n_rows + 1)
    shape = n_rows, n_topics * OF_TOPIC
    y = sparse.csr_array((np.ones(len(columns), np.int64), columns, starts), shape)
    y.sum_duplicates()
    y.data[:] = 1
    topics = rng.standard_normal((n_topics, N_FEATURES))
    directions = np.repeat(topics, OF_TOPIC, axis=0)
    directions += rng.standard_normal(directions.shape)
    X = y @ directions / np.sqrt(y.sum(axis=1))[:, None]
    X += NOISE * rng.standard_normal(X.shape)
    return X.astype(np.float32), y


def falling(n, start=1):
    """Probabilities in proportion to 1 / place, from a place on."""
    weight = 1 / np.arange(start, start + n)
    return weight / weight.sum()


# Methods: the best labels of the test rows, with their scores


def neighbors(X, y, X_test, seed):
    model = NeighborLabels(metric="cosine", sparse_output=True)
    return model.fit(X, y).transform(X_test)


def ridge(X, y, X_test, seed):
    """Least squares for all labels at once: a matrix of the features is solved."""
    mean = X.mean(axis=0)
    X, X_test = X - mean, X_test - mean
    gram = X.T @ X + 100 * np.eye(X.shape[1], dtype=X.dtype)
    coef = np.linalg.solve(gram, (y.T @ X).T)
    intercept = y.mean(axis=0)
    parts = [
        top_k_scores(X_test[rows] @ coef + intercept, N_TOP)
        for rows in gen_batches(len(X_test), 100)
    ]
    return sparse.vstack(parts, format="csr")


def network(X, y, X_test, seed):
    is_large = y.shape[1] > 10_000
    model = MultiTagClassifier(
        "bce",
        hidden_layer_sizes=64 if is_large else 256,
        batch_size=128,
        max_iter=5 if is_large else 20,
        learning_rate_init=5e-3,
        random_state=seed,
    )
    return model.fit(X, y).predict_top(X_test, N_TOP)


def label_trees(X, y, X_test, seed):
    from napkinxc.models import PLT

    labels = np.split(y.indices, y.indptr[1:-1])
    with tempfile.TemporaryDirectory() as folder:
        model = PLT(f"{folder}/model", seed=seed, threads=1)
        model.fit(sparse.csr_matrix(X), [row.tolist() for row in labels])
        top = model.predict_proba(sparse.csr_matrix(X_test), top_k=N_TOP)
    entries = [(row, *pair) for row, pairs in enumerate(top) for pair in pairs]
    rows, columns, scores = zip(*entries, strict=True)
    return sparse.csr_array((scores, (rows, columns)), (len(X_test), y.shape[1]))


METHODS = {
    "nearest rows": neighbors,
    "ridge": ridge,
    "network": network,
}
if find_spec("napkinxc"):
    METHODS["napkinXC"] = label_trees


def run_case(data, case):
    n_rows, seed = case["rows"], case["seed"]
    X, y = draw(n_rows + N_TEST, case["labels"], seed)
    X, X_test, y, y_test = X[:n_rows], X[n_rows:], y[:n_rows], y[n_rows:]
    method, found = METHODS[case["method"]], []

    def predict():
        start = time.process_time()
        found.append(method(X, y, X_test, seed))
        found.append(time.process_time() - start)

    method(X[:100], y[:100], X_test[:10], seed)  # what is loaded once only

    megabytes, _ = measure(predict)
    worth = inverse_propensity(y)
    scored = {"": None, "PS": worth}
    values = {
        f"{prefix}P@{k}": precision_at_k(
            y_test, found[0], k=k, inverse_propensity=scored[prefix]
        )
        for prefix in scored
        for k in (1, N_TOP)
    }
    return [{**values, "seconds": found[1], "megabytes": megabytes}]


def report(table, folder):
    groups = table.groupby(["data", "method"], sort=False)
    text = cells(groups[MEASURES].mean(), groups[MEASURES].std())
    costs = groups[["seconds", "megabytes"]].median()
    text[["seconds", "MB"]] = costs.map("{:,.0f}".format)
    for data, part in text.groupby(level="data"):
        n_labels = data.split()[2].replace(",", "")
        write_frame(folder / f"labels_{n_labels}.rst", part.droplevel("data"))


if __name__ == "__main__":
    main(__doc__, make_cases, run_case, report, load=None, n_seeds=3, is_timed=True)

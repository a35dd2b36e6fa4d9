"""Speed of `MultiTagClassifier`: of fit and predict, its growth, and time to quality.

Parts, chosen with --parts:

- fit: seconds an epoch against a bare torch loop, `MLPClassifier`, and skorch's
  `NeuralNet` with its defaults. All have the same network (one hidden layer), batch
  size, learning rate, epochs, and shuffled rows; all but `MLPClassifier`, which has
  Adam, have fused AdamW. The bare loop is what one would write by hand: index tensors,
  forward, loss, backward, optimizer. Checks of the data and the start of the network
  are part of a fit, and shared out among its epochs. With precision="bfloat16" the
  rival is a bare loop with `torch.autocast`;
- predict: `predict_proba` of one row and of all rows against `MLPClassifier` and the
  bare forward of our own torch module, without the logistic function;
- threads: fit with two threads against one, ours and the bare loop;
- growth: seconds an epoch when the numbers of rows, features, labels and hidden units
  are doubled one at a time, with the slope in logarithms: 1 is linear;
- quality: seconds of training until the macro F1 of one-vs-rest logistic regression is
  reached on the test rows, with all decisions at 0.5 and standardized features, and
  whether bfloat16 costs quality. The regression has the better of two penalties, by the
  test rows. Scoring is not timed. Sigmoid F1 has its defaults, which make it soft F1.

All but the last part have data of make_multitag_classification in float32. The last
has data sets that are npz files as in npz_data.py; without any, the shipped one.

The contestants run in turn, after one turn that warms up. A ratio is taken within each
turn, and its median, least and largest value over the turns are printed. All but the
threads part is on one thread.

Run: python examples/benchmarks/bench_speed.py [--parts fit predict threads growth
quality] [--turns 5] [--quality name=file.npz ...] [--figure growth.png] [--small]
"""

import argparse
import warnings
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from npz_data import load_all
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.multiclass import OneVsRestClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler
from skorch import NeuralNet
from timing import (
    print_ratios,
    print_seconds,
    print_versions,
    run_in_turn,
    seconds_of,
    threads,
)

from skmultitag import MultiTagClassifier
from skmultitag.datasets import make_multitag_classification
from skmultitag.losses import SigmoidF1Loss

LEARNING_RATE = 1e-3
ONE_ROW_CALLS = 1000


class Size(NamedTuple):
    """Of data and network; `n_epochs` makes a fit long enough to be timed."""

    n_rows: int
    n_features: int
    n_hidden: int
    n_labels: int
    batch_size: int
    n_epochs: int

    def __str__(self):
        return (
            f"{self.n_rows:,} x {self.n_features} -> {self.n_hidden:,} ->"
            f" {self.n_labels}, batch {self.batch_size}"
        )

    def make_data(self):
        X, y = make_multitag_classification(
            self.n_rows, self.n_features, self.n_labels, random_state=0
        )
        return X.astype(np.float32), y

    def shrunk(self):
        return self._replace(n_rows=max(500, self.n_rows // 10), n_epochs=1)


LARGE = Size(20_000, 384, 256, 100, 256, 4)
SIZES = [
    LARGE,
    LARGE._replace(n_hidden=1024, n_epochs=2),
    Size(2000, 64, 32, 14, 64, 20),
]
MIDDLE = Size(8000, 256, 256, 128, 256, 2)
FACTORS = (0.5, 1, 2, 4, 8)


# The contestants: each trains once


def make_network(size):
    return torch.nn.Sequential(
        torch.nn.Linear(size.n_features, size.n_hidden),
        torch.nn.ReLU(),
        torch.nn.Linear(size.n_hidden, size.n_labels),
    )


def bare_loop(X, y, size, loss_function, is_bfloat16=False):
    X, y = torch.from_numpy(X), torch.from_numpy(y.astype(np.float32))
    network = make_network(size)
    optimizer = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE, fused=True)
    n_batches = -(-len(X) // size.batch_size)
    for _ in range(size.n_epochs):
        total = 0.0
        for rows in torch.tensor_split(torch.randperm(len(X)), n_batches):
            optimizer.zero_grad()
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=is_bfloat16):
                logits = network(X[rows])
            loss = loss_function(logits.float(), y[rows])
            loss.backward()
            optimizer.step()
            total += loss.item()


def bare_sigmoid_f1(y_score, y_true):
    s = torch.sigmoid(y_score)
    tp = (s * y_true).sum(0)
    total, positive = s.sum(0) + y_true.sum(0), y_true.sum(0) > 0
    losses = 1 - 2 * tp / total
    return (losses * positive).sum() / positive.sum()


bare_bce = torch.nn.functional.binary_cross_entropy_with_logits


def ours(X, y, size, loss, **params):
    return MultiTagClassifier(
        loss,
        hidden_layer_sizes=size.n_hidden,
        batch_size=size.batch_size,
        learning_rate_init=LEARNING_RATE,
        max_iter=size.n_epochs,
        dropout=0.0,  # as in the loop
        tol=None,
        **params,
    ).fit(X, y)


def mlp_classifier(X, y, size):
    return MLPClassifier(
        size.n_hidden,
        batch_size=size.batch_size,
        learning_rate_init=LEARNING_RATE,
        max_iter=size.n_epochs,
        n_iter_no_change=size.n_epochs,
    ).fit(X, y)


def plain_skorch(X, y, size):
    NeuralNet(
        make_network(size),
        torch.nn.BCEWithLogitsLoss,
        optimizer=torch.optim.AdamW,
        optimizer__fused=True,
        lr=LEARNING_RATE,
        max_epochs=size.n_epochs,
        batch_size=size.batch_size,
        iterator_train__shuffle=True,
        train_split=None,
        verbose=0,
    ).fit(X, y.astype(np.float32))


# The parts


def bench_fit(arguments):
    pairs = [
        ("ours, BCE", "bare loop, BCE"),
        ("ours, sigmoid F1", "bare loop, sigmoid F1"),
        ("ours, BCE", "skorch"),
        ("ours, BCE", "MLPClassifier"),
    ]
    with_bfloat16 = [
        ("ours, BCE, bfloat16", "bare loop, BCE"),
        ("bare loop, BCE, bfloat16", "bare loop, BCE"),
        ("ours, BCE, bfloat16", "bare loop, BCE, bfloat16"),
    ]
    for size in arguments.sizes:
        X, y = size.make_data()
        has_bfloat16 = size.n_hidden >= LARGE.n_hidden
        contestants = {
            "bare loop, BCE": partial(bare_loop, X, y, size, bare_bce),
            "ours, BCE": partial(ours, X, y, size, "bce"),
            "bare loop, sigmoid F1": partial(bare_loop, X, y, size, bare_sigmoid_f1),
            "ours, sigmoid F1": partial(ours, X, y, size, SigmoidF1Loss()),
            "skorch": partial(plain_skorch, X, y, size),
            "MLPClassifier": partial(mlp_classifier, X, y, size),
        }
        if has_bfloat16:
            contestants |= {
                "bare loop, BCE, bfloat16": partial(
                    bare_loop, X, y, size, bare_bce, is_bfloat16=True
                ),
                "ours, BCE, bfloat16": partial(
                    ours, X, y, size, "bce", precision="bfloat16"
                ),
            }
        with threads(1):
            seconds = run_in_turn(contestants, arguments.turns, size.n_epochs)
        print_seconds(f"fit, {size}: s an epoch", seconds)
        print_ratios(seconds, pairs + with_bfloat16 * has_bfloat16)


def bench_predict(arguments):
    size = arguments.sizes[0]._replace(n_epochs=1)
    X, y = size.make_data()
    model, mlp = ours(X, y, size, "bce"), mlp_classifier(X, y, size)
    module = model.net_.module_

    def forward(rows):
        with torch.inference_mode():
            return module(torch.from_numpy(rows))

    def in_blocks():
        for rows in model.net_.blocks(X):
            forward(X[rows])

    def many_times(function):
        row = X[:1]
        for _ in range(ONE_ROW_CALLS):
            function(row)

    one_row = {
        "ours": partial(many_times, model.predict_proba),
        "MLPClassifier": partial(many_times, mlp.predict_proba),
        "module": partial(many_times, forward),
    }
    all_rows = {
        "ours": partial(model.predict_proba, X),
        "MLPClassifier": partial(mlp.predict_proba, X),
        "module": partial(forward, X),
        "module, in the same blocks": in_blocks,
    }
    pairs = [("ours", "MLPClassifier"), ("ours", "module")]
    with threads(1):
        seconds = run_in_turn(one_row, arguments.turns, ONE_ROW_CALLS)
        print_seconds(f"predict_proba, one row, {size}: ms", seconds, 1000)
        print_ratios(seconds, pairs)
        seconds = run_in_turn(all_rows, 2 * arguments.turns)
        print_seconds(f"predict_proba, {size.n_rows:,} rows: s", seconds)
        pairs.append(("ours", "module, in the same blocks"))
        print_ratios(seconds, pairs)


def bench_threads(arguments):
    def with_threads(n_threads, function):
        torch.set_num_threads(n_threads)
        function()

    for size in arguments.sizes:
        X, y = size.make_data()
        functions = {
            "ours": partial(ours, X, y, size, SigmoidF1Loss()),
            "bare loop": partial(bare_loop, X, y, size, bare_sigmoid_f1),
        }
        contestants = {
            f"{name}, {n}": partial(with_threads, n, function)
            for name, function in functions.items()
            for n in (1, 2)
        }
        with threads(2):
            seconds = run_in_turn(contestants, arguments.turns, size.n_epochs)
        print_seconds(f"threads, sigmoid F1, {size}: s an epoch", seconds)
        pairs = [(f"{name}, 2", f"{name}, 1") for name in functions]
        print_ratios(seconds, pairs)


def bench_growth(arguments):
    middle = arguments.middle
    print(f"\ngrowth, sigmoid F1, from {middle}: s an epoch, median")
    results = {}
    for field in ("n_rows", "n_features", "n_labels", "n_hidden"):
        values = [int(factor * getattr(middle, field)) for factor in FACTORS]
        of_values = [
            grow_to(middle._replace(**{field: value}), arguments.turns)
            for value in values
        ]
        seconds = {
            name: np.array([of_value[name] for of_value in of_values])
            for name in of_values[0]
        }
        results[field] = values, seconds
        print_growth(field, values, seconds)
    if arguments.figure:
        plot_growth(results, arguments.figure)


def grow_to(size, turns):
    X, y = size.make_data()
    contestants = {
        "ours": partial(ours, X, y, size, SigmoidF1Loss()),
        "bare loop": partial(bare_loop, X, y, size, bare_sigmoid_f1),
    }
    with threads(1):
        return run_in_turn(contestants, turns, size.n_epochs)


def log_slopes(values, seconds):
    """Least-squares slope of log seconds by log value, of each turn."""
    return np.polyfit(np.log(values), np.log(seconds), 1)[0]


def print_growth(field, values, seconds):
    print(f"{field:12}" + "".join(f"{value:>10,}" for value in values))
    for name, of_name in seconds.items():
        medians = np.median(of_name, axis=1)
        print(f"  {name:10}" + "".join(f"{median:10.4f}" for median in medians))
    for name, of_name in seconds.items():
        upper = log_slopes(values[2:], of_name[2:])
        print(
            f"  slope of {name}: {np.median(log_slopes(values, of_name)):.2f}; of the"
            f" last three {np.median(upper):.2f} ({upper.min():.2f} to"
            f" {upper.max():.2f})"
        )


def plot_growth(results, path):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(2, 2, figsize=(8, 6), layout="constrained")
    for ax, (field, (values, seconds)) in zip(axes.flat, results.items(), strict=True):
        for name, of_name in seconds.items():
            medians = np.median(of_name, axis=1)
            slope = np.median(log_slopes(values[2:], of_name[2:]))
            ax.plot(values, medians, "o-", label=f"{name}, slope {slope:.2f}")
        last = np.median(seconds["ours"][-1])
        linear = last * np.array(values) / values[-1]
        ax.plot(values, linear, ":", color="grey", label="linear")
        ax.set_xscale("log", base=2)
        ax.set_yscale("log")
        ax.set_xticks(values, [f"{value:,}" for value in values])
        ax.set_xlabel(field.replace("n_", "").replace("hidden", "hidden units"))
        ax.set_ylabel("seconds an epoch")
        ax.legend()
    figure.savefig(path, dpi=150)
    print(f"figure written to {path}")


# Quality


def bench_quality(arguments):
    for name, data in load_all(arguments.quality).items():
        if arguments.small:
            data = [part[:700] for part in data]
        X, y, X_test, y_test = data
        scaler = StandardScaler().fit(X)
        data = scaler.transform(X), y, scaler.transform(X_test), y_test
        print(
            f"\nquality, {name}: {len(X):,} rows x {X.shape[1]}, {y.shape[1]} labels,"
            f" {len(X_test):,} test rows; macro F1"
        )
        with threads(1):
            race(data, fit_logistic(data), arguments)
            compare_precisions(data, arguments)


def macro_f1(model, X_test, y_test):
    predicted = model.predict(X_test)
    return f1_score(y_test, predicted, average="macro", zero_division=0)


def fit_logistic(data):
    """The larger macro F1 of two strengths of the penalty, on the test rows."""
    X, y, X_test, y_test = data
    scores = []
    for C in (1, 10):
        model = OneVsRestClassifier(LogisticRegression(C=C, max_iter=1000))
        seconds = seconds_of(partial(model.fit, X, y))
        scores.append(macro_f1(model, X_test, y_test))
        print(f"  logistic regression, C={C}: {scores[-1]:.3f} in {seconds:.1f} s")
    return max(scores)


def race(data, target, arguments):
    """Seconds, epochs and score when each loss reaches `target`."""
    n_epochs, n_seeds = (5, 1) if arguments.small else (50, 3)
    for loss in ("bce", "soft_f1", "sigmoid_f1"):
        runs = [train_to(target, data, loss, seed, n_epochs) for seed in range(n_seeds)]
        passed = np.array([run for run in runs if run[2] >= target])
        text = f"  ours, {loss}: {target:.3f} reached by {len(passed)} of {n_seeds}"
        text += " seeds"
        if len(passed):
            seconds, epochs, score = np.median(passed, axis=0)
            text += f"; medians {seconds:.2f} s, epoch {epochs:.0f}, score {score:.3f}"
        if len(passed) < n_seeds:
            best = max(run[2] for run in runs if run[2] < target)
            text += f"; else at best {best:.3f} in {n_epochs} epochs"
        print(text)


def train_to(target, data, loss, seed, n_epochs):
    """Seconds of the fits, epochs, and the last score, or the best if none reaches."""
    X, y, X_test, y_test = data
    model = MultiTagClassifier(
        loss, learning_rate_init=3e-3, max_iter=1, warm_start=True, random_state=seed
    )
    seconds, best = 0.0, 0.0
    for epoch in range(1, n_epochs + 1):
        seconds += seconds_of(partial(model.fit, X, y))
        best = max(best, macro_f1(model, X_test, y_test))
        if best >= target:
            return seconds, epoch, best
    return seconds, n_epochs, best


def compare_precisions(data, arguments):
    X, y, X_test, y_test = data
    n_epochs, n_seeds = (3, 2) if arguments.small else (20, 5)
    print(f"  after {n_epochs} epochs, {n_seeds} seeds, mean and standard deviation:")
    for loss in ("bce", "soft_f1", "sigmoid_f1"):
        texts = []
        for precision in ("full", "bfloat16"):
            scores = [
                macro_f1(
                    MultiTagClassifier(
                        loss,
                        learning_rate_init=3e-3,
                        max_iter=n_epochs,
                        tol=None,
                        precision=precision,
                        random_state=seed,
                    ).fit(X, y),
                    X_test,
                    y_test,
                )
                for seed in range(n_seeds)
            ]
            texts.append(f"{precision} {np.mean(scores):.4f} ({np.std(scores):.4f})")
        print(f"  ours, {loss}: {', '.join(texts)}")


PARTS = {
    "fit": bench_fit,
    "predict": bench_predict,
    "threads": bench_threads,
    "growth": bench_growth,
    "quality": bench_quality,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--quality", nargs="+", default=[], metavar="NAME=FILE")
    parser.add_argument("--figure", metavar="FILE", help="write that of the growth")
    parser.add_argument("--small", action="store_true", help="a tenth, for a try")
    arguments = parser.parse_args()
    arguments.sizes, arguments.middle = SIZES, MIDDLE
    if arguments.small:
        arguments.sizes = [size.shrunk() for size in SIZES]
        arguments.middle = MIDDLE.shrunk()
    warnings.simplefilter("ignore", ConvergenceWarning)
    # of one-vs-rest, where all training rows have the same target
    warnings.filterwarnings("ignore", message="Label not .* is present in all")
    print_versions()
    print(f"{arguments.turns} turns after one to warm up")
    for part in arguments.parts:
        PARTS[part](arguments)


if __name__ == "__main__":
    main()

"""Seconds of `MultiTagClassifier.fit` against a bare torch loop and `MLPClassifier`.

The same network (one hidden layer), batch size, epochs and AdamW, on one thread. The
bare loop is what one would write by hand: index tensors, forward, loss, backward, fused
optimizer. The contestants run in turn, several times; a ratio is taken within each
turn, and its median, least and largest value over the turns are printed.

Run: python examples/benchmarks/bench_speed.py [--turns 7] [--small]
"""

import argparse
import time
import warnings

import numpy as np
import torch
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from skmultitag import MultiTagClassifier
from skmultitag.datasets import make_multitag_classification
from skmultitag.losses import SigmoidF1Loss

# rows, features, hidden units, labels, rows of a batch, epochs
LARGE = (20_000, 384, 256, 100, 256, 5)
SMALL = (2_000, 64, 32, 14, 64, 20)


def fit_bare_loop(X, y, n_hidden, batch_size, n_epochs, loss_function):
    X, y = torch.from_numpy(X), torch.from_numpy(y.astype(np.float32))
    network = torch.nn.Sequential(
        torch.nn.Linear(X.shape[1], n_hidden),
        torch.nn.ReLU(),
        torch.nn.Linear(n_hidden, y.shape[1]),
    )
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3, fused=True)
    n_batches = -(-len(X) // batch_size)
    for _ in range(n_epochs):
        total = 0.0
        for rows in torch.tensor_split(torch.randperm(len(X)), n_batches):
            optimizer.zero_grad()
            loss = loss_function(network(X[rows]), y[rows])
            loss.backward()
            optimizer.step()
            total += loss.item()


def bare_sigmoid_f1(y_score, y_true):
    s = torch.sigmoid(y_score)
    tp = (s * y_true).sum(0)
    total, positive = s.sum(0) + y_true.sum(0), y_true.sum(0) > 0
    losses = 1 - 2 * tp / total
    return (losses * positive).sum() / positive.sum()


def make_contestants(n_hidden, batch_size, n_epochs):
    """Functions of (X, y) that fit once, by name."""
    same = {"hidden_layer_sizes": n_hidden, "batch_size": batch_size}

    def ours(loss):
        model = MultiTagClassifier(loss, max_iter=n_epochs, tol=None, **same)
        return model.fit

    mlp = MLPClassifier(max_iter=n_epochs, n_iter_no_change=n_epochs, **same)
    bce = torch.nn.functional.binary_cross_entropy_with_logits
    shape = (n_hidden, batch_size, n_epochs)
    return {
        "bare loop, sigmoid F1": lambda X, y: fit_bare_loop(
            X, y, *shape, bare_sigmoid_f1
        ),
        "ours, sigmoid F1": ours(SigmoidF1Loss()),
        "bare loop, BCE": lambda X, y: fit_bare_loop(X, y, *shape, bce),
        "ours, BCE": ours("bce"),
        "MLPClassifier": mlp.fit,
    }


RATIOS = [
    ("ours, sigmoid F1", "bare loop, sigmoid F1"),
    ("ours, BCE", "bare loop, BCE"),
    ("MLPClassifier", "bare loop, BCE"),
    ("ours, BCE", "MLPClassifier"),
]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--small", action="store_true", help="2,000 x 64 -> 32 -> 14")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore", ConvergenceWarning)

    n, d, n_hidden, n_labels, batch_size, n_epochs = SMALL if arguments.small else LARGE
    X, y = make_multitag_classification(n, d, n_labels, random_state=0)
    X = X.astype(np.float32)
    contestants = make_contestants(n_hidden, batch_size, n_epochs)
    seconds = {name: [] for name in contestants}
    for turn in range(arguments.turns + 1):
        for name, fit in contestants.items():
            start = time.perf_counter()
            fit(X, y)
            if turn > 0:  # the first turn warms up
                seconds[name].append(time.perf_counter() - start)

    print(f"{n} x {d} -> {n_hidden} -> {n_labels}, batch {batch_size}, 1 thread")
    for name, values in seconds.items():
        print(f"{name:24} {np.median(values) / n_epochs:8.4f} s an epoch")
    print(f"\n{'ratio, pair by pair':50} median    min    max")
    for first, second in RATIOS:
        ratio = np.divide(seconds[first], seconds[second])
        print(
            f"{first + ' / ' + second:50} {np.median(ratio):6.2f}"
            f" {ratio.min():6.2f} {ratio.max():6.2f}"
        )


if __name__ == "__main__":
    main()

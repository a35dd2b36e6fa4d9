"""Speed of `MultiTagClassifier`: of fit and predict, its growth, losses and threads.

Parts; choose some with ``--only part NAME ...``:

- fit: seconds an epoch against a bare torch loop, `MLPClassifier`, and skorch's
  `NeuralNet` with its defaults. All have the same network (one hidden layer), batch
  size, learning rate, epochs, and shuffled rows; all but `MLPClassifier`, which has
  Adam, have fused AdamW. The bare loop is what one would write by hand: index tensors,
  forward, loss, backward, optimizer. Checks of the data and the start of the network
  are part of a fit, and shared out among its epochs. With precision="bfloat16" the
  rival is the bare loop in float32, and one with `torch.autocast`;
- predict: `predict_proba` of one row and of all rows against `MLPClassifier` and the
  bare forward of a network of the same size, without the logistic function;
- threads, threads_busy: a fit with two threads of torch against one, at the defaults,
  as in "fit", and the bare loop; then with another process that keeps a core busy;
- growth_rows, growth_features, growth_labels, growth_units: seconds an epoch when the
  number is doubled, with the slope in logarithms: 1 is linear;
- losses: one step, forward and backward, of each loss against cross-entropy, for 256
  rows and 1,000 labels, of which a row has about 5;
- posterior: a fit with the Bayesian F1 loss on the shipped data against one with the
  fixed slope of sigmoid F1. `share` is the part of the fit that goes into draws from
  the posterior: before each epoch, and in the longer run at the end.

All but the last have data of make_multitag_classification, or random numbers, in
float32. All but the threads parts are on one thread. Contestants run in turn, after one
turn that warms up, and ratios are taken within each turn.
"""

from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from harness.data import data_hash
from harness.report import formatted, write_frame, write_ratios
from harness.run import main
from harness.timing import busy_cores, compare, seconds_of, threads
from sklearn.neural_network import MLPClassifier
from skorch import NeuralNet

from skmultitag import MultiTagClassifier
from skmultitag.datasets import load_debtags, make_multitag_classification
from skmultitag.losses import BayesianSigmoidF1Loss, get_loss, get_loss_names

LEARNING_RATE = 1e-3
ONE_ROW_CALLS = 1000
N_STEPS = 20  # of a loss


class Size(NamedTuple):
    """Of data and network; `epochs` makes a fit long enough to be timed."""

    rows: int
    features: int
    units: int
    labels: int
    batch: int
    epochs: int

    def __str__(self):
        if not self.units:
            return f"{self.rows} x {self.labels:,}"
        return (
            f"{self.rows:,} x {self.features} -> {self.units:,} -> {self.labels},"
            f" batch {self.batch}"
        )

    def make_data(self):
        X, y = make_multitag_classification(
            self.rows, self.features, self.labels, random_state=0
        )
        return X.astype(np.float32), y


LARGE = Size(20_000, 384, 256, 100, 256, 4)
SIZES = (
    LARGE,
    LARGE._replace(units=1024, epochs=2),
    Size(2000, 64, 32, 14, 64, 20),
)
MIDDLE = Size(8000, 256, 256, 128, 256, 2)
OF_STEP = Size(256, 0, 0, 1000, 256, 1)  # scores and labels only
FACTORS = (0.5, 1, 2, 4, 8)
GROWING = ("rows", "features", "labels", "units")


def make_cases(data_sets, n_seeds):
    sizes = [("fit", size) for size in SIZES]
    sizes += [("predict", LARGE)]
    sizes += [(part, size) for part in ("threads", "threads_busy") for size in SIZES]
    sizes += [
        (f"growth_{field}", MIDDLE._replace(**{field: int(f * getattr(MIDDLE, field))}))
        for field in GROWING
        for f in FACTORS
    ]
    sizes += [("losses", OF_STEP)]
    cases = [
        {"part": part, "data": str(size), **size._asdict(), "seed": seed}
        for part, size in sizes
        for seed in range(n_seeds)
    ]
    no_size = dict.fromkeys(Size._fields, "")
    return cases + [
        {"part": "posterior", "data": "debtags", **no_size, "seed": seed}
        for seed in range(n_seeds)
    ]


def run_case(data, case):
    part, *_ = case["part"].split("_")
    if part == "posterior":
        return measure_posterior()
    size = Size(*(case[field] for field in Size._fields))
    if part == "losses":
        return measure_losses(size)
    X, y = size.make_data()
    n_busy = int(case["part"] == "threads_busy")
    with busy_cores(n_busy):
        rows = MEASURES[part](X, y, size)
    return [{"share": "", **row, "data_hash": data_hash(X, y)} for row in rows]


# The contestants: each trains once


def make_network(size):
    return torch.nn.Sequential(
        torch.nn.Linear(size.features, size.units),
        torch.nn.ReLU(),
        torch.nn.Linear(size.units, size.labels),
    )


def bare_loop(X, y, size, loss_function, is_bfloat16=False):
    X, y = torch.from_numpy(X), torch.from_numpy(y.astype(np.float32))
    network = make_network(size)
    optimizer = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE, fused=True)
    n_batches = -(-len(X) // size.batch)
    for _ in range(size.epochs):
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
        hidden_layer_sizes=size.units,
        batch_size=size.batch,
        learning_rate_init=LEARNING_RATE,
        max_iter=size.epochs,
        dropout=0.0,  # as in the loop
        input_dropout=0.0,
        tol=None,
        **params,
    ).fit(X, y)


def mlp_classifier(X, y, size):
    return MLPClassifier(
        size.units,
        batch_size=size.batch,
        learning_rate_init=LEARNING_RATE,
        max_iter=size.epochs,
        n_iter_no_change=size.epochs,
    ).fit(X, y)


def plain_skorch(X, y, size):
    NeuralNet(
        make_network(size),
        torch.nn.BCEWithLogitsLoss,
        optimizer=torch.optim.AdamW,
        optimizer__fused=True,
        lr=LEARNING_RATE,
        max_epochs=size.epochs,
        batch_size=size.batch,
        iterator_train__shuffle=True,
        train_split=None,
        verbose=0,
    ).fit(X, y.astype(np.float32))


# The parts


def measure_fit(X, y, size):
    contestants = {
        "bare loop, BCE": partial(bare_loop, X, y, size, bare_bce),
        "BCE": partial(ours, X, y, size, "bce"),
        "bare loop, sigmoid F1": partial(bare_loop, X, y, size, bare_sigmoid_f1),
        "sigmoid F1": partial(ours, X, y, size, "sigmoid_f1"),
        "skorch": partial(plain_skorch, X, y, size),
        "MLPClassifier": partial(mlp_classifier, X, y, size),
        "bare loop, bfloat16": partial(bare_loop, X, y, size, bare_bce, True),
        "BCE, bfloat16": partial(ours, X, y, size, "bce", precision="bfloat16"),
    }
    pairs = [
        ("BCE", "bare loop, BCE"),
        ("sigmoid F1", "bare loop, sigmoid F1"),
        ("BCE, bfloat16", "bare loop, BCE"),
        ("BCE, bfloat16", "bare loop, bfloat16"),
        ("BCE", "skorch"),
        ("BCE", "MLPClassifier"),
    ]
    return compare(contestants, pairs, n_units=size.epochs)


def measure_predict(X, y, size):
    model = ours(X, y, size._replace(epochs=1), "bce")
    mlp, network = mlp_classifier(X, y, size._replace(epochs=1)), make_network(size)

    def forward(rows):
        with torch.inference_mode():
            return network(torch.from_numpy(rows))

    def many_times(function):
        row = X[:1]
        for _ in range(ONE_ROW_CALLS):
            function(row)

    functions = {
        "predict_proba": model.predict_proba,
        "MLPClassifier": mlp.predict_proba,
        "bare network": forward,
    }
    rows = []
    for name, call, n_units in (
        ("one row", many_times, ONE_ROW_CALLS),
        ("all rows", lambda function: function(X), 1),
    ):
        contestants = {
            f"{key}, {name}": partial(call, function)
            for key, function in functions.items()
        }
        first, *others = contestants
        pairs = [(first, other) for other in others]
        rows += compare(contestants, pairs, n_units=n_units)
    return rows


def measure_threads(X, y, size):
    def with_threads(n_threads, function):
        torch.set_num_threads(n_threads)
        function()

    model = MultiTagClassifier(max_iter=size.epochs, tol=None)
    functions = {
        "defaults": partial(model.fit, X, y),
        "sigmoid F1": partial(ours, X, y, size, "sigmoid_f1"),
        "bare loop": partial(bare_loop, X, y, size, bare_sigmoid_f1),
    }
    contestants = {
        f"{name}, {n} threads": partial(with_threads, n, function)
        for name, function in functions.items()
        for n in (1, 2)
    }
    pairs = [(f"{name}, 2 threads", f"{name}, 1 threads") for name in functions]
    with threads(2):
        return compare(contestants, pairs, n_units=size.epochs)


def measure_growth(X, y, size):
    contestants = {
        "sigmoid F1": partial(ours, X, y, size, "sigmoid_f1"),
        "bare loop": partial(bare_loop, X, y, size, bare_sigmoid_f1),
    }
    pairs = [("sigmoid F1", "bare loop"), ("bare loop", "bare loop")]
    return compare(contestants, pairs, n_units=size.epochs)


MEASURES = {
    "fit": measure_fit,
    "predict": measure_predict,
    "threads": measure_threads,
    "growth": measure_growth,
}


def measure_losses(size):
    generator = torch.Generator().manual_seed(0)
    shape = (size.rows, size.labels)
    y_score = torch.randn(shape, generator=generator, requires_grad=True)
    y_true = (torch.rand(shape, generator=generator) < 0.005).float()

    def steps(loss):
        for _ in range(N_STEPS):
            y_score.grad = None
            loss(y_score, y_true).backward()

    contestants = {
        name: partial(steps, get_loss(name).fit(y_true, random_state=0))
        for name in get_loss_names()
    }
    pairs = [(name, "bce") for name in contestants if name != "bce"]
    of_data = data_hash(y_score.detach().numpy(), y_true.numpy())
    return [
        {"share": "", **row, "data_hash": of_data}
        for row in compare(contestants, pairs, turns=15, n_units=N_STEPS)
    ]


class TimedLoss(BayesianSigmoidF1Loss):
    """Adds up the seconds of `observe`, which draws from the posterior."""

    seconds = 0.0

    def observe(self, *args, **params):
        TimedLoss.seconds += seconds_of(partial(super().observe, *args, **params))


def measure_posterior():
    X, y = load_debtags(subset="train", return_X_y=True)
    shares = []

    def fit_and_keep_share():
        TimedLoss.seconds = 0.0
        seconds = seconds_of(partial(fit, TimedLoss()))
        shares.append(TimedLoss.seconds / seconds)

    def fit(loss):
        MultiTagClassifier(loss, random_state=0).fit(X, y)

    [row] = compare(
        {
            "bayesian_sigmoid_f1": fit_and_keep_share,
            "sigmoid_f1": partial(fit, "sigmoid_f1"),
        },
        [("bayesian_sigmoid_f1", "sigmoid_f1")],
        turns=3,
    )
    share = np.median(shares[1:])  # the first turn warms up
    return [{"share": share, **row, "data_hash": data_hash(X, y)}]


# The report


def report(table, folder):
    is_growth = table["part"].str.startswith("growth")
    write_ratios(folder, table[~is_growth])
    for field in GROWING:
        part = table[table["part"] == f"growth_{field}"]
        if len(part):
            write_growth(folder / f"growth_{field}.rst", part, field)
    shares = table[table["part"] == "posterior"].groupby("contestant")["share"]
    write_frame(
        folder / "posterior_share.rst", formatted(shares.median().to_frame("share"))
    )


def write_growth(path, table, field):
    """Seconds by the number that grows, and the slope of the last three."""
    seconds = table.groupby([field, "contestant"])["seconds"].median()
    seconds = seconds.unstack("contestant")
    seconds.index = seconds.index.astype(int)
    text = seconds.map("{:.3g}".format)
    last = np.log(seconds.iloc[-3:])
    if len(last) > 1:
        slopes = np.polyfit(np.log(last.index.astype(float)), last.to_numpy(), 1)[0]
        text.loc["slope of the last three"] = [f"{slope:.2f}" for slope in slopes]
    write_frame(path, text, "Seconds an epoch")


if __name__ == "__main__":
    main(__doc__, make_cases, run_case, report, load=None, n_seeds=1, is_timed=True)

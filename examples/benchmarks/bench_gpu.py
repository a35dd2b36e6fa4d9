"""`MultiTagClassifier` on a GPU: against bare loops, and against the processor.

Parts; choose some with ``--only part NAME ...``:

- step: a training step at the defaults, for three sizes of a batch, against loops
  written by hand, with the same loss, dropout and optimizer. They have the data on the
  device before the time begins. One starts each operation (eager), and one records a
  step once, before the time begins, and replays it (`torch.cuda.CUDAGraph`), as ours
  does by itself in the time. Also ours without that, with bfloat16, with TF32, and
  cross-entropy without dropout;
- rows: one epoch of a million rows in half precision with sparse labels, against the
  eager loop with and without the copy of the data to the device; and the largest memory
  that tensors take there;
- predict: `predict_proba` of all rows against one forward pass with both copies;
- many: several small networks, as folds and candidates of a search are, of the loop
  written by hand: one after the other, or at once with products of batches of matrices;
- waits: how often one epoch makes the processor wait for the GPU, as torch reports;
- devices: seconds an epoch on the GPU against the processor beside it, by batch and
  width; what ``device="auto"`` follows. The processor has all its cores.

The data are random numbers. Contestants run in turn, after one turn that warms up, and
ratios are taken within each turn. The GPU is "cuda", the current device of torch.
``--only device cpu`` runs small sizes of all parts on the processor, which shows that
the page works, and nothing else; there are no graphs and no waits then.
"""

import os
import warnings
from functools import partial
from unittest.mock import patch

import numpy as np
import torch
from harness.report import write_frame, write_ratios
from harness.run import main
from harness.timing import compare, machine, threads
from scipy import sparse

from skmultitag import MultiTagClassifier
from skmultitag.losses import get_loss

N_STEPS_TO_WARM_UP = 5  # before a graph is recorded
N_NETWORKS = 5, 20  # folds, candidates of a search
COLUMNS = ("contestant", "rival", "seconds", "ratio", "least", "largest")

# part: rows, features, units, labels, batch, epochs
SIZES = {
    "cuda": [
        ("step", 20_000, 384, 256, 100, 64, 2),
        ("step", 20_000, 384, 256, 100, 256, 8),
        ("step", 20_000, 384, 256, 100, 4096, 40),
        *(("rows", 10**6, 384, 256, 100, n, 1) for n in (1024, 8192, 65_536)),
        ("predict", 20_000, 384, 256, 100, 4096, 1),
        ("waits", 20_000, 384, 256, 100, 64, 1),
        *(("many", 4000, 384, 256, 100, n, 2) for n in (64, 256)),
        *(
            ("devices", 20_000, 384, units, 100, batch, 2)
            for units in (64, 256, 1024)
            for batch in (64, 256, 1024, 4096, 16_384)
        ),
    ],
    "cpu": [
        (part, 2000, 32, 16, 10, 500, 1)
        for part in ("step", "rows", "predict", "many", "waits", "devices")
    ],
}


def make_cases(data_sets, n_seeds):
    names = "part", "rows", "features", "units", "labels", "batch", "epochs"
    cases = [
        {**dict(zip(names, size, strict=True)), "device": device, "seed": seed}
        for device, sizes in SIZES.items()
        for size in sizes
        for seed in range(n_seeds)
    ]
    return [{"data": name_of(case), **case} for case in cases]


def name_of(case):
    return (
        f"{case['rows']:,} x {case['features']} -> {case['units']:,} ->"
        f" {case['labels']}, batch {case['batch']:,}"
    )


def run_case(data, case):
    rng = np.random.default_rng(case["seed"])
    X = rng.standard_normal((case["rows"], case["features"]), np.float32)
    y = (rng.random((case["rows"], case["labels"]), np.float32) < 0.05).astype(np.uint8)
    of_machine = machine()
    if case["device"] == "cuda":
        of_machine = f"{torch.cuda.get_device_name()}; {of_machine}"
    empty = dict.fromkeys((*COLUMNS, "value")) | {"machine": of_machine}
    with threads(os.cpu_count()):
        rows = MEASURES[case["part"]](X, y, case)
    return [empty | row | {"machine": of_machine} for row in rows]


# The contestants: each trains once


def ours(X, y, case, loss="sigmoid_f1_bce", **params):
    params = {"device": case["device"], "max_iter": case["epochs"], **params}
    return MultiTagClassifier(
        loss,
        hidden_layer_sizes=case["units"],
        batch_size=case["batch"],
        tol=None,
        random_state=0,
        **params,
    ).fit(X, y)


def not_recorded(function):
    """Each step started anew, as where steps can't be recorded."""
    with patch("skmultitag.neural_network._net.can_record", return_value=False):
        function()


def with_tf32(function):
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("high")
    try:
        function()
    finally:
        torch.set_float32_matmul_precision(before)


class BareStep:
    """A step of the default training, as one would write it by hand.

    Dropout is drawn on the device, of the same units in all rows of a batch. With
    `n_networks` it is a step of many networks, each of its own rows.
    """

    def __init__(self, X, y, case, can_be_recorded=False, n_networks=None):
        device = case["device"]
        self.X, self.y = torch.as_tensor(X, device=device), dense_on(y, device)
        n_rows, of_networks = -(-len(X) // n_batches_of(case)), ()
        if n_networks is not None:
            of_networks = (n_networks,)
        self.rows = torch.zeros(*of_networks, n_rows, dtype=torch.int64, device=device)
        sizes = case["features"], case["units"], case["labels"]
        self.layers = [
            Linears(*of_networks, n, m, device=device)
            if of_networks
            else torch.nn.Linear(n, m, device=device)
            for n, m in zip(sizes[:-1], sizes[1:], strict=True)
        ]
        self.loss_weight = get_loss("sigmoid_f1_bce").cross_entropy
        share = 0.5 * min(1.0, (3000 / len(X)) ** 0.5)  # the default, input_dropout
        self.kept = [
            torch.full((*of_networks, 1, n), 1 - p, device=device)
            for n, p in zip(sizes[:-1], (share, 0.2), strict=True)
        ]
        self.optimizer = torch.optim.AdamW(
            [each for layer in self.layers for each in layer.parameters()],
            fused=True,
            capturable=can_be_recorded,
        )

    def __call__(self):
        self.optimizer.zero_grad()
        X, y = (
            each.index_select(0, self.rows.flatten())
            .view(*self.rows.shape, each.shape[1])
            .float()
            for each in (self.X, self.y)
        )
        masks = [torch.bernoulli(share) / share for share in self.kept]
        hidden = torch.relu(self.layers[0](X * masks[0]))
        logits = self.layers[1](hidden * masks[1])
        proba, positive = torch.sigmoid(logits), y.sum(-2)
        f1 = 2 * (proba * y).sum(-2) / (proba.sum(-2) + positive)
        is_present = (positive > 0).float()
        f1 = (f1 * is_present).sum(-1) / is_present.sum(-1).clamp(min=1)
        bce = torch.nn.functional.binary_cross_entropy_with_logits(logits, y)
        # of many networks each has the mean over its own entries
        loss = (1 - f1).sum() + self.loss_weight * bce * f1.numel()
        loss.backward()
        self.optimizer.step()
        return loss.detach()


class Linears(torch.nn.Module):
    """Linear layers of many networks, for inputs of shape (n_networks, n_rows, n)."""

    def __init__(self, n_networks, n, m, *, device):
        super().__init__()
        layers = [torch.nn.Linear(n, m, device=device) for _ in range(n_networks)]
        self.weight, self.bias = (
            torch.nn.Parameter(torch.stack([getattr(each, name) for each in layers]))
            for name in ("weight", "bias")
        )

    def forward(self, X):
        return torch.baddbmm(self.bias[:, None], X, self.weight.mT)


def dense_on(y, device):
    y = torch.from_numpy(y.toarray() if sparse.issparse(y) else y)
    return y.to(device)


def n_batches_of(case):
    return -(-case["rows"] // case["batch"])


def eager(X, y, case, **params):
    """A function that trains, with the data on the device."""
    step = BareStep(X, y, case, **params)
    return partial(train, step, step, case)


def replayed(X, y, case, **params):
    """The same with a step that is recorded."""
    step = BareStep(X, y, case, can_be_recorded=True, **params)
    # as torch asks for: some steps on another stream before the recording
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(N_STEPS_TO_WARM_UP):
            step()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        loss = step()

    def replay():
        graph.replay()
        return loss

    return partial(train, step, replay, case)


def train(step, call, case):
    """All epochs, each in an order of its own."""
    n_batches = n_batches_of(case)
    losses = torch.empty(n_batches, device=case["device"])
    for _ in range(case["epochs"]):
        *of_networks, n_rows = step.rows.shape
        order = torch.rand(*of_networks, case["rows"], device=case["device"]).argsort()
        for number in range(n_batches):
            # the last batch is filled up with rows of the one before
            stop = min((number + 1) * n_rows, case["rows"])
            step.rows.copy_(order[..., stop - n_rows : stop])
            losses[number] = call()
        losses.tolist()


# The parts


def measure_step(X, y, case):
    contestants = {
        "default": partial(ours, X, y, case),
        "default, not recorded": partial(not_recorded, partial(ours, X, y, case)),
        "bfloat16": partial(ours, X, y, case, precision="bfloat16"),
        "TF32": partial(with_tf32, partial(ours, X, y, case)),
        "BCE, no dropout": partial(
            ours, X, y, case, "bce", dropout=0.0, input_dropout=0.0
        ),
        "bare, eager": eager(X, y, case),
    }
    if case["device"] == "cuda":
        contestants["bare, graph"] = replayed(X, y, case)
    # the last rival is the fastest one
    *_, rival = contestants
    pairs = [(name, rival) for name in contestants if name != rival]
    if rival == "bare, graph":
        pairs += [("default", "bare, eager"), (rival, "bare, eager")]
    return compare(contestants, pairs, n_units=case["epochs"] * n_batches_of(case))


def measure_rows(X, y, case):
    X, y = X.astype(np.float16), sparse.csr_array(y)
    megabytes = []
    functions = {
        "default": partial(ours, X, y, case),
        "bare, with the copy": lambda: eager(X, y, case)(),
    }
    if case["device"] == "cuda":
        megabytes = [
            {"contestant": f"{name}, megabytes", "value": megabytes_of(function)}
            for name, function in functions.items()
        ]
    functions["bare"] = eager(X, y, case)
    pairs = [("default", "bare"), ("default", "bare, with the copy")]
    return compare(functions, pairs, n_units=case["epochs"]) + megabytes


def megabytes_of(function):
    """The most that tensors take on the GPU during a call."""
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    function()
    return (torch.cuda.max_memory_allocated() - before) / 2**20


def measure_predict(X, y, case):
    model = ours(X, y, case)
    module = model.net_.module_

    def forward():
        with torch.inference_mode():
            return torch.sigmoid(module(torch.from_numpy(X).to(case["device"]))).cpu()

    contestants = {
        "predict_proba": partial(model.predict_proba, X),
        "predict_top": partial(model.predict_top, X, 5),
        "one forward": forward,
    }
    pairs = [(name, "one forward") for name in ("predict_proba", "predict_top")]
    return compare(contestants, pairs)


def measure_many(X, y, case):
    made = replayed if case["device"] == "cuda" else eager
    one, contestants = made(X, y, case), {}

    def in_turn(n):
        for _ in range(n):
            one()

    for n in N_NETWORKS:
        contestants[f"{n} networks in turn"] = partial(in_turn, n)
        contestants[f"{n} networks at once"] = made(X, y, case, n_networks=n)
    pairs = [(f"{n} networks in turn", f"{n} networks at once") for n in N_NETWORKS]
    return compare(contestants, pairs, n_units=case["epochs"] * n_batches_of(case))


def measure_waits(X, y, case):
    ours(X, y, case)  # what is done once
    n_waits = [waits_of(partial(ours, X, y, case, max_iter=n)) for n in (1, 2)]
    return [
        {"contestant": "first epoch, and all around", "value": n_waits[0]},
        {"contestant": "second epoch", "value": n_waits[1] - n_waits[0]},
    ]


def waits_of(function):
    """Number of times that the processor waits for the GPU."""
    if not torch.cuda.is_available():
        return 0
    before = torch.cuda.get_sync_debug_mode()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        torch.cuda.set_sync_debug_mode("warn")
        try:
            function()
        finally:
            torch.cuda.set_sync_debug_mode(before)
    return sum("called a synchronizing" in str(each.message) for each in caught)


def measure_devices(X, y, case):
    contestants = {
        "GPU": partial(ours, X, y, case),
        "processor": partial(ours, X, y, case, device="cpu"),
    }
    return compare(contestants, [("GPU", "processor")], n_units=case["epochs"])


MEASURES = {
    "step": measure_step,
    "rows": measure_rows,
    "predict": measure_predict,
    "many": measure_many,
    "waits": measure_waits,
    "devices": measure_devices,
}


# The report


def report(table, folder):
    timed = table.dropna(subset="ratio")
    write_ratios(folder, timed[timed["part"] != "devices"])
    devices = timed[timed["part"] == "devices"]
    if len(devices):
        write_devices(folder / "devices.rst", devices)
    counted = table.dropna(subset="value")
    if len(counted):
        text = counted.groupby(["contestant", "data"], sort=False)["value"].max()
        text = text.map("{:.0f}".format).unstack("data").fillna("–")
        write_frame(folder / "counted.rst", text)


def write_devices(path, table):
    """Seconds on the GPU over those on the processor, by multiplications of a step."""
    n_weights = table["units"] * (table["features"] + table["labels"])
    rows = np.minimum(table["batch"], table["rows"])
    table = table.assign(log2=np.log2(rows * n_weights).round(1))
    of_sizes = table.groupby(["log2", "batch", "units"])[["seconds", "ratio"]].median()
    of_sizes.index.names = ["log2 of multiplications", "batch", "units"]
    of_sizes.columns = ["seconds an epoch on the GPU", "ratio to the processor"]
    write_frame(path, of_sizes.map("{:.3g}".format))


if __name__ == "__main__":
    main(
        __doc__,
        make_cases,
        run_case,
        report,
        load=None,
        n_seeds=1,
        is_timed=True,
        only_if_asked={"device": ("cpu",)},
    )

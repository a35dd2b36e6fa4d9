"""Run by test_pretended_gpu.py in a process of its own: models on a pretended GPU.

Arguments: a name of `CASES`, and a file to write to.
"""

import pickle
import sys
import traceback
from unittest import mock

import numpy as np
import torch
from scipy import sparse
from skorch.callbacks import Callback

from skmultitag.datasets import make_multitag_classification
from skmultitag.losses import BinaryCrossEntropyLoss, SigmoidF1Loss, WeightedSumLoss
from skmultitag.neural_network import _recorded_steps
from tests.neural_network.common import LOSSES, small
from tests.neural_network.pretended_gpu import pretended_gpu
from tests.neural_network.tape import TapeRecorder

EARLY = {"early_stopping": True, "n_iter_no_change": 2}
WAYS = {
    **{name: {"loss": loss} for name, loss in LOSSES.items()},
    "default": {},
    "layers": {"hidden_layer_sizes": (16, 8), "dropout": 0.5, "input_dropout": 0.5},
    "linear": {"hidden_layer_sizes": ()},
    "sgd": {"optimizer": "sgd", "learning_rate_init": 0.01},
    "optimizer of the user": {"optimizer": torch.optim.Adagrad},
    "module of the user": {"module": torch.nn.Linear},
    "callback": {"callbacks": [Callback()]},
    "full": {"batch_size": "full"},
    "parts": {"micro_batch_size": 7},
    "early stopping": EARLY,
    "early stopping by a score": {**EARLY, "scoring": "f1_macro"},
    "slopes by label": {"loss": SigmoidF1Loss([1, 2, 3, 4, 5], [0, 1, 2, 3, 4])},
    "balanced": {"loss": BinaryCrossEntropyLoss("balanced")},
    "sum": {"loss": WeightedSumLoss(BinaryCrossEntropyLoss(), SigmoidF1Loss())},
}
DATA = {
    "weights": lambda X, y, w: (X, y, w),
    "float64": lambda X, y, w: (X.astype(np.float64), y, w),
    "float16": lambda X, y, w: (X.astype(np.float16), y, None),
    "sparse": lambda X, y, w: (sparse.csr_array(X * (X > 0)), sparse.csr_array(y), w),
    "partial": lambda X, y, w: (X, np.where(y + (X[:, :5] > 0), y, np.nan), None),
}
MANY, FEW = 2**24, 1  # bytes of memory: rows on the GPU, or copied with each batch
ALL_CASES = [
    *((way, "weights", MANY) for way in WAYS),
    *(("early stopping", data, MANY) for data in DATA if data != "weights"),
    *(("default", data, FEW) for data in ("weights", "sparse")),
]
FAST = [
    *((way, "weights", MANY) for way in ("default", "layers", "parts")),
    *((way, "weights", MANY) for way in ("module of the user", "slopes by label")),
    ("early stopping by a score", "weights", MANY),
    *(("early stopping", data, MANY) for data in ("sparse", "partial")),
    ("default", "weights", FEW),
]
CASES = {"fast": FAST, "slow": [case for case in ALL_CASES if case not in FAST]}


def results(way, data, device):
    """What a model says that is fitted, goes on, is saved, and goes on."""
    X, y = make_multitag_classification(150, 12, 5, imbalance=4, random_state=0)
    weight = np.random.default_rng(0).exponential(size=len(X))
    X, y, weight = DATA[data](X.astype(np.float32), y, weight)
    params = {"warm_start": True, "batch_size": 37, "max_iter": 3, **WAYS[way]}
    model = small(**params, device=device)
    model.fit(X, y, weight)
    curve = model.set_params(max_iter=2).fit(X, y, weight).loss_curve_
    model = pickle.loads(pickle.dumps(model))
    before = model.predict(X[:50])
    model.set_params(early_stopping=False).partial_fit(X[:100], y[:100])
    assert str(next(model.net_.module_.parameters()).device).startswith(device)
    after = model.predict(X[:50])
    if sparse.issparse(after):
        before, after = before.toarray(), after.toarray()
    return curve, before, after, model.predict_proba(X[:50])


def main(name, path):
    found = {}
    torch.set_num_threads(1)  # as in the other tests: threads change how sums round
    with mock.patch.object(_recorded_steps, "CudaRecorder", TapeRecorder):
        for way, data, room in CASES[name]:
            with pretended_gpu(room) as device:
                try:
                    found[way, data, room] = results(way, data, device)
                except Exception:
                    found[way, data, room] = traceback.format_exc()
    with open(path, "wb") as file:
        pickle.dump(found, file)


if __name__ == "__main__":
    main(*sys.argv[1:])

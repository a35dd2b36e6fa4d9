"""Run by the processes of test_distributed.py: what each of them computes.

Arguments: a folder to write to. Each process writes `rank{number}.npz`.
"""

import sys
from pathlib import Path

import numpy as np
import torch
from torch import distributed

from skmultitag import MultiTagClassifier
from skmultitag.datasets import make_multitag_classification
from skmultitag.losses import DistributedLoss, SoftF1Loss
from skmultitag.neural_network._gradients import backward_in_parts
from tests.losses.common import ALL_LOSSES, random_batch

MODELS = [
    {"loss": "sigmoid_f1", "dropout": 0.5, "input_dropout": 0.5},
    {"loss": "soft_f1", "micro_batch_size": 20, "early_stopping": True},
    {"loss": "bayesian_sigmoid_f1", "max_iter": 2},
    {"loss": "lsep", "threshold": 0.5},
]


def gradients(batch, is_shared):
    """Gradients of a linear network, for each loss that can be shared, in float64."""
    X, (y_true, weight) = batch
    results = []
    for loss in ALL_LOSSES:
        generator = torch.Generator().manual_seed(1)
        module = torch.nn.utils.skip_init(torch.nn.Linear, 5, 4, dtype=torch.float64)
        with torch.no_grad():
            module.weight.normal_(generator=generator)
            module.bias.zero_()
        loss = loss.fit(random_batch(64)[1].numpy(), random_state=0)
        if loss.is_additive:
            loss.start_batch()
            backward_in_parts(
                lambda part, loss=loss, module=module: loss.row_sums(
                    module(part[0]), *part[1]
                ),
                module,
                loss,
                [batch],
                is_distributed=is_shared,
            )
            results.append(module.weight.grad.numpy())
    return results


def own_loop_gradients(batch, n_processes):
    """The same through DistributedLoss and the mean of DistributedDataParallel."""
    X, (y_true, weight) = batch
    results = []
    for loss in ALL_LOSSES:
        loss = loss.fit(random_batch(64)[1].numpy(), random_state=0)
        if not loss.is_additive:
            continue
        network = torch.nn.Linear(5, 4, dtype=torch.float64)
        with torch.no_grad():
            network.weight.copy_(torch.arange(20.0).reshape(4, 5).sin())
            network.bias.zero_()
        if n_processes > 1:
            network = torch.nn.parallel.DistributedDataParallel(network)
            loss = DistributedLoss(loss)
        loss(network(X), y_true, weight).backward()
        results.append(next(network.parameters()).grad.numpy())
    return results


def fits():
    X, y = make_multitag_classification(203, 6, 4, cardinality=1.2, random_state=0)
    results = []
    for params in MODELS:
        n_processes = distributed.get_world_size() if is_distributed() else 1
        defaults = {"hidden_layer_sizes": 8, "max_iter": 5, "batch_size": 40}
        model = MultiTagClassifier(
            **{**defaults, **params},
            distributed=n_processes > 1,
            random_state=0,
        ).fit(X, y)
        results.append(model.decision_function(X))
    return results


def errors(rank):
    """Messages where the processes are not called alike."""
    X, y = make_multitag_classification(60, 6, 4, cardinality=1.2, random_state=0)
    share = slice(rank, None, 2)
    cases = [
        ({"random_state": rank}, X, y),
        ({"learning_rate_init": 0.1 + rank}, X, y),
        ({"loss": SoftF1Loss(f_beta=1.0 + rank)}, X, y),
        ({}, X[share], y[share]),
        ({}, X[: 60 - rank], y[: 60 - rank]),
    ]
    messages = []
    for params, X_mine, y_mine in cases:
        model = MultiTagClassifier(**{"distributed": True, "random_state": 0, **params})
        try:
            model.fit(X_mine, y_mine)
        except ValueError as error:
            messages.append(str(error))
        assert not hasattr(model, "classes_")
    return messages


def is_distributed():
    return distributed.is_initialized()


def make_batch():
    _, y_true = random_batch(64)
    X = torch.randn(64, 5, generator=torch.Generator().manual_seed(2)).double()
    weight = torch.arange(64).remainder(3).double()
    return X, (y_true, weight)


def main(folder):
    torch.set_num_threads(1)
    distributed.init_process_group("gloo")
    rank, n_processes = distributed.get_rank(), distributed.get_world_size()
    X, (y_true, weight) = make_batch()
    # parts of different sizes
    mine = slice(0, 20) if rank == 0 else slice(20, None)
    batch = X[mine], (y_true[mine], weight[mine])
    arrays = {
        "gradient": gradients(batch, is_shared=True),
        "own_loop": own_loop_gradients(batch, n_processes),
        "fit": fits(),
    }
    flat = {
        f"{name}_{number}": array
        for name, of_name in arrays.items()
        for number, array in enumerate(of_name)
    }
    flat["errors"] = errors(rank)
    np.savez(Path(folder) / f"rank{rank}.npz", **flat)
    distributed.barrier()
    distributed.destroy_process_group()


if __name__ == "__main__":
    main(sys.argv[1])

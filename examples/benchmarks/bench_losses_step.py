"""Time of one step of each loss, forward and backward, against cross-entropy.

A batch of 256 rows and 1,000 labels, of which a row has about 5, in float32, on one
thread. The losses take turns; the ratio to cross-entropy is taken within each turn, and
its median, least and largest value are printed. No ratio above 6 is without a reason in
REASONS.

Run: python examples/benchmarks/bench_losses_step.py [--turns 15]
"""

import argparse
import time

import numpy as np
import torch

from skmultitag.losses import LabelCountLoss, WeightedSumLoss, get_loss, get_loss_names

N_SAMPLES, N_LABELS, N_STEPS = 256, 1000, 20

REASONS = {
    "label_count, poisson_binomial": (
        "an exact likelihood of the count: a product of 1,000 polynomials a row"
    ),
}


def make_losses():
    losses = {name: get_loss(name) for name in get_loss_names()}
    losses["bce + soft_f1"] = WeightedSumLoss(get_loss("bce"), get_loss("soft_f1"))
    losses["label_count, poisson_binomial"] = WeightedSumLoss(
        get_loss("bce"), LabelCountLoss("poisson_binomial"), weight=0.1
    )
    return losses


def seconds_of_a_step(loss, y_score, y_true):
    start = time.perf_counter()
    for _ in range(N_STEPS):
        y_score.grad = None
        loss(y_score, y_true).backward()
    return (time.perf_counter() - start) / N_STEPS


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--turns", type=int, default=15)
    turns = parser.parse_args().turns
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(0)
    shape = (N_SAMPLES, N_LABELS)
    y_score = torch.randn(shape, generator=generator, requires_grad=True)
    y_true = (torch.rand(shape, generator=generator) < 0.005).float()
    losses = {
        name: loss.fit(y_true, random_state=0) for name, loss in make_losses().items()
    }

    seconds = {name: [] for name in losses}
    for turn in range(turns + 1):
        for name, loss in losses.items():
            value = seconds_of_a_step(loss, y_score, y_true)
            if turn > 0:  # the first turn warms up
                seconds[name].append(value)

    print(f"{'loss':32} {'ms':>7}   ratio to bce: median    min    max")
    for name, values in seconds.items():
        ratio = np.divide(values, seconds["bce"])
        print(
            f"{name:32} {1e3 * np.median(values):7.2f} {np.median(ratio):23.2f}"
            f" {ratio.min():6.2f} {ratio.max():6.2f}  {REASONS.get(name, '')}"
        )


if __name__ == "__main__":
    main()

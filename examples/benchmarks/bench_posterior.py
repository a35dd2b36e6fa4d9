"""What the posterior of the Bayesian F1 loss costs, beside the fit.

The share of the time of a fit that goes into draws from the posterior: before each
epoch, and in the longer run at the end. Default settings, one thread. Then the same fit
with the fixed slope of SigmoidF1Loss.

Run: python examples/benchmarks/bench_posterior.py [name=file.npz ...] [--turns 3]
"""

import argparse
import time

import numpy as np
import torch
from npz_data import load_all
from sklearn.preprocessing import StandardScaler

from skmultitag import MultiTagClassifier
from skmultitag.losses import BayesianSigmoidF1Loss


class TimedLoss(BayesianSigmoidF1Loss):
    """Adds up the seconds of `observe`, in training and at the end."""

    seconds = np.zeros(2)

    def observe(self, y_score, y_true, sample_weight=None, is_final=False):
        start = time.perf_counter()
        super().observe(y_score, y_true, sample_weight, is_final)
        TimedLoss.seconds[int(is_final)] += time.perf_counter() - start


def seconds_of_a_fit(loss, X, y):
    start = time.perf_counter()
    model = MultiTagClassifier(loss, random_state=0).fit(X, y)
    return time.perf_counter() - start, model


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="*", help="name=file.npz, or debtags")
    parser.add_argument("--turns", type=int, default=3)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    for name, (X, y, *_) in load_all(arguments.data).items():
        X = StandardScaler().fit_transform(X)
        rows = []
        for _ in range(arguments.turns):
            TimedLoss.seconds[:] = 0
            total, model = seconds_of_a_fit(TimedLoss(), X, y)
            plain, _ = seconds_of_a_fit("sigmoid_f1", X, y)
            rows.append([total, *TimedLoss.seconds, plain])
        total, epochs, final, plain = np.median(rows, axis=0)
        shares = [(row[1] + row[2]) / row[0] for row in rows]
        posterior = model.loss_.posterior_
        worst = max(posterior.beta.r_hat.max(), posterior.eta.r_hat.max())
        print(
            f"{name}, {len(X):,} rows x {y.shape[1]} labels: fit {total:.1f} s, draws"
            f" before epochs {epochs:.2f} s, at the end {final:.2f} s, together"
            f" {np.median(shares):.1%} ({min(shares):.1%} to {max(shares):.1%});"
            f" with a fixed slope {plain:.1f} s; largest R-hat {worst:.3f}"
        )


if __name__ == "__main__":
    main()

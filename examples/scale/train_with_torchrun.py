"""
===============================
Training in several processes
===============================

**For whom:** one training takes too long in one process: large batches, wide networks,
or a GPU for each process.

**What comes out:** the same model as from one process, up to rounding, and a check of
this.

Each process runs the whole script, and calls ``fit`` with the same data. With
``distributed=True`` each process computes its part of each batch. The counts of F1 and
the gradients are added over the processes. All processes end with the same model.

Start it with torchrun:
``torchrun --standalone --nproc-per-node 2 examples/scale/train_with_torchrun.py``.
"""

import argparse
import time

import numpy as np
import torch
from sklearn.metrics import f1_score

from skmultitag import MultiTagClassifier
from skmultitag.datasets import load_debtags


def main():
    parser = argparse.ArgumentParser(description="Training in several processes")
    parser.add_argument("--rows", type=int, default=None, help="fewer rows, for a try")
    parser.add_argument("--epochs", type=int, default=10)
    arguments = parser.parse_args()

    # gloo is for processors; for one GPU a process it is nccl
    torch.distributed.init_process_group("gloo")
    try:
        run(arguments.rows, arguments.epochs)
    finally:
        torch.distributed.destroy_process_group()


def run(n_rows, n_epochs):
    X, y = load_debtags(subset="train", return_X_y=True)
    X, y = X[:n_rows], y[:n_rows]
    X_test, y_test = load_debtags(subset="test", return_X_y=True)

    model = MultiTagClassifier(
        "sigmoid_f1",
        distributed=True,
        learning_rate_init=3e-3,
        max_iter=n_epochs,
        random_state=0,  # the same in all processes
    )
    start = time.perf_counter()
    model.fit(X, y)
    seconds = time.perf_counter() - start

    if torch.distributed.get_rank() == 0:
        report(model, X, y, X_test, y_test, seconds)
    torch.distributed.barrier()  # none leaves while another one is at work


def report(model, X, y, X_test, y_test, seconds):
    n_processes = torch.distributed.get_world_size()
    print(f"{n_processes} processes: {seconds:.1f} s for {model.n_iter_} epochs")
    score = f1_score(y_test, model.predict(X_test), average="macro", zero_division=0)
    print(f"macro F1 {score:.3f}")

    # the first process once more, by itself
    alone = MultiTagClassifier(**{**model.get_params(deep=False), "distributed": False})
    start = time.perf_counter()
    alone.fit(X, y)
    print(f"1 process: {time.perf_counter() - start:.1f} s")
    difference = np.abs(alone.predict_proba(X_test) - model.predict_proba(X_test)).max()
    print(f"largest difference of probabilities {difference:.0e}")


if __name__ == "__main__":
    main()

# %%
# **What to read next**
#
# * :ref:`parts_of_batches`: which losses can be trained in this way, and when it pays.
# * :ref:`sphx_glr_auto_examples_scale_plot_memory_map.py`: rows that do not fit into
#   the memory.

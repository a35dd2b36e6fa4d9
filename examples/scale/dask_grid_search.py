"""
========================================
A grid of slopes and offsets, with dask
========================================

Which slope and which offset of sigmoid F1 suit the tags of Debian packages? A grid of
nine candidates in three folds is 27 fits, and none has to wait for another. On one
machine ``n_jobs`` runs them in processes; a cluster of dask can have many machines, and
needs one line more. Here the cluster is two processes on this machine, so that the
script runs anywhere. It ends by checking that dask has changed nothing but the time.

It needs ``pip install "dask[distributed]"``. Run it as a script:
``python examples/scale/dask_grid_search.py``.
"""

import argparse
import time

import joblib
import numpy as np
import torch
from dask.distributed import Client, LocalCluster
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmultitag import MultiTagClassifier
from skmultitag.datasets import load_debtags
from skmultitag.metrics import get_scorer

# %%
# The search
# ----------
# It is written as without dask: nothing in it says where it will run. The scorer is
# fair to all slopes, as the scale of the margins does not matter to it.


def make_search(max_iter):
    model = make_pipeline(
        StandardScaler(), MultiTagClassifier(max_iter=max_iter, random_state=0)
    )
    grid = {
        "multitagclassifier__loss__beta": [0.3, 1.0, 3.0],
        "multitagclassifier__loss__eta": [-1.0, 0.0, 1.0],
    }
    folds = KFold(3, shuffle=True, random_state=0)
    return GridSearchCV(model, grid, scoring=get_scorer("sigmoid_f1"), cv=folds)


# %%
# The cluster
# -----------
# Two workers with one thread each: a fit keeps a core busy by itself, so that there
# should be as many workers as cores. For a cluster that runs already, pass its address
# to ``Client`` in place of ``cluster``; skmultitag must be installed on its machines.
#
# ``scatter`` sends the data to the workers once for the whole block, however many
# searches are in it.


def search_with_dask(search, X, y):
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None
        ) as cluster,
        Client(cluster),
    ):
        start = time.perf_counter()
        with joblib.parallel_config("dask", scatter=[X, y]):
            search.fit(X, y)
        return time.perf_counter() - start


# %%
# The comparison
# --------------
# A matrix product may round differently with another number of threads. Workers of dask
# have one for torch, so this process takes one, too, and the scores agree to the bit.
#
# The workers of a local cluster import this file when they start, hence the last two
# lines: without them each worker would begin the comparison anew.


def main():
    parser = argparse.ArgumentParser(description="Search slope and offset with dask.")
    parser.add_argument("--rows", type=int, default=1500)
    parser.add_argument("--epochs", type=int, default=15)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    X, y = load_debtags(subset="train", return_X_y=True)
    X, y = X[: arguments.rows], y[: arguments.rows]
    print(f"{len(X)} rows, {y.shape[1]} labels, {arguments.epochs} epochs")

    start = time.perf_counter()
    alone = make_search(arguments.epochs).fit(X, y)
    print(f"one process: {time.perf_counter() - start:.1f} s")
    search = make_search(arguments.epochs)
    print(f"two workers of dask: {search_with_dask(search, X, y):.1f} s")

    print(f"best parameters: {search.best_params_}, score {search.best_score_:.3f}")
    np.testing.assert_array_equal(
        search.cv_results_["mean_test_score"], alone.cv_results_["mean_test_score"]
    )
    print("the scores are the same to the bit")


if __name__ == "__main__":
    main()

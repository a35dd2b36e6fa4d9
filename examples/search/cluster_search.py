"""
=======================================
A search on a cluster: dask or Ray
=======================================

**For whom:** your search takes hours on one machine, and there is a cluster, or a
larger machine with dask or Ray on it.

**What comes out:** the same search with the same scores, in the processes of the
cluster. One line says where it runs. Here the cluster is two processes on this machine,
so the script runs anywhere, in a minute. At the end it checks that the scores are the
same.

It needs ``pip install "dask[distributed]"`` or ``pip install ray``. Run it as a script:
``python examples/search/cluster_search.py dask`` or ``... ray``.
"""

import argparse
import time
from contextlib import contextmanager

import joblib
import numpy as np
import torch
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmultitag import MultiTagClassifier
from skmultitag.datasets import load_debtags
from skmultitag.metrics import get_scorer

# %%
# The search
# ----------
# A grid of nine slopes and offsets of sigmoid F1 in three folds is 27 independent fits.
# The search is written as for one machine: nothing in it says where it will run. The
# scorer is fair to all slopes, because it does not depend on the scale of the margins.


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
# With dask
# ---------
# A fit keeps a core busy by itself. So there should be as many workers as cores, with
# one thread each. For a cluster that runs already, pass its address to ``Client`` in
# place of ``cluster``. skmultitag must be installed on its machines.
#
# ``scatter`` sends the data to the workers once for the whole block, however many
# searches are in it.


@contextmanager
def dask_backend(X, y):
    from dask.distributed import Client, LocalCluster

    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None
        ) as cluster,
        Client(cluster),
        joblib.parallel_config("dask", scatter=[X, y]),
    ):
        yield


# %%
# With Ray
# --------
# ``register_ray`` makes the backend known to joblib. For a cluster that runs already,
# call ``ray.init(address="auto")``. You must set ``n_jobs``: without it, one fit runs
# after the other in your own process.


@contextmanager
def ray_backend(X, y):
    import ray
    from ray.util.joblib import register_ray

    register_ray()
    ray.init(num_cpus=2, include_dashboard=False)
    try:
        with joblib.parallel_config("ray", n_jobs=2):
            yield
    finally:
        ray.shutdown()


# %%
# The comparison
# --------------
# With another number of threads, a matrix product may round differently. Workers of
# dask and Ray have one thread for torch. So this process takes one too, and the scores
# are equal to the last bit.
#
# The workers of a local cluster of dask import this file when they start. Without the
# ``if`` at the end of the script, each worker would start the comparison again.


def main():
    parser = argparse.ArgumentParser(description="A search in the workers of a cluster")
    parser.add_argument("backend", choices=["dask", "ray"])
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
    backend = {"dask": dask_backend, "ray": ray_backend}[arguments.backend]
    with backend(X, y):
        start = time.perf_counter()
        search.fit(X, y)
        print(f"two workers: {time.perf_counter() - start:.1f} s")

    print(f"best parameters: {search.best_params_}, score {search.best_score_:.3f}")
    np.testing.assert_array_equal(
        search.cv_results_["mean_test_score"], alone.cv_results_["mean_test_score"]
    )
    print("the scores are the same to the bit")


if __name__ == "__main__":
    main()

# %%
# **What to read next**
#
# * :doc:`/user_guide/parallel_search`: processes and threads of one machine, memory,
#   and fewer epochs for bad candidates.
# * :ref:`sphx_glr_auto_examples_search_plot_optuna.py`: more settings than a grid can
#   hold.
# * :ref:`sphx_glr_auto_examples_scale_train_with_torchrun.py`: one training in several
#   processes.

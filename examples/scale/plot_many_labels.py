"""
===================
Thousands of labels
===================

**For whom:** your rows have a few of thousands of labels, such as products, keywords or
codes.

**What comes out:** a ranking of labels for each row, by neighbors and by a network,
and how good both are for frequent and for rare labels. The page runs in a minute.

With thousands of labels, nobody needs a decision on each of them. People see the first
few labels of a row, so it matters which labels come first. This page runs with 3,000
labels. No array in it has the size of all rows times all labels, so it also runs with a
hundred thousand labels: set ``N_ROWS, N_LABELS = 20_000, 100_000``, and wait for the
network.
"""

# %%
# The data
# --------
# The data are simulated. Each topic has fifty labels, and a row has up to five labels
# of one topic. The first topics are the most frequent, and so are the first labels of a
# topic. The targets are a sparse matrix.
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
from scipy import sparse

from skmultitag import MultiTagClassifier
from skmultitag.metrics import inverse_propensity, precision_at_k
from skmultitag.neighbors import NeighborLabels

N_ROWS, N_LABELS = 6_000, 3_000
N_TEST = 2_000
rng = np.random.default_rng(0)


def draw_labels(n_rows):
    n_topics = N_LABELS // 50
    of_topic, within = 1 / np.arange(10, 10 + n_topics), 1 / np.arange(1, 51)
    topic = rng.choice(n_topics, n_rows, p=of_topic / of_topic.sum())
    label = rng.choice(50, (n_rows, 5), p=within / within.sum())
    rows = np.repeat(np.arange(n_rows), 5)
    columns = (50 * topic[:, None] + label).ravel()
    entries = np.ones(5 * n_rows, dtype=int), (rows, columns)
    y = sparse.csr_array(entries, shape=(n_rows, N_LABELS))
    y.data[:] = 1  # a label that was drawn twice
    return y


y = draw_labels(N_ROWS + N_TEST)
directions = np.repeat(rng.standard_normal((N_LABELS // 50, 128)), 50, axis=0)
directions += rng.standard_normal(directions.shape)
X = y @ directions / np.sqrt(y.sum(axis=1))[:, None]
X = (X + 2 * rng.standard_normal(X.shape)).astype(np.float32)
X, X_test, y, y_test = X[:N_ROWS], X[N_ROWS:], y[:N_ROWS], y[N_ROWS:]
n_positive = y.sum(axis=0)
for least, most in ((0, 0), (1, 4), (5, 19), (20, N_ROWS)):
    n_labels = ((n_positive >= least) & (n_positive <= most)).sum()
    print(f"{n_labels} labels with {least} to {most} training rows")

# %%
# Two ways to the first five
# --------------------------
# The cheap way looks at the nearest training rows. The score of a label is the share of
# them that have it, and almost all scores are 0. The other way is a network with
# cross-entropy. ``predict_top`` computes its scores block by block, and keeps five for
# each row.
neighbors = NeighborLabels(metric="cosine", sparse_output=True).fit(X, y)
network = MultiTagClassifier(
    "bce", batch_size=128, max_iter=20, learning_rate_init=5e-3, random_state=0
).fit(X, y)
scores = {
    "nearest rows": neighbors.transform(X_test),
    "network": network.predict_top(X_test, 5),
}

# %%
# Metrics take the sparse scores. The propensity-scored precision gives rare labels more
# weight, because annotators forget them more often. If it is low, only frequent labels
# are found.
worth = inverse_propensity(y)
for name, each in scores.items():
    stored = (each.data.nbytes + each.indices.nbytes) / 2**20
    at_5 = precision_at_k(y_test, each, k=5)
    of_rare = precision_at_k(y_test, each, k=5, inverse_propensity=worth)
    print(f"{name}: {stored:.2f} MB, P@5 {at_5:.3f}, propensity-scored {of_rare:.3f}")
print(f"a dense array of float32: {4 * N_TEST * N_LABELS / 2**20:.0f} MB")

# %%
# What rare labels get
# --------------------
# Which share of the labels of the test rows is among the first five? The figure shows
# it by the number of training rows that have the label.
edges = np.array([0, 1, 2, 5, 10, 20, 50, N_ROWS])
names = ["0", "1", "2-4", "5-9", "10-19", "20-49", "50-"]
rows, columns = y_test.nonzero()
group = np.searchsorted(edges, n_positive[columns], side="right") - 1
n_of_group = np.maximum(np.bincount(group, minlength=len(names)), 1)

figure, ax = plt.subplots(layout="constrained")
for name, each in scores.items():
    first = []
    for start, end in pairwise(each.indptr):
        order = np.argsort(-each.data[start:end], kind="stable")
        first.append(each.indices[start:end][order[:5]])
    is_found = [column in first[row] for row, column in zip(rows, columns, strict=True)]
    share = np.bincount(group, is_found, minlength=len(names)) / n_of_group
    ax.plot(names, share, marker="o", label=name)
ax.set(xlabel="training rows with the label", ylabel="share among the first five")
ax.legend()
plt.show()

# %%
# Labels without a training row are never found, and labels with few training rows are
# seldom found. No method makes up for missing rows. The network has to learn an output
# for each label. With fewer than five rows it is no better than the neighbors, and with
# more rows a little better.

# %%
# **What to read next**
#
# * :doc:`/user_guide/scale`: memory and time of many labels and many rows.
# * :doc:`/user_guide/neighbors`: labels of neighbors.

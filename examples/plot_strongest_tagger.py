"""
====================================
Network, kernel ridge, or both
====================================

**For whom:** you have embeddings and their tags, and want to know which model to take.

**What comes out:** F1 and seconds of five models on the same rows. The page runs in a
minute.

On embeddings with some thousand rows, kernel ridge with tuned thresholds has a good F1
and is quick: its ``fit`` also computes leave-one-out scores, so that thresholds need no
further fits. Here we compare it with the network, on the tags of Debian packages.
"""

# %%
# We take 1,500 packages to learn from and 3,000 to test on, and the tags that at least
# ten of the 1,500 have.
from time import perf_counter

import matplotlib.pyplot as plt
import numpy as np
from sklearn.metrics import f1_score

from skmultitag import MultiTagClassifier, ThresholdedClassifierCV
from skmultitag.datasets import load_debtags
from skmultitag.kernel_ridge import (
    KernelRidgeClassifierCV,
    StackedKernelRidgeClassifierCV,
)

data = load_debtags()
rows = np.random.RandomState(0).permutation(len(data.data))
train, test = rows[:1500], rows[1500:4500]
frequent = data.target[train].sum(axis=0) >= 10
X_train, X_test = data.data[train], data.data[test]
y_train, y_test = data.target[train][:, frequent], data.target[test][:, frequent]
print(y_train.shape)

# %%
# "network" and "network from kernel ridge" use the decision of their loss. The others
# have tuned thresholds. For these, a network has to be fitted once more for each of
# five folds. Kernel ridge needs no folds. ``StackedKernelRidgeClassifierCV`` adds a
# second kernel ridge, which has the scores of all labels as further features. With
# ``init`` the network starts from kernel ridge.
network = MultiTagClassifier(random_state=0)
models = {
    "network": network,
    "network, thresholds": ThresholdedClassifierCV(network),
    "network from kernel ridge": MultiTagClassifier(
        init="kernel_ridge", random_state=0
    ),
    "kernel ridge, thresholds": ThresholdedClassifierCV(KernelRidgeClassifierCV()),
    "stacked, thresholds": ThresholdedClassifierCV(StackedKernelRidgeClassifierCV()),
}
results = {}
for name, model in models.items():
    start = perf_counter()
    model.fit(X_train, y_train)
    seconds = perf_counter() - start
    y_pred = model.predict(X_test)
    macro, micro = (
        f1_score(y_test, y_pred, average=average, zero_division=0)
        for average in ("macro", "micro")
    )
    results[name] = seconds, macro, micro
    print(f"{name}: {seconds:.1f} s, macro F1 {macro:.3f}, micro F1 {micro:.3f}")

# %%
# Further up is better, and further left is faster. Kernel ridge is much faster than a
# network with thresholds, and its F1 is as good or better. On these rows a network with
# the decision of its loss is as good too. :doc:`/benchmarks` compares them on other
# data and with more rows.
figure, ax = plt.subplots(figsize=(7, 4), layout="constrained")
for name, (seconds, macro, micro) in results.items():
    ax.plot(seconds, (macro + micro) / 2, "o", label=name)
ax.set(
    xscale="log",
    xlabel="seconds of all fits",
    ylabel="mean of macro and micro F1",
)
ax.legend()
plt.show()

# %%
# **What to read next**
#
# * :doc:`/user_guide/kernel_ridge`: how it works, and what many rows cost.
# * :ref:`sphx_glr_auto_examples_after_training_plot_label_report.py`: which tags can be
#   relied on.
# * :doc:`/benchmarks`: the same question on many data sets.

"""
==========================================
Quick start: tags for rows of embeddings
==========================================

Debian packages have tags such as ``role::program`` or ``implemented-in::python``, about
three for each package, and most tags are rare. We predict the tags from the sentence
embedding of a description, first in the way that we recommend, then in ways that you
may use today. It takes about a minute on two cores.
"""

# %%
# The data
# --------
# The data set is shipped with the package, with a fixed split. To be quick, we learn
# from 2,000 rows, and predict the tags that at least ten of these have. A target can be
# a list of tags for each row, an array of 0 and 1, a sparse matrix, or, as here, a
# DataFrame whose columns are named after the tags.
import time

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.multiclass import OneVsRestClassifier
from threadpoolctl import threadpool_limits

from skmultitag import MultiTagClassifier, ThresholdedClassifierCV
from skmultitag.datasets import load_debtags
from skmultitag.kernel_ridge import StackedKernelRidgeClassifierCV

threadpool_limits(1)  # fits as small as these are no faster with more threads

X, y = load_debtags(subset="train", return_X_y=True, as_frame=True)
X_test, y_test = load_debtags(subset="test", return_X_y=True, as_frame=True)
X_train = X.sample(2000, random_state=0)
y_train = y.loc[X_train.index]
frequent = y_train.sum() >= 10
y_train, y_test = y_train.loc[:, frequent], y_test.loc[:, frequent]
print(f"{len(X_train)} rows to learn from, {len(X_test)} to test on")
print(f"{y_train.shape[1]} tags")
print(f"half of them on {y_train.sum().median():.0f} rows or fewer")

# %%
# The recommended way
# -------------------
# Kernel ridge gives a score to each row and tag.
# :class:`~skmultitag.ThresholdedClassifierCV` chooses a threshold for each tag, by the
# F1 on scores of rows that kernel ridge was not fitted on.
tagger = ThresholdedClassifierCV(StackedKernelRidgeClassifierCV())
start = time.perf_counter()
tagger.fit(X_train, y_train)
seconds = {"kernel ridge, tuned": time.perf_counter() - start}

new_rows = X_test.iloc[:3]
for name, tags in zip(new_rows.index, tagger.predict_tags(new_rows), strict=True):
    print(f"{name}: {', '.join(tags)}")

# %%
# What you may use today
# ----------------------
# Logistic regression, one for each tag. It predicts a tag if its probability is above
# 0.5. For a rare tag this is hardly ever the case.
models = {"kernel ridge, tuned": tagger}


def fit(name, model):
    start = time.perf_counter()
    models[name] = model.fit(X_train, y_train)
    seconds[name] = time.perf_counter() - start


logistic = OneVsRestClassifier(LogisticRegression())
fit("logistic regression, 0.5", logistic)

# %%
# The same classifier has a far better F1 with a threshold for each tag. This works with
# any multilabel classifier of scikit-learn.
fit("logistic regression, tuned", ThresholdedClassifierCV(logistic))

# %%
# A neural network
# ----------------
# :class:`~skmultitag.MultiTagClassifier` is trained on a loss that is close to F1, so
# that it needs no tuned threshold. Take it for very many rows, or for rows that come in
# parts.
fit("network, F1 loss", MultiTagClassifier(random_state=0))

# %%
# Results
# -------
# Macro F1 is the mean over tags: a rare tag counts as much as a frequent one. Micro F1
# counts all tags of all rows together.
predicted = {name: model.predict(X_test) for name, model in models.items()}


def f1(name, average):
    return f1_score(y_test, predicted[name], average=average, zero_division=0)


table = pd.DataFrame(
    {
        "macro F1": {name: f1(name, "macro") for name in models},
        "micro F1": {name: f1(name, "micro") for name in models},
        "tags per row": {name: predicted[name].sum(axis=1).mean() for name in models},
        "seconds": seconds,
    }
)
print(table.round({"macro F1": 3, "micro F1": 3, "tags per row": 1, "seconds": 0}))
print(f"tags per row in the test part: {y_test.sum(axis=1).mean():.1f}")

# %%
# The threshold matters most: at 0.5 most tags are never predicted. The other three
# models are close to each other on this draw. Kernel ridge has the best micro F1, and
# the network has the best macro F1. :doc:`/benchmarks` compares them on more data.
#
# The figure shows the F1 of each tag against the number of rows that have it, as means
# over groups of tags from rare to frequent.
order = np.argsort(y_train.mean().to_numpy())
groups = np.array_split(order, 8)
rows_with_tag = [y_train.iloc[:, group].sum().mean() for group in groups]
figure, ax = plt.subplots(figsize=(7, 4.5), layout="constrained")
for name in models:
    scores = f1(name, average=None)
    ax.plot(rows_with_tag, [scores[g].mean() for g in groups], "o-", label=name)
ax.set(
    title="F1 of rare and frequent tags",
    xscale="log",
    xlabel="rows with the tag, of 2,000 (means of eight groups of tags)",
    ylabel="F1 on the test part",
)
ax.legend()
figure.savefig("quick_start.png", dpi=150)
print("wrote quick_start.png")

# %%
# Next
# ----
# * :ref:`kernel_ridge`, :doc:`/user_guide/thresholds` and
#   :doc:`/user_guide/classifier` explain the three parts.
# * :doc:`/user_guide/text_to_tags` begins with texts.
# * :doc:`/user_guide/label_report` says how well each tag is predicted.
# * :doc:`/user_guide/save_load` saves the model for later.

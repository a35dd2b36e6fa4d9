"""
============================
Which rows have wrong labels
============================

**For whom:** people have annotated your rows, and you doubt some of their annotations.

**What comes out:** the rows in the order in which a person should look at them again,
and how many mistakes are found in this way. The page runs in a minute.

Annotators make mistakes. A model that was not trained on a row predicts which labels
the row should have. If the model is certain and the annotation says the opposite, a
person should look at the row. How many mistakes do you find in this way?
"""

# %%
# We spoil the tags of 500 of the shipped rows. Half of these rows lose a tag. The
# others get a wrong tag, which is drawn at random, frequent tags more often. So we know
# which rows are wrong. (The data may have other mistakes too.)
import matplotlib.pyplot as plt
import numpy as np

from skmultitag.calibration import PlattCalibrator
from skmultitag.datasets import load_debtags
from skmultitag.kernel_ridge import KernelRidgeClassifierCV

N_WRONG = 500
X, y = load_debtags(subset="train", return_X_y=True)
rng = np.random.RandomState(0)
wrong_rows = rng.choice(np.flatnonzero(y.any(axis=1)), N_WRONG, replace=False)
wrong_labels, frequency = [], y.mean(axis=0)
given = y.copy()
for number, row in enumerate(wrong_rows):
    weight = y[row] if number % 2 else (1 - y[row]) * frequency
    label = rng.choice(y.shape[1], p=weight / weight.sum())
    given[row, label] ^= 1
    wrong_labels.append(label)

# %%
# The scores must not come from a model that was trained on the row, because it would
# repeat the mistake. Kernel ridge computes leave-one-out scores of the training rows in
# ``fit``. For other classifiers :func:`~sklearn.model_selection.cross_val_predict`
# makes such scores. Platt scaling turns them into probabilities.
scores = KernelRidgeClassifierCV().fit(X, given).loo_decision_function_
proba = PlattCalibrator().fit(scores, given).transform(scores)

# %%
# From these we get the probability that an entry of the targets is right, for tags that
# are there and for tags that are not. A row is as doubtful as its most doubtful entry.
# We compare this with cleanlab, if it is installed. It combines all entries of a row,
# in two different ways.
support = np.where(given, proba, 1 - proba)
doubts = {"most doubtful entry": 1 - support.min(axis=1)}
try:
    from cleanlab.multilabel_classification import get_label_quality_scores
except ImportError:
    print("cleanlab is not installed")
else:
    labels = [np.flatnonzero(row).tolist() for row in given]
    doubts["cleanlab"] = 1 - get_label_quality_scores(labels, proba)
    doubts["cleanlab, softmin"] = 1 - get_label_quality_scores(
        labels, proba, aggregator_kwargs={"method": "softmin"}
    )

# %%
# The figure shows how many of the mistakes are found if a person looks at the most
# doubtful rows first. In random order, one row in fourteen is wrong.
figure, ax = plt.subplots(layout="constrained")
is_wrong = np.zeros(len(X), dtype=bool)
is_wrong[wrong_rows] = True
for name, doubt in doubts.items():
    found = is_wrong[np.argsort(-doubt, kind="stable")].cumsum()
    ax.plot(np.arange(1, len(X) + 1), found / N_WRONG, label=name)
    at = {k: f"{found[k - 1] / N_WRONG:.2f}" for k in (100, 500, 1000, 2000)}
    print(f"{name}: share of the mistakes among the first rows {at}")
ax.plot([0, len(X)], [0, 1], color="gray", linestyle=":", label="random order")
ax.set(xlabel="rows looked at", ylabel="share of the planted mistakes found")
ax.legend()
plt.show()

# %%
# Added tags are easier to find than removed ones. A tag that no similar row has stands
# out, but many rows lack a tag that they could have.
order = np.argsort(-doubts["most doubtful entry"], kind="stable")
place = np.empty(len(X), dtype=int)
place[order] = np.arange(len(X))
for kind, rows in (("added", wrong_rows[::2]), ("removed", wrong_rows[1::2])):
    print(f"{kind}: {(place[rows] < 1000).mean():.2f} are among the first 1000")

# %%
# In most of the wrong rows that are found, the most doubtful entry is the one that we
# changed.
first = place[wrong_rows] < 1000
named = support[wrong_rows].argmin(axis=1) == wrong_labels
print(f"of the wrong rows among these, {named[first].mean():.2f} have it named")

# %%
# **What to read next**
#
# * :doc:`/user_guide/label_report`: other uses of such scores.
# * :ref:`sphx_glr_auto_examples_after_training_plot_annotate_next.py`: which rows
#   without labels to annotate.

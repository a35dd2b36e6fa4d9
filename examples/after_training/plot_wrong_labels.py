"""
============================
Which rows have wrong labels
============================

**For whom:** people have annotated your rows, and you doubt some of what they did.

**What comes out:** the rows in the order in which a person should look at them again,
and how many mistakes are found in this way. The page runs in a minute.

Annotators make mistakes. A model that has not seen a row says which labels it should
have, and where the row says otherwise, loudly, a person should look. How many mistakes
does one find in this way?
"""

# %%
# We spoil the tags of 500 of the shipped rows: half of them lose a tag, the others get
# one that is drawn from all tags, the frequent ones more often. So it is known which
# rows are wrong; there may be mistakes in the data besides.
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
# The scores must not come from a model that was trained on the row, which would repeat
# the mistake. Kernel ridge has those of the training rows without themselves, for free;
# for another classifier :func:`~sklearn.model_selection.cross_val_predict` makes them.
# Platt's calibration turns them into probabilities.
scores = KernelRidgeClassifierCV().fit(X, given).loo_decision_function_
proba = PlattCalibrator().fit(scores, given).transform(scores)

# %%
# So each entry of the targets, whether a tag is there or not, has the probability of
# being right. A row is as doubtful as its most doubtful entry. cleanlab, if it is
# installed, weighs all entries of a row, in one of two ways.
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
# The more doubtful rows are looked at, the more of the mistakes are found. Of rows in
# random order one in fourteen is wrong.
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
# A tag too much is easier to see than one that is missing: a tag that no similar row
# has stands out, while many rows lack a tag that they could have.
order = np.argsort(-doubts["most doubtful entry"], kind="stable")
place = np.empty(len(X), dtype=int)
place[order] = np.arange(len(X))
for kind, rows in (("added", wrong_rows[::2]), ("removed", wrong_rows[1::2])):
    print(f"{kind}: {(place[rows] < 1000).mean():.2f} are among the first 1000")

# %%
# The entry itself is mostly named too.
first = place[wrong_rows] < 1000
named = support[wrong_rows].argmin(axis=1) == wrong_labels
print(f"of the wrong rows among these, {named[first].mean():.2f} have it named")

# %%
# **What to read next**
#
# * :doc:`/user_guide/label_report`: what else scores of unseen rows tell.
# * :ref:`sphx_glr_auto_examples_after_training_plot_annotate_next.py`: which rows
#   without labels to annotate.

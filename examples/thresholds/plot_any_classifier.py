"""
===========================================================
Better tags from a random forest or from gradient boosting
===========================================================

**For whom:** you have a classifier that you want to keep, such as a forest or boosted
trees on a table of numbers, and it hardly ever predicts the rare labels.

**What comes out:** the same classifier with thresholds that are chosen for F1, and what
they gain. The page runs in half a minute.

It needs ``pip install "skmultitag[plot]"``, and does not use torch.
"""

# %%
# Why rare labels are not predicted
# ---------------------------------
# These classifiers predict a label if its probability is above 0.5. The probability of
# a rare label hardly ever is, even if it orders the rows well. We keep the classifiers
# as they are, and choose the thresholds.
#
# The data are simulated. So the true probabilities are known, and we can compute the
# best F1 that any classifier could reach.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.metrics import f1_score
from sklearn.multiclass import OneVsRestClassifier

from skmultitag import ThresholdedClassifierCV
from skmultitag.datasets import make_multitag_classification
from skmultitag.thresholds import FBetaThreshold

X, y, proba = make_multitag_classification(
    4000, 20, 12, cardinality=1.8, imbalance=30, return_proba=True, random_state=0
)
X_train, X_test, y_train, y_test = X[:2000], X[2000:], y[:2000], y[2000:]
print(f"shares of the labels: {np.sort(y_train.mean(axis=0)).round(2)}")

# %%
# The classifiers
# ---------------
# A forest takes targets with many labels as they are. Boosted trees take one label, so
# ``OneVsRestClassifier`` fits them once for each label. Do the same with LightGBM and
# XGBoost.
#
# Thresholds have to be chosen on scores of rows that the classifier was not trained on.
# With ``oob_score=True`` a forest computes such scores in a single fit, as each tree
# leaves out some rows. Boosted trees are fitted five more times, each time on a part of
# the rows.
classifiers = {
    "random forest": RandomForestClassifier(
        100, min_samples_leaf=3, oob_score=True, random_state=0
    ),
    "gradient boosting": OneVsRestClassifier(
        HistGradientBoostingClassifier(max_iter=40, max_leaf_nodes=8, random_state=0)
    ),
}
thresholders = {
    "one threshold for all": FBetaThreshold(average="micro"),
    "one for each label": FBetaThreshold(),
    "the default": None,
}

# %%
# What thresholds gain
# --------------------
# The default also has a threshold for each label. It moves the thresholds of rare
# labels toward a common threshold, because they are chosen on few positives.


def f1_of(y_pred):
    return [
        f1_score(y_test, y_pred, average=average, zero_division=0)
        for average in ("macro", "micro")
    ]


results = {}
for name, classifier in classifiers.items():
    classifier.fit(X_train, y_train)
    results[name] = {"0.5": f1_of(classifier.predict(X_test))}
    for rule, thresholder in thresholders.items():
        tuned = ThresholdedClassifierCV(classifier, thresholder)
        tuned.fit(X_train, y_train)
        results[name][rule] = f1_of(tuned.predict(X_test))
of_truth = FBetaThreshold().fit(proba[:2000], y_train)
best = f1_of(of_truth.transform(proba[2000:]))

for name, by_rule in results.items():
    for rule, (macro, micro) in by_rule.items():
        print(f"{name}, {rule}: macro F1 {macro:.3f}, micro F1 {micro:.3f}")

# %%
# The bars on the left are the usual decision at 0.5. The forest gains most: its macro
# F1 nearly triples. Micro F1, in which common labels count more, is better with all of
# these thresholds. The default is a good compromise: it has the best micro F1, and its
# macro F1 is not far from the best.
#
# The dotted lines are the F1 of the true probabilities with a threshold for each label.
# To come closer to them, one needs better scores and not better thresholds.
figure, axes = plt.subplots(1, 2, figsize=(8, 4), layout="constrained", sharey=True)
for number, (ax, average) in enumerate(zip(axes, ("macro", "micro"), strict=True)):
    for shift, (name, by_rule) in zip((-0.2, 0.2), results.items(), strict=True):
        heights = [f1[number] for f1 in by_rule.values()]
        ax.bar(np.arange(4) + shift, heights, width=0.4, label=name)
    ax.axhline(best[number], color="black", linestyle=":", label="true probabilities")
    ax.set(title=f"{average} F1 on the test rows", xticks=range(4))
    ax.set_xticklabels([rule.replace(" ", "\n", 2) for rule in by_rule])
figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
plt.show()

# %%
# **What to read next**
#
# * :ref:`sphx_glr_auto_examples_thresholds_plot_precision_floor.py`: thresholds that
#   promise a precision, in place of a good F1.
# * :doc:`/user_guide/scikit_learn_tools`: which tools of scikit-learn work with many
#   labels, and how.
# * :doc:`/user_guide/thresholds`: all rules, and which to take.

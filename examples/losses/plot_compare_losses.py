"""
====================================
All losses on data with a known best
====================================

**For whom:** you want to choose a loss function, or to see what they have in common.

**What comes out:** macro F1 of each loss, next to the best that any method can reach.

Every loss of the package trains the same linear network on the same data. Each model
then predicts in two ways: by the decision that comes with its loss, and with a tuned
threshold for each label, chosen on held-out rows. The data are simulated, so we know
the best macro F1 that any method can reach.
"""

# %%
# The data
# --------
# There are twenty labels, and a row has two of them on average. The commonest label is
# twenty times as frequent as the rarest. The probability of a label is a logistic
# function of the features. So a linear network is enough, and the data are ideal for
# cross-entropy. One third of the rows is for training, one for thresholds, and one for
# the test.
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.metrics import f1_score, precision_recall_curve

from skmultitag import MultiTagClassifier, ThresholdedClassifierCV
from skmultitag.datasets import make_multitag_classification
from skmultitag.losses import (
    BinaryCrossEntropyLoss,
    SoftF1Loss,
    WeightedSumLoss,
    get_loss,
    get_loss_names,
)
from skmultitag.thresholds import LabelCountThreshold

SEEDS = range(3)
train, valid, test = slice(4000), slice(4000, 8000), slice(8000, None)


def make_data(seed):
    X, y, proba = make_multitag_classification(
        n_samples=12000,
        n_features=40,
        n_labels=20,
        cardinality=2.0,
        imbalance=20.0,
        noise=1.0,
        return_proba=True,
        random_state=seed,
    )
    return X.astype(np.float32), y, proba


def macro_f1(y_true, y_pred):
    return f1_score(y_true, y_pred, average="macro", zero_division=0)


# %%
# The best that can be reached
# ----------------------------
# If the m rows with the largest probabilities p of a label are predicted to have it,
# the expected F1 is about 2 (sum of these p) / (m + sum of all p). The best m follows
# from the probabilities alone, without the targets.


def best_decision(proba):
    is_predicted = np.zeros(proba.shape, dtype=bool)
    for j, p in enumerate(proba.T):
        order = np.argsort(-p)
        m = np.arange(1, len(p) + 1)
        expected_f1 = 2 * np.cumsum(p[order]) / (m + p.sum())
        is_predicted[order[: expected_f1.argmax() + 1], j] = True
    return is_predicted


# %%
# The models
# ----------
# Network, optimizer and number of steps are the same for all losses. To the losses that
# have a name we add two models: the sum of cross-entropy and soft F1, and "lsep" with a
# learned number of labels for each row. If a loss has no decision of its own, the
# threshold is 0.5, as there is no better one. The figure marks these losses.


def make_models(seed):
    params = {
        "hidden_layer_sizes": (),
        "input_dropout": 0.0,  # all 40 features count
        "learning_rate_init": 1e-2,
        "max_iter": 40,
        "tol": None,
        "random_state": seed,
    }
    models = {}
    for name in get_loss_names():
        threshold = "auto" if get_loss(name).has_natural_threshold else 0.5
        models[name] = MultiTagClassifier(name, threshold=threshold, **params)
    mix = WeightedSumLoss(BinaryCrossEntropyLoss(), SoftF1Loss())
    models["bce + soft_f1"] = MultiTagClassifier(mix, **params)
    lsep = MultiTagClassifier("lsep", threshold=0.5, **params)
    models["lsep, label count"] = ThresholdedClassifierCV(
        lsep, LabelCountThreshold(), cv=3
    )
    return models


def best_thresholds(y_true, y_proba):
    thresholds = []
    for true, proba in zip(y_true.T, y_proba.T, strict=True):
        precision, recall, candidates = precision_recall_curve(true, proba)
        f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
        thresholds.append(candidates[f1[:-1].argmax()] if f1.max() > 0 else 1.0)
    return np.array(thresholds)


# %%
# Each model is trained and tested on three draws of the data. Tuned thresholds use the
# held-out rows. The first decisions do not: the number of labels is learned from
# out-of-fold scores of the training rows.
results, best = [], []
for seed in SEEDS:
    X, y, proba = make_data(seed)
    best.append(macro_f1(y[test], best_decision(proba[test])))
    for name, model in make_models(seed).items():
        y_pred = model.fit(X[train], y[train]).predict(X[test])
        thresholds = best_thresholds(y[valid], model.predict_proba(X[valid]))
        y_tuned = model.predict_proba(X[test]) >= thresholds
        results.append(
            {
                "loss": name,
                "first decision": macro_f1(y[test], y_pred),
                "tuned": macro_f1(y[test], y_tuned),
                "labels a row": y_pred.sum(axis=1).mean(),
                "tuned: labels": y_tuned.sum(axis=1).mean(),
            }
        )

# %%
# Results
# -------
# The table has macro F1 on the test rows, and the mean number of labels that are
# predicted for a row. First there are means over the draws, then standard deviations.
results = pd.DataFrame(results).groupby("loss")
table = results.mean().sort_values("first decision")
spread = results.std().loc[table.index, ["first decision", "tuned"]]
print(table.round(3).to_string())
print(f"\nbest that can be reached: {np.mean(best):.3f}; in the truth 2 labels a row")
print(f"\nstandard deviations\n{spread.round(3).to_string()}")

# %%
# Circles are the first decisions. They are open if the loss has no decision of its own,
# so that the decision is p > 0.5. Squares are decisions by tuned thresholds.
figure, ax = plt.subplots(figsize=(7, 5), layout="constrained")
models = make_models(seed=0)
is_own = np.array(
    [getattr(models[name], "threshold", None) != 0.5 for name in table.index]
)
position = np.arange(len(table))
groups = [
    ("decision of the loss, or label count", "first decision", is_own, "oC0", "C0"),
    ("p > 0.5", "first decision", ~is_own, "oC0", "white"),
    ("one tuned threshold a label", "tuned", is_own | True, "sC1", "C1"),
]
for label, column, shown, style, color in groups:
    ax.errorbar(
        table[column][shown],
        position[shown],
        xerr=spread[column][shown],
        fmt=style,
        markerfacecolor=color,
        label=label,
    )
ax.axvline(np.mean(best), color="k", linestyle="--", label="best that can be reached")
ax.set(xlabel="macro F1 on the test rows", yticks=position, yticklabels=table.index)
figure.legend(loc="outside upper center", ncols=2)
plt.show()

# %%
# What is seen
# ------------
# Most squares are close to each other: once thresholds are tuned, most losses hardly
# differ. "lsep", "bp_mll" and "rank_hinge" compare labels within a row only, and are
# 0.03 to 0.05 behind cross-entropy. So are "distribution_balanced" and
# "adaptive_sigmoid_f1". "sparsemax" is far behind. All are below the best possible F1,
# because they have to learn the probabilities from the training rows. None is clearly
# better than cross-entropy, for which these data are ideal.
#
# The circles are far apart. The choice of a loss is first of all the choice of a
# decision:
#
# * Cross-entropy at 0.5 predicts too few labels. Focal loss, with its published alpha
#   of 0.25, predicts the fewest. "label_count" is cross-entropy with a penalty on the
#   number of labels, and no better than it. "brier" and "smooth_hinge" decide like
#   cross-entropy, and "soft_hamming" predicts fewer labels. "global_objective" keeps a
#   precision of 0.8 for each label, and for this predicts too few labels.
# * The F1 losses need no held-out rows, and are at most 0.03 behind cross-entropy with
#   tuned thresholds. "soft_f1" and "sigmoid_f1" are the same loss at their defaults.
#   Their squares are not above their circles, so tuned thresholds gain nothing.
# * Cross-entropy plus soft F1 does well in both ways. The number of labels that it
#   predicts is close to the truth.
# * "lsep", "two_way", "rank_hinge" and "sparsemax" only rank. At p > 0.5 they predict
#   about four times as many labels as there are, and "bp_mll" more than twice as many.
#   This is not a useful decision. With tuned thresholds most of them are good
#   classifiers. For "lsep", a learned number of labels is right in the mean, and brings
#   most of what tuned thresholds bring. "zlpr" ranks against a threshold of its own.
#   Without tuning it is better than cross-entropy at 0.5, and tuned thresholds raise
#   its F1 further.
# * "asymmetric", "hill" and "tencent" favor positives, and predict too many labels
#   before they are tuned; "distribution_balanced" too few.
#
# This is one simulated task. With fewer rows, rarer labels or wrong targets, the order
# can be different. Repeat the comparison with your data.

# %%
# **What to read next**
#
# * :doc:`/user_guide/losses`: which loss to take.
# * :ref:`sphx_glr_auto_examples_losses_plot_adaptive_and_bayesian.py`: slopes that the
#   loss learns.

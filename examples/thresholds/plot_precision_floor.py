"""
==========================================
Only show tags that are 90 % sure
==========================================

**For whom:** people act on your tags, so that a wrong one costs more than a missing
one, and somebody asks for "at least 90 % precision".

**What comes out:** a tagger that keeps this floor, how many tags it no longer shows,
and whether the promise holds on new rows. The page runs in half a minute.

It needs ``pip install "skmultitag[plot]"``.
"""

# %%
# Which promise
# -------------
# "90 % of the tags are right" can mean all tags together, or each tag by itself. The
# second promises more: a common tag that is nearly always right does not make up for a
# rare tag that is wrong half of the time. ``PrecisionFloorThreshold`` can promise both:
# with ``average="micro"`` for all tags together, and with ``average="macro"`` for each
# tag. It looks at all thresholds that keep the floor, and takes the one with the best
# recall.
#
# Thresholds are chosen on scores of rows that the model was not trained on, see
# :ref:`out_of_fold_thresholds`. If the precision is 0.9 there, it may be 0.85 on new
# rows by chance alone. With ``confidence=0.95``, the precision must be so far above the
# floor, on so many rows, that this is unlikely to be chance.
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.metrics import precision_recall_curve

from skmultitag import ThresholdedClassifierCV
from skmultitag.calibration import PlattCalibrator
from skmultitag.datasets import load_debtags
from skmultitag.kernel_ridge import KernelRidgeClassifierCV
from skmultitag.thresholds import FBetaThreshold, PrecisionFloorThreshold

X, y = load_debtags(subset="train", return_X_y=True)
X_test, y_test = load_debtags(subset="test", return_X_y=True)
rules = {
    "best F1": FBetaThreshold(shrinkage=50),
    "all tags together": PrecisionFloorThreshold(0.9, average="micro"),
    "each tag": PrecisionFloorThreshold(0.9, unmet="ignore"),
    "each tag, with confidence": PrecisionFloorThreshold(
        0.9, confidence=0.95, unmet="ignore"
    ),
}
models = {}
for name, thresholder in rules.items():
    ridge = KernelRidgeClassifierCV(n_components=1000, random_state=0)
    model = ThresholdedClassifierCV(ridge, thresholder, calibrator=PlattCalibrator())
    models[name] = model.fit(X, y)

# %%
# The price
# ---------
# The table has precision and recall of all decisions on the 2,300 test rows, the number
# of tags that are predicted at all, and the share of rows without any tag.
predicted = {name: model.predict(X_test) for name, model in models.items()}
table = pd.DataFrame(
    {
        name: {
            "precision": (y_pred & y_test).sum() / y_pred.sum(),
            "recall": (y_pred & y_test).sum() / y_test.sum(),
            "tags shown": y_pred.any(axis=0).sum(),
            "no tags": (y_pred.sum(axis=1) == 0).mean(),
        }
        for name, y_pred in predicted.items()
    }
)
print(table.T.round(2).to_string())

# %%
# The floor for all tags together holds. It costs recall: two of five tags that people
# gave are found, and two of three without the floor. A person has to look at rows
# without tags.
#
# With ``confidence`` most tags are never shown, because ten or twenty rows with a tag
# can't prove that it is right so often. ``is_met_`` marks the tags that keep the floor.
# The others need more annotated rows, or a lower floor.
can = models["each tag, with confidence"].thresholder_.is_met_
n_positive = y.sum(axis=0)
print(f"{can.sum()} of {len(can)} tags keep it with confidence")
print(f"training rows with such a tag, median: {np.median(n_positive[can]):.0f}")
print(f"with another tag: {np.median(n_positive[~can]):.0f}")

# %%
# Does it hold for each tag?
# --------------------------
# The line on the left shows what the model can reach with one threshold for all tags.
# The rules are points on this line or near it, in the colors of the right side. Two of
# them are at the same place. On the right each dot is a tag that was predicted for ten
# test rows or more.
figure, (left, right) = plt.subplots(1, 2, figsize=(8, 4), layout="constrained")
proba = models["best F1"].predict_proba(X_test)
precision, recall, _ = precision_recall_curve(y_test.ravel(), proba.ravel())
left.plot(recall, precision, color="0.7")
for name, marker in zip(rules, "osD^", strict=True):
    point = table.loc[["recall", "precision"], name]
    left.plot(*point, marker, fillstyle="none")
left.set(xlabel="recall", ylabel="precision", ylim=(0.4, 1.02))

rng = np.random.RandomState(0)
for place, (name, y_pred) in enumerate(predicted.items()):
    n_predicted = y_pred.sum(axis=0)
    is_seen = n_predicted >= 10
    precisions = ((y_pred & y_test).sum(axis=0) / np.maximum(n_predicted, 1))[is_seen]
    right.plot(
        precisions, place + rng.uniform(-0.2, 0.2, is_seen.sum()), ".", alpha=0.7
    )
    n_below = (precisions < 0.9).sum()
    print(f"{name}: {n_below} of {is_seen.sum()} tags are below 0.9")
right.axvline(0.9, color="black", linestyle=":")
right.set(xlabel="precision of a tag", yticks=range(4))
right.set_yticklabels(name.replace(", ", ",\n") for name in rules)
right.invert_yaxis()
plt.show()

# %%
# One threshold for all tags promises nothing for a single tag. With a floor for each
# tag, half of the tags are below it on new rows, because the best of many thresholds
# looks better than it is. Only with ``confidence`` nearly all tags keep the floor.
# :ref:`floors` has more data sets, and says when even this is not enough.
#
# If you keep the scores, another floor needs no new fit: see the end of
# :ref:`out_of_fold_thresholds`. ``RecallFloorThreshold`` is for the opposite promise:
# to miss no more than one row in ten.
#
# **What to read next**
#
# * :ref:`sphx_glr_auto_examples_after_training_plot_annotate_next.py`: rows that are
#   left to people, the most useful first.
# * :ref:`sphx_glr_auto_examples_after_training_plot_label_report.py`: how well each
#   tag is predicted.
# * :doc:`/user_guide/thresholds`: all rules, and which to take.

"""
===========================================
A threshold at the knee of the sorted curve
===========================================

**For whom:** you read the sigmoidF1 paper, and want to repeat its way to a threshold.

**What comes out:** its figure, and how good the threshold is next to others.

:class:`~skmultitag.thresholds.PlattKnee` is the threshold of the sigmoidF1 paper: the
probabilities of each row are sorted, and the knee of the median row is the threshold
for all labels. It optimizes no measure. Here it is compared with 0.5 and with
thresholds tuned for F1, all for the same classifier.
"""

# %%
# The rules
# ---------
# One logistic regression a label predicts the tags of Debian packages from embeddings
# of their descriptions. Each rule is fitted on out-of-fold probabilities of the
# training rows, and tried on the test rows.
import matplotlib.pyplot as plt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import KFold
from sklearn.multiclass import OneVsRestClassifier
from threadpoolctl import threadpool_limits

from skmultitag import PlattKnee, ThresholdedClassifierCV
from skmultitag.datasets import load_debtags
from skmultitag.plotting import KneeDisplay, ThresholdCurveDisplay
from skmultitag.thresholds import FBetaThreshold, FixedThreshold

X_train, y_train = load_debtags(subset="train", return_X_y=True)
X_test, y_test = load_debtags(subset="test", return_X_y=True)

rules = {
    "0.5": FixedThreshold(0.5),
    "knee": PlattKnee(),
    "best for micro F1": FBetaThreshold(average="micro"),
    "one a label": FBetaThreshold(shrinkage=50),
}
classifier = OneVsRestClassifier(LogisticRegression(C=10))
folds = KFold(3, shuffle=True, random_state=0)
models = {}
print("rule               macro F1  micro F1  labels a row")
for name, rule in rules.items():
    model = ThresholdedClassifierCV(classifier, rule, cv=folds)
    with threadpool_limits(1):  # many small fits: more threads would be slower
        models[name] = model.fit(X_train, y_train)
    predicted = model.predict(X_test)
    macro, micro = (
        f1_score(y_test, predicted, average=average, zero_division=0)
        for average in ("macro", "micro")
    )
    n_labels = predicted.sum(axis=1).mean()
    print(f"{name:<17}  {macro:8.3f}  {micro:8.3f}  {n_labels:12.2f}")
print(f"{'truth':<17}  {'':8}  {'':8}  {y_test.sum(axis=1).mean():12.2f}")

# %%
# The knee predicts almost three times as many labels as there are, and has by far the
# worst micro F1. Its macro F1 is well above that of 0.5, as a low threshold finds the
# rare labels too. A threshold a label, tuned for F1, reaches about the same macro F1,
# with a micro F1 close to that of 0.5 and about the right number of labels.
#
# Where the knee is
# -----------------
# Each gray line is one of 200 test rows; only the first 30 of 121 ranks are shown. The
# display finds the knee of the test rows, which is close to the one of the model. There
# the median is farthest below the straight line between its two ends: it falls as
# slowly as this line, by less than 0.01 a rank, which is well after the steep part. The
# more labels there are, the flatter the line is.
figure, ax = plt.subplots(figsize=(7, 4.5), layout="constrained")
KneeDisplay.from_estimator(models["knee"], X_test, y_test, ax=ax)
ax.set_xlim(0, 30)
plt.show()

# %%
# What it costs
# -------------
# F1 on the test rows against the threshold on the same probabilities: micro and macro
# average, and three labels, from common to rare. Points mark the best thresholds.
knee = models["knee"].thresholder_
proba = knee.calibrator_.transform(models["knee"].predict_proba(X_test))
names = load_debtags(subset="test").target_names.tolist()
shown = ["role::program", "interface::x11", "use::monitor"]
columns = [names.index(name) for name in shown]

figure, ax = plt.subplots(figsize=(7, 4.5), layout="constrained")
ax.axvline(knee.threshold_, color="black", linestyle=":", label="knee")
for average, color in {"micro": "black", "macro": "grey"}.items():
    display = ThresholdCurveDisplay.from_predictions(
        y_test, proba, average=average, color=color, linewidth=2.5, ax=ax
    )
    print(f"best threshold for {average} F1: {display.best_threshold_:.2f}")
ThresholdCurveDisplay.from_predictions(
    y_test[:, columns], proba[:, columns], average=None, label_names=shown, ax=ax
)
print(f"threshold of the knee: {knee.threshold_:.2f}")
plt.show()

# %%
# The knee lies where micro F1 rises steeply, far left of its best threshold. Macro F1
# is best at a lower threshold than micro F1, and the knee is not far from it. The rarer
# of the three labels have the lower best thresholds: that of the rarest is next to the
# knee, and that of the commonest far from it. No threshold for all labels suits them
# all, and one that was not tuned suits a measure by chance.

# %%
# **What to read next**
#
# * :doc:`/user_guide/thresholds`: all rules, and which to take.
# * :ref:`sphx_glr_auto_examples_thresholds_plot_any_classifier.py`: thresholds that are
#   chosen for F1.

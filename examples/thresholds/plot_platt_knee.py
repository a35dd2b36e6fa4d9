"""
===========================================
A threshold at the knee of the sorted curve
===========================================

**For whom:** you have read the sigmoidF1 paper, and want to choose thresholds as it
does.

**What comes out:** the figure of the paper, and a comparison with other thresholds.

:class:`~skmultitag.thresholds.PlattKnee` is the threshold of the sigmoidF1 paper. The
probabilities of each row are sorted, and the knee of the median of the sorted rows is
the threshold for all labels. It optimizes no measure. Here we compare it with 0.5 and
with thresholds tuned for F1, all for the same classifier.
"""

# %%
# The rules
# ---------
# One logistic regression for each label predicts the tags of Debian packages from
# embeddings of their descriptions. Each rule is fitted on out-of-fold probabilities of
# the training rows, and tested on the test rows.
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
# worst micro F1. Its macro F1 is much better than with 0.5, because a low threshold
# finds rare labels too. With a tuned threshold for each label, macro F1 is about the
# same as with the knee. Micro F1 is then close to that of 0.5, and the number of labels
# is about right.
#
# Where the knee is
# -----------------
# Each gray line is one of 200 test rows. Only the first 30 of 121 ranks are shown. The
# display finds the knee of the test rows, which is close to the knee of the model. At
# the knee, the median is farthest below the straight line between its two ends. There
# it falls as slowly as this line, by less than 0.01 from rank to rank. This is far
# behind the steep part. The more labels there are, the flatter this line is.
figure, ax = plt.subplots(figsize=(7, 4.5), layout="constrained")
KneeDisplay.from_estimator(models["knee"], X_test, y_test, ax=ax)
ax.set_xlim(0, 30)
plt.show()

# %%
# What it costs
# -------------
# The next figure shows F1 on the test rows against the threshold: micro and macro
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
# The knee lies where micro F1 rises steeply, far left of the best threshold for micro
# F1. The best threshold for macro F1 is lower, and not far from the knee. The rarer a
# label is, the lower its best threshold: for the rarest of the three labels it is close
# to the knee, and for the commonest far from it. No single threshold is good for all
# labels, and a threshold that was not tuned is good for a measure only by chance.

# %%
# **What to read next**
#
# * :doc:`/user_guide/thresholds`: all rules, and which to take.
# * :ref:`sphx_glr_auto_examples_thresholds_plot_any_classifier.py`: thresholds that are
#   chosen for F1.

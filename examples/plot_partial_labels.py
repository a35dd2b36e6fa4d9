"""
===================================
Labels that are annotated in part
===================================

**For whom:** nobody has looked at every label of every row. Older rows know nothing of
a label that is new, and sources differ in what they annotate.

**What comes out:** models that learn from what is known, next to those that take the
rest for absent, with a network and with a classifier of scikit-learn. The page runs in
a minute.
"""

# %%
# The tags of software packages, all annotated. To see what is lost, we hide most
# entries of the rows to learn from: each label is known in a share of the rows that
# lies between none and 80 %, as if labels had been added over the years.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import LogisticRegression

from skmultitag import MultiTagClassifier, ThresholdedClassifierCV
from skmultitag.datasets import load_debtags
from skmultitag.metrics import get_scorer, label_report
from skmultitag.multioutput import BinaryRelevanceClassifier

X, y = load_debtags(subset="train", return_X_y=True, as_frame=True)
X_test, y_test = load_debtags(subset="test", return_X_y=True, as_frame=True)
X, y = X[:2000].to_numpy(), y[:2000]
labels = y.columns[y.sum() >= 20]
y, y_test = y[labels], y_test[labels]

random = np.random.default_rng(0)
share_known = random.uniform(0, 0.8, size=len(labels))
is_known = random.uniform(size=y.shape) < share_known
y_partial = y.where(is_known)  # NaN where nobody has looked
print(f"{y_partial.isna().to_numpy().mean():.0%} of the entries are unknown")
y_partial.iloc[:4, :6]

# %%
# The network leaves out what is unknown, and so do the thresholds. A classifier of
# scikit-learn refuses NaN: ``BinaryRelevanceClassifier`` fits one for each label, on
# the rows in which it is known.
network = MultiTagClassifier(random_state=0)
logistic = BinaryRelevanceClassifier(LogisticRegression(C=10, max_iter=300))
f1 = {}
for name, classifier in (("network", network), ("logistic regression", logistic)):
    for how, target in (
        ("all known", y),
        ("unknown is left out", y_partial),
        ("unknown is taken for absent", y_partial.fillna(0)),
    ):
        model = ThresholdedClassifierCV(classifier, cv=3).fit(X, target)
        f1[name, how] = get_scorer("f1_macro")(model, X_test.to_numpy(), y_test)
        print(f"{name}, {how}: macro F1 {f1[name, how]:.3f}")
        if (name, how) == ("network", "unknown is left out"):
            tagger = model

# %%
# Taken for absent, a label that is rarely annotated looks as if it were rare: models
# learn not to predict it.
figure, ax = plt.subplots(figsize=(7, 3), layout="constrained")
names = [f"{name}, {how}" for name, how in f1]
ax.barh(names[::-1], list(f1.values())[::-1], color=3 * ["C1"] + 3 * ["C0"])
ax.set_xlabel("macro F1 on rows that are annotated completely")
plt.show()

# %%
# Rows to test on are seldom complete either. Metrics, scorers and the report leave out
# what is unknown there too, and the report says how many rows each number stands on.
y_test_partial = y_test.where(random.uniform(size=y_test.shape) < 0.3)
report = label_report(tagger, X_test.to_numpy(), y_test_partial, random_state=0)
report.loc[report.index[:5], ["n_annotated", "support", "f1", "f1_low", "f1_high"]]

# %%
# **What to read next**
#
# * :doc:`/user_guide/partial_labels`: forms in which unknown entries come, what each
#   part makes of them, and figures on several data sets; and what to do if there are
#   positives that nobody wrote down.
# * :ref:`sphx_glr_auto_examples_after_training_plot_annotate_next.py`: which rows to
#   annotate.

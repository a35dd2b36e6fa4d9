"""
===================================
Labels that are annotated in part
===================================

**For whom:** nobody has looked at every label of every row. For example, a label is
new, so older rows have no value for it, or your sources annotate different labels.

**What comes out:** models that learn from the known entries only, compared with models
that treat unknown entries as 0, for a network and for a classifier of scikit-learn. The
page runs in a minute.
"""

# %%
# The data are the tags of software packages, all annotated. To see what is lost, we
# hide most entries of the training rows. Each label stays known in a share of the rows
# between 0 and 80 %, as if labels had been added over the years.
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
# The network and the thresholds leave out unknown entries. Classifiers of scikit-learn
# refuse NaN. ``BinaryRelevanceClassifier`` fits one of them for each label, on the rows
# in which the label is known.
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
# If unknown entries are 0, a label that is rarely annotated looks like a rare label,
# and models learn not to predict it.
figure, ax = plt.subplots(figsize=(7, 3), layout="constrained")
names = [f"{name}, {how}" for name, how in f1]
ax.barh(names[::-1], list(f1.values())[::-1], color=3 * ["C1"] + 3 * ["C0"])
ax.set_xlabel("macro F1 on rows that are annotated completely")
plt.show()

# %%
# Test rows are seldom complete either. Metrics, scorers and the report leave out their
# unknown entries too. ``n_annotated`` in the report says from how many rows the metrics
# of a label are computed.
y_test_partial = y_test.where(random.uniform(size=y_test.shape) < 0.3)
report = label_report(tagger, X_test.to_numpy(), y_test_partial, random_state=0)
report.loc[report.index[:5], ["n_annotated", "support", "f1", "f1_low", "f1_high"]]

# %%
# **What to read next**
#
# * :doc:`/user_guide/partial_labels`: forms of unknown entries, how each part of the
#   package treats them, figures on several data sets, and what to do if positives are
#   missing and you do not know which.
# * :ref:`sphx_glr_auto_examples_after_training_plot_annotate_next.py`: which rows to
#   annotate.

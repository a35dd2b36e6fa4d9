"""
=====================================
Thresholds for a classifier not ours
=====================================

A random forest and nearest neighbours predict a label where its probability is above
0.5. For rare labels the probability hardly ever is. We keep the classifiers as they
are, and tune the thresholds on out-of-fold probabilities.
"""

# %%
# Simulated data have the advantage that the true probabilities are known, and with them
# the best that any classifier could reach.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import f1_score
from sklearn.neighbors import KNeighborsClassifier

from skmultitag import ThresholdedClassifierCV
from skmultitag.datasets import make_multitag_classification
from skmultitag.thresholds import FBetaThreshold

X, y, proba = make_multitag_classification(
    4000, 20, 12, cardinality=1.8, imbalance=30, return_proba=True, random_state=0
)
train, test = slice(2000), slice(2000, None)


def macro_f1(predicted):
    return f1_score(y[test], predicted, average="macro", zero_division=0)


# %%
# Each classifier decides at 0.5, with one tuned threshold for all labels, and with one
# for each label. The tuned ones come from five folds of the training rows.
classifiers = {
    "random forest": RandomForestClassifier(200, min_samples_leaf=3, random_state=0),
    "20 neighbours": KNeighborsClassifier(20),
}
scores = {}
for name, classifier in classifiers.items():
    at_half = classifier.fit(X[train], y[train]).predict(X[test])
    scores[name] = [macro_f1(at_half)]
    for average in ("micro", "macro"):
        tuned = ThresholdedClassifierCV(
            classifier, FBetaThreshold(average=average), n_jobs=2
        ).fit(X[train], y[train])
        scores[name].append(macro_f1(tuned.predict(X[test])))
best = FBetaThreshold().fit(proba[train], y[train])
best_score = macro_f1(best.transform(proba[test]))

for name, values in scores.items():
    print(f"{name}: " + ", ".join(f"{value:.3f}" for value in values))
print(f"true probabilities, tuned: {best_score:.3f}")

# %%
# The left bars are the usual decision. A tuned threshold for all labels gains
# something, and one for each label gains more, as macro F1 counts rare labels as much
# as common ones. The line is what the true probabilities give with thresholds tuned in
# the same way.
rules = ["0.5", "one tuned threshold", "one a label"]
figure, ax = plt.subplots(figsize=(7, 4), layout="constrained")
for shift, (name, values) in zip((-0.2, 0.2), scores.items(), strict=True):
    ax.bar(np.arange(3) + shift, values, width=0.4, label=name)
ax.axhline(best_score, color="black", linestyle=":", label="true probabilities")
ax.set(xticks=np.arange(3), xticklabels=rules, ylabel="macro F1 on the test rows")
ax.legend()
plt.show()

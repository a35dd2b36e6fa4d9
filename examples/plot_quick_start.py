"""
=========================================
Tag embeddings: four ways to a good F1
=========================================

Debian packages carry tags such as ``role::program`` or ``implemented-in::python``: one
or more a package, most of them rare. From the sentence embedding of a description we
predict the tags, with the same network in four ways:

* cross-entropy, with the usual threshold of 0.5;
* cross-entropy, with a threshold a label, tuned on held-out predictions;
* soft F1, which trains the decision in;
* sigmoid F1, with its slope and offset tuned by :class:`GridSearchCV`.
"""

# %%
# The data
# --------
# The data set is shipped with the package, with a fixed split. Three tags a package on
# average, and 98 of the 121 tags are on fewer than 2 % of the packages.
import time

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.metrics import f1_score
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmultitag import MultiTagClassifier, ThresholdedClassifierCV
from skmultitag.datasets import load_debtags
from skmultitag.losses import SigmoidF1Loss
from skmultitag.metrics import get_scorer

X_train, y_train = load_debtags(subset="train", return_X_y=True)
X_test, y_test = load_debtags(subset="test", return_X_y=True)
print(f"{len(X_train)} train and {len(X_test)} test rows, {y_train.shape[1]} labels")

results, per_label = {}, {}


def make_model(loss, **params):
    return make_pipeline(
        StandardScaler(), MultiTagClassifier(loss, random_state=0, **params)
    )


def evaluate(name, predicted, start):
    row = {
        f"{average} F1": f1_score(y_test, predicted, average=average, zero_division=0)
        for average in ("macro", "micro", "weighted", "samples")
    }
    row["labels a row"] = predicted.sum(axis=1).mean()
    row["seconds"] = time.perf_counter() - start
    results[name] = row
    per_label[name] = f1_score(y_test, predicted, average=None, zero_division=0)
    print(f"{name}: macro F1 {row['macro F1']:.3f} in {row['seconds']:.0f} s")


# %%
# Cross-entropy at 0.5
# --------------------
# ``verbose=1`` shows a progress bar, one step an epoch. A tag is predicted where its
# probability reaches 0.5, and a rare one hardly ever does.
start = time.perf_counter()
cross_entropy = make_model("bce", verbose=1).fit(X_train, y_train)
evaluate("cross-entropy, 0.5", cross_entropy.predict(X_test), start)

# %%
# Cross-entropy with tuned thresholds
# -----------------------------------
# The honest rival. :class:`~skmultitag.ThresholdedClassifierCV` collects predictions
# of rows that a model has not seen, by 3-fold cross-validation, and chooses a threshold
# for each label by its F1 on them, the nearer to one for all the rarer the label is.
folds = KFold(3, shuffle=True, random_state=0)
start = time.perf_counter()
tuned = ThresholdedClassifierCV(make_model("bce"), cv=folds, n_jobs=2)
tuned.fit(X_train, y_train)
evaluate("cross-entropy, tuned", tuned.predict(X_test), start)

# %%
# Soft F1
# -------
# The loss is 1 - F1 of the predicted probabilities. Nothing is tuned afterwards.
start = time.perf_counter()
soft_f1 = make_model("soft_f1", verbose=1).fit(X_train, y_train)
evaluate("soft F1", soft_f1.predict(X_test), start)

# %%
# Sigmoid F1, tuned
# -----------------
# Slope and offset of the sigmoid are parameters of the loss, so that a grid reaches
# them through the pipeline. The scorer "sigmoid_f1" compares decisions and the order of
# the rows next to them. Margins grow and shrink with the slope of the loss; to the
# scorer their scale does not matter.
start = time.perf_counter()
search = GridSearchCV(
    make_model(SigmoidF1Loss()),
    {
        "multitagclassifier__loss__beta": [0.3, 1.0, 3.0],
        "multitagclassifier__loss__eta": [-1.0, 0.0, 1.0],
    },
    scoring=get_scorer("sigmoid_f1"),
    cv=folds,
    n_jobs=2,
    verbose=2,
)
search.fit(X_train, y_train)
evaluate("sigmoid F1, tuned", search.predict(X_test), start)
print("best parameters:", search.best_params_)

# %%
# Results
# -------
table = pd.DataFrame(results).T.round(3)
print(f"\n{table.to_string()}\n")
print(f"labels a row in the test part: {y_test.sum(axis=1).mean():.2f}")

# %%
# The F1 losses find far more of the rare labels than cross-entropy at 0.5, at nearly
# the same micro F1 and with no second pass over the data. Cross-entropy with tuned
# thresholds comes close in macro F1 and has the best micro F1. The slope and offset
# hardly matter here, as the last layer of the network can learn them by itself.
#
# The figure shows the F1 of each label against its frequency, as means over groups of
# labels from rare to common. Watch the left side: cross-entropy at 0.5 gives rare
# labels up, a tuned threshold or an F1 loss does not.
order = np.argsort(y_train.mean(axis=0))
groups = np.array_split(order, 10)
frequency = [y_train[:, group].mean() for group in groups]
figure, ax = plt.subplots(figsize=(7, 4.5), layout="constrained")
for name, scores in per_label.items():
    means = [scores[group].mean() for group in groups]
    ax.plot(frequency, means, marker="o", label=name)
ax.set(
    xscale="log",
    xlabel="frequency of the label in training (mean of a tenth of the labels)",
    ylabel="F1 on the test part",
)
ax.legend()
figure.savefig("quick_start.png", dpi=150)
print("wrote quick_start.png")

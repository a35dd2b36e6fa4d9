"""
=============================
Does resampling help my tags?
=============================

**For whom:** most of your tags are rare, and you are thinking of copying rows that have
them.

**What comes out:** a search over ways to resample, and how much each of them gains.

Most tags are rare, and a classifier learns little about them. Resampling changes the
training rows so that rare labels count for more. Whether this helps depends on the
data, the loss and the decision. So we search over samplers and losses at once.
"""

# %%
# The data
# --------
# Descriptions of Debian packages as sentence embeddings. To be quick we take 3000 of
# the training rows, and the tags that are on 20 of them or more.
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from imblearn.pipeline import Pipeline
from sklearn.base import clone
from sklearn.metrics import f1_score
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.preprocessing import StandardScaler

from skmultitag import MultiTagClassifier, ThresholdedClassifierCV
from skmultitag.datasets import load_debtags
from skmultitag.sampling import (
    MLROS,
    MLRUS,
    MLSMOTE,
    MLTL,
    REMEDIAL,
    mean_imbalance_ratio,
    scumble,
)

X, y = load_debtags(subset="train", return_X_y=True)
X_test, y_test = load_debtags(subset="test", return_X_y=True)
X, y = X[:3000], y[:3000]
frequent = y.sum(axis=0) >= 20
y, y_test = y[:, frequent], y_test[:, frequent]
is_rare = y.mean(axis=0) < 0.02
print(f"{y.shape[1]} labels, {is_rare.sum()} of them on fewer than 2 % of the rows")
print(f"mean imbalance ratio {mean_imbalance_ratio(y):.1f}, SCUMBLE {scumble(y):.2f}")

# %%
# What the samplers do
# --------------------
# The mean imbalance ratio says how many times rarer a label is than the commonest one,
# in the mean over labels. SCUMBLE says how often rare and common labels occur together.
# This limits what copies of rows can do, because they copy the common label too.
samplers = {
    "none": "passthrough",
    "MLROS": MLROS(fraction=0.5, random_state=0),
    "MLSMOTE": MLSMOTE(random_state=0),
    "REMEDIAL": REMEDIAL(),
    "MLRUS": MLRUS(random_state=0),
    "MLTL": MLTL(threshold=0.5),
}
measures = pd.DataFrame(columns=["rows", "ratio", "SCUMBLE"], dtype=float)
for name, sampler in samplers.items():
    resampled = y if name == "none" else sampler.fit_resample(X, y)[1]
    ratio = mean_imbalance_ratio(resampled)
    measures.loc[name] = len(resampled), ratio, scumble(resampled)
print(measures.round(2).to_string())

# %%
# The search
# ----------
# The pipeline of imbalanced-learn resamples only in ``fit``. The rows on which a fold
# is scored stay as they are. A sampler is a step like any other, so the search can
# exchange it, and the loss of the classifier too.
pipeline = Pipeline(
    [
        ("scaler", StandardScaler()),
        ("sampler", "passthrough"),
        (
            "classifier",
            MultiTagClassifier(learning_rate_init=3e-3, max_iter=15, random_state=0),
        ),
    ]
)
losses = {"cross-entropy": "bce", "sigmoid F1": "sigmoid_f1"}
grid = {
    "sampler": list(samplers.values()),
    "classifier__loss": list(losses.values()),
}


def rare_macro_f1(model, X, y):
    predicted = model.predict(X)[:, is_rare]
    return f1_score(y[:, is_rare], predicted, average="macro", zero_division=0)


def macro_f1(model, X, y):
    return f1_score(y, model.predict(X), average="macro", zero_division=0)


search = GridSearchCV(
    pipeline,
    grid,
    scoring={"macro": macro_f1, "rare": rare_macro_f1},
    refit="macro",
    cv=KFold(3, shuffle=True, random_state=0),
).fit(X, y)

# %%
# Each bar is the mean F1 of the rare labels over three folds, and the line is its
# standard deviation. With cross-entropy, which decides at a probability of one half,
# copies of rows with rare labels (MLROS) help a little at most, and MLSMOTE lowers F1.
# With sigmoid F1, the differences to "none" are hardly larger than the spread. REMEDIAL
# was made to come before another sampler. Alone it does harm to cross-entropy: of the
# two rows that it makes of one, the first has a label that the second does not have.
shape = len(losses), len(samplers)
mean = search.cv_results_["mean_test_rare"].reshape(shape)
spread = search.cv_results_["std_test_rare"].reshape(shape)
figure, ax = plt.subplots(figsize=(7, 4), layout="constrained")
for row, (name, shift) in enumerate(zip(losses, (-0.2, 0.2), strict=True)):
    places = np.arange(len(samplers)) + shift
    ax.bar(places, mean[row], width=0.4, yerr=spread[row], label=name)
ax.set(xticks=np.arange(len(samplers)), xticklabels=samplers)
ax.set(ylabel="macro F1 of the rare labels", title="Cross-validation")
figure.legend(loc="outside lower center", ncols=2)
plt.show()

table = pd.DataFrame(mean.T, index=list(samplers), columns=list(losses))
print(table.round(3).to_string())

# %%
# On the test rows
# ----------------
# Compare each sampler with a threshold for each label, tuned on scores of held-out
# rows. Such a threshold moves the decision for a rare label without changing what is
# learned. ``ThresholdedClassifierCV`` can contain a sampler: it resamples only rows of
# the fits, and never the rows on which thresholds are tuned.
#
# Here tuned thresholds and MLROS each gain 0.01 in macro F1, and both together gain
# nothing. This is one data set, one split and one seed, and differences of 0.01 mean
# nothing. So the page shows how to compare methods, and not which one is the best.
cross_entropy = clone(pipeline).set_params(classifier__loss="bce")
sigmoid_f1 = clone(pipeline).set_params(classifier__loss="sigmoid_f1")
oversampled = clone(cross_entropy).set_params(sampler=samplers["MLROS"])
models = {
    "cross-entropy": cross_entropy,
    "cross-entropy, MLROS": oversampled,
    "cross-entropy, tuned": ThresholdedClassifierCV(cross_entropy, cv=3),
    "cross-entropy, MLROS, tuned": ThresholdedClassifierCV(oversampled, cv=3),
    "sigmoid F1": sigmoid_f1,
    "best of the search": search.best_estimator_,
}
rows = {}
for name, model in models.items():
    if name != "best of the search":
        model.fit(X, y)
    rows[name] = macro_f1(model, X_test, y_test), rare_macro_f1(model, X_test, y_test)
print(search.best_params_)
print(pd.DataFrame(rows, index=["all labels", "rare labels"]).T.round(3).to_string())

# %%
# **What to read next**
#
# * :doc:`/user_guide/resampling`: what each sampler does.
# * :ref:`sphx_glr_auto_examples_thresholds_plot_any_classifier.py`: thresholds, for any
#   classifier.

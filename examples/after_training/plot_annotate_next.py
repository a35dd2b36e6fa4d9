"""
=====================
What to annotate next
=====================

**For whom:** you have a tagger and many rows without tags, and people who can annotate
some of them.

**What comes out:** how certain the tagger is of each row, and whether it pays to
annotate the least certain rows first. The page runs in a minute.
"""

# %%
# We start with 500 annotated descriptions of software packages, and tag the others with
# a calibrated kernel ridge. Two functions say how certain the decision for a row is,
# without a target: the expected F1 of its labels, and the distance to the nearest other
# decision.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.metrics import f1_score

from skmultitag import ThresholdedClassifierCV
from skmultitag.calibration import PlattCalibrator
from skmultitag.datasets import load_debtags
from skmultitag.kernel_ridge import KernelRidgeClassifierCV
from skmultitag.metrics import expected_fbeta_of_rows, log_odds_to_threshold

X, y = load_debtags(subset="train", return_X_y=True)
X_test, y_test = load_debtags(subset="test", return_X_y=True)


class Tagger:
    """A model of the labels that the annotated rows have, and how sure it is."""

    def __init__(self, rows):
        self.is_known = y[rows].any(axis=0)
        self.model = ThresholdedClassifierCV(
            KernelRidgeClassifierCV(), calibrator=PlattCalibrator()
        ).fit(X[rows], y[rows][:, self.is_known])

    def predict(self, X):
        predicted = np.zeros((len(X), y.shape[1]), dtype=int)
        predicted[:, self.is_known] = self.model.predict(X)
        return predicted

    def random(self, X, rng):
        return rng.rand(len(X))

    def expected_f1(self, X, rng=None):
        return expected_fbeta_of_rows(
            self.model.predict_proba(X), self.model.predict(X)
        )

    def distance(self, X, rng=None):
        return log_odds_to_threshold(self.model.predict_proba(X), self.model.threshold_)


# %%
# Does the expected F1 say which rows are tagged well? We sort the test rows by it, and
# print the true F1 of each fifth. Then we do the same with the distance.
order = np.random.RandomState(0).permutation(len(X))
tagger = Tagger(order[:500])
predicted, expected = tagger.predict(X_test), tagger.expected_f1(X_test)
distance = tagger.distance(X_test)
n_right = (predicted & y_test).sum(axis=1)
f1 = 2 * n_right / np.maximum(predicted.sum(axis=1) + y_test.sum(axis=1), 1)
for rows in np.array_split(np.argsort(expected), 5):
    print(f"expected F1 {expected[rows].mean():.2f}, F1 {f1[rows].mean():.2f}")
for rows in np.array_split(np.argsort(distance), 5):
    print(f"distance {distance[rows].mean():.2f}, F1 {f1[rows].mean():.2f}")


# %%
# Yes. Expected and true F1 are not equal, because the expectation treats labels as
# independent. But the order is right: the first fifth needs a person, and the last
# fifth hardly does. The distance tells less, as it looks at only one label of a row.
#
# Now we annotate 500 more rows three times: random rows, rows with the smallest
# expected F1, or rows with the smallest distance. We repeat this from three starts.
#
# scikit-activeml has many more strategies. Those that use a classifier take no
# multilabel targets yet (version 1.0). Others look at the features only, and need to
# know which rows are annotated. For this we pass a target of one class. The core set is
# one of them: it chooses rows that are far from all annotated rows.
def next_rows(name, tagger, rows, rng):
    if name == "core_set":
        y_stand_in = np.full(len(X), np.nan)
        y_stand_in[rows] = 0
        strategy = CoreSet(random_state=rng.randint(2**31))
        return strategy.query(X, y_stand_in, batch_size=500)
    rest = np.setdiff1d(np.arange(len(X)), rows)
    sureness = getattr(tagger, name)(X[rest], rng)
    return rest[np.argsort(sureness)[:500]]


averages = ("macro", "micro", "samples")
scores = {"random": [], "expected_f1": [], "distance": []}
try:
    from skactiveml.pool import CoreSet
except ImportError:
    print("scikit-activeml is not installed")
else:
    scores["core_set"] = []
for seed in range(3):
    rng = np.random.RandomState(seed)
    order = rng.permutation(len(X))
    for name, curves in scores.items():
        rows, curve = order[:500], []
        for _ in range(4):
            tagger = Tagger(rows)
            curve.append(
                [
                    f1_score(
                        y_test,
                        tagger.predict(X_test),
                        average=average,
                        zero_division=0,
                    )
                    for average in averages
                ]
            )
            rows = np.append(rows, next_rows(name, tagger, rows, rng))
        curves.append(curve)
means = {name: np.mean(curves, axis=0) for name, curves in scores.items()}

# %%
# With rows of small expected F1, macro F1 grows faster than with random rows, and micro
# F1 grows more slowly. With rows of small distance, macro F1 grows a little faster, and
# micro F1 as fast. The core set finds unusual rows, whose labels are rare. It gains
# most in macro F1, and loses in the other two averages.
figure, axes = plt.subplots(1, 3, figsize=(11, 4), layout="constrained")
for ax, average, number in zip(axes, averages, range(3), strict=True):
    for name, mean in means.items():
        ax.plot(500 * np.arange(1, 5), mean[:, number], marker="o", label=name)
    ax.set(xlabel="annotated rows", title=f"{average} F1")
axes[0].legend()
plt.show()

for name, mean in means.items():
    values = zip(averages, mean[-1], strict=True)
    print(f"{name}: " + ", ".join(f"{key} {value:.3f}" for key, value in values))

# %%
# **What to read next**
#
# * :ref:`sphx_glr_auto_examples_after_training_plot_label_report.py`: which tags need
#   more rows.
# * :doc:`/user_guide/label_report`: both measures of certainty, and other strategies.

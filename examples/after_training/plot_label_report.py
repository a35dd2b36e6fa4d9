"""
====================================
Which tags can be relied on
====================================

**For whom:** you have trained a tagger, and want to know more about it than one number.

**What comes out:** how well each tag is predicted, how certain this is, and which tags
are confused with each other. The page runs in half a minute.

One number, such as macro F1, hides that some tags are predicted well and others hardly
at all. And a rare tag may look good or bad by chance.
"""

# %%
# The tagger is a kernel ridge with tuned thresholds. It is trained on 6900 descriptions
# of software packages with 121 tags.
import matplotlib.pyplot as plt
import numpy as np

from skmultitag import ThresholdedClassifierCV
from skmultitag.calibration import PlattCalibrator
from skmultitag.datasets import load_debtags, make_multitag_classification
from skmultitag.kernel_ridge import KernelRidgeClassifierCV
from skmultitag.metrics import label_report, label_report_from_predictions
from skmultitag.plotting import LabelConfusionDisplay, LabelReportDisplay

X_train, y_train = load_debtags(subset="train", return_X_y=True, as_frame=True)
X_test, y_test = load_debtags(subset="test", return_X_y=True, as_frame=True)
ridge = KernelRidgeClassifierCV(n_components=1000, random_state=0)
model = ThresholdedClassifierCV(ridge, calibrator=PlattCalibrator())
model.fit(X_train, y_train)

# %%
# The worst labels come first. The report takes about a second, with intervals from 1000
# bootstrap samples of the test rows.
report = label_report(model, X_test, y_test, random_state=0)
columns = ["support", "f1", "f1_low", "f1_high", "average_precision", "threshold"]
print(report[columns].round(2).to_string(max_rows=12))

# %%
# In the picture, the number behind a name says how many test rows have the tag. The
# tags at the top are hardly found. But for many of them the interval is long: with ten
# positives, a few rows more or less make the difference. Before you give up on such a
# tag, annotate more rows that have it.
figure, ax = plt.subplots(figsize=(7, 7), layout="constrained")
LabelReportDisplay(report).plot(ax, max_labels=40)
plt.show()

# %%
# What is predicted in the rows in which a tag is missed? Large counts point to tags
# that people use in different ways, or to a tag that includes another one.
figure, ax = plt.subplots(figsize=(7, 5), layout="constrained")
LabelConfusionDisplay.from_estimator(model, X_test, y_test, ax=ax)
plt.show()

# %%
# Can the intervals be trusted?
# -----------------------------
# With simulated data we can compute the metrics from 200,000 rows. We take samples of
# 400 of these rows, and count in how many samples the interval of 95 % contains the
# value from all rows.
_, y, proba = make_multitag_classification(
    200_000, 10, 30, cardinality=2.5, imbalance=60, return_proba=True, random_state=0
)
rng = np.random.RandomState(0)
scores = proba * rng.lognormal(sigma=0.7, size=proba.shape)
thresholds = [
    np.quantile(column, 1 - share)
    for column, share in zip(scores.T, y.mean(axis=0), strict=True)
]
predicted = scores >= thresholds
metrics = ["precision", "recall", "f1", "average_precision"]
params = {"sort_by": None, "n_resamples": 0}
truth = label_report_from_predictions(y, predicted, scores, **params)

covered = {metric: [] for metric in metrics}
params["n_resamples"] = 500
for seed in range(100):
    rows = rng.randint(len(y), size=400)
    sample = label_report_from_predictions(
        y[rows], predicted[rows], scores[rows], random_state=seed, **params
    )
    for metric in metrics:
        is_in = truth[metric].between(sample[f"{metric}_low"], sample[f"{metric}_high"])
        covered[metric].append(is_in.where(sample[metric].notna()))

# %%
# With ten positives or more in a sample, about 95 % of the intervals contain the true
# value. With fewer positives intervals are too short: if none of five positives is
# found, none is found in any bootstrap sample. Here a third of the labels are so rare,
# so the intervals of macro averages are too short as well.
n_positive = 400 * y.mean(axis=0)
for metric in metrics:
    share = np.nanmean(np.array(covered[metric], dtype=float), axis=0)
    of_labels = share[: len(n_positive)]
    few, more = of_labels[n_positive < 10], of_labels[n_positive >= 10]
    print(
        f"{metric}: {few.mean():.2f} below ten positives, {more.mean():.2f} above;"
        f" micro {share[-3]:.2f}, macro {share[-2]:.2f}, samples {share[-1]:.2f}"
    )

# %%
# **What to read next**
#
# * :ref:`sphx_glr_auto_examples_after_training_plot_annotate_next.py`: more rows for
#   the tags that need them.
# * :ref:`sphx_glr_auto_examples_thresholds_plot_precision_floor.py`: only show tags
#   that are right nine times of ten.
# * :doc:`/user_guide/label_report`: what the columns mean.

"""
==============================================
A slope that grows, and one with a posterior
==============================================

**For whom:** you want to understand two variants of sigmoid F1, or to try them.

**What comes out:** what slopes and offsets they learn, and whether it helps.

The sigmoid F1 loss has a slope and an offset. This page compares three variants on the
same data and network: both are fixed; the slope grows (SAdF1); or both have a posterior
(SBayesF1). The table has their F1, and the figures show what each has learned.
"""

# %%
# The data are embeddings of descriptions of Debian packages, with 121 tags. All
# networks have the default size, and 25 epochs.
import matplotlib.pyplot as plt
from sklearn.metrics import f1_score

from skmultitag import MultiTagClassifier
from skmultitag.datasets import load_debtags
from skmultitag.plotting import PosteriorDisplay, TrainingHistoryDisplay

data = load_debtags(subset="train", as_frame=True)
X, y = data.data, data.target
X_test, y_test = load_debtags(subset="test", return_X_y=True, as_frame=True)

models = {}
print(f"{'loss':<20}  macro F1  micro F1  labels a row")
for loss in ("sigmoid_f1", "adaptive_sigmoid_f1", "bayesian_sigmoid_f1"):
    model = MultiTagClassifier(
        loss, max_iter=25, learning_rate_init=3e-3, random_state=0
    )
    models[loss] = model.fit(X, y)
    predicted = model.predict(X_test)
    macro, micro = (
        f1_score(y_test, predicted, average=average, zero_division=0)
        for average in ("macro", "micro")
    )
    print(
        f"{loss:<20}  {macro:8.3f}  {micro:8.3f}  {predicted.sum(axis=1).mean():12.2f}"
    )

# %%
# Neither variant has a better macro F1 than the fixed slope here. This is one run; the
# user guide has a table over data sets and seeds.
#
# The slope grows from 1 to 10 in the first 70 % of the epochs. The loss of an epoch is
# measured with the slope of this epoch, so losses of different epochs can't be
# compared.
figure, ax = plt.subplots(figsize=(7, 4), layout="constrained")
TrainingHistoryDisplay.from_estimator(models["adaptive_sigmoid_f1"], ax=ax)
plt.show()

# %%
# The means of slope and offset over all labels and draws hardly move in the training of
# the Bayesian loss, because the prior is narrow and the temperature low.
figure, ax = plt.subplots(figsize=(8, 4), layout="constrained")
TrainingHistoryDisplay.from_estimator(models["bayesian_sigmoid_f1"], ax=ax)
plt.show()

# %%
# The next figure has the slopes of 20 labels, picked evenly from all labels sorted by
# slope. The intervals of all labels overlap widely: the data say little about the
# slope.
bayesian = models["bayesian_sigmoid_f1"]
figure, ax = plt.subplots(figsize=(7, 5), layout="constrained")
PosteriorDisplay.from_estimator(bayesian, quantity="beta", max_labels=20, ax=ax)
plt.show()

# %%
# Last we look at the diagnostics of the chains for all labels, and at the spread of the
# predictions over the posterior. The posterior of the slope is nearly as wide as its
# prior.
posterior = bayesian.loss_.posterior_
print(
    f"largest R-hat: {max(posterior.beta.r_hat.max(), posterior.eta.r_hat.max()):.3f}"
)
print(f"least effective sample size: {posterior.beta.ess.min():.0f}")
print(f"standard deviation of the slope: {posterior.beta.sd.mean():.2f}, a priori 0.26")
std = bayesian.predict_proba_std(X_test)
print(f"mean spread of a prediction: {std.mean():.4f}, largest {std.max():.2f}")

# %%
# **What to read next**
#
# * :doc:`/user_guide/adaptive_and_bayesian`: formulas, and when to use these losses.
# * :ref:`sphx_glr_auto_examples_losses_plot_compare_losses.py`: all other losses.

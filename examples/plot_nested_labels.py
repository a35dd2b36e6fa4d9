"""
=====================
Tags that are nested
=====================

**For whom:** your tags are a tree: "cat" is below "animal", and people who look for
animals want the cats too.

**What comes out:** predictions that never have a tag without the tags above it, and
what else this changes. The page runs in a minute.

The tags of software packages have the form facet::tag. People who look for programs
with a user interface want every package with any tag of the facet "interface". So a tag
should never be predicted without its facet.
"""

# %%
# The data set has only tags, and no facets. ``add_ancestors`` splits the names of the
# tags at a separator, and adds the facets as labels.
import matplotlib.pyplot as plt
import numpy as np

from skmultitag import ThresholdedClassifierCV
from skmultitag.datasets import load_debtags
from skmultitag.hierarchy import HierarchicalClassifier, add_ancestors
from skmultitag.kernel_ridge import KernelRidgeClassifierCV
from skmultitag.metrics import hierarchical_f1_score

X_train, tags_train = load_debtags(subset="train", return_X_y=True, as_frame=True)
X_test, tags_test = load_debtags(subset="test", return_X_y=True, as_frame=True)
X_train, X_test = X_train.to_numpy(), X_test.to_numpy()
y_train, names = add_ancestors(tags_train, "::")
y_test, _ = add_ancestors(tags_test, "::")
print(f"{tags_train.shape[1]} tags, {len(names)} labels")

# %%
# First we fit a classifier that knows no hierarchy: facets are labels like all others.
ridge = KernelRidgeClassifierCV(n_components=1000, random_state=0)
flat = ThresholdedClassifierCV(ridge).fit(X_train, y_train)
y_flat = flat.predict(X_test)
closed, _ = add_ancestors(y_flat, "::", label_names=names)
is_broken = (closed != y_flat).any(axis=1)
print(f"a tag without its facet in {is_broken.mean():.0%} of the rows")

# %%
# Now we put the same classifier into a ``HierarchicalClassifier``. It takes the tags as
# they are, and adds the facets in ``fit``. In each row, the score of a facet is now at
# least as large as the score of each of its tags. If a tag is predicted, so is its
# facet.
tags = [tags_train.columns[row == 1].tolist() for row in tags_train.to_numpy()]
nested = HierarchicalClassifier(ThresholdedClassifierCV(ridge), "::").fit(X_train, tags)
y_nested = nested.predict(X_test)
print(nested.predict_tags(X_test[:3]))

# %%
# The figure is for the classifier without the hierarchy. On the left, each point is a
# package, with its score for the facet "interface", and its largest score for a tag of
# this facet. Points above the line break the hierarchy. The right side shows how often
# a tag is predicted without its facet. With the hierarchy this never happens.
facet = "interface"
below = [j for j, name in enumerate(names) if name.startswith(f"{facet}::")]
scores = flat.decision_function(X_test)
of_facet, of_tags = scores[:, names.tolist().index(facet)], scores[:, below].max(axis=1)
is_missing = (closed != y_flat).sum(axis=0)
order = np.argsort(is_missing)[-12:]

figure, axes = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
axes[0].plot(of_facet, of_tags, ".", markersize=3)
axes[0].axline((0, 0), slope=1, color="0.5")
axes[0].set(xlabel=f"score of {facet}", ylabel="largest score of its tags")
axes[1].barh(names[order].astype(str), is_missing[order])
axes[1].set_xlabel("test rows with a tag, but without its facet")
plt.show()

# %%
# In the hierarchical F1, a wrong tag of the right facet counts as partly right. The two
# classifiers have their labels in different orders, so we compare tags by name.
truth = [tags_test.columns[row == 1].tolist() for row in tags_test.to_numpy()]
for what, predicted in (
    ("without the hierarchy", [names[row == 1].tolist() for row in y_flat]),
    ("with it", nested.predict_tags(X_test)),
):
    score = hierarchical_f1_score(truth, predicted, hierarchy="::")
    print(f"hierarchical F1 {what}: {score:.3f}")

# %%
# Both values are equal, because this score adds the facets to all predictions before it
# compares them. So the hierarchy does not rank tags better here. It gives predictions
# that do not contradict themselves.

# %%
# **What to read next**
#
# * :doc:`/user_guide/nested_labels`: trees with several levels, and a loss that knows
#   the hierarchy.
# * :ref:`sphx_glr_auto_examples_after_training_plot_label_report.py`: how well each tag
#   is predicted.

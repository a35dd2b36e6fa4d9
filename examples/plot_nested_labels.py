"""
=====================
Tags that are nested
=====================

**For whom:** your tags are a tree: "cat" is below "animal", and who looks for animals
wants the cats too.

**What comes out:** predictions that never have a tag without those above it, and what
else this changes. The page runs in a minute.

The tags of software packages are called facet::tag. Who looks for all programs with a
user interface wants every package with a tag of the facet "interface", whichever it is.
So a tag should never be predicted without its facet.
"""

# %%
# The data set has the tags only. A separator says what lies above them, and
# ``add_ancestors`` makes labels of it.
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
# First a classifier that knows nothing of facets: for it they are labels like others.
ridge = KernelRidgeClassifierCV(n_components=1000, random_state=0)
flat = ThresholdedClassifierCV(ridge).fit(X_train, y_train)
y_flat = flat.predict(X_test)
closed, _ = add_ancestors(y_flat, "::", label_names=names)
is_broken = (closed != y_flat).any(axis=1)
print(f"a tag without its facet in {is_broken.mean():.0%} of the rows")

# %%
# The same classifier inside of a hierarchy. It takes the tags as they are: those above
# them are added in ``fit``. In each row the score of a facet is now at least that of
# each of its tags, and so is the decision.
tags = [tags_train.columns[row == 1].tolist() for row in tags_train.to_numpy()]
nested = HierarchicalClassifier(ThresholdedClassifierCV(ridge), "::").fit(X_train, tags)
y_nested = nested.predict(X_test)
print(nested.predict_tags(X_test[:3]))

# %%
# On the left, each point is a package: its score for the facet "interface", and the
# largest for a tag of that facet. Points above the line break the hierarchy. On the
# right, how often a tag is predicted without its facet: with the hierarchy, never.
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
# The hierarchical F1 gives a wrong tag of the right facet credit for the facet. The
# names of the columns of the two classifiers differ in their order, so that tags are
# compared by name.
truth = [tags_test.columns[row == 1].tolist() for row in tags_test.to_numpy()]
for what, predicted in (
    ("without the hierarchy", [names[row == 1].tolist() for row in y_flat]),
    ("with it", nested.predict_tags(X_test)),
):
    score = hierarchical_f1_score(truth, predicted, hierarchy="::")
    print(f"hierarchical F1 {what}: {score:.3f}")

# %%
# It is the same to the last digit: this score gives predictions their ancestors before
# it compares them. What the hierarchy brings here is no better ranking; it is answers
# that don't contradict themselves.

# %%
# **What to read next**
#
# * :doc:`/user_guide/nested_labels`: trees with several levels, and other ways to keep
#   to them.
# * :ref:`sphx_glr_auto_examples_after_training_plot_label_report.py`: how well each tag
#   is predicted.

"""
===================================
From embeddings of images to tags
===================================

**For whom:** you have images or sounds, a network that turns each into a vector (an
*embedding*), and a table with the tags of some of them.

**What comes out:** a tagger of embeddings, the pictures it tags right and wrong, and
the new pictures that most probably have a given tag. The page runs in a few seconds.

It needs ``pip install "skmultitag[plot]"``. It starts from two files: an ``.npy`` with
a row for each picture, and a CSV with the tags.
"""

# %%
# The pictures
# ------------
# You have pictures already. Here we draw some, each with one to four handwritten digits
# of scikit-learn's data set. The tags are the names of the digits. As with most tags,
# some are common and others rare.
from pathlib import Path
from tempfile import mkdtemp

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.cluster import MiniBatchKMeans
from sklearn.datasets import load_digits
from sklearn.metrics import f1_score

from skmultitag import ThresholdedClassifierCV
from skmultitag.calibration import PlattCalibrator
from skmultitag.kernel_ridge import KernelRidgeClassifierCV

NAMES = "zero one two three four five six seven eight nine".split()
rng = np.random.RandomState(0)
digits = load_digits()
frequency = 0.8 ** np.arange(10)
frequency /= frequency.sum()


def draw_picture(is_usable):
    """A picture of 20 x 20 with a digit in some of its corners, and its tags."""
    picture = np.zeros((20, 20))
    kinds = rng.choice(10, size=rng.randint(1, 5), replace=False, p=frequency)
    for kind, corner in zip(kinds, rng.permutation(4), strict=False):
        top, left = 10 * np.array(divmod(corner, 2)) + rng.randint(3, size=2)
        images = digits.images[is_usable & (digits.target == kind)]
        picture[top : top + 8, left : left + 8] = images[rng.randint(len(images))]
    return picture, "|".join(NAMES[kind] for kind in sorted(kinds))


# known and new pictures have no image of a digit in common
is_for_test = rng.rand(len(digits.target)) < 0.4
known = [draw_picture(~is_for_test) for _ in range(2000)]
new = [draw_picture(is_for_test) for _ in range(1000)]

# %%
# Embeddings, made once
# ---------------------
# For photos, take a network that was trained on millions of photos. This example needs
# sentence-transformers and Pillow:
#
# .. code-block:: python
#
#     from PIL import Image
#     from sentence_transformers import SentenceTransformer
#
#     network = SentenceTransformer("clip-ViT-B-32")
#     embeddings = network.encode([Image.open(path) for path in paths])
#     np.save("embeddings.npy", embeddings)
#
# There are such networks for sounds too. All other steps are the same. Here we replace
# the network by a small encoder, so that nothing is downloaded. It knows 300 typical
# patches of 8 x 8 pixels. An embedding says how similar the most similar place of the
# picture is to each of these patches.


def patches_of(pictures):
    patches = np.lib.stride_tricks.sliding_window_view(pictures, (8, 8), axis=(1, 2))
    patches = patches.reshape(len(pictures), -1, 64)
    patches = patches - patches.mean(axis=2, keepdims=True)
    return patches / (np.linalg.norm(patches, axis=2, keepdims=True) + 10)


pictures = np.array([picture for picture, _ in known])
some = patches_of(pictures[:500]).reshape(-1, 64)
some = some[rng.permutation(len(some))[:15_000]]
kmeans = MiniBatchKMeans(300, n_init=1, random_state=0).fit(some)


def encode(pictures):
    similarities = [
        (patches_of(batch) @ kmeans.cluster_centers_.T).max(axis=1)
        for batch in np.array_split(pictures, 20)
    ]
    return np.concatenate(similarities).astype(np.float32)


folder = Path(mkdtemp())
np.save(folder / "embeddings.npy", encode(pictures))
table = pd.DataFrame(
    {
        "file": [f"{number:04}.png" for number in range(len(known))],
        "tags": [tags for _, tags in known],
    }
)
table.to_csv(folder / "tags.csv", index=False)

# %%
# Read the two files
# ------------------
# Both files have the same order: the first row of the array is the picture of the first
# line of the table.
X = np.load(folder / "embeddings.npy")
table = pd.read_csv(folder / "tags.csv")
y = table["tags"].str.get_dummies("|")
print(table.head(3).to_string())
print(f"{len(X)} embeddings of {X.shape[1]} numbers, and {len(y)} rows of tags")
print(y.mean().sort_values().round(2).to_string())

# %%
# Train
# -----
# Kernel ridge is strong on embeddings of some thousand rows, and quick.
# The calibrator turns the scores into probabilities, and ``ThresholdedClassifierCV``
# chooses for each tag the least probability at which to predict it.
tagger = ThresholdedClassifierCV(
    KernelRidgeClassifierCV(), calibrator=PlattCalibrator()
)
tagger.fit(X, y)

# %%
# New pictures
# ------------
# The same network computes their embeddings. We drew the pictures ourselves, so we know
# their tags and can count the mistakes. ``reindex`` puts the columns in the order of
# the training, even if a rare tag is on none of the new pictures.
new_pictures = np.array([picture for picture, _ in new])
X_new = encode(new_pictures)
y_new = pd.Series([tags for _, tags in new]).str.get_dummies("|")
y_new = y_new.reindex(columns=y.columns, fill_value=0)
y_pred = tagger.predict(X_new)
for average in ("macro", "micro"):
    print(f"{average} F1 {f1_score(y_new, y_pred, average=average):.3f}")

# %%
# Above each picture are the predicted tags with their probabilities. Wrong tags are
# red. Missed tags are below the picture.
figure, axes = plt.subplots(2, 5, figsize=(8, 5), layout="constrained")
tags_of_pictures = tagger.predict_tags(X_new[15:25], return_scores=True)
for ax, (picture, tags), found in zip(
    axes.flat, new[15:25], tags_of_pictures, strict=True
):
    ax.imshow(picture, cmap="gray_r")
    truth = set(tags.split("|"))
    for line, (tag, probability) in enumerate(found[::-1]):
        color = "black" if tag in truth else "tab:red"
        text = f"{tag} {probability:.2f}"
        ax.text(0, -1.5 - 2.9 * line, text, color=color)
    missed = truth - {tag for tag, _ in found}
    ax.set_xlabel(f"missed: {', '.join(missed)}" if missed else "")
    ax.set(xticks=[], yticks=[], ylim=(19.5, -14))
    ax.spines[:].set_visible(False)
plt.show()

# %%
# Find pictures by a tag
# ----------------------
# With the same probabilities you can search an archive. These pictures have the largest
# probabilities of the rarest tag.
rarest = y.mean().idxmin()
proba = tagger.predict_proba(X_new)[:, y.columns.get_loc(rarest)]
best = np.argsort(-proba)[:5]
figure, axes = plt.subplots(1, 5, figsize=(8, 2), layout="constrained")
figure.suptitle(f'The first pictures for "{rarest}"')
for ax, row in zip(axes, best, strict=True):
    ax.imshow(new_pictures[row], cmap="gray_r")
    ax.set(title=f"{proba[row]:.2f}", xticks=[], yticks=[])
plt.show()

# %%
# **What to read next**
#
# * :ref:`sphx_glr_auto_examples_plot_strongest_tagger.py`: kernel ridge, a network, or
#   both.
# * :ref:`sphx_glr_auto_examples_after_training_plot_annotate_next.py`: which
#   pictures to annotate next.
# * :ref:`sphx_glr_auto_examples_scale_plot_memory_map.py`: an array of embeddings that
#   is larger than the memory.
# * :doc:`/user_guide/save_load`: keep the tagger.

"""
===========================
From a CSV of texts to tags
===========================

**For whom:** you have a table with a column of texts and a column of tags, and want a
program that tags new texts.

**What comes out:** a report that says which tags can be relied on, a file with the
trained tagger, and a script of a few lines that reads new texts and writes their tags
with probabilities. The whole page runs in a few seconds.

It needs ``pip install "skmultitag[plot]"``, and no language model, as it counts words.
To use a sentence encoder, change one line, see :ref:`sentence_encoder`.
"""

# %%
# The table
# ---------
# You have a table already. Here we write one, with the 190 descriptions of software
# packages that are shipped with skmultitag. (They are invented, in the style of
# Debian's.) As in most tables, the tags of a row are in one cell, with commas between
# them.
import subprocess
import sys
from pathlib import Path
from tempfile import mkdtemp

import joblib
import matplotlib.pyplot as plt
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline

from skmultitag import ThresholdedClassifierCV
from skmultitag.calibration import PlattCalibrator
from skmultitag.datasets import load_debtags_texts
from skmultitag.kernel_ridge import KernelRidgeClassifierCV
from skmultitag.metrics import label_report
from skmultitag.model_selection import multilabel_train_test_split
from skmultitag.plotting import LabelReportDisplay

folder = Path(mkdtemp())
corpus = load_debtags_texts()
rows = [
    {"text": text, "tags": ", ".join(corpus.target_names[labels == 1])}
    for text, labels in zip(corpus.data, corpus.target, strict=True)
]
pd.DataFrame(rows).to_csv(folder / "packages.csv", index=False)

# %%
# Read it
# -------
# ``str.get_dummies`` makes a column of 0 and 1 for each tag. Cells without tags become
# rows of 0. The columns keep the names of the tags, and so will the tagger.
table = pd.read_csv(folder / "packages.csv")
texts, y = table["text"], table["tags"].str.get_dummies(", ")
print(table.head(3).to_string(max_colwidth=30))
print(f"{len(texts)} texts, {y.shape[1]} tags")

# %%
# Many tags are on a few texts only, too few to learn them or to test what was learned.
# We keep those with 15 texts or more.
y = y.loc[:, y.sum() >= 15]
print(f"{y.shape[1]} tags are kept")

# %%
# Train and test
# --------------
# A third of the texts is set aside for the test. The split keeps the share of each tag
# the same on both sides.
#
# The tagger weighs words by TF-IDF, and learns the tags from them by kernel ridge.
# Around both, :class:`~skmultitag.ThresholdedClassifierCV` turns scores into
# probabilities, and chooses for each tag the least probability at which to predict it.
texts_train, texts_test, y_train, y_test = multilabel_train_test_split(
    texts, y, test_size=1 / 3, random_state=0
)
tagger = ThresholdedClassifierCV(
    make_pipeline(
        TfidfVectorizer(sublinear_tf=True, stop_words="english", min_df=2),
        KernelRidgeClassifierCV(),
    ),
    calibrator=PlattCalibrator(),
)
tagger.fit(texts_train, y_train)
report = label_report(tagger, texts_test, y_test, random_state=0)
columns = ["support", "precision", "recall", "f1"]
print(report[columns].round(2).to_string())

# %%
# The worst tags come first. ``support`` is the number of test texts with the tag; the
# picture has it in brackets. The lines in the picture are intervals for F1. They are
# long, as there are few test texts. So do not trust the exact order of the tags, or a
# 1.00 from seven texts. But it is certain that tags with words of their own, such as
# those of Perl, are found.
figure, ax = plt.subplots(figsize=(7, 5), layout="constrained")
LabelReportDisplay(report).plot(ax)
plt.show()

# %%
# Save
# ----
# If you are content with the report, train on all texts. The file has everything in it:
# the words and their weights, the classifier, thresholds and names of the tags. It is a
# pickle, which can run any code when it is loaded: load only files of people that you
# trust. :doc:`/user_guide/save_load` has other forms.
tagger.fit(texts, y)
joblib.dump(tagger, folder / "tagger.joblib")
print(f"{(folder / 'tagger.joblib').stat().st_size / 1e3:.0f} KB")

# %%
# Tag new texts
# -------------
# This is the whole program that you will use later. It reads texts from a table, and
# writes a table with a row for each tag that it found. The score of a tag is its
# probability.
program = folder / "tag.py"
_ = program.write_text("""
import sys
import joblib
import pandas as pd

source, target = sys.argv[1:]
texts = pd.read_csv(source)["text"]
tagger = joblib.load("tagger.joblib")
found = tagger.predict_tags(texts, return_scores=True, output="pandas")
found.join(texts, on="row").round(3).to_csv(target, index=False)
""")

# %%
# We call it as you would in a terminal, in a process of its own.
new = [
    "pixelshift: edit photos on the desktop. A graphical program, in GTK, that crops"
    " and sharpens pictures.",
    "libfastmatrix-dev: development files of a C++ library for sparse matrices. Headers"
    " and a static library, to compile programs with it.",
    "libtext-wrapper-perl: Perl module that breaks lines at word boundaries.",
]
pd.DataFrame({"text": new}).to_csv(folder / "new.csv", index=False)
command = [sys.executable, "tag.py", "new.csv", "tagged.csv"]
subprocess.run(command, cwd=folder, check=True)
for text, found in pd.read_csv(folder / "tagged.csv").groupby("text", sort=False):
    print(f"{text[:60]}...")
    print(found[["tag", "score"]].to_string(index=False, header=False))

# %%
# Thresholds differ from tag to tag, and are usually below 0.5. So a tag may be found
# with a smaller probability than another one that is left out.
print(pd.Series(tagger.threshold_, y.columns).round(2).sort_values().to_string())

# %%
# **What to read next**
#
# * :doc:`/user_guide/text_to_tags`: sentence encoders in place of words, and which of
#   the two is better when.
# * :ref:`sphx_glr_auto_examples_after_training_plot_label_report.py`: how to read the
#   report, and how far its intervals can be trusted.
# * :ref:`sphx_glr_auto_examples_thresholds_plot_precision_floor.py`: only show tags
#   that are right nine times of ten.
# * :ref:`sphx_glr_auto_examples_after_training_plot_deploy_onnx.py`: predict on
#   machines without torch and scikit-learn.

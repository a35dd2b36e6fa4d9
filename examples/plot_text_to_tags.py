"""
=================
From text to tags
=================

skmultitag starts from embeddings. This example starts from texts: a pipeline turns them
into numbers, and these into tags. Two ways to numbers are compared:

* TF-IDF with a truncated SVD, which only needs scikit-learn;
* a sentence encoder of sentence-transformers, as a transformer of skrub. It is used if
  both are installed (``pip install ".[text]"``) and the model is on this machine:
  nothing is downloaded here.

The texts are 190 descriptions of invented software packages, in the manner of Debian's,
which are shipped with skmultitag. Two options take others: ``--hallmarks FOLDER`` reads
a copy of the Hallmarks of Cancer corpus, and ``--model NAME_OR_FOLDER`` takes another
encoder.
"""

# %%
# The texts
# ---------
# 190 texts are few. Only tags that are on 15 of them or more are kept, as nothing can
# be learnt of rarer ones.
import argparse
import os
import time
from tempfile import TemporaryDirectory

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import f1_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer

from skmultitag import MultiTagClassifier, predict_tags
from skmultitag.datasets import load_debtags_texts, load_hallmarks
from skmultitag.model_selection import multilabel_train_test_split

parser = argparse.ArgumentParser()
parser.add_argument("--hallmarks", help="folder of the Hallmarks of Cancer corpus")
parser.add_argument("--model", default="sentence-transformers/all-MiniLM-L6-v2")
args = parser.parse_args()

corpus = load_hallmarks(args.hallmarks) if args.hallmarks else load_debtags_texts()
frequent = corpus.target.sum(axis=0) >= 15
texts = pd.Series(corpus.data, name="text")
# a DataFrame names the labels, so that predict_tags can return their names
y = pd.DataFrame(corpus.target[:, frequent], columns=corpus.target_names[frequent])
texts_train, texts_test, y_train, y_test = multilabel_train_test_split(
    texts, y, test_size=1 / 3, random_state=0
)
print(f"{len(texts_train)} train and {len(texts_test)} test rows, {y.shape[1]} labels")

# %%
# From texts to numbers
# ---------------------
# skrub wants one column of texts, such as a Series. ``n_components=None`` keeps all
# dimensions of the embeddings; the default would reduce them to 30 by PCA. Where the
# model is missing, ``HF_HUB_OFFLINE=0`` in the environment lets skrub download it.
os.environ.setdefault("HF_HUB_OFFLINE", "1")


def make_sentence_encoder(model):
    """The encoder, or None and the reason why there is none."""
    try:
        try:
            from skrub import LLMEncoder
        except ImportError:  # skrub before 0.11
            from skrub import TextEncoder as LLMEncoder
        encoder = LLMEncoder(model, n_components=None)
        return encoder.fit(pd.Series(["Is the model here?"])), None
    except (ImportError, OSError, ValueError) as exc:
        return None, f"{type(exc).__name__}: {exc}"


tfidf = make_pipeline(
    TfidfVectorizer(sublinear_tf=True, stop_words="english", min_df=2),
    TruncatedSVD(100, random_state=0),
)
encoders = {"TF-IDF and SVD": tfidf}
sentence_encoder, reason = make_sentence_encoder(args.model)
if sentence_encoder is None:
    print(f"no sentence encoder, TF-IDF only: {' '.join(reason.split())[:150]}")
else:
    print(f"with the sentence encoder {args.model}")
    encoders["sentence encoder"] = sentence_encoder

# %%
# From numbers to tags
# --------------------
# With ``memory``, the pipeline keeps what its transformers made of the training texts
# in a folder. A second fit on the same texts takes it from there, which saves most of
# the time with an encoder, and little with TF-IDF. The folder of this example goes away
# at its end. With a folder of your own, the next run finds its embeddings there.
#
# 126 rows are two steps an epoch, and the 60 steps of 30 epochs are too few to learn
# the rarer tags. ``max_iter=200`` makes 400 of them.
cache = TemporaryDirectory()


def make_tagger(encoder):
    return make_pipeline(
        encoder,
        Normalizer(),
        MultiTagClassifier(max_iter=200, random_state=0),
        memory=cache.name,
    )


results, per_label = {}, {}
for name, encoder in encoders.items():
    seconds = []
    for _ in range(2):
        start = time.perf_counter()
        tagger = make_tagger(encoder).fit(texts_train, y_train)
        seconds.append(time.perf_counter() - start)
    predicted = tagger.predict(texts_test)
    per_label[name] = f1_score(y_test, predicted, average=None, zero_division=0)
    results[name] = {
        "macro F1": per_label[name].mean(),
        "micro F1": f1_score(y_test, predicted, average="micro", zero_division=0),
        "labels a row": np.asarray(predicted).sum(axis=1).mean(),
        "seconds, first fit": seconds[0],
        "seconds, second fit": seconds[1],
    }
print(f"\n{pd.DataFrame(results).T.round(2).to_string()}\n")
print(f"labels a row in the test part: {y_test.to_numpy().sum(axis=1).mean():.2f}")

# %%
# The second fit trains the network only. Predictions are not taken from the folder:
# each call of ``predict`` encodes its texts.
#
# Tags of new texts
# -----------------
# ``tagger`` is the last pipeline: the sentence encoder, if there is one. A pipeline has
# no method ``predict_tags``, so that the function of this name is called.
new_texts = pd.Series(
    [
        "pixelshift: edit photos on the desktop. A graphical program, in GTK, that"
        " crops and sharpens pictures.",
        "libfastmatrix-dev: development files of a C++ library for sparse matrices."
        " Headers and a static library, to compile programs with it.",
        "libtext-wrapper-perl: Perl module that breaks lines at word boundaries.",
    ],
    name="text",
)
if args.hallmarks:
    new_texts = texts_test[:3]
for text, tags in zip(new_texts, predict_tags(tagger, new_texts), strict=True):
    print(f"{text[:60]}...\n    {', '.join(tags) or '(none)'}")

# %%
# Which tags are found
# --------------------
# Tags with words of their own are found, such as those of Perl and of Python. With so
# few texts the bars change with the split: they are no ranking of encoders. On the
# abstracts of ``--hallmarks``, TF-IDF wins by far.
order = np.argsort(y_train.to_numpy().mean(axis=0))
height = 0.8 / len(per_label)
figure, ax = plt.subplots(figsize=(7, 5), layout="constrained")
for i, (name, scores) in enumerate(per_label.items()):
    ax.barh(np.arange(len(order)) + i * height, scores[order], height, label=name)
ax.set(xlabel="F1 on the test part", xlim=(0, 1))
ax.set_yticks(np.arange(len(order)) + 0.4 - height / 2, y.columns[order])
ax.legend()
figure.savefig("text_to_tags.png", dpi=150)
print("wrote text_to_tags.png")
cache.cleanup()

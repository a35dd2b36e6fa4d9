"""Ways from texts to tags on a few texts: the tables of the page "From text to tags".

The shipped descriptions of 300 Debian packages with their 15 commonest tags, and with
--hallmarks the abstracts of the Hallmarks of Cancer corpus. A third of the texts is the
test part, over some splits; means and standard deviations are printed.

Ways to numbers: TF-IDF with a truncated SVD, fitted on the training part, and with
--model a sentence encoder (skrub and sentence-transformers), which learns nothing from
the texts and so encodes all of them once. For the packages there is a third: the
shipped embeddings, those of all-MiniLM-L6-v2, of other packages as the training part.
It needs that model.

Run: python examples/benchmarks/bench_texts.py [--hallmarks FOLDER] [--model NAME]
[--splits 5]
"""

import argparse
import time

import numpy as np
import pandas as pd
from resumable import positive_int, scores_of
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer
from timing import threads

from skmultitag import MultiTagClassifier
from skmultitag.datasets import load_debtags, load_debtags_texts, load_hallmarks
from skmultitag.model_selection import multilabel_train_test_split

CLASSIFIERS = {
    "sigmoid_f1": {"loss": "sigmoid_f1"},
    "defaults": {},
    "max_iter=200": {"max_iter": 200},
    "batch_size=32": {"batch_size": 32},
}
MIN_POSITIVES = 15


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hallmarks", help="folder of the corpus")
    parser.add_argument("--model", help="sentence encoder, a name or a folder")
    parser.add_argument("--splits", type=positive_int, default=5)
    arguments = parser.parse_args()
    corpora = {"debtags": load_debtags_texts()}
    if arguments.hallmarks:
        corpora["hallmarks"] = load_hallmarks(arguments.hallmarks)
    rows = []
    with threads(1):
        for name, corpus in corpora.items():
            for row in run_corpus(corpus, arguments.model, arguments.splits):
                rows.append({"texts": name, **row})
    table = pd.DataFrame(rows).groupby(["texts", "numbers", "classifier"], sort=False)
    text = table.mean().map("{:.3f}".format) + table.std().map(" ± {:.3f}".format)
    print(text.to_string())


def run_corpus(corpus, model, n_splits):
    """Rows of scores of all ways, classifiers and splits."""
    frequent = corpus.target.sum(axis=0) >= MIN_POSITIVES
    texts, y = pd.Series(corpus.data, name="text"), corpus.target[:, frequent]
    embeddings = None if model is None else encode(texts, model)
    shipped = None
    if embeddings is not None and "packages" in corpus:
        shipped = shipped_rows(corpus.packages, corpus.target_names[frequent])
    for seed in range(n_splits):
        train, test = multilabel_train_test_split(
            np.arange(len(y)), y, test_size=1 / 3, random_state=seed
        )[:2]
        vectors = tfidf().fit(texts[train])
        ways = {"tfidf": [(vectors.transform(texts[rows])) for rows in (train, test)]}
        if embeddings is not None:
            ways["encoder"] = embeddings[train], embeddings[test]
        targets = dict.fromkeys(ways, y[train])
        if shipped is not None:
            ways["encoder, shipped rows"] = shipped[0], embeddings[test]
            targets["encoder, shipped rows"] = shipped[1]
        for way, (X_train, X_test) in ways.items():
            for name, parameters in CLASSIFIERS.items():
                classifier = MultiTagClassifier(**parameters, random_state=seed)
                y_pred = classifier.fit(X_train, targets[way]).predict(X_test)
                scores = scores_of(y[test], y_pred)
                yield {"numbers": way, "classifier": name, **scores}


def tfidf():
    return make_pipeline(
        TfidfVectorizer(sublinear_tf=True, stop_words="english", min_df=2),
        TruncatedSVD(100, random_state=0),
        Normalizer(),
    )


def encode(texts, model):
    """Embeddings of length 1, and the seconds that they took, printed."""
    from skrub import LLMEncoder

    start = time.perf_counter()
    encoder = make_pipeline(LLMEncoder(model, n_components=None), Normalizer())
    embeddings = np.asarray(encoder.fit_transform(texts))
    print(f"{len(texts)} texts encoded in {time.perf_counter() - start:.0f} s")
    return embeddings


def shipped_rows(packages, tags):
    """Embeddings and targets of the training rows of other packages."""
    data = load_debtags()
    is_other = ~data.is_test & ~np.isin(data.packages, packages)
    columns = [list(data.target_names).index(tag) for tag in tags]
    return data.data[is_other], data.target[is_other][:, columns]


if __name__ == "__main__":
    main()

"""Ways from texts to tags on a few texts: the tables of the page "From text to tags".

"debtags" are the 190 shipped descriptions of packages with their 17 commonest tags,
"hallmarks=FOLDER" the abstracts of the Hallmarks of Cancer corpus. A third of the texts
is the test part; a seed is a split.

Ways to numbers: TF-IDF with a truncated SVD, fitted on the training part, and with
"model=NAME" a sentence encoder (skrub and sentence-transformers), which learns nothing
from the texts and so encodes all of them once. For the packages there is a third: the
shipped embeddings, those of all-MiniLM-L6-v2, of other packages as the training part.
It needs that model.
"""

import numpy as np
import pandas as pd
from harness.metrics import scores_of
from harness.report import cells, write_frame
from harness.run import main
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer

from skmultitag import MultiTagClassifier
from skmultitag.datasets import load_debtags, load_debtags_texts, load_hallmarks
from skmultitag.model_selection import multilabel_train_test_split

CLASSIFIERS = {
    "sigmoid_f1": {"loss": "sigmoid_f1"},
    "defaults": {},
    "max_iter=200": {"max_iter": 200},
    "batch_size=32": {"batch_size": 32},
}
WAYS = ("tfidf", "encoder", "encoder, shipped rows")
MIN_POSITIVES = 15


def load(arguments):
    """Texts and targets of each corpus, and with a model their embeddings.

    For the packages then also embeddings and targets of other packages.
    """
    known = dict(argument.partition("=")[::2] for argument in arguments)
    model = known.pop("model", None)
    unknown = set(known) - {"debtags", "hallmarks"}
    if unknown:
        raise SystemExit(
            "Data are debtags, hallmarks=FOLDER and model=NAME. "
            f"Got {', '.join(sorted(unknown))}."
        )
    data_sets = {}
    for name, folder in known.items():
        corpus = load_hallmarks(folder) if folder else load_debtags_texts()
        frequent = corpus.target.sum(axis=0) >= MIN_POSITIVES
        parts = [np.array(corpus.data, dtype=str), corpus.target[:, frequent]]
        if model:
            parts.append(encode(corpus.data, model))
        if model and name == "debtags":
            parts += shipped_rows(corpus.packages, corpus.target_names[frequent])
        data_sets[name] = parts
    return data_sets


def encode(texts, model):
    """Embeddings of length 1."""
    from skrub import LLMEncoder

    encoder = make_pipeline(LLMEncoder(model, n_components=None), Normalizer())
    return np.asarray(encoder.fit_transform(pd.Series(texts, name="text")))


def shipped_rows(packages, tags):
    """Embeddings and targets of the training rows of other packages."""
    data = load_debtags()
    is_other = ~data.is_test & ~np.isin(data.packages, packages)
    columns = [list(data.target_names).index(tag) for tag in tags]
    return data.data[is_other], data.target[is_other][:, columns]


def make_cases(data_sets, n_seeds):
    return [
        {"data": data, "numbers": way, "classifier": classifier, "seed": seed}
        for seed in range(n_seeds)
        for data, (_, _, *encoded) in data_sets.items()
        for way in WAYS[: 1 + (len(encoded) + 1) // 2]
        for classifier in CLASSIFIERS
    ]


def run_case(data, case):
    texts, y, *encoded = data
    train, test = multilabel_train_test_split(
        np.arange(len(y)), y, test_size=1 / 3, random_state=case["seed"]
    )[:2]
    y_train = y[train]
    if case["numbers"] == "tfidf":
        vectors = tfidf().fit(texts[train])
        X_train, X_test = (vectors.transform(texts[rows]) for rows in (train, test))
    else:
        X_train, X_test = (encoded[0][rows] for rows in (train, test))
        if case["numbers"] == "encoder, shipped rows":
            X_train, y_train = encoded[1:]
    parameters = CLASSIFIERS[case["classifier"]]
    model = MultiTagClassifier(**parameters, random_state=case["seed"])
    return [scores_of(y[test], model.fit(X_train, y_train).predict(X_test))]


def tfidf():
    return make_pipeline(
        TfidfVectorizer(sublinear_tf=True, stop_words="english", min_df=2),
        TruncatedSVD(100, random_state=0),
        Normalizer(),
    )


def report(table, folder):
    """Means and standard deviations over splits."""
    table = table.sort_index()
    groups = table.groupby(["data", "numbers", "classifier"], sort=False)
    groups = groups[["macro", "micro", "labels"]]
    write_frame(folder / "texts.rst", cells(groups.mean(), groups.std()))


if __name__ == "__main__":
    main(__doc__, make_cases, run_case, report, load=load)

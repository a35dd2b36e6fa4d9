"""The format of the two corpora of PubMed abstracts with a taxonomy of labels."""

import os
from numbers import Integral
from typing import NamedTuple

from sklearn.utils import Bunch

from skmultitag.datasets._base import (
    as_strings,
    broken_line,
    check_few_labels,
    encode_tags,
    find_path,
    read_lines,
    wrong_folder,
)
from skmultitag.utils._messages import shorten
from skmultitag.utils._sklearn import Interval

# the taxonomies have 5: the names of nodes, with those above them, grow by its square
_MOST_LEVELS = 50

PARAMETER_CONSTRAINTS = {
    "path": [str, os.PathLike],
    "depth": [Interval(Integral, 1, None, closed="left"), None],
    "return_X_y": ["boolean"],
}


class Corpus(NamedTuple):
    """What tells the corpora apart.

    Attributes
    ----------
    source : str
        Where the corpus can be had.

    branches : sequence of str
        The uppermost nodes. Letters in upper case only count where a branch has some,
        as one of the corpora is not strict about them.

    description : str
    """

    source: str
    branches: tuple
    description: str


def load_corpus(corpus, path, depth, return_X_y):
    """Return what the loader of a corpus returns."""
    data, target, names, pmids = _read_abstracts(corpus, path, depth)
    if return_X_y:
        return data, target
    return Bunch(
        data=data,
        target=target,
        target_names=names,
        pmids=pmids,
        DESCR=corpus.description,
    )


def _read_abstracts(corpus, path, depth):
    """Read the folders "text" and "labels", with a file for each abstract in both.

    A line of text is a sentence. The labels are one line: a "<" before those of each
    sentence, " AND" between those of the same sentence, and "--" between the nodes of
    the taxonomy from a branch down to the label, as in
    ``< <Cellular energetics--Glycolysis/Warburg effect< ``.

    Parameters
    ----------
    corpus : Corpus

    path : str or path-like
        The folder of both folders.

    depth : int or None
        How far down the taxonomy labels go. None for all of it.

    Returns
    -------
    texts : ndarray of str of shape (n_samples,)
        The abstracts.

    target : ndarray of shape (n_samples, n_labels)
        Indicator of the labels of any sentence, and of the nodes above them.

    names : ndarray of str of shape (n_labels,)
        The nodes.

    ids : ndarray of str of shape (n_samples,)
        Names of the files, which are identifiers of PubMed.
    """
    source, branches, _ = corpus
    folder = find_path(path, source)
    ids, text_folder, label_folder = _pairs(folder, source)
    texts, tags = [], []
    for name in ids:
        text_file = text_folder / f"{name}.txt"
        sentences = [line.strip() for _, line in read_lines(text_file, source)]
        if not any(sentences):
            raise broken_line(text_file, 1, "a sentence a line", "no text", source)
        texts.append(" ".join(sentences))
        label_file = label_folder / f"{name}.txt"
        line = "".join(line for _, line in read_lines(label_file, source))
        tags.append(_nodes(label_file, line, len(sentences), corpus, depth))
    names = sorted(set(branches).union(*tags))
    check_few_labels(label_folder, names, source)
    target, names = encode_tags(tags, names)
    return as_strings(texts), target, names, as_strings(ids)


def _pairs(folder, source):
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder} is a file and not the folder of the data.")
    text_folder, label_folder = folder / "text", folder / "labels"
    if not (text_folder.is_dir() and label_folder.is_dir()):
        raise wrong_folder(folder, "the folders text and labels", source)
    ids, others = (
        {file.stem for file in part.glob("*.txt")}
        for part in (text_folder, label_folder)
    )
    if ids != others:
        name = min(ids ^ others)
        has, lacks = "text", "labels"
        if name in others:
            has, lacks = lacks, has
        raise FileNotFoundError(
            f"{folder / has} has {name}.txt, but {folder / lacks} has not. Get the data"
            f" from {source}."
        )
    if not ids:
        raise FileNotFoundError(
            f"{text_folder} has no .txt files. Get the data from {source}."
        )
    return sorted(ids), text_folder, label_folder


def _nodes(file, line, n_sentences, corpus, depth):
    """The nodes of an abstract, from the line of its labels."""
    source, branches, _ = corpus
    is_lower = all(branch == branch.lower() for branch in branches)
    start, *sentences = line.split("<")
    if start.strip() or len(sentences) != n_sentences:
        raise broken_line(
            file,
            1,
            f'a "<" before the labels of each of {n_sentences} sentences',
            f"{len(sentences)} of them in {line[:80]!r}",
            source,
        )
    nodes = set()
    for sentence in sentences:
        for label in sentence.split(" AND"):
            label = label.lower() if is_lower else label
            parts = [part.strip() for part in label.split("--") if part.strip()]
            # some sentences say so where others have nothing
            if parts in ([], ["NULL"], ["null"]):
                continue
            if parts[0] not in branches:
                expected = f"labels below {', '.join(branches)}"
                raise broken_line(file, 1, expected, shorten(label), source)
            if len(parts) > _MOST_LEVELS:
                expected = f"labels of {_MOST_LEVELS} levels at most"
                raise broken_line(file, 1, expected, len(parts), source)
            parts = parts[:depth]
            nodes.update("--".join(parts[: i + 1]) for i in range(len(parts)))
    return nodes

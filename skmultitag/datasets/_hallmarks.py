from skmultitag.datasets._annotated_abstracts import (
    PARAMETER_CONSTRAINTS,
    Corpus,
    load_corpus,
)
from skmultitag.utils._sklearn import validate_params

SOURCE = "https://github.com/sb895/Hallmarks-of-Cancer"

HALLMARKS = (
    "Activating invasion and metastasis",
    "Avoiding immune destruction",
    "Cellular energetics",
    "Enabling replicative immortality",
    "Evading growth suppressors",
    "Genomic instability and mutation",
    "Inducing angiogenesis",
    "Resisting cell death",
    "Sustaining proliferative signaling",
    "Tumor promoting inflammation",
)

DESCRIPTION = f"""\
Hallmarks of Cancer
-------------------

Task: predict from the abstract of a paper on cancer which hallmarks of cancer it is
about. Experts gave labels of a taxonomy to each sentence. Here an abstract has the
labels of all its sentences, and the nodes above them.

The whole corpus has 1852 abstracts of PubMed. If the labels are the 10 hallmarks, an
abstract has 0 to 5 labels, 1.3 on average, and 15 % have none. The taxonomy has 37
nodes.

Source: {SOURCE}, which is under the GPL, version 3. The publishers of the abstracts may
hold rights in them.

Baker et al. (2016), "Automatic semantic classification of scientific literature
according to the hallmarks of cancer", Bioinformatics 32(3).
"""

CORPUS = Corpus(SOURCE, HALLMARKS, DESCRIPTION)


@validate_params(PARAMETER_CONSTRAINTS, prefer_skip_nested_validation=True)
def load_hallmarks(path, *, depth=1, return_X_y=False):
    r"""Load the Hallmarks of Cancer corpus: abstracts and the 10 hallmarks.

    ==============   ==================
    Rows                           1852
    Data                          texts
    Labels           10, or 37 in depth
    Labels a row            0 to 5, 1.3
    ==============   ==================

    The corpus does not come with the package. It is read from a copy of its repository.

    Each abstract is a .txt file in the folder "text", with one sentence on each line.
    The folder "labels" has a file of the same name with a single line. This line has a
    "<" for each sentence, followed by the labels of the sentence. " AND" separates two
    labels. A label is a path in the taxonomy, with "--" between the levels. If a
    sentence has no labels, nothing or NULL follows.

    Read more in the :ref:`User Guide <published_data>`.

    Parameters
    ----------
    path : str or path-like
        Folder of the copy, which contains the folders "text" and "labels".

    depth : int or None, default=1
        Deepest level of the taxonomy that is used, in [1, inf): 1 for the 10 hallmarks,
        None for all nodes. A row that has a node has the nodes above it too.

    return_X_y : bool, default=False
        Whether to return `(data, target)` only.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        With the attributes

        data : ndarray of str of shape (n_samples,)
            The abstracts. Words and punctuation marks are separated by spaces.
        target : ndarray of shape (n_samples, n_labels)
            Indicator of 0 and 1, int64. A row has the labels of all its sentences.
        target_names : ndarray of str of shape (n_labels,)
            The nodes, as paths such as "Resisting cell death--Apoptosis".
        pmids : ndarray of str of shape (n_samples,)
            Identifiers in PubMed.
        DESCR : str
            What the data are.

    (data, target) : tuple
        If `return_X_y`.

    Raises
    ------
    FileNotFoundError
        If a folder or file is missing.

    ValueError
        If a file has another format. The message names the file and the line.

    See Also
    --------
    load_chemical_exposure : Another corpus in the same format.

    References
    ----------
    Baker et al. (2016), `Automatic semantic classification of scientific literature
    according to the hallmarks of cancer <https://doi.org/10.1093/bioinformatics/btv585>`_,
    Bioinformatics 32(3). The `corpus <https://github.com/sb895/Hallmarks-of-Cancer>`_
    is under the GPL, version 3; publishers may hold rights in the abstracts.

    Examples
    --------
    A folder in the format of the corpus, with one abstract of two sentences. The first
    sentence has two labels, the second has none:

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from skmultitag.datasets import load_hallmarks
    >>> with TemporaryDirectory() as folder:
    ...     for part, text in [
    ...         ("text", "Cells took up glucose .\nControls did not .\n"),
    ...         (
    ...             "labels",
    ...             "<Cellular energetics--Glycolysis/Warburg effect"
    ...             " ANDResisting cell death--Apoptosis< ",
    ...         ),
    ...     ]:
    ...         Path(folder, part).mkdir()
    ...         _ = Path(folder, part, "123.txt").write_text(text)
    ...     corpus = load_hallmarks(folder)
    >>> corpus.data[0]
    'Cells took up glucose . Controls did not .'
    >>> corpus.target_names[corpus.target[0] == 1].tolist()
    ['Cellular energetics', 'Resisting cell death']
    """
    return load_corpus(CORPUS, path, depth, return_X_y)

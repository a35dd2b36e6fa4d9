from skmultitag.datasets._annotated_abstracts import (
    PARAMETER_CONSTRAINTS,
    Corpus,
    load_corpus,
)
from skmultitag.utils._sklearn import validate_params

SOURCE = "https://github.com/sb895/chemical-exposure-information-corpus"

BRANCHES = ("biomonitoring", "exposure routes", "site comparisons")

DESCRIPTION = f"""\
Chemical Exposure Information
-----------------------------

Task: predict from the abstract of a paper which kinds of information on exposure to
chemicals it has, such as "biomonitoring--exposure biomarker--urine". Experts gave
labels of a taxonomy to each sentence. Here an abstract has the labels of all its
sentences, and the nodes above them. Names are in lower case, because the files write
some nodes in both ways.

The whole corpus has 3661 abstracts of PubMed, all with labels. The taxonomy has 69
nodes, and an abstract has 6.3 labels on average. The first level has 3 branches, with
1.5 labels for each abstract. Down to depth 2 there are 11 nodes, and down to depth 3
there are 31. Most of the deeper nodes are groups of people: children, workers, pregnant
women.

Source: {SOURCE}, which is under the GPL, version 3. The publishers of the abstracts may
hold rights in them.

Larsson et al. (2017), "Text mining for improved exposure assessment", PLoS ONE 12(3).
"""

CORPUS = Corpus(SOURCE, BRANCHES, DESCRIPTION)


@validate_params(PARAMETER_CONSTRAINTS, prefer_skip_nested_validation=True)
def load_chemical_exposure(path, *, depth=None, return_X_y=False):
    r"""Load the Chemical Exposure Information corpus: abstracts and a taxonomy.

    ==============   ========================
    Rows                                 3661
    Data                                texts
    Labels           69, 31, 11 or 3 by depth
    Labels a row                 1 to 20, 6.3
    ==============   ========================

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

    depth : int or None, default=None
        Deepest level of the taxonomy that is used, in [1, inf). None for all levels. A
        row that has a node has the nodes above it too.

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
            The nodes, as paths such as "exposure routes--inhalation", in lower case.
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
    load_hallmarks : Another corpus in the same format.

    References
    ----------
    Larsson et al. (2017), `Text mining for improved exposure assessment
    <https://doi.org/10.1371/journal.pone.0173132>`_, PLoS ONE 12(3). The `corpus
    <https://github.com/sb895/chemical-exposure-information-corpus>`_ is under the GPL,
    version 3; publishers may hold rights in the abstracts.

    Examples
    --------
    A folder in the format of the corpus, with one abstract of two sentences. The first
    sentence has two labels, the second has none:

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from skmultitag.datasets import load_chemical_exposure
    >>> with TemporaryDirectory() as folder:
    ...     for part, text in [
    ...         ("text", "Dust was taken .\nBlood was not .\n"),
    ...         (
    ...             "labels",
    ...             "<exposure routes--oral intake--dust"
    ...             " ANDbiomonitoring--effect marker< ",
    ...         ),
    ...     ]:
    ...         Path(folder, part).mkdir()
    ...         _ = Path(folder, part, "123.txt").write_text(text)
    ...     corpus = load_chemical_exposure(folder, depth=2)
    >>> corpus.target_names[corpus.target[0] == 1].tolist()
    ['biomonitoring', 'biomonitoring--effect marker', 'exposure routes',
     'exposure routes--oral intake']
    """
    return load_corpus(CORPUS, path, depth, return_X_y)

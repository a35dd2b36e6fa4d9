import numpy as np
from scipy import sparse

from skmultitag.utils._annotation import is_partial, with_nan
from skmultitag.utils._nested_target_encoder import (
    NestedTargetEncoder,
    with_columns_for_ancestors,
)
from skmultitag.utils._target_forms import read_form


def add_ancestors(y, hierarchy, *, label_names=None):
    """Add the ancestors of all labels to each row of a target.

    Labels that only occur as parents, such as "use" above "use::checking", become
    labels too. Use the result to compare classifiers with and without a hierarchy on
    the same labels.

    Read more in the :ref:`User Guide <nested_labels>`.

    Parameters
    ----------
    y : {array-like, sparse matrix} of shape (n_samples, n_labels) or list of \
            n_samples lists of tags
        Targets in any form that :class:`~skmultitag.MultiTagClassifier` takes, except
        those of one dimension.

    hierarchy : str, dict or array-like of shape (n_edges, 2)
        A separator, a dict with the parent or parents of each label, or pairs (parent,
        child), see :class:`HierarchicalClassifier`.

    label_names : array-like of shape (n_labels,), default=None
        Names of the columns of an indicator. None takes the columns of a DataFrame, or
        0 to n_labels - 1 for an array.

    Returns
    -------
    indicator : {ndarray, CSR matrix} of int64 of shape (n_samples, n_all_labels)
        The target with all ancestors, sparse if `y` is sparse. The columns of an
        indicator come first, in their order. Tags are sorted. If entries are not
        annotated, it is float64 and has NaN; a label that is added is annotated in the
        rows in which all labels below it are annotated.

    label_names : ndarray of shape (n_all_labels,)
        Names of the columns.

    Raises
    ------
    ValueError
        If the hierarchy has a cycle, if no label has a parent in it, or if the number
        of `label_names` is not the number of columns.

    Examples
    --------
    >>> from skmultitag.hierarchy import add_ancestors
    >>> tags = [["use::checking"], ["use::editing", "game"]]
    >>> indicator, label_names = add_ancestors(tags, "::")
    >>> label_names
    array(['game', 'use', 'use::checking', 'use::editing'], dtype=object)
    >>> indicator
    array([[0, 1, 1, 0],
           [1, 1, 0, 1]])
    """
    form = read_form(y)
    if form.kind == "column":
        raise ValueError("y must have several labels for each row. Got one dimension.")
    is_sparse = sparse.issparse(form.data)
    if form.kind == "indicator":
        form = with_columns_for_ancestors(form, hierarchy, label_names)
    elif label_names is not None:
        raise ValueError("label_names must be None if y has tags, which are names.")
    encoder = NestedTargetEncoder(hierarchy)
    indicator = encoder.fit_transform(form, form.names, allow_missing=True)
    if is_sparse:
        target = sparse.csr_matrix(with_nan(indicator))
        target = target if is_partial(indicator) else target.astype(np.int64)
    else:
        target = encoder.as_target(indicator)
    return target, encoder.label_names_

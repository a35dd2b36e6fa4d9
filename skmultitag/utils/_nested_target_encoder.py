import copy

import numpy as np
from scipy import sparse

from skmultitag.utils._annotation import has_nan
from skmultitag.utils._by_label import check_label_names
from skmultitag.utils._hierarchy import (
    close_target,
    hierarchy_edges,
    max_over_descendants,
    read_hierarchy,
    with_ancestors,
)
from skmultitag.utils._messages import shorten
from skmultitag.utils._target_encoder import TargetEncoder, dense
from skmultitag.utils._target_forms import check_tags, names_as_list, read_form


class NestedTargetEncoder(TargetEncoder):
    """A target encoder that gives each row the ancestors of its labels.

    Parameters
    ----------
    hierarchy : str, dict or array-like of shape (n_edges, 2)
        See `hierarchy_edges`.

    close_targets : bool, default=True
        Whether ancestors may be missing in `fit_transform`.

    Attributes
    ----------
    edges_ : ndarray of shape (n_edges, 2)
        Columns of a parent and a child.
    """

    def __init__(self, hierarchy, close_targets=True):
        self.hierarchy = hierarchy
        self.close_targets = close_targets

    def fit_transform(
        self, y, classes=None, *, name="y", as_tags=False, allow_missing=False
    ):
        given = read_form(y, name, as_tags=as_tags)
        form = self._with_ancestors(given, name)
        indicator = super().fit_transform(
            form, classes, name=name, allow_missing=allow_missing
        )
        if self.kind_ == "binary" and len(self.hierarchy):
            raise ValueError(
                f"{name} has one dimension, so that there are no labels for the"
                f" hierarchy {shorten(self.hierarchy)}. Pass an indicator or tags."
            )
        self.edges_ = np.empty((0, 2), dtype=np.int64)
        if self.kind_ == "multilabel":
            self.edges_ = hierarchy_edges(self.hierarchy, self.label_names_)
        closed = close_target(indicator, self.edges_)
        if not self.close_targets:
            indicator = TargetEncoder().fit_transform(
                given, self.label_names_, allow_missing=True
            )
            self._check_closed(dense(indicator), dense(closed), name)
        return closed

    def like(self, y, *, name="y", allow_missing=False):
        indicator, flat = super().like(y, name=name, allow_missing=allow_missing)
        other = copy.copy(self)
        vars(other).update(vars(flat))
        return close_target(indicator, self.edges_), other

    def read_like(self, y, name="y"):
        form = super().read_like(y, name)
        if form.names is not None:  # a table may have the lower labels only
            return with_columns_for_ancestors(form, self.hierarchy)
        return self._with_ancestors(form, name)

    def _with_ancestors(self, form, name):
        """Tags of rows with those above them, which may be labels of no other row."""
        if form.of_dicts:  # rows that are dicts, whose labels are no columns either
            return with_columns_for_ancestors(form, self.hierarchy)
        if form.kind != "tags":
            return form
        check_tags(form.data, name)
        parents_of = read_hierarchy(self.hierarchy)
        return form._replace(data=[with_ancestors(r, parents_of) for r in form.data])

    def _check_closed(self, indicator, closed, name):
        is_missing = (indicator == 0) & (closed == 1)
        if is_missing.any():
            row, column = np.argwhere(is_missing)[0]
            names = self.label_names_.tolist()
            labels = [names[label] for label in np.flatnonzero(indicator[row] == 1)]
            raise ValueError(
                f"{name} contradicts the hierarchy in {is_missing.any(axis=1).sum()}"
                f" rows: row {row} has {shorten(labels)}, but not {names[column]!r},"
                " which is above one of them. close_targets=True adds such labels."
            )


def with_columns_for_ancestors(form, hierarchy, label_names=None):
    """An indicator with one more column for each label that is only a parent.

    It is 0, or NaN where a label below is not annotated: the rows are not closed yet.

    Parameters
    ----------
    form : TargetForm

    hierarchy : str, dict or array-like of shape (n_edges, 2)

    label_names : array-like of shape (n_labels,), default=None
        None for those of the form, or 0 to n_labels - 1.

    Returns
    -------
    form : TargetForm
        With names, the old columns first.
    """
    names = form.names if label_names is None else names_as_list(label_names)
    n_rows, n_labels = form.data.shape
    names = list(range(n_labels)) if names is None else names
    check_label_names(names, n_labels)
    names = with_ancestors(names, read_hierarchy(hierarchy))
    zeros = sparse.csr_array((n_rows, len(names) - n_labels), dtype=form.data.dtype)
    if sparse.issparse(form.data) and not has_nan(form.data):
        data = sparse.hstack([form.data, zeros], format="csr")
        return form._replace(data=data, names=names)
    data = np.hstack([dense(form.data), zeros.toarray()])
    if has_nan(data):
        # a new label is annotated in the rows in which all below it are
        edges = hierarchy_edges(hierarchy, names)
        is_unknown = max_over_descendants(np.isnan(data), edges)[:, n_labels:]
        data[:, n_labels:][is_unknown] = np.nan
    return form._replace(data=data, names=names)

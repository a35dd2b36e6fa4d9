"""Reads a target of any form as an indicator matrix, and writes predictions back."""

import copy
from collections.abc import Set
from itertools import pairwise

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.preprocessing import LabelBinarizer, MultiLabelBinarizer
from sklearn.utils import check_array, column_or_1d
from sklearn.utils.multiclass import check_classification_targets, unique_labels

from skmultitag.utils._annotation import as_partial, is_partial, with_nan
from skmultitag.utils._messages import shorten
from skmultitag.utils._target_forms import (
    as_objects,
    check_column,
    check_not_joined,
    check_tags,
    is_missing,
    names_as_list,
    read_form,
    wrong_entry,
)


class TargetEncoder(BaseEstimator):
    """Translate between a user's target `y` and an indicator matrix of 0 and 1.

    Attributes
    ----------
    kind_ : {"multilabel", "binary", "multiclass"}
        The last two for a `y` of one dimension.

    classes_ : ndarray of shape (n_labels,), (n_labels, 2) or (n_classes,)
        The numbers of the labels from three labels on, as scikit-learn's multilabel
        classifiers have them; rows [0, 1] for one or two, which its scorers would take
        for the classes of one label.

    label_names_ : ndarray of shape (n_labels,)
        The tags, the column names of a DataFrame, else 0 to n_labels - 1; `classes_`
        for a `y` of one dimension.

    n_outputs_ : int
        Number of columns of the indicator matrix.
    """

    def fit_transform(
        self, y, classes=None, *, name="y", as_tags=False, allow_missing=False
    ):
        """Learn the form of `y` and return it as an indicator matrix.

        Parameters
        ----------
        y : array-like, sparse matrix or list of tag lists
            See :class:`~skmultitag.MultiTagClassifier`. Or what `read_form` returns.

        classes : array-like, default=None
            All tags, the names of all columns, or all classes of a `y` of one
            dimension, where `y` need not have all; columns with names are put in this
            order. None for those of `y`.

        name : str, default="y"
            What error messages call it.

        as_tags : bool, default=False
            Whether a list is known to hold tags, whatever it looks like.

        allow_missing : bool, default=False
            Whether entries of an indicator may be missing: they are not annotated.

        Returns
        -------
        indicator : ndarray or CSR matrix of uint8 of shape (n_samples, n_outputs)
            Sparse for sparse `y` and for lists of tags. Of int8, see `_annotation`, if
            entries are missing.
        """
        form = read_form(y, name, as_tags=as_tags)
        if classes is not None:
            classes = _check_classes(classes)
        self._is_tags = form.kind == "tags"
        if form.kind == "indicator":
            return self._fit_indicator(form, classes, name, allow_missing)
        fit = self._fit_tags if self._is_tags else self._fit_column
        return fit(form, classes, name)

    def transform(self, y, *, name="y", allow_missing=False):
        """Return another `y` with the same labels as an indicator matrix."""
        return self.like(y, name=name, allow_missing=allow_missing)[0]

    def like(self, y, *, name="y", allow_missing=False):
        """Read another `y` with the same labels, paired by name if it has names.

        Returns
        -------
        indicator : ndarray or CSR matrix of uint8 of shape (n_samples, n_outputs)

        encoder : TargetEncoder
            That writes predictions in the form of this `y`.
        """
        form, other = self.read_like(y, name), TargetEncoder()
        indicator = other.fit_transform(
            form, self.label_names_, name=name, allow_missing=allow_missing
        )
        if other.kind_ != self.kind_:
            raise ValueError(
                f"{name} must be {self.kind_} as before. Got {other.kind_} {name}."
            )
        return indicator, other

    def read_like(self, y, name="y"):
        """The form of another `y`, where it could be one or the other that of this."""
        form = read_form(y, name, as_tags=self._is_tags)
        is_one_label = self.kind_ == "multilabel" and self.n_outputs_ == 1
        if is_one_label and form.kind == "column" and form.data.ndim == 2:
            return form._replace(kind="indicator")
        return form

    def _fit_indicator(self, form, classes, name, allow_missing):
        indicator = self._read_entries(form, name, allow_missing)
        n_columns = indicator.shape[1]
        names = None if form.names is None else _name_array(form.names, name)
        if classes is None:
            self._set_multilabel(np.arange(n_columns) if names is None else names)
            return _check_any_positive(indicator, name)
        classes = _name_array(classes, "classes")
        self._set_multilabel(classes)
        if names is None and n_columns != len(classes):
            raise ValueError(
                f"{name} must have a column for each of the {len(classes)} labels"
                f" {shorten(classes)}, in their order. Got {n_columns} columns."
            )
        if names is None or names.tolist() == classes.tolist():
            return indicator
        names, classes = names.tolist(), classes.tolist()
        return _in_order(indicator, names, classes, form.of_dicts, name)

    def _read_entries(self, form, name, allow_missing):
        """An indicator as one of one byte an entry; notes its type and dtype."""
        y, dtype = form.data, form.data.dtype
        # names, as a state that is saved should hold no types
        self._sparse_type = _sparse_type_of(y) if sparse.issparse(y) else None
        indicator = check_array(
            y,
            accept_sparse="csr",
            dtype=None if dtype.kind in "bui" else np.float64,
            ensure_min_samples=0,
            ensure_min_features=0,
            input_name=name,
            ensure_all_finite=False,  # the next check says where
        )
        has_missing = _check_zeros_and_ones(indicator, name, form.names, allow_missing)
        if indicator.shape[1] == 0:
            raise ValueError(f"{name} has no labels: its shape is {indicator.shape}.")
        if has_missing:
            indicator = as_partial(indicator)
            dtype = np.dtype(np.int64)  # only NaN has made it a float
        else:
            # a copy only if it is not of one byte an entry already
            indicator = indicator.astype(np.uint8, copy=False)
        self._dtype = _dtype_to_predict(dtype).name
        return indicator

    def _fit_tags(self, form, classes, name):
        tags = check_tags(form.data, name)
        if classes is not None:
            classes = _name_array(classes, "classes").tolist()
            unknown = tags.difference(classes)
            if unknown:
                raise ValueError(
                    f"{name} has tags that are not among the known ones, such as"
                    f" {shorten(next(iter(unknown)))}. Known are {shorten(classes)},"
                    " from the y of fit or the classes of the first partial_fit."
                )
        binarizer = MultiLabelBinarizer(classes=classes, sparse_output=True)
        try:
            indicator = binarizer.fit_transform(form.data)
        except TypeError as exc:
            raise TypeError(
                f"The tags in {name} must all be strings or all be numbers, so"
                f" that they can be sorted: {exc}."
            ) from exc
        if indicator.shape[1] == 0:
            raise ValueError(f"{name} has no labels: all its tag lists are empty.")
        self._dtype, self._sparse_type = "int64", None
        self._set_multilabel(binarizer.classes_)
        return indicator.astype(np.uint8)

    def _fit_column(self, form, classes, name):
        check_column(form.data, name)
        y = column_or_1d(form.data, warn=True)
        check_classification_targets(y)
        self.classes_ = unique_labels(y if classes is None else classes)
        if classes is None:
            check_not_joined(self.classes_, name)
        else:
            check_not_joined(np.unique(y), name, known=self.classes_.tolist())
        self.label_names_ = self.classes_
        unknown = np.setdiff1d(y, self.classes_)
        if len(unknown):
            raise ValueError(
                f"{name} has the classes {shorten(unknown)}, which are not among"
                f" the known ones, {shorten(self.classes_)}."
            )
        if len(self.classes_) < 2:
            raise ValueError(
                f"{name} needs samples of at least 2 classes, but it has only one"
                f" class or none: {shorten(self.classes_)}."
            )
        self.kind_ = "binary" if len(self.classes_) == 2 else "multiclass"
        indicator = LabelBinarizer().fit(self.classes_).transform(y).astype(np.uint8)
        self.n_outputs_ = indicator.shape[1]
        return indicator

    def _set_multilabel(self, names):
        self.kind_ = "multilabel"
        self.label_names_ = names
        self.n_outputs_ = len(names)
        self.classes_ = np.arange(len(names))
        if len(names) < 3:  # scikit-learn would take them for classes of one label
            self.classes_ = np.tile([0, 1], (len(names), 1))

    @property
    def is_sparse_(self):
        """Whether `inverse_transform` returns a sparse matrix."""
        return self.kind_ == "multilabel" and self._sparse_type is not None

    def inverse_transform(self, indicator):
        """Write an indicator (n_samples, n_outputs) in the form of the target.

        For "multiclass" each row must have exactly one positive. Where entries are not
        annotated, it is an array with NaN.
        """
        if is_partial(indicator):
            return with_nan(dense(indicator))
        if self.kind_ == "binary":
            return self.classes_[indicator[:, 0].astype(np.intp)]
        if self.kind_ == "multiclass":
            return self.classes_[indicator.argmax(axis=1)]
        indicator = indicator.astype(self._dtype)
        if self._sparse_type is None:
            return indicator
        return getattr(sparse, self._sparse_type)(indicator)

    def as_margin(self, scores):
        """Write scores (n_samples, n_outputs) as `decision_function` returns them."""
        return scores[:, 0] if self.kind_ == "binary" else scores

    def as_proba(self, proba):
        """Write probabilities (n_samples, n_outputs) as `predict_proba` returns them.

        For "multiclass" they need not sum to 1.
        """
        if self.kind_ == "binary":
            return np.hstack([1 - proba, proba])
        if self.kind_ == "multiclass":
            return proba / proba.sum(axis=1, keepdims=True)
        return proba

    def decide(self, scores, threshold=0):
        """Indicator of the scores above a threshold, or of the largest of classes."""
        if self.kind_ == "multiclass":
            return scores == scores.max(axis=1, keepdims=True)
        return scores > threshold

    def with_dense_output(self):
        """A copy that writes arrays though its target was sparse."""
        other = copy.copy(self)
        other._sparse_type = None
        return other

    def as_target(self, indicator):
        """Write an indicator as all classifiers and metrics of scikit-learn take it.

        Returns
        -------
        y : ndarray of int64 of shape (n_samples, n_labels), or of shape (n_samples,)
            Classes for a target of one dimension; float64 with NaN where entries are
            not annotated.
        """
        if self.kind_ != "multilabel":
            return self.inverse_transform(indicator == 1)
        indicator = dense(indicator)
        if is_partial(indicator):
            return with_nan(indicator)
        return indicator.astype(np.int64)

    def tags(self, y):
        """The names of the labels of each row of a target, a list of tuples."""
        if self.kind_ != "multilabel":
            return [(label,) for label in y.tolist()]
        return tags_of_rows(y, self.label_names_)


def tags_of_rows(y, names):
    """Names of the labels of each row of an indicator, a list of tuples."""
    rows = sparse.csr_array(y)
    rows.eliminate_zeros()
    rows.sort_indices()
    tags = as_objects(names_as_list(names))[rows.indices].tolist()
    return [tuple(tags[start:stop]) for start, stop in pairwise(rows.indptr.tolist())]


def check_not_multiclass(encoder):
    """Raise for a target whose labels are not decided one by one."""
    if encoder.kind_ == "multiclass":
        raise ValueError(
            "Only binary classification is supported. The type of the target is"
            " multiclass. Pass a y of two classes, or an indicator matrix of labels."
        )


def dense(matrix):
    """A sparse matrix as an array; an array as it is."""
    return matrix.toarray() if sparse.issparse(matrix) else matrix


def _check_classes(classes):
    """The labels as a list of names."""
    if isinstance(classes, Set):
        return sorted(classes)
    if isinstance(classes, str) or np.ndim(classes) != 1:
        raise ValueError(
            f"classes must be a list or array of names. Got {shorten(classes)} instead."
        )
    return classes


def _sparse_type_of(y):
    return f"{y.format}_{'array' if isinstance(y, sparse.sparray) else 'matrix'}"


def _dtype_to_predict(dtype):
    if dtype == np.float16:  # which scipy and scikit-learn's metrics don't take
        return np.dtype(np.float32)
    # nor numbers in the byte order of another machine
    return dtype.newbyteorder("=") if dtype.kind in "biuf" else np.dtype(np.int64)


def _check_zeros_and_ones(indicator, name, columns, allow_missing):
    """Raise if there are other entries; return whether there are missing ones."""
    values = indicator.data if sparse.issparse(indicator) else indicator
    n_rows = max(1, 2**20 // max(1, values[:1].size))
    has_missing = False
    # in blocks, as the masks of a large target would take as much memory as it
    for start in range(0, len(values), n_rows):
        block = values[start : start + n_rows]
        is_wrong = (block != 0) & (block != 1)
        if allow_missing and is_wrong.any():
            has_missing |= bool(np.isnan(block).any())
            is_wrong &= ~np.isnan(block)
        if is_wrong.any():
            where = ""
            if not sparse.issparse(indicator):
                row, column = np.argwhere(is_wrong)[0]
                column_name = int(column) if columns is None else columns[column]
                where = f" in row {start + row}, column {column_name!r}"
            raise wrong_entry(block[is_wrong][0].item(), name, where)
    return has_missing


def _in_order(indicator, names, classes, of_dicts, name):
    """The columns `names` in the order of `classes`."""
    given, known = set(names), set(classes)
    unknown = [each for each in names if each not in known]
    missing = [each for each in classes if each not in given]
    if unknown or (missing and not of_dicts):
        problems = [f"it lacks {shorten(missing)}"] if missing else []
        problems += [f"{shorten(unknown)} are unknown"] if unknown else []
        raise ValueError(
            f"{name} must have a column for each of the {len(classes)} labels"
            f" {shorten(classes)}, and no others: {', and '.join(problems)}."
            " Rename, add or drop columns."
        )
    paired = np.zeros((len(indicator), len(classes)), dtype=indicator.dtype)
    place = {each: column for column, each in enumerate(classes)}
    paired[:, [place[each] for each in names]] = indicator
    return paired


def _check_any_positive(indicator, name):
    if indicator.shape[0] and not (indicator == 1).sum():
        raise ValueError(
            f"{name} has no labels: none of its {indicator.shape} entries is 1, so"
            " there is nothing to learn."
        )
    return indicator


def _name_array(names, of):
    """Names of labels as an array; strings as objects, so that each keeps its type."""
    array = np.asarray(names)
    if array.ndim == 1 and array.dtype.kind in "iu":
        names = array
    else:
        names = as_objects(list(names))
    if any(map(is_missing, names.tolist())):  # NaN is not equal to itself
        raise ValueError(
            f"Each label of {of} must have a name. Got {shorten(names)}: rename the"
            " columns, or drop those without a name."
        )
    if len(set(names.tolist())) < len(names):
        raise ValueError(
            f"The labels of {of} must have different names. Got {shorten(names)}."
        )
    return names

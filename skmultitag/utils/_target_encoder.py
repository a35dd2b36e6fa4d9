"""Reads a target of any form as an indicator matrix, and writes predictions back."""

from collections.abc import Set

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.preprocessing import LabelBinarizer, MultiLabelBinarizer
from sklearn.utils import assert_all_finite, check_array, column_or_1d
from sklearn.utils.multiclass import check_classification_targets, unique_labels

from skmultitag.utils._messages import shorten

_ROW_TYPES = (list, tuple, Set, np.ndarray)


class TargetEncoder(BaseEstimator):
    """Translate between a user's target `y` and an indicator matrix of 0 and 1.

    Attributes
    ----------
    kind_ : {"multilabel", "binary", "multiclass"}
        The last two for a `y` of one dimension.

    classes_ : ndarray of shape (n_labels, 2) or (n_classes,)
        Rows [0, 1] for a multilabel target: the one form with which the scorers of
        scikit-learn and `cross_val_predict` are right for any number of labels.

    label_names_ : ndarray of shape (n_labels,)
        The tags, the column names of a DataFrame, else 0 to n_labels - 1; `classes_`
        for a `y` of one dimension.

    n_outputs_ : int
        Number of columns of the indicator matrix.
    """

    def fit_transform(self, y, classes=None, *, name="y", as_tags=False):
        """Learn the form of `y` and return it as an indicator matrix.

        Parameters
        ----------
        y : array-like, sparse matrix or list of tag lists
            See :class:`~skmultitag.MultiTagClassifier`.

        classes : array-like, default=None
            All tags, the names of all columns, or all classes of a `y` of one
            dimension, where `y` need not have all. None for those of `y`.

        name : str, default="y"
            What error messages call it.

        as_tags : bool, default=False
            Whether a list is known to hold tags, whatever it looks like.

        Returns
        -------
        indicator : ndarray or CSR matrix of uint8 of shape (n_samples, n_outputs)
            Sparse for sparse `y` and for lists of tags.
        """
        self._name = name
        if classes is not None:
            classes = _check_classes(classes)
        if y is None:
            raise ValueError(
                "This estimator requires y to be passed, but the target y is None."
            )
        if sparse.issparse(y) or hasattr(y, "columns"):
            return self._fit_indicator(y, classes)
        if not isinstance(y, (list, tuple)):
            y = np.asarray(y)
        is_list = isinstance(y, (list, tuple)) or y.dtype == object
        if is_tag_lists(y) or (as_tags and is_list):
            return self._fit_tags(y, classes)
        y = np.asarray(y)
        is_matrix = y.ndim == 2 and y.shape[1] != 1
        fit = self._fit_indicator if is_matrix else self._fit_column
        return fit(y, classes)

    def transform(self, y, *, name="y"):
        """Return another `y` with the same labels as an indicator matrix."""
        other = TargetEncoder()
        indicator = other.fit_transform(
            y, classes=self.label_names_, name=name, as_tags=self._is_tags
        )
        if other.kind_ != self.kind_:
            raise ValueError(
                f"{name} must be {self.kind_} as before. Got {other.kind_} {name}."
            )
        return indicator

    def _fit_indicator(self, y, classes):
        names = getattr(y, "columns", None)
        indicator = y if sparse.issparse(y) else np.asarray(y)
        dtype = indicator.dtype
        indicator = check_array(
            indicator,
            accept_sparse="csr",
            dtype=None if dtype.kind in "bui" else np.float64,
            ensure_min_samples=0,
            ensure_min_features=0,
            input_name=self._name,
        )
        _check_zeros_and_ones(indicator)
        if indicator.shape[1] == 0:
            raise ValueError(f"y has no labels: its shape is {indicator.shape}.")
        self._is_tags = False
        self._dtype = dtype if dtype.kind in "biuf" else np.dtype(np.int64)
        if dtype == np.float16:  # which scipy and scikit-learn's metrics don't take
            self._dtype = np.dtype(np.float32)
        self._sparse_type = type(y) if sparse.issparse(y) else None
        if names is None:
            names = np.arange(indicator.shape[1]) if classes is None else classes
        names = _name_array(names)
        given = names if classes is None else _name_array(classes)
        n_columns = indicator.shape[1]
        if len(given) != n_columns or given.tolist() != names.tolist():
            is_number = len(given) != n_columns
            raise ValueError(
                f"{self._name} must have a column for each of the {len(given)} labels"
                f" {shorten(given)}, in their order. Got"
                f" {f'{n_columns} columns' if is_number else shorten(names)}."
            )
        self._set_multilabel(names)
        # a copy only if it is not of one byte an entry already
        indicator = indicator.astype(np.uint8, copy=False)
        return indicator if classes is not None else _check_any_positive(indicator)

    def _fit_tags(self, y, classes):
        for index, tags in enumerate(y):
            if not isinstance(tags, _ROW_TYPES):
                raise TypeError(
                    f"Each row of a y of tag lists must be a list, tuple or set of"
                    f" tags; row {index} is {shorten(tags)}."
                )
        if classes is not None:
            classes = _name_array(classes).tolist()
            unknown = set().union(*y).difference(classes)
            if unknown:
                advice = "in partial_fit, pass all tags as classes in the first call"
                advice = f": {advice}" if self._name == "y" else ""
                raise ValueError(
                    f"{self._name} has tags that are not among the known ones, such as"
                    f" {shorten(next(iter(unknown)))}{advice}."
                )
        binarizer = MultiLabelBinarizer(classes=classes, sparse_output=True)
        try:
            indicator = binarizer.fit_transform(y)
        except TypeError as exc:
            raise TypeError(
                "The tags in y must all be strings or all be numbers, so that they"
                f" can be sorted: {exc}."
            ) from exc
        if indicator.shape[1] == 0:
            raise ValueError("y has no labels: all its tag lists are empty.")
        self._dtype, self._sparse_type = np.dtype(np.int64), None
        self._is_tags = True
        self._set_multilabel(binarizer.classes_)
        return indicator.astype(np.uint8)

    def _fit_column(self, y, classes):
        self._is_tags = False
        y = column_or_1d(y, warn=True)
        assert_all_finite(y, input_name=self._name)
        check_classification_targets(y)
        self.classes_ = unique_labels(y if classes is None else classes)
        self.label_names_ = self.classes_
        unknown = np.setdiff1d(y, self.classes_)
        if len(unknown):
            raise ValueError(
                f"{self._name} has the classes {shorten(unknown)}, which are not among"
                f" the known ones, {shorten(self.classes_)}."
            )
        if len(self.classes_) < 2:
            raise ValueError(
                "y needs samples of at least 2 classes, but it has only one class or"
                f" none: {shorten(self.classes_)}."
            )
        self.kind_ = "binary" if len(self.classes_) == 2 else "multiclass"
        indicator = LabelBinarizer().fit(self.classes_).transform(y).astype(np.uint8)
        self.n_outputs_ = indicator.shape[1]
        return indicator

    def _set_multilabel(self, names):
        self.kind_ = "multilabel"
        self.label_names_ = names
        self.n_outputs_ = len(names)
        self.classes_ = np.tile([0, 1], (len(names), 1))

    @property
    def is_sparse_(self):
        """Whether `inverse_transform` returns a sparse matrix."""
        return self.kind_ == "multilabel" and self._sparse_type is not None

    def inverse_transform(self, indicator):
        """Write a boolean matrix (n_samples, n_outputs) in the form of the target.

        For "multiclass" each row must have exactly one True.
        """
        if self.kind_ == "binary":
            return self.classes_[indicator[:, 0].astype(np.intp)]
        if self.kind_ == "multiclass":
            return self.classes_[indicator.argmax(axis=1)]
        indicator = indicator.astype(self._dtype)
        return self._sparse_type(indicator) if self._sparse_type else indicator

    def tags(self, y):
        """The names of the labels of each row of a target, a list of tuples."""
        if self.kind_ != "multilabel":
            return [(label,) for label in y.tolist()]
        rows = sparse.csr_matrix(y)
        return [
            tuple(self.label_names_[row.indices].tolist())
            for row in (rows[i] for i in range(rows.shape[0]))
        ]


def _check_classes(classes):
    """The labels as a list of names."""
    if isinstance(classes, Set):
        return sorted(classes)
    if isinstance(classes, str) or np.ndim(classes) != 1:
        raise ValueError(
            f"classes must be a list or array of names. Got {shorten(classes)} instead."
        )
    return classes


def _check_zeros_and_ones(indicator):
    values = indicator.data if sparse.issparse(indicator) else indicator
    n_rows = max(1, 2**20 // max(1, values[:1].size))
    # in blocks, as the masks of a large target would take as much memory as it
    for start in range(0, len(values), n_rows):
        block = values[start : start + n_rows]
        wrong = block[(block != 0) & (block != 1)]
        if wrong.size:
            raise ValueError(
                f"A multilabel indicator y must hold 0 and 1 only, got {wrong[0]}."
                " Pass tags as a list of lists of names."
            )


def _check_any_positive(indicator):
    if indicator.shape[0] and not indicator.sum():
        raise ValueError(
            f"y has no labels: all its {indicator.shape} entries are 0, so there"
            " is nothing to learn."
        )
    return indicator


def is_tag_lists(y):
    """Whether the list, tuple or array `y` holds a collection of tags a row.

    A rectangular list of lists of 0 and 1 is an indicator. So is a rectangle of other
    numbers where a row repeats one, since a tag occurs once in a row: this leaves an
    indicator with a wrong entry to the error that it deserves.
    """
    if isinstance(y, np.ndarray) and (y.ndim != 1 or y.dtype != object):
        return False
    is_collection = [isinstance(row, _ROW_TYPES) for row in y]
    if not any(is_collection):
        return False
    if not all(is_collection) or any(isinstance(row, Set) for row in y):
        return True
    if len({len(row) for row in y}) > 1 or len(y[0]) == 0:
        return True
    entries = np.asarray([list(row) for row in y])
    if entries.dtype.kind in "iu" and not np.isin(entries, (0, 1)).all():
        return all(len(set(row)) == len(row) for row in entries.tolist())
    return entries.dtype.kind not in "biufc"


def _name_array(names):
    """Column names as an array; strings as objects, so that each keeps its type."""
    names = np.asarray(names)
    if len(set(names.tolist())) < len(names):
        raise ValueError(
            f"The columns of y must have different names, got {shorten(names)}."
        )
    return names if names.dtype.kind in "iu" else names.astype(object)

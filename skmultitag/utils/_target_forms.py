"""The forms in which a target comes, and which of them a given one has."""

import re
from collections.abc import Mapping, Sequence, Set
from numbers import Real
from typing import NamedTuple

import numpy as np
from scipy import sparse
from sklearn.utils import assert_all_finite

from skmultitag.utils._given import check_is_matrix, without_tensor
from skmultitag.utils._messages import shorten, warn

_ENTRIES = {"0": 0, "0.0": 0, "false": 0, "1": 1, "1.0": 1, "true": 1}
_ROW_TYPES = (list, tuple, Set, Mapping)
_TEXTS = "OUST"  # kinds of dtypes of objects and texts
# what stands between tags that are joined in one string
_SEPARATORS = r"[,;|/+&<>\n\t]+"


class TargetForm(NamedTuple):
    """A target, without its container.

    Attributes
    ----------
    kind : {"indicator", "tags", "column"}
        What `data` is: an array or CSR matrix (n_samples, n_labels); a list of
        collections of tags; an array (n_samples,) or (n_samples, 1) of classes.

    data : ndarray, sparse matrix or list

    names : list or None
        Names of the columns of an indicator.

    of_dicts : bool
        Whether it is made of dicts: their labels have no order of their own, and one
        that is not among `names` is 0 everywhere.
    """

    kind: str
    data: object
    names: list | None = None
    of_dicts: bool = False


def read_form(y, name="y", *, as_tags=False):
    """Take a target out of its container.

    The container has no meaning: rows of 0 and 1 are an indicator, and collections of
    tags are tags, in a list as in a Series, an array or a column of arrow.

    Parameters
    ----------
    y : array-like, sparse matrix, DataFrame or sequence of rows
        See :class:`~skmultitag.MultiTagClassifier`.

    name : str, default="y"
        What error messages call it.

    as_tags : bool, default=False
        Whether rows are known to hold tags, whatever they look like.

    Returns
    -------
    form : TargetForm
    """
    if y is None and name == "y":  # in the words that scikit-learn's checks look for
        raise ValueError(
            "This estimator requires y to be passed, but the target y is None."
        )
    if isinstance(y, TargetForm):
        return y
    if sparse.issparse(y):
        return TargetForm("indicator", y)
    check_is_matrix(y, name)
    if isinstance(y, np.ma.MaskedArray):  # numpy would forget the mask
        y = y.astype(np.float64).filled(np.nan) if y.mask.any() else y.data
    if hasattr(y, "columns"):
        return _read_frame(y, name)
    if isinstance(y, Sequence):
        return _read_rows(list(y), name, as_tags)
    array = np.asarray(without_tensor(y, name))
    if array.dtype.kind == "c":
        raise ValueError(f"Complex data not supported: {name} has dtype {array.dtype}.")
    if not 1 <= array.ndim <= 2 or array.dtype.kind in "mMV":
        raise _no_target(y, name)
    is_matrix = array.ndim == 2 and array.shape[1] != 1
    if is_matrix and array.dtype.kind in _TEXTS:
        return _read_rows(array.tolist(), name, as_tags)
    if not is_matrix and array.dtype == object:
        # those of polars and arrow have objects of their own as rows
        to_list = getattr(y, "to_list", getattr(y, "to_pylist", array.ravel().tolist))
        return _read_rows(to_list(), name, as_tags, column=array)
    return TargetForm("indicator" if is_matrix else "column", array)


def column_names(data):
    """Names of the columns of a frame, as a list; None for what has none."""
    if not hasattr(data, "columns"):
        return None
    # the columns of an arrow table are arrays
    return list(getattr(data, "column_names", data.columns))


def as_objects(values):
    """A list as an array of one dimension, also if its entries are sequences."""
    array = np.empty(len(values), dtype=object)
    for number, value in enumerate(values):
        array[number] = value
    return array


def names_as_list(label_names):
    """Names of labels as a list of what Python has: numbers of numpy are none."""
    if hasattr(label_names, "tolist"):
        return label_names.tolist()
    return list(label_names)


def truth_of(value):
    """0 or 1 for what says so: a number, a boolean or a text. Else None."""
    text = value.decode() if isinstance(value, bytes) else str(value)
    return _ENTRIES.get(text.strip().lower())


def is_missing(value):
    """Whether a tag, class or entry is None, NaN, or the NA or NaT of pandas."""
    if isinstance(value, (str, bytes, int)):
        return False
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, (float, np.floating)) and value != value


def check_tags(rows, name):
    """Raise if rows have something among their tags that is none.

    Returns
    -------
    tags : set
        All tags.
    """
    try:
        tags = set().union(*rows)
    except TypeError as exc:
        raise TypeError(
            f"The tags in {name} must be strings or numbers. Got a row with"
            f" {shorten(_first_unhashable(rows))}."
        ) from exc
    wrong = {tag for tag in tags if is_missing(tag) or _is_blank(tag)}
    if wrong:
        tag, number = next(
            (tag, number)
            for number, row in enumerate(rows)
            for tag in row
            if is_missing(tag) or _is_blank(tag)
        )
        what = "an empty tag" if _is_blank(tag) else "a missing value"
        raise ValueError(
            f"{name} has {what}, {tag!r}, among the tags of row {number}. Leave it out:"
            " a row without tags is an empty list. Only an indicator can say that a"
            " label is not annotated, by NaN."
        )
    texts = [tag for tag in tags if isinstance(tag, str)]
    joined = _joined(texts, r"[,;|\n\t]+", least=1)
    if joined is not None:
        warn(
            f"{name} has tags that look like several joined ones, such as"
            f" {shorten(joined[0])}: split them, if they are."
        )
    pair = _differing_by_blanks(tags)
    if pair is not None:
        raise ValueError(
            f"{name} has the tags {pair[0]!r} and {pair[1]!r}, which differ by blanks"
            " only. Strip them: [[tag.strip() for tag in tags] for tags in y]."
        )
    return tags


def _differing_by_blanks(names):
    """Two texts that are the same without blanks around them, or None."""
    stripped = {}
    for name in names:
        if isinstance(name, str):
            other = stripped.setdefault(name.strip(), name)
            if other != name:
                return other, name
    return None


def check_column(column, name):
    """Raise if values, one a row, are missing or not finite."""
    if column.dtype.kind in "Of":
        values = column.ravel().tolist()
        if column.dtype == object and any(map(is_missing, values)):
            check_not_joined([v for v in values if isinstance(v, str)], name)
        for number, value in enumerate(values):
            if is_missing(value):
                raise ValueError(
                    f"{name} has a missing value, {value!r}, in row {number}. Leave"
                    " such rows out. Only an indicator of labels can say that some are"
                    " not annotated, by NaN: of one label it is a DataFrame of one"
                    " column."
                )
    assert_all_finite(column, input_name=name)


def check_not_joined(classes, name, known=()):
    """Raise if classes are strings that hold several tags each, also of known ones."""
    classes = [*names_as_list(classes), *known]
    texts = sorted({text for text in classes if isinstance(text, str)})
    n_lists = sum(bool(re.fullmatch(r"[\[({].*[\])}]", text.strip())) for text in texts)
    if n_lists > len(texts) / 2:
        example = next(text for text in texts if text.strip()[0] in "[({")
        raise ValueError(
            f"{name} has strings that look like lists of tags, such as"
            f" {shorten(example)}. Make them lists before:"
            f" [ast.literal_eval(tags) for tags in {name}]."
        )
    for separator in (_SEPARATORS, " "):
        # blanks stand in names as well: only where they make many classes of few
        joined = _joined(texts, separator, least=1 if separator != " " else 2)
        if joined is not None:
            text, found = joined
            # of those that stand in brackets each, the first and the last remain
            strip = ".strip('<>')" if "<" in found else ""
            series = f"{name}.str{strip}.str" if strip else f"{name}.str"
            raise ValueError(
                f"{name} has strings that join several tags, such as {shorten(text)}."
                f" Split them before. {series}.get_dummies({found!r}) makes an"
                " indicator of a Series of pandas; missing values become rows without"
                f" tags. Else pass lists, [tags{strip}.split({found!r}) for tags in"
                f" {name}], with [] for rows without tags. If each string is one class,"
                " pass it as a number: see sklearn.preprocessing.LabelEncoder."
            )


def _joined(texts, separator, least):
    """A text that is made of parts of others, and what joins them, or None.

    That is, if at least half of the texts with several parts consist of parts that
    others have too, and there are `least` times more texts than parts.
    """
    parts = {text: _parts(text, separator) for text in texts}
    several = [text for text in texts if len(parts[text]) > 1]
    n_texts_with = {}
    for each in parts.values():
        for part in each:
            n_texts_with[part] = n_texts_with.get(part, 0) + 1
    shared = [t for t in several if all(n_texts_with[part] > 1 for part in parts[t])]
    if not shared or 2 * len(shared) < len(several):
        return None
    if len(texts) < least * len(n_texts_with):
        return None
    found = re.search(rf" *{separator} *", shared[0].strip("<> "))
    return shared[0], found.group()


def _parts(text, separator):
    return {part.strip() for part in re.split(separator, text) if part.strip()}


def _check_column_names(names, name):
    """Raise for what comes of texts of tags that were split in a wrong way."""
    blank = [each for each in names if _is_blank(each)]
    if blank:
        raise ValueError(
            f"{name} has a column with the empty name {blank[0]!r}, which"
            " str.get_dummies of pandas 3 makes of empty strings. Drop it:"
            f" {name}.drop(columns={blank[0]!r})."
        )
    pair = _differing_by_blanks(names)
    if pair is not None:
        raise ValueError(
            f"{name} has the columns {pair[0]!r} and {pair[1]!r}, which differ by"
            " blanks only. str.get_dummies needs all that stands between two tags, as"
            " in str.get_dummies(', ')."
        )


def _read_frame(y, name):
    names = column_names(y)
    _check_column_names(names, name)
    values = np.asarray(y)
    if values.dtype.kind in _TEXTS:
        column = values.ravel().tolist()
        if len(names) == 1 and any(map(_is_row, column)):  # a column of lists
            return _read_rows(column, name, as_tags=False)
        if len(names) == 1:
            check_not_joined(column, f"{name}[{names[0]!r}]")
        values = _numbers(values, name, names)
    return TargetForm("indicator", values, names)


def _read_rows(rows, name, as_tags, column=None):
    """Read a list of rows; `column` is what it is made of, if not of a list."""
    is_row = [_is_row(row) for row in rows]
    if not any(is_row):
        return TargetForm("column", _column(rows, name) if column is None else column)
    if not all(is_row):
        number = is_row.index(False)
        raise TypeError(
            f"Each row of a {name} of tag lists must be a list, tuple or set of tags;"
            f" row {number} is {shorten(rows[number])}. A row without tags is an empty"
            " list."
        )
    if all(isinstance(row, Mapping) for row in rows):
        return _read_dicts(rows, name)
    rows = [row.tolist() if hasattr(row, "tolist") else row for row in rows]
    if as_tags or _are_tags(rows):
        return TargetForm("tags", rows)
    values = np.array(rows)
    if values.dtype.kind in _TEXTS:
        values = _numbers(np.array(rows, dtype=object), name)
    return TargetForm("column" if values.shape[1] == 1 else "indicator", values)


def _column(values, name):
    """A list of classes as an array."""
    column = np.asarray(values)
    is_text = {isinstance(value, (str, bytes)) for value in values}
    if len(is_text) > 1:  # all would have become texts
        check_column(as_objects(values), name)
        raise TypeError(f"The classes in {name} must all be strings or all be numbers.")
    return column


def _is_row(row):
    return isinstance(row, _ROW_TYPES) or getattr(row, "ndim", 0) == 1


def _are_tags(rows):
    """Whether collections are tags of rows, rather than rows of an indicator.

    A rectangle of 0 and 1 is an indicator. So is a rectangle of other numbers where a
    row repeats one, since a tag occurs once in a row: this leaves an indicator with a
    wrong entry to the error that it deserves.
    """
    n_tags = {len(row) for row in rows}
    if len(n_tags) > 1 or n_tags == {0} or any(isinstance(row, Set) for row in rows):
        return True
    try:
        entries = {entry for row in rows for entry in row if not is_missing(entry)}
    except TypeError:  # lists, say
        return True
    if all(isinstance(entry, (Real, np.bool_)) for entry in entries):
        is_whole = all(float(entry).is_integer() for entry in entries)
        is_truth = entries <= {0, 1}
        return is_whole and not is_truth and all(len(set(r)) == len(r) for r in rows)
    truths = {truth_of(entry) for entry in entries}
    if truths > {0, 1}:  # texts of 0 and 1, and others: tags if no row repeats one
        return all(len(set(r)) == len(r) for r in rows)
    return None in truths


def _read_dicts(rows, name):
    """Rows such as {"cat": 1, "dog": 0}; a label that a row lacks is 0 there."""
    names = list(dict.fromkeys(label for row in rows for label in row))
    try:
        names.sort()
    except TypeError:  # of several types: in the order in which they come
        pass
    values = np.array(
        [[row.get(label, 0) for label in names] for row in rows], dtype=object
    )
    return TargetForm("indicator", _numbers(values, name, names), names, True)


def _numbers(values, name, columns=None):
    """An array of objects or texts as numbers, if each says 0 or 1 or is missing."""
    codes, wrong = {None: np.nan}, None
    entries = values.ravel().tolist()
    for index, entry in enumerate(entries):
        if is_missing(entry):
            entries[index] = None
            continue
        try:
            if entry in codes:
                continue
        except TypeError:  # a list, say
            entry = entries[index] = repr(entry)
        codes[entry] = truth_of(entry)
        if codes[entry] is None and wrong is None:
            wrong = entry, index
    if wrong is not None:
        entry, index = wrong
        row, column = divmod(index, values.shape[1])
        column = column if columns is None else columns[column]
        raise wrong_entry(entry, name, f" in row {row}, column {column!r}")
    codes = np.array([codes[entry] for entry in entries], np.float64)
    has_missing = np.isnan(codes).any()
    return codes.astype(np.float64 if has_missing else np.int64).reshape(values.shape)


def wrong_entry(entry, name, where=""):
    """The error for an entry of an indicator that is neither 0 nor 1."""
    if is_missing(entry):
        return ValueError(
            f"{name} has a missing value, {entry!r}{where}, and entries that are not"
            " annotated can't be left out here. A BinaryRelevanceClassifier of"
            " skmultitag.multioutput around the classifier learns each label from its"
            " annotated rows. Fill it in, as with fillna(0), where it means that the"
            " label is absent."
        )
    return ValueError(
        f"A multilabel indicator {name} must hold 0 and 1 only, got"
        f" {shorten(entry)}{where}. An entry that is not annotated is NaN;"
        " probabilities can't be used. Tags are passed as a list of lists, in which a"
        " row has each of its tags once: columns of tags are made one by"
        " y.apply(lambda row: row.dropna().tolist(), axis=1), a column of joined ones"
        " by .str.split(',')."
    )


def _no_target(y, name):
    return TypeError(
        f"{name} must be an indicator matrix of 0 and 1, a list with the tags of each"
        f" row, or one class a row. Got {shorten(y)} of type {type(y).__name__}."
    )


def _first_unhashable(rows):
    for row in rows:
        for tag in row:
            try:
                hash(tag)
            except TypeError:
                return tag


def _is_blank(tag):
    return isinstance(tag, str) and not tag.strip()

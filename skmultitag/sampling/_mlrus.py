from numbers import Real

import numpy as np

from skmultitag.sampling._base import BaseMultilabelSampler, Resampled
from skmultitag.sampling._labels import balanced_count, count_labels
from skmultitag.utils._annotation import positives
from skmultitag.utils._random_state import make_random_state
from skmultitag.utils._sklearn import Interval


class MLRUS(BaseMultilabelSampler):
    r"""Undersample by removing random rows that have majority labels only (ML-RUS).

    Use it to make rare labels more frequent and the data smaller. Rows with a minority
    label and rows without labels are kept. A row is also kept if one of its labels
    would become a minority label without it.

    Read more in the :ref:`User Guide <samplers>`.

    Parameters
    ----------
    sampling_strategy : "auto" or list of labels, default="auto"
        Which labels are minority labels.

        - "auto": labels whose imbalance ratio is above the mean ratio of all labels.
          The ratio of a label l with :math:`n_l` rows is :math:`\max_k n_k / n_l`. No
          other label loses so many rows that its ratio would be above the mean.
        - list of labels: names of the columns of a DataFrame, tags, or else numbers of
          columns. No other label gets fewer rows than the commonest of these.

    fraction : float, default=0.25
        Largest number of rows to remove, as a share of the rows, in [0, 1]. Fewer rows
        are removed if no others may be removed.

    random_state : int, RandomState instance or None, default=None
        Seed of the choice of rows. With None, a new random stream is used, and the
        global one of numpy is not changed.

    Attributes
    ----------
    sample_indices_ : ndarray of shape (n_samples_new,)
        Numbers of the rows that are kept, in ascending order.

    minority_labels_ : ndarray of shape (n_minority_labels,)
        Names of the minority labels that have a row. If there are none, no row is
        removed.

    n_features_in_ : int
        Number of features.

    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features, if they are strings.

    See Also
    --------
    MLROS : Copies rows with a minority label.
    MLTL : Chooses the rows to remove by their neighbors.
    mean_imbalance_ratio : Computes the mean ratio of "auto".

    Notes
    -----
    The paper [1]_ leaves some choices open, and published implementations differ. Here:

    - Rows with a minority label are never removed, as in the authors' R package
      mldr.resampling. Other implementations remove a row for any of its majority
      labels, and lose minority labels with it.
    - Rows are drawn from all rows that may be removed, and labels do not take turns. So
      common labels lose more rows.
    - The count of the commonest label and the mean ratio are those of the given data.
    - Rows without labels are kept, as they change no imbalance ratio.
    - The number of rows to remove is rounded to the nearest integer.

    An entry that is not annotated counts as 0, even if the row might have a minority
    label.

    References
    ----------
    .. [1] F. Charte, A. J. Rivera, M. J. del Jesus, F. Herrera, "Addressing Imbalance
       in Multilabel Classification: Measures and Random Resampling Algorithms",
       Neurocomputing 163, 2015.

    Examples
    --------
    >>> from skmultitag.sampling import MLRUS
    >>> X = [[0.0], [1.0], [2.0], [3.0]]
    >>> y = [["a"], ["a"], ["a"], ["a", "b"]]
    >>> sampler = MLRUS(fraction=0.5, random_state=0)  # ratios 1 and 4, mean 2.5
    >>> X_resampled, y_resampled = sampler.fit_resample(X, y)
    >>> y_resampled
    [['a'], ['a', 'b']]
    """

    _parameter_constraints = {
        **BaseMultilabelSampler._parameter_constraints,
        "fraction": [Interval(Real, 0, 1, closed="both")],
        "random_state": ["random_state"],
    }

    def __init__(self, *, sampling_strategy="auto", fraction=0.25, random_state=None):
        super().__init__(sampling_strategy=sampling_strategy)
        self.fraction = fraction
        self.random_state = random_state

    def _fit_resample(self, X, y, minority):
        y = positives(y)
        is_kept = np.ones(y.shape[0], dtype=bool)
        if len(minority):
            counts = count_labels(y)
            is_automatic = isinstance(self.sampling_strategy, str)
            least = balanced_count(counts) if is_automatic else counts[minority].max()
            rows = make_random_state(self.random_state).permutation(
                np.flatnonzero(is_majority_row(y, minority))
            )
            n_rows = round(self.fraction * y.shape[0])
            is_kept[_removable(y, rows, counts - least, n_rows)] = False
        self.sample_indices_ = np.flatnonzero(is_kept)
        return Resampled(self.sample_indices_)


def is_majority_row(y, minority):
    """Whether a row has labels, but no minority label."""
    is_minority = np.zeros(y.shape[1], dtype=np.int64)
    is_minority[minority] = 1
    return (np.diff(y.indptr) > 0) & (y @ is_minority == 0)


def _removable(y, rows, spare, n_rows):
    """The first `n_rows` of the rows that can go, if each label has so many to spare.

    Parameters
    ----------
    y : CSR array of shape (n_samples, n_labels)
    rows : ndarray of int
        In the order in which they are to go.
    spare : ndarray of int of shape (n_labels,)
        Rows that a label can lose, none if negative.
    n_rows : int

    Returns
    -------
    rows : ndarray of int
    """
    removed = [np.empty(0, dtype=np.intp)]
    # in the following loop, we:
    # - leave out the rows of labels that have none to spare;
    # - remove the others up to the row with which the first label would lose too many.
    while n_rows > 0 and len(rows):
        rows = rows[y[rows] @ (spare <= 0).astype(np.int64) == 0]
        taken = rows[:n_rows]
        taken = taken[: _first_short(y[taken], spare)]
        spare = spare - count_labels(y[taken])
        removed.append(taken)
        rows, n_rows = rows[len(taken) :], n_rows - len(taken)
    return np.concatenate(removed)


def _first_short(y, spare):
    """Number of rows before the first one that is too many for one of its labels."""
    y = y.tocsc()
    is_short = np.diff(y.indptr) > spare
    # a label without rows to spare may be in none of these, and has no such place
    is_short &= spare > 0
    place = y.indices[y.indptr[:-1][is_short] + spare[is_short]]
    return place.min() if len(place) else y.shape[0]

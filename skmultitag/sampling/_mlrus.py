from numbers import Real

import numpy as np

from skmultitag.sampling._base import BaseMultilabelSampler, Resampled
from skmultitag.sampling._labels import balanced_count, count_labels
from skmultitag.utils._annotation import positives
from skmultitag.utils._random_state import make_random_state
from skmultitag.utils._sklearn import Interval


class MLRUS(BaseMultilabelSampler):
    r"""Undersample by removing random rows that have majority labels only (ML-RUS).

    Rows with a minority label, and rows without labels, are kept. So is a row whose
    removal would make one of its labels a minority label.

    Read more in the :ref:`User Guide <samplers>`.

    Parameters
    ----------
    sampling_strategy : "auto" or list of labels, default="auto"
        The minority labels.

        - "auto": those whose imbalance ratio, :math:`\max_k n_k / n_l` with :math:`n_l`
          the rows of label l, is above its mean over the labels. No other label gets so
          few rows that its ratio would be above that mean.
        - names of labels: the columns of a DataFrame, the tags of tag lists, else the
          numbers of columns. No other label gets fewer rows than the commonest of
          these.

    fraction : float, default=0.25
        Number of rows to remove as a share of the rows, in [0, 1]. It is the most:
        fewer are removed if there are no others that may be.

    random_state : int, RandomState instance or None, default=None
        Seeds the choice of rows. The global random stream of numpy is not moved, nor
        used for None.

    Attributes
    ----------
    sample_indices_ : ndarray of shape (n_samples_new,)
        Numbers of the rows that are kept, in ascending order.

    minority_labels_ : ndarray of shape (n_minority_labels,)
        Names of the minority labels that have a row. Without any, no row is removed.

    n_features_in_ : int
        Number of features.

    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features, if they are strings.

    See Also
    --------
    MLROS : Copies rows with a minority label.
    MLTL : Chooses the rows to remove by their neighbors.
    mean_imbalance_ratio : The border of "auto".

    Notes
    -----
    Where [1]_ leaves a choice, or the published implementations differ:

    - Rows with a minority label are never removed, as in the authors' R package
      mldr.resampling. Other implementations remove a row for any majority label, and
      lose minority labels with it.
    - Rows are drawn from all that may go, not by label in turn: a common label loses
      more.
    - Imbalance ratios are compared with the count of the commonest label, and the mean
      ratio, of the data given.
    - Rows without labels are kept, as they change no imbalance ratio.
    - The number of rows to remove is rounded to the nearest integer.

    An entry that is not annotated counts as 0, also where it might be a minority label.

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

from numbers import Real

import numpy as np

from skmultitag.sampling._base import BaseMultilabelSampler, Resampled
from skmultitag.sampling._labels import balanced_count, count_labels
from skmultitag.utils._annotation import positives
from skmultitag.utils._random_state import make_random_state
from skmultitag.utils._sklearn import Interval


class MLROS(BaseMultilabelSampler):
    r"""Oversample by copies of random rows that have a minority label (ML-ROS).

    Use it to give rare labels more weight without changing any row. The minority labels
    take turns: a random row that has the label is copied, with all its labels. A label
    leaves the turns when it has enough rows, see `sampling_strategy`. The sampler stops
    when no label is left, or when there are enough copies.

    Read more in the :ref:`User Guide <samplers>`.

    Parameters
    ----------
    sampling_strategy : "auto" or list of labels, default="auto"
        Which labels are minority labels.

        - "auto": labels whose imbalance ratio is above the mean ratio of all labels.
          The ratio of a label l with :math:`n_l` rows is :math:`\max_k n_k / n_l`. A
          label leaves the turns when its ratio is not above the mean any more.
        - list of labels: names of the columns of a DataFrame, tags, or else numbers of
          columns. A label leaves the turns when it has as many rows as the commonest
          label.

    fraction : float, default=0.25
        Largest number of copies, as a share of the rows, in [0, inf). Fewer copies are
        made if no minority label is left.

    random_state : int, RandomState instance or None, default=None
        Seed of the choice of rows. With None, a new random stream is used, and the
        global one of numpy is not changed.

    Attributes
    ----------
    sample_indices_ : ndarray of shape (n_samples_new,)
        Numbers of the given rows in the result: all rows, then the copies in the order
        in which they were drawn. `sample_weight[sample_indices_]` are their weights.

    minority_labels_ : ndarray of shape (n_minority_labels,)
        Names of the minority labels that have a row.

    n_features_in_ : int
        Number of features.

    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features, if they are strings.

    See Also
    --------
    MLRUS : Removes rows without a minority label.
    MLSMOTE : Makes new rows between rows of a minority label.
    mean_imbalance_ratio : Computes the mean ratio of "auto".

    Notes
    -----
    The paper [1]_ leaves some choices open, and published implementations differ. Here:

    - When a label leaves the turns depends on its current number of rows, which
      includes rows that were copied for other labels. The count of the commonest label
      and the mean ratio are those of the given data.
    - Copies are drawn with replacement, from the given rows and not from copies.
    - The number of copies is rounded to the nearest integer.
    - The paper tries shares from 0.1 to 0.25. The default is from the authors' R
      package mldr.resampling.

    Features are copied unchanged, so they may be missing, or text. Entries of the
    target that are not annotated are copied too, and count as 0.

    References
    ----------
    .. [1] F. Charte, A. J. Rivera, M. J. del Jesus, F. Herrera, "Addressing Imbalance
       in Multilabel Classification: Measures and Random Resampling Algorithms",
       Neurocomputing 163, 2015.

    Examples
    --------
    >>> from skmultitag.sampling import MLROS
    >>> X = [[0.0], [1.0], [2.0], [3.0]]
    >>> y = [["a"], ["a"], ["a"], ["a", "b"]]
    >>> sampler = MLROS(fraction=0.5)  # ratios 1 and 4, mean 2.5
    >>> X_resampled, y_resampled = sampler.fit_resample(X, y)
    >>> y_resampled  # the ratio of b is 4 / 2 after one copy
    [['a'], ['a'], ['a'], ['a', 'b'], ['a', 'b']]
    >>> sampler.sample_indices_
    array([0, 1, 2, 3, 3])
    """

    _parameter_constraints = {
        **BaseMultilabelSampler._parameter_constraints,
        "fraction": [Interval(Real, 0, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(self, *, sampling_strategy="auto", fraction=0.25, random_state=None):
        super().__init__(sampling_strategy=sampling_strategy)
        self.fraction = fraction
        self.random_state = random_state

    def _fit_resample(self, X, y, minority):
        y = positives(y)
        n_samples = y.shape[0]
        counts = count_labels(y)
        is_automatic = isinstance(self.sampling_strategy, str)
        enough = balanced_count(counts) if is_automatic else counts.max()
        copies = _draw_in_turn(
            y,
            minority,
            counts,
            enough,
            round(self.fraction * n_samples),
            make_random_state(self.random_state),
        )
        self.sample_indices_ = np.concatenate([np.arange(n_samples), copies])
        return Resampled(self.sample_indices_)


def _draw_in_turn(y, labels, counts, enough, n_rows, random_state):
    """Draw rows of labels that take turns until they are in `enough` rows.

    Parameters
    ----------
    y : CSR array of shape (n_samples, n_labels)
    labels : ndarray of int
        The labels that take turns, in their order.
    counts : ndarray of shape (n_labels,)
        Rows of each label.
    enough : int
    n_rows : int
        Number of rows to draw at most.
    random_state : numpy.random.RandomState

    Returns
    -------
    rows : ndarray of int
    """
    by_label = y.tocsc()
    turns = labels[counts[labels] < enough]
    n_own, current = counts, counts.copy()
    drawn = [np.empty(0, dtype=np.intp)]
    # in the following loop, we:
    # - draw rows for so many rounds that a label surely has enough after them;
    # - keep those up to the row with which the first one has;
    # - go on with the other labels, from the one whose turn it is.
    while len(turns) and n_rows > 0:
        n_rounds = min((enough - current[turns]).min(), -(-n_rows // len(turns)))
        picks = random_state.randint(n_own[turns], size=(n_rounds, len(turns)))
        rows = by_label.indices[by_label.indptr[turns] + picks].ravel()[:n_rows]
        rows = rows[: _first_enough(y[rows], turns, enough - current[turns])]
        current += count_labels(y[rows])
        drawn.append(rows)
        n_rows -= len(rows)
        turns = np.roll(turns, -(len(rows) % len(turns)))
        turns = turns[current[turns] < enough]
    return np.concatenate(drawn)


def _first_enough(y, labels, needed):
    """Number of rows after which the first of the labels has as many as it needs."""
    y = y.tocsc()
    start, stop = y.indptr[labels], y.indptr[labels + 1]
    has_enough = stop - start >= needed
    last = y.indices[(start + needed - 1)[has_enough]]
    return last.min() + 1 if len(last) else y.shape[0]

from numbers import Integral, Real

import numpy as np

from skmultitag.sampling._base import BaseMultilabelSampler, Resampled
from skmultitag.sampling._labels import (
    count_labels,
    imbalance_ratios,
    mean_ratio,
)
from skmultitag.sampling._measures import scumble_of_rows
from skmultitag.sampling._mlrus import is_majority_row
from skmultitag.sampling._nearest import nearest_rows
from skmultitag.utils._annotation import is_partial, not_annotated, positives
from skmultitag.utils._sklearn import Interval, StrOptions


class MLTL(BaseMultilabelSampler):
    r"""Undersample by removing the majority rows of multilabel Tomek links (MLTL).

    Use it to remove rows that are noise or close to the border between labels. Two rows
    are a Tomek link if each is the nearest neighbor of the other and their labels are
    too different. Rows of a link that have majority labels only are removed. The
    difference between the label sets Y and Z is

    .. math:: \frac{|Y \cup Z| - |Y \cap Z|}{|Y| + |Z|} ,

    which is 0 for equal sets and 1 for sets without a common label.

    Read more in the :ref:`User Guide <samplers>`.

    Parameters
    ----------
    sampling_strategy : "auto" or list of labels, default="auto"
        Which labels are minority labels. Their rows are kept.

        - "auto": labels whose imbalance ratio is above the mean ratio of all labels.
          The ratio of a label l with :math:`n_l` rows is :math:`\max_k n_k / n_l`.
        - list of labels: names of the columns of a DataFrame, tags, or else numbers of
          columns.

    threshold : "auto" or float, default="auto"
        Difference above which labels are too different, in [0, 1). "auto" is 0.5 if the
        SCUMBLE of the data is above 0.3. Otherwise it depends on :math:`1 / \sqrt{r}`
        for the mean imbalance ratio r: 0.5 if this is above 0.5, 0.3 if it is above
        0.3, else 0.15.

    mutual : bool, default=True
        Whether each of the two rows must be the nearest neighbor of the other. If
        False, a majority row is removed whenever the labels of its nearest neighbor are
        too different. This removes many more rows.

    n_jobs : int or None, default=None
        Number of parallel jobs of the search for neighbors, as in
        :class:`sklearn.neighbors.NearestNeighbors`.

    Attributes
    ----------
    sample_indices_ : ndarray of shape (n_samples_new,)
        Numbers of the rows that are kept, in ascending order.

    threshold_ : float
        The threshold that was used.

    minority_labels_ : ndarray of shape (n_minority_labels,)
        Names of the minority labels that have a row. If there are none, no row is
        removed.

    n_features_in_ : int
        Number of features.

    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features, if they are strings.

    See Also
    --------
    MLRUS : Removes random rows.
    imblearn.under_sampling.TomekLinks : Is for binary and multiclass targets.
    mean_imbalance_ratio : Computes the mean ratio of "auto".

    Notes
    -----
    The time to search for neighbors grows with the square of the number of rows.
    Distances are Euclidean over all features, so scale the features first. In float32,
    with more than 15 features, the row that is found can be 0.1 % farther away than the
    nearest one.

    The paper [1]_ leaves some choices open, and published implementations differ. Here:

    - Rows must be neighbors of each other, as Tomek defined a link. The code published
      by the first author of [1]_ removes a majority row whenever the labels of its
      nearest neighbor are too different, as with `mutual=False`.
    - A row with a minority label is kept, whatever other labels it has. So is a row
      without labels.
    - The difference is the adjusted Hamming distance of [2]_, as in the authors' R
      package mldr.resampling. Other code divides by the size of the union.
    - Differences must be above the threshold, not only reach it. The rule for SCUMBLE
      is only in the code of the first author.
    - If both rows of a link have majority labels only, both are removed.

    If entries are not annotated, the difference is computed from the labels that are
    annotated in both rows. Entries that are not annotated count as 0 when rows with
    minority labels are looked for.

    References
    ----------
    .. [1] R. M. Pereira, Y. M. G. Costa, C. N. Silla Jr., "MLTL: A Multi-label Approach
       for the Tomek Link Undersampling Algorithm", Neurocomputing 383, 2020.
    .. [2] F. Charte, A. J. Rivera, M. J. del Jesus, F. Herrera, "MLeNN: A First
       Approach to Heuristic Multilabel Undersampling", IDEAL, 2014.

    Examples
    --------
    >>> from skmultitag.sampling import MLTL
    >>> X = [[0.0], [0.1], [1.0], [1.2], [5.0]]
    >>> y = [["a"], ["b"], ["a"], ["a"], ["a"]]
    >>> sampler = MLTL()  # ratios 1 and 4, mean 2.5
    >>> X_resampled, y_resampled = sampler.fit_resample(X, y)
    >>> sampler.sample_indices_  # rows 0 and 1 are a link, and row 1 has the rare label
    array([1, 2, 3, 4])
    """

    _reads_features = True

    _parameter_constraints = {
        **BaseMultilabelSampler._parameter_constraints,
        "threshold": [StrOptions({"auto"}), Interval(Real, 0, 1, closed="left")],
        "mutual": ["boolean"],
        "n_jobs": [Integral, None],
    }

    def __init__(
        self, *, sampling_strategy="auto", threshold="auto", mutual=True, n_jobs=None
    ):
        super().__init__(sampling_strategy=sampling_strategy)
        self.threshold = threshold
        self.mutual = mutual
        self.n_jobs = n_jobs

    def _fit_resample(self, X, y, minority):
        self.threshold_ = self.threshold
        if self.threshold == "auto":
            self.threshold_ = _automatic_threshold(positives(y))
        is_removed = is_majority_row(positives(y), minority)
        is_removed &= len(minority) > 0
        if is_removed.any():
            nearest = nearest_rows(X, self.n_jobs)
            is_removed &= label_difference(y, y[nearest]) > self.threshold_
            if self.mutual:
                is_removed &= nearest[nearest] == np.arange(len(nearest))
        self.sample_indices_ = np.flatnonzero(~is_removed)
        return Resampled(self.sample_indices_)


def label_difference(y, z):
    """Adjusted Hamming distance of the label sets of rows, 0 for two empty sets.

    It is computed from the labels that are annotated in both rows.
    """
    of_y, of_z = positives(y), positives(z)
    n_labels = np.diff(of_y.indptr) + np.diff(of_z.indptr)
    if is_partial(y):
        is_unknown = of_y * not_annotated(z) + not_annotated(y) * of_z
        n_labels = n_labels - is_unknown.sum(axis=1)
    n_common = (of_y * of_z).sum(axis=1)
    return (n_labels - 2.0 * n_common) / np.maximum(n_labels, 1)


def _automatic_threshold(y):
    if scumble_of_rows(y).mean() > 0.3:
        return 0.5
    balance = 1 / np.sqrt(mean_ratio(imbalance_ratios(count_labels(y))))
    return 0.5 if balance > 0.5 else 0.3 if balance > 0.3 else 0.15

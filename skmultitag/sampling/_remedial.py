import numpy as np
from scipy import sparse

from skmultitag.sampling._base import BaseMultilabelSampler, Resampled
from skmultitag.sampling._measures import scumble_of_rows
from skmultitag.utils._annotation import positives


class REMEDIAL(BaseMultilabelSampler):
    r"""Take the labels of rows apart in which common and rare ones meet (REMEDIAL).

    A row whose SCUMBLE is above the mean becomes two rows with the same features: one
    has its majority labels, the other its minority labels. Each label is on as many
    rows as before. A copy of a row with a rare label no longer copies a common one, so
    that this can come before :class:`MLROS` or :class:`MLSMOTE`.

    Read more in the :ref:`User Guide <samplers>`.

    Parameters
    ----------
    sampling_strategy : "auto" or list of labels, default="auto"
        The minority labels.

        - "auto": those whose imbalance ratio, :math:`\max_k n_k / n_l` with :math:`n_l`
          the rows of label l, is above its mean over the labels.
        - names of labels: the columns of a DataFrame, the tags of tag lists, else the
          numbers of columns.

    Attributes
    ----------
    sample_indices_ : ndarray of shape (n_samples_new,)
        Numbers of the rows that the features come from: rows that are left as they are,
        then those that are taken apart, first for their majority labels and then again
        for their minority labels.

    minority_labels_ : ndarray of shape (n_minority_labels,)
        Names of the minority labels that have a row.

    n_features_in_ : int
        Number of features.

    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features, if they are strings.

    See Also
    --------
    scumble : The measure of a row, and its mean.

    Notes
    -----
    The two halves of a row contradict each other: the same features once have a label
    and once have not. A classifier of single labels sees each label of such a row with
    a probability of one half. This is the price; see [2]_ for when it pays.

    Where [1]_ leaves a choice, or the published implementations differ:

    - A row is left alone that has labels of one kind only, whatever its SCUMBLE, as one
      of its halves would have no label.
    - Labels whose ratio is the mean one count as majority labels.

    Features are copied as they are: they may be missing, or text. What is not annotated
    counts as 0, and is not annotated in both halves of a row.

    References
    ----------
    .. [1] F. Charte, A. J. Rivera, M. J. del Jesus, F. Herrera, "Resampling Multilabel
       Datasets by Decoupling Highly Imbalanced Labels", HAIS, 2015.
    .. [2] F. Charte, A. J. Rivera, M. J. del Jesus, F. Herrera, "Dealing with Difficult
       Minority Labels in Imbalanced Mutilabel Data Sets", Neurocomputing 326-327, 2019.

    Examples
    --------
    >>> from skmultitag.sampling import REMEDIAL
    >>> X = [[0.0], [1.0], [2.0], [3.0]]
    >>> y = [["a"], ["a"], ["a"], ["a", "b"]]
    >>> sampler = REMEDIAL()  # SCUMBLE is 0.2 in the last row, and 0.05 in the mean
    >>> X_resampled, y_resampled = sampler.fit_resample(X, y)
    >>> X_resampled
    [[0.0], [1.0], [2.0], [3.0], [3.0]]
    >>> y_resampled
    [['a'], ['a'], ['a'], ['a'], ['b']]
    """

    def _fit_resample(self, X, y, minority):
        is_minority = np.zeros(y.shape[1], dtype=np.int64)
        is_minority[minority] = 1
        has_label = positives(y)
        n_minority = has_label @ is_minority
        scumble = scumble_of_rows(has_label)
        is_apart = scumble > scumble.mean()
        is_apart &= (n_minority > 0) & (n_minority < np.diff(has_label.indptr))
        apart = np.flatnonzero(is_apart)
        self.sample_indices_ = np.concatenate([np.flatnonzero(~is_apart), apart, apart])
        kind = is_minority[y[apart].indices]
        halves = [_keep_entries(y[apart], kind == half) for half in (0, 1)]
        return Resampled(self.sample_indices_, sparse.vstack(halves, format="csr"))


def _keep_entries(y, is_kept):
    """Remove entries of 1 of a CSR array, in place, and return it."""
    y.data[(y.data == 1) & ~is_kept] = 0
    y.eliminate_zeros()
    return y

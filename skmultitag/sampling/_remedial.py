import numpy as np
from scipy import sparse

from skmultitag.sampling._base import BaseMultilabelSampler, Resampled
from skmultitag.sampling._measures import scumble_of_rows
from skmultitag.utils._annotation import positives


class REMEDIAL(BaseMultilabelSampler):
    r"""Split rows that have both common and rare labels (REMEDIAL).

    Use it before :class:`MLROS` or :class:`MLSMOTE`, so that copies of rows with a rare
    label do not copy common labels too. A row whose SCUMBLE is above the mean becomes
    two rows with the same features: one has its majority labels, the other its minority
    labels. Each label has as many rows as before.

    Read more in the :ref:`User Guide <samplers>`.

    Parameters
    ----------
    sampling_strategy : "auto" or list of labels, default="auto"
        Which labels are minority labels.

        - "auto": labels whose imbalance ratio is above the mean ratio of all labels.
          The ratio of a label l with :math:`n_l` rows is :math:`\max_k n_k / n_l`.
        - list of labels: names of the columns of a DataFrame, tags, or else numbers of
          columns.

    Attributes
    ----------
    sample_indices_ : ndarray of shape (n_samples_new,)
        Numbers of the given rows in the result: first the rows that are not split, then
        the rows that are split, with their majority labels, and then these rows again,
        with their minority labels.

    minority_labels_ : ndarray of shape (n_minority_labels,)
        Names of the minority labels that have a row.

    n_features_in_ : int
        Number of features.

    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features, if they are strings.

    See Also
    --------
    scumble : Computes SCUMBLE of each row, or its mean.

    Notes
    -----
    The two halves of a row contradict each other: with the same features, one has a
    label that the other does not have. A classifier of single labels learns each label
    of such a row with a probability of one half. [2]_ studies when this pays.

    The paper [1]_ leaves some choices open, and published implementations differ. Here:

    - A row with labels of one kind only is not split, whatever its SCUMBLE is, as one
      half would have no label.
    - A label whose ratio equals the mean ratio is a majority label.

    Features are copied unchanged, so they may be missing, or text. An entry that is not
    annotated counts as 0, and is not annotated in both halves of its row.

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

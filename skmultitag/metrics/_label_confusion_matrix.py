import numpy as np
from scipy import sparse

from skmultitag.metrics._decisions import given_decisions
from skmultitag.utils._sklearn import validate_params


@validate_params(
    {"label_names": ["array-like", None]}, prefer_skip_nested_validation=True
)
def label_confusion_matrix(y_true, y_pred, *, label_names=None):
    """Count the rows in which one label is missed and another is predicted wrongly.

    Use it to see which labels a classifier confuses. If a row has several labels, it is
    not known which wrong prediction stands for which missed label. But if the two occur
    together in many rows, the classifier confuses them.

    Read more in the :ref:`User Guide <label_report>`.

    Parameters
    ----------
    y_true : {array-like, sparse matrix} of shape (n_samples, n_labels) or list of \
            n_samples lists of tags
        The labels. Tags need `label_names`, or a DataFrame as `y_pred`. Entries of an
        indicator that are NaN are not annotated.

    y_pred : {array-like, sparse matrix} of shape (n_samples, n_labels) or list of \
            n_samples lists of tags
        The predicted labels.

    label_names : array-like of shape (n_labels,), default=None
        Names of the labels. Needed for tags.

    Returns
    -------
    counts : ndarray of int64 of shape (n_labels, n_labels)
        Entry (i, j) is the number of rows that have label i but not label j, and for
        which label j is predicted but not label i. The diagonal is 0. Entries that are
        not annotated are left out.

    See Also
    --------
    skmultitag.plotting.LabelConfusionDisplay : Draws the pairs with the largest counts.
    sklearn.metrics.multilabel_confusion_matrix : Computes the four counts of each
        label.

    Examples
    --------
    >>> from skmultitag.metrics import label_confusion_matrix
    >>> y_true = [[1, 0, 0], [1, 0, 1], [0, 1, 0]]
    >>> y_pred = [[0, 1, 0], [0, 1, 1], [0, 1, 0]]
    >>> label_confusion_matrix(y_true, y_pred)
    array([[0, 2, 0],
           [0, 0, 0],
           [0, 0, 0]])
    """
    return confusions(given_decisions(y_true, y_pred, label_names))


def confusions(decisions):
    """What `label_confusion_matrix` returns, of `Decisions`."""
    y_true, y_pred = decisions.y_true, decisions.y_pred
    missed = sparse.csr_array(y_true & ~y_pred, dtype=np.int64)
    wrong = sparse.csr_array(~y_true & y_pred, dtype=np.int64)
    return (missed.T @ wrong).toarray()

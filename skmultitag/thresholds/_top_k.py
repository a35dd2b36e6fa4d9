from numbers import Integral

import numpy as np

from skmultitag.thresholds._base import BaseThresholder
from skmultitag.utils._sklearn import Interval, StrOptions
from skmultitag.utils._top_k import top_k_indicator


class TopKThreshold(BaseThresholder):
    """Predict the labels with the k largest scores of each row ("RCut").

    It uses how labels are ranked within a row, and nothing else: a row never has
    fewer or more labels than k. Scores of different labels must be comparable.

    Parameters
    ----------
    k : int, "label_count" or None, default=None
        Number of labels of a row, in [0, inf). None takes the mean number in `fit`,
        rounded. With "label_count" each row has its own number, which is given to
        `transform`; :class:`ThresholdedClassifierCV` takes it from the classifier's
        `predict_label_count`, as :class:`~skmultitag.MultiTagClassifier` has with
        ``count_head=True``. (A pipeline hasn't: put the ThresholdedClassifierCV into
        the pipeline, not the other way round.)

    Attributes
    ----------
    k_ : int or None
        The number of labels; None for "label_count".

    n_features_in_ : int
        Number of labels seen in `fit`.

    feature_names_in_ : ndarray of shape (n_labels,)
        Names of the columns of the scores, if they are strings.

    See Also
    --------
    ExpectedFBetaThreshold : Chooses the number for each row by its probabilities.

    References
    ----------
    .. [1] Y. Yang, "A Study of Thresholding Strategies for Text Categorization",
       SIGIR, 2001.

    Examples
    --------
    >>> from skmultitag.thresholds import TopKThreshold
    >>> scores = [[0.2, 0.7, 0.1], [0.5, 0.1, 0.6]]
    >>> TopKThreshold(k=2).fit_transform(scores, [[0, 1, 0], [1, 0, 1]])
    array([[1, 1, 0],
           [1, 0, 1]])
    """

    _parameter_constraints = {
        "k": [Interval(Integral, 0, None, closed="left"), StrOptions({"label_count"})]
        + [None]
    }

    def __init__(self, k=None):
        self.k = k

    def _fit(self, scores, y, sample_weight):
        self.k_ = self.k
        if self.k == "label_count":
            self.k_ = None
        elif self.k is None:
            counts = np.average(y.sum(axis=1), weights=sample_weight)
            self.k_ = int(np.floor(counts + 0.5))

    def transform(self, scores, label_count=None):
        """Decide which labels the rows get.

        Parameters
        ----------
        scores : array-like of shape (n_samples, n_labels)
            Scores, as in `fit`.

        label_count : array-like of int of shape (n_samples,), default=None
            Number of labels of each row, if `k` is "label_count".

        Returns
        -------
        indicator : ndarray of int64 of shape (n_samples, n_labels)
            1 where the label is predicted. Of equal scores, those of the first labels
            are taken.
        """
        scores = self._check_scores(scores)
        k = self.k_
        if k is None:
            if label_count is None:
                raise ValueError(
                    "TopKThreshold(k='label_count') needs label_count, the number of"
                    " labels of each row. In ThresholdedClassifierCV the classifier"
                    " must have predict_label_count, as MultiTagClassifier has with"
                    " count_head=True."
                )
            k = np.asarray(label_count)
            if k.shape != scores.shape[:1]:
                raise ValueError(
                    f"label_count must have shape {scores.shape[:1]}, one number a row."
                    f" Got shape {k.shape} instead."
                )
        return top_k_indicator(scores, k).astype(np.int64)

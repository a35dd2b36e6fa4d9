import numpy as np
from sklearn.base import clone, is_classifier
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import Ridge
from sklearn.utils.validation import has_fit_parameter

from skmultitag.calibration import PlattCalibrator
from skmultitag.thresholds._base import BaseThresholder
from skmultitag.utils._annotation import annotated, is_partial
from skmultitag.utils._score_transformer import fitted_inside
from skmultitag.utils._sklearn import HasMethods
from skmultitag.utils._top_k import top_k_indicator


class LabelCountThreshold(BaseThresholder):
    """Learn how many labels a row has, and predict that many with the largest scores.

    A second, small model predicts the number of labels of a row from the probabilities
    of its labels, which Platt scaling makes from the scores ("MetaLabeler" [1]_). It
    makes decisions for losses that only rank labels, and suits data whose rows have a
    definite number of labels. Scores of different labels must be comparable.

    Read more in the :ref:`User Guide <label_count_threshold>`.

    Parameters
    ----------
    estimator : classifier, regressor or None, default=None
        Fitted on the probabilities, of shape (n_samples, n_labels), and the number of
        labels of each row. None is :class:`~sklearn.linear_model.Ridge`. What it
        predicts is rounded, halves up, and moved into [0, n_labels]. A classifier
        only predicts numbers that occur in `fit`.

    Attributes
    ----------
    estimator_ : classifier or regressor
        Predicts the number of labels; a :class:`~sklearn.dummy.DummyClassifier` if all
        rows of `fit` have the same number.

    calibrator_ : PlattCalibrator
        Turns scores into probabilities, for `estimator_` only.

    n_features_in_ : int
        Number of labels seen in `fit`.

    feature_names_in_ : ndarray of shape (n_labels,)
        Names of the columns of the scores, if they are strings.

    See Also
    --------
    TopKThreshold : The same number for all rows.
    ExpectedFBetaThreshold : Chooses the number by the expected F-beta of the row.

    Notes
    -----
    Weights of rows are passed to `estimator`, which must take `sample_weight` then.

    Of a row that is annotated in part the number of labels is not known. `estimator` is
    fitted on the expected one: the annotated labels that it has, and the sum of the
    probabilities of those that are not annotated; rounded for a classifier. This holds
    if what is annotated does not depend on the label, given the scores.

    References
    ----------
    .. [1] L. Tang, S. Rajan, V. K. Narayanan, "Large Scale Multi-Label Classification
       via MetaLabeler", WWW, 2009.
    .. [2] Y. Li, Y. Song, J. Luo, "Improving Pairwise Ranking for Multi-Label Image
       Classification", CVPR, 2017 (a network beside the "lsep" loss).
    .. [3] J. Du, Q. Chen, Y. Peng, Y. Xiang, C. Tao, Z. Lu, "ML-Net: Multi-Label
       Classification of Biomedical Texts with Deep Neural Networks", JAMIA 26, 2019.

    Examples
    --------
    >>> from skmultitag.thresholds import LabelCountThreshold
    >>> scores = [[0.9, 0.8], [0.9, 0.2], [0.8, 0.7], [0.7, 0.1], [0.6, 0.2]]
    >>> y = [[1, 1], [1, 0], [1, 1], [1, 0], [1, 0]]
    >>> thresholder = LabelCountThreshold().fit(scores, y)
    >>> thresholder.predict_label_count([[0.6, 0.9], [0.4, 0.3]])
    array([2, 1])
    >>> thresholder.transform([[0.6, 0.9], [0.4, 0.3]])
    array([[1, 1],
           [1, 0]])
    """

    _parameter_constraints = {"estimator": [HasMethods(["fit", "predict"]), None]}

    def __init__(self, estimator=None):
        self.estimator = estimator

    def _fit(self, scores, y, sample_weight):
        self.calibrator_ = fitted_inside(PlattCalibrator(), scores, y, sample_weight)
        proba = self.calibrator_.transform(scores)
        estimator = Ridge() if self.estimator is None else clone(self.estimator)
        n_labels = _expected_label_count(y, proba, estimator)
        if n_labels.min() == n_labels.max():
            # many classifiers refuse a target of one class
            estimator = DummyClassifier(strategy="most_frequent")
        params = {}
        if sample_weight is not None:
            if not has_fit_parameter(estimator, "sample_weight"):
                raise ValueError(
                    f"{type(estimator).__name__}, the estimator of LabelCountThreshold,"
                    " does not take sample_weight. Pass no weights, or an estimator"
                    " whose fit takes them."
                )
            params["sample_weight"] = sample_weight
        self.estimator_ = estimator.fit(proba, n_labels, **params)

    def predict_label_count(self, scores):
        """Predict how many labels each row has.

        Parameters
        ----------
        scores : array-like of shape (n_samples, n_labels)
            Scores, as in `fit`.

        Returns
        -------
        label_count : ndarray of int64 of shape (n_samples,)
            In [0, n_labels].
        """
        return self._label_count(self._check_scores(scores))

    def _label_count(self, scores):
        predicted = self.estimator_.predict(self.calibrator_.transform(scores))
        rounded = np.floor(np.reshape(predicted, len(scores)) + 0.5)
        return np.clip(rounded, 0, scores.shape[1]).astype(np.int64)

    def _decide(self, scores):
        return top_k_indicator(scores, self._label_count(scores))


def _expected_label_count(y, proba, estimator):
    """How many labels each row has, the expected number if it is not known."""
    if not is_partial(y):
        return y.sum(axis=1)
    expected = np.where(annotated(y), y, proba).sum(axis=1)
    if is_classifier(estimator):
        expected = np.floor(expected + 0.5).astype(np.int64)
    return expected

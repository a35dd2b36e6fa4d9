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

    Use it for losses that only rank labels, or if the number of labels of a row can be
    seen from its scores. A second, small model predicts this number from the
    probabilities of the labels, which Platt scaling makes from the scores
    ("MetaLabeler" [1]_). Scores of different labels must be comparable.

    Read more in the :ref:`User Guide <label_count_threshold>`.

    Parameters
    ----------
    estimator : classifier, regressor or None, default=None
        Model that is fitted on the probabilities, of shape (n_samples, n_labels), and
        the number of labels of each row. None is :class:`~sklearn.linear_model.Ridge`.
        Its predictions are rounded (halves up) and clipped to [0, n_labels]. A
        classifier only predicts numbers that occur in `fit`.

    Attributes
    ----------
    estimator_ : classifier or regressor
        Predicts the number of labels. It is a :class:`~sklearn.dummy.DummyClassifier`
        if all rows of `fit` have the same number.

    calibrator_ : PlattCalibrator
        Turns scores into probabilities for `estimator_`. Labels are ranked by scores.

    n_features_in_ : int
        Number of labels seen in `fit`.

    feature_names_in_ : ndarray of shape (n_labels,)
        Names of the columns of the scores, if they are strings.

    See Also
    --------
    TopKThreshold : Predicts the same number of labels in all rows.
    ExpectedFBetaThreshold : Chooses the number by the expected F-beta of the row.

    Notes
    -----
    If `fit` gets `sample_weight`, the `fit` of `estimator` must accept it too.

    If a row is annotated only in part, its number of labels is not known. `estimator`
    is then fitted on the expected number: the number of annotated labels that the row
    has, plus the sum of the probabilities of the labels that are not annotated. It is
    rounded for a classifier. This assumes that whether an entry is annotated depends on
    the scores only, and not on the label.

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
                    f"The fit of {type(estimator).__name__}, the estimator of"
                    " LabelCountThreshold, does not take sample_weight. Pass no"
                    " weights, or an estimator whose fit takes them."
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

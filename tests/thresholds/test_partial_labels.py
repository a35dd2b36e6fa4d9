"""ThresholdedClassifierCV with targets of which entries are not annotated."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmultitag import MultiTagClassifier, ThresholdedClassifierCV
from skmultitag.calibration import PlattCalibrator
from skmultitag.datasets import make_multitag_classification
from skmultitag.ensemble import MultilabelVotingClassifier
from skmultitag.metrics import get_scorer
from skmultitag.model_selection import MultilabelStratifiedKFold
from skmultitag.multioutput import BinaryRelevanceClassifier
from skmultitag.thresholds import FBetaThreshold

X, Y = make_multitag_classification(n_samples=200, random_state=0)
IS_MISSING = np.random.default_rng(0).random(Y.shape) < 0.4
PARTIAL = np.where(IS_MISSING, np.nan, Y)
AS_ZEROS = np.where(IS_MISSING, 0, Y)
FOLDS = KFold(3, shuffle=True, random_state=0)
BY_LABEL = BinaryRelevanceClassifier(LogisticRegression())
ONE_VS_REST = OneVsRestClassifier(LogisticRegression())


def out_of_fold(estimator, y):
    scores = np.empty(Y.shape)
    for train, test in FOLDS.split(X):
        scores[test] = clone(estimator).fit(X[train], y[train]).predict_proba(X[test])
    return scores


def thresholds_by_label(scores):
    """Each from the annotated rows of its label alone."""
    columns = zip(scores.T, PARTIAL.T, ~IS_MISSING.T, strict=True)
    return [
        FBetaThreshold().fit(s[known, None], y[known, None]).threshold_[0]
        for s, y, known in columns
    ]


@pytest.mark.parametrize("form", [np.asarray, pd.DataFrame, lambda y: y.tolist()])
def test_thresholds_are_those_of_annotated_rows(form):
    model = ThresholdedClassifierCV(BY_LABEL, FBetaThreshold(), cv=FOLDS)
    model.fit(X, form(PARTIAL))
    scores = out_of_fold(BY_LABEL, PARTIAL)
    np.testing.assert_array_equal(model.threshold_, thresholds_by_label(scores))
    fitted = clone(BY_LABEL).fit(X, PARTIAL)
    expected = fitted.predict_proba(X) >= model.threshold_
    np.testing.assert_array_equal(model.predict(X), expected)


def test_a_classifier_of_others_can_learn_them_as_negatives():
    model = ThresholdedClassifierCV(ONE_VS_REST, FBetaThreshold(), cv=FOLDS)
    message = "not annotated.*OneVsRestClassifier.*BinaryRelevance.*missing_labels="
    with pytest.raises(ValueError, match=message):
        model.fit(X, PARTIAL)
    assert not hasattr(model, "estimator_")
    model.set_params(missing_labels="negative").fit(X, PARTIAL)
    scores = out_of_fold(ONE_VS_REST, AS_ZEROS)
    np.testing.assert_array_equal(model.threshold_, thresholds_by_label(scores))
    as_zeros = clone(ONE_VS_REST).fit(X, AS_ZEROS)
    np.testing.assert_array_equal(model.predict_proba(X), as_zeros.predict_proba(X))


def test_missing_entries_can_be_passed_on():
    class Own(LogisticRegression):
        def fit(self, X, y):
            assert np.isnan(y).any()
            self.model_ = clone(BY_LABEL).fit(X, y)
            return self

        def predict_proba(self, X):
            return self.model_.predict_proba(X)

    model = ThresholdedClassifierCV(Own(), cv=FOLDS, missing_labels="pass")
    expected = ThresholdedClassifierCV(BY_LABEL, cv=FOLDS).fit(X, PARTIAL)
    np.testing.assert_array_equal(model.fit(X, PARTIAL).predict(X), expected.predict(X))


@pytest.mark.parametrize("cv", [None, 3])
@pytest.mark.parametrize(
    "estimator",
    [
        MultiTagClassifier(hidden_layer_sizes=(8,), max_iter=2, random_state=0),
        make_pipeline(StandardScaler(), BY_LABEL),
        MultilabelVotingClassifier([("a", BY_LABEL), ("b", BY_LABEL)]),
        GridSearchCV(
            BY_LABEL,
            {"estimator__C": [0.1]},
            scoring=get_scorer("f1_micro"),
            cv=MultilabelStratifiedKFold(2),
        ),
    ],
    ids=["network", "pipeline", "vote", "search"],
)
def test_classifiers_that_leave_them_out(estimator, cv):
    calibrator = PlattCalibrator()
    model = ThresholdedClassifierCV(estimator, cv=cv, calibrator=calibrator)
    model.set_params(store_cv_results=cv is not None)  # there are no folds
    assert model.fit(X, PARTIAL).predict(X).shape == Y.shape
    assert np.isfinite(model.predict_proba(X)).all()
    # what is hidden has no part in it
    other = clone(model).fit(X, np.ma.array(1 - Y, mask=IS_MISSING) * -1 + 1)
    np.testing.assert_array_equal(other.predict(X), model.predict(X))


def test_a_vote_with_a_member_that_can_not_is_refused():
    forest = RandomForestClassifier(5, random_state=0)
    vote = MultilabelVotingClassifier([("a", BY_LABEL), ("b", forest)], cv=2)
    with pytest.raises(ValueError, match="not annotated.*RandomForestClassifier"):
        vote.fit(X, PARTIAL)
    with pytest.raises(ValueError, match="not annotated"):
        ThresholdedClassifierCV(vote).fit(X, PARTIAL)


def test_prefit():
    fitted = clone(ONE_VS_REST).fit(X, Y)
    model = ThresholdedClassifierCV(fitted, FBetaThreshold(), cv="prefit")
    model.fit(X, PARTIAL)
    expected = thresholds_by_label(fitted.predict_proba(X))
    np.testing.assert_array_equal(model.threshold_, expected)

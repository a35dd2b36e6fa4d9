import numpy as np
import pytest
from scipy.special import expit
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmultitag.calibration import PlattCalibrator
from skmultitag.thresholds import LabelCountThreshold, TopKThreshold

# the default solver warns with scikit-learn 1.6 and a new scipy
LOGISTIC = LogisticRegression(solver="newton-cg")


@pytest.fixture(scope="module")
def data():
    """Rows differ in a level that all their labels share, so that counts differ."""
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(600, 5)) + 2 * rng.normal(size=(600, 1)) - 1
    return scores, (rng.random(scores.shape) < expit(2 * scores)).astype(int)


def test_default_is_ridge_regression_on_probabilities(data):
    """Written out: the normal equations with a penalty of 1, the mean left free."""
    scores, y = data
    proba = PlattCalibrator().fit_transform(scores, y)
    centred, n_labels = proba - proba.mean(axis=0), y.sum(axis=1)
    coef = np.linalg.solve(centred.T @ centred + np.eye(5), centred.T @ n_labels)
    expected = np.clip(np.floor(centred @ coef + n_labels.mean() + 0.5), 0, 5)
    model = LabelCountThreshold().fit(scores, y)
    np.testing.assert_array_equal(model.predict_label_count(scores), expected)
    assert model.predict_label_count(scores).dtype == np.int64
    assert not hasattr(model, "threshold_")


@pytest.mark.parametrize(
    "estimator",
    [
        None,
        LOGISTIC,
        RandomForestClassifier(20, min_samples_leaf=10, random_state=0),
        make_pipeline(StandardScaler(), KNeighborsClassifier(30)),
    ],
    ids=str,
)
def test_counts_are_learnt_and_decide(estimator, data):
    scores, y = data
    model = LabelCountThreshold(estimator).fit(scores[:400], y[:400])
    scores, y = scores[400:], y[400:]
    n_labels, true = model.predict_label_count(scores), y.sum(axis=1)
    error = np.abs(n_labels - true).mean()
    assert error < 0.6 * np.abs(true - np.median(true)).mean()
    decided = model.transform(scores)
    rank = (-scores).argsort(axis=1).argsort(axis=1)
    np.testing.assert_array_equal(decided, rank < n_labels[:, None])
    same_for_all = TopKThreshold().fit(scores, y).transform(scores)
    assert (decided == y).mean() > (same_for_all == y).mean() + 0.1


def test_rows_without_labels_are_predicted(data):
    scores, y = data
    empty = LabelCountThreshold().fit(scores, y).transform(scores).sum(axis=1) == 0
    assert empty.sum() > 100 and y[empty].mean() < 0.1


@pytest.mark.parametrize(
    "constant, expected", [(-2.0, 0), (0.49, 0), (0.5, 1), (2.5, 3), (9.0, 5)]
)
def test_predictions_are_rounded_and_moved_into_the_range(constant, expected, data):
    scores, y = data
    estimator = DummyRegressor(strategy="constant", constant=constant)
    n_labels = LabelCountThreshold(estimator).fit(scores, y).predict_label_count(scores)
    assert (n_labels == expected).all()


def test_classifier_predicts_numbers_that_it_has_seen(data):
    scores, y = data
    seen = np.isin(y.sum(axis=1), [0, 2, 5])
    model = LabelCountThreshold(LOGISTIC).fit(scores[seen], y[seen])
    assert set(model.predict_label_count(scores)) <= {0, 2, 5}


@pytest.mark.parametrize("estimator", [None, LOGISTIC], ids=str)
def test_same_number_in_all_rows(estimator, data):
    scores, _ = data
    y = TopKThreshold(2).fit_transform(scores, scores > 0)
    model = LabelCountThreshold(estimator).fit(scores, y)
    np.testing.assert_array_equal(model.transform(scores), y)


def test_one_label(data):
    scores, y = data[0][:, :1], data[1][:, :1]
    decided = LabelCountThreshold(LOGISTIC).fit(scores, y).transform(scores)
    assert (decided == y).mean() > 0.8


@pytest.mark.parametrize("scale", [1e-4, 1e4])
def test_scale_of_scores_does_not_matter(scale, data):
    scores, y = data
    expected = LabelCountThreshold().fit(scores, y).transform(scores)
    scaled = LabelCountThreshold().fit(scale * scores - 3, y)
    np.testing.assert_array_equal(scaled.transform(scale * scores - 3), expected)


def test_weights_go_to_the_estimator(data):
    """Rows of one half count only: as if fitted on them."""
    scores, y = data
    weight = np.repeat([2.0, 1e-9], 300)
    weighted = LabelCountThreshold(LOGISTIC).fit(scores, y, weight)
    half = LabelCountThreshold(LOGISTIC).fit(scores[:300], y[:300], weight[:300])
    np.testing.assert_allclose(
        weighted.estimator_.coef_, half.estimator_.coef_, rtol=1e-2, atol=1e-2
    )


def test_estimator_without_weights_raises(data):
    model = LabelCountThreshold(KNeighborsClassifier())
    with pytest.raises(
        ValueError, match="KNeighborsClassifier.*not take sample_weight"
    ):
        model.fit(*data, np.ones(600))


def test_bad_estimators_raise(data):
    with pytest.raises(ValueError, match="'estimator' parameter of LabelCountThresh"):
        LabelCountThreshold(StandardScaler()).fit(*data)
    with pytest.raises(ValueError, match="'C' parameter of LogisticRegression"):
        LabelCountThreshold(LogisticRegression(C=-1.0)).fit(*data)


def test_estimator_is_cloned(data):
    LabelCountThreshold(LOGISTIC).fit(*data)
    assert not hasattr(LOGISTIC, "coef_")

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.base import clone
from sklearn.metrics import roc_auc_score
from sklearn.metrics.pairwise import euclidean_distances
from sklearn.model_selection import GridSearchCV, cross_val_predict
from sklearn.utils.estimator_checks import parametrize_with_checks

from skmultitag import ThresholdedClassifierCV, for_inference
from skmultitag.datasets import make_multitag_classification
from skmultitag.kernel_ridge import (
    KernelRidgeClassifierCV,
    StackedKernelRidgeClassifierCV,
)
from skmultitag.model_selection import MultilabelStratifiedKFold
from skmultitag.thresholds import FBetaThreshold


@pytest.fixture(scope="module")
def data():
    return make_multitag_classification(200, 8, 4, imbalance=3, random_state=0)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@parametrize_with_checks(
    [StackedKernelRidgeClassifierCV()],
    expected_failed_checks=lambda _: dict.fromkeys(
        [
            "check_sample_weight_equivalence_on_dense_data",
            "check_sample_weight_equivalence_on_sparse_data",
        ],
        "leave-one-out leaves out one of two equal rows, but all of a row of weight 2",
    ),
)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


def median(X):
    distances = euclidean_distances(X)[np.triu_indices(len(X), 1)]
    return np.sort(distances)[(len(distances) - 1) // 2]


@pytest.mark.parametrize("kernel", ["rbf", "linear"])
@pytest.mark.parametrize("gamma", ["median", 0.05])
def test_two_fits_by_hand(data, kernel, gamma):
    X, y = data
    X, X_new, y = X[:150], X[150:], y[:150]
    estimator = KernelRidgeClassifierCV(kernel=kernel, gamma=gamma, alphas=[0.3, 3])
    model = StackedKernelRidgeClassifierCV(estimator, label_share=0.3).fit(X, y)

    first = clone(estimator).fit(X, y)
    spread = (2 * y - 1).std(axis=0)
    loo = first.loo_decision_function_ / spread
    new = first.decision_function(X_new) / spread
    size = 0.3**0.5 * median(X) / median(loo)
    second = clone(estimator).set_params(alphas=first.alpha_)
    second.fit(np.hstack([X, size * loo]), y)
    new = second.decision_function(np.hstack([X_new, size * new]))
    expected = (first.decision_function(X_new) + new) / 2
    # of an even number of distances the median is a choice
    assert_allclose(model.decision_function(X_new), expected, atol=1e-4)
    assert_array_equal(model.predict(X_new), (model.decision_function(X_new) > 0) * 1)


@pytest.mark.parametrize("standardize", [False, "auto"])
def test_out_of_fold_scores_are_those_of_fits_on_other_folds(data, standardize):
    X, y = data
    X = X * np.arange(1, 9)
    estimator = KernelRidgeClassifierCV(alphas=[0.3, 3], standardize=standardize)
    model = StackedKernelRidgeClassifierCV(estimator, cv=3).fit(X, y)
    of_folds = clone(model).set_params(
        estimator__alphas=model.first_.alpha_,
        estimator__standardize=model.first_.scale_ is not None,
    )
    folds = list(MultilabelStratifiedKFold(3).split(X, y))
    expected = cross_val_predict(of_folds, X, y, cv=folds, method="decision_function")
    assert_allclose(model.oof_decision_function_, expected, atol=1e-10)


def test_noise_looks_like_noise():
    """Leave-one-out scores of the second fit say that it is learnt by heart."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(300, 10)), (rng.random((300, 5)) < 0.3).astype(int)
    model = StackedKernelRidgeClassifierCV().fit(X, y)
    assert 0.4 < roc_auc_score(y, model.oof_decision_function_) < 0.6


def test_helps_where_labels_say_something_of_each_other():
    """The features show the first label only by halves, but the others well."""
    rng = np.random.RandomState(0)
    hidden = rng.normal(size=(600, 3))
    X = hidden @ rng.normal(size=(3, 40)) + 3 * rng.normal(size=(600, 40))
    y = np.column_stack([hidden > 0.3, hidden.sum(axis=1, keepdims=True) > 1])
    X, X_new, y, y_new = X[:300], X[300:], y[:300].astype(int), y[300:]
    alone = KernelRidgeClassifierCV(kernel="exponential").fit(X, y)
    model = StackedKernelRidgeClassifierCV().fit(X, y)

    def error(model):
        return ((model.decision_function(X_new) - (2 * y_new - 1)) ** 2).mean()

    assert error(model) < error(alone)


def test_one_fit_with_thresholds(data):
    X, y = data
    model = ThresholdedClassifierCV(StackedKernelRidgeClassifierCV(), FBetaThreshold())
    model.fit(X, y)
    scores = model.estimator_.oof_decision_function_
    assert_array_equal(model.threshold_, FBetaThreshold().fit(scores, y).threshold_)


def test_forms(data):
    X, y = data
    expected = StackedKernelRidgeClassifierCV().fit(X, y)
    of_sparse = StackedKernelRidgeClassifierCV().fit(
        sparse.csr_matrix(X), sparse.csr_array(y)
    )
    scores = of_sparse.decision_function(sparse.csr_matrix(X))
    assert_allclose(scores, expected.decision_function(X), atol=1e-6)
    assert sparse.issparse(of_sparse.predict(sparse.csr_matrix(X)))
    tags = [[f"tag {j}" for j in np.flatnonzero(row)] for row in y]
    of_tags = StackedKernelRidgeClassifierCV().fit(X, tags)
    assert_allclose(of_tags.decision_function(X), expected.decision_function(X))
    assert of_tags.label_names_.tolist() == [f"tag {j}" for j in range(4)]
    single = StackedKernelRidgeClassifierCV().fit(X.astype(np.float32), y)
    assert single.decision_function(X).dtype == np.float32
    assert_allclose(single.decision_function(X), scores, atol=1e-3)
    for n_classes in (2, 3):
        classes = X[:, :n_classes].argmax(axis=1)
        of_classes = StackedKernelRidgeClassifierCV().fit(X, classes)
        assert set(of_classes.predict(X)) <= set(range(n_classes))
        assert len(of_classes.oof_decision_function_) == 200


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_label_without_positives_changes_nothing(data, dtype):
    X, y = data
    X, y = X.astype(dtype), y.copy()
    y[:, 1] = 0
    model = StackedKernelRidgeClassifierCV().fit(X, y)
    scores = model.decision_function(X)
    assert_allclose(scores[:, 1], -1, atol=1e-5)
    others = StackedKernelRidgeClassifierCV().fit(X, y[:, [0, 2, 3]])
    assert_allclose(scores[:, [0, 2, 3]], others.decision_function(X), atol=1e-3)


def test_landmarks_search_and_files(data):
    X, y = data
    estimator = KernelRidgeClassifierCV(n_components=50, random_state=0)
    search = GridSearchCV(
        StackedKernelRidgeClassifierCV(estimator),
        {"label_share": [0.1, 1.0], "estimator__kernel": ["rbf"]},
        cv=2,
    ).fit(X, y)
    model = search.best_estimator_
    assert len(model.second_.X_fit_) == 50
    small = pickle.loads(pickle.dumps(for_inference(model)))
    assert_array_equal(small.decision_function(X), model.decision_function(X))
    for each in (small, small.first_, small.second_):
        assert not hasattr(each, "loo_decision_function_")
        assert not hasattr(each, "oof_decision_function_")


@pytest.mark.parametrize("n_rows, kernel", [(150, "exponential"), (151, "rbf")])
def test_default_kernel_by_the_number_of_rows(data, monkeypatch, n_rows, kernel):
    module = "skmultitag.kernel_ridge._stacked_kernel_ridge_classifier_cv"
    monkeypatch.setattr(f"{module}.N_ROWS_EXACT_BY_ITSELF", 150)
    X, y = (part[:n_rows] for part in data)
    model = StackedKernelRidgeClassifierCV().fit(X, y)
    estimator = KernelRidgeClassifierCV(kernel=kernel, standardize="auto")
    same = StackedKernelRidgeClassifierCV(estimator).fit(X, y)
    assert_array_equal(model.decision_function(X), same.decision_function(X))
    assert model.second_.kernel == kernel


def test_features_with_names(data):
    """The same scores, and no warning that an inner fit misses the names."""
    pd = pytest.importorskip("pandas")
    X, y = data
    frame = pd.DataFrame(X).add_prefix("x")
    model = StackedKernelRidgeClassifierCV()
    expected = clone(model).fit(X, y).decision_function(X)
    scores = model.fit(frame, y).decision_function(frame)
    assert_allclose(scores, expected, atol=1e-6)


def test_bad_input(data):
    X, y = data
    precomputed = KernelRidgeClassifierCV(kernel="precomputed")
    with pytest.raises(ValueError, match="estimator can't have kernel='precomputed'"):
        StackedKernelRidgeClassifierCV(precomputed).fit(X @ X.T, y)
    with pytest.raises(ValueError, match="'label_share' parameter"):
        StackedKernelRidgeClassifierCV(label_share=0).fit(X, y)
    with pytest.raises(ValueError, match="'estimator' parameter"):
        StackedKernelRidgeClassifierCV("rbf").fit(X, y)
    with pytest.raises(ValueError, match="same number of rows"):
        StackedKernelRidgeClassifierCV().fit(X, y[:-1])
    model = StackedKernelRidgeClassifierCV().fit(X, y)
    with pytest.raises(ValueError, match="8 features"):
        model.predict(X[:, :7])

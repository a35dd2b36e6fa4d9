"""Leave-one-out against refits, the fit against scikit-learn, all forms of input."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy import sparse
from sklearn.base import clone
from sklearn.gaussian_process.kernels import Matern
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import RidgeClassifier, RidgeClassifierCV
from sklearn.metrics import make_scorer, roc_auc_score
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from skmultitag import ThresholdedClassifierCV, for_inference
from skmultitag.kernel_ridge import KernelRidgeClassifierCV, _landmarks
from skmultitag.kernel_ridge import _kernel_ridge_classifier_cv as module
from skmultitag.metrics import get_scorer
from skmultitag.utils import _blocks

ALPHAS = [0.1, 2.0]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@parametrize_with_checks(
    [
        KernelRidgeClassifierCV(),
        KernelRidgeClassifierCV(kernel=("rbf", "exponential"), scoring="accuracy"),
        # with more alphas, weighted and repeated rows may choose different ones
        KernelRidgeClassifierCV(1.0, kernel="linear"),
        KernelRidgeClassifierCV(1.0, n_components=1000, random_state=0),
    ]
)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


@pytest.fixture
def data():
    """Features of float64, positive, and an indicator with a label of one row."""
    rng = np.random.default_rng(0)
    X = rng.random((30, 6)) + 0.1
    y = (X[:, :4] + rng.normal(scale=0.2, size=(30, 4)) > 0.7).astype(np.int64)
    y[:, 3] = np.arange(30) == 5
    return X, y


def product_squared(a, b, scale=1.0):
    return scale * (a @ b) ** 2


KERNELS = [
    {"kernel": "rbf"},
    {"kernel": "rbf", "gamma": 0.7},
    {"kernel": "exponential"},
    {"kernel": "laplacian", "gamma": None},
    {"kernel": "linear"},
    {"kernel": "poly", "degree": 2, "coef0": 0.5},
    {"kernel": "cosine"},
    {"kernel": "chi2"},
    {"kernel": "additive_chi2"},  # positive semi-definite once it is centred
    {"kernel": "sigmoid", "gamma": 0.001},
    {"kernel": ("rbf", "exponential", "linear")},
    {"kernel": ["rbf", "laplacian"], "gamma": ["median", 0.3]},
    {"kernel": Matern(length_scale=2.0)},
    {"kernel": product_squared, "kernel_params": {"scale": 0.1}},
]


def loo_by_refits(model, X, y, sample_weight=None):
    """Scores of each row by a fit on the others, at the same gamma."""
    scores = []
    for row in range(len(X)):
        others = np.arange(len(X)) != row
        weight = None if sample_weight is None else sample_weight[others]
        refit = clone(model).set_params(alphas=model.alpha_, gamma=model.gamma_)
        refit.fit(X[others], y[others], sample_weight=weight)
        scores.append(refit.decision_function(X[[row]])[0])
    return np.array(scores)


@pytest.mark.parametrize("is_weighted", [False, True])
@pytest.mark.parametrize("alpha", [1e-3, 0.5])
@pytest.mark.parametrize("params", KERNELS, ids=str)
def test_leave_one_out_is_that_of_refits(params, alpha, is_weighted, data):
    X, y = data
    weight = np.arange(30) % 4 / 3.0 if is_weighted else None
    model = KernelRidgeClassifierCV(alpha, **params).fit(X, y, sample_weight=weight)
    expected = loo_by_refits(model, X, y, weight)
    np.testing.assert_allclose(model.loo_decision_function_, expected, atol=1e-8)


@pytest.mark.parametrize("is_weighted", [False, True])
def test_leave_one_out_of_linear_scores_with_more_features_than_rows(is_weighted):
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(12, 40)), rng.integers(0, 2, size=(12, 3))
    weight = np.arange(12) % 3 if is_weighted else None
    model = KernelRidgeClassifierCV(0.3, kernel="linear").fit(X, y, weight)
    expected = loo_by_refits(model, X, y, weight)
    np.testing.assert_allclose(model.loo_decision_function_, expected, atol=1e-8)


@pytest.mark.parametrize("is_weighted", [False, True])
@pytest.mark.parametrize("kernel", ["exponential", ("rbf", "laplacian")])
def test_leave_one_out_of_landmarks_is_that_of_refits(
    kernel, is_weighted, data, monkeypatch
):
    """A row that is left out is no landmark either."""
    X, y = data
    weight = np.arange(30) % 4 / 3.0 if is_weighted else np.ones(30)
    model = KernelRidgeClassifierCV(0.1, kernel=kernel, n_components=9, random_state=0)
    model.fit(X, y, sample_weight=weight)
    landmarks = [np.flatnonzero((X == row).all(axis=1)).item() for row in model.X_fit_]
    assert len(landmarks) == 9
    assert weight[landmarks].all()
    for row in range(30):
        others = np.arange(30) != row
        kept = [each - (each > row) for each in landmarks if each != row]
        monkeypatch.setattr(module, "choose_landmarks", lambda *_: np.array(kept))  # noqa: B023
        refit = clone(model).set_params(gamma=model.gamma_)
        refit.fit(X[others], y[others], sample_weight=weight[others])
        np.testing.assert_allclose(
            model.loo_decision_function_[row],
            refit.decision_function(X[[row]])[0],
            atol=1e-8,
        )


def test_all_rows_as_landmarks_are_the_exact_fit(data):
    X, y = data
    exact = KernelRidgeClassifierCV(0.1, kernel="exponential").fit(X, y)
    model = clone(exact).set_params(n_components=30).fit(X, y)
    np.testing.assert_allclose(
        model.decision_function(X), exact.decision_function(X), atol=1e-8
    )
    np.testing.assert_allclose(
        model.loo_decision_function_, exact.loo_decision_function_, atol=1e-8
    )


def test_landmarks_are_the_projection_of_nystroem(data):
    from sklearn.kernel_approximation import Nystroem
    from sklearn.linear_model import Ridge

    X, y = data
    model = KernelRidgeClassifierCV(0.2, n_components=8, random_state=0).fit(X, y)
    nystroem = Nystroem(gamma=model.gamma_, n_components=8).fit(model.X_fit_)
    Z = nystroem.transform(X)
    ridge = Ridge(0.2).fit(Z, 2 * y - 1)
    np.testing.assert_allclose(model.decision_function(X), ridge.predict(Z), atol=1e-8)


# The fit and the choice of alpha


def test_scores_are_those_of_kernel_ridge_with_centred_kernel_and_target(data):
    X, y = data
    model = KernelRidgeClassifierCV(0.3, gamma=0.5).fit(X, y)
    K, target = rbf_kernel(X, gamma=0.5), 2.0 * y - 1
    centre = np.eye(30) - 1 / 30
    ridge = KernelRidge(0.3, kernel="precomputed")
    ridge.fit(centre @ K @ centre, target - target.mean(axis=0))
    expected = ridge.predict(centre @ K @ centre) + target.mean(axis=0)
    np.testing.assert_allclose(model.decision_function(X), expected, atol=1e-8)


@pytest.mark.parametrize("n_features", [6, 50])
def test_linear_is_ridge_classifier(n_features):
    rng = np.random.default_rng(0)
    X, y = rng.normal(3.0, size=(40, n_features)), rng.integers(0, 3, size=40)
    weight = rng.random(40)
    model = KernelRidgeClassifierCV(0.7, kernel="linear").fit(X, y, weight)
    theirs = RidgeClassifier(0.7).fit(X, y, sample_weight=weight)
    np.testing.assert_allclose(model.coef_, theirs.coef_, atol=1e-8)
    np.testing.assert_allclose(model.intercept_, theirs.intercept_, atol=1e-8)
    np.testing.assert_array_equal(model.predict(X), theirs.predict(X))


def test_alpha_of_two_classes_is_that_of_ridge_classifier_cv(data):
    X, y = data
    alphas = [0.01, 0.1, 1.0, 10.0]
    model = KernelRidgeClassifierCV(alphas, kernel="linear").fit(X, y[:, 0])
    theirs = RidgeClassifierCV(alphas).fit(X, y[:, 0])
    assert model.alpha_ == theirs.alpha_
    variance = (2.0 * y[:, 0] - 1).var()
    assert model.best_score_ == pytest.approx(1 + theirs.best_score_ / variance)


@pytest.mark.parametrize("is_weighted", [False, True])
def test_alpha_has_the_least_error_in_units_of_the_variance(is_weighted, data):
    X, y = data
    y[:, 2] = 1  # constant, left out
    weight = np.arange(30) % 4 + 1.0 if is_weighted else np.ones(30)
    target, r2 = 2.0 * y - 1, []
    for alpha in (0.03, 0.3, 3.0):
        one = KernelRidgeClassifierCV(alpha).fit(X, y, sample_weight=weight)
        scores = loo_by_refits(one, X, y, weight)
        error = np.average((scores - target) ** 2, axis=0, weights=weight)
        mean = np.average(target, axis=0, weights=weight)
        variance = np.average((target - mean) ** 2, axis=0, weights=weight)
        r2.append(1 - np.mean(error[[0, 1, 3]] / variance[[0, 1, 3]]))
    model = KernelRidgeClassifierCV([0.03, 0.3, 3.0]).fit(X, y, sample_weight=weight)
    assert model.alpha_ == [0.03, 0.3, 3.0][np.argmax(r2)]
    assert model.best_score_ == pytest.approx(max(r2))


@pytest.mark.parametrize(
    "scoring",
    [
        "f1_macro",
        "sigmoid_f1_micro",
        make_scorer(roc_auc_score, response_method="decision_function"),
    ],
)
@pytest.mark.parametrize("is_weighted", [False, True])
def test_scoring_is_of_leave_one_out_scores(scoring, is_weighted, data):
    X, y = data
    y[:15, 3] = 1
    weight = np.arange(30) % 4 + 1.0 if is_weighted else None

    class Scores:
        """A classifier that knows them."""

        _estimator_type, classes_ = "classifier", np.arange(4)

        def decision_function(self, X):
            return X

        def predict(self, X):
            return (X > 0).astype(int)

        def __sklearn_tags__(self):
            return KernelRidgeClassifierCV().__sklearn_tags__()

        def fit(self, X, y):
            return self

    values = []
    for alpha in ALPHAS:
        one = KernelRidgeClassifierCV(alpha).fit(X, y, sample_weight=weight)
        params = {} if weight is None else {"sample_weight": weight}
        scores = one.loo_decision_function_
        values.append(get_scorer(scoring)(Scores(), scores, y, **params))
    model = KernelRidgeClassifierCV(ALPHAS, scoring=scoring)
    model.fit(X, y, sample_weight=weight)
    assert model.alpha_ == ALPHAS[np.argmax(values)]
    assert model.best_score_ == pytest.approx(max(values))


def test_gamma_is_one_over_the_median_distance(data):
    X, y = data
    apart = np.triu_indices(30, 1)
    difference = X[:, None] - X[None]
    squared = (difference**2).sum(axis=2)[apart]
    absolute = np.abs(difference).sum(axis=2)[apart]
    kernels = ["rbf", "exponential", "laplacian", "poly", "linear"]
    model = KernelRidgeClassifierCV(kernel=kernels).fit(X, y)
    rbf, exponential, laplacian, poly, linear = model.gamma_
    assert rbf == pytest.approx(1 / np.median(np.sqrt(squared)) ** 2)
    assert exponential == pytest.approx(1 / np.median(np.sqrt(squared)))
    assert laplacian == pytest.approx(1 / np.median(absolute))
    assert (poly, linear) == (1 / 6, None)


def test_gamma_of_many_rows_is_nearly_the_median_of_all():
    X = np.random.default_rng(0).normal(size=(3000, 5))
    y = (X[:, :2] > 0).astype(int)
    model = KernelRidgeClassifierCV(n_components=5, random_state=0).fit(X, y)
    squared = ((X[:, None, :] - X[None, ::10, :]) ** 2).sum(axis=2)
    assert 1 / model.gamma_ == pytest.approx(np.median(squared), rel=0.05)


# Weights and duplicates


@pytest.mark.parametrize("kernel", ["rbf", "linear", ("exponential", "laplacian")])
def test_weights_are_repeated_rows(kernel, data):
    X, y = data
    weight = np.arange(30) % 4
    repeated = np.repeat(np.arange(30), weight)
    model = KernelRidgeClassifierCV(0.3, kernel=kernel)
    weighted = clone(model).fit(X, y, sample_weight=weight)
    model.fit(X[repeated], y[repeated])
    np.testing.assert_allclose(
        weighted.decision_function(X), model.decision_function(X), atol=1e-8
    )


def test_rows_of_weight_0_get_the_scores_of_new_rows(data):
    X, y = data
    weight = np.where(np.arange(30) % 3, 1.0, 0.0)
    y[weight == 0] = 1 - y[weight == 0]
    for params in ({}, {"kernel": "linear"}, {"n_components": 5, "random_state": 0}):
        model = KernelRidgeClassifierCV(**params).fit(X, y, sample_weight=weight)
        others = weight == 0
        np.testing.assert_allclose(
            model.loo_decision_function_[others],
            model.decision_function(X[others]),
            atol=1e-10,
        )


@pytest.mark.parametrize("scale", [1e-150, 1e-6, 1e6, 1e150])
def test_weights_and_alphas_of_any_scale(scale, data):
    X, y = data
    expected = KernelRidgeClassifierCV(ALPHAS).fit(X, y).loo_decision_function_
    model = KernelRidgeClassifierCV(np.multiply(ALPHAS, scale))
    model.fit(X, y, sample_weight=np.full(30, scale))
    np.testing.assert_allclose(model.loo_decision_function_, expected, atol=1e-8)


@pytest.mark.parametrize("kernel", ["rbf", "exponential", "linear"])
def test_singular_kernel_of_rows_that_occur_again(kernel, data):
    X, y = (np.vstack([each, each[:20]]) for each in data)
    model = KernelRidgeClassifierCV(1e-3, kernel=kernel).fit(X, y)
    np.testing.assert_allclose(
        model.loo_decision_function_, loo_by_refits(model, X, y), atol=1e-6
    )


@pytest.mark.parametrize("params", [{}, {"kernel": "linear"}, {"n_components": 3}])
def test_rows_that_are_all_the_same_get_the_mean_of_the_others(params, data):
    _, y = data
    model = KernelRidgeClassifierCV(**params).fit(np.ones((30, 2)), y)
    others = (y.sum(axis=0) - y) / 29
    np.testing.assert_allclose(model.loo_decision_function_, 2 * others - 1, atol=1e-10)


@pytest.mark.parametrize("params", [{}, {"kernel": "linear"}, {"n_components": 9}])
def test_constant_labels_have_constant_scores(params, data):
    X, y = data
    y[:, 0], y[:, 1] = 1, 0
    model = KernelRidgeClassifierCV(**params).fit(X, y)
    for scores in (model.loo_decision_function_, model.decision_function(X + 1)):
        np.testing.assert_allclose(scores[:, :2], [[1, -1]] * 30, atol=1e-12)


def test_constant_labels_alone(data):
    X, _ = data
    model = KernelRidgeClassifierCV().fit(X, [["a"]] * 30)
    assert model.best_score_ == 1
    assert model.predict_tags(X) == [("a",)] * 30


# Precision and blocks


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"kernel": ("rbf", "exponential")},
        {"kernel": "linear"},
        {"n_components": 30, "random_state": 0},
    ],
    ids=str,
)
def test_single_precision_is_close_to_double(params, multilabel_data):
    X, y, _ = multilabel_data
    single = KernelRidgeClassifierCV(**params).fit(X, y)
    double = clone(single).fit(X.astype(np.float64), y)
    assert single.alpha_ == double.alpha_
    for name, of_double in (
        ("loo_decision_function_", double.loo_decision_function_),
        ("intercept_", double.intercept_),
    ):
        value = getattr(single, name)
        assert (value.dtype, of_double.dtype) == (np.float32, np.float64)
        np.testing.assert_allclose(value, of_double, atol=1e-3)
    assert single.decision_function(X).dtype == np.float32
    half = clone(single).fit(X.astype(np.float16), y)
    assert half.loo_decision_function_.dtype == np.float32


@pytest.mark.parametrize("n_bytes", [0, 2**29])
@pytest.mark.parametrize(
    "params", [{}, {"kernel": "linear"}, {"n_components": 7, "random_state": 0}]
)
def test_size_of_blocks_does_not_matter(params, n_bytes, data, monkeypatch):
    X, y = data
    weight = np.arange(30) % 3
    model = KernelRidgeClassifierCV(ALPHAS, **params)
    expected = clone(model).fit(X, y, sample_weight=weight)
    monkeypatch.setattr(_blocks, "N_ENTRIES_OF_A_BLOCK", 20)
    monkeypatch.setattr(_landmarks, "N_BYTES_TO_KEEP", n_bytes)
    model.fit(X, y, sample_weight=weight)
    assert model.alpha_ == expected.alpha_
    np.testing.assert_allclose(
        model.loo_decision_function_, expected.loo_decision_function_, atol=1e-10
    )
    np.testing.assert_allclose(
        model.decision_function(X), expected.decision_function(X), atol=1e-10
    )


def test_many_rows_have_landmarks_by_themselves(data, monkeypatch):
    X, y = data
    monkeypatch.setattr(module, "N_ROWS_EXACT_BY_ITSELF", 29)
    monkeypatch.setattr(module, "N_LANDMARKS", 11)
    model = KernelRidgeClassifierCV(random_state=0).fit(X, y)
    assert model.X_fit_.shape == (11, 6)
    assert model.dual_coef_.shape == (11, 4)
    assert clone(model).set_params(n_components=None).fit(X, y).X_fit_.shape == (30, 6)
    assert clone(model).set_params(kernel="linear").fit(X, y).coef_.shape == (4, 6)


def test_landmarks_depend_on_the_seed_alone(data):
    X, y = data
    model = KernelRidgeClassifierCV(n_components=5, random_state=3)
    state = np.random.get_state()[1].copy()
    first, second = (clone(model).fit(X, y).X_fit_ for _ in range(2))
    np.testing.assert_array_equal(first, second)
    other = clone(model).set_params(random_state=4).fit(X, y).X_fit_
    assert (first != other).any()
    clone(model).set_params(random_state=None).fit(X, y)
    np.testing.assert_array_equal(np.random.get_state()[1], state)


# Forms of X and y


@pytest.mark.parametrize("kernel", ["rbf", "linear", "laplacian", "poly", "cosine"])
@pytest.mark.parametrize("n_components", [None, 7])
def test_sparse_features(kernel, n_components, data):
    X, y = data
    X[X < 0.5] = 0
    model = KernelRidgeClassifierCV(
        kernel=kernel, n_components=n_components, random_state=0
    )
    expected = clone(model).fit(X, y)
    model.fit(sparse.csc_array(X), y)
    np.testing.assert_allclose(
        model.loo_decision_function_, expected.loo_decision_function_, atol=1e-8
    )
    np.testing.assert_allclose(
        model.decision_function(sparse.csr_matrix(X)),
        expected.decision_function(X),
        atol=1e-8,
    )


def test_precomputed_kernel(data):
    X, y = data
    weight = np.arange(30) % 3
    expected = KernelRidgeClassifierCV(gamma=0.5).fit(X, y, sample_weight=weight)
    K = rbf_kernel(X, gamma=0.5)
    before = K.copy()
    model = KernelRidgeClassifierCV(kernel="precomputed")
    model.fit(K, y, sample_weight=weight)
    np.testing.assert_array_equal(K, before)
    np.testing.assert_allclose(
        model.loo_decision_function_, expected.loo_decision_function_, atol=1e-8
    )
    np.testing.assert_allclose(
        model.decision_function(rbf_kernel(X[:4] + 1, X, gamma=0.5)),
        expected.decision_function(X[:4] + 1),
        atol=1e-8,
    )
    scores = cross_val_score(model, K, y[:, 0], cv=3)
    np.testing.assert_array_equal(scores, cross_val_score(expected, X, y[:, 0], cv=3))


def test_all_forms_of_targets_give_the_same_model(data):
    X, y = data
    names = np.array(["d", "c", "b", "a"])
    expected = KernelRidgeClassifierCV().fit(X, y)
    frame = pd.DataFrame(y, columns=names)
    tags = [names[row == 1].tolist() for row in y]
    for target, order in (
        (y.tolist(), slice(None)),
        (sparse.csr_array(y), slice(None)),
        (frame, slice(None)),
        (tags, [3, 2, 1, 0]),
    ):
        model = KernelRidgeClassifierCV().fit(X, target)
        scores = expected.loo_decision_function_[:, order]
        np.testing.assert_allclose(model.loo_decision_function_, scores, atol=1e-12)
        assert sparse.issparse(model.predict(X)) == sparse.issparse(target)
    assert model.label_names_.tolist() == ["a", "b", "c", "d"]
    predicted = expected.predict(X)
    assert model.predict_tags(X) == [
        tuple(sorted(names[row == 1].tolist())) for row in predicted
    ]
    assert model.score(X, tags) == expected.score(X, y)


def test_targets_of_one_dimension(data):
    X, y = data
    binary = np.where(y[:, 0], "yes", "no")
    model = KernelRidgeClassifierCV().fit(X, binary)
    assert model.loo_decision_function_.shape == (30,)
    assert model.decision_function(X).shape == (30,)
    assert model.classes_.tolist() == ["no", "yes"]
    np.testing.assert_array_equal(
        model.predict(X) == "yes", model.decision_function(X) > 0
    )
    classes = np.array(["x", "y", "z"])[y[:, 0] + y[:, 1]]
    model = KernelRidgeClassifierCV(scoring="accuracy").fit(X, classes)
    scores = model.loo_decision_function_
    assert scores.shape == (30, 3)
    predicted = model.classes_[scores.argmax(axis=1)]
    assert model.best_score_ == np.mean(predicted == classes)


def test_in_thresholds_searches_and_copies_for_inference(data):
    X, y = data
    model = ThresholdedClassifierCV(KernelRidgeClassifierCV(), cv=2).fit(X, y)
    assert model.predict(X).shape == y.shape
    search = GridSearchCV(
        KernelRidgeClassifierCV(scoring="f1_micro"),
        {"kernel": ["rbf", ("rbf", "exponential")], "gamma": ["median", 0.1]},
        scoring="f1_micro",
        cv=2,
    ).fit(X, y)
    small = for_inference(search)
    np.testing.assert_array_equal(small.predict(X), search.predict(X))
    assert not hasattr(small.best_estimator_, "loo_decision_function_")


def test_later_changes_of_X_do_not_change_the_model(data):
    X, y = data
    model = KernelRidgeClassifierCV().fit(X, y)
    new, expected = X[:3].copy(), model.decision_function(X[:3])
    X *= 2
    np.testing.assert_array_equal(model.decision_function(new), expected)


# Bad input


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"alphas": []}, "alphas must be a list of at least one number, all positive"),
        ({"alphas": [1.0, 0.0]}, r"positive and finite.* Got \[1.0, 0.0\]"),
        ({"alphas": [np.inf]}, "positive and finite"),
        ({"alphas": [[1.0]]}, "alphas must be a list of at least one number"),
        ({"alphas": ["one"]}, "alphas must be a list of at least one number"),
        ({"alphas": -1.0}, "'alphas' parameter"),
        ({"kernel": "gauss"}, "'kernel' parameter"),
        ({"kernel": []}, "kernel must have at least one kernel"),
        ({"kernel": ["rbf", "gauss"]}, "kernels in a list must be .* Got 'gauss'"),
        ({"kernel": ["rbf", "precomputed"]}, "Got 'precomputed'"),
        ({"gamma": "mean"}, "'gamma' parameter"),
        ({"gamma": -1.0}, "'gamma' parameter"),
        ({"gamma": [1.0]}, "gamma must be one value"),
        ({"kernel": ["rbf", "poly"], "gamma": [1.0]}, "one for each of the 2 kernels"),
        ({"kernel": ["rbf"], "gamma": [-1.0]}, "not negative"),
        ({"n_components": 0}, "'n_components' parameter"),
        ({"scoring": "f2"}, "Unknown scorer 'f2'"),
        ({"kernel": "precomputed"}, r"which is square. Got shape \(30, 6\)"),
    ],
    ids=str,
)
def test_parameters_that_do_not_fit(params, message, data):
    X, y = data
    with pytest.raises(ValueError, match=message):
        KernelRidgeClassifierCV(**params).fit(X, y)


def test_number_of_landmarks_of_a_precomputed_kernel(data):
    X, y = data
    model = KernelRidgeClassifierCV(kernel="precomputed", n_components=3)
    with pytest.raises(ValueError, match="n_components must be None or 'auto'"):
        model.fit(X @ X.T, y)


def test_kernel_that_is_not_positive(data):
    X, y = data
    K = rbf_kernel(X) - 3 * np.diag(np.arange(30) == 4)
    model = KernelRidgeClassifierCV(kernel="precomputed")
    with pytest.raises(ValueError, match="smallest eigenvalue is -2.* all alphas must"):
        model.fit(K, y)
    # it is a ridge all the same if alpha is large enough
    model = KernelRidgeClassifierCV(5.0, kernel="precomputed").fit(K, y)
    expected = KernelRidgeClassifierCV(1.0, kernel="precomputed")
    expected.fit(K + 4 * np.eye(30), y)
    np.testing.assert_allclose(
        model.loo_decision_function_, expected.loo_decision_function_, atol=1e-8
    )


def test_too_many_rows_for_the_memory(data, monkeypatch):
    X, y = data
    monkeypatch.setattr(module, "N_ROWS_EXACT_AT_MOST", 29)
    with pytest.raises(ValueError, match="kernel of 30 rows takes .* GB of memory"):
        KernelRidgeClassifierCV(n_components=None).fit(X, y)
    with pytest.raises(ValueError, match="At most 29 rows are accepted"):
        KernelRidgeClassifierCV(kernel="precomputed").fit(X @ X.T, y)
    KernelRidgeClassifierCV(n_components=None, kernel="linear").fit(X, y)


def test_too_few_rows(data):
    X, y = data
    with pytest.raises(ValueError, match="minimum of 2 is required"):
        KernelRidgeClassifierCV().fit(X[:1], [["a"]])
    with pytest.raises(ValueError, match="at least two rows with a sample_weight"):
        KernelRidgeClassifierCV().fit(X, y, sample_weight=np.arange(30) == 3)
    with pytest.raises(ValueError, match="at least one non-zero"):
        KernelRidgeClassifierCV().fit(X, y, sample_weight=np.zeros(30))


def test_values_that_are_missing_and_numbers_of_features(data):
    X, y = data
    model = KernelRidgeClassifierCV().fit(X, y)
    before = model.decision_function(X)
    broken = X.copy()
    broken[3, 2] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        model.fit(broken, y)
    with pytest.raises(ValueError, match="The same number of rows is needed"):
        model.fit(X[:20], y)
    with pytest.raises(ValueError, match="expecting 6 features"):
        model.predict(X[:, :5])
    np.testing.assert_array_equal(model.decision_function(X), before)


@pytest.mark.parametrize(
    "params", [{}, {"kernel": "linear"}, {"kernel": "poly"}, {"n_components": 9}]
)
def test_kernel_that_is_not_finite(params, data):
    X, y = data
    with pytest.raises(ValueError, match="The kernel has values that are not finite"):
        KernelRidgeClassifierCV(**params).fit(1e200 * X, y)


@pytest.mark.parametrize("scale", [1e-100, 1e100])
def test_scale_of_the_features_does_not_matter_with_the_median(scale, data):
    X, y = data
    expected = KernelRidgeClassifierCV().fit(X, y).loo_decision_function_
    model = KernelRidgeClassifierCV().fit(scale * X, y)
    np.testing.assert_allclose(model.loo_decision_function_, expected, atol=1e-8)


def test_score_of_probabilities_is_refused(data):
    X, y = data
    with pytest.raises(ValueError, match="scoring='neg_bce' needs predict_proba"):
        KernelRidgeClassifierCV(scoring="neg_bce").fit(X, y)


# Scales of the features


@pytest.mark.parametrize("params", [*KERNELS[:4], {"kernel": "linear"}], ids=str)
@pytest.mark.parametrize("form", [np.asarray, sparse.csr_matrix])
def test_standardized_is_after_a_scaler(data, params, form):
    X, y = data
    X = X * [1, 10, 100, 0.1, 1, 1] * (np.arange(30)[:, None] % 3 > 0)
    if form is not np.asarray and params["kernel"] == "laplacian":
        pytest.skip("another algorithm of scikit-learn, with other rounding")
    scaler = StandardScaler(with_mean=False).fit(X)
    plain = KernelRidgeClassifierCV(ALPHAS, **params).fit(scaler.transform(X), y)
    model = KernelRidgeClassifierCV(ALPHAS, **params, standardize=True).fit(form(X), y)
    assert_allclose(model.scale_, scaler.scale_)
    assert_allclose(
        model.loo_decision_function_, plain.loo_decision_function_, atol=1e-8
    )
    scores = model.decision_function(form(X + 1.0))
    expected = plain.decision_function(scaler.transform(X + 1.0))
    assert_allclose(scores, expected, atol=1e-8)


def test_standardized_landmarks_and_weights(data):
    X, y = data
    X, weight = X * [1, 10, 100, 0.1, 1, 1], np.arange(30) % 3
    scaler = StandardScaler(with_mean=False).fit(X, sample_weight=weight)
    params = {"n_components": 10, "random_state": 0}
    for kernel in ("rbf", "linear"):
        plain = KernelRidgeClassifierCV(1.0, kernel=kernel, **params)
        model = clone(plain).set_params(standardize=True).fit(X, y, weight)
        plain.fit(scaler.transform(X), y, weight)
        expected = plain.decision_function(scaler.transform(X))
        assert_allclose(model.decision_function(X), expected, atol=1e-6)
        assert_allclose(model.scale_, scaler.scale_)


@pytest.mark.parametrize("is_needed", [True, False])
def test_automatic_scales_are_those_with_the_better_scores(is_needed):
    rng = np.random.RandomState(0)
    X = rng.normal(size=(200, 30))
    y = (X[:, :3] > 0).astype(int)
    # a large feature that says nothing, or many small ones
    X = X * np.where(np.arange(30) < 3, 1.0, [1.0, 20.0][int(is_needed)])
    if not is_needed:
        X[:, 3:] *= 0.01
    model = KernelRidgeClassifierCV(standardize="auto").fit(X, y)
    scores = [
        KernelRidgeClassifierCV(standardize=each).fit(X, y).best_score_
        for each in (False, True)
    ]
    assert (model.scale_ is not None) == is_needed == (scores[1] > scores[0])
    assert model.best_score_ == pytest.approx(max(scores))


def test_scoring_that_is_not_defined_says_so(data):
    X, y = data
    y = y.copy()
    y[:, 1] = 0

    def undefined(estimator, X, y):
        return np.nan

    with pytest.raises(ValueError, match="is NaN for the leave-one-out scores"):
        KernelRidgeClassifierCV(scoring=undefined).fit(X, y)

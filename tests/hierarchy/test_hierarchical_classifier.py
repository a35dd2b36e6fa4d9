import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn import config_context
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import skmultitag
from skmultitag import MultiTagClassifier, ThresholdedClassifierCV
from skmultitag.datasets import make_multitag_classification
from skmultitag.ensemble import MultilabelVotingClassifier
from skmultitag.hierarchy import HierarchicalClassifier, add_ancestors, hierarchy_edges
from skmultitag.kernel_ridge import KernelRidgeClassifierCV
from skmultitag.losses import MCMLoss
from skmultitag.metrics import get_scorer, hierarchical_f1_score, label_report
from skmultitag.model_selection import MultilabelStratifiedKFold
from skmultitag.thresholds import FBetaThreshold
from tests.hierarchy.test_hierarchy_edges import dags

# 3 has two parents, 6 and 7 are alone
EDGES = [(0, 1), (0, 2), (1, 3), (2, 3), (4, 5)]
NAMES = ["a", "a::b", "a::c", "d", "e", "e::f", "g", "h"]
RIDGE = RidgeClassifier()


@pytest.fixture(scope="module")
def data():
    X, y = make_multitag_classification(150, 6, 8, cardinality=2, random_state=0)
    return X, y


def network(loss="bce", **params):
    params = {"hidden_layer_sizes": 8, "max_iter": 3, "random_state": 0, **params}
    return MultiTagClassifier(loss, **params)


CLASSIFIERS = [
    network(),
    network("sigmoid_f1_bce", threshold=0.3),
    network(MCMLoss(EDGES)),
    KernelRidgeClassifierCV(),
    RidgeClassifier(),
    RandomForestClassifier(5, random_state=0),
    MultiOutputClassifier(GaussianNB()),
    OneVsRestClassifier(LogisticRegression()),
    ThresholdedClassifierCV(network(), cv=2),
    ThresholdedClassifierCV(KernelRidgeClassifierCV()),
    ThresholdedClassifierCV(OneVsRestClassifier(GaussianNB()), cv=2),
    make_pipeline(StandardScaler(), ThresholdedClassifierCV(RIDGE, cv=2)),
    GridSearchCV(RIDGE, {"alpha": [0.1, 10]}, scoring="f1_macro", cv=2),
]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@parametrize_with_checks(
    [
        HierarchicalClassifier(MultiTagClassifier("bce", random_state=0), {}),
        HierarchicalClassifier(RidgeClassifier(), {}),
    ]
)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


def assert_consistent(values, edges=EDGES):
    values = values.toarray() if sparse.issparse(values) else values
    for parent, child in edges:
        assert (values[:, parent] >= values[:, child]).all()


@pytest.mark.parametrize("inner", CLASSIFIERS, ids=range(len(CLASSIFIERS)))
def test_any_classifier_obeys(inner, data):
    X, y = data
    model = HierarchicalClassifier(inner, EDGES).fit(X, y)
    assert_consistent(model.predict(X))
    names = [
        name for name in ("predict_proba", "decision_function") if hasattr(model, name)
    ]
    assert names
    for name in names:
        assert_consistent(getattr(model, name)(X))
        assert getattr(model, name)(X).shape == y.shape
    for k in (1, 2, 3, 5):
        top = model.predict_top(X, k)
        assert (np.diff(top.indptr) == k).all()
        top.data[:] = 1  # a score of 0 is stored too
        assert_consistent(top)


@pytest.mark.parametrize("inner", CLASSIFIERS, ids=range(len(CLASSIFIERS)))
def test_it_is_the_classifier_of_closed_targets_and_no_more(inner, data):
    X, y = data
    model = HierarchicalClassifier(inner, EDGES).fit(X, y)
    closed, _ = add_ancestors(y, EDGES)
    theirs = clone(inner).fit(X, closed)
    expected, _ = add_ancestors(theirs.predict(X), EDGES)
    np.testing.assert_array_equal(model.predict(X), expected)
    if hasattr(theirs, "decision_function"):
        margin = theirs.decision_function(X)
        margin[:, 1] = margin[:, [1, 3]].max(axis=1)
        margin[:, 2] = margin[:, [2, 3]].max(axis=1)
        margin[:, 0] = margin[:, [0, 1, 2]].max(axis=1)
        margin[:, 4] = margin[:, [4, 5]].max(axis=1)
        np.testing.assert_array_equal(model.decision_function(X), margin)


class RandomScores(ClassifierMixin, BaseEstimator):
    def fit(self, X, y):
        self.n_labels_ = y.shape[1]
        return self

    def predict_proba(self, X):
        # few values, so that there are ties
        return np.random.default_rng(0).integers(0, 4, (len(X), self.n_labels_)) / 4

    def predict(self, X):
        return self.predict_proba(X) > np.linspace(0, 1, self.n_labels_)


@settings(deadline=None)
@given(dags(), st.integers(0, 2**16))
def test_any_hierarchy_is_obeyed(dag, seed):
    n_labels, edges = dag
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, (20, n_labels))
    y[0] = 1
    X = np.zeros((20, 1))
    model = HierarchicalClassifier(RandomScores(), edges)
    if n_labels == 1:
        model.set_params(hierarchy=[])
        y = sparse.csr_array(y)  # an array of one column is one dimension
    model.fit(X, y)
    assert_consistent(model.predict(X), edges)
    assert_consistent(model.predict_proba(X), edges)
    for k in range(1, n_labels + 1):
        top = model.predict_top(X, k)
        top.data[:] = 1
        assert_consistent(top, edges)


def test_decisions_of_a_loss_are_the_signs_of_its_margins(data):
    X, y = data
    model = HierarchicalClassifier(network(), EDGES).fit(X, y)
    np.testing.assert_array_equal(model.predict(X), model.decision_function(X) > 0)
    mcm = HierarchicalClassifier(network(MCMLoss(EDGES)), EDGES).fit(X, y)
    alone = network(MCMLoss(EDGES)).fit(X, add_ancestors(y, EDGES)[0])
    np.testing.assert_array_equal(mcm.decision_function(X), alone.decision_function(X))
    np.testing.assert_array_equal(mcm.predict(X), alone.predict(X))


# Forms of targets


def tags_of(y, names=NAMES):
    return [[names[j] for j in np.flatnonzero(row)] for row in y]


def test_tags_get_ancestors_as_labels(data):
    X, y = data
    y = y.copy()
    y[:, [0, 4]] = 0  # only as parents
    tags = tags_of(y)
    assert not {"a", "e"} & set().union(*tags)
    model = HierarchicalClassifier(KernelRidgeClassifierCV(), "::").fit(X, tags)
    assert model.label_names_.tolist() == NAMES
    assert model.edges_.tolist() == hierarchy_edges("::", NAMES).tolist()
    closed, _ = add_ancestors(tags, "::")
    other = HierarchicalClassifier(KernelRidgeClassifierCV(), [(0, 1), (0, 2), (4, 5)])
    np.testing.assert_array_equal(model.predict(X), other.fit(X, closed).predict(X))
    predicted = model.predict_tags(X)
    for row in predicted:
        assert all(name[:1] in row for name in row)
    assert skmultitag.predict_tags(make_pipeline(model), X) == predicted
    for row, pairs in zip(
        predicted, model.predict_tags(X, return_scores=True), strict=True
    ):
        assert sorted(row) == sorted(name for name, _ in pairs)
        scores = dict(pairs)
        assert all(scores[name[:1]] >= score for name, score in pairs)


def test_frames_and_sparse_targets(data):
    pd = pytest.importorskip("pandas")
    X, y = data
    expected = HierarchicalClassifier(RIDGE, [(0, 1), (0, 2), (4, 5)]).fit(X, y)
    model = HierarchicalClassifier(RIDGE, "::").fit(X, pd.DataFrame(y, columns=NAMES))
    np.testing.assert_array_equal(model.predict(X), expected.predict(X))
    assert model.label_names_.tolist() == NAMES
    model = clone(expected).fit(X, sparse.csc_array(y))
    assert model.predict(X).format == "csc"
    np.testing.assert_array_equal(model.predict(X).toarray(), expected.predict(X))


def test_rows_that_are_dicts_are_like_tags(data):
    X, y = data
    y = y.copy()
    y[:, [0, 4]] = 0
    tags = tags_of(y)
    rows = [dict.fromkeys(each, 1) for each in tags]
    expected = HierarchicalClassifier(RIDGE, "::").fit(X, tags)
    model = HierarchicalClassifier(RIDGE, "::").fit(X, rows)
    assert sorted(model.label_names_) == expected.label_names_.tolist()
    assert [set(each) for each in model.predict_tags(X)] == [
        set(each) for each in expected.predict_tags(X)
    ]
    assert model.score(X, rows) == expected.score(X, tags)


def test_names_reach_the_classifier_inside(data):
    X, y = data
    by_name = dict.fromkeys(NAMES, 0.5) | {"h": 0.0}
    inner = network(threshold=by_name)
    model = HierarchicalClassifier(inner, "::").fit(X, tags_of(y))
    assert model.predict(X)[:, NAMES.index("h")].all()


def test_validation_targets_are_closed(data):
    X, y = data
    inner = network(early_stopping=True, scoring="f1_macro")
    model = HierarchicalClassifier(inner, EDGES).fit(X, y, X_val=X, y_val=y)
    closed, _ = add_ancestors(y, EDGES)
    expected = clone(inner).fit(X, closed, X_val=X, y_val=closed)
    assert model.estimator_.validation_scores_ == expected.validation_scores_


def test_sample_weight_is_passed_on(data):
    X, y = data
    weight = np.random.default_rng(0).integers(1, 3, len(X))
    model = HierarchicalClassifier(RIDGE, EDGES)
    weighted = clone(model).fit(X, y, sample_weight=weight)
    rows = np.repeat(np.arange(len(X)), weight)
    repeated = clone(model).fit(X[rows], y[rows])
    np.testing.assert_allclose(
        weighted.decision_function(X), repeated.decision_function(X)
    )
    with config_context(enable_metadata_routing=True):
        requesting = RidgeClassifier().set_fit_request(sample_weight=True)
        routed = HierarchicalClassifier(requesting, EDGES)
        routed.fit(X, y, sample_weight=weight)
    np.testing.assert_array_equal(routed.predict(X), weighted.predict(X))


@pytest.mark.parametrize("around", [lambda each: each, ThresholdedClassifierCV])
def test_a_vote_learns_from_the_ancestors_of_a_member(data, around):
    X, y = data
    ridge = KernelRidgeClassifierCV()
    nested = HierarchicalClassifier(ridge, "::")
    vote = around(MultilabelVotingClassifier([("plain", ridge), ("nested", nested)]))
    tags = tags_of(y)
    closed, names = add_ancestors(tags, "::")
    ours = clone(vote).fit(X, tags)
    theirs = clone(vote).fit(X, pd.DataFrame(closed, columns=names))
    assert ours.label_names_.tolist() == names.tolist()
    np.testing.assert_array_equal(
        ours.decision_function(X), theirs.decision_function(X)
    )
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))


# Scores


def test_scores_close_the_targets(data):
    X, y = data
    tags = tags_of(y)
    model = HierarchicalClassifier(KernelRidgeClassifierCV(), "::").fit(X, tags)
    closed, _ = add_ancestors(tags, "::")
    for target in (tags, tags_of(closed)):
        micro = get_scorer("f1_micro")(model, X, target)
        assert micro == hierarchical_f1_score(
            target, model.predict_tags(X), hierarchy="::"
        )
        assert model.score(X, target) == (closed == model.predict(X)).all(axis=1).mean()


@pytest.mark.parametrize("share_known", [1, 0.7])
def test_a_table_to_score_may_lack_labels_that_are_only_parents(data, share_known):
    X, y = data
    hierarchy = {"cat": "animal", "dog": "animal", "animal": "all"}
    lower = pd.DataFrame(y[:, :3], columns=["dog", "cat", "car"]).astype(float)
    is_known = np.random.default_rng(0).random(lower.shape) < share_known
    lower = lower.where(is_known)
    indicator, names = add_ancestors(lower, hierarchy)
    complete = pd.DataFrame(indicator, columns=names)
    model = HierarchicalClassifier(network(), hierarchy).fit(X, complete)
    assert model.score(X, lower) == model.score(X, complete)
    for name in ("f1_macro", "f1_micro", "average_precision"):
        scorer = get_scorer(name)
        assert scorer(model, X, lower) == scorer(model, X, complete)
    report = label_report(model, X, lower, n_resamples=2, random_state=0)
    assert report.loc["animal", "support"] == (complete["animal"] == 1).sum()
    with pytest.raises(ValueError, match=r"lacks \['car'\]. Rename"):
        model.score(X, lower.drop(columns="car"))
    with pytest.raises(ValueError, match="Then pass pd.DataFrame"):
        model.fit(X, lower)


@pytest.mark.filterwarnings("ignore:y_true has tags that the classifier has not seen")
def test_a_tag_that_is_new_counts_by_its_ancestors(data):
    X, y = data
    model = HierarchicalClassifier(RIDGE, "::").fit(X, tags_of(y))
    scorer = get_scorer("f1_micro")
    new = [["a::new::tag"]] * len(X)
    assert scorer(model, X, new) == scorer(model, X, [["a"]] * len(X))


def test_search_and_cross_validation(data):
    X, y = data
    tags = tags_of(y)
    model = HierarchicalClassifier(ThresholdedClassifierCV(RIDGE, cv=2), "::")
    params = {"scoring": get_scorer("f1_macro"), "cv": MultilabelStratifiedKFold(2)}
    scores = cross_val_score(model, X, tags, **params)
    assert (scores > 0).all()
    search = GridSearchCV(
        model,
        {"estimator__estimator__alpha": [0.1, 10.0]},
        **params,
    ).fit(X, tags)
    assert_consistent(search.predict(X), [(0, 1), (0, 2), (4, 5)])
    closed, _ = add_ancestors(y, EDGES)
    model = HierarchicalClassifier(RIDGE, EDGES)
    assert_consistent(cross_val_predict(model, X, closed, cv=2))


def test_thresholds_of_scores_that_obey(data):
    """As the guide says: inside, once more, thresholds are chosen on such scores."""
    X, y = data
    scores_first = ThresholdedClassifierCV(
        HierarchicalClassifier(RIDGE, EDGES), FBetaThreshold(), cv=2
    )
    model = HierarchicalClassifier(scores_first, EDGES).fit(X, y)
    assert_consistent(model.predict(X))
    margin = model.estimator_.decision_function(X)
    assert_consistent(margin)
    expected = margin >= model.estimator_.threshold_
    expected, _ = add_ancestors(expected, EDGES)
    np.testing.assert_array_equal(model.predict(X), expected)


@pytest.mark.parametrize("wrap", [lambda m: m, make_pipeline], ids=["", "pipeline"])
@pytest.mark.parametrize("cv", [2, "prefit"])
def test_thresholds_outside_are_chosen_on_targets_with_all_ancestors(data, cv, wrap):
    X, y = data
    closed, _ = add_ancestors(y, EDGES)
    assert (closed != y).any()
    inner = wrap(HierarchicalClassifier(RIDGE, EDGES))
    if cv == "prefit":
        inner.fit(X, y)
    model, expected = (
        ThresholdedClassifierCV(inner, cv=cv).fit(X, target) for target in (y, closed)
    )
    np.testing.assert_array_equal(model.threshold_, expected.threshold_)
    assert model.score(X, y) == expected.score(X, closed)


def test_thresholds_outside_know_labels_that_are_only_parents(data):
    X, y = data
    y = y.copy()
    y[:, [0, 4]] = 0
    model = ThresholdedClassifierCV(HierarchicalClassifier(RIDGE, "::"), cv=2)
    model.fit(X, tags_of(y))
    closed, names = add_ancestors(tags_of(y), "::")
    assert names.tolist() == model.label_names_.tolist() == NAMES
    expected = clone(model).set_params(estimator__hierarchy=EDGES[:2] + EDGES[-1:])
    expected.fit(X, closed)
    np.testing.assert_array_equal(model.threshold_, expected.threshold_)
    np.testing.assert_array_equal(model.predict(X), expected.predict(X))


# Entries that are not annotated


@pytest.fixture
def partial(data):
    X, y = data
    hidden = np.random.default_rng(0).random(y.shape) < 0.3
    return X, np.where(hidden, np.nan, y)


@pytest.mark.parametrize(
    "inner", [network(), ThresholdedClassifierCV(network(), cv=2)], ids=range(2)
)
def test_partial_targets_are_closed_where_they_are_annotated(inner, partial):
    X, y = partial
    model = HierarchicalClassifier(inner, EDGES).fit(X, y)
    completed, _ = add_ancestors(y, EDGES)
    np.testing.assert_array_equal(np.isnan(completed), np.isnan(y))
    assert (completed == 1).sum() > (y == 1).sum()
    theirs = clone(inner).fit(X, completed)
    expected, _ = add_ancestors(theirs.predict(X), EDGES)
    np.testing.assert_array_equal(model.predict(X), expected)
    assert model.predict(X).dtype == np.int64
    scorer = get_scorer("f1_micro")
    assert scorer(model, X, y) == scorer(model, X, completed)
    assert scorer(model, X, y) == hierarchical_f1_score(
        y, model.predict(X), hierarchy=EDGES
    )


def test_partial_targets_of_classifiers_that_need_complete_ones(partial):
    X, y = partial
    with pytest.raises(ValueError, match="which RidgeClassifier can't leave out"):
        HierarchicalClassifier(RIDGE, EDGES).fit(X, y)
    inner = ThresholdedClassifierCV(RIDGE, cv=2, missing_labels="negative")
    assert_consistent(HierarchicalClassifier(inner, EDGES).fit(X, y).predict(X))
    around = ThresholdedClassifierCV(HierarchicalClassifier(network(), EDGES), cv=2)
    around.fit(X, y)


def test_a_partial_target_without_contradiction(partial):
    X, y = partial
    completed, _ = add_ancestors(y, EDGES)
    strict = HierarchicalClassifier(network(), EDGES, close_targets=False)
    strict.fit(X, completed)
    completed[3, [0, 1]] = np.nan, 1  # a parent of which nobody said anything
    strict.fit(X, completed)
    completed[3, [0, 1]] = 0, 1
    with pytest.raises(ValueError, match="contradicts .* in 1 rows: row 3"):
        strict.fit(X, completed)


# Bad input


@pytest.mark.parametrize("as_tags", [False, True])
def test_targets_that_contradict(as_tags, data):
    X, y = data
    closed, _ = add_ancestors(y, EDGES)
    strict = HierarchicalClassifier(RIDGE, EDGES, close_targets=False)
    strict.fit(X, closed)
    with pytest.raises(ValueError, match="close_targets=True adds such labels"):
        strict.fit(X, y)
    closed[7] = 0
    closed[7, [0, 1, 3]] = 1
    if as_tags:
        closed = [[int(j) for j in np.flatnonzero(row)] for row in closed]
    message = (
        "y contradicts the hierarchy in 1 rows: row 7 has [0, 1, 3], but not 2, which"
        " is above one of them. close_targets=True adds such labels."
    )
    with pytest.raises(ValueError) as raised:
        strict.fit(X, closed)
    assert str(raised.value) == message


def test_parents_without_a_column(data):
    X, y = data
    model = HierarchicalClassifier(RIDGE, {0: "all"})
    with pytest.raises(ValueError, match="add_ancestors adds such labels to a target"):
        model.fit(X, y)


def test_a_hierarchy_by_names_and_columns_without(data):
    X, y = data
    with pytest.raises(ValueError, match="If these are numbers, name them"):
        HierarchicalClassifier(RIDGE, {"a::b": "a"}).fit(X, y)


def test_classes_of_one_dimension(data):
    X, y = data
    with pytest.raises(ValueError, match="Only binary classification is supported"):
        HierarchicalClassifier(RIDGE, EDGES).fit(X, y.sum(axis=1))
    with pytest.raises(ValueError, match="there are no labels for the hierarchy"):
        HierarchicalClassifier(RIDGE, EDGES).fit(X, y[:, 0])


def test_no_scores(data):
    X, y = data
    model = HierarchicalClassifier(RIDGE, EDGES).fit(X, y)
    assert not hasattr(model, "predict_proba")
    assert pickle.loads(pickle.dumps(model)).edges_.tolist() == model.edges_.tolist()

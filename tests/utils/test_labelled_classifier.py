"""Names of labels on their way to a classifier inside of others."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmultitag import MultiTagClassifier, ThresholdedClassifierCV
from skmultitag.ensemble import MultilabelVotingClassifier
from skmultitag.hierarchy import HierarchicalClassifier
from skmultitag.thresholds import FixedThreshold

BY_NAME = {"dog": 0.4, "cat": 0.6}


def data():
    X = np.random.RandomState(0).normal(size=(60, 2))
    return X, [["cat"] * a + ["dog"] * b for a, b in (X > 0).tolist()]


def net(threshold):
    return MultiTagClassifier(
        hidden_layer_sizes=(), max_iter=1, threshold=threshold, random_state=0
    )


def search(model, **params):
    return GridSearchCV(model, params, cv=2, scoring="f1_macro", error_score="raise")


INSIDE = {
    "network": lambda threshold: search(net(threshold), max_iter=[1, 2]),
    "thresholder": lambda threshold: search(
        ThresholdedClassifierCV(
            KNeighborsClassifier(), FixedThreshold(threshold), cv=2
        ),
        estimator__n_neighbors=[1, 3],
    ),
    "grid of thresholds": lambda threshold: search(
        ThresholdedClassifierCV(KNeighborsClassifier(), FixedThreshold(), cv=2),
        thresholder__threshold=[threshold, 0.5],
    ),
    "pipeline in a search": lambda threshold: search(
        make_pipeline(StandardScaler(), net(threshold)),
        multitagclassifier__max_iter=[1],
    ),
    "search in a pipeline in a search": lambda threshold: RandomizedSearchCV(
        make_pipeline(
            StandardScaler(),
            search(net(threshold), max_iter=[1]),
        ),
        {"standardscaler__with_mean": [True, False]},
        n_iter=2,
        cv=2,
        random_state=0,
        scoring="f1_macro",
        error_score="raise",
    ),
}
AROUND = {
    "thresholds": lambda model: ThresholdedClassifierCV(model, cv=2),
    "hierarchy": lambda model: HierarchicalClassifier(
        model, {"dog": "cat"}, close_targets=True
    ),
    "vote": lambda model: MultilabelVotingClassifier([("only", model)]),
}


@pytest.mark.parametrize(
    "inside, around",
    [(inside, "thresholds") for inside in INSIDE]
    + [("network", "hierarchy"), ("network", "vote")],
)
def test_values_by_name_reach_a_search(inside, around):
    X, tags = data()
    make = AROUND[around]
    model = make(INSIDE[inside](BY_NAME)).fit(X, tags)
    in_order = make(INSIDE[inside]([BY_NAME["cat"], BY_NAME["dog"]])).fit(X, tags)
    np.testing.assert_array_equal(model.predict(X), in_order.predict(X))
    with pytest.raises(ValueError, match="by label lacks .'cat'."):
        make(INSIDE[inside]({"dog": 0.5})).fit(X, tags)


def test_names_do_not_stay_in_a_search():
    """Who fits it again, on other labels, must not get the old names."""
    X, tags = data()
    model = ThresholdedClassifierCV(INSIDE["network"](0.5), cv=2).fit(X, tags)
    assert model.estimator_.best_estimator_.label_names_.tolist() == ["cat", "dog"]
    y = (X > 0).astype(int)
    for again in (model.estimator_, clone(model.estimator_)):
        assert again.fit(X, y).best_estimator_.label_names_.tolist() == [0, 1]
    other = clone(model.estimator_).estimator.fit(X, [["a"] * len(tag) for tag in tags])
    assert other.label_names_.tolist() == ["a"]


def test_a_search_itself_has_the_names_of_a_frame():
    X, tags = data()
    frame = pd.DataFrame(X > 0, columns=["cat", "dog"])
    model = INSIDE["thresholder"](BY_NAME)
    assert model.fit(X, frame).best_estimator_.threshold_.tolist() == [0.6, 0.4]
    with pytest.raises(ValueError, match="To name them, pass y as a DataFrame."):
        model.fit(X, frame.to_numpy())

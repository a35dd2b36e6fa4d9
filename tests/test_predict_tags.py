import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmultitag import MultiTagClassifier, ThresholdedClassifierCV, predict_tags

NAMES = ["e", "b", "a", "c", "d"]


def tags_of(indicator, names):
    return [tuple(names[j] for j in np.flatnonzero(row)) for row in indicator]


@pytest.mark.parametrize(
    "wrap",
    [
        lambda model: model,
        lambda model: make_pipeline(StandardScaler(), model),
        lambda model: GridSearchCV(make_pipeline(model), {}, cv=[([0, 1, 2], [3])]),
        lambda model: ThresholdedClassifierCV(make_pipeline(model), cv=2),
    ],
)
def test_tags_of_wrapped_classifiers(wrap, multilabel_data):
    X, y, _ = multilabel_data
    tags = tags_of(y, NAMES)
    model = wrap(MultiTagClassifier(max_iter=2, random_state=0)).fit(X, tags)
    expected = tags_of(model.predict(X), sorted(NAMES))
    assert predict_tags(model, X) == expected
    assert predict_tags(FrozenEstimator(model), X) == expected


def test_names_can_be_given(multilabel_data):
    X, y, _ = multilabel_data
    forest = RandomForestClassifier(5, random_state=0).fit(X, y)
    expected = tags_of(forest.predict(X), NAMES)
    assert predict_tags(forest, X, label_names=NAMES) == expected
    with pytest.raises(ValueError, match="label_names must have a name for each label"):
        predict_tags(forest, X, label_names=NAMES[:3])
    with pytest.raises(TypeError, match="RandomForestClassifier does not know"):
        predict_tags(forest, X)


def test_one_dimension_and_no_fit(multilabel_data):
    X, y, _ = multilabel_data
    model = MultiTagClassifier(max_iter=2)
    with pytest.raises(NotFittedError):
        predict_tags(model, X)
    classes = np.where(y[:, 0], "yes", "no")
    model.fit(X, classes)
    assert predict_tags(model, X) == [(name,) for name in model.predict(X)]

"""Halving searches whose resource is the number of epochs."""

import numpy as np
import pytest
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import GridSearchCV, HalvingGridSearchCV

from skmultitag import MultiTagClassifier
from skmultitag.losses import AdaptiveSigmoidF1Loss
from skmultitag.metrics import get_scorer

# from rates that hardly move the weights to one that trains them
GRID = {"learning_rate_init": [1e-5, 1e-2, 1e-4, 3e-5, 3e-4, 6e-4]}


def make_model(loss="sigmoid_f1", **params):
    # without the noise of input dropout the scores of the rates are far apart
    params |= {"dropout": 0.5, "input_dropout": 0.0, "random_state": 0}
    return MultiTagClassifier(loss, hidden_layer_sizes=16, batch_size=50, **params)


def halving_search(model, X, y, max_resources, scoring):
    """Two rounds: all candidates with a third of the epochs, and the best third."""
    search = HalvingGridSearchCV(
        model,
        GRID,
        resource="max_iter",
        max_resources=max_resources,
        scoring=scoring,
        cv=2,
        return_train_score=False,
    )
    return search.fit(X, y)


def test_last_round_is_fitted_with_all_epochs(multilabel_data):
    X, y, _ = multilabel_data
    n_epochs = []

    def score(estimator, X, y):
        n_epochs.append((estimator.max_iter, estimator.n_iter_))
        return get_scorer("sigmoid_f1")(estimator, X, y)

    search = halving_search(make_model(), X, y, 18, score)
    # two folds of six candidates, then of the two that are left
    assert n_epochs == [(6, 6)] * 12 + [(18, 18)] * 4
    results = search.cv_results_
    np.testing.assert_array_equal(results["param_max_iter"], [6] * 6 + [18] * 2)
    assert search.best_estimator_.n_iter_ == 18


def test_best_candidate_is_that_of_a_full_grid(multilabel_data):
    X, y, _ = multilabel_data
    scoring = get_scorer("sigmoid_f1")
    halving = halving_search(make_model(), X, y, 18, scoring)
    full = GridSearchCV(make_model(max_iter=18), GRID, scoring=scoring, cv=2)
    full.fit(X, y)
    first, second = np.sort(full.cv_results_["mean_test_score"])[::-1][:2]
    assert first > second + 0.1
    assert halving.best_params_ == {**full.best_params_, "max_iter": 18}
    assert halving.best_score_ == full.best_score_


@pytest.mark.parametrize("anneal, last_slope", [(1.0, 10.0), (18, 10 ** (5 / 17))])
def test_share_of_annealing_is_that_of_the_round(multilabel_data, anneal, last_slope):
    """Rounds have a whole annealing each, unless `anneal` is a number of epochs."""
    X, y, _ = multilabel_data
    slopes = {}

    def score(estimator, X, y):
        slopes[estimator.max_iter] = estimator.loss_.beta_.item()
        return estimator.learning_rate_init

    halving_search(make_model(AdaptiveSigmoidF1Loss(anneal=anneal)), X, y, 18, score)
    assert slopes == pytest.approx({6: last_slope, 18: 10.0})

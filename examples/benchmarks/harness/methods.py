"""Classifiers that several pages compare."""

import numpy as np
from scipy import sparse
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from skmultitag import MultiTagClassifier, ThresholdedClassifierCV
from skmultitag.losses import (
    BinaryCrossEntropyLoss,
    SigmoidF1Loss,
    SoftF1Loss,
    WeightedSumLoss,
)
from skmultitag.model_selection import MultilabelStratifiedKFold
from skmultitag.utils._scores import label_scores

# what the batches and epochs of the defaults are compared with
LARGE_BATCHES = {"batch_size": 256, "max_iter": 50}

LOSSES = {
    "sigmoid_f1, beta=5": SigmoidF1Loss(beta=5.0),
    "sigmoid_f1, micro": SigmoidF1Loss(average="micro"),
    "bce + soft_f1": WeightedSumLoss(BinaryCrossEntropyLoss(), SoftF1Loss()),
}


def network(name, seed, **params):
    """The default network but for its loss, a name of the package or of `LOSSES`."""
    return MultiTagClassifier(LOSSES.get(name, name), random_state=seed, **params)


def one_vs_rest(model, is_binary):
    """A linear model for each label; features that are 0 and 1 are made sparse."""
    rest = ("model", OneVsRestClassifier(model))
    # the same fit, several times faster where nearly all features are 0
    form = [("sparse", FunctionTransformer(sparse.csr_array))] if is_binary else []
    return Pipeline([*form, rest])


def fit_deciders(model, X, y, is_tuned, cv=None):
    """Fitted models by decision rule; the two rules share the fit on all rows."""
    if not is_tuned:
        return {"natural": model.fit(X, y)}
    tuned = ThresholdedClassifierCV(model, cv=cv).fit(X, y)
    return {"natural": tuned.estimator_, "tuned": tuned}


def out_of_fold_scores(make_model, X, y, seed, n_folds=3):
    """Scores of the training rows by models that have not seen them."""
    scores = np.empty(y.shape)
    folds = MultilabelStratifiedKFold(n_folds, shuffle=True, random_state=seed)
    for rows, rest in folds.split(X, y):
        model = make_model().fit(X[rows], y[rows])
        scores[rest] = label_scores(model, X[rest], y.shape[1])
    return scores

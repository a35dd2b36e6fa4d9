"""What the tests of the network share."""

import torch

from skmultitag import MultiTagClassifier
from skmultitag.losses import BayesianSigmoidF1Loss, get_loss_names

# most of its time is the posterior at the end, of which tests of training ask nothing
FEW_DRAWS = BayesianSigmoidF1Loss(n_final_draws=20)
LOSSES = {name: name for name in get_loss_names()}
LOSSES["bayesian_sigmoid_f1"] = FEW_DRAWS


def small(loss="sigmoid_f1", **params):
    """A classifier that is fitted in no time."""
    defaults = {"hidden_layer_sizes": 16, "max_iter": 6, "random_state": 0}
    return MultiTagClassifier(loss, **{**defaults, **params})


def as_tensor(array, model):
    """An array as a tensor where the network of `model` is."""
    return torch.from_numpy(array).to(model.net_.device)

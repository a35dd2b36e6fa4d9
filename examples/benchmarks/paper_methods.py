"""Methods that `bench_paper.py` compares, and their settings.

Each method has three settings, of which one is chosen on held-out rows. Those of our
network are the same for all losses where they can be: its defaults, then less dropout,
then another value of what matters most in the loss, or a larger learning rate if the
loss has no parameter. Those called `..._256` have larger batches. The rivals have a
grid of what is usually tuned.
"""

from typing import NamedTuple

import numpy as np
from harness.methods import LARGE_BATCHES, one_vs_rest
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier

from skmultitag import MultiTagClassifier
from skmultitag.losses import BinaryCrossEntropyLoss, get_loss_names


class Method(NamedTuple):
    """A classifier, the settings to choose from, and what a fit takes, roughly.

    `cost` is relative to a network; `memory` is in bytes for each row and label.
    """

    estimator: object
    settings: list
    cost: float
    memory: float = 0

    def make(self, setting, seed):
        """A new classifier with parameters `setting`."""
        model = clone(self.estimator).set_params(**setting)
        seeds = [p for p in model.get_params() if p.endswith("random_state")]
        return model.set_params(**dict.fromkeys(seeds, seed))


FASTER = {"learning_rate_init": 3e-3}

# 100 trees; 1.26 nodes a row, as leaves are single rows and two thirds are drawn; two
# classes of 8 bytes
FOREST_MEMORY = 100 * 1.26 * 2 * 8

# the third setting of the losses with parameters of their own
OWN_SETTINGS = {
    "adaptive_sigmoid_f1": {"loss__beta_end": 3.0},
    "asymmetric": {"loss__gamma_neg": 2.0, "loss__gamma_pos": 0.0},
    "bayesian_sigmoid_f1": {"loss__beta_sd": 0.5, "loss__eta_sd": 0.5},
    # the values for images of its first authors
    "distribution_balanced": {"loss__map_gamma": 0.3, "loss__neg_scale": 5.0},
    "focal": {"loss__alpha": 0.5, "loss__gamma": 1.0},
    "hill": {"loss__margin": 0.5},
    "label_count": {"loss__weight": 0.01},
    "sigmoid_f1": {"loss__beta": 2.0},
    "sigmoid_f1_bce": {"loss__cross_entropy": 1.0},
    "soft_f1": {"loss__negative_class": True},
    "tencent": {"loss__pos_weight": 3.0},
    "two_way": {"loss__temperature_pos": 2.0},
}


def losses():
    """Losses of the package, by name, and weighted cross-entropy."""
    return {
        **{name: name for name in get_loss_names()},
        "bce_balanced": BinaryCrossEntropyLoss("balanced"),
    }


def _network(name, loss, **training):
    own = OWN_SETTINGS.get(name, FASTER)
    settings = [{}, {"input_dropout": 0.2}, own]
    cost = 3 if name == "bayesian_sigmoid_f1" else 1
    return Method(MultiTagClassifier(loss, **training), settings, cost)


def _logistic(is_binary, class_weight=None):
    # at a tolerance of 1e-3 it stops after ten steps, whatever C is
    model = LogisticRegression(tol=1e-5, max_iter=1000, class_weight=class_weight)
    strengths = (0.1, 1.0, 10.0) if is_binary else (0.01, 0.1, 1.0)
    settings = [{"model__estimator__C": c} for c in strengths]
    return Method(one_vs_rest(model, is_binary), settings, 2)


def _libmultilabel(technique, is_binary, cost):
    strengths = (0.01, 0.1, 1.0) if is_binary else (0.001, 0.003, 0.01)
    settings = [{"C": c} for c in strengths]
    return Method(LibMultiLabelClassifier(technique), settings, cost)


def rivals(is_binary):
    """Classifiers of others, by name."""
    forest = RandomForestClassifier(100)
    leaves = [{"min_samples_leaf": n} for n in (1, 2, 5)]
    return {
        "logistic": _logistic(is_binary),
        "logistic_balanced": _logistic(is_binary, "balanced"),
        "mlp": Method(
            MLPClassifier((256,), max_iter=50),
            [{"alpha": 1.0}, {"alpha": 10.0}, {"alpha": 1.0, **FASTER}],
            1,
        ),
        "forest": Method(forest, leaves, 4, FOREST_MEMORY),
        "knn": Method(
            KNeighborsClassifier(metric="cosine"),
            [{"n_neighbors": n} for n in (5, 15, 40)],
            0.5,
        ),
        "boosting": Method(
            OneVsRestClassifier(HistGradientBoostingClassifier()),
            [{"estimator__max_iter": n} for n in (100, 50, 200)],
            40,
        ),
        "libmultilabel": _libmultilabel("thresholding", is_binary, 20),
        "libmultilabel_cost": _libmultilabel("cost_sensitive", is_binary, 40),
    }


# they take hours where there are many labels, or need another package
ONLY_IF_ASKED = ("boosting", "libmultilabel", "libmultilabel_cost")


def all_methods(is_binary):
    """All methods by name, for features that are 0 and 1 or for others."""
    networks = {name: _network(name, loss) for name, loss in losses().items()}
    for name in ("bce", "sigmoid_f1", "sigmoid_f1_bce"):
        networks[f"{name}_256"] = _network(name, name, **LARGE_BATCHES)
    return {**networks, **rivals(is_binary)}


# The linear methods of LibMultiLabel (pip install libmultilabel)


class _Targets(sparse.csc_matrix):
    """Sums over axis 0 when asked for axis 2, as all of them did in older scipy.

    `train_thresholding` of version 0.10 asks for it, to count the rows of each label.
    """

    def sum(self, axis=None, dtype=None, out=None):
        return super().sum(0 if axis == 2 else axis, dtype, out)


class LibMultiLabelClassifier(ClassifierMixin, BaseEstimator):
    """Linear support vector machines with thresholds or costs tuned inside.

    Parameters
    ----------
    technique : {"thresholding", "cost_sensitive", "1vsrest"}
        Which of its `train_...` functions is called.

    C : float, default=1.0

    random_state : int, default=None
        Seeds the global stream of numpy, from which its folds are drawn.
    """

    def __init__(self, technique, C=1.0, random_state=None):
        self.technique = technique
        self.C = C
        self.random_state = random_state

    def fit(self, X, y):
        from libmultilabel import linear

        train = getattr(linear, f"train_{self.technique}")
        np.random.seed(self.random_state)
        X, y = sparse.csr_matrix(X, dtype=np.float64), _Targets(y, dtype=int)
        # one thread, as all others have; liblinear's L2 loss with an intercept
        options = f"-s 1 -B 1 -m 1 -c {self.C}"
        self.model_ = train(y, X, options=options, verbose=False)
        return self

    def decision_function(self, X):
        """Decision values without its thresholds, which differ from fold to fold."""
        return self._values(X) - self.model_.thresholds

    def predict(self, X):
        return (self._values(X) > 0).astype(int)

    def _values(self, X):
        X = sparse.csr_matrix(X, dtype=np.float64)
        return np.asarray(self.model_.predict_values(X))

"""The linear methods of LibMultiLabel (pip install libmultilabel) as a classifier."""

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin


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

"""What the losses on F1 of a sigmoid share."""

from numbers import Real

import numpy as np
import torch

from skmultitag.losses._base import MultilabelLoss, per_label
from skmultitag.losses._f1 import (
    F1_CONSTRAINTS,
    soft_f1_from_sums,
    soft_f1_loss,
    soft_f1_sums,
)
from skmultitag.utils._sklearn import Interval, StrOptions


class BaseSigmoidF1Loss(MultilabelLoss):
    """Base class of F1 losses of S(u; beta, eta), with the offset as a parameter.

    A subclass has the parameters of :class:`SigmoidF1Loss`, where the slope is what
    `_slope` returns.
    """

    _parameter_constraints = {
        "eta": [Interval(Real, None, None, closed="neither"), "array-like"],
        "on": [StrOptions({"logits", "probability"})],
        **F1_CONSTRAINTS,
    }

    def _fit(self, y_true, sample_weight, random_state):
        self._check_per_label("eta")

    def _forward(self, y_score, y_true, sample_weight):
        return soft_f1_loss(self._sigmoid(y_score), y_true, sample_weight, self)

    def _row_sums(self, y_score, y_true, sample_weight):
        return soft_f1_sums(self._sigmoid(y_score), y_true, sample_weight, self)

    def _loss_from_sums(self, sums):
        return soft_f1_from_sums(sums, self)

    def _slope(self, like):
        """The slope, as something that broadcasts over the tensor `like`."""
        raise NotImplementedError(f"{type(self).__name__} must define _slope.")

    def _sigmoid(self, logits, slope=None):
        u = logits if self.on == "logits" else torch.sigmoid(logits)
        slope = self._slope(like=u) if slope is None else slope
        # a product with 1 takes as long as any other
        if not (isinstance(self.eta, Real) and self.eta == 0):
            u = u + per_label(self.eta, like=u)
        if not (isinstance(slope, Real) and slope == 1):
            u = slope * u
        return torch.sigmoid(u)

    @property
    def has_natural_threshold(self):
        if self.on == "logits":
            return True
        eta = np.asarray(self.eta)
        return bool(((eta > -1) & (eta < 0)).all())

    def decision_function(self, logits):
        """Distance of the logits from where S is 1/2.

        Parameters
        ----------
        logits : tensor of shape (n_samples, n_labels)
            Output of the network.

        Returns
        -------
        margin : tensor of shape (n_samples, n_labels)
            In units of the logits, for any beta: z + eta, or z - logit(-eta) on
            probabilities. z where there is no natural threshold.
        """
        if not self.has_natural_threshold:
            return logits
        eta = per_label(self.eta, like=logits)
        if self.on == "logits":
            return logits + eta
        return logits - torch.logit(torch.as_tensor(-eta, dtype=logits.dtype))

    def predict_proba(self, logits):
        """S(u; beta, eta): a soft decision, not the probability of a label.

        Parameters
        ----------
        logits : tensor of shape (n_samples, n_labels)
            Output of the network.

        Returns
        -------
        proba : tensor of shape (n_samples, n_labels)
            In [0, 1], above 1/2 where `decision_function` is positive.
        """
        if not self.has_natural_threshold:
            return torch.sigmoid(logits)
        return self._sigmoid(logits)

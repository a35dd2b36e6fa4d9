from numbers import Integral, Real

import torch
from torch.nn import functional

from skmultitag._confusion import fbeta_counts, fbeta_from_counts, safe_ratio
from skmultitag.losses._base import MultilabelLoss, sums_of_entries
from skmultitag.utils._sklearn import Interval, StrOptions

_LEAST, _LARGEST = 0.01, 100.0  # multipliers


class GlobalObjectiveLoss(MultilabelLoss):
    r"""Loss for recall at a precision floor, precision at a recall floor, or F1.

    Use it to study floors that are part of the training. If you only want to keep a
    floor, choose thresholds after the training instead: they keep it better and need
    no new fit for another floor, see
    :class:`~skmultitag.thresholds.PrecisionFloorThreshold`.

    The loss is a surrogate :math:`\ell^+` of the error of each positive and a surrogate
    :math:`\ell^-` of the error of each negative, weighted by :math:`a_j` and
    :math:`b_j`:

    .. math:: \frac{1}{nL} \sum_{ij} a_j y_{ij} \ell^+(z_{ij})
              + b_j (1 - y_{ij}) \ell^-(z_{ij})

    The weights depend on the objective and on a multiplier :math:`\lambda_j` for each
    label, which is learned [1]_. Before each epoch, the decisions z > 0 of some rows
    are counted. If a label misses the target, its multiplier grows, otherwise it falls.

    Read more in the :ref:`User Guide <global_objectives>`.

    Parameters
    ----------
    objective : str, default="recall_at_precision"
        What is wanted of each label, if P or R is the `target`:

        - "recall_at_precision": the largest recall with a precision of at least P. The
          weights are :math:`a = 1 + \lambda (1 - P)` and :math:`b = \lambda P`;
        - "precision_at_recall": the fewest false positives with a recall of at least R.
          The weights are :math:`a = \lambda` and :math:`b = 1`;
        - "f1": the largest F1. The multiplier is the F1 of the label, and the weights
          are :math:`a = 2 - \lambda` and :math:`b = \lambda`.

    target : float, default=0.8
        The floor, in (0, 1); not used by "f1".

    surrogate : {"logistic", "hinge"}, default="logistic"
        :math:`\ell^-(z)` is log(1 + exp(z)) or max(0, 1 + z), and :math:`\ell^+(z)` is
        :math:`\ell^-(-z)`.

    dual_rate : float, default=1.0
        How fast multipliers change, in [0, inf). Each epoch multiplies them by
        exp(`dual_rate` g), where g is the gap to the target, see Notes. 0 keeps them
        at 1. Not used by "f1".

    n_rows : int, default=10000
        Largest number of rows whose decisions are counted, in [1, inf): held-out rows
        with early stopping, else training rows.

    Attributes
    ----------
    multiplier_ : tensor of float64 of shape (n_labels,)
        Multipliers in [0.01, 100]; 1 before the first epoch. The history of the net has
        them as "multiplier".

    n_labels_ : int
        Number of labels seen in `fit`.

    See Also
    --------
    skmultitag.thresholds.PrecisionFloorThreshold : Recall at precision, by thresholds.
    skmultitag.thresholds.RecallFloorThreshold : Precision at recall, by thresholds.
    BinaryCrossEntropyLoss : Has a fixed weight of the positives.

    Notes
    -----
    The gap to the target is g = R - recall, or P - precision, of the decisions that are
    counted. If nothing is predicted, the precision is taken for 1, so that the label
    will be predicted more often. A label without a positive keeps its multiplier.

    The paper [1]_ learns multipliers in each batch, by the gradient of a bound of g.
    Here they are learned from counts, which come closer to the target, and only once an
    epoch, so the loss remains a sum over rows. The paper's loss has constants without a
    gradient to the logits; they are left out. With "f1", the weights lead to the best
    F1 once the multiplier is the best F1 (Dinkelbach).

    An overfitted network meets the target on its training rows, and misses it on new
    rows. Losses at different multipliers can't be compared. So early stopping compares
    epochs by the loss at multipliers of 1, and may go back to an epoch in which the
    multipliers did not yet meet the target.

    References
    ----------
    .. [1] E. Eban, M. Schain, A. Mackey, A. Gordon, R. Rifkin, G. Elidan, "Scalable
       Learning of Non-Decomposable Objectives", AISTATS, 2017.

    Examples
    --------
    >>> import torch
    >>> from skmultitag.losses import GlobalObjectiveLoss
    >>> y_true = torch.tensor([[1.0], [1.0], [0.0], [0.0]])
    >>> loss = GlobalObjectiveLoss("precision_at_recall", target=1.0 - 1e-9)
    >>> loss.fit(y_true).observe(torch.tensor([[1.0], [-1.0], [1.0], [-1.0]]), y_true)
    >>> loss.multiplier_.round(decimals=2)  # exp(1/2), as half the positives are found
    tensor([1.6500], dtype=torch.float64)
    """

    # multipliers change, and the loss with them
    is_annealing = True

    _parameter_constraints = {
        "objective": [StrOptions({"recall_at_precision", "precision_at_recall", "f1"})],
        "target": [Interval(Real, 0, 1, closed="neither")],
        "surrogate": [StrOptions({"logistic", "hinge"})],
        "dual_rate": [Interval(Real, 0, None, closed="left")],
        "n_rows": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self,
        objective="recall_at_precision",
        target=0.8,
        *,
        surrogate="logistic",
        dual_rate=1.0,
        n_rows=10_000,
    ):
        super().__init__()
        self.objective = objective
        self.target = target
        self.surrogate = surrogate
        self.dual_rate = dual_rate
        self.n_rows = n_rows

    def _fit(self, y_true, sample_weight, random_state):
        ones = torch.ones(self.n_labels_, dtype=torch.float64, device="cpu")
        self.register_buffer("multiplier_", ones)

    @property
    def n_rows_observed(self):
        return self.n_rows

    def _observe(self, y_score, y_true, y_known, sample_weight, is_final):
        """Change the multipliers by the gap between the decisions and the target."""
        self._check_is_fitted()
        if is_final:  # a training that goes on must not notice
            return
        # 0, as the target is, where it is not annotated
        is_predicted = (y_score > 0).to(torch.float64)
        y_true = y_true.to(torch.float64)
        if sample_weight is not None:
            sample_weight = sample_weight.to(torch.float64)
        counts = fbeta_counts(y_true, is_predicted, sample_weight=sample_weight)
        new = self._new_multiplier(counts).clamp(_LEAST, _LARGEST)
        new = new.to(self.multiplier_)
        is_known = (counts.positive > 0).to(self.multiplier_.device)
        self.multiplier_.copy_(torch.where(is_known, new, self.multiplier_))

    def _new_multiplier(self, counts):
        if self.objective == "f1":
            return fbeta_from_counts(counts)
        if self.objective == "precision_at_recall":
            reached = safe_ratio(counts.tp, counts.positive)
        else:
            reached = safe_ratio(counts.tp, counts.predicted)
            # no decision is wrong then: more can be predicted
            reached[counts.predicted == 0] = 1
        factor = torch.exp(self.dual_rate * (self.target - reached))
        return self.multiplier_.to(factor) * factor

    def epoch_figures(self):
        """Multipliers of the current epoch, with the name "multiplier"."""
        self._check_is_fitted()
        return {"multiplier": self.multiplier_.tolist()}

    def _entry_losses(self, y_score, y_true):
        self._check_is_fitted()
        multiplier = self._per_label("multiplier_", like=y_score)
        return self._weighted(y_score, y_true, multiplier)

    def _validation_sums(self, y_score, y_true, y_known, sample_weight):
        # at multipliers which are the same in all epochs
        losses = self._weighted(y_score, y_true, 1.0)
        return sums_of_entries(losses, y_known, sample_weight)

    def _weighted(self, y_score, y_true, multiplier):
        if self.objective == "recall_at_precision":
            of_positive = 1 + multiplier * (1 - self.target)
            of_negative = multiplier * self.target
        elif self.objective == "precision_at_recall":
            of_positive, of_negative = multiplier, 1.0
        else:
            of_positive, of_negative = 2 - multiplier, multiplier
        wrong_way = (1 - 2 * y_true) * y_score
        if self.surrogate == "hinge":
            losses = functional.relu(1 + wrong_way)
        else:
            losses = functional.softplus(wrong_way)
        weight = y_true * of_positive + (1 - y_true) * of_negative
        return weight * losses

from numbers import Integral, Real

import torch
from torch.nn import functional

from skmultitag._confusion import fbeta_counts, fbeta_from_counts, safe_ratio
from skmultitag.losses._base import MultilabelLoss, per_label, sums_of_entries
from skmultitag.utils._sklearn import Interval, StrOptions

_LEAST, _LARGEST = 0.01, 100.0  # multipliers


class GlobalObjectiveLoss(MultilabelLoss):
    r"""Recall at a floor of precision, precision at a floor of recall, or F1.

    Each label has a surrogate of the error of a positive, :math:`\ell^+`, and of a
    negative, :math:`\ell^-`. What is wanted of all rows is a choice of their weights
    [1]_, by a multiplier :math:`\lambda_j` for each label that is learned:

    .. math:: \frac{1}{nL} \sum_{ij} a_j y_{ij} \ell^+(z_{ij})
              + b_j (1 - y_{ij}) \ell^-(z_{ij})

    Before each epoch the decisions z > 0 of some rows are counted. Where they miss the
    target, the multiplier grows, else it falls.

    A threshold that is chosen after the training keeps such a floor better, and needs
    no new fit for another one: see
    :class:`~skmultitag.thresholds.PrecisionFloorThreshold`.

    Read more in the :ref:`User Guide <global_objectives>`.

    Parameters
    ----------
    objective : str, default="recall_at_precision"
        What is wanted of each label. With P or R the `target`,

        - "recall_at_precision": the most positives are to be found among the decisions
          with a precision of P; :math:`a = 1 + \lambda (1 - P)`,
          :math:`b = \lambda P`;
        - "precision_at_recall": the fewest false positives with a recall of R;
          :math:`a = \lambda`, :math:`b = 1`;
        - "f1": :math:`a = 2 - \lambda`, :math:`b = \lambda`, and the multiplier is the
          F1 of the label.

    target : float, default=0.8
        The floor, in (0, 1); not used by "f1".

    surrogate : {"logistic", "hinge"}, default="logistic"
        :math:`\ell^-(z)` is log(1 + exp(z)) or max(0, 1 + z), and :math:`\ell^+(z)` is
        :math:`\ell^-(-z)`.

    dual_rate : float, default=1.0
        How fast multipliers change, in [0, inf): by a factor of exp(`dual_rate` g), g
        being what is missing of the target, see Notes. 0 keeps them at 1.
        Not used by "f1".

    n_rows : int, default=10000
        Number of rows whose decisions are counted: held-out rows with early stopping,
        else training rows.

    Attributes
    ----------
    multiplier_ : tensor of float64 of shape (n_labels,)
        In [0.01, 100], 1 before the first epoch; "multiplier" in the history of the
        net.

    n_labels_ : int
        Number of labels seen in `fit`.

    See Also
    --------
    skmultitag.thresholds.PrecisionFloorThreshold : Recall at precision, by thresholds.
    skmultitag.thresholds.RecallFloorThreshold : Precision at recall, by thresholds.
    BinaryCrossEntropyLoss : The same with a weight of positives that is given.

    Notes
    -----
    What is missing of the target is g = R - recall, or P - precision, of the decisions
    of the rows that are observed. Where nothing is predicted the precision is taken for
    1, so that more will be; a label without a positive keeps its multiplier. The paper
    [1]_ learns multipliers by the gradient of a bound of g, in each batch. Counts meet
    the target more closely, and once an epoch leaves a loss that is a sum over rows.
    The constants of the paper's loss, which have no gradient to the logits, are left
    out. For "f1" the weights are those with which F1 is best if the multiplier is the
    best F1 (Dinkelbach).

    A network that knows its training rows by heart meets the target there, and misses
    it on new rows. Multipliers of different epochs can't be compared by the loss:
    early stopping compares it at multipliers of 1, and may go back to an epoch in which
    they were not yet where they belong.

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
        """Change the multipliers by what the decisions miss of the target."""
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
        """The multipliers of the epoch, by the name "multiplier"."""
        self._check_is_fitted()
        return {"multiplier": self.multiplier_.tolist()}

    def _entry_losses(self, y_score, y_true):
        self._check_is_fitted()
        multiplier = per_label(self.multiplier_, like=y_score)
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

import math
from itertools import pairwise
from numbers import Integral, Real

import numpy as np
import torch

from skmultitag.losses._sigmoid_f1 import BaseSigmoidF1Loss
from skmultitag.utils._messages import shorten
from skmultitag.utils._sklearn import Interval, RealNotInt, StrOptions

_N_STEPS = 5  # of the schedule "step"


def _geometric(share, start, end):
    return start * (end / start) ** share


def _linear(share, start, end):
    return start + (end - start) * share


def _cosine(share, start, end):
    return _linear((1 - math.cos(math.pi * share)) / 2, start, end)


def _step(share, start, end):
    stairs = min(math.floor(share * _N_STEPS), _N_STEPS - 1) / (_N_STEPS - 1)
    return _geometric(stairs, start, end)


_SCHEDULES = {
    "geometric": _geometric,
    "linear": _linear,
    "cosine": _cosine,
    "step": _step,
}


class AdaptiveSigmoidF1Loss(BaseSigmoidF1Loss):
    """1 - F1 of sigmoid predictions whose slope grows with the epochs (SAdF1).

    At first the sigmoid S is flat, and each row has a gradient. In the end S is steep,
    and the loss is close to 1 - F1 of hard decisions. The slope beta is set at the
    start of each epoch and never falls. See :class:`SigmoidF1Loss` for the loss itself.

    Read more in the :ref:`User Guide <growing_slope>`.

    Parameters
    ----------
    beta_start : float, array-like of shape (n_labels,) or dict, default=1.0
        Slope in the first epoch, in (0, inf).

    beta_end : float, array-like of shape (n_labels,) or dict, default=10.0
        Slope once the annealing has ended, not less than `beta_start`.

    schedule : {"geometric", "linear", "cosine", "step"} or callable, \
            default="geometric"
        How beta goes from `beta_start` to `beta_end`, with t from 0 to 1:

        - "geometric": beta_start (beta_end / beta_start)^t, the same factor each time;
        - "linear": the same summand each time;
        - "cosine": linear in (1 - cos(pi t)) / 2, slow at both ends;
        - "step": geometric, with five values of t;
        - a function of t that returns beta. Its values must be above 0 and never fall;
          `beta_start` and `beta_end` are not used.

    anneal : float or int, default=0.7
        Number of epochs until the slope is `beta_end`. A float in (0, 1] is a share of
        all epochs of the training (1.0 is all of them), an int is a number of epochs (1
        is at once). Pass an int if the training will be resumed, because a share then
        refers to the epochs of one part.

    eta : float, array-like of shape (n_labels,) or dict, default=0.0
        Offset: the decision is at u = -eta. A dict or Series, for `eta` or a slope, has
        one value for each label name of the classifier.

    saturation : float or None, default=None
        In (0, 1). Once the mean of 4 S (1 - S) over an epoch is below this number, the
        slope no longer grows, because most rows are then without a gradient. With None,
        the slope grows to the end of the schedule.

    on : {"logits", "probability"}, default="logits"
        What u is, as in :class:`SigmoidF1Loss`.

    average : {"macro", "micro", "samples", "weighted"}, default="macro"
        Which F1 is computed, as in :class:`SigmoidF1Loss`.

    f_beta : float, default=1.0
        Weight of recall against precision, in (0, inf).

    empty : {"ignore", "zero"}, default="ignore"
        What to do with a label without a positive in the batch, as in
        :class:`SigmoidF1Loss`.

    negative_class : bool, default=False
        Whether to average with the loss for the zeros, as in :class:`SigmoidF1Loss`.

    cross_entropy : float, default=0.0
        Weight with which the mean binary cross-entropy is added, in [0, inf), as in
        :class:`SigmoidF1Loss`.

    Attributes
    ----------
    beta_ : tensor of float64 of shape () or (n_labels,)
        Slope of the current epoch. The history of the net has it as "beta".

    is_annealing : bool
        Whether the slope may still grow.

    n_labels_ : int
        Number of labels seen in `fit`.

    has_natural_threshold : bool
        Whether S crosses 1/2, as in :class:`SigmoidF1Loss`.

    See Also
    --------
    SigmoidF1Loss : F1 loss with a fixed slope.
    BayesianSigmoidF1Loss : F1 loss with a distribution of slopes and offsets.

    Notes
    -----
    Values of the loss in different epochs can't be compared. So early stopping compares
    epochs by the loss at the last slope (or by `scoring`). Without early stopping, the
    training never stops before the annealing ends.

    References
    ----------
    .. [1] G. Benedict, V. Koops, D. Odijk, M. de Rijke, "sigmoidF1: A Smooth F1 Score
       Surrogate Loss for Multilabel Classification", Transactions on Machine Learning
       Research, 2022.

    Examples
    --------
    >>> import numpy as np
    >>> from skmultitag.losses import AdaptiveSigmoidF1Loss
    >>> loss = AdaptiveSigmoidF1Loss(anneal=3).fit(np.eye(2))
    >>> betas = []
    >>> for epoch in range(4):
    ...     loss.start_epoch(epoch, n_epochs=4)
    ...     betas.append(round(loss.beta_.item(), 2))
    >>> betas
    [1.0, 3.16, 10.0, 10.0]
    """

    _parameter_constraints = {
        **BaseSigmoidF1Loss._parameter_constraints,
        "beta_start": [Interval(Real, 0, None, closed="neither"), "array-like"],
        "beta_end": [Interval(Real, 0, None, closed="neither"), "array-like"],
        "schedule": [StrOptions(set(_SCHEDULES)), callable],
        "anneal": [
            Interval(Integral, 1, None, closed="left"),
            Interval(RealNotInt, 0, 1, closed="right"),
        ],
        "saturation": [Interval(Real, 0, 1, closed="neither"), None],
    }

    def __init__(
        self,
        beta_start=1.0,
        beta_end=10.0,
        schedule="geometric",
        anneal=0.7,
        eta=0.0,
        saturation=None,
        on="logits",
        average="macro",
        f_beta=1.0,
        empty="ignore",
        negative_class=False,
        cross_entropy=0.0,
    ):
        super().__init__()
        self.beta_start = beta_start
        self.beta_end = beta_end
        self.schedule = schedule
        self.anneal = anneal
        self.eta = eta
        self.saturation = saturation
        self.on = on
        self.average = average
        self.f_beta = f_beta
        self.empty = empty
        self.negative_class = negative_class
        self.cross_entropy = cross_entropy

    def _fit(self, y_true, sample_weight, random_state):
        self._check_per_label("eta")
        start = self._check_per_label("beta_start", positive=True)
        end = self._check_per_label("beta_end", positive=True)
        is_used = not callable(self.schedule)
        if is_used and (np.asarray(end) < np.asarray(start)).any():
            raise ValueError(
                "beta_end must not be less than beta_start: the slope never falls. Got"
                f" beta_start={shorten(start)} and beta_end={shorten(end)}."
            )
        try:
            betas = [self._scheduled(share) for share in np.linspace(0, 1, 101)]
            # the shape of a state that is saved must not change
            shape = np.broadcast_shapes(*(beta.shape for beta in betas))
            is_right = shape in [(), (self.n_labels_,)] and _rises(betas)
            problem = None
        except (RuntimeError, TypeError, ValueError) as exc:
            is_right, problem = False, exc
        if not is_right:
            raise ValueError(
                "schedule must return a number above 0, or one for each label, of shape"
                f" ({self.n_labels_},), and must never fall from t = 0 to t = 1. Got"
                f" {shorten(self.schedule)}."
            ) from problem
        self.register_buffer("beta_", betas[0].expand(shape).clone())
        self.register_buffer("_last_beta", betas[-1].expand(shape).clone())
        self.register_buffer("_is_annealing", torch.tensor(True, device="cpu"))
        # sum and number of 4 S (1 - S) in the epoch
        softness = torch.zeros(2, dtype=torch.float64, device="cpu")
        self.register_buffer("_softness", softness)

    def start_epoch(self, epoch, n_epochs):
        self._check_is_fitted()
        share = self._share(epoch, n_epochs)
        total, number = self._softness.tolist()
        is_saturated = number > 0 and total / number < (self.saturation or 0)
        if is_saturated:
            self._is_annealing.fill_(False)
        self._softness.zero_()
        if self.is_annealing:
            # a training that goes on may have planned with fewer epochs
            scheduled = self._scheduled(share).to(self.beta_)
            self.beta_.copy_(torch.maximum(self.beta_, scheduled))
        if share == 1:
            self._is_annealing.fill_(False)

    def _share(self, epoch, n_epochs):
        """How far the annealing has come, from 0 to 1."""
        n_annealed = self.anneal
        if not isinstance(n_annealed, Integral):
            n_annealed = round(n_annealed * n_epochs)
        return min(1.0, epoch / (n_annealed - 1)) if n_annealed > 1 else 1.0

    def _scheduled(self, share):
        if callable(self.schedule):
            beta = self.schedule(float(share))
        else:
            start, end = np.asarray(self.beta_start), np.asarray(self.beta_end)
            beta = _SCHEDULES[self.schedule](share, start, end)
        return torch.as_tensor(beta, dtype=torch.float64, device="cpu")

    def _forward(self, y_score, *target):
        if self.training and self.saturation is not None:
            self._measure_softness(y_score.detach())
        return super()._forward(y_score, *target)

    def _measure_softness(self, y_score):
        self._check_is_fitted()
        y_soft = self._sigmoid(y_score)
        self._softness[0] += (4 * y_soft * (1 - y_soft)).sum()
        self._softness[1] += y_soft.numel()

    @property
    def is_additive(self):
        # processes that share a batch would see it saturate at different times
        return self.saturation is None

    def _sigmoid(self, logits, slope=None):
        current = "beta_" if hasattr(self, "beta_") else "beta_start"
        return super()._sigmoid(logits, slope or current)

    @property
    def is_annealing(self):
        return not hasattr(self, "beta_") or bool(self._is_annealing)

    def epoch_figures(self):
        """Slope of the current epoch, with the name "beta"."""
        self._check_is_fitted()
        return {"beta": self.beta_.tolist()}

    def _validation_sums(self, y_score, *target):
        self._check_is_fitted()
        # at the last slope, which has the same scale in all epochs
        return self._row_sums(y_score, *target, slope="_last_beta")


def _rises(betas):
    """Whether all are finite and above 0, and none falls by more than rounding."""
    is_positive = bool((betas[0] > 0).all() and torch.isfinite(betas[-1]).all())
    return is_positive and all(
        bool((low <= high * (1 + 1e-12)).all()) for low, high in pairwise(betas)
    )

import copy
from numbers import Integral, Real

import numpy as np
import torch
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state

from skmultitag.losses._base import MultilabelLoss
from skmultitag.losses._sigmoid_f1 import (
    F1_CONSTRAINTS,
    F1Params,
    soft_f1_from_sums,
    soft_f1_sums,
)
from skmultitag.losses.bayesian._sampling import (
    KIND,
    Chains,
    LogPosterior,
    draw_from_grid,
    find_mode,
    grid_posterior,
    make_cells,
    run_chains,
    start_chains,
)
from skmultitag.losses.bayesian._slope_offset_posterior import SlopeOffsetPosterior
from skmultitag.utils._messages import shorten, warn
from skmultitag.utils._random_stream import RandomStream
from skmultitag.utils._sklearn import Interval, StrOptions

_N_KEPT = 100  # draws of the posterior that a prediction is the mean of
_MAX_R_HAT = 1.1
_MIN_DRAWS_TO_JUDGE = 200


class BayesianSigmoidF1Loss(MultilabelLoss):
    r"""1 - F1 of sigmoid predictions with a posterior of slope and offset (SBayesF1).

    Slope and offset of each label are random. The network is trained on the mean of
    :class:`SigmoidF1Loss` over their posterior,

    .. math:: q(\beta_j, \eta_j) \propto p(\beta_j) \, p(\eta_j)
              \exp(-\omega_j [1 - F_j(\beta_j, \eta_j)]),
              \quad \omega_j = \tau \, n_j^+

    for the temperature :math:`\tau` and the number :math:`n_j^+` of positives. This is
    a Gibbs posterior: the distribution that minimizes the expected loss plus the
    Kullback-Leibler divergence from the prior, divided by :math:`\omega_j`. Before each
    epoch, Markov chains draw from the posterior given the current network. In the
    epoch, the network is trained on the mean loss over some of the draws.

    Only slope and offset are Bayesian. The network is a point estimate.

    Read more in the :ref:`User Guide <slope_and_offset_posterior>`.

    Parameters
    ----------
    beta : float, array-like of shape (n_labels,) or dict, default=1.0
        Median of the prior of the slope, in (0, inf).

    eta : float, array-like of shape (n_labels,) or dict, default=0.0
        Mean of the normal prior of the offset. A dict or Series, for `beta` or `eta`,
        has one value for each label name of the classifier.

    beta_sd : float, default=0.25
        Standard deviation of the logarithm of the slope in the prior, in [0, 10].

    eta_sd : float, default=0.25
        Standard deviation of the offset in the prior, in [0, inf).

    temperature : float, default=0.1
        The :math:`\tau` of the formula, in [0, inf): how much the targets count against
        the prior. With 0 the posterior is the prior. :math:`n_j^+` is the number (or
        weight) of positives among the rows that the posterior is learned from, so
        `n_rows` and the scale of `sample_weight` count here too. If :math:`\tau n_j^+`
        is in the thousands, the posterior can have several peaks, and no kind of
        inference can be trusted.

    inference : {"mcmc", "grid", "map"}, default="mcmc"
        How to draw from the posterior.

        - "mcmc": random-walk Metropolis chains;
        - "grid": independent draws from the distribution on a grid. It is as good as
          exact if there is one peak, and slower;
        - "map": the mode, that is one learned slope and offset with a prior.

    granularity : {"label", "global", "sample"}, default="label"
        What has its own slope and offset.

        - "label": each label;
        - "global": all labels together have one slope and one offset;
        - "sample": each row, with draws from the prior. There is no posterior, because
          a training row says next to nothing about its slope and offset, and a new row
          has no target. So this is training with noise, and `fit` warns.

    prior : {"lognormal", "normal"}, default="lognormal"
        Prior of the slope. With "normal" (mean `beta`, standard deviation `beta_sd`) a
        slope can be negative, which trains the label upside down, and `fit` warns.

    target : {"gibbs", "bernoulli"}, default="gibbs"
        What the posterior is computed from: the loss, or with "bernoulli" the
        likelihood of the targets with S as their probability. "bernoulli" calibrates S,
        while the network is trained for F1. It is meant for studies of calibration,
        with ``temperature=1``.

    n_chains : int, default=4
        Number of chains, in [2, inf).

    n_warmup : int, default=10
        Number of transitions before each epoch that adapt the proposals, in [2, inf).

    n_draws : int, default=10
        Number of transitions before each epoch that are kept, in [2, inf).

    n_final_draws : int, default=1000
        Number of transitions of each chain that are kept after the training, in [4,
        inf). Half as many before them adapt the proposals.

    n_batch_draws : int, default=4
        Number of draws over which the loss of a batch is averaged, in [1, inf).

    n_rows : int, default=2000
        Largest number of rows that the posterior is learned from, in [1, inf): held-out
        rows with early stopping, else training rows.

    f_beta : float, default=1.0
        Weight of recall against precision, in (0, inf).

    empty : {"ignore", "zero"}, default="ignore"
        What to do with a label without a positive in the batch, as in
        :class:`SigmoidF1Loss`.

    Attributes
    ----------
    posterior_ : SlopeOffsetPosterior
        Draws made after the training, with diagnostics. With ``target="gibbs"``, a
        label without a positive has the prior. Missing with ``granularity="sample"``.

    beta_draws_, eta_draws_ : tensor of shape (n_kept, n_labels) or (n_kept, 1)
        The draws in use: during the training those of the epoch, and after it up to 100
        draws of the posterior, evenly picked. Predictions are means over them. One
        column with ``granularity="global"``.

    n_labels_ : int
        Number of labels seen in `fit`.

    See Also
    --------
    SigmoidF1Loss : F1 loss with a fixed slope and offset.
    AdaptiveSigmoidF1Loss : F1 loss with a slope that grows.

    Notes
    -----
    A last linear layer can scale and move the logits. So only the prior and the weight
    decay distinguish slope and offset from the weights and intercepts of this layer. If
    the posterior mean of an offset is many `eta_sd` away from `eta`, prior and weight
    decay work against each other.

    References
    ----------
    .. [1] G. Benedict, V. Koops, D. Odijk, M. de Rijke, "sigmoidF1: A Smooth F1 Score
       Surrogate Loss for Multilabel Classification", Transactions on Machine Learning
       Research, 2022 (where it is proposed).
    .. [2] P. G. Bissiri, C. C. Holmes, S. G. Walker, "A General Framework for Updating
       Belief Distributions", Journal of the Royal Statistical Society B 78, 2016.

    Examples
    --------
    >>> from skmultitag import MultiTagClassifier
    >>> from skmultitag.datasets import make_multitag_classification
    >>> X, y = make_multitag_classification(n_samples=200, random_state=0)
    >>> model = MultiTagClassifier("bayesian_sigmoid_f1", max_iter=5, random_state=0)
    >>> posterior = model.fit(X, y).loss_.posterior_
    >>> posterior
    <SlopeOffsetPosterior of 10 labels: 4 x 1000 draws>
    >>> posterior.beta.mean.shape, posterior.threshold.interval().shape
    ((10,), (2, 10))
    """

    _parameter_constraints = {
        "beta": [Interval(Real, 0, None, closed="neither"), "array-like"],
        "eta": [Interval(Real, None, None, closed="neither"), "array-like"],
        # beyond, slopes overflow
        "beta_sd": [Interval(Real, 0, 10, closed="both")],
        "eta_sd": [Interval(Real, 0, None, closed="left")],
        "temperature": [Interval(Real, 0, None, closed="left")],
        "inference": [StrOptions({"mcmc", "grid", "map"})],
        "granularity": [StrOptions({"label", "global", "sample"})],
        "prior": [StrOptions({"lognormal", "normal"})],
        "target": [StrOptions({"gibbs", "bernoulli"})],
        "n_chains": [Interval(Integral, 2, None, closed="left")],
        "n_warmup": [Interval(Integral, 2, None, closed="left")],
        "n_draws": [Interval(Integral, 2, None, closed="left")],
        "n_final_draws": [Interval(Integral, 4, None, closed="left")],
        "n_batch_draws": [Interval(Integral, 1, None, closed="left")],
        "n_rows": [Interval(Integral, 1, None, closed="left")],
        "f_beta": F1_CONSTRAINTS["f_beta"],
        "empty": F1_CONSTRAINTS["empty"],
    }

    def __init__(
        self,
        beta=1.0,
        eta=0.0,
        beta_sd=0.25,
        eta_sd=0.25,
        temperature=0.1,
        inference="mcmc",
        granularity="label",
        prior="lognormal",
        target="gibbs",
        n_chains=4,
        n_warmup=10,
        n_draws=10,
        n_final_draws=1000,
        n_batch_draws=4,
        n_rows=2000,
        f_beta=1.0,
        empty="ignore",
    ):
        super().__init__()
        self.beta = beta
        self.eta = eta
        self.beta_sd = beta_sd
        self.eta_sd = eta_sd
        self.temperature = temperature
        self.inference = inference
        self.granularity = granularity
        self.prior = prior
        self.target = target
        self.n_chains = n_chains
        self.n_warmup = n_warmup
        self.n_draws = n_draws
        self.n_final_draws = n_final_draws
        self.n_batch_draws = n_batch_draws
        self.n_rows = n_rows
        self.f_beta = f_beta
        self.empty = empty

    def _fit(self, y_true, sample_weight, random_state):
        beta = self._check_per_label("beta", positive=True)
        eta = self._check_per_label("eta")
        if self.granularity == "global" and not np.ndim(beta) == np.ndim(eta) == 0:
            raise ValueError(
                "With granularity='global' there is one slope and one offset, so beta"
                f" and eta must be numbers. Got beta={shorten(beta)} and"
                f" eta={shorten(eta)}. Pass numbers, or use granularity='label'."
            )
        self._warn_of_literal_options()
        seed = check_random_state(random_state).randint(2**31 - 1)
        self._stream = RandomStream(seed)
        generator = self._stream.generator
        self._set_chains(start_chains(self.n_chains, self._n_groups(), generator))
        # until rows are observed, the middle of the prior
        states = torch.zeros(1, self._n_groups(), 2, **KIND)
        if self.granularity == "sample":
            states = self._normal(_N_KEPT, 1, 2).expand(-1, self._n_groups(), -1)
        self._keep(states)

    def _warn_of_literal_options(self):
        if self.prior == "normal":
            warn(
                "With prior='normal' a slope can be negative, which trains the label"
                " upside down. Use prior='lognormal'."
            )
        if self.granularity == "sample":
            warn(
                "With granularity='sample' there is no posterior: slope and offset of"
                " each row are drawn from the prior, because one row says next to"
                " nothing about them. Use granularity='label'."
            )

    def _normal(self, *shape):
        return torch.randn(shape, **KIND, generator=self._stream.generator)

    def _n_groups(self):
        return 1 if self.granularity == "global" else self.n_labels_

    def _slope_and_offset(self, state):
        """Slopes and offsets of states in units of the prior, (..., n_groups, 2)."""
        beta, eta = (self._per_label(name, like=state) for name in ("beta", "eta"))
        deviation, shift = state.unbind(dim=-1)
        if self.prior == "normal":
            slope = beta + self.beta_sd * deviation
        else:
            slope = beta * torch.exp(self.beta_sd * deviation)
        return slope, eta + self.eta_sd * shift

    def _keep(self, states):
        """Use these states, of shape (n_kept, n_groups, 2), from now on."""
        slope, offset = self._slope_and_offset(states)
        self._chosen = None  # by `start_batch`, among other states
        self.register_buffer("beta_draws_", slope)
        self.register_buffer("eta_draws_", offset)

    def __getstate__(self):
        return {**super().__getstate__(), "_chosen": None}  # chosen anew for each batch

    def _load_from_state_dict(self, state_dict, prefix, *args):
        # a training and its end keep different numbers of draws
        for name in ("beta_draws_", "eta_draws_"):
            draws = state_dict.get(prefix + name)
            if draws is not None and hasattr(self, name):
                self.register_buffer(name, torch.empty_like(draws))
        super()._load_from_state_dict(state_dict, prefix, *args)

    @property
    def n_rows_observed(self):
        return 0 if self.granularity == "sample" else self.n_rows

    def _observe(self, y_score, y_true, y_known, sample_weight, is_final):
        """Draw from the posterior given logits and targets of some rows."""
        self._check_is_fitted()
        if not torch.isfinite(y_score).all():
            raise ValueError(
                "Some logits of the network are NaN or infinite. Scale X"
                " (StandardScaler), or lower learning_rate_init."
            )
        log_density = LogPosterior(
            make_cells(y_score, y_true, sample_weight, y_known=y_known),
            self._slope_and_offset,
            target=self.target,
            temperature=self.temperature,
            f_beta=self.f_beta,
        )
        if is_final:
            # a training that goes on must not notice
            stream = copy.deepcopy(self._stream)
            n_warmup, n_draws = self.n_final_draws // 2, self.n_final_draws
        else:
            stream, n_warmup, n_draws = self._stream, self.n_warmup, self.n_draws
        draws, acceptance, chains = self._draw(
            log_density, n_warmup, n_draws, stream.generator
        )
        states = draws.flatten(0, 1)
        if is_final:
            slope, offset = self._slope_and_offset(draws)
            self.posterior_ = SlopeOffsetPosterior(
                slope.numpy(), offset.numpy(), acceptance.numpy()
            )
            self._warn_of_disagreement()
            states = states[:: -(-len(states) // _N_KEPT)]
        else:
            self._set_chains(chains)
        self._keep(states[:1] if self.inference == "map" else states)

    def _warn_of_disagreement(self):
        posterior = self.posterior_
        worst = max(posterior.beta.r_hat.max(), posterior.eta.r_hat.max())
        if worst > _MAX_R_HAT and self.n_final_draws >= _MIN_DRAWS_TO_JUDGE:
            warn(
                f"The chains of the posterior disagree: R-hat is {worst:.2f}, which is"
                f" above {_MAX_R_HAT}. Lower temperature, or raise n_final_draws.",
                ConvergenceWarning,
            )

    def _draw(self, log_density, n_warmup, n_draws, generator):
        """Draws of shape (n_chains, n_draws, n_groups, 2), acceptance, and chains."""
        n_groups, chains = self._n_groups(), self._chains()
        if self.inference == "mcmc":
            return run_chains(log_density, chains, n_warmup, n_draws, generator)
        if self.inference == "map":
            states = find_mode(log_density, n_groups)
        else:
            states = draw_from_grid(
                *grid_posterior(log_density, n_groups),
                self.n_chains * n_draws,
                generator,
            ).unflatten(0, (self.n_chains, n_draws))
        draws = states.expand(self.n_chains, n_draws, n_groups, 2)
        return draws, torch.ones_like(draws[0, 0, :, 0]), chains

    def _chains(self):
        parts = (getattr(self, f"_chains_{name}").cpu() for name in Chains._fields)
        return Chains(*parts)

    def _set_chains(self, chains):
        for name, value in chains._asdict().items():
            self.register_buffer(f"_chains_{name}", value)

    def epoch_figures(self):
        """Means over draws and labels, with the names "beta" and "eta"."""
        self._check_is_fitted()
        return {
            "beta": self.beta_draws_.mean().item(),
            "eta": self.eta_draws_.mean().item(),
        }

    @property
    def _f1(self):
        return F1Params(f_beta=self.f_beta, empty=self.empty)

    @property
    def is_additive(self):
        # else each row has a slope of its own, drawn anew
        return self.granularity != "sample"

    def _row_sums(self, y_score, *target):
        self._check_is_fitted()
        return tuple(
            soft_f1_sums(y_soft, *target, self._f1)
            for y_soft in self._sigmoids(y_score)
        )

    def _loss_from_sums(self, sums):
        losses = [soft_f1_from_sums(of_draw, self._f1) for of_draw in sums]
        return sum(losses) / len(losses)

    def start_batch(self):
        """Choose the draws from which all parts of the next batch are computed."""
        self._check_is_fitted()
        if self.is_additive:
            self._chosen = self._choose()

    def _sigmoids(self, y_score):
        """S of the logits for some draws of the posterior."""
        if self.training and self.granularity == "sample":
            states = self._normal(self.n_batch_draws, len(y_score), 1, 2)
            slopes, offsets = (p.to(y_score) for p in self._slope_and_offset(states))
        else:
            chosen = self._chosen if self.training else None
            chosen = self._choose() if chosen is None else chosen
            slopes, offsets = (
                draws[chosen.to(draws.device)].to(y_score)
                for draws in (self.beta_draws_, self.eta_draws_)
            )
        for slope, offset in zip(slopes, offsets, strict=True):
            yield torch.sigmoid(slope * (y_score + offset))

    def _choose(self):
        """Numbers of the draws of one batch; all of them outside of a training."""
        n_kept = len(self.beta_draws_)
        if not self.training:
            return torch.arange(n_kept, device="cpu")
        shape = (min(self.n_batch_draws, n_kept),)
        generator = self._stream.generator
        return torch.randint(n_kept, shape, device="cpu", generator=generator)

    def decision_function(self, logits):
        """Log-odds of the mean of S over the posterior.

        Parameters
        ----------
        logits : tensor of shape (n_samples, n_labels)
            Output of the network.

        Returns
        -------
        margin : tensor of shape (n_samples, n_labels)
            Equal to beta (z + eta) if there is one slope and offset.
        """
        total, rest = torch.zeros_like(logits), torch.zeros_like(logits)
        for u in self._arguments(logits):
            total += torch.sigmoid(u)
            rest += torch.sigmoid(-u)
        least = torch.finfo(logits.dtype).tiny
        return total.clamp(min=least).log() - rest.clamp(min=least).log()

    def predict_proba(self, logits):
        """Mean of S over the posterior: a soft decision, not a probability.

        Parameters
        ----------
        logits : tensor of shape (n_samples, n_labels)
            Output of the network.

        Returns
        -------
        proba : tensor of shape (n_samples, n_labels)
            In [0, 1], above 1/2 if `decision_function` is positive.
        """
        mean = torch.zeros_like(logits)
        for u in self._arguments(logits):
            mean += torch.sigmoid(u)
        return mean / len(self.beta_draws_)

    def predict_proba_std(self, logits):
        """Standard deviation of S over the posterior.

        Parameters
        ----------
        logits : tensor of shape (n_samples, n_labels)
            Output of the network.

        Returns
        -------
        std : tensor of shape (n_samples, n_labels)
            In [0, 0.5]: how much the soft decision varies with slope and offset. It
            does not measure how sure the network is.
        """
        mean, square = self.predict_proba(logits), torch.zeros_like(logits)
        for u in self._arguments(logits):
            square += (torch.sigmoid(u) - mean) ** 2
        return (square / len(self.beta_draws_)).sqrt()

    def _arguments(self, logits):
        """Arguments of S, for one draw after the other."""
        self._check_is_fitted()
        for slope, offset in zip(self.beta_draws_, self.eta_draws_, strict=True):
            yield slope.to(logits) * (logits + offset.to(logits))

import numpy as np
from scipy.special import expit

from skmultitag.losses.bayesian._diagnostics import (
    effective_sample_size,
    split_r_hat,
)
from skmultitag.utils._messages import shorten


class PosteriorDraws:
    """Draws of one number for each label, with summaries and diagnostics.

    :class:`SlopeOffsetPosterior` has such draws of the slope, the offset and the
    threshold.

    Read more in the :ref:`User Guide <slope_and_offset_posterior>`.

    Parameters
    ----------
    draws : ndarray of shape (n_chains, n_draws, n_labels)
        Draws of each chain, in the order in which they were made.

    Attributes
    ----------
    mean : ndarray of shape (n_labels,)
        Mean of the draws.

    sd : ndarray of shape (n_labels,)
        Standard deviation of the draws.

    r_hat : ndarray of shape (n_labels,)
        Split R-hat: near 1, say below 1.05, if the chains agree.

    ess : ndarray of shape (n_labels,)
        Effective sample size: number of independent draws that give as exact a mean.

    mcse : ndarray of shape (n_labels,)
        Standard error of `mean` due to the limited number of draws.

    Examples
    --------
    >>> import numpy as np
    >>> from skmultitag.losses import PosteriorDraws
    >>> draws = np.random.default_rng(0).normal(loc=[1.0, 5.0], size=(4, 500, 2))
    >>> slope = PosteriorDraws(draws)
    >>> slope.mean.round(1)
    array([1., 5.])
    >>> slope.interval(0.9).round()  # 1.64 standard deviations to each side
    array([[-1.,  3.],
           [ 3.,  7.]])
    """

    def __init__(self, draws):
        self.draws = draws

    @property
    def mean(self):
        return self.draws.mean(axis=(0, 1))

    @property
    def sd(self):
        return self.draws.std(axis=(0, 1), ddof=1)

    @property
    def r_hat(self):
        return split_r_hat(self.draws)

    @property
    def ess(self):
        return effective_sample_size(self.draws)

    @property
    def mcse(self):
        return self.sd / np.sqrt(self.ess)

    def interval(self, probability=0.9):
        """Central interval of the draws.

        Parameters
        ----------
        probability : float, default=0.9
            Share of the draws inside, in (0, 1).

        Returns
        -------
        interval : ndarray of shape (2, n_labels)
            Lower and upper limit.
        """
        if not 0 < probability < 1:
            raise ValueError(
                f"probability must be in (0, 1). Got {shorten(probability)}."
            )
        tail = (1 - probability) / 2
        return np.quantile(self.draws, [tail, 1 - tail], axis=(0, 1))


class SlopeOffsetPosterior:
    """Posterior of slope and offset of each label, as draws.

    A fitted :class:`BayesianSigmoidF1Loss` has it as `posterior_`. With
    ``granularity="global"``, n_labels is 1.

    Read more in the :ref:`User Guide <slope_and_offset_posterior>`.

    Parameters
    ----------
    slope, offset : ndarray of shape (n_chains, n_draws, n_labels)
        Draws.

    acceptance : ndarray of shape (n_labels,)
        Share of proposals that the chains accepted; 1 if there are no chains.

    Attributes
    ----------
    beta : PosteriorDraws
        The slope.

    eta : PosteriorDraws
        The offset.

    threshold : PosteriorDraws
        The probability 1 / (1 + exp(eta)), at which S is 1/2.

    acceptance : ndarray of shape (n_labels,)
        Share of proposals that the chains accepted, as passed.

    Examples
    --------
    >>> import numpy as np
    >>> from skmultitag.losses import SlopeOffsetPosterior
    >>> slope, offset = np.random.default_rng(0).normal([2.0, 1.0], 0.1, (2, 4, 500, 2))
    >>> posterior = SlopeOffsetPosterior(slope, offset, acceptance=np.ones(2))
    >>> posterior
    <SlopeOffsetPosterior of 2 labels: 4 x 500 draws>
    >>> posterior.threshold.mean.round(2)  # 1 / (1 + exp(eta))
    array([0.12, 0.27])
    """

    def __init__(self, slope, offset, acceptance):
        self.beta = PosteriorDraws(slope)
        self.eta = PosteriorDraws(offset)
        self.threshold = PosteriorDraws(expit(-offset))
        self.acceptance = acceptance

    def __repr__(self):
        n_chains, n_draws, n_labels = self.beta.draws.shape
        name = type(self).__name__
        return f"<{name} of {n_labels} labels: {n_chains} x {n_draws} draws>"

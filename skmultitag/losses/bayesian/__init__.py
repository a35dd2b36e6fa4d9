"""The loss whose slope and offset have a posterior, and how that is drawn from."""

from skmultitag.losses.bayesian._bayesian_sigmoid_f1 import BayesianSigmoidF1Loss
from skmultitag.losses.bayesian._slope_offset_posterior import (
    PosteriorDraws,
    SlopeOffsetPosterior,
)

__all__ = ["BayesianSigmoidF1Loss", "PosteriorDraws", "SlopeOffsetPosterior"]

"""The losses that the common tests run over: add yours with settings worth testing."""

import torch
from sklearn.base import clone

from skmultitag.losses import (
    AdaptiveSigmoidF1Loss,
    AsymmetricLoss,
    BayesianSigmoidF1Loss,
    BinaryCrossEntropyLoss,
    BPMLLLoss,
    BrierLoss,
    DistributionBalancedLoss,
    FocalLoss,
    GlobalObjectiveLoss,
    HillLoss,
    LabelCountLoss,
    LSEPLoss,
    MCMLoss,
    PairHingeLoss,
    SigmoidF1Loss,
    SmoothHingeLoss,
    SoftF1Loss,
    SoftHammingLoss,
    SparsemaxLoss,
    TencentLoss,
    TwoWayLoss,
    WeightedSumLoss,
    ZLPRLoss,
)

ALL_LOSSES = [
    AdaptiveSigmoidF1Loss(),
    AdaptiveSigmoidF1Loss(0.5, 4.0, "cosine", eta=0.5, saturation=0.1, average="micro"),
    AdaptiveSigmoidF1Loss(on="probability", eta=-0.5, cross_entropy=0.3),
    AsymmetricLoss(),
    AsymmetricLoss(detach_focus=False),
    AsymmetricLoss(0.5, 0.5, 0.2, detach_focus=False),
    BayesianSigmoidF1Loss(),
    BayesianSigmoidF1Loss(beta=2.0, eta=0.5, granularity="global", f_beta=2.0),
    BinaryCrossEntropyLoss(),
    BinaryCrossEntropyLoss(pos_weight="balanced"),
    BinaryCrossEntropyLoss(pos_weight=3.0),
    BPMLLLoss(),
    DistributionBalancedLoss(),
    FocalLoss(),
    FocalLoss(alpha=None, gamma=0.5),
    GlobalObjectiveLoss(),
    GlobalObjectiveLoss("precision_at_recall", 0.6, surrogate="hinge"),
    GlobalObjectiveLoss("f1"),
    HillLoss(),
    LabelCountLoss(),
    LabelCountLoss(count="poisson_binomial"),
    LSEPLoss(),
    MCMLoss(),
    PairHingeLoss(),
    PairHingeLoss(squared=False),
    SoftF1Loss(),
    SoftF1Loss(average="micro", f_beta=2.0),
    SoftF1Loss(average="samples"),
    SoftF1Loss(average="weighted", empty="zero"),
    SoftF1Loss(negative_class=True),
    SigmoidF1Loss(),
    SigmoidF1Loss(beta=5.0, eta=-0.5, empty="zero"),
    SigmoidF1Loss(beta=10.0, eta=-0.5, on="probability"),
    SigmoidF1Loss(beta=2.0, eta=0.5, average="samples", f_beta=0.5),
    SigmoidF1Loss(beta=2.0, eta=0.5, average="micro"),
    SigmoidF1Loss(beta=2.0, eta=0.5, cross_entropy=0.3),
    SigmoidF1Loss(average="samples", cross_entropy=2.0),
    BrierLoss(),
    SmoothHingeLoss(),
    SoftHammingLoss(),
    SparsemaxLoss(),
    TencentLoss(),
    TwoWayLoss(),
    WeightedSumLoss(BinaryCrossEntropyLoss(), LabelCountLoss(), weight=0.1),
    WeightedSumLoss(BinaryCrossEntropyLoss("balanced"), SoftF1Loss(), weight=2.0),
    ZLPRLoss(),
]

# of which a row with one label has nothing to rank
RANKING_WITHIN_ROWS = BPMLLLoss, LSEPLoss, PairHingeLoss, SparsemaxLoss

F1_LOSSES = [
    loss
    for loss in ALL_LOSSES
    if hasattr(loss, "f_beta") and not loss.get_params().get("cross_entropy")
]


def fitted(loss, y_true, sample_weight=None):
    return clone(loss).fit(y_true, sample_weight, random_state=0).eval()


def random_batch(n_samples=7, n_labels=4, dtype=torch.float64, seed=0):
    """Logits and targets; each label has a positive and a negative."""
    generator = torch.Generator().manual_seed(seed)
    y_score = 2 * torch.randn(n_samples, n_labels, generator=generator, dtype=dtype)
    y_true = (torch.rand(n_samples, n_labels, generator=generator) < 0.4).to(dtype)
    y_true[0], y_true[1] = 1, 0
    return y_score, y_true


def value_and_gradient(loss, y_score, y_true, sample_weight=None):
    y_score = y_score.detach().clone().requires_grad_()
    value = loss(y_score, y_true, sample_weight)
    value.backward()
    return value.detach(), y_score.grad

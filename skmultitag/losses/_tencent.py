from numbers import Real

import torch
from sklearn.utils import check_random_state
from torch.nn import functional

from skmultitag._confusion import weighted_mean
from skmultitag.losses._base import MultilabelLoss
from skmultitag.utils._random_stream import RandomStream
from skmultitag.utils._sklearn import Interval


class TencentLoss(MultilabelLoss):
    r"""Cross-entropy with label weights that adapt from batch to batch (CE+T).

    It is made for very many labels, most of which are absent from most batches. It
    counts in how many consecutive batches a label had a positive, and in how many it
    had none, and lowers the weight of the label as the count rises. A label without a
    positive in the batch takes part only if it is drawn at random.

    .. math:: \frac{1}{\sum_j c_j} \sum_j c_j \frac{1}{n} \sum_i
              w y_{ij} \log(1 + e^{-z_{ij}}) + (1 - y_{ij}) \log(1 + e^{z_{ij}})

    with w = `pos_weight`. The weight :math:`c_j` of a label depends on two numbers:
    :math:`t^+_j` consecutive batches with a positive, and :math:`t^-_j` batches since
    the last positive in which the label was drawn.

    - for a label with a positive in the batch,
      :math:`c_j = \max(0.01, -\log_{10}((0.01 + t^+_j) / 10))`;
    - for a label without a positive that is drawn,
      :math:`c_j = -\log_{10}((8 + t^-_j) / 10)`, but 0.001 if this is 0.01 or less;
    - for a label without a positive that is not drawn, :math:`c_j = 0`.

    Read more in the :ref:`User Guide <tencent>`.

    Parameters
    ----------
    pos_weight : float, default=12.0
        Weight of the positives, in (0, inf).

    neg_select : float, default=0.3
        Probability with which a label without a positive is drawn, in [0, 1].

    Attributes
    ----------
    n_labels_ : int
        Number of labels seen in `fit`.

    pos_count, neg_count : tensor of shape (n_labels,)
        The counts t+ and t-, buffers of the module. `fit` sets them to 0, and each
        batch of a training changes them.

    Notes
    -----
    The published loss is the sum over labels. This one is the mean weighted by c, whose
    gradient has the same direction. If each label is in each batch, all weights fall to
    0.01 after ten batches. The published loss then trains as with a hundredth of the
    learning rate, while the mean depends only on the ratios of the weights. With few
    labels or large batches the weights are soon equal, and the loss is cross-entropy
    with `pos_weight`.

    In evaluation the counts do not change, and a label without a positive has its
    expected weight. The loss has no natural threshold, as `pos_weight` moves the
    probabilities.

    References
    ----------
    .. [1] B. Wu et al., "Tencent ML-Images: A Large-Scale Multi-Label Image Database
       for Visual Representation Learning", IEEE Access 7, 2019.

    Examples
    --------
    >>> import torch
    >>> from skmultitag.losses import TencentLoss
    >>> y_true = torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    >>> loss = TencentLoss().fit(y_true, random_state=0)
    >>> value = loss(torch.zeros(2, 2), y_true)
    >>> loss.pos_count
    tensor([1., 0.], dtype=torch.float64)
    """

    has_natural_threshold = False

    _parameter_constraints = {
        "pos_weight": [Interval(Real, 0, None, closed="neither")],
        "neg_select": [Interval(Real, 0, 1, closed="both")],
    }

    def __init__(self, pos_weight=12.0, neg_select=0.3):
        super().__init__()
        self.pos_weight = pos_weight
        self.neg_select = neg_select

    def _fit(self, y_true, sample_weight, random_state):
        for name in ("pos_count", "neg_count"):
            count = torch.zeros(self.n_labels_, dtype=torch.float64, device="cpu")
            self.register_buffer(name, count)
        seed = check_random_state(random_state).randint(2**31 - 1)
        self._stream = RandomStream(seed)

    def _forward(self, y_score, y_true, y_known, sample_weight):
        self._check_is_fitted()
        counted = y_true == 1
        if sample_weight is not None:
            counted = counted & (sample_weight > 0)[:, None]
        label_weight = self._label_weights(counted.any(dim=0)).to(y_score)
        losses = functional.binary_cross_entropy_with_logits(
            y_score,
            y_true,
            pos_weight=torch.full_like(y_score[0], self.pos_weight),
            reduction="none",
        )
        weight = label_weight.expand_as(losses)
        if sample_weight is not None:
            weight = weight * sample_weight[:, None]
        if y_known is not None:
            weight = weight * y_known
        return weighted_mean(losses, weight)

    def _label_weights(self, is_present):
        drawn = torch.full_like(self.pos_count, self.neg_select)
        if self.training:
            # its stream is on the processor, and what comes from there does not wait
            kind = {"dtype": drawn.dtype, "device": "cpu"}
            drawn = torch.full(drawn.shape, self.neg_select, **kind)
            drawn = torch.bernoulli(drawn, generator=self._stream.generator)
            drawn = drawn.to(self.pos_count)
            self.pos_count.add_(1).mul_(is_present)
            self.neg_count.add_(drawn).mul_(~is_present)
        present = -torch.log10((0.01 + self.pos_count) / 10)
        absent = -torch.log10((8 + self.neg_count) / 10)
        absent = torch.where(absent > 0.01, absent, 0.001)
        return torch.where(is_present, present.clamp(min=0.01), drawn * absent)

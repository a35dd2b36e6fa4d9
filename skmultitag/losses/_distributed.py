import torch
from torch import distributed

from skmultitag.losses._base import MultilabelLoss, as_tensors
from skmultitag.losses._sums import flat_sums, nest_sums
from skmultitag.losses._wrapper import WrapperLoss
from skmultitag.utils._processes import sum_over_processes


class DistributedLoss(WrapperLoss):
    """Loss of a batch whose rows are split over the processes of torch.distributed.

    The mean of the processes' F1 is not the F1 of their rows together. This sums what
    the loss is made of, for F1 the counts, over the processes first. It is for training
    loops of your own with :class:`torch.nn.parallel.DistributedDataParallel`;
    :class:`~skmultitag.MultiTagClassifier` has the parameter `distributed`.

    Read more in the :ref:`User Guide <parts_of_batches>`.

    Parameters
    ----------
    loss : MultilabelLoss
        Any with `is_additive`: all but :class:`TencentLoss`, :class:`TwoWayLoss`,
        functions, :class:`AdaptiveSigmoidF1Loss` with `saturation` and
        :class:`BayesianSigmoidF1Loss` with a posterior for each row. One that is fitted
        can be used at once; `fit` fits a clone of it.

    Attributes
    ----------
    n_labels_ : int
        Number of labels seen in `fit`.

    loss_ : MultilabelLoss
        The fitted clone.

    See Also
    --------
    skmultitag.MultiTagClassifier : Trains in several processes with distributed=True.

    Notes
    -----
    Each process has the same value, that of the whole batch. The gradient is multiplied
    by the number of processes: their mean, which `DistributedDataParallel` takes, is
    then the gradient of the whole batch. Each process must call the loss, equally
    often.

    Examples
    --------
    Without a process group there is one process:

    >>> import torch
    >>> from skmultitag.losses import DistributedLoss, SoftF1Loss
    >>> DistributedLoss(SoftF1Loss())(torch.zeros(2, 1), torch.tensor([[1], [0]]))
    tensor(0.5000)
    """

    _parameter_constraints = {"loss": [MultilabelLoss]}

    _part_names = ("loss",)

    def __init__(self, loss):
        super().__init__()
        self.loss = loss

    def _fit(self, y_true, sample_weight, random_state):
        super()._fit(y_true, sample_weight, random_state)
        if not self.is_additive:
            raise ValueError(
                f"The loss of a DistributedLoss must be made of sums over rows, but"
                f" {self.loss} is not: use another one."
            )

    def _forward(self, *batch):
        self._check_is_additive()
        sums = as_tensors(self._row_sums(*batch), like=batch[0])
        return self._loss_from_sums(sums)

    def validation_loss(self, y_score, y_true, sample_weight=None):
        sums = self.validation_sums(y_score, y_true, sample_weight)
        return self.loss_from_sums(sums)

    def _loss_from_sums(self, sums):
        if distributed.is_available() and distributed.is_initialized():
            totals = _SumOverProcesses.apply(*flat_sums(sums))
            sums = nest_sums(totals, like=sums)
        return super()._loss_from_sums(sums)


class _SumOverProcesses(torch.autograd.Function):
    @staticmethod
    def forward(ctx, *tensors):
        return tuple(sum_over_processes(tensors))

    @staticmethod
    def backward(ctx, *gradients):
        n_processes = distributed.get_world_size()
        return tuple(gradient * n_processes for gradient in gradients)

import torch
from torch import distributed

from skmultitag.losses._base import MultilabelLoss, as_tensors
from skmultitag.losses._sums import flat_sums, nest_sums
from skmultitag.losses._wrapper import WrapperLoss
from skmultitag.utils._processes import sum_over_processes


class DistributedLoss(WrapperLoss):
    """Loss of a batch whose rows are split over the processes of torch.distributed.

    The mean of the F1 of each process is not the F1 of all rows. So this loss first
    adds the sums that the loss is computed from (for F1, the counts) over the
    processes. Use it in your own training loop with
    :class:`torch.nn.parallel.DistributedDataParallel`. With
    :class:`~skmultitag.MultiTagClassifier`, set `distributed=True` instead.

    Read more in the :ref:`User Guide <parts_of_batches>`.

    Parameters
    ----------
    loss : MultilabelLoss
        Any loss whose `is_additive` is True: all but :class:`TencentLoss`,
        :class:`TwoWayLoss`, functions, :class:`AdaptiveSigmoidF1Loss` with `saturation`
        and :class:`BayesianSigmoidF1Loss` with ``granularity="sample"``. If it is
        fitted, it can be used without `fit`; `fit` fits a clone.

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
    In each process, the value is the loss of the whole batch. The gradient is
    multiplied by the number of processes. `DistributedDataParallel` takes the mean of
    the gradients of all processes, which is then the gradient of the whole batch. All
    processes must call the loss, and equally often.

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
                "The loss of a DistributedLoss must be a function of sums over rows."
                f" {self.loss} is not: use another loss."
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

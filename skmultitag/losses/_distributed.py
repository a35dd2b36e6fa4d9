import torch
from torch import distributed

from skmultitag.losses._base import MultilabelLoss


class DistributedLoss(MultilabelLoss):
    """Loss of a batch whose rows are split over the processes of torch.distributed.

    The mean of the processes' F1 is not the F1 of their rows together. This sums what
    the loss is made of, for F1 the counts, over the processes first. It is for training
    loops of your own with :class:`torch.nn.parallel.DistributedDataParallel`;
    :class:`~skmultitag.MultiTagClassifier` has the parameter `distributed`.

    Parameters
    ----------
    loss : MultilabelLoss
        Any with `is_additive`: all but :class:`TencentLoss`, :class:`TwoWayLoss`,
        functions, and :class:`BayesianSigmoidF1Loss` with a posterior a row. Used as it
        is: call its `fit` first if it learns from the targets.

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

    def __init__(self, loss):
        super().__init__()
        self.loss = loss

    def _fit(self, y_true, sample_weight, random_state):
        self.loss.fit(y_true, sample_weight, random_state)

    def _forward(self, y_score, y_true, sample_weight):
        if not isinstance(self.loss, MultilabelLoss):
            raise TypeError(
                "loss must be a MultilabelLoss, such as SoftF1Loss(). Got"
                f" {self.loss!r} instead."
            )
        sums = self.loss.row_sums(y_score, y_true, sample_weight)
        if distributed.is_available() and distributed.is_initialized():
            sums = _SumOverProcesses.apply(*sums)
        return self.loss.loss_from_sums(sums)

    def start_epoch(self, epoch, n_epochs):
        self.loss.start_epoch(epoch, n_epochs)

    def decision_function(self, logits):
        return self.loss.decision_function(logits)

    def predict_proba(self, logits):
        return self.loss.predict_proba(logits)

    @property
    def has_natural_threshold(self):
        return self.loss.has_natural_threshold


class _SumOverProcesses(torch.autograd.Function):
    @staticmethod
    def forward(ctx, *tensors):
        return tuple(sum_over_processes(tensors))

    @staticmethod
    def backward(ctx, *gradients):
        n_processes = distributed.get_world_size()
        return tuple(gradient * n_processes for gradient in gradients)


def value_of_first_process(value):
    """The number that the first process has here."""
    value = torch.tensor([value], dtype=torch.float64)
    distributed.broadcast(value, src=0)
    return value.item()


def sum_over_processes(tensors):
    """Sum each tensor over the processes of the default group, in one message."""
    flat = torch.cat([tensor.detach().reshape(-1) for tensor in tensors])
    distributed.all_reduce(flat)
    parts = flat.split([tensor.numel() for tensor in tensors])
    return [part.view_as(tensor) for part, tensor in zip(parts, tensors, strict=True)]

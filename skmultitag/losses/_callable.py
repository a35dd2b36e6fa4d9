import torch

from skmultitag.losses._base import MultilabelLoss
from skmultitag.utils._messages import shorten
from skmultitag.utils._signature import accepts_argument


class CallableLoss(MultilabelLoss):
    """A torch module or function of (logits, targets) as a loss of the package.

    Parameters
    ----------
    function : callable
        It is called with logits and targets of shape (n_samples, n_labels), and must
        return a scalar tensor. If it has an argument `sample_weight`, it gets the
        weights.
    """

    _parameter_constraints = {"function": [callable]}

    def __init__(self, function):
        super().__init__()
        self.function = function

    @property
    def name(self):
        """What error messages call it."""
        return shorten(self.function)

    def _fit(self, y_true, sample_weight, random_state):
        called = getattr(self.function, "forward", self.function)
        if sample_weight is not None and not accepts_argument(called, "sample_weight"):
            raise ValueError(
                f"The loss {self.name} has no argument sample_weight, but fit got"
                " weights. Use a loss of get_loss_names(), or add the argument."
            )

    def _forward(self, y_score, y_true, y_known, sample_weight):
        if y_known is not None:
            raise ValueError(
                f"The targets have entries that are not annotated (NaN), and the"
                f" function {self.name} can't leave them out. Use a loss of"
                " get_loss_names(), or write a subclass of MultilabelLoss."
            )
        kwargs = {} if sample_weight is None else {"sample_weight": sample_weight}
        loss = self.function(y_score, y_true, **kwargs)
        if isinstance(loss, torch.Tensor) and loss.ndim == 0:
            return loss
        given = shorten(loss)
        if hasattr(loss, "shape"):
            given = f"shape {tuple(loss.shape)}"
        raise ValueError(
            f"The loss {self.name} must return a scalar tensor. Got {given}. Reduce it,"
            " for example by its mean."
        )

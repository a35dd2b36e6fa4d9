from torch.nn import functional

from skmultitag.losses._base import MultilabelLoss


class SmoothHingeLoss(MultilabelLoss):
    r"""Hinge loss of each label, made smooth.

    .. math:: \frac{1}{nL} \sum_{ij} h(u_{ij}), \quad u_{ij} = (2 y_{ij} - 1) z_{ij},
              \qquad h(u) = \begin{cases}
              \frac{1}{2} - u & u \le 0 \\
              \frac{1}{2} (1 - u)^2 & 0 < u < 1 \\
              0 & u \ge 1 \end{cases}

    Entries that are right by a margin of 1 or more cost nothing. All wrong entries have
    the same gradient, however wrong they are. The decision is z > 0, as for
    cross-entropy. `predict_proba` returns the logistic function of the logits, which
    only ranks: there are no probabilities.

    Read more in the :ref:`User Guide <margins>`.

    Attributes
    ----------
    n_labels_ : int
        Number of labels seen in `fit`.

    See Also
    --------
    BinaryCrossEntropyLoss : Estimates probabilities.
    PairHingeLoss : Margins between the labels of a row.

    References
    ----------
    .. [1] J. D. M. Rennie, N. Srebro, "Loss Functions for Preference Levels: Regression
       with Discrete Ordered Labels", IJCAI Workshop on Advances in Preference Handling,
       2005.

    Examples
    --------
    >>> import torch
    >>> from skmultitag.losses import SmoothHingeLoss
    >>> z = torch.tensor([[-1.0, 0.0, 0.5, 1.0]])
    >>> [SmoothHingeLoss()(u, torch.ones(1, 1)).item() for u in z.T[:, None]]
    [1.5, 0.5, 0.125, 0.0]
    """

    def _entry_losses(self, y_score, y_true):
        margin = (2 * y_true - 1) * y_score
        missing = 1 - margin.clamp(0, 1)
        return missing.square() / 2 + functional.relu(-margin)

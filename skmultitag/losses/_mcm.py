import numpy as np
import torch
from torch.nn import functional

from skmultitag.losses._base import MultilabelLoss, sums_of_entries
from skmultitag.utils._hierarchy import descendant_pairs, hierarchy_edges


class MCMLoss(MultilabelLoss):
    r"""Cross-entropy of scores that obey a hierarchy (max constraint, C-HMCNN).

    The score of a label j is the largest logit in :math:`D_j`: the label itself and all
    labels below it. For a positive label, only positive labels count in the maximum.
    Otherwise the network could learn it by raising a label that the row does not have.

    .. math:: m_{ij} = \max_{d \in D_j} z_{id}, \quad
              m^+_{ij} = \max_{d \in D_j, y_{id} = 1} z_{id}, \quad
              \frac{1}{nL} \sum_{ij} y_{ij} \log(1 + e^{-m^+_{ij}})
              + (1 - y_{ij}) \log(1 + e^{m_{ij}})

    Without edges it is cross-entropy. With edges we have seen no gain in F1 over
    cross-entropy inside a :class:`~skmultitag.hierarchy.HierarchicalClassifier`. Use
    that class with this loss too, since it adds missing ancestors to targets and
    decisions.

    A label that is not annotated in a row is left out of the maxima of labels above it.

    Read more in the :ref:`User Guide <mcm_loss>`.

    Parameters
    ----------
    edges : array-like of shape (n_edges, 2) or None, default=None
        Pairs of a parent and a child, as numbers of columns of the targets. If you have
        names, :func:`~skmultitag.hierarchy.hierarchy_edges` makes these numbers. None
        for no hierarchy.

    Attributes
    ----------
    n_labels_ : int
        Number of labels seen in `fit`.

    See Also
    --------
    BinaryCrossEntropyLoss : Cross-entropy without a hierarchy.
    skmultitag.hierarchy.HierarchicalClassifier : Makes any classifier obey a hierarchy.

    References
    ----------
    .. [1] E. Giunchiglia, T. Lukasiewicz, "Coherent Hierarchical Multi-Label
       Classification Networks", NeurIPS, 2020.

    Examples
    --------
    >>> import torch
    >>> from skmultitag.losses import MCMLoss
    >>> y_true = torch.tensor([[1, 0, 1]])
    >>> loss = MCMLoss([(0, 1), (0, 2)]).fit(y_true)
    >>> z = torch.tensor([[-1.0, 2.0, 1.0]])
    >>> loss.decision_function(z)
    tensor([[2., 2., 1.]])
    >>> m = torch.tensor([1.0, -2.0, 1.0])  # with the signs of the targets
    >>> torch.allclose(loss(z, y_true), torch.log(1 + torch.exp(-m)).mean())
    True
    """

    # no "array-like", which values by label could stand for
    _parameter_constraints = {"edges": [list, tuple, np.ndarray, None]}

    def __init__(self, edges=None):
        super().__init__()
        self.edges = edges

    def _fit(self, y_true, sample_weight, random_state):
        edges = [] if self.edges is None else self.edges
        edges = hierarchy_edges(edges, range(self.n_labels_))
        pairs = np.stack(descendant_pairs(edges, self.n_labels_))
        self.register_buffer("_pairs", torch.from_numpy(pairs))

    def _row_sums(self, y_score, y_true, y_known, sample_weight):
        m = self._max_over_descendants(y_score, y_true, y_known)
        losses = functional.softplus(m * (1 - 2 * y_true))
        return sums_of_entries(losses, y_known, sample_weight)

    def _max_over_descendants(self, z, y_true=None, y_known=None):
        """With targets, of positive labels only those below that are positive too."""
        self._check_is_fitted()
        ancestors, descendants = self._pairs.to(z.device)
        # a row a label: picking columns takes several times as long
        z = z.T.contiguous()
        below = z.index_select(0, descendants)
        if y_true is not None:
            y = y_true.T
            may_not_speak = y[ancestors] > y[descendants]
            if y_known is not None:
                known = y_known.T
                may_not_speak |= known[ancestors] > known[descendants]
            below = below.masked_fill(may_not_speak, -torch.inf)
        places = ancestors[:, None].expand_as(below)
        return torch.full_like(z, -torch.inf).scatter_reduce(0, places, below, "amax").T

    def decision_function(self, logits):
        """Largest logit among each label and all labels below it.

        Parameters
        ----------
        logits : tensor of shape (n_samples, n_labels)
            Output of the network.

        Returns
        -------
        margin : tensor of shape (n_samples, n_labels)
            Positive if the label is predicted.
        """
        return self._max_over_descendants(logits)

    def predict_proba(self, logits):
        """Logistic function of the scores of `decision_function`.

        Parameters
        ----------
        logits : tensor of shape (n_samples, n_labels)
            Output of the network.

        Returns
        -------
        proba : tensor of shape (n_samples, n_labels)
            In [0, 1].
        """
        return torch.sigmoid(self.decision_function(logits))

"""The protocol that every loss follows, and what authors of losses need."""

from numbers import Integral, Real

import numpy as np
import torch
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError

from skmultitag._confusion import safe_ratio
from skmultitag.losses._sums import flat_sums, nest_sums
from skmultitag.utils._annotation import as_indicator, is_partial, positives
from skmultitag.utils._by_label import in_order_of_labels
from skmultitag.utils._given import check_is_matrix, without_tensor
from skmultitag.utils._messages import naming, shorten
from skmultitag.utils._tensors import to_arrays, to_tensors

HALF_PRECISION = (torch.float16, torch.bfloat16)


class MultilabelLoss(BaseEstimator, torch.nn.Module):
    """Base class of all losses: a scikit-learn estimator and a torch module.

    The constructor arguments are parameters in the sense of scikit-learn, so `clone`,
    `repr` and `GridSearchCV` over `loss__beta` work. A subclass stores its arguments
    after `super().__init__()` and defines what it computes in one of four ways:

    - `_entry_losses`: a number for each row and label. The loss is their mean.
    - `_row_losses`: a number for each row. The loss is their mean.
    - `_row_sums` and `_loss_from_sums`: sums over rows, and the loss as a function of
      these sums. F1, for example, is a function of counts.
    - `_forward`: anything else. Batches of such a loss can't be split.

    Targets can have entries that are not annotated. Before one of these methods is
    called, the logit and the target of such an entry are set to 0, and `y_known` marks
    the entries that are annotated. The loss must leave the others out of all counts.
    With `_entry_losses` the base class does it. `_row_losses` gets the positives
    `y_true` and the negatives `y_false`, and an entry that is not annotated is neither.

    The public methods `forward` and `row_sums` check their arguments first. All other
    methods have defaults. :doc:`/how_to/add_a_loss` shows how to write a loss.

    A training calls the public methods in this order::

        fit                             once, with all targets
        for each epoch:
            start_epoch, observe, epoch_figures
            for each batch:
                start_batch
                forward                 or row_sums of each part of the batch, and
                                        loss_from_sums of their total
            validation_sums             of each part of the rows held out, and
                                        loss_from_sums of their total; validation_loss
                                        if the loss is not additive
        observe(..., is_final=True)     once
        decision_function, predict_proba

    `observe` is only called if `n_rows_observed` is not 0. `train()` and `eval()` of
    torch are called before and after the batches of an epoch.

    Attributes
    ----------
    has_natural_threshold : bool, default=True
        Whether the loss was made for the decision by the sign of `decision_function`.
        False for a loss that only ranks.

    is_additive : bool
        Whether the loss is a function of sums over rows, see `row_sums`: True with
        `_entry_losses`, `_row_losses` or `_row_sums`.

    is_annealing : bool, default=False
        Whether the loss itself changes from epoch to epoch, so that its values in
        different epochs can't be compared.

    n_rows_observed : int, default=0
        Number of rows whose logits are passed to `observe` before each epoch.

    n_labels_ : int
        Number of labels seen in `fit`.

    See Also
    --------
    WrapperLoss : Base class of losses that are made of others.
    get_loss : Returns the loss with a given name.

    Examples
    --------
    The mean over rows of the largest absolute error:

    >>> import torch
    >>> from skmultitag.losses import MultilabelLoss
    >>> class LargestErrorLoss(MultilabelLoss):
    ...     def _row_losses(self, y_score, y_true, y_false):
    ...         wrong = y_true * (1 - torch.sigmoid(y_score))
    ...         return (wrong + y_false * torch.sigmoid(y_score)).amax(dim=1)
    >>> LargestErrorLoss()(torch.zeros(2, 2), torch.eye(2))
    tensor(0.5000)
    """

    has_natural_threshold = True
    is_annealing = False
    n_rows_observed = 0

    _parameter_constraints = {}

    # scikit-learn reads the parameters off the signature, and torch's has *args
    def __init__(self):
        super().__init__()
        self._copies = {}  # of `_per_label`

    def __getstate__(self):
        """The state as plain data: arrays in place of tensors."""
        left_out = {*vars(torch.nn.Module()), "_copies"}
        return {
            **{name: v for name, v in vars(self).items() if name not in left_out},
            "_tensors": {
                kind: to_arrays(dict(getattr(self, kind)))
                for kind in ("_parameters", "_buffers")
            },
            "_parts": dict(self._modules),
            "training": self.training,
        }

    def __setstate__(self, state):
        state = dict(state)
        tensors, parts = state.pop("_tensors"), state.pop("_parts")
        torch.nn.Module.__init__(self)
        self._copies = {}
        vars(self).update(state)
        for name, value in to_tensors(tensors["_buffers"]).items():
            self.register_buffer(name, value)
        for name, value in to_tensors(tensors["_parameters"]).items():
            self.register_parameter(name, torch.nn.Parameter(value))
        for name, part in parts.items():
            self.add_module(name, part)

    def fit(self, y_true, sample_weight=None, random_state=None):
        """Check the parameters, and learn from the targets if the loss needs it.

        Parameters
        ----------
        y_true : {array-like, sparse matrix} of shape (n_samples, n_labels)
            Targets of all training rows, in {0, 1}. Entries that are NaN, or -1 in an
            array of int8, are not annotated.

        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.

        random_state : int, RandomState instance or None, default=None
            Seed of a loss that draws at random. Other losses do not use it.

        Returns
        -------
        self : object
            The loss itself.
        """
        self._validate_params()
        for name, constraints in self._parameter_constraints.items():
            value = getattr(self, name)
            is_real = any(getattr(each, "type", None) is Real for each in constraints)
            if is_real and isinstance(value, Integral) and abs(value) >= 2**63:
                setattr(self, name, float(value))  # torch takes no larger integers
        check_is_matrix(y_true, "y_true")
        y_true = without_tensor(y_true, "y_true")
        if not hasattr(y_true, "shape"):
            y_true = np.asarray(y_true)
        if len(y_true.shape) != 2:
            raise ValueError(
                "y_true must have two dimensions, a row for each sample and a column"
                f" for each label. Got shape {tuple(y_true.shape)}."
            )
        self.n_labels_ = y_true.shape[1]
        self._fit(y_true, sample_weight, random_state)
        return self

    def _fit(self, y_true, sample_weight, random_state):
        """Learn statistics of the targets, set the state; most losses need none."""

    def start_epoch(self, epoch, n_epochs):
        """Prepare for the next epoch of a training; most losses do nothing.

        Parameters
        ----------
        epoch : int
            Number of epochs that the network has been trained for so far, from 0 on.

        n_epochs : int
            Largest number of epochs that the training can have in all.
        """

    def observe(self, y_score, y_true, sample_weight=None, is_final=False):
        """Learn from the current logits of some rows, which are always the same.

        It is called after each `start_epoch` and after the training, for a loss whose
        `n_rows_observed` is not 0. The rows are held-out rows with early stopping, else
        training rows.

        Parameters
        ----------
        y_score : tensor of shape (n_samples, n_labels)
            Current logits of the network, without a gradient.

        y_true : tensor of shape (n_samples, n_labels)
            Targets, as in `forward`.

        sample_weight : tensor of shape (n_samples,), default=None
            Weights of the rows.

        is_final : bool, default=False
            Whether the training has ended.
        """
        self._observe(*_check_batch(y_score, y_true, sample_weight), is_final=is_final)

    def _observe(self, y_score, y_true, y_known, sample_weight, is_final):
        """Only for a loss whose `n_rows_observed` is not 0."""

    def epoch_figures(self):
        """Numbers that are written to the history at the start of an epoch.

        Returns
        -------
        figures : dict of str to float or list of float
            Name and value of each; empty for most losses.
        """
        return {}

    def start_batch(self):
        """Prepare for the next step of a training; most losses do nothing.

        A loss that draws at random does it here, so that the draws are the same for all
        parts of a batch.
        """

    def forward(self, y_score, y_true, sample_weight=None):
        """Value of the loss for one batch.

        Parameters
        ----------
        y_score : tensor of shape (n_samples, n_labels)
            Logits. Half precision is computed in float32.

        y_true : tensor of shape (n_samples, n_labels)
            Targets in {0, 1} of any dtype. An entry that is not annotated (NaN, or -1
            of int8) is left out.

        sample_weight : tensor of shape (n_samples,), default=None
            Weights of the rows. An integer weight equals that many copies of the row.

        Returns
        -------
        loss : scalar tensor
            With a gradient to `y_score`.
        """
        return self._forward(*_check_batch(y_score, y_true, sample_weight))

    def _forward(self, y_score, y_true, y_known, sample_weight):
        sums = self._row_sums(y_score, y_true, y_known, sample_weight)
        return self._loss_from_sums(sums)

    @property
    def is_additive(self):
        return any(map(self._defines, ("_entry_losses", "_row_losses", "_row_sums")))

    def row_sums(self, y_score, y_true, sample_weight=None):
        """Sums over the rows from which `loss_from_sums` computes the loss.

        Use it if a batch is computed in parts, in several processes or one after the
        other: add the sums of the parts, and pass the totals to `loss_from_sums`. The
        mean of the losses of the parts is not the loss of the batch. Only for a loss
        whose `is_additive` is True.

        Parameters
        ----------
        y_score : tensor of shape (n_samples, n_labels)
            Logits.

        y_true : tensor of shape (n_samples, n_labels)
            Targets, as in `forward`.

        sample_weight : tensor of shape (n_samples,), default=None
            Weights of the rows.

        Returns
        -------
        sums : tuple of tensors, or of such tuples
            With a gradient to `y_score`.
        """
        return self._checked_sums(self._row_sums, y_score, y_true, sample_weight)

    def validation_loss(self, y_score, y_true, sample_weight=None):
        """Loss by which early stopping compares epochs.

        It has the parameters and the result of `forward`. Its scale must be the same in
        all epochs, so a loss that anneals defines its own `_validation_sums`.
        """
        if not self.is_additive:
            return self(y_score, y_true, sample_weight)
        sums = self.validation_sums(y_score, y_true, sample_weight)
        return self.loss_from_sums(sums)

    def validation_sums(self, y_score, y_true, sample_weight=None):
        """Sums over the rows from which `validation_loss` is computed.

        It has the parameters and the result of `row_sums`, and is only for a loss whose
        `is_additive` is True.
        """
        return self._checked_sums(self._validation_sums, y_score, y_true, sample_weight)

    def _check_is_additive(self):
        if not self.is_additive:
            raise ValueError(
                f"{self} is not a function of sums over rows, so a batch can't be split"
                " into parts. Pass the whole batch to the loss."
            )

    def _checked_sums(self, sums_of, *batch):
        self._check_is_additive()
        y_score, *target = _check_batch(*batch)
        return as_tensors(sums_of(y_score, *target), like=y_score)

    def loss_from_sums(self, sums):
        """Value of the loss, computed from the sums of a batch.

        Parameters
        ----------
        sums : tuple of tensors, or of such tuples
            Result of `row_sums` or `validation_sums`, or the total of several results.

        Returns
        -------
        loss : scalar tensor
            With a gradient to the sums.
        """
        return self._loss_from_sums(sums)

    def _entry_losses(self, y_score, y_true):
        """One number for each entry, a tensor of shape (n_samples, n_labels)."""
        raise NotImplementedError(
            f"{type(self).__name__} must define _entry_losses, _row_losses, _row_sums"
            " and _loss_from_sums, or _forward."
        )

    def _row_losses(self, y_score, y_true, y_false):
        """One number for each row, a tensor of shape (n_samples,)."""

    def _row_sums(self, y_score, y_true, y_known, sample_weight):
        if not self._defines("_row_losses"):
            losses = self._entry_losses(y_score, y_true)
            self._check_shape("_entry_losses", "entry", losses, y_score.shape)
            return sums_of_entries(losses, y_known, sample_weight)
        losses = self._row_losses(y_score, y_true, negatives(y_true, y_known))
        self._check_shape("_row_losses", "row", losses, y_score.shape[:1])
        return _sums_of_rows(losses, weights_of_rows(y_known, sample_weight))

    def _check_shape(self, name, of, losses, shape):
        if losses.shape != shape:
            raise ValueError(
                f"{name} of {type(self).__name__} must return one number for each {of},"
                f" of shape {tuple(shape)}. Got shape {tuple(losses.shape)}."
            )

    def _defines(self, name):
        return getattr(type(self), name) is not getattr(MultilabelLoss, name)

    def _validation_sums(self, y_score, y_true, y_known, sample_weight):
        return self._row_sums(y_score, y_true, y_known, sample_weight)

    def _loss_from_sums(self, sums):
        total, n_rows = sums
        return safe_ratio(total, n_rows)

    def decision_function(self, logits):
        """Margin of each decision, positive if the label is predicted.

        Parameters
        ----------
        logits : tensor of shape (n_samples, n_labels)
            Output of the network.

        Returns
        -------
        margin : tensor of shape (n_samples, n_labels)
            The logits themselves, unless the loss has another decision.
        """
        return logits

    def predict_proba(self, logits):
        """Soft prediction of each label, by the link of the loss.

        Parameters
        ----------
        logits : tensor of shape (n_samples, n_labels)
            Output of the network.

        Returns
        -------
        proba : tensor of shape (n_samples, n_labels)
            In [0, 1]. The logistic function of the logits, unless the loss has another
            link.
        """
        return torch.sigmoid(logits)

    def _check_is_fitted(self):
        if not hasattr(self, "n_labels_"):
            raise NotFittedError(
                f"This {type(self).__name__} needs the training targets: call"
                " fit(y_true) before it is used."
            )

    def _per_label(self, name, like):
        """What logits can be multiplied with: a number, or one for each label.

        Parameters
        ----------
        name : str
            Name of an attribute: a number, an array-like or a tensor.

        like : tensor of shape (n_samples, n_labels)
            The result gets the dtype and the device of this tensor.

        Returns
        -------
        value : float or tensor of shape (n_labels,)
            A number is returned as it is; it needs neither dtype nor device.
        """
        value = getattr(self, name)
        if isinstance(value, Real):
            return value
        if isinstance(value, torch.Tensor):
            return value.to(like)
        # each copy to a GPU waits for it. An array may be written to in between.
        key = np.asarray(value).tobytes(), like.dtype, like.device
        if self._copies.get(name, (None,))[0] != key:
            with torch.inference_mode(False):  # else no training could use it
                # as_tensor would share, and warn of, a read-only array
                copied = torch.tensor(np.asarray(value), dtype=key[1], device=key[2])
            self._copies[name] = key, copied
        return self._copies[name][1]

    def _check_per_label(self, name, *, positive=False):
        """Return the parameter `name`: a number, or an array of one for each label.

        Raises
        ------
        ValueError
            If an array does not have one value for each label, or a value is not finite
            or, with `positive`, not greater than 0.
        """
        given = getattr(self, name)
        if hasattr(given, "items"):
            raise ValueError(
                f"The {name!r} parameter of {type(self).__name__} is a"
                f" {type(given).__name__} of values by label name, but only a"
                " classifier knows the names. Pass an array here."
            )
        with naming(name):
            value = np.asarray(given, dtype=np.float64)
        if value.shape not in ((), (self.n_labels_,)):
            problem = f"a number or an array of shape ({self.n_labels_},)"
            given = f"shape {value.shape}"
        elif np.asarray(given).dtype.kind in "US":
            problem = "numbers"
        elif not np.isfinite(value).all():
            problem = "finite"
        elif positive and not (value > 0).all():
            problem = "greater than 0"
        else:
            return given if isinstance(given, Real) else value
        shown = given if isinstance(given, str) else shorten(given)
        raise ValueError(
            f"The {name!r} parameter of {type(self).__name__} must be {problem}. Got"
            f" {shown} instead."
        )


def _check_batch(y_score, y_true, sample_weight):
    """The tensors of a batch, in the precision of the computation.

    Returns
    -------
    y_score, y_true : tensor of shape (n_samples, n_labels)
        Both 0 if an entry is not annotated.

    y_known : tensor of shape (n_samples, n_labels) or None
        1 if an entry is annotated, else 0. None if all entries are.

    sample_weight : tensor of shape (n_samples,) or None
    """
    if y_score.shape != y_true.shape:
        raise ValueError(
            f"y_score has shape {tuple(y_score.shape)} but y_true has shape"
            f" {tuple(y_true.shape)}; they must be the same."
        )
    if y_score.dtype in HALF_PRECISION:
        y_score = y_score.float()
    is_known = None
    # the batches of a network are integers: those of complete targets cost no search
    if y_true.dtype == torch.int8:
        is_known, y_true = y_true >= 0, y_true.clamp(min=0)
    elif y_true.is_floating_point() and y_true.isnan().any():
        is_known, y_true = ~y_true.isnan(), y_true.nan_to_num()
    y_known = None
    if is_known is not None:
        y_known = is_known.to(y_score.dtype)
        # whatever the logits are, there are neither infinite losses nor gradients
        y_score = torch.where(is_known, y_score, 0)
    y_true = y_true.to(y_score.dtype)
    if sample_weight is not None:
        sample_weight = sample_weight.to(y_score.dtype)
    return y_score, y_true, y_known, sample_weight


def negatives(y_true, y_known):
    """1 for the labels that a row is known not to have, else 0."""
    return (1 if y_known is None else y_known) - y_true


def weights_of_rows(y_known, sample_weight):
    """Weights of rows in a mean, 0 for rows without annotated entries; None if equal.

    Parameters
    ----------
    y_known : tensor of shape (n_samples, n_labels) or None

    sample_weight : tensor of shape (n_samples,) or None
    """
    if y_known is None:
        return sample_weight
    has_entries = y_known.amax(dim=1)
    return has_entries if sample_weight is None else has_entries * sample_weight


def sums_of_entries(losses, y_known, sample_weight):
    """Sums from which a mean over entries is computed, see `MultilabelLoss.row_sums`.

    Parameters
    ----------
    losses : tensor of shape (n_samples, n_labels)

    y_known : tensor of shape (n_samples, n_labels) or None

    sample_weight : tensor of shape (n_samples,) or None
    """
    if y_known is None:
        return _sums_of_rows(losses.mean(dim=1), sample_weight)
    weight = y_known if sample_weight is None else y_known * sample_weight[:, None]
    total = torch.dot(weight.reshape(-1), losses.reshape(-1))
    n_labels = losses.shape[1]
    return total / n_labels, weight.sum() / n_labels


def _sums_of_rows(losses, weight):
    if weight is None:
        return losses.sum(), len(losses)
    return (weight * losses).sum(), weight.sum()


def as_tensors(sums, like):
    """Turn the plain numbers among nested sums into tensors."""
    like = {"dtype": like.dtype, "device": like.device}
    leaves = [torch.as_tensor(leaf, **like) for leaf in flat_sums(sums)]
    return nest_sums(leaves, like=sums)


def put_in_order_of_labels(loss, label_names):
    """Turn parameters with values by label name into arrays, in its parts too.

    Parameters
    ----------
    loss : MultilabelLoss
        A clone, whose parameters may change. Those with "array-like" among their
        constraints can be a dict or Series.

    label_names : list
    """
    for name, value in loss.get_params(deep=False).items():
        if isinstance(value, MultilabelLoss):
            put_in_order_of_labels(value, label_names)
        elif "array-like" in (loss._parameter_constraints.get(name) or ()):
            value = in_order_of_labels(value, label_names, name=name)
            setattr(loss, name, value)


def has_same_params(loss, other):
    """Whether two losses are of one class and have equal parameters."""
    if type(loss) is not type(other):
        return False
    params, others = loss.get_params(deep=False), other.get_params(deep=False)
    return all(_is_equal(params[name], others[name]) for name in params)


def _is_equal(value, other):
    if isinstance(value, MultilabelLoss):
        return has_same_params(value, other)
    if isinstance(value, torch.nn.Module):
        return type(value) is type(other) and repr(value) == repr(other)
    return np.array_equal(value, other)


def label_frequencies(y_true, sample_weight=None):
    """Share of the rows that have each label, and the number of rows, by weight.

    The share is among the rows in which the label is annotated, or 0 if there is none.

    Parameters
    ----------
    y_true : {array-like, sparse matrix} of shape (n_samples, n_labels)
        Targets in {0, 1}. Entries that are NaN, or -1 in int8, are not annotated.

    sample_weight : array-like of shape (n_samples,), default=None
        Weights of the rows.

    Returns
    -------
    frequency : ndarray of shape (n_labels,)
        In [0, 1].

    n_samples : float
        The number of rows, or the sum of their weights.

    Examples
    --------
    >>> from skmultitag.losses import label_frequencies
    >>> label_frequencies([[1, 0], [1, 1]])
    (array([1. , 0.5]), 2.0)
    >>> label_frequencies([[1, 0], [1, 1]], sample_weight=[3, 1])
    (array([1.  , 0.25]), 4.0)
    """
    y_true = as_indicator(y_true)
    n_samples = float(y_true.shape[0])
    if sample_weight is not None:
        sample_weight = np.asarray(sample_weight, dtype=np.float64)
        n_samples = float(sample_weight.sum())
    n_known = n_samples
    if is_partial(y_true):
        # what is not stored in a sparse one is known
        n_known = n_samples - _totals(y_true < 0, sample_weight)
        y_true = positives(y_true)
    totals = _totals(y_true, sample_weight)
    return safe_ratio(totals, n_known), n_samples


def _totals(y, sample_weight):
    if sample_weight is None:
        return np.asarray(y.sum(axis=0, dtype=np.float64)).reshape(-1)
    if sparse.issparse(y):
        return sample_weight @ y
    # a product of matrices would copy y as float64
    return np.einsum("i,ij->j", sample_weight, y)

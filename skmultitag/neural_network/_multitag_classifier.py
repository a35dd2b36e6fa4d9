from numbers import Integral, Real

import numpy as np
import torch
from scipy import sparse
from scipy.special import logit
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils import check_consistent_length
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted, validate_data

from skmultitag.losses import get_loss, label_frequencies
from skmultitag.metrics import get_scorer
from skmultitag.model_selection._shuffle_split import split_once
from skmultitag.neural_network._batches import RowDataset
from skmultitag.neural_network._callbacks import (
    CheckFinite,
    EpochProgressBar,
    StopAtPlateau,
    ValidationScore,
)
from skmultitag.neural_network._features import (
    check_features,
    check_features_to_predict,
    check_same_features,
    typical_size,
)
from skmultitag.neural_network._mlp import ACTIVATIONS, CountHead
from skmultitag.neural_network._net import OPTIMIZERS, make_net, update_net
from skmultitag.neural_network._parameters import (
    check_device,
    check_hidden_layer_sizes,
    check_processes_agree,
    check_same_classes,
    check_step,
    check_threshold,
)
from skmultitag.neural_network._sliced_rows import SlicedRows
from skmultitag.utils._messages import warn
from skmultitag.utils._processes import value_of_first_process
from skmultitag.utils._random_state import make_random_state
from skmultitag.utils._signature import accepts_argument
from skmultitag.utils._sklearn import (
    Interval,
    StrOptions,
    check_sample_weight,
    fit_context,
    safe_indexing,
)
from skmultitag.utils._target_encoder import TargetEncoder
from skmultitag.utils._top_k import top_k_indicator


class MultiTagClassifier(ClassifierMixin, BaseEstimator):
    """Multilabel classifier: a neural network trained on a loss of your choice.

    It takes precomputed embeddings (of texts, images, sounds) and predicts one or more
    labels a row, as many as fit. With an F1 loss, as by default, the decision is
    trained in; with cross-entropy the outputs are probabilities, and a threshold has to
    be tuned for a good F1.

    Parameters
    ----------
    loss : str, MultilabelLoss, torch.nn.Module or callable, default="sigmoid_f1_bce"
        What the network is trained on: a name of
        :func:`~skmultitag.losses.get_loss_names`, a loss object, or any torch module
        or function of (logits, targets) that returns a scalar. Parameters of a loss
        can be searched as `loss__beta` and so on, also when it is given by its name.
        The default is :class:`~skmultitag.losses.SigmoidF1Loss` with a part of
        cross-entropy.
        Tensors that a module declares as :class:`torch.nn.Parameter` are trained too.

    hidden_layer_sizes : int or array-like of int, default=(256,)
        Units of each hidden layer. Empty for a linear model.

    activation : {"gelu", "identity", "logistic", "relu", "silu", "tanh"}, \
            default="relu"
        Activation function of the hidden layers.

    dropout : float, default=0.5
        Share of the hidden units left out in each training step, in [0, 1). A step
        leaves out the same units in all of its rows.

    alpha : float, default=1e-2
        Weight decay of the optimizer, in [0, inf). Not on intercepts.

    optimizer : {"adamw", "adam", "sgd"} or callable, default="adamw"
        "sgd" has a Nesterov momentum of 0.9. A callable is called as
        `optimizer(parameter_groups, lr=..., weight_decay=...)` and returns a
        :class:`torch.optim.Optimizer`.

    learning_rate_init : float, default=1e-3
        Learning rate, constant unless a callback changes it.

    batch_size : int or "full", default=64
        Largest number of rows of one training step, "full" for all. The rows of an
        epoch are split evenly. Larger batches make an epoch cheaper and need more
        epochs; an F1 loss then gives rare labels less weight.

    micro_batch_size : int or None, default=None
        Largest number of rows that are computed at once. A batch is computed in parts
        of so many rows: the gradient is that of the whole batch, also for F1. It takes
        less memory, and time for a second pass through the network. None computes a
        batch at once.

    stratify_batches : bool, default=False
        Whether the rows of an epoch are dealt out such that each batch gets its share
        of each label. Labels that are absent from a batch teach an F1 loss nothing;
        rare ones are then absent from as few as possible. Each row still comes once in
        an epoch. Not for data that can only be sliced.

    precision : {"full", "bfloat16"}, default="full"
        Of the products of matrices in training. "full" is that of `X`, see Notes.
        "bfloat16" keeps weights and loss in float32, for any `X`, and takes less time
        where the processor has instructions for it. Predictions are in float32.

    max_iter : int, default=20
        Largest number of epochs.

    threshold : "auto", float or array-like of shape (n_labels,), default="auto"
        Decision of `predict`. "auto" is that of the loss, `decision_function > 0`, or
        of the count head if there is one.
        Numbers in [0, 1] are the least `predict_proba` of a predicted label. It is read
        at `predict`: after `set_params(threshold=...)` no new fit is needed.

    early_stopping : bool, default=False
        Whether to hold out rows, score them after each epoch, stop when the score does
        not rise any more, and restore the weights of the best epoch.

    validation_fraction : float, default=0.1
        Share of the rows that early stopping holds out, in (0, 1). They are chosen so
        that each label keeps its frequency, and rare ones are on both sides.

    n_iter_no_change : int, default=10
        Stop after that many epochs without a gain of at least `tol`: of the score with
        early stopping, else of the training loss.

    scoring : str, callable or None, default=None
        Score of early stopping: a name of :func:`~skmultitag.metrics.get_scorer_names`
        or a scorer. None is minus the loss, on the rows held out. Sample weights are
        passed to a metric that takes them.

    tol : float or None, default=1e-4
        Least gain, see `n_iter_no_change`, in [0, inf). None trains for `max_iter`
        epochs; with early stopping the best weights are restored even so.

    module : torch.nn.Module, callable or None, default=None
        The network in place of the fully connected one: a module from (n_samples,
        n_features) to logits (n_samples, n_labels), copied and trained on from the
        weights it has; or a callable, such as a class of modules, that is called with
        the numbers of features and labels. The parameters for hidden layers are then
        not used.

    count_head : bool, default=False
        Whether the network also predicts how many labels a row has, from its logits,
        trained beside the loss. `threshold="auto"` then predicts so many labels of each
        row, those with the largest margins. At most as many as a training row has.
        For losses that only rank labels, such as "lsep".

    callbacks : list of skorch callbacks or None, default=None
        Cloned at fit. They see the skorch net, `net_`, whose history has "train_loss"
        for each epoch, and "valid_score" with early stopping.

    warm_start : bool, default=False
        Whether `fit` goes on with the network, optimizer and random streams of the last
        one, for up to `max_iter` more epochs. Loss, learning rate and batch size are
        those of now; other parameters of network and optimizer, and `callbacks`, stay
        as they were. `n_iter_` and `loss_curve_` count all epochs.

    device : str or torch.device, default="auto"
        Where to train. "auto" is "cuda" if there is one, else "cpu".

    distributed : bool, default=False
        Whether to share each batch among the processes of `torch.distributed`, whose
        process group must exist. Each process calls `fit` with the same parameters and
        all of the data, and takes its part of each batch; sums of the loss and
        gradients are added over the processes, so that all get the model that one
        process would.

    random_state : int, RandomState instance or None, default=None
        Seeds the initial weights, the order of the rows, dropout and the split of
        early stopping. An int gives the same result in each call, also in threads and
        other processes (to the last bit where torch has the same number of threads).
        The global random streams of numpy and torch are not moved, nor used for None;
        but a `module` of yours with :class:`torch.nn.Dropout` draws from that of torch.

    verbose : int, default=0
        1 shows a progress bar with one step an epoch.

    Attributes
    ----------
    classes_ : ndarray of shape (n_labels, 2) or (n_classes,)
        Rows [0, 1] for multilabel targets, the classes for a `y` of one dimension.

    label_names_ : ndarray of shape (n_labels,)
        Tags, or names of the columns of `y`, or 0 to n_labels - 1; the classes for a
        `y` of one dimension.

    n_features_in_ : int
        Number of features seen in `fit`.

    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, if `X` has names that are all strings.

    net_ : skorch.NeuralNet
        The trained net; its `module_` is the torch module, its `history` the figures
        of each epoch.

    loss_ : MultilabelLoss
        The loss that was trained on, a fitted clone.

    n_iter_ : int
        Number of epochs.

    loss_curve_ : list of float
        Mean training loss of each epoch's batches. For an F1 loss this is not 1 - F1
        of all rows.

    validation_scores_ : list of float or None
        Score of each epoch with early stopping.

    See Also
    --------
    sklearn.neural_network.MLPClassifier : The same network on cross-entropy only.

    Notes
    -----
    Features are divided by one number, their typical size in the first training: the
    median norm of the rows over the root of the number of features. So embeddings of
    norm 1 need no scaling. Features of different units do, as with any network; see the
    example. A `module` of yours gets `X` as it is.

    The defaults are those with the best F1 over several data sets, see
    :ref:`default_parameters`.

    float64 and integer `X` is computed in float64 throughout, float32 and float16 in
    float32, which takes half the time.

    A label without any positive in the training rows is allowed. The features say
    nothing about it, and an F1 loss does not train it: `predict_proba` is the constant
    0.5 / (n_samples + 1), its smoothed frequency, and `predict` never predicts it.

    A `y` of one dimension, binary or multiclass, is accepted as a special case; an
    array or list of shape (n_samples, 1) is read as one, but a DataFrame or sparse
    matrix of one column is one label. For multiclass the label with the largest
    margin is predicted, and probabilities are scaled to a sum of 1.

    `score` is the share of rows with all labels right, as for all multilabel
    classifiers of scikit-learn: pass a `scoring` to searches.

    References
    ----------
    .. [1] G. Benedict, V. Koops, D. Odijk, M. de Rijke, "sigmoidF1: A Smooth F1 Score
       Surrogate Loss for Multilabel Classification", Transactions on Machine Learning
       Research, 2022.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skmultitag import MultiTagClassifier
    >>> X = [[0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.9]]
    >>> y = [["x"], ["y"], ["x", "y"], ["x"]]
    >>> model = make_pipeline(StandardScaler(), MultiTagClassifier(random_state=0))
    >>> model.fit(X, y).predict(X)
    array([[1, 0],
           [0, 1],
           [1, 1],
           [1, 0]])
    >>> model[-1].label_names_
    array(['x', 'y'], dtype=object)
    """

    _parameter_constraints = {
        "loss": [str, callable],
        "hidden_layer_sizes": [
            "array-like",
            Interval(Integral, 1, None, closed="left"),
        ],
        "activation": [StrOptions(set(ACTIVATIONS))],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "alpha": [Interval(Real, 0, None, closed="left")],
        "optimizer": [StrOptions(set(OPTIMIZERS)), callable],
        "learning_rate_init": [Interval(Real, 0, None, closed="neither")],
        "batch_size": [
            Interval(Integral, 1, None, closed="left"),
            StrOptions({"full"}),
        ],
        "micro_batch_size": [Interval(Integral, 1, None, closed="left"), None],
        "stratify_batches": ["boolean"],
        "precision": [StrOptions({"full", "bfloat16"})],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "threshold": [
            StrOptions({"auto"}),
            Interval(Real, 0, 1, closed="both"),
            "array-like",
        ],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
        "n_iter_no_change": [Interval(Integral, 1, None, closed="left")],
        "scoring": [str, callable, None],
        "tol": [Interval(Real, 0, None, closed="left"), None],
        "module": [callable, None],
        "count_head": ["boolean"],
        "callbacks": [list, None],
        "warm_start": ["boolean"],
        "device": [str, torch.device],
        "distributed": ["boolean"],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        loss="sigmoid_f1_bce",
        *,
        hidden_layer_sizes=(256,),
        activation="relu",
        dropout=0.5,
        alpha=1e-2,
        optimizer="adamw",
        learning_rate_init=1e-3,
        batch_size=64,
        micro_batch_size=None,
        stratify_batches=False,
        precision="full",
        max_iter=20,
        threshold="auto",
        early_stopping=False,
        validation_fraction=0.1,
        n_iter_no_change=10,
        scoring=None,
        tol=1e-4,
        module=None,
        count_head=False,
        callbacks=None,
        warm_start=False,
        device="auto",
        distributed=False,
        random_state=None,
        verbose=0,
    ):
        self.loss = loss
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.dropout = dropout
        self.alpha = alpha
        self.optimizer = optimizer
        self.learning_rate_init = learning_rate_init
        self.batch_size = batch_size
        self.micro_batch_size = micro_batch_size
        self.stratify_batches = stratify_batches
        self.precision = precision
        self.max_iter = max_iter
        self.threshold = threshold
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.scoring = scoring
        self.tol = tol
        self.module = module
        self.count_head = count_head
        self.callbacks = callbacks
        self.warm_start = warm_start
        self.device = device
        self.distributed = distributed
        self.random_state = random_state
        self.verbose = verbose

    def set_params(self, **params):
        """Set the parameters of this estimator.

        Parameters of a loss that is given by its name can be set too, as
        `loss__beta=2.0`: the name is then replaced by a loss object.

        Parameters
        ----------
        **params : dict
            Parameters by name.

        Returns
        -------
        self : object
            The estimator itself.
        """
        loss = params.get("loss", self.loss)
        if any(name.startswith("loss__") for name in params):
            if isinstance(loss, str):
                params["loss"] = get_loss(loss)
            elif not hasattr(loss, "set_params"):
                raise ValueError(
                    f"The loss {loss!r} has no parameters to set as loss__...: use a"
                    " loss of get_loss_names() or a subclass of MultilabelLoss."
                )
        return super().set_params(**params)

    @fit_context(prefer_skip_nested_validation=True)
    def fit(
        self,
        X,
        y,
        sample_weight=None,
        X_val=None,
        y_val=None,
        sample_weight_val=None,
    ):
        """Train the network.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Embeddings or other features. Sparse rows are made dense batch by batch.

        y : {array-like, sparse matrix} of shape (n_samples, n_labels), list of \
                n_samples lists of tags, or array-like of shape (n_samples,)
            Targets: an indicator of 0 and 1, the columns of a DataFrame name the
            labels; or the tags of each row, strings or numbers, as lists, tuples or
            sets; or one class a row. A rectangular list of lists of 0 and 1 is an
            indicator.

        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows, not negative.

        X_val : {array-like, sparse matrix} of shape (n_val, n_features), default=None
            Rows for early stopping, in place of rows of `X` that are held out. In a
            pipeline they can be transformed as `X` is, with
            `Pipeline(..., transform_input=["X_val"])`.

        y_val : array-like, sparse matrix or list of lists of tags, default=None
            Their targets, of the form of `y`.

        sample_weight_val : array-like of shape (n_val,), default=None
            Their weights.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        ValueError
            If X or y have NaN, infinite or other unusable values, different numbers of
            rows, fewer than two rows, or no labels; if a parameter does not fit; or if
            `X_val` is passed without early stopping.
        """
        encoder = TargetEncoder()
        return self._fit(
            X,
            encoder,
            encoder.fit_transform(y),
            sample_weight,
            held_out=self._check_held_out(X, encoder, X_val, y_val, sample_weight_val),
            goes_on=self.warm_start and hasattr(self, "net_"),
        )

    @fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X, y, classes=None, sample_weight=None):
        """Train for one epoch on a block of rows.

        The first call makes the network; each one goes on with network, optimizer,
        loss and random streams, also after `fit` and after pickling.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Embeddings or other features of the block.

        y : {array-like, sparse matrix} of shape (n_samples, n_labels), list of \
                n_samples lists of tags, or array-like of shape (n_samples,)
            Targets of the block, see `fit`. Labels can be missing from it.

        classes : array-like of shape (n_labels,) or (n_classes,), default=None
            All tags, or all classes of a `y` of one dimension: needed in the first call
            if its block lacks some, and in any case for a `y` of one dimension. For an
            indicator, the names of its columns.

        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows, not negative.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        ValueError
            As `fit`; and if `early_stopping` is set, or labels are not known.

        Notes
        -----
        What a loss learns from the targets, as `pos_weight="balanced"` does, it learns
        from the first block. A loss that anneals takes `max_iter` calls for its epochs.
        """
        if self.early_stopping:
            raise ValueError(
                "partial_fit can't hold rows out: set early_stopping=False, or call fit"
                " with warm_start=True."
            )
        goes_on = hasattr(self, "net_")
        encoder = self._encoder if goes_on else TargetEncoder()
        if goes_on:
            check_same_classes(classes, encoder)
            indicator = encoder.transform(y)
        else:
            indicator = encoder.fit_transform(y, classes=classes)
            if classes is None and encoder.kind_ != "multilabel":
                raise ValueError(
                    "classes must be passed on the first call to partial_fit with a y"
                    " of one dimension."
                )
        return self._fit(
            X, encoder, indicator, sample_weight, goes_on=goes_on, is_block=True
        )

    def _fit(
        self,
        X,
        encoder,
        indicator,
        sample_weight,
        *,
        held_out=None,
        goes_on=False,
        is_block=False,
    ):
        # All checks come first: after an error the estimator is as it was.
        rows = check_features(X, self, ensure_min_samples=1 if is_block else 2)
        check_consistent_length(rows, indicator)
        sample_weight = check_sample_weight(sample_weight, rows)
        random_state = make_random_state(self.random_state)
        data = RowDataset(rows, indicator, sample_weight)
        if self.early_stopping and held_out is None:
            # drawn first, so that a warm start holds the same rows out again
            train, held_out = self._hold_out(data, random_state)
        else:
            train = data
        loss = clone(get_loss(self.loss)).fit(indicator, sample_weight, random_state)
        check_threshold(self.threshold, encoder, self.count_head)
        check_step(loss, self.micro_batch_size, self.distributed, self.random_state)
        self._warn_without_natural_threshold(encoder, loss)
        scorer = get_scorer(self.scoring)
        device = check_device(self.device)
        hidden_layer_sizes = check_hidden_layer_sizes(self.hidden_layer_sizes)
        if self.stratify_batches and isinstance(rows, SlicedRows):
            raise ValueError(
                "stratify_batches=True takes rows from everywhere, but X of type"
                f" {type(X).__name__} is read in slices: load it, or use"
                " stratify_batches=False."
            )
        if held_out is not None and held_out.X.shape[1] != rows.shape[1]:
            raise ValueError(
                f"X_val has {held_out.X.shape[1]} features, but X has {rows.shape[1]}."
            )
        if is_block and goes_on:
            validate_data(self, X, reset=False, skip_check_array=True)
        elif goes_on:
            self._check_warm_start(encoder, rows)

        if self.distributed:
            check_processes_agree(self, rows, indicator)
        if not goes_on:
            net = self._make_net(
                loss,
                rows,
                indicator,
                sample_weight,
                hidden_layer_sizes,
                device,
                random_state,
                is_block,
            )

        unseen = label_frequencies(indicator, sample_weight)[0] == 0
        n_rows_seen = indicator.shape[0]
        if goes_on:
            unseen &= self._unseen
            n_rows_seen += self._n_rows_seen if is_block else 0
        validate_data(self, X, reset=not (is_block and goes_on), skip_check_array=True)
        self._encoder = encoder
        self._unseen = unseen
        self._n_rows_seen = n_rows_seen
        self.classes_ = encoder.classes_
        self.label_names_ = encoder.label_names_
        if goes_on:
            update_net(
                self.net_,
                loss,
                lr=self.learning_rate_init,
                batch_size=self._n_batch_rows(),
                step_params=self._step_params(),
            )
        else:
            self.net_ = net
        self._train(X, train, scorer, held_out, is_block)
        return self

    def _hold_out(self, data, random_state):
        """Split off the rows of early stopping; each label keeps its frequency."""
        n_rows = len(data)
        n_held_out = round(self.validation_fraction * n_rows)
        n_held_out = min(max(n_held_out, 1), n_rows - 1)
        parts = split_once(data.y, n_rows - n_held_out, n_held_out, random_state)
        return [data.subset(np.sort(part)) for part in parts]

    def _check_held_out(self, X, encoder, X_val, y_val, sample_weight_val):
        """The rows that early stopping was given, as a data set; None without."""
        if X_val is None and y_val is None:
            if sample_weight_val is not None:
                raise ValueError("sample_weight_val needs X_val and y_val.")
            return None
        if X_val is None or y_val is None:
            given, missing = ("y_val", "X_val") if X_val is None else ("X_val", "y_val")
            raise ValueError(f"{given} is provided, but {missing} was not provided.")
        if not self.early_stopping:
            raise ValueError(
                "X_val and y_val are passed to fit, but early_stopping is False: set"
                " early_stopping=True."
            )
        check_same_features(X, X_val)
        rows = check_features(X_val, self, ensure_min_samples=1)
        indicator = encoder.transform(y_val, name="y_val")
        check_consistent_length(rows, indicator)
        weight = check_sample_weight(sample_weight_val, rows)
        held_out = RowDataset(rows, indicator, weight)
        held_out.original = X_val
        return held_out

    def _n_batch_rows(self):
        return -1 if self.batch_size == "full" else self.batch_size

    def _step_params(self):
        return {
            "precision": self.precision,
            "micro_batch_size": self.micro_batch_size,
            "stratify_batches": self.stratify_batches,
            "distributed": self.distributed,
        }

    def _make_net(
        self,
        loss,
        rows,
        indicator,
        sample_weight,
        hidden_layer_sizes,
        device,
        random_state,
        is_block,
    ):
        is_double = rows.dtype == np.float64 and self.precision == "full"
        n_counts = None
        if self.count_head:
            # the next block may have rows with more labels
            most = indicator.shape[1] if is_block else indicator.sum(axis=1).max()
            n_counts = int(most) + 1
        mlp_params = {}
        if self.module is None:
            mlp_params = {
                "hidden_layer_sizes": hidden_layer_sizes,
                "activation": self.activation,
                "dropout": self.dropout,
                "feature_size": typical_size(rows, sample_weight),
            }
        return make_net(
            self.module,
            loss,
            n_features=rows.shape[1],
            n_outputs=indicator.shape[1],
            n_counts=n_counts,
            mlp_params=mlp_params,
            optimizer=self.optimizer,
            learning_rate_init=self.learning_rate_init,
            alpha=self.alpha,
            batch_size=self._n_batch_rows(),
            step_params=self._step_params(),
            callbacks=_clone_callbacks(self.callbacks),
            device=device,
            dtype=torch.float64 if is_double else torch.float32,
            random_state=random_state,
        )

    def _warn_without_natural_threshold(self, encoder, loss):
        is_auto = isinstance(self.threshold, str)
        has_rule = loss.has_natural_threshold or self.count_head
        if is_auto and encoder.kind_ == "multilabel" and not has_rule:
            warn(
                f"{loss} has no threshold of its own, so that threshold='auto' is 0.5."
                " Tune one with ThresholdedClassifierCV, or pass it as threshold."
            )

    def _check_warm_start(self, encoder, rows):
        old, new = list(self.label_names_), list(encoder.label_names_)
        if encoder.kind_ != self._encoder.kind_ or old != new:
            raise ValueError(
                f"warm_start=True needs the labels of the last fit, {old}. Got {new}."
            )
        if rows.shape[1] != self.n_features_in_:
            raise ValueError(
                f"warm_start=True needs the {self.n_features_in_} features of the last"
                f" fit. Got {rows.shape[1]}."
            )

    def _train(self, X, data, scorer, held_out, is_block):
        """Run the epochs, and read off what they were."""
        tol, patience = self.tol, self.n_iter_no_change
        if tol is None:
            tol, patience = 0.0, np.inf
        first, last, monitor = [CheckFinite()], [], "train_loss"
        if held_out is not None:
            first.append(ValidationScore(self._make_score(X, held_out, scorer)))
            monitor = "valid_score"
        if self.verbose:
            last.append(EpochProgressBar(1 if is_block else self.max_iter))
        last.append(StopAtPlateau(monitor, tol=tol, patience=patience))
        n_before = len(self.net_.history)
        n_epochs = 1 if is_block else self.max_iter
        # blocks have no end of their own: a loss that anneals is told of max_iter
        last_epoch = max(self.max_iter, n_before + 1) if is_block else None
        self.net_.train(
            data,
            n_epochs=n_epochs,
            last_epoch=last_epoch,
            first=first,
            last=last,
            held_out=held_out,
        )

        history = self.net_.history
        self.n_iter_ = len(history)
        self.loss_curve_ = history[:, "train_loss"]
        self.validation_scores_ = None
        if self.early_stopping:
            # an epoch before a warm start may have none
            scores = [epoch.get("valid_score") for epoch in history]
            self.validation_scores_ = [score for score in scores if score is not None]

    def _make_score(self, X, held_out, scorer):
        """A function without arguments that scores the present weights."""
        if scorer is None:
            return lambda: -self.net_.full_loss(held_out)
        X_valid = held_out.original
        if X_valid is None and hasattr(self, "feature_names_in_"):
            X_valid = safe_indexing(X, held_out.rows)
        elif X_valid is None:
            X_valid = held_out.X[held_out.rows]
        y_valid = self._encoder.inverse_transform(held_out.targets())
        weight = held_out.weights()
        # a scorer of scikit-learn passes on to its metric whatever it gets
        metric = getattr(scorer, "_score_func", scorer)
        takes_weight = weight is not None and accepts_argument(metric, "sample_weight")
        kwargs = {"sample_weight": weight} if takes_weight else {}

        def score():
            value = scorer(self, X_valid, y_valid, **kwargs)
            # processes whose scores differ would stop at different epochs
            return value_of_first_process(value) if self.distributed else value

        return score

    def decision_function(self, X):
        """Margin of the loss's own decision, in units of the logits.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Embeddings or other features.

        Returns
        -------
        margin : ndarray of shape (n_samples, n_labels) or (n_samples,)
            Positive where a label is predicted with `threshold="auto"`. float64 for
            float64 `X`, else float32. One dimension for a binary `y` of one dimension.
        """
        margin = self._map_logits(self._check_X(X), "decision_function")
        return margin[:, 0] if self._encoder.kind_ == "binary" else margin

    def predict_proba(self, X):
        """Soft prediction of each label: the loss's own link of the logits.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Embeddings or other features.

        Returns
        -------
        proba : ndarray of shape (n_samples, n_labels) or (n_samples, n_classes)
            In (0, 1), of the dtype of `decision_function`. For a `y` of one dimension
            the columns are the classes and rows sum to 1. Estimates of probabilities
            if the loss makes them so: cross-entropy does, F1 losses do not.
        """
        proba = self._map_logits(self._check_X(X), "predict_proba")
        if self._encoder.kind_ == "binary":
            return np.hstack([1 - proba, proba])
        if self._encoder.kind_ == "multiclass":
            proba /= proba.sum(axis=1, keepdims=True)
        return proba

    def _loss_has_std(self):
        loss = self.loss_ if hasattr(self, "net_") else get_loss(self.loss)
        return hasattr(loss, "predict_proba_std")

    @available_if(_loss_has_std)
    def predict_proba_std(self, X):
        """Spread of `predict_proba` over the posterior of the loss, if it has one.

        Only with :class:`~skmultitag.losses.BayesianSigmoidF1Loss`. It says how unsure
        slope and offset of the loss are, and nothing of the network's weights.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Embeddings or other features.

        Returns
        -------
        std : ndarray of shape (n_samples, n_labels) or (n_samples,)
            Standard deviations, in [0, 0.5]; of the dtype of `decision_function`. One
            dimension for a binary `y` of one dimension.
        """
        std = self._map_logits(self._check_X(X), "predict_proba_std")
        return std[:, 0] if self._encoder.kind_ == "binary" else std

    def predict(self, X):
        """Predict the labels of each row.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Embeddings or other features.

        Returns
        -------
        y : {ndarray, sparse matrix} of shape (n_samples, n_labels) or (n_samples,)
            Indicator of the dtype of the `y` seen in `fit`, sparse if that was sparse;
            int64 for tags. Classes for a `y` of one dimension.
        """
        X = self._check_X(X)
        threshold = check_threshold(self.threshold, self._encoder, self.count_head)
        if not self._encoder.is_sparse_:
            is_predicted = self._is_predicted(X, threshold)
            return self._encoder.inverse_transform(is_predicted)
        # a dense indicator of all rows may not fit in the memory
        blocks = [
            self._encoder.inverse_transform(self._is_predicted(X[rows], threshold))
            for rows in self.net_.blocks(X)
        ]
        return type(blocks[0])(sparse.vstack(blocks))

    def _is_predicted(self, X, threshold):
        """Decisions of shape (n_samples, n_outputs) for an `X` that is checked."""
        if self._encoder.kind_ == "multiclass":
            margin = self._map_logits(X, "decision_function")
            return margin == margin.max(axis=1, keepdims=True)
        if isinstance(threshold, str) and self._has_count_head():
            n_labels = self._predict_label_count(X)
            margin = self._map_logits(X, "decision_function")
            return top_k_indicator(margin, n_labels)
        if isinstance(threshold, str):
            return self._map_logits(X, "decision_function") > 0
        proba = self._map_logits(self._check_X(X), "predict_proba")
        return (proba >= threshold) & ~self._unseen

    def predict_tags(self, X):
        """Predict the names of the labels of each row.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Embeddings or other features.

        Returns
        -------
        tags : list of n_samples tuples
            Entries of `label_names_`, in their order; an empty tuple where no label is
            predicted. One class a row for a `y` of one dimension.
        """
        y = self.predict(X)
        return self._encoder.tags(y)

    def predict_top(self, X, k):
        """The `k` best labels of each row, with their scores, as a sparse matrix.

        For many labels: the full matrix of scores is never made.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Embeddings or other features.

        k : int
            Number of labels of each row, from 1 to n_labels.

        Returns
        -------
        proba : CSR array of shape (n_samples, n_labels)
            `predict_proba` of the `k` labels of each row with the largest
            `decision_function`, in the order of the labels; nothing of the others.
        """
        X = self._check_X(X)
        n_labels = self._encoder.n_outputs_
        if self._encoder.kind_ != "multilabel":
            raise ValueError("predict_top needs a y of several labels a row.")
        is_integer = isinstance(k, Integral) and not isinstance(k, bool)
        if not (is_integer and 1 <= k <= n_labels):
            raise ValueError(f"k must be an integer from 1 to {n_labels}. Got {k!r}.")
        loss = self.loss_

        def both(logits):
            parts = loss.decision_function(logits), loss.predict_proba(logits)
            return torch.stack(parts)

        columns = np.empty((X.shape[0], k), dtype=np.int32)
        values = np.empty((X.shape[0], k), dtype=_dtype_of_scores(X))
        for rows, (margin, proba) in self.net_.map_logits(X, both):
            self._correct(margin, "decision_function")
            self._correct(proba, "predict_proba")
            # a seventh of the time of a partition in numpy
            best = torch.from_numpy(margin).topk(k, dim=1, sorted=False).indices
            columns[rows] = np.sort(best.numpy(), axis=1)
            values[rows] = np.take_along_axis(proba, columns[rows], axis=1)
        starts = np.arange(X.shape[0] + 1) * k
        if starts[-1] <= np.iinfo(np.int32).max:
            starts = starts.astype(np.int32)
        parts = values.reshape(-1), columns.reshape(-1), starts
        return sparse.csr_array(parts, shape=(X.shape[0], n_labels))

    def _has_count_head(self):
        if hasattr(self, "net_"):
            return isinstance(self.net_.module_, CountHead)
        return self.count_head

    @available_if(_has_count_head)
    def predict_label_count(self, X):
        """Predict how many labels each row has; only with `count_head=True`.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Embeddings or other features.

        Returns
        -------
        n_labels : ndarray of int64 of shape (n_samples,)
            From 0 to the largest number that a row had in `fit`.
        """
        return self._predict_label_count(self._check_X(X))

    def _predict_label_count(self, X):
        def count(logits):
            return self.net_.module_.count_logits(logits).argmax(dim=1)

        return np.concatenate([n for _, n in self.net_.map_logits(X, count)])

    def _check_X(self, X):
        if not hasattr(self, "net_"):
            check_is_fitted(self)
        return check_features_to_predict(X, self)

    def _map_logits(self, X, method):
        """Call a method of the loss on the logits of a checked `X`, return an array."""
        result = np.empty(
            (X.shape[0], self._encoder.n_outputs_),
            dtype=_dtype_of_scores(X),
        )
        for rows, values in self.net_.map_logits(X, getattr(self.loss_, method)):
            block = result[rows]
            block[...] = values
            self._correct(block, method)
        return result

    def _correct(self, values, method):
        """Set what the network can't know, and keep probabilities inside (0, 1)."""
        if self._unseen.any():
            self._put_unseen_last(values, method)
        if method == "predict_proba":
            # a logit of 17 gives exactly 1.0 in float32
            limits = np.finfo(values.dtype)
            np.clip(values, limits.tiny, 1 - limits.epsneg, out=values)

    def _put_unseen_last(self, values, method):
        """An F1 loss leaves a label without positives as it was initialized."""
        unseen = self._unseen
        if method == "predict_proba_std":
            values[:, unseen] = 0
            return
        proba = 0.5 / (self._n_rows_seen + 1)
        constant = proba if method == "predict_proba" else logit(proba)
        smallest = values[:, ~unseen].min(axis=1, initial=constant, keepdims=True)
        values[:, unseen] = smallest

    @property
    def loss_(self):
        """The loss that was trained on, a fitted clone."""
        return self.net_.criterion_

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        tags.input_tags.sparse = True
        return tags


def _dtype_of_scores(X):
    return np.float64 if X.dtype == np.float64 else np.float32


def _clone_callbacks(callbacks):
    """Clones of the callbacks, of which each can be a tuple of name and callback."""
    return [
        (callback[0], clone(callback[1]))
        if isinstance(callback, tuple)
        else clone(callback)
        for callback in callbacks or []
    ]

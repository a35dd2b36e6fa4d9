from functools import partial
from numbers import Integral, Real

import torch
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import gen_batches
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted, validate_data

from skmultitag.calibration._log_odds import log_odds_of
from skmultitag.losses import get_loss
from skmultitag.neural_network._device import device_to_go_on
from skmultitag.neural_network._features import as_rows, check_features_to_predict
from skmultitag.neural_network._mlp import ACTIVATIONS
from skmultitag.neural_network._modes import modes_of_training
from skmultitag.neural_network._net import OPTIMIZERS
from skmultitag.neural_network._offsets import with_log_odds
from skmultitag.neural_network._parameter_checks import check_threshold
from skmultitag.neural_network._scores import ScoreReader, clip_inside
from skmultitag.neural_network._snapshot import Snapshot
from skmultitag.neural_network._training import prepare_block, prepare_fit
from skmultitag.utils._inner_classifier import accepts_missing_labels
from skmultitag.utils._labelled_classifier import LabelledClassifierMixin
from skmultitag.utils._messages import warn
from skmultitag.utils._rollback import as_before_on_error
from skmultitag.utils._sklearn import HasMethods, Interval, StrOptions, fit_context
from skmultitag.utils._sklearn_callbacks import (
    CALLBACK_ATTRIBUTES,
    CallbackSupportMixin,
    begin_fit,
    data_of,
    end_fit,
    has_callbacks,
)


class MultiTagClassifier(
    LabelledClassifierMixin, CallbackSupportMixin, ClassifierMixin, BaseEstimator
):
    """Multilabel classifier: a neural network trained on a loss of your choice.

    It takes precomputed embeddings (of texts, images, sounds) and predicts any number
    of labels for each row. Use it for any number of rows, for rows that come in parts,
    or if the model must be small. With an F1 loss, as by default, the decision is
    trained together with the scores. With cross-entropy the outputs are probabilities,
    and a good F1 needs a tuned threshold.

    The parameters are in groups: the loss and the network (up to `init`), training (up
    to `callbacks`), stopping (up to `tol`), the decision (`threshold`), and where it
    runs.

    Read more in the :ref:`User Guide <classifier>`.

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

    dropout : float, default=0.2
        Share of the hidden units left out in each training step, in [0, 1). A step
        leaves out the same units in all of its rows.

    input_dropout : float or "auto", default="auto"
        Share of the features left out in each training step, in [0, 1), the same in all
        of its rows. At least one is kept. It makes steps faster. "auto" depends on the
        number of rows: 0.5 for up to 3,000 rows; for more it falls with the root of
        their number, to 0.27 for 10,000 and 0.03 for a million. It is set when the
        network is made, by the number of training rows; in `partial_fit` by those of
        the first block.

    module : torch.nn.Module, callable or None, default=None
        A network in place of the fully connected one. Either a module that maps
        (n_samples, n_features) to logits (n_samples, n_labels); it is copied, and its
        weights are trained further. Or a callable, such as a class of modules, that is
        called with the numbers of features and labels. The parameters for hidden layers
        are then not used.

    init : "kernel_ridge", classifier or None, default=None
        A classifier that is fitted first. Its calibrated log-odds are added to the
        logits, like `init` of :class:`~sklearn.ensemble.GradientBoostingClassifier`, so
        that the network learns only what is left. Each training row gets log-odds of a
        model that was fitted without it. Some classifiers compute these by themselves,
        such as :class:`~skmultitag.kernel_ridge.KernelRidgeClassifierCV`, which
        "kernel_ridge" stands for, and forests with ``oob_score=True``. Others are
        fitted 5 more times. The classifier gets `X` as an array, without the rows that
        early stopping holds out. A `module` of yours should start with small outputs.

    optimizer : {"adamw", "adam", "sgd"} or callable, default="adamw"
        "sgd" has a Nesterov momentum of 0.9. A callable is called as
        `optimizer(parameter_groups, lr=..., weight_decay=...)` and returns a
        :class:`torch.optim.Optimizer`.

    learning_rate_init : float, default=1e-3
        Learning rate, constant unless a callback changes it.

    weight_decay : float, default=1e-2
        Weight decay of the optimizer, in [0, inf), for weights and not for intercepts.
        "adamw" decouples it from the gradient, so that it is no L2 term of the loss, as
        the `alpha` of :class:`~sklearn.neural_network.MLPClassifier` is. "adam" and
        "sgd" add it to the gradient.

    batch_size : int or "full", default=64
        Largest number of rows of one training step; "full" takes all rows. The rows of
        an epoch are split evenly. Larger batches make an epoch faster, but need more
        epochs, and an F1 loss then gives rare labels less weight.

    max_iter : int, default=30
        Largest number of epochs.

    warm_start : bool, default=False
        Whether `fit` goes on with the network, optimizer and random states of the last
        `fit`, for up to `max_iter` more epochs. Loss, learning rate and batch size may
        have changed; changes of other parameters of network and optimizer, and of
        `callbacks`, are ignored. `n_iter_` and `loss_curve_` count all epochs. So do
        `n_iter_no_change` and the best epoch of early stopping, if loss, scoring,
        learning rate, batch size and rows are the same. After Ctrl-C the model is that
        of the last epoch; the next `fit` trains for the rest of `max_iter`.

    callbacks : list of skorch callbacks or None, default=None
        `fit` clones them; those that can't be cloned are used as they are. They work on
        the skorch net, `net_`, whose history has "train_loss" for each epoch and, with
        early stopping, "valid_loss" and "valid_score". A
        :class:`~skmultitag.neural_network.ModelCheckpoint` writes the model to a file.

    early_stopping : bool, default=False
        Whether to hold out rows, score them after each epoch, stop when the score rises
        no more, and restore the weights of the best epoch.

    validation_fraction : float, default=0.1
        Share of the rows that early stopping holds out, in (0, 1). They are chosen so
        that each label keeps its frequency, and rare ones are on both sides.

    scoring : str, callable or None, default=None
        Score of early stopping: a name from
        :func:`~skmultitag.metrics.get_scorer_names` or a scorer. None is minus the loss
        on the held-out rows. A metric that takes sample weights gets them.

    n_iter_no_change : int, default=10
        Stop after that many epochs without a gain of at least `tol`: of the score with
        early stopping, else of the training loss.

    tol : float or None, default=1e-4
        Least gain, see `n_iter_no_change`, in [0, inf). With None all `max_iter` epochs
        are trained; early stopping still restores the best weights.

    threshold : "auto", float, array-like of shape (n_labels,) or dict, default="auto"
        When `predict` predicts a label. "auto" is the decision of the loss,
        `decision_function > 0`. With a number in [0, 1], a label is predicted if its
        `predict_proba` is at least this number. A dict or Series has numbers by the
        names of the labels, in any order. `predict` reads it: no new fit is needed
        after `set_params(threshold=...)`.

    device : str or torch.device, default="auto"
        Where to train and predict. Each call reads it, and moves a fitted model if
        needed. "auto" takes a GPU, if there is one, for training with large steps: more
        than 1,000 rows for the default network on 384 features and 100 labels, see
        :ref:`the rule <devices>`. Predictions and further blocks of `partial_fit` stay
        where the training was. On a processor, small matrix products use one thread,
        see :ref:`threads <threads>`.

    precision : {"full", "bfloat16"}, default="full"
        Precision of matrix products during training. "full" is that of `X`, see Notes.
        "bfloat16" keeps weights and loss in float32, for any `X`, and takes less time
        where the processor has instructions for it. Predictions are in float32.

    micro_batch_size : int or None, default=None
        Largest number of rows that are computed at once. Larger batches are computed in
        parts of this size, with the gradient of the whole batch, also for F1. It needs
        less memory, but time for a second pass through the network. None computes each
        batch at once.

    distributed : bool, default=False
        Whether to share each batch among the processes of `torch.distributed`. Their
        process group must exist. Each process calls `fit` with the same parameters and
        all of the data, and computes its part of each batch. Sums of the loss and
        gradients are added over the processes, so that all get the model of a single
        process.

    random_state : int, RandomState instance or None, default=None
        Seeds the initial weights, the order of the rows, dropout and the split of early
        stopping. An int gives the same result in each call, also in threads and other
        processes (to the last bit if torch has the same number of threads). The global
        random states of numpy and torch are never used or changed; but a `module` of
        yours with :class:`torch.nn.Dropout` uses that of torch.

    verbose : int, default=0
        1 shows a progress bar with one step an epoch.

    Attributes
    ----------
    classes_ : ndarray of shape (n_labels,), (n_labels, 2) or (n_classes,)
        The numbers 0 to n_labels - 1. For one or two labels, a row [0, 1] for each
        label, as scikit-learn's scorers would take two numbers for the classes of one
        label. For a `y` of one dimension, its classes.

    label_names_ : ndarray of shape (n_labels,)
        Tags, or names of the columns of `y`, or 0 to n_labels - 1. For a `y` of one
        dimension, its classes.

    n_features_in_ : int
        Number of features seen in `fit`.

    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, if `X` has names that are all strings.

    net_ : skorch.NeuralNet
        The trained net; its `module_` is the torch module, its `history` the figures
        of each epoch.

    init_ : classifier or None
        The fitted `init`. `net_` gets its log-odds as the last columns of `X`.

    loss_ : MultilabelLoss
        The fitted clone of `loss` that was used in training.

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
    The mean of each feature is subtracted. Then all features are divided by one number,
    their typical size: the median norm of the rows over the root of the number of
    features. Both are those of the first training, or of some 2 million entries of
    evenly spaced rows. So embeddings need no scaling, whatever their norm and mean.
    Features of different units do, as with any network; see the example. A `module` of
    yours gets `X` as it is.

    The defaults are those with the best F1 over several data sets, see
    :ref:`default_parameters`.

    float64 and integer `X` is computed in float64 throughout, float32 and float16 in
    float32, which takes half the time.

    A label may have no positive in the training rows. `predict` then never predicts it,
    and `predict_proba` is the constant 0.5 / (n_samples + 1), its smoothed frequency.

    A `y` of one dimension, binary or multiclass, is accepted as a special case; an
    array or list of shape (n_samples, 1) is read as one, but a DataFrame or sparse
    matrix of one column is one label. For multiclass the label with the largest
    margin is predicted, and probabilities are scaled to a sum of 1.

    `score` is the share of rows with all labels right, as for all multilabel
    classifiers of scikit-learn. So pass `scoring` to searches.

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
        "input_dropout": [
            Interval(Real, 0, 1, closed="left"),
            StrOptions({"auto"}),
        ],
        "module": [callable, None],
        "init": [StrOptions({"kernel_ridge"}), HasMethods(["fit", "predict"]), None],
        "optimizer": [StrOptions(set(OPTIMIZERS)), callable],
        "learning_rate_init": [Interval(Real, 0, None, closed="neither")],
        "weight_decay": [Interval(Real, 0, None, closed="left")],
        "batch_size": [
            Interval(Integral, 1, None, closed="left"),
            StrOptions({"full"}),
        ],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "warm_start": ["boolean"],
        "callbacks": [list, None],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
        "scoring": [str, callable, None],
        "n_iter_no_change": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left"), None],
        "threshold": [
            StrOptions({"auto"}),
            Interval(Real, 0, 1, closed="both"),
            "array-like",
            dict,
        ],
        "device": [str, torch.device],
        "precision": [StrOptions({"full", "bfloat16"})],
        "micro_batch_size": [Interval(Integral, 1, None, closed="left"), None],
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
        dropout=0.2,
        input_dropout="auto",
        module=None,
        init=None,
        optimizer="adamw",
        learning_rate_init=1e-3,
        weight_decay=1e-2,
        batch_size=64,
        max_iter=30,
        warm_start=False,
        callbacks=None,
        early_stopping=False,
        validation_fraction=0.1,
        scoring=None,
        n_iter_no_change=10,
        tol=1e-4,
        threshold="auto",
        device="auto",
        precision="full",
        micro_batch_size=None,
        distributed=False,
        random_state=None,
        verbose=0,
    ):
        self.loss = loss
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.dropout = dropout
        self.input_dropout = input_dropout
        self.module = module
        self.init = init
        self.optimizer = optimizer
        self.learning_rate_init = learning_rate_init
        self.weight_decay = weight_decay
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.warm_start = warm_start
        self.callbacks = callbacks
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.scoring = scoring
        self.n_iter_no_change = n_iter_no_change
        self.tol = tol
        self.threshold = threshold
        self.device = device
        self.precision = precision
        self.micro_batch_size = micro_batch_size
        self.distributed = distributed
        self.random_state = random_state
        self.verbose = verbose

    def set_params(self, **params):
        """Set the parameters of this estimator.

        If the loss is given by its name, you can still set its parameters, as in
        `loss__beta=2.0`. A loss object then replaces the name.

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
            Embeddings or other features, or a column of arrays of the same length.
            Sparse rows are made dense batch by batch.

        y : {array-like, sparse matrix} of shape (n_samples, n_labels), list of \
                n_samples lists of tags, or array-like of shape (n_samples,)
            Targets in one of these forms: an indicator of 0 and 1 (the columns of a
            DataFrame name the labels); the tags of each row, strings or numbers, as
            lists, tuples or sets; dicts such as {"cat": 1, "dog": 0}; or one class for
            each row. Rows can be in a list, an array, a Series or a column of arrow or
            polars. Rows of equal length that hold only 0 and 1 (also as strings) are
            read as an indicator.

        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows, not negative.

        X_val : {array-like, sparse matrix} of shape (n_val, n_features), default=None
            Rows for early stopping, in place of held-out rows of `X`. In a pipeline,
            `Pipeline(..., transform_input=["X_val"])` transforms them like `X`.

        y_val : array-like, sparse matrix or list of lists of tags, default=None
            Targets of `X_val`, in the form of `y`.

        sample_weight_val : array-like of shape (n_val,), default=None
            Weights of the rows of `X_val`.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        ValueError
            If `X` or `y` has NaN, infinite or other unusable values; if they have
            different numbers of rows, fewer than two rows, or no labels; if a parameter
            has a wrong value; or if `X_val` is passed without early stopping.

        TypeError
            If `X`, or the result of a function of yours, has a wrong type.

        Warns
        -----
        UserWarning
            If the outputs of your `module` are not logits, or if your `loss` does not
            suit targets of 0 and 1, or only ranks labels, so that you need a threshold.
        """
        X = as_rows(X)
        X_val = None if X_val is None else as_rows(X_val, "X_val")
        with modes_of_training():
            training = prepare_fit(
                self, X, y, sample_weight, X_val, y_val, sample_weight_val
            )
            return self._train(X, training)

    @property
    def _accepts_missing_labels(self):
        return self.init is None or accepts_missing_labels(self.init)

    def _has_no_init(self):
        if self.init is None and getattr(self, "init_", None) is None:
            return True
        raise AttributeError("init is fitted on all rows at once: call fit.")

    @available_if(_has_no_init)
    @fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X, y, classes=None, sample_weight=None):
        """Train for one epoch on a block of rows.

        Use it for data that come in parts. The first call makes the network. Each
        further call goes on with the network, optimizer, loss and random streams, also
        after `fit` and after pickling. It does not work with `init`, which needs all
        rows at once.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Embeddings or other features of the block.

        y : {array-like, sparse matrix} of shape (n_samples, n_labels), list of \
                n_samples lists of tags, or array-like of shape (n_samples,)
            Targets of the block, see `fit`. A block can lack labels.

        classes : array-like of shape (n_labels,) or (n_classes,), default=None
            All tags, or all classes of a `y` of one dimension. Pass it in the first
            call if its block lacks some tags, and always for a `y` of one dimension.
            For an indicator, the names of its columns.

        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows, not negative.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        ValueError
            In the same cases as in `fit`; if `early_stopping` is True; or if a block
            has labels that are not known from the first call.

        Notes
        -----
        A loss that learns from the targets, such as with `pos_weight="balanced"`,
        learns from the first block only. A loss that anneals needs `max_iter` calls to
        finish.
        """
        X = as_rows(X)
        with modes_of_training():
            training = prepare_block(self, X, y, classes, sample_weight)
            return self._train(X, training, reset=not hasattr(self, "net_"))

    def _train(self, X, training, reset=True):
        task = data = None
        # blocks have one epoch, and scikit-learn tells of no `partial_fit`
        if has_callbacks(self) and training.first_epoch is not None:
            # a dense or sparse indicator for tags, which scorers don't take
            y = partial(training.encoder.inverse_transform, training.data.y)
            data = data_of(X, y, training.data.sample_weight)
            task = begin_fit(self, data, training.n_epochs)
        net = training.score_reader.net
        net_before = Snapshot(net) if training.changes else None
        with as_before_on_error(self):
            try:
                validate_data(self, X, reset=reset, skip_check_array=True)
                interruption = self._fit_net(training, task, data)
                if interruption is None:
                    end_fit(task, self, data)
            except BaseException:  # also Ctrl-C
                if net_before is not None:
                    net_before.restore(net)
                raise
        if interruption is not None:
            raise interruption
        return self

    def _fit_net(self, training, task, data):
        self._encoder = encoder = training.encoder
        self._score_reader = training.score_reader
        self.classes_, self.label_names_ = encoder.classes_, encoder.label_names_
        self.init_, self._init_calibrator = training.init, training.init_calibrator
        self.net_ = training.score_reader.net
        interruption = training.run(self, task, data)
        self._note(training.stopping, training.rest() if interruption else None)
        return interruption

    def _note(self, stopping, rest):
        """Set what is known after a training, of which `rest` is left if cut off."""
        net = self.net_
        self._stopping, self._rest = stopping, rest
        self.n_iter_ = len(net.history)
        self.loss_curve_ = net.history[:, "train_loss"]
        # an epoch before a warm start may have none
        scores = [row["valid_score"] for row in net.history if "valid_score" in row]
        self.validation_scores_ = scores if self.early_stopping else None

    def decision_function(self, X):
        """Margin of the decision of the loss, in units of the logits.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Embeddings or other features.

        Returns
        -------
        margin : ndarray of shape (n_samples, n_labels) or (n_samples,)
            Positive if the label is predicted with `threshold="auto"`. float64 for
            float64 `X`, and float32 otherwise. One dimension if `y` had one dimension
            and two classes.
        """
        X = self._check_X(X)
        margin = self._score_reader.margin(X)
        return self._encoder.as_margin(margin)

    def predict_proba(self, X):
        """Soft prediction of each label: the link of the loss, applied to the logits.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Embeddings or other features.

        Returns
        -------
        proba : ndarray of shape (n_samples, n_labels) or (n_samples, n_classes)
            Numbers in (0, 1), with the dtype of `decision_function`. With cross-entropy
            they are estimates of probabilities, with F1 losses they are not. For a `y`
            of one dimension, the columns are the classes, and each row sums to 1.
        """
        X = self._check_X(X)
        proba = self._score_reader.proba(X)
        return clip_inside(self._encoder.as_proba(proba))

    def _loss_has_std(self):
        loss = self.loss_ if hasattr(self, "net_") else get_loss(self.loss)
        return hasattr(loss, "predict_proba_std")

    @available_if(_loss_has_std)
    def predict_proba_std(self, X):
        """Spread of `predict_proba` over the posterior of the loss.

        Only with :class:`~skmultitag.losses.BayesianSigmoidF1Loss`. It says how
        uncertain slope and offset of the loss are. It does not include the uncertainty
        of the weights of the network.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Embeddings or other features.

        Returns
        -------
        std : ndarray of shape (n_samples, n_labels) or (n_samples,)
            Standard deviations, in [0, 0.5], with the dtype of `decision_function`. One
            dimension if `y` had one dimension and two classes.
        """
        X = self._check_X(X)
        std = self._score_reader.proba_std(X)
        return self._encoder.as_margin(std)

    def predict(self, X):
        """Predict the labels of each row.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Embeddings or other features.

        Returns
        -------
        y : {ndarray, sparse matrix} of shape (n_samples, n_labels) or (n_samples,)
            Indicator with the dtype of the `y` seen in `fit` (int64 for tags), sparse
            if `y` was sparse. Classes if `y` had one dimension.
        """
        X = self._check_X(X)
        threshold = check_threshold(self.threshold, self._encoder)
        if isinstance(threshold, str):
            self._warn_without_natural_threshold()
        if not self._encoder.is_sparse_:
            is_predicted = self._is_predicted(X, threshold)
            return self._encoder.inverse_transform(is_predicted)
        # a dense indicator of all rows may not fit in the memory
        blocks = [
            sparse.csr_array(self._is_predicted(X[rows], threshold))
            for rows in gen_batches(X.shape[0], self.net_.iterator_valid__batch_size)
        ]
        return self._encoder.inverse_transform(sparse.vstack(blocks, format="csr"))

    def _warn_without_natural_threshold(self):
        # not in `fit`: many who fit tune a threshold on the scores, and don't use this
        is_multilabel = self._encoder.kind_ == "multilabel"
        if is_multilabel and not self.loss_.has_natural_threshold:
            warn(
                f"{self.loss_} has no threshold of its own, so that threshold='auto' is"
                " 0.5. Tune one with ThresholdedClassifierCV, or pass it as threshold."
            )

    def _is_predicted(self, X, threshold):
        """Decisions of shape (n_samples, n_outputs) for an `X` that is checked."""
        reader = self._score_reader
        if isinstance(threshold, str):
            return self._encoder.decide(reader.margin(X))
        return (reader.proba(X) >= threshold) & ~reader.is_unseen

    def _top(self, X, k):
        # the full matrix of scores is never made
        return self._score_reader.top(self._check_X(X), k)

    def _check_X(self, X):
        if not hasattr(self, "net_"):
            check_is_fitted(self)
        is_single = self.net_.iterator_valid__dtype == torch.float32
        X = check_features_to_predict(X, self, is_single=is_single)
        self.net_.move_to(device_to_go_on(self))
        if self.init_ is None:
            return X
        log_odds = log_odds_of(self.init_, self._init_calibrator, X)
        return with_log_odds(X, log_odds)

    def _forget_training(self):
        if hasattr(self, "net_"):  # also as a parameter of another estimator
            self.net_.forget_training()
            self._stopping = self._rest = None
            self.callbacks, self.warm_start = None, False
            for name in CALLBACK_ATTRIBUTES:
                vars(self).pop(name, None)

    def __getstate__(self):
        state = {**super().__getstate__(), "device": str(self.device)}
        if "_score_reader" in state:  # without its net, which is there already
            reader = {**vars(self._score_reader)}
            del reader["net"]
            state["_score_reader"] = reader
        return state

    def __setstate__(self, state):
        super().__setstate__(state)
        if hasattr(self, "net_"):
            self._score_reader = ScoreReader(self.net_, **self._score_reader)

    @property
    def loss_(self):
        """The loss that was trained on, a fitted clone."""
        return self.net_.criterion_

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        tags.input_tags.sparse = True
        return tags

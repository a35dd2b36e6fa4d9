import warnings
from numbers import Integral, Real

import numpy as np
import torch
from scipy import sparse
from scipy.special import logit
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils import check_array, check_consistent_length, check_random_state
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted, validate_data

from skmultitag.losses import get_loss
from skmultitag.losses._base import label_frequencies
from skmultitag.metrics import get_scorer
from skmultitag.neural_network._batches import RowDataset
from skmultitag.neural_network._callbacks import (
    CheckFinite,
    EpochProgressBar,
    StopAtPlateau,
    ValidationScore,
)
from skmultitag.neural_network._mlp import ACTIVATIONS, CountHead
from skmultitag.neural_network._net import OPTIMIZERS, make_net, update_net
from skmultitag.neural_network._validation_split import validation_split
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

# half precision and sparse rows are converted a batch at a time, never as a whole
X_CHECKS = {"accept_sparse": "csr", "dtype": (np.float64, np.float32, np.float16)}


class MultiTagClassifier(ClassifierMixin, BaseEstimator):
    """Multilabel classifier: a neural network trained on a loss of your choice.

    It takes precomputed embeddings (of texts, images, sounds) and predicts one or more
    labels a row, as many as fit. With an F1 loss, the default, the decision is trained
    in; with cross-entropy the outputs are probabilities, and a threshold has to be
    tuned for a good F1.

    Parameters
    ----------
    loss : str, MultilabelLoss, torch.nn.Module or callable, default="sigmoid_f1"
        What the network is trained on: a name of
        :func:`~skmultitag.losses.get_loss_names`, a loss object, or any torch module
        or function of (logits, targets) that returns a scalar. Parameters of a loss
        can be searched as `loss__beta` and so on, also when it is given by its name.
        Tensors that a module declares as :class:`torch.nn.Parameter` are trained too.

    hidden_layer_sizes : int or array-like of int, default=(256,)
        Units of each hidden layer. Empty for a linear model.

    activation : {"gelu", "identity", "logistic", "relu", "silu", "tanh"}, \
            default="relu"
        Activation function of the hidden layers.

    dropout : float, default=0.0
        Share of the hidden units left out in each training step, in [0, 1).

    alpha : float, default=1e-2
        Weight decay of the optimizer, in [0, inf). Not on intercepts.

    optimizer : {"adamw", "adam", "sgd"} or callable, default="adamw"
        "sgd" has a Nesterov momentum of 0.9. A callable is called as
        `optimizer(parameter_groups, lr=..., weight_decay=...)` and returns a
        :class:`torch.optim.Optimizer`.

    learning_rate_init : float, default=1e-3
        Learning rate, constant unless a callback changes it.

    batch_size : int, default=256
        Largest number of rows of one training step. The rows of an epoch are split
        evenly. F1 losses need batches in which each label has positives.

    max_iter : int, default=50
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
    Scale the features, as with any network; see the example. float64 `X` is computed
    in float64 throughout, other types in float32, which takes half the time.

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
        "batch_size": [Interval(Integral, 1, None, closed="left")],
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
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        loss="sigmoid_f1",
        *,
        hidden_layer_sizes=(256,),
        activation="relu",
        dropout=0.0,
        alpha=1e-2,
        optimizer="adamw",
        learning_rate_init=1e-3,
        batch_size=256,
        max_iter=50,
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
    def fit(self, X, y, sample_weight=None):
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

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        ValueError
            If X or y have NaN, infinite or other unusable values, different numbers of
            rows, fewer than two rows, or no labels; or if a parameter does not fit.
        """
        # All checks come first: after an error the estimator is as it was.
        rows = check_array(
            X, ensure_min_samples=2, estimator=self, input_name="X", **X_CHECKS
        )
        encoder = TargetEncoder()
        indicator = encoder.fit_transform(y)
        check_consistent_length(rows, indicator)
        sample_weight = check_sample_weight(sample_weight, rows)
        random_state = _make_random_state(self.random_state)
        split = None
        if self.early_stopping:
            # drawn first, so that a warm start holds the same rows out again
            split = validation_split(indicator, self.validation_fraction, random_state)
        loss = clone(get_loss(self.loss)).fit(indicator, sample_weight, random_state)
        self._check_threshold(encoder)
        self._warn_without_natural_threshold(encoder, loss)
        scorer = get_scorer(self.scoring)
        device = _check_device(self.device)
        hidden_layer_sizes = _check_hidden_layer_sizes(self.hidden_layer_sizes)
        goes_on = self.warm_start and hasattr(self, "net_")
        if goes_on:
            self._check_warm_start(encoder, rows)

        unseen = label_frequencies(indicator, sample_weight)[0] == 0
        if goes_on:
            unseen &= self._unseen
        validate_data(self, X, skip_check_array=True)
        self._encoder = encoder
        self._unseen = unseen
        self._unseen_proba = 0.5 / (indicator.shape[0] + 1)
        self.classes_ = encoder.classes_
        self.label_names_ = encoder.label_names_
        if goes_on:
            update_net(
                self.net_, loss, lr=self.learning_rate_init, batch_size=self.batch_size
            )
        else:
            self.net_ = self._make_net(
                loss, indicator, hidden_layer_sizes, device, rows.dtype, random_state
            )
        self._train(X, RowDataset(rows, indicator, sample_weight), scorer, split)
        return self

    def _make_net(
        self, loss, indicator, hidden_layer_sizes, device, dtype, random_state
    ):
        n_counts = None
        if self.count_head:
            n_counts = int(indicator.sum(axis=1).max()) + 1
        return make_net(
            self.module,
            loss,
            n_features=self.n_features_in_,
            n_outputs=indicator.shape[1],
            n_counts=n_counts,
            mlp_params={
                "hidden_layer_sizes": hidden_layer_sizes,
                "activation": self.activation,
                "dropout": self.dropout,
            },
            optimizer=self.optimizer,
            learning_rate_init=self.learning_rate_init,
            alpha=self.alpha,
            batch_size=self.batch_size,
            callbacks=_clone_callbacks(self.callbacks),
            device=device,
            dtype=torch.float64 if dtype == np.float64 else torch.float32,
            random_state=random_state,
        )

    def _warn_without_natural_threshold(self, encoder, loss):
        is_auto = isinstance(self.threshold, str)
        has_rule = loss.has_natural_threshold or self.count_head
        if is_auto and encoder.kind_ == "multilabel" and not has_rule:
            warnings.warn(
                f"{loss} has no threshold of its own, so that threshold='auto' is 0.5."
                " Tune one with ThresholdedClassifierCV, or pass it as threshold.",
                UserWarning,
                stacklevel=4,
            )

    def _check_threshold(self, encoder):
        """Return the threshold, "auto" or an array, if it suits the labels."""
        if self.count_head and encoder.kind_ != "multilabel":
            raise ValueError(
                "count_head=True needs rows of several labels, but y has one dimension."
            )
        if isinstance(self.threshold, str) and self.threshold == "auto":
            return self.threshold
        if encoder.kind_ == "multiclass":
            raise ValueError(
                "A threshold needs labels that are decided one by one, but y is"
                " multiclass: use threshold='auto'."
            )
        try:
            threshold = np.asarray(self.threshold, dtype=np.float64)
        except (TypeError, ValueError) as exc:
            raise ValueError(
                f"threshold must be 'auto' or numbers. Got {self.threshold!r} instead."
            ) from exc
        if threshold.shape not in ((), (encoder.n_outputs_,)):
            raise ValueError(
                "threshold must be a number or one value a label, of shape"
                f" ({encoder.n_outputs_},). Got shape {threshold.shape} instead."
            )
        # an infinite one says that a label is predicted never, or always
        is_valid = (threshold >= 0) & (threshold <= 1) | np.isinf(threshold)
        if not is_valid.all():
            raise ValueError(f"threshold must lie in [0, 1]. Got {threshold} instead.")
        return threshold

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

    def _train(self, X, data, scorer, split):
        """Run the epochs, and read off what they were."""
        tol, patience = self.tol, self.n_iter_no_change
        if tol is None:
            tol, patience = 0.0, np.inf
        first, last, monitor, held_out = [CheckFinite()], [], "train_loss", None
        if split is not None:
            train_rows, valid_rows = split
            held_out = data.subset(valid_rows)
            first.append(ValidationScore(self._make_score(X, held_out, scorer)))
            data = data.subset(train_rows)
            monitor = "valid_score"
        if self.verbose:
            last.append(EpochProgressBar(self.max_iter))
        last.append(StopAtPlateau(monitor, tol=tol, patience=patience))
        self.net_.train(
            data, n_epochs=self.max_iter, first=first, last=last, held_out=held_out
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
        has_names = hasattr(self, "feature_names_in_")
        X_valid = safe_indexing(X if has_names else held_out.X, held_out.rows)
        y_valid = self._encoder.inverse_transform(held_out.targets())
        weight = held_out.weights()
        # a scorer of scikit-learn passes on to its metric whatever it gets
        metric = getattr(scorer, "_score_func", scorer)
        takes_weight = weight is not None and accepts_argument(metric, "sample_weight")
        kwargs = {"sample_weight": weight} if takes_weight else {}
        return lambda: scorer(self, X_valid, y_valid, **kwargs)

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
        margin = self._map_logits(X, "decision_function")
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
        proba = self._map_logits(X, "predict_proba")
        # a logit of 17 gives exactly 1.0 in float32
        limits = np.finfo(proba.dtype)
        np.clip(proba, limits.tiny, 1 - limits.epsneg, out=proba)
        if self._encoder.kind_ == "binary":
            return np.hstack([1 - proba, proba])
        if self._encoder.kind_ == "multiclass":
            return proba / proba.sum(axis=1, keepdims=True)
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
        std = self._map_logits(X, "predict_proba_std")
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
        check_is_fitted(self)
        threshold = self._check_threshold(self._encoder)
        if self._encoder.kind_ == "multiclass":
            margin = self.decision_function(X)
            is_predicted = margin == margin.max(axis=1, keepdims=True)
        elif isinstance(threshold, str) and self._has_count_head():
            n_labels = self.predict_label_count(X)
            is_predicted = top_k_indicator(self.decision_function(X), n_labels)
        elif isinstance(threshold, str):
            margin = self.decision_function(X)
            is_predicted = margin.reshape(len(margin), -1) > 0
        else:
            proba = self.predict_proba(X)[:, -self._encoder.n_outputs_ :]
            is_predicted = (proba >= threshold) & ~self._unseen
        return self._encoder.inverse_transform(is_predicted)

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
        if self._encoder.kind_ != "multilabel":
            return [(label,) for label in y.tolist()]
        rows = sparse.csr_matrix(y)
        return [
            tuple(self.label_names_[row.indices].tolist())
            for row in (rows[i] for i in range(rows.shape[0]))
        ]

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
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, **X_CHECKS)
        scores = self.net_.map_logits(X, self.net_.module_.count_logits, np.float32)
        return scores.argmax(axis=1)

    def _map_logits(self, X, method):
        """Call a method of the loss on the logits of `X`, and return an array."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, **X_CHECKS)
        dtype = np.float64 if X.dtype == np.float64 else np.float32
        values = self.net_.map_logits(X, getattr(self.loss_, method), dtype)
        unseen = self._unseen
        if method == "predict_proba_std":
            values[:, unseen] = 0
        elif unseen.any():
            # an F1 loss leaves such a label as it was initialized: it is put last
            proba = self._unseen_proba
            constant = proba if method == "predict_proba" else logit(proba)
            smallest = values[:, ~unseen].min(axis=1, initial=constant, keepdims=True)
            values[:, unseen] = smallest
        return values

    @property
    def loss_(self):
        """The loss that was trained on, a fitted clone."""
        return self.net_.criterion_

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        tags.input_tags.sparse = True
        return tags


def _make_random_state(random_state):
    # scikit-learn takes the global stream for None: here nobody's stream is moved
    if random_state is None:
        return np.random.RandomState()
    return check_random_state(random_state)


def _clone_callbacks(callbacks):
    """Clones of the callbacks, of which each can be a tuple of name and callback."""
    return [
        (callback[0], clone(callback[1]))
        if isinstance(callback, tuple)
        else clone(callback)
        for callback in callbacks or []
    ]


def _check_device(device):
    if isinstance(device, str) and device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        return torch.device(device)
    except RuntimeError as exc:
        raise ValueError(f"device must be 'auto' or known to torch: {exc}") from exc


def _check_hidden_layer_sizes(hidden_layer_sizes):
    sizes = np.atleast_1d(hidden_layer_sizes).tolist()
    if not all(type(size) is int and size > 0 for size in sizes):
        raise ValueError(
            "hidden_layer_sizes must be integers greater than 0. Got"
            f" {hidden_layer_sizes!r} instead."
        )
    return sizes

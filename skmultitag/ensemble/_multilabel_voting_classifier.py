from numbers import Integral, Real

import numpy as np
from scipy.special import expit
from sklearn import get_config
from sklearn.base import ClassifierMixin
from sklearn.ensemble._base import _BaseHeterogeneousEnsemble
from sklearn.utils import Bunch, get_tags, indexable
from sklearn.utils.metadata_routing import (
    MetadataRouter,
    MethodMapping,
    process_routing,
)
from sklearn.utils.validation import check_is_fitted

from skmultitag.calibration._log_odds import fit_log_odds, log_odds_of
from skmultitag.utils._inner_classifier import (
    accepts_missing_labels,
    new_encoder,
    target_to_fit,
)
from skmultitag.utils._labelled_classifier import LabelledClassifierMixin
from skmultitag.utils._messages import shorten
from skmultitag.utils._rows import check_same_rows
from skmultitag.utils._signature import accepts_argument
from skmultitag.utils._sklearn import check_sample_weight, fit_context
from skmultitag.utils._target_encoder import TargetEncoder, check_not_multiclass, dense


class MultilabelVotingClassifier(
    LabelledClassifierMixin, ClassifierMixin, _BaseHeterogeneousEnsemble
):
    r"""Vote of several multilabel classifiers: the mean of their calibrated log-odds.

    Use it if a slightly better F1 is worth several times the time of one classifier.
    scikit-learn's :class:`~sklearn.ensemble.VotingClassifier` refuses multilabel
    targets. It also takes the mean of probabilities, but margins and the outputs of F1
    losses are no probabilities. Here Platt scaling first gives all scores the same
    meaning: for each member and each label, a logistic curve is fitted on out-of-fold
    scores. The vote is

    .. math:: u_{ij} = \sum_m w_m (a_{mj} s_{mij} + b_{mj}) / \sum_m w_m

    for row i, label j, members m, their weights w and scores s, and the slopes a and
    intercepts b of the curves.

    Read more in the :ref:`User Guide <voting>`.

    Parameters
    ----------
    estimators : list of (str, classifier) tuples
        Members: pairs of a name and a classifier or pipeline that has `predict_proba`
        or `decision_function`. Call :meth:`set_params` to replace a member, or to drop
        it with the value "drop".

    weights : array-like of shape (n_estimators,) or None, default=None
        Weights of the members, not negative. None gives all members the same weight.

    cv : int, cross-validation generator, iterable or None, default=None
        Folds for the out-of-fold scores. With None, members that need no folds, such as
        kernel ridge, are fitted once, and other members have 5 folds; see
        :class:`~skmultitag.ThresholdedClassifierCV`.

    n_jobs : int or None, default=None
        Number of folds that are fitted at the same time.

    Attributes
    ----------
    estimators_ : list of classifiers
        Members that were not dropped, each fitted on all rows.

    named_estimators_ : :class:`~sklearn.utils.Bunch`
        The same members by name.

    calibrators_ : list of :class:`~skmultitag.calibration.PlattCalibrator`
        The fitted calibrator of each member.

    oof_proba_ : ndarray of shape (n_samples, n_labels) or (n_samples, 2)
        Out-of-fold probabilities: `predict_proba` of the training rows by members that
        were not trained on them. NaN in rows that no fold left out, and in rows that
        all trees of a forest were trained on.

    classes_ : ndarray of shape (n_labels,), (n_labels, 2) or (2,)
        The numbers 0 to n_labels - 1. For one or two labels, a row [0, 1] for each
        label, as scikit-learn's scorers would take two numbers for the classes of one
        label. For a `y` of one dimension, its two classes.

    label_names_ : ndarray of shape (n_labels,)
        Tags, or names of the columns of `y`, or 0 to n_labels - 1. For a `y` of one
        dimension, its classes.

    n_features_in_ : int
        Number of features, if the members know it.

    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, if the members know them.

    See Also
    --------
    sklearn.ensemble.VotingClassifier : For a target of one dimension.
    skmultitag.ThresholdedClassifierCV : Thresholds for the vote, without another fit.

    Notes
    -----
    The curves are those of ``PlattCalibrator(shrinkage=30)``, in which the slopes of
    rare labels are near the mean slope. They have two numbers for each label and
    member, and are fitted on the same rows.

    `predict` decides at log-odds of 0, which is bad for F1. Put the vote into a
    :class:`~skmultitag.ThresholdedClassifierCV`, which chooses thresholds on
    `oof_proba_` and fits no member again.

    Examples
    --------
    >>> from sklearn.ensemble import ExtraTreesClassifier
    >>> from sklearn.neighbors import KNeighborsClassifier
    >>> from skmultitag.datasets import make_multitag_classification
    >>> from skmultitag.ensemble import MultilabelVotingClassifier
    >>> X, y = make_multitag_classification(n_samples=200, random_state=0)
    >>> vote = MultilabelVotingClassifier(
    ...     [
    ...         ("neighbors", KNeighborsClassifier()),
    ...         ("trees", ExtraTreesClassifier(random_state=0)),
    ...     ]
    ... )
    >>> vote.fit(X, y).predict_proba(X).shape
    (200, 10)
    """

    _parameter_constraints = {
        "estimators": [list],
        "weights": ["array-like", None],
        "cv": ["cv_object"],
        "n_jobs": [None, Integral],
    }

    def __init__(self, estimators, *, weights=None, cv=None, n_jobs=None):
        super().__init__(estimators)
        self.weights = weights
        self.cv = cv
        self.n_jobs = n_jobs

    @fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y, sample_weight=None, **params):
        """Fit the members, and calibrate their scores.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features in any form that the members take.

        y : {array-like, sparse matrix} of shape (n_samples, n_labels), list of \
                n_samples lists of tags, or array-like of shape (n_samples,)
            Indicator of 0 and 1, tags of each row, or two classes. Members get
            indicators and tags as an array of int64.

        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows, for all members and for the calibration. With metadata
            routing, only members that request it get it.

        **params : dict
            `groups` is passed to the splitter. With metadata routing, members get what
            they request.

        Returns
        -------
        self : object
            The fitted estimator.
        """
        self._validate_estimators()
        weights = self._check_weights()
        check_same_rows(X=X, y=y)
        X, y = indexable(X, y)
        encoder = self._new_encoder()
        form = self._read_target(y)
        indicator = dense(encoder.fit_transform(form, allow_missing=True))
        check_not_multiclass(encoder)
        if sample_weight is not None:
            sample_weight = check_sample_weight(sample_weight, X)
        routed = self._route(sample_weight, params)
        kept = self._kept()
        y = encoder.as_target(indicator)
        for name, estimator in kept.items():  # an error comes before any fit
            target_to_fit(estimator, y, member=name)
        members = {
            name: fit_log_odds(
                estimator,
                X,
                indicator,
                encoder,
                routed[name].fit,
                sample_weight=sample_weight,
                cv=self.cv,
                split_params=routed.splitter.split,
                n_jobs=self.n_jobs,
            )
            for name, estimator in kept.items()
        }
        self.estimators_, self.calibrators_, log_odds = map(
            list, zip(*members.values(), strict=True)
        )
        self._names, self._weights = list(members), weights
        self._describe(encoder, self.estimators_[0])
        self.oof_proba_ = encoder.as_proba(expit(self._mean(log_odds)))
        return self

    def _kept(self):
        """The members that are not dropped, by name."""
        return {name: each for name, each in self.estimators if not _is_dropped(each)}

    def _new_encoder(self):
        # a hierarchy that a member obeys holds for the target of all
        encoders = map(new_encoder, self._kept().values())
        nested = (each for each in encoders if type(each) is not TargetEncoder)
        return next(nested, TargetEncoder())

    @property
    def named_estimators_(self):
        # made when asked for, as a file that skops writes should hold no Bunch
        return Bunch(**dict(zip(self._names, self.estimators_, strict=True)))

    @property
    def _accepts_missing_labels(self):
        return all(map(accepts_missing_labels, self._kept().values()))

    def _check_weights(self):
        """Shares of the members that are not dropped."""
        is_kept = [not _is_dropped(each) for _, each in self.estimators]
        if self.weights is None:
            return np.full(sum(is_kept), 1 / sum(is_kept))
        weights = np.asarray(self.weights)
        if weights.shape != (len(is_kept),):
            raise ValueError(
                f"weights must have a number for each of the {len(is_kept)} estimators."
                f" Got {shorten(self.weights)}."
            )
        kept = weights[is_kept]
        is_valid = all(isinstance(each, Real) and 0 <= each for each in kept.tolist())
        if not (is_valid and 0 < kept.sum() < np.inf):
            raise ValueError(
                "weights must be numbers, not negative, and not all 0. Got"
                f" {shorten(self.weights)}."
            )
        return kept / kept.sum()

    def _route(self, sample_weight, params):
        """What each member gets."""
        if get_config()["enable_metadata_routing"]:
            if sample_weight is not None:
                params["sample_weight"] = sample_weight
            return process_routing(self, "fit", **params)
        split = {name: params.pop(name) for name in ("groups",) if name in params}
        if params:
            raise TypeError(
                f"fit passes {shorten(sorted(params))} to members only with metadata"
                " routing: call sklearn.set_config(enable_metadata_routing=True).",
            )
        routed = Bunch(splitter=Bunch(split=split))
        for name, estimator in self.estimators:
            routed[name] = Bunch(fit={})
            if sample_weight is None or _is_dropped(estimator):
                continue
            if not accepts_argument(estimator.fit, "sample_weight"):
                raise TypeError(f"The member {name!r} takes no sample_weight.")
            routed[name].fit["sample_weight"] = sample_weight
        return routed

    def _mean(self, log_odds):
        """Weighted mean of a list of matrices."""
        return sum(w * each for w, each in zip(self._weights, log_odds, strict=True))

    def _log_odds(self, X):
        check_is_fitted(self)
        members = zip(self.estimators_, self.calibrators_, strict=True)
        return self._mean([log_odds_of(*member, X) for member in members])

    def decision_function(self, X):
        """Weighted mean of the calibrated log-odds of the members.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features, as in `fit`.

        Returns
        -------
        log_odds : ndarray of shape (n_samples, n_labels) or (n_samples,)
            Positive if the label is predicted.
        """
        log_odds = self._log_odds(X)
        return self._encoder.as_margin(log_odds)

    def predict_proba(self, X):
        """Probability of each label.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features, as in `fit`.

        Returns
        -------
        proba : ndarray of shape (n_samples, n_labels) or (n_samples, 2)
            Probability of each label, or of both classes if `y` had one dimension.
        """
        log_odds = self._log_odds(X)
        return self._encoder.as_proba(expit(log_odds))

    def predict(self, X):
        """Predict the labels with a probability above one half.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features, as in `fit`.

        Returns
        -------
        y : {ndarray, sparse matrix} of shape (n_samples, n_labels) or (n_samples,)
            Indicator with the dtype of the `y` seen in `fit`, sparse if `y` was sparse.
            Classes if `y` had one dimension.
        """
        log_odds = self._log_odds(X)
        return self._encoder.inverse_transform(log_odds > 0)

    def get_metadata_routing(self):
        """Get metadata routing of this object.

        Returns
        -------
        routing : MetadataRouter
            Says that parameters of `fit` are passed to the `fit` of the members, and to
            the `split` of the splitter.
        """
        router = MetadataRouter(owner=self).add_self_request(self)
        mapping = MethodMapping().add(caller="fit", callee="fit")
        router.add(**self._kept(), method_mapping=mapping)
        return router.add(
            splitter=self.cv,
            method_mapping=MethodMapping().add(caller="fit", callee="split"),
        )

    def _forget_training(self):
        vars(self).pop("oof_proba_", None)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        tags.classifier_tags.multi_class = False
        # a list that is no list of pairs is refused by `fit`
        members = [each[1] for each in self.estimators if isinstance(each, tuple)]
        tags.input_tags.pairwise = any(
            get_tags(each).input_tags.pairwise
            for each in members
            if hasattr(each, "__sklearn_tags__")
        )
        return tags


def _is_dropped(estimator):
    return isinstance(estimator, str)

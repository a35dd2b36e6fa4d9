from functools import partial

import numpy as np
from sklearn import get_config
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.frozen import FrozenEstimator
from sklearn.utils import Bunch, indexable
from sklearn.utils.metadata_routing import MethodMapping, process_routing
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from skmultitag.model_selection._out_of_sample import OutOfSample, fit_out_of_sample
from skmultitag.thresholds._fbeta import FBetaThreshold
from skmultitag.utils._annotation import with_nan
from skmultitag.utils._fitted_labels import encoder_of, with_encoded_targets
from skmultitag.utils._given import check_is_data
from skmultitag.utils._inner_classifier import (
    AroundClassifierMixin,
    accepts_missing_labels,
    estimator_has,
    given_params,
    last_step,
    named_clone,
    new_encoder,
)
from skmultitag.utils._messages import shorten
from skmultitag.utils._rows import check_same_rows
from skmultitag.utils._score_transformer import with_array_output
from skmultitag.utils._scores import columns_of_margin, label_scores
from skmultitag.utils._signature import accepts_argument
from skmultitag.utils._sklearn import HasMethods, StrOptions, fit_context
from skmultitag.utils._sklearn_callbacks import (
    CallbackSupportMixin,
    begin_fit,
    data_of,
    end_fit,
)
from skmultitag.utils._target_encoder import check_not_multiclass, dense

# rare labels keep half of their own threshold at this number of positives: the best of
# those tried in examples/benchmarks/bench_thresholds_quality.py
DEFAULT_SHRINKAGE = 50


def _has_probabilities(self):
    if self.calibrator is not None:
        return True
    try:
        return estimator_has("predict_proba")(self)
    except AttributeError as exc:
        raise AttributeError(
            f"{exc}. calibrator=PlattCalibrator() makes probabilities of its scores."
        ) from exc


class ThresholdedClassifierCV(
    AroundClassifierMixin, CallbackSupportMixin, ClassifierMixin, BaseEstimator
):
    """Any multilabel classifier with thresholds tuned on out-of-fold scores.

    scikit-learn's own :class:`~sklearn.model_selection.TunedThresholdClassifierCV`
    refuses multilabel targets. Here the classifier is fitted once for each fold, for
    all labels together, and scores the rows that were left out. The thresholder is
    fitted on these scores of all rows. Last, the classifier is fitted on all rows.

    Read more in the :ref:`User Guide <out_of_fold_thresholds>`.

    Parameters
    ----------
    estimator : classifier
        Any multilabel classifier with `predict_proba` or `decision_function`, also in
        a pipeline.

    thresholder : thresholder or None, default=None
        Turns scores into decisions. None is ``FBetaThreshold(shrinkage=50)``: one
        threshold for each label, which for rare labels is near the best common
        threshold. Any transformer from scores to an indicator can be passed.

    cv : int, cross-validation generator, iterable or "prefit", default=None
        Folds. With None no folds are needed if the `fit` of the classifier computes
        scores of rows that it was not trained on, see Notes; otherwise there are 5
        folds. A number of folds keeps the frequencies of labels, see
        :class:`~skmultitag.model_selection.MultilabelStratifiedKFold`. With "prefit"
        `estimator` is already fitted, and thresholds are chosen on all rows of `fit`:
        pass rows that it was not trained on. Labels are matched by name if the
        classifier, or the last step of a pipeline, has `label_names_`.

    calibrator : transformer or None, default=None
        For example :class:`~skmultitag.calibration.PlattCalibrator`. It is fitted on
        the out-of-fold scores before the thresholder, and applied to all scores.

    n_jobs : int or None, default=None
        Number of folds that are fitted at the same time.

    refit : bool, default=True
        Whether the classifier is fitted on all rows once the thresholds are known. If
        False, the classifier that was fitted to choose them is kept, and `cv` must make
        a single split.

    store_cv_results : bool, default=False
        Whether thresholds are also chosen on the scores of each fold alone, to see how
        far they differ. It nearly triples the time to choose thresholds; the fits take
        no longer. It needs folds and a thresholder with `threshold_`: without them
        `fit` raises an error.

    missing_labels : {"error", "negative", "pass"}, default="error"
        What the classifier gets for entries of `y` that are NaN, that is not annotated.
        "error" passes NaN to a classifier of this package that leaves such entries out,
        and raises an error for all other classifiers; "negative" passes 0, as if the
        row did not have the label; "pass" passes NaN. Thresholds are always chosen on
        annotated entries. See :ref:`partial_labels`.

    Attributes
    ----------
    estimator_ : classifier
        Classifier fitted on all rows. If `refit` is False, on the training rows of the
        one split. For "prefit", the `estimator` itself.

    thresholder_ : thresholder
        Fitted on all out-of-fold scores.

    calibrator_ : transformer or None
        Fitted on all out-of-fold scores.

    threshold_ : float or ndarray of shape (n_labels,)
        The `threshold_` of `thresholder_`, if it has one.

    cv_results_ : dict or None
        None if `store_cv_results` is False. Otherwise:

        - "thresholds": ndarray of shape (n_folds,) or (n_folds, n_labels), the
          thresholds chosen on the scores of each fold alone;
        - "std_threshold": float or ndarray of shape (n_labels,), standard deviation
          over folds of the thresholds that are finite. The smaller it is, the more a
          threshold can be trusted. NaN if fewer than two are finite.

    classes_ : ndarray of shape (n_labels,), (n_labels, 2) or (2,)
        The numbers 0 to n_labels - 1. For one or two labels, a row [0, 1] for each
        label, as scikit-learn's scorers would take two numbers for the classes of one
        label. For a `y` of one dimension, its two classes.

    label_names_ : ndarray of shape (n_labels,)
        Tags, or names of the columns of `y`, or 0 to n_labels - 1. For a `y` of one
        dimension, its classes.

    n_features_in_ : int
        Number of features, if `estimator_` knows it.

    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, if `estimator_` knows them.

    See Also
    --------
    sklearn.model_selection.TunedThresholdClassifierCV : For one binary label.

    Notes
    -----
    With ``cv=None`` no folds are fitted for classifiers whose `fit` computes scores of
    rows that they were not trained on:

    - kernel ridge, ML-kNN and the vote of this package, and any other classifier that
      has one of the attributes `loo_decision_function_`, `oof_decision_function_` or,
      with `predict_proba`, `loo_proba_`, `oof_proba_`;
    - forests and bagging of scikit-learn with ``oob_score=True``, which have
      `oob_decision_function_`. Rows that all trees were trained on are left out;
    - these classifiers at the end of a pipeline of scikit-learn's transformers that do
      not use the target, such as scalers and PCA, or of any transformers that need no
      `fit`. The transformers are fitted on all rows, which folds would avoid;
    - these classifiers for one label each, in
      :class:`~sklearn.multioutput.MultiOutputClassifier` and
      :class:`~sklearn.multiclass.OneVsRestClassifier`.

    If `groups` are passed, folds are always fitted, and keep the rows of each group
    together.

    Examples
    --------
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from skmultitag.datasets import make_multitag_classification
    >>> from skmultitag.thresholds import ThresholdedClassifierCV
    >>> X, y = make_multitag_classification(n_samples=200, random_state=0)
    >>> forest = RandomForestClassifier(n_estimators=10, random_state=0)
    >>> model = ThresholdedClassifierCV(forest, cv=3).fit(X, y)
    >>> model.threshold_.shape, model.predict(X).shape
    ((10,), (200, 10))
    """

    _parameter_constraints = {
        "estimator": [HasMethods(["fit"])],
        "thresholder": [HasMethods(["fit", "transform"]), None],
        "cv": ["cv_object", StrOptions({"prefit"})],
        "calibrator": [HasMethods(["fit", "transform"]), None],
        "n_jobs": [None, int],
        "refit": ["boolean"],
        "store_cv_results": ["boolean"],
        "missing_labels": [StrOptions({"error", "negative", "pass"})],
    }

    def __init__(
        self,
        estimator,
        thresholder=None,
        *,
        cv=None,
        calibrator=None,
        n_jobs=None,
        refit=True,
        store_cv_results=False,
        missing_labels="error",
    ):
        self.estimator = estimator
        self.thresholder = thresholder
        self.cv = cv
        self.calibrator = calibrator
        self.n_jobs = n_jobs
        self.refit = refit
        self.store_cv_results = store_cv_results
        self.missing_labels = missing_labels

    @property
    def _accepts_missing_labels(self):
        return self.missing_labels != "error" or accepts_missing_labels(self.estimator)

    @fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y, **params):
        """Choose thresholds on out-of-fold scores, and fit the classifier.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features in any form that the classifier takes.

        y : {array-like, sparse matrix} of shape (n_samples, n_labels), list of \
                n_samples lists of tags, or array-like of shape (n_samples,)
            Indicator of 0 and 1, tags of each row, or two classes. The classifier gets
            indicators and tags as an array of int64.

        **params : dict
            Parameters of the `fit` of the classifier. `sample_weight` is also passed to
            calibrator and thresholder, if they take it; `groups` is passed to the
            splitter only. Each fold gets its rows of `sample_weight`, `base_margin`,
            `init_score` and `baseline`. Everything else is passed whole; `y_val` and
            the targets of `eval_set` must have the form of `y`. With metadata routing,
            classifier, calibrator, thresholder and splitter get what they request.

        Returns
        -------
        self : object
            The fitted estimator.
        """
        check_is_data(X, "X")  # also None, which has no rows to leave out
        check_same_rows(X=X, y=y)
        X, y = indexable(X, y)
        indicator, encoder = self._indicator_of(y)
        check_not_multiclass(encoder)
        params = with_encoded_targets(given_params(params, X), encoder)
        routed = self._route(params)
        # all classifiers take this form, and none reads it in a way of its own
        indicator = dense(indicator)
        y = encoder.as_target(indicator)
        indicator = with_nan(indicator)

        # in the following block, we:
        # - fit the classifier that will predict, and get scores of rows from models
        #   that were not fitted on them: for "prefit" of all rows
        # - fit calibrator and thresholder on these scores, all folds together
        # - set attributes last, so that an error leaves the estimator as it was
        data = data_of(X, y, params.get("sample_weight"))
        begin = partial(begin_fit, self, data)
        fitted = self._out_of_sample(X, y, encoder, routed, begin)
        estimator, rows, scores, folds, task = fitted
        calibrator, thresholder = self._fit_decision(
            scores, indicator[rows], encoder, routed, rows
        )
        _check_decisions(calibrator, thresholder, scores[:1])
        cv_results = None
        if self.store_cv_results:
            self._check_storable(folds, thresholder)
            cv_results = self._cv_results(folds, indicator, encoder, routed)
        self.calibrator_, self.thresholder_ = calibrator, thresholder
        self.cv_results_ = cv_results
        self.estimator_ = estimator
        self._describe(encoder, estimator)
        end_fit(task, self, data)
        return self

    def _indicator_of(self, y):
        """The target as an indicator, and the encoder that goes with it."""
        known = encoder_of(self.estimator) if self._is_prefit() else None
        if known is not None:  # the columns of its scores must be those of y
            return known.like(y, allow_missing=True)
        form, encoder = self._read_target(y), self._new_encoder()
        if self._is_prefit():
            _check_ordered(form, self.estimator)
        return encoder.fit_transform(form, allow_missing=True), encoder

    def _out_of_sample(self, X, y, encoder, routed, begin):
        """The classifier that predicts, and scores of rows that it has not seen."""
        if self._is_prefit():
            scores = label_scores(self.estimator, X, encoder.n_outputs_)
            return OutOfSample(self.estimator, slice(None), scores, [], begin(0))
        return fit_out_of_sample(
            self.estimator,
            X,
            y,
            encoder,
            routed.estimator.fit,
            cv=self.cv,
            split_params=routed.splitter.split,
            refit=self.refit,
            n_jobs=self.n_jobs,
            begin=begin,
            caller=self,
            missing_labels=self.missing_labels,
        )

    def _new_encoder(self):
        return new_encoder(self.estimator)

    @property
    def threshold_(self):
        return self.thresholder_.threshold_

    def _is_prefit(self):
        return isinstance(self.cv, str) or isinstance(self.estimator, FrozenEstimator)

    def _check_storable(self, folds, thresholder):
        """Raise if there are no thresholds of folds for `cv_results_`."""
        name = type(last_step(self.estimator)).__name__
        if self._is_prefit():
            why = "the classifier is fitted already"
            cure = "Pass one that is not fitted, with a number as cv, such as 5"
        elif not folds:
            why = f"{name} has scores of rows that it was not trained on without folds"
            cure = "Pass a number as cv, such as 5"
        elif not hasattr(thresholder, "threshold_"):
            why = f"{type(thresholder).__name__} has no threshold_"
            cure = "Pass another thresholder"
        else:
            return
        raise ValueError(
            "store_cv_results=True stores the thresholds of each fold, but there are"
            f" none: {why}. {cure}, or store_cv_results=False."
        )

    def _cv_results(self, folds, indicator, encoder, routed):
        """Thresholds of each fold, and how far they differ."""
        thresholds = []
        for number, (rows, scores, _) in enumerate(folds):
            is_two_classes = indicator.shape[1] == 1  # StratifiedKFold warns
            if not is_two_classes and not (indicator[rows] == 1).any():
                raise ValueError(
                    f"The rows left out in fold {number} have no positive of any label,"
                    " so no threshold can be chosen on them. Use fewer folds, shuffled"
                    " folds, or store_cv_results=False."
                )
            _, thresholder = self._fit_decision(
                scores, indicator[rows], encoder, routed, rows
            )
            thresholds.append(thresholder.threshold_)
        thresholds = np.array(thresholds)
        return {"thresholds": thresholds, "std_threshold": _finite_std(thresholds)}

    def _fit_decision(self, scores, indicator, encoder, routed, rows):
        """Calibrator (or None) and thresholder, fitted on the scores of `rows`."""
        calibrator = self.calibrator
        if calibrator is not None:
            calibrator = with_array_output(named_clone(calibrator, encoder)).fit(
                scores, indicator, **_params_of(routed.calibrator.fit, rows)
            )
            scores = calibrator.transform(scores)
        thresholder = named_clone(self._thresholder(), encoder)
        thresholder = with_array_output(thresholder).fit(
            scores, indicator, **_params_of(routed.thresholder.fit, rows)
        )
        return calibrator, thresholder

    def _thresholder(self):
        if self.thresholder is not None:
            return self.thresholder
        thresholder = FBetaThreshold(shrinkage=DEFAULT_SHRINKAGE)
        if get_config()["enable_metadata_routing"]:
            thresholder.set_fit_request(sample_weight=True)
        return thresholder

    def _route(self, params):
        """What each part gets."""
        if get_config()["enable_metadata_routing"]:
            routed = process_routing(self, "fit", **params)
            if self.calibrator is None:
                routed.calibrator = Bunch(fit={})
            return routed
        split = {"groups": params.pop("groups")} if "groups" in params else {}
        weight = {k: v for k, v in params.items() if k == "sample_weight"}

        def weight_for(part):
            takes_it = part is not None and accepts_argument(part.fit, "sample_weight")
            return Bunch(fit=weight if takes_it else {})

        return Bunch(
            estimator=Bunch(fit=params),
            calibrator=weight_for(self.calibrator),
            thresholder=weight_for(self._thresholder()),
            splitter=Bunch(split=split),
        )

    def _scores(self, X):
        check_is_fitted(self)
        scores = label_scores(self.estimator_, X, self._encoder.n_outputs_)
        if self.calibrator_ is None:
            return scores
        return self.calibrator_.transform(scores)

    def predict(self, X):
        """Predict the labels of each row with the thresholds.

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
        scores = self._scores(X)
        indicator = self.thresholder_.transform(scores) == 1
        return self._encoder.inverse_transform(indicator)

    @available_if(estimator_has("decision_function"))
    def decision_function(self, X):
        """Decision function of the classifier, unchanged.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features, as in `fit`.

        Returns
        -------
        scores : ndarray of shape (n_samples, n_labels) or (n_samples,)
            Scores without calibration. `threshold_` does not change them.
        """
        check_is_fitted(self)
        check_is_data(X, "X")
        margin = self.estimator_.decision_function(X)
        is_binary = self._encoder.kind_ == "binary"
        return margin if is_binary else columns_of_margin(margin)

    @available_if(_has_probabilities)
    def predict_proba(self, X):
        """Scores of the classifier, calibrated if there is a calibrator.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features, as in `fit`.

        Returns
        -------
        proba : ndarray of shape (n_samples, n_labels) or (n_samples, 2)
            Probability of each label, or of both classes if `y` had one dimension.
        """
        proba = self._scores(X)
        return self._encoder.as_proba(proba)

    def get_metadata_routing(self):
        """Get metadata routing of this object.

        Returns
        -------
        routing : MetadataRouter
            Says that parameters of `fit` are passed to the `fit` of classifier,
            calibrator and thresholder, and to the `split` of the splitter.
        """
        mapping = MethodMapping().add(caller="fit", callee="fit")
        router = super().get_metadata_routing()
        router.add(thresholder=self._thresholder(), method_mapping=mapping)
        if self.calibrator is not None:
            router.add(calibrator=self.calibrator, method_mapping=mapping)
        return router.add(
            splitter=self.cv,
            method_mapping=MethodMapping().add(caller="fit", callee="split"),
        )


def _check_ordered(form, estimator):
    """Raise if labels have names only, which a fitted classifier does not know."""
    if form.kind == "tags" or form.of_dicts:
        check_is_fitted(estimator)
        raise ValueError(
            "y must be an indicator, as the fitted"
            f" {type(estimator).__name__} does not know names of labels. Got"
            f" {'tags' if form.kind == 'tags' else 'dicts'}. Pass the columns in the"
            " order in which it was fitted."
        )


def _check_decisions(calibrator, thresholder, scores):
    """Raise if the thresholder does not decide, tried on one row."""
    if calibrator is not None:
        scores = calibrator.transform(scores)
    decisions = np.asarray(thresholder.transform(scores))
    if decisions.shape != scores.shape or not np.isin(decisions, (0, 1)).all():
        raise ValueError(
            "thresholder must turn scores into an indicator of 0 and 1."
            f" {thresholder} turned {shorten(scores)} into {shorten(decisions)}. If it"
            " turns scores into other scores, pass it as calibrator."
        )


def _finite_std(thresholds):
    """Standard deviation over folds of the thresholds that are finite."""
    is_finite = np.isfinite(thresholds)
    n_finite = is_finite.sum(axis=0)
    n_folds = np.where(n_finite > 1, n_finite, np.nan)
    finite = np.where(is_finite, thresholds, 0)
    mean = finite.sum(axis=0) / n_folds
    squares = np.where(is_finite, (finite - mean) ** 2, 0)
    return np.sqrt(squares.sum(axis=0) / n_folds)


def _params_of(params, rows):
    return {name: np.asarray(value)[rows] for name, value in params.items()}

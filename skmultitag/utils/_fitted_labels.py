"""The labels of a fitted classifier, by which targets are paired with its scores."""

import numpy as np
from sklearn.frozen import FrozenEstimator

from skmultitag.utils._annotation import with_nan
from skmultitag.utils._messages import shorten, warn
from skmultitag.utils._target_encoder import TargetEncoder
from skmultitag.utils._target_forms import check_tags, read_form


def encoder_of(estimator):
    """The encoder of a fitted classifier of this package, or None.

    Also if it is the end of a pipeline, the best of a search, or frozen.
    """
    while estimator is not None:
        if isinstance(getattr(estimator, "_encoder", None), TargetEncoder):
            return estimator._encoder
        estimator = further_in(estimator)
    return None


def further_in(estimator):
    """What predicts inside of a search, a pipeline or a frozen estimator, or None."""
    if hasattr(estimator, "best_estimator_"):
        return estimator.best_estimator_
    if hasattr(estimator, "steps"):
        return estimator.steps[-1][1]
    if isinstance(estimator, FrozenEstimator):
        return estimator.estimator
    return None


def target_for(estimator, y, name="y"):
    """A target as scikit-learn's metrics take it, in the columns of `estimator`.

    Parameters
    ----------
    estimator : classifier
        Fitted.

    y : array-like, sparse matrix or list of tag lists
        See :class:`~skmultitag.MultiTagClassifier`.

    name : str, default="y"
        What error messages call it.

    Returns
    -------
    y : ndarray or CSR matrix of shape (n_samples, n_labels), or array-like of shape \
            (n_samples,)
        Sparse for sparse `y` only. As it is if it has one dimension. With NaN, of
        float64, where entries are not annotated: see `metric_of_annotated`.

    Warns
    -----
    UserWarning
        If there are tags that the classifier does not know: they are left out. In a
        cross-validation these are the tags that no row of a training part has.

    Raises
    ------
    ValueError
        If `y` has columns that the classifier does not know, or holds tags and the
        classifier has no names of labels.
    """
    encoder = encoder_of(estimator)
    if encoder is not None and encoder.kind_ == "multilabel":
        form = _without_unknown(y, encoder, name)
        indicator, new = encoder.like(form, name=name, allow_missing=True)
        if not new.is_sparse_:
            return encoder.as_target(indicator)
        return with_nan(indicator)
    form = read_form(y, name)
    if form.kind == "tags":
        raise ValueError(
            f"{name} holds tags, but {type(estimator).__name__} has no names of labels"
            " to pair them with: pass an indicator, such as"
            " sklearn.preprocessing.MultiLabelBinarizer makes."
        )
    is_one_dimensional = form.kind == "column" and np.ndim(form.data) == 1
    return y if is_one_dimensional else form.data


def is_one_label(estimator, y):
    """Whether a target is an indicator of one label, and not of two classes."""
    encoder = encoder_of(estimator)
    if encoder is not None:
        return encoder.kind_ == "multilabel" and encoder.n_outputs_ == 1
    form = read_form(y)
    return form.kind == "indicator" and form.data.shape[1] == 1


def _without_unknown(y, encoder, name):
    form = encoder.read_like(y, name)
    if form.kind != "tags":
        return form
    known = set(encoder.label_names_.tolist())
    unknown = check_tags(form.data, name).difference(known)
    if not unknown:
        return form
    warn(
        f"{name} has tags that the classifier has not seen, such as"
        f" {shorten(next(iter(unknown)))}: they are left out of the score. To count"
        " them as labels that are never predicted, pass an indicator of all labels."
    )
    return form._replace(data=[known.intersection(tags) for tags in form.data])


def with_encoded_targets(params, encoder):
    """Targets among the parameters of `fit` in the form that the classifier gets."""

    def encoded(y, name):
        return encoder.as_target(encoder.transform(y, name=name, allow_missing=True))

    new = {}
    for name, value in params.items():
        last = name.rpartition("__")[2]  # of the step of a pipeline
        if last == "y_val":
            value = encoded(value, name)
        elif last == "eval_set":  # of boosting
            value = [(X, encoded(y, name)) for X, y in value]
        new[name] = value
    return new

"""Estimators of others inside of a conversion, by skl2onnx."""

import numpy as np
from skl2onnx._parse import _parse_sklearn
from skl2onnx._supported_operators import sklearn_operator_name_map
from skl2onnx.common._registration import get_converter
from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline

from skmultitag.utils._messages import shorten

TENSOR_TYPES = {
    np.dtype(np.float32): FloatTensorType,
    np.dtype(np.float64): DoubleTensorType,
}


def unwrapped(estimator):
    """What predicts in a search or a frozen estimator, also at the end of a pipeline.

    Steps of a pipeline that do nothing in a prediction are left out, such as samplers.
    """
    if hasattr(estimator, "best_estimator_"):
        return unwrapped(estimator.best_estimator_)
    if isinstance(estimator, FrozenEstimator):
        return unwrapped(estimator.estimator)
    if not isinstance(estimator, Pipeline):
        return estimator
    *steps, (name, last) = estimator.steps
    steps = [
        (each, step)
        for each, step in steps
        if step not in (None, "passthrough") and not hasattr(step, "fit_resample")
    ]
    return Pipeline([*steps, (name, unwrapped(last))])


def write_classifier(graph, classifier, inputs):
    """Add a fitted classifier inside of a conversion, with tensors as its outputs.

    Parameters
    ----------
    graph : Graph

    classifier : estimator
        What `unwrapped` returns. Without `predict_proba` its margins are asked for.

    inputs : list of Variable
        Of the operator that is converted.

    Returns
    -------
    outputs : list of Variable
        Labels, then scores.
    """
    last = classifier[-1] if isinstance(classifier, Pipeline) else classifier
    wants_margins = not hasattr(classifier, "predict_proba")
    if wants_margins and "raw_scores" not in _allowed_options(last):
        raise ValueError(
            f"skl2onnx can't write the decision_function of {type(last).__name__},"
            " which has no predict_proba. Use a classifier that has one."
        )
    _set_options(graph, last, zipmap=False, raw_scores=wants_margins)
    return _parse_sklearn(graph.scope, classifier, inputs)


def _set_options(graph, estimator, **options):
    """Set those options of a converter that it has."""
    allowed = _allowed_options(estimator)
    options = {name: value for name, value in options.items() if name in allowed}
    graph.scope.add_options(id(estimator), options)
    graph.container.add_options(id(estimator), options)


def _allowed_options(estimator):
    """Options of the converter of an estimator."""
    alias = sklearn_operator_name_map.get(type(estimator))
    if alias is None:
        raise ValueError(
            f"skl2onnx has no converter for {shorten(estimator)}, so that it can't be"
            " written as ONNX. skl2onnx.update_registered_converter registers one."
        )
    options = get_converter(alias).get_allowed_options()
    return {} if options in (None, "passthrough") else options


def write_estimator(graph, estimator, X, n_features, dtype):
    """Add the prediction of an estimator inside of a conversion.

    Parameters
    ----------
    graph : Graph

    estimator : estimator
        Fitted: a transformer, regressor or classifier that skl2onnx knows.

    X : str
        Tensor of shape (n_samples, n_features).

    n_features : int

    dtype : numpy dtype
        Of `X`.

    Returns
    -------
    output : str
        What its `transform`, or else `predict`, returns.
    """
    _set_options(graph, estimator, zipmap=False)
    tensor_type = TENSOR_TYPES[np.dtype(dtype)]([None, n_features])
    variable = graph.scope.declare_local_variable("features", tensor_type)
    graph("Identity", X, output=variable.full_name)
    variable.init_status(is_fed=True)
    return _parse_sklearn(graph.scope, estimator, [variable])[0].full_name

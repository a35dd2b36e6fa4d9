"""Estimators inside of a conversion, by skl2onnx."""

import numpy as np
from skl2onnx import convert_sklearn
from skl2onnx._supported_operators import sklearn_operator_name_map
from skl2onnx.common._registration import get_converter
from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline

from skmultitag.utils._inner_classifier import last_step
from skmultitag.utils._messages import shorten

TENSOR_TYPES = {
    np.dtype(np.float32): FloatTensorType,
    np.dtype(np.float64): DoubleTensorType,
}


def unwrapped(estimator):
    """What predicts in a search or a frozen estimator, also in a pipeline.

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
        (each, unwrapped(step))
        for each, step in steps
        if step not in (None, "passthrough") and not hasattr(step, "fit_resample")
    ]
    return Pipeline([*steps, (name, unwrapped(last))])


def write_classifier(graph, classifier, inputs, dtype, *, with_labels=False):
    """Add a fitted classifier.

    Parameters
    ----------
    graph : Graph

    classifier : estimator
        What `unwrapped` returns.

    inputs : list of (name, type of skl2onnx, tensor)
        What it takes.

    dtype : numpy dtype
        Of its scores.

    with_labels : bool, default=False
        Whether the labels come before the scores.

    Returns
    -------
    outputs : list of str
        The first are scores: those of `predict_proba`, or else of `decision_function`.
        The last are those of `decision_function`, for classifiers of this package.
    """
    last = last_step(classifier)
    wants_margins = not hasattr(classifier, "predict_proba")
    if wants_margins and "raw_scores" not in _allowed_options(last):
        raise ValueError(
            f"skl2onnx can't write the decision_function of {type(last).__name__},"
            " which has no predict_proba. Use a classifier that has one."
        )
    options = {"zipmap": False, "raw_scores": wants_margins}
    outputs = slice(0 if with_labels else 1, None)
    return _write(graph, classifier, last, inputs, dtype, options, outputs)


def write_estimator(graph, estimator, X, n_features, dtype):
    """Add the prediction of a transformer, regressor or classifier.

    Parameters
    ----------
    graph : Graph

    estimator : estimator
        Fitted.

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
    inputs = [("X", TENSOR_TYPES[np.dtype(dtype)]([None, n_features]), X)]
    first = slice(1)
    parts = estimator, estimator, inputs, dtype, {"zipmap": False}, first
    [output] = _write(graph, *parts)
    return output


def _write(graph, estimator, last, inputs, dtype, options, outputs):
    allowed = _allowed_options(last)
    options = {name: value for name, value in options.items() if name in allowed}
    try:
        model = convert_sklearn(
            estimator,
            initial_types=[(name, tensor_type) for name, tensor_type, _ in inputs],
            target_opset=dict(graph.container.target_opset_all),
            options={id(last): options} if options else None,
        )
    except Exception as exc:
        raise ValueError(
            f"skl2onnx can't write {shorten(estimator)}. It says: {shorten(str(exc))}"
        ) from exc
    names = [output.name for output in model.graph.output]
    return graph.merge(model, [tensor for *_, tensor in inputs], names[outputs], dtype)


def _allowed_options(estimator):
    """Options of the converter of an estimator."""
    alias = sklearn_operator_name_map.get(type(estimator))
    if alias is None:
        raise ValueError(
            f"skl2onnx has no converter for {shorten(estimator)}, so it can't be"
            " written as ONNX. Register one with skl2onnx.update_registered_converter."
        )
    options = get_converter(alias).get_allowed_options()
    return {} if options in (None, "passthrough") else options

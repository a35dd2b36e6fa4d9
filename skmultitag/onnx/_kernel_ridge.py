"""Scores of kernel ridge, as operators of ONNX."""

import numpy as np

from skmultitag.kernel_ridge._kernels import divided
from skmultitag.utils._messages import shorten
from skmultitag.utils._target_encoder import dense

_OF_DISTANCES = {"rbf", "exponential"}
_OF_PRODUCTS = {"linear", "poly", "polynomial"}


def write_kernel_ridge(graph, model, X):
    """Add the `decision_function` of a KernelRidgeClassifierCV.

    Parameters
    ----------
    graph : Graph

    model : KernelRidgeClassifierCV
        Fitted.

    X : str
        Tensor of shape (n_samples, n_features), of the dtype of `model.intercept_`.

    Returns
    -------
    scores : str
        Tensor of shape (n_samples, n_outputs), of that dtype.
    """
    if hasattr(model, "coef_"):
        features, coef = X, np.ascontiguousarray(model.coef_.T)
    else:
        features, coef = _write_kernel(graph, model, X), model.dual_coef_
    return graph("Add", graph("MatMul", features, coef), model.intercept_)


def write_stacked_kernel_ridge(graph, model, X):
    """Add the `decision_function` of a StackedKernelRidgeClassifierCV, likewise."""
    dtype = model.first_.intercept_.dtype
    of_features, of_labels = model._scales
    first = write_kernel_ridge(graph, model.first_, X)
    if of_features is not None:
        X = graph("Mul", X, (1 / of_features).astype(dtype))
    scaled = graph("Mul", first, np.asarray(of_labels, dtype))
    both = graph("Concat", X, scaled, axis=1)
    second = write_kernel_ridge(graph, model.second_, both)
    return graph("Mul", graph("Add", first, second), np.asarray(0.5, dtype))


def _write_kernel(graph, model, X):
    mean = model._make_kernel(model.gamma_, model.scale_)
    for kernel in mean.kernels:
        if not (isinstance(kernel, str) and kernel in _OF_DISTANCES | _OF_PRODUCTS):
            raise ValueError(
                f"kernel={shorten(kernel)} can't be written as ONNX. Those that can are"
                f" {sorted(_OF_DISTANCES | _OF_PRODUCTS)}, and means of them."
            )
    rows = dense(divided(model.X_fit_, model.scale_))
    if model.scale_ is not None:
        X = graph("Mul", X, (1 / model.scale_).astype(rows.dtype))
    parts = []
    # in float64, as scikit-learn has distances: differences of large numbers
    X, rows = graph.cast(X, np.float64), graph.cast(graph.constant(rows), np.float64)
    products = graph("MatMul", X, graph("Transpose", rows, perm=[1, 0]))
    squared = None
    if _OF_DISTANCES.intersection(mean.kernels):
        squared = _squared_distances(graph, X, rows, products)
    for kernel, gamma in zip(mean.kernels, mean.gammas, strict=True):
        if kernel in _OF_DISTANCES:
            distance = graph("Sqrt", squared) if kernel == "exponential" else squared
            part = graph("Exp", graph("Mul", distance, np.array(-gamma)))
        elif kernel == "linear":
            part = products
        else:
            part = graph("Mul", products, np.array(gamma))
            part = graph("Add", part, np.array(float(model.coef0)))
            part = graph("Pow", part, np.array(float(model.degree)))
        parts.append(part)
    # ONNX Runtime has no Mean of float64
    K = graph("Div", graph("Sum", *parts), np.array(float(len(parts))))
    return graph.cast(K, model.intercept_.dtype)


def _squared_distances(graph, X, rows, products):
    of_X = graph("ReduceSumSquare", X, np.array([1]))
    of_rows = graph("ReduceSumSquare", rows, np.array([1]))
    sums = graph("Add", of_X, graph("Transpose", of_rows, perm=[1, 0]))
    squared = graph("Sub", sums, graph("Mul", products, np.array(2.0)))
    return graph("Max", squared, np.array(0.0))

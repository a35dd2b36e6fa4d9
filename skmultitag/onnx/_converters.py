"""Converters of the classifiers, in the form that skl2onnx asks for."""

import numpy as np
import torch
from scipy.special import logit
from skl2onnx import update_registered_converter
from skl2onnx.common.data_types import (
    DoubleTensorType,
    Int64TensorType,
    StringTensorType,
)
from sklearn.multioutput import MultiOutputClassifier

from skmultitag import MultiTagClassifier, ThresholdedClassifierCV
from skmultitag.ensemble import MultilabelVotingClassifier
from skmultitag.hierarchy import HierarchicalClassifier
from skmultitag.kernel_ridge import (
    KernelRidgeClassifierCV,
    StackedKernelRidgeClassifierCV,
)
from skmultitag.multioutput import BinaryRelevanceClassifier
from skmultitag.multioutput._binary_relevance_classifier import is_constant
from skmultitag.neural_network._parameter_checks import check_threshold
from skmultitag.onnx._decision import (
    write_calibrator,
    write_comparison,
    write_log_odds,
    write_thresholder,
)
from skmultitag.onnx._graph import Graph
from skmultitag.onnx._hierarchy import write_max_over_descendants
from skmultitag.onnx._kernel_ridge import write_kernel_ridge, write_stacked_kernel_ridge
from skmultitag.onnx._network import write_link, write_network
from skmultitag.onnx._sub_estimator import (
    TENSOR_TYPES,
    unwrapped,
    write_classifier,
)
from skmultitag.utils._fitted_labels import encoder_of
from skmultitag.utils._hierarchy import descendant_pairs
from skmultitag.utils._inner_classifier import last_step
from skmultitag.utils._messages import shorten
from skmultitag.utils._target_forms import truth_of

_KERNEL_RIDGES = KernelRidgeClassifierCV, StackedKernelRidgeClassifierCV
_RAW_SCORES = {"raw_scores": [True, False]}


def register_converters():
    """Make the classifiers known to skl2onnx."""
    # as classifiers of scikit-learn have it; outputs are tensors in any case
    options = {"zipmap": [False, True]}
    for classifier, convert, others in (
        *((each, _convert_kernel_ridge, _RAW_SCORES) for each in _KERNEL_RIDGES),
        (BinaryRelevanceClassifier, _convert_binary_relevance, _RAW_SCORES),
        (HierarchicalClassifier, _convert_hierarchical, _RAW_SCORES),
        (MultiTagClassifier, _convert_multi_tag, {}),
        (MultilabelVotingClassifier, _convert_vote, {}),
        (ThresholdedClassifierCV, _convert_thresholded, _RAW_SCORES),
    ):
        update_registered_converter(
            classifier,
            _alias(classifier),
            _set_shapes,
            convert,
            parser=_parse,
            options={**options, **others},
        )


def _alias(classifier):
    return f"Skmultitag{classifier.__name__}"


def _parse(scope, model, inputs, custom_parsers=None):
    """Declare what the operator of a classifier takes and returns."""
    operator = scope.declare_local_operator(_alias(type(model)), model)
    operator.inputs = inputs
    for name, tensor_type in _output_types(model, _dtype_of_scores(inputs)).items():
        variable = scope.declare_local_variable(name, tensor_type)
        operator.outputs.append(variable)
    return operator.outputs


def _dtype_of_scores(inputs):
    # integers are computed in float64
    is_double = isinstance(inputs[0].type, (DoubleTensorType, Int64TensorType))
    return np.dtype(np.float64 if is_double else np.float32)


def _output_types(model, dtype):
    """Types of the outputs by name: what the methods of the model return."""
    encoder = model._encoder
    scores_type, n_outputs = TENSOR_TYPES[dtype], encoder.n_outputs_
    if encoder.kind_ == "multilabel":
        types = {"label": Int64TensorType([None, n_outputs])}
    elif encoder.classes_.dtype.kind in "iu":
        types = {"label": Int64TensorType([None])}
    elif all(isinstance(name, str) for name in encoder.classes_.tolist()):
        types = {"label": StringTensorType([None])}
    else:
        raise ValueError(
            "The classes of a y of one dimension must be integers or strings to be"
            f" written as ONNX. Got {shorten(encoder.classes_)}."
        )
    n_columns = n_outputs if encoder.kind_ == "multilabel" else len(encoder.classes_)
    if hasattr(model, "predict_proba"):
        types["probabilities"] = scores_type([None, n_columns])
    if _gives_margins(model):
        is_binary = encoder.kind_ == "binary"
        types["scores"] = scores_type([None] if is_binary else [None, n_outputs])
    return types


def _gives_margins(model):
    """Whether `decision_function` is an output."""
    if isinstance(model, HierarchicalClassifier):
        return _gives_margins(last_step(unwrapped(model.estimator_)))
    # skl2onnx gives margins or probabilities of a classifier, not both
    if isinstance(model, BinaryRelevanceClassifier):
        return not hasattr(model, "predict_proba")
    if not isinstance(model, ThresholdedClassifierCV):
        return True
    inner = unwrapped(model.estimator_)
    if encoder_of(inner) is None:
        return not hasattr(inner, "predict_proba")
    return _gives_margins(last_step(inner))


def _set_shapes(operator):
    n_samples = operator.inputs[0].get_first_dimension()
    for output in operator.outputs:
        output.type.shape = [n_samples, *output.type.shape[1:]]


# Converters write operators


def _convert_multi_tag(scope, operator, container):
    graph, model = Graph(scope, container), operator.raw_operator
    encoder, reader = model._encoder, model._score_reader
    is_single = model.net_.iterator_valid__dtype == torch.float32
    of_net = np.dtype(np.float32 if is_single else np.float64)
    dtype = _dtype_of_scores(operator.inputs)
    [X] = (variable.full_name for variable in operator.inputs)
    X, n_features = graph.cast(X, of_net), model.n_features_in_
    logits = write_network(graph, model.net_.module_, X, n_features, of_net)
    if model.init_ is not None:
        inputs = [("X", TENSOR_TYPES[of_net]([None, n_features]), X)]
        member = model.init_, model._init_calibrator
        offsets = _write_member(graph, *member, inputs, of_net)
        logits = graph("Add", logits, offsets)
    margin, proba = (
        _with_unseen_last(graph, graph.cast(values, dtype), reader, constant, dtype)
        for values, constant in zip(
            write_link(graph, model.loss_, logits, encoder.n_outputs_, of_net),
            (logit(reader._proba_of_unseen()), reader._proba_of_unseen()),
            strict=True,
        )
    )
    proba = _clipped(graph, proba, dtype)
    threshold = check_threshold(model.threshold, encoder)
    if isinstance(threshold, str):
        label = _label_of_margin(graph, encoder, margin, dtype)
    else:
        threshold = np.where(reader.is_unseen, np.inf, threshold)
        is_predicted = write_comparison(graph, proba, threshold, dtype)
        label = _label(graph, encoder, is_predicted)
    if encoder.kind_ == "multiclass":
        total = graph("ReduceSum", proba, np.array([1]))
        proba = _clipped(graph, graph("Div", proba, total), dtype)
    else:
        proba = _proba(graph, encoder, proba, dtype)
        proba = _clipped(graph, proba, dtype) if encoder.kind_ == "binary" else proba
    _finish(graph, operator, label=label, probabilities=proba, scores=margin)


def _convert_kernel_ridge(scope, operator, container):
    graph, model = Graph(scope, container), operator.raw_operator
    encoder, of_model = model._encoder, _dtype_of_kernel_ridge(model)
    [X] = (variable.full_name for variable in operator.inputs)
    X = graph.cast(X, of_model)
    if isinstance(model, StackedKernelRidgeClassifierCV):
        scores = write_stacked_kernel_ridge(graph, model, X)
    else:
        scores = write_kernel_ridge(graph, model, X)
    label = _label_of_margin(graph, encoder, scores, of_model)
    scores = graph.cast(scores, _dtype_of_scores(operator.inputs))
    _finish(graph, operator, label=label, scores=scores)


def _dtype_of_kernel_ridge(model):
    is_stacked = isinstance(model, StackedKernelRidgeClassifierCV)
    return (model.first_ if is_stacked else model).intercept_.dtype


def _convert_vote(scope, operator, container):
    graph, model = Graph(scope, container), operator.raw_operator
    encoder, dtype = model._encoder, _dtype_of_scores(operator.inputs)
    inputs = _inputs_of(operator)
    parts = [
        graph("Mul", _write_member(graph, *member, inputs, dtype), weight.astype(dtype))
        for *member, weight in zip(
            model.estimators_, model.calibrators_, model._weights, strict=True
        )
    ]
    log_odds = graph("Sum", *parts)
    proba = graph.sigmoid(log_odds, dtype)
    _finish(
        graph,
        operator,
        label=_label_of_margin(graph, encoder, log_odds, dtype),
        probabilities=_proba(graph, encoder, proba, dtype),
        scores=log_odds,
    )


def _write_member(graph, classifier, calibrator, inputs, dtype):
    """Add the calibrated log-odds of a classifier, those of `log_odds_of`."""
    n_labels = calibrator.n_features_in_
    _, scores = _write_scores(graph, unwrapped(classifier), inputs, n_labels, dtype)
    return write_log_odds(graph, calibrator, scores, dtype)


def _write_scores(graph, classifier, inputs, n_labels, dtype):
    """Add a classifier.

    Returns
    -------
    outputs : list of str
        Those of `write_classifier`.

    scores : str
        As `label_scores` reads them.
    """
    outputs = write_classifier(graph, classifier, inputs, dtype)
    scores = _label_scores(graph, classifier, outputs[0], n_labels, dtype)
    return outputs, graph.cast(scores, dtype)


def _inputs_of(operator):
    return [(each.raw_name, each.type, each.full_name) for each in operator.inputs]


def _with_unseen_last(graph, values, reader, constant, dtype):
    if not reader.is_unseen.any():
        return values
    is_unseen = reader.is_unseen[None]
    others = graph("Where", is_unseen, np.asarray(constant, dtype), values)
    smallest = graph("ReduceMin", others, np.array([1]))
    return graph("Where", is_unseen, smallest, values)


def _clipped(graph, proba, dtype):
    limits = np.finfo(dtype)
    least, most = limits.tiny, 1 - limits.epsneg
    return graph("Clip", proba, np.asarray(least, dtype), np.asarray(most, dtype))


def _convert_thresholded(scope, operator, container):
    graph, model = Graph(scope, container), operator.raw_operator
    encoder, inner = model._encoder, unwrapped(model.estimator_)
    dtype, is_own = _dtype_of_scores(operator.inputs), encoder_of(inner) is not None
    outputs, scores = _write_scores(
        graph, inner, _inputs_of(operator), encoder.n_outputs_, dtype
    )
    proba = write_calibrator(
        graph, model.calibrator_, scores, encoder.n_outputs_, dtype
    )
    is_predicted = write_thresholder(
        graph,
        model.thresholder_,
        proba,
        encoder.n_outputs_,
        dtype,
        is_rounded=not is_own or _is_rounded(inner, dtype),
    )
    _finish(
        graph,
        operator,
        label=_label(graph, encoder, is_predicted),
        probabilities=_proba(graph, encoder, proba, dtype),
        # margins come last, where there are both
        scores=outputs[-1] if is_own else scores,
    )


def _convert_binary_relevance(scope, operator, container):
    graph, model = Graph(scope, container), operator.raw_operator
    encoder, dtype = model._encoder, _dtype_of_scores(operator.inputs)
    inputs, has_proba = _inputs_of(operator), hasattr(model, "predict_proba")
    is_fixed = np.array(list(map(is_constant, model.estimators_)))
    if is_fixed.all():
        raise ValueError(
            "A BinaryRelevanceClassifier can't be written as ONNX if each label is"
            " always or never predicted."
        )
    columns = [
        None if fixed else _write_label(graph, unwrapped(each), inputs, dtype)
        for each, fixed in zip(model.estimators_, is_fixed, strict=True)
    ]
    any_column = next(each for each in columns if each is not None)
    columns = [each or any_column for each in columns]
    is_predicted, scores = (
        graph("Concat", *part, axis=1) for part in zip(*columns, strict=True)
    )
    if is_fixed.any():
        constants = np.array([each.classes_[0] for each in model.estimators_])
        of_scores = constants if has_proba else 2 * constants - 1
        is_predicted = graph("Where", is_fixed, constants, is_predicted)
        scores = graph("Where", is_fixed, of_scores.astype(dtype), scores)
    results = {"label": _label(graph, encoder, is_predicted), "scores": scores}
    if has_proba:
        results["probabilities"] = _proba(graph, encoder, scores, dtype)
    _finish(graph, operator, **results)


def _write_label(graph, classifier, inputs, dtype):
    """Add the classifier of one label: columns of its decisions and of its scores."""
    label, scores, *_ = write_classifier(
        graph, classifier, inputs, dtype, with_labels=True
    )
    scores = _label_scores(graph, classifier, scores, 1, dtype)
    column = np.array([-1, 1])
    return (
        graph("Reshape", graph.cast(label, np.int64), column),
        graph("Reshape", graph.cast(scores, dtype), column),
    )


def _convert_hierarchical(scope, operator, container):
    graph, model = Graph(scope, container), operator.raw_operator
    encoder, inner = model._encoder, unwrapped(model.estimator_)
    if encoder_of(inner) is None:
        raise ValueError(
            "A HierarchicalClassifier can be written as ONNX around a classifier of"
            f" skmultitag, such as ThresholdedClassifierCV, but not around"
            f" {shorten(inner)}."
        )
    dtype = _dtype_of_scores(operator.inputs)
    outputs = write_classifier(
        graph, inner, _inputs_of(operator), dtype, with_labels=True
    )
    names = [output.raw_name for output in operator.outputs]
    results = dict(zip(names, outputs, strict=True))
    # with one label there is nothing above or below it
    n_labels = encoder.n_outputs_
    if n_labels > 1:
        pairs = descendant_pairs(model.edges_, n_labels)
        results = {
            name: write_max_over_descendants(graph, each, pairs, n_labels)
            for name, each in results.items()
        }
    elif encoder.kind_ == "multilabel" and "probabilities" in results:
        results["probabilities"] = graph.column(results["probabilities"], -1)
    _finish(graph, operator, **results)


def _is_rounded(classifier, dtype):
    """Whether a classifier of this package has scores of more digits than `dtype`."""
    last = last_step(classifier)
    if isinstance(last, MultilabelVotingClassifier):
        return dtype == np.float32
    if not isinstance(last, _KERNEL_RIDGES):
        return False
    return _dtype_of_kernel_ridge(last).itemsize > dtype.itemsize


def _label_scores(graph, classifier, scores, n_labels, dtype):
    """Scores as `label_scores` reads them, of what skl2onnx makes of a classifier."""
    is_own = encoder_of(classifier) is not None
    if is_own and not hasattr(classifier, "predict_proba"):
        # margins of one label can have one dimension
        return graph("Reshape", scores, np.array([-1, n_labels]))
    if not isinstance(classifier.classes_, list):
        # of a target of one dimension there can be a column for each of two classes
        return graph.column(scores, -1) if n_labels == 1 else scores
    if isinstance(
        last_step(classifier), MultiOutputClassifier
    ):  # a sequence of matrices
        matrices = [
            graph("SequenceAt", scores, np.array(label)) for label in range(n_labels)
        ]
        columns = [graph.column(matrix, -1) for matrix in matrices]
        scores = graph("Concat", *columns, axis=1)
    else:  # of shape (n_labels, n_samples, 2)
        scores = graph("Gather", scores, np.array(1), axis=2)
        scores = graph("Transpose", scores, perm=[1, 0])
    classes = [list(map(truth_of, each.tolist())) for each in classifier.classes_]
    is_constant = np.array([len(each) == 1 for each in classes])
    if not is_constant.any():
        return scores
    # of one class in training, which is sure to come
    constants = np.array([each[0] for each in classes], dtype)
    return graph("Where", is_constant, constants, graph.cast(scores, dtype))


def _label_of_margin(graph, encoder, margin, dtype):
    """What `predict` returns: the positive labels, or the largest of classes."""
    if encoder.kind_ == "multiclass":
        best = graph("ArgMax", margin, axis=1, keepdims=0)
        return graph("Gather", _classes(encoder), best)
    return _label(graph, encoder, graph("Greater", margin, np.zeros((), dtype)))


def _label(graph, encoder, is_predicted):
    place = graph.cast(is_predicted, np.int64)
    if encoder.kind_ == "multilabel":
        return place
    place = graph("Reshape", place, np.array([-1]))
    return graph("Gather", _classes(encoder), place)


def _classes(encoder):
    """Classes of a target of one dimension, integers of any size as int64."""
    classes = encoder.classes_
    return classes.astype(np.int64) if classes.dtype.kind in "iu" else classes


def _proba(graph, encoder, proba, dtype):
    if encoder.kind_ == "multilabel":
        return proba
    return graph("Concat", graph("Sub", np.ones((), dtype), proba), proba, axis=1)


def _finish(graph, operator, **results):
    """Give the outputs of the operator their names and shapes."""
    for output in operator.outputs:
        # of one label there can be a column, or one dimension
        shape = np.array([-1, *output.type.shape[1:]])
        graph("Reshape", results[output.raw_name], shape, output=output.full_name)

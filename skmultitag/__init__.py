"""Multilabel tagging over precomputed embeddings, inside scikit-learn.

Objects are loaded on first use: ``import skmultitag`` does not import torch.
"""

from importlib import import_module

__version__ = "0.1.0.dev0"

_SUBMODULES = (
    "calibration",
    "datasets",
    "ensemble",
    "hierarchy",
    "kernel_ridge",
    "losses",
    "metrics",
    "model_selection",
    "multioutput",
    "neighbors",
    "neural_network",
    "onnx",
    "plotting",
    "sampling",
    "thresholds",
)
_OBJECTS = {
    "MultiTagClassifier": "skmultitag.neural_network",
    "PlattKnee": "skmultitag.thresholds",
    "ThresholdedClassifierCV": "skmultitag.thresholds",
    "for_inference": "skmultitag._for_inference",
    "predict_tags": "skmultitag._predict_tags",
    "trusted_types": "skmultitag._trusted_types",
}

# `help` and `import *` load all that is listed, and onnx needs optional packages
__all__ = sorted({*_OBJECTS, *_SUBMODULES, "__version__"} - {"onnx"})


def __getattr__(name):
    if name in _OBJECTS:
        return getattr(import_module(_OBJECTS[name]), name)
    if name in _SUBMODULES:
        return import_module(f"skmultitag.{name}")
    raise AttributeError(f"module 'skmultitag' has no attribute {name!r}")


def __dir__():
    return __all__

"""Export to ONNX, with the decision inside; needs ``pip install "skmultitag[onnx]"``.

The import registers converters with skl2onnx, so that `skl2onnx.to_onnx` knows the
classifiers of this package, at the end of a pipeline too.
"""

from skmultitag.onnx._converters import register_converters
from skmultitag.onnx._to_onnx import to_onnx

__all__ = ["to_onnx"]

register_converters()

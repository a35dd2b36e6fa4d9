"""Export to ONNX, with the decision inside; needs ``pip install "skmultitag[onnx]"``.

Importing this module registers converters with skl2onnx. So `skl2onnx.to_onnx` knows
the classifiers of this package, also at the end of a pipeline.
"""

try:
    from skmultitag.onnx._converters import register_converters
    from skmultitag.onnx._to_onnx import to_onnx
except ModuleNotFoundError as exc:
    raise ImportError(
        f'skmultitag.onnx needs {exc.name}: pip install "skmultitag[onnx]".'
    ) from exc

__all__ = ["to_onnx"]

register_converters()

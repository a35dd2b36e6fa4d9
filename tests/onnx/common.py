"""What the tests of the export share."""

import numpy as np
import onnxruntime

from skmultitag.onnx import to_onnx


def run(onnx_model, X):
    """Outputs by name, as a server computes them."""
    session = onnxruntime.InferenceSession(onnx_model.SerializeToString())
    [name] = [each.name for each in session.get_inputs()]
    names = [each.name for each in session.get_outputs()]
    return dict(zip(names, session.run(None, {name: X}), strict=True))


def assert_predicts_alike(model, X, onnx_model=None, *, n_eps=8):
    """Labels are the same, and scores up to rounding, of all rows and of one.

    Parameters
    ----------
    model : classifier

    X : ndarray

    onnx_model : onnx.ModelProto, default=None
        None for what `to_onnx` makes.

    n_eps : int, default=8
        Largest difference of scores, in units of rounding of the largest margin.

    Returns
    -------
    names : list of str
        Of the outputs.
    """
    onnx_model = to_onnx(model, X[:3]) if onnx_model is None else onnx_model
    methods = {"probabilities": "predict_proba", "scores": "decision_function"}
    for rows in (X, X[-1:]):
        outputs = run(onnx_model, rows)
        expected = np.asarray(model.predict(rows))
        label = outputs.pop("label")
        assert label.shape == expected.shape
        np.testing.assert_array_equal(label, expected)
        # errors of rounding are those of the margins
        largest = max(1, np.abs(outputs.get("scores", 1)).max())
        for name, values in outputs.items():
            theirs = getattr(model, methods[name])(rows)
            assert values.shape == theirs.shape
            eps = np.finfo(values.dtype).eps
            np.testing.assert_allclose(
                values, theirs, rtol=0, atol=n_eps * eps * largest
            )
    return ["label", *outputs]

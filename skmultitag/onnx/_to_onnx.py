"""From a fitted classifier to a model of ONNX that was tried."""

import json

import numpy as np
import onnxruntime
import skl2onnx
from onnx.helper import set_model_props
from scipy import sparse
from sklearn.utils.validation import check_is_fitted

from skmultitag.onnx._sub_estimator import unwrapped
from skmultitag.utils._fitted_labels import encoder_of
from skmultitag.utils._given import check_is_matrix
from skmultitag.utils._messages import shorten

_TOLERANCE = 1e-3  # share of the largest score; what is written wrongly differs by more


def to_onnx(model, X, *, target_opset=None, **params):
    """Export a fitted classifier to ONNX, with the decision inside.

    Use it to predict on machines without torch and scikit-learn. It calls
    :func:`skl2onnx.to_onnx`, and does three more things. It stores the names of the
    labels in the metadata. It takes the best model out of searches, and the model out
    of frozen estimators. It runs the result on the rows of `X`, and raises an error if
    the scores are not those of the classifier.

    The ONNX model has these outputs:

    - "label": the result of `predict`; an indicator is dense, of int64;
    - "probabilities": the result of `predict_proba`, if the classifier has it;
    - "scores": the result of `decision_function`, for
      :class:`~skmultitag.MultiTagClassifier`, also inside of
      :class:`~skmultitag.ThresholdedClassifierCV`, and for classifiers without
      `predict_proba`.

    Read more in the :ref:`User Guide <onnx>`.

    Parameters
    ----------
    model : classifier
        A fitted classifier of this package, also at the end of a pipeline, in a search
        or frozen. The User Guide lists what can be exported.

    X : array-like of shape (n_samples, n_features)
        At least one row, as the model will get them. The ONNX model takes matrices of
        the same dtype (float32 for float16) with any number of rows.

    target_opset : int, dict or None, default=None
        Version of the operators of ONNX, at least 18. None takes the newest version
        that skl2onnx was tested with.

    **params : dict
        Other parameters of :func:`skl2onnx.to_onnx`.

    Returns
    -------
    onnx_model : onnx.ModelProto
        The ONNX model. `onnx_model.SerializeToString()` returns the bytes of a file.
        "label_names" in its metadata is a list in JSON.

    Raises
    ------
    TypeError
        If the model is not a classifier of this package.

    ValueError
        If a part of the model can't be written as ONNX, or if the ONNX model has other
        scores.

    Examples
    --------
    >>> import json
    >>> import onnxruntime
    >>> from skmultitag import MultiTagClassifier
    >>> from skmultitag.datasets import make_multitag_classification
    >>> from skmultitag.onnx import to_onnx
    >>> X, y = make_multitag_classification(n_samples=200, random_state=0)
    >>> model = MultiTagClassifier(random_state=0).fit(X, y)
    >>> onnx_model = to_onnx(model, X[:1])
    >>> session = onnxruntime.InferenceSession(onnx_model.SerializeToString())
    >>> label, probabilities, scores = session.run(None, {"X": X})
    >>> bool((label == model.predict(X)).all())
    True
    >>> json.loads(session.get_modelmeta().custom_metadata_map["label_names"])
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    """
    encoder = encoder_of(model)
    if encoder is None:
        check_is_fitted(model)
        raise TypeError(
            "to_onnx takes classifiers of skmultitag, also at the end of a pipeline."
            f" Got {shorten(model)}: skl2onnx.to_onnx is for others."
        )
    matrix = _as_matrix(X)
    onnx_model = skl2onnx.to_onnx(
        unwrapped(model), matrix, target_opset=target_opset, **params
    )
    names = json.dumps(encoder.label_names_.tolist(), default=str)
    set_model_props(onnx_model, {"label_names": names})
    _check_scores(model, X, _run(onnx_model, model, matrix))
    return onnx_model


def _as_matrix(X):
    """Rows as skl2onnx takes them: an array of numbers, or a frame with a mix."""
    check_is_matrix(X, "X")
    if sparse.issparse(X):
        return X.toarray()
    matrix = np.asarray(X)
    if len(matrix) == 0 or (matrix.ndim != 2 and matrix.dtype.kind in "biuf"):
        raise ValueError(
            "X must have two dimensions and at least one row. Got shape"
            f" {matrix.shape}: pass X[:1] for one row."
        )
    if matrix.dtype == object and hasattr(X, "columns"):
        return X
    if matrix.dtype == np.float16:  # computed in float32 here too
        matrix = matrix.astype(np.float32)
    return matrix if matrix.ndim == 2 else matrix.reshape(-1, 1)  # a column of texts


def _check_scores(model, X, outputs):
    """Raise if the outputs of ONNX have other scores than the classifier."""
    methods = {"probabilities": "predict_proba", "scores": "decision_function"}
    # rounding of large margins is what moves probabilities
    scale = max(1, np.abs(outputs.get("scores", 1)).max())
    for name in outputs.keys() & methods.keys():
        expected = getattr(model, methods[name])(X)
        difference = np.abs(outputs[name] - expected).max()
        if not difference <= _TOLERANCE * scale:
            raise ValueError(
                f"The {name} of the ONNX model differ by {difference:.3g} from those of"
                f" {shorten(model)}, because skl2onnx or torch writes a part of it"
                " wrongly."
            )


def _run(onnx_model, model, X):
    """Outputs of ONNX Runtime by name."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # what it warns of, the caller can't change
    try:
        session = onnxruntime.InferenceSession(
            onnx_model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        names = [each.name for each in session.get_inputs()]
        columns = [X] if len(names) == 1 else [X[[name]].to_numpy() for name in names]
        results = session.run(None, dict(zip(names, columns, strict=True)))
    except Exception as exc:
        raise ValueError(
            f"ONNX Runtime can't run what skl2onnx makes of {shorten(model)}: {exc}"
        ) from exc
    names = [each.name for each in session.get_outputs()]
    return dict(zip(names, results, strict=True))

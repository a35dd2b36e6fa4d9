from importlib.util import find_spec

import numpy as np
import pytest

# modules that import what is missing can't be collected, and so not skipped
if not (find_spec("skl2onnx") and find_spec("onnxruntime")):
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="package")
def data():
    """1,000 rows of float64, an indicator of 5 labels, the third without positives."""
    from skmultitag.datasets import make_multitag_classification

    X, y = make_multitag_classification(
        1000, 8, 5, cardinality=2, imbalance=4, random_state=0
    )
    y[:, 2] = 0
    return X.astype(np.float32).astype(np.float64), y

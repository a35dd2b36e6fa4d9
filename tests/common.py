"""What tests of several folders share."""

import pytest
import sklearn
from sklearn.utils.fixes import parse_version


def run_check_of_transformer(estimator, check):
    """Run a check of scikit-learn, but for one that is wrong in its oldest version."""
    name = getattr(check, "func", check).__name__
    is_old = parse_version(sklearn.__version__) < parse_version("1.7")
    if is_old and name == "check_sample_weight_equivalence_on_dense_data":
        pytest.skip("makes different binary targets of weighted and repeated rows")
    check(estimator)

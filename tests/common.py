"""What tests of several folders share."""

import sklearn
from sklearn.utils.fixes import parse_version


def expected_failed_checks(estimator):
    """Checks of scikit-learn that a transformer fails by an error of the check."""
    if parse_version(sklearn.__version__) >= parse_version("1.7"):
        return {}
    return {
        "check_sample_weight_equivalence_on_dense_data": (
            "scikit-learn 1.6 makes different binary targets of the weighted and the"
            " repeated rows"
        )
    }

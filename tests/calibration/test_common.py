import numpy as np
import pytest
from scipy import sparse
from sklearn.utils.estimator_checks import parametrize_with_checks

from skmultitag.calibration import IsotonicCalibrator, PlattCalibrator
from tests.common import run_check_of_transformer

CALIBRATORS = [IsotonicCalibrator(), PlattCalibrator()]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@parametrize_with_checks(CALIBRATORS)
def test_scikit_learn_checks(estimator, check):
    run_check_of_transformer(estimator, check)


@pytest.mark.parametrize("calibrator", CALIBRATORS, ids=lambda c: type(c).__name__)
def test_probabilities_fit_the_frequencies_and_rise(calibrator):
    rng = np.random.default_rng(0)
    y = rng.random((3000, 4)) < [0.02, 0.1, 0.4, 0.8]
    scores = rng.normal(size=y.shape) + y
    proba = calibrator.fit_transform(scores, sparse.csr_array(y.astype(int)))
    np.testing.assert_allclose(proba.mean(axis=0), y.mean(axis=0), atol=2e-3)
    for label in range(4):
        rising = proba[np.argsort(scores[:, label]), label]
        assert (np.diff(rising) >= 0).all()


@pytest.mark.parametrize("calibrator", CALIBRATORS, ids=lambda c: type(c).__name__)
def test_bad_input_raises(calibrator):
    with pytest.raises(ValueError, match="contains NaN"):
        calibrator.fit([[0.1, np.nan]], [[0, 1]])
    with pytest.raises(ValueError, match=r"the shape of scores, \(2, 1\). Got"):
        calibrator.fit([[0.1], [0.2]], [[0, 1], [1, 0]])

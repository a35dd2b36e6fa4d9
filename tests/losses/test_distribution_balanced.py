import numpy as np
import pytest
from scipy import sparse
from sklearn.exceptions import NotFittedError

from skmultitag.losses import DistributionBalancedLoss
from tests.losses.common import random_batch

Y = np.array([[1, 0, 1, 0], [1, 0, 0, 0], [1, 1, 0, 0], [1, 1, 0, 0]])


@pytest.mark.parametrize("as_type", [np.asarray, sparse.csr_array])
def test_frequencies_are_counted_at_fit(as_type):
    loss = DistributionBalancedLoss().fit(as_type(Y))
    assert loss.label_frequency_.tolist() == [1 - 0.125, 0.5, 0.25, 0.125]
    loss.fit(as_type(Y), sample_weight=[3, 1, 0, 0])
    assert loss.label_frequency_.tolist() == [1 - 0.125, 0.125, 0.75, 0.125]


@pytest.mark.parametrize("total", [1e-20, 0.1, 1.0])
def test_weights_can_be_shares(total):
    y = np.tile(Y, (10, 1))
    loss = DistributionBalancedLoss().fit(y, np.full(40, total / 40))
    np.testing.assert_allclose(
        loss.label_frequency_, DistributionBalancedLoss().fit(y).label_frequency_
    )


def test_before_fit_raises():
    with pytest.raises(NotFittedError, match=r"call fit\(y_true\) before"):
        DistributionBalancedLoss()(*random_batch())

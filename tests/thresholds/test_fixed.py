import numpy as np
import pytest

from skmultitag.thresholds import FixedThreshold


def test_fixed_threshold():
    scores = np.array([[0.2, 0.5], [0.7, 0.4]])
    y = np.eye(2)
    assert FixedThreshold().fit_transform(scores, y).tolist() == [[0, 1], [1, 0]]
    model = FixedThreshold([0.1, 0.45]).fit(scores, y)
    assert model.transform(scores).tolist() == [[1, 1], [1, 0]]
    never = FixedThreshold([np.inf, 0.4]).fit(scores, y)
    assert never.transform(scores).tolist() == [[0, 1], [0, 1]]
    with pytest.raises(ValueError, match="must not be NaN"):
        FixedThreshold([0.1, np.nan]).fit(scores, y)
    with pytest.raises(ValueError, match=r"of shape \(2,\). Got shape \(3,\)"):
        FixedThreshold([0.1, 0.2, 0.3]).fit(scores, y)

import numpy as np
import pandas as pd
import pytest
from sklearn.neighbors import KNeighborsClassifier

from skmultitag import ThresholdedClassifierCV
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


@pytest.mark.parametrize("form", [dict, pd.Series])
def test_thresholds_by_name(form):
    y = pd.DataFrame({"cat": [1, 0, 1, 0], "dog": [0, 1, 1, 1]})
    scores = pd.DataFrame({"cat": [0.9, 0.2, 0.7, 0.4], "dog": [0.1, 0.8, 0.6, 0.5]})
    named = FixedThreshold(form({"dog": 0.55, "cat": 0.3}))
    in_order = FixedThreshold([0.3, 0.55]).fit(scores, y)
    assert named.fit(scores, y).threshold_.tolist() == in_order.threshold_.tolist()
    model = ThresholdedClassifierCV(KNeighborsClassifier(2), named, cv=2)
    assert model.fit(scores.to_numpy(), y).threshold_.tolist() == [0.3, 0.55]
    with pytest.raises(ValueError, match=r"lacks \['cat'\]. The labels are"):
        FixedThreshold(form({"dog": 0.5})).fit(scores, y)
    with pytest.raises(ValueError, match=r"The labels are \[0, 1\].*pass scores as"):
        named.fit(scores.to_numpy(), y)  # the names are those of scores
    with pytest.raises(ValueError, match=r"The labels are \[0, 1\].*y as a DataFrame"):
        model.fit(scores.to_numpy(), y.to_numpy())

"""`fetch_mulan`, with answers of OpenML made by hand: the tests have no network."""

from urllib.error import URLError

import numpy as np
import pytest
from scipy import sparse
from sklearn.utils import Bunch

from skmultitag.datasets import _mulan, fetch_mulan

X = np.arange(6.0).reshape(3, 2)
TARGET = np.array([["TRUE", "FALSE"], ["FALSE", "FALSE"], ["TRUE", "TRUE"]], object)


@pytest.fixture
def openml(monkeypatch):
    """The answer, and the arguments of the last call."""
    answer = Bunch(
        data=X,
        target=TARGET,
        feature_names=["a", "b"],
        target_names=["happy", "sad"],
        DESCR="Music.",
        details={"name": "emotions"},
        url="https://www.openml.org/d/40589",
        calls=[],
    )

    def fetch_openml(**kwargs):
        answer.calls.append(kwargs)
        return answer

    monkeypatch.setattr(_mulan, "fetch_openml", fetch_openml)
    return answer


def test_targets_are_an_indicator(openml):
    data = fetch_mulan("emotions")
    np.testing.assert_array_equal(data.target, [[1, 0], [0, 0], [1, 1]])
    assert data.target.dtype == np.int64
    np.testing.assert_array_equal(data.data, X)
    assert data.feature_names == ["a", "b"] and data.frame is None
    assert data.target_names.tolist() == ["happy", "sad"]
    assert data.DESCR == "Music." and data.url.endswith("40589")


def test_arguments_reach_openml(openml, tmp_path):
    fetch_mulan("emotions", data_home=tmp_path, cache=False, n_retries=1, delay=0.5)
    (kwargs,) = openml.calls
    assert kwargs["data_id"] == 40589 and kwargs["data_home"] == tmp_path
    assert not kwargs["cache"]
    assert (kwargs["n_retries"], kwargs["delay"]) == (1, 0.5)


def test_return_x_y_and_frames(openml):
    data, target = fetch_mulan("emotions", return_X_y=True)
    assert data.shape == target.shape == (3, 2)
    openml.data = sparse.csr_matrix(X)
    fetched = fetch_mulan("emotions", as_frame=True)
    assert fetched.frame.columns.tolist() == ["a", "b", "happy", "sad"]
    assert fetched.target["sad"].tolist() == [0, 0, 1]
    data, target = fetch_mulan("emotions", as_frame=True, return_X_y=True)
    assert data.equals(fetched.data) and target.equals(fetched.target)


def test_every_name_has_its_own_data_set(openml):
    for name in _mulan.DATA_IDS:
        openml.details["name"] = name.title()
        fetch_mulan(name)
    ids = [kwargs["data_id"] for kwargs in openml.calls]
    assert len(set(ids)) == len(ids) == 10


def test_another_data_set_raises(openml):
    openml.details["name"] = "iris"
    with pytest.raises(
        ValueError, match="40597 of OpenML should be 'yeast'. Got 'iris'"
    ):
        fetch_mulan("yeast")


def test_other_targets_raise(openml):
    openml.target = np.where(TARGET == "TRUE", "maybe", TARGET)
    with pytest.raises(ValueError, match="of 'emotions' .* Got 'MAYBE'"):
        fetch_mulan("emotions")


@pytest.mark.parametrize(
    "data_home, where", [(None, r"sklearn.datasets.get_data_home\(\)"), ("a/b", "a/b")]
)
def test_no_network_raises(monkeypatch, data_home, where):
    def fetch_openml(**kwargs):
        raise URLError("no route to host")

    monkeypatch.setattr(_mulan, "fetch_openml", fetch_openml)
    match = (
        "'yeast' could not be downloaded from OpenML: .*no route to host.* kept in the"
        f" folder {where}"
    )
    with pytest.raises(OSError, match=match):
        fetch_mulan("yeast", data_home=data_home)


def test_unknown_name_raises():
    with pytest.raises(ValueError, match="'name' parameter of fetch_mulan must be"):
        fetch_mulan("medical")

import re
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from skmultitag.datasets import (
    load_debtags,
    load_debtags_texts,
    make_multitag_classification,
)


def test_debtags_has_the_documented_shape():
    data = load_debtags()
    assert data.data.shape == (9200, 384) and data.data.dtype == np.float32
    assert data.target.shape == (9200, 121) and data.target.dtype == np.int64
    assert len(data.feature_names) == 384 and len(data.target_names) == 121
    assert np.isin(data.target, (0, 1)).all()
    n_labels = data.target.sum(axis=1)
    assert (n_labels.min(), n_labels.max()) == (0, 23)
    np.testing.assert_allclose(np.linalg.norm(data.data, axis=1), 1, atol=0.01)
    assert "22440 packages" in data.DESCR


def test_debtags_parts_are_the_split():
    data = load_debtags()
    for subset, rows, n_rows in [
        ("train", ~data.is_test, 6900),
        ("test", data.is_test, 2300),
    ]:
        X, y = load_debtags(subset=subset, return_X_y=True)
        assert len(X) == n_rows
        np.testing.assert_array_equal(X, data.data[rows])
        np.testing.assert_array_equal(y, data.target[rows])
        assert y.sum(axis=0).min() >= 5


def test_debtags_knows_what_a_package_is():
    data = load_debtags()
    row = data.packages.tolist().index("0ad")
    assert "use::gameplaying" in data.target_names[data.target[row] == 1]


def test_debtags_as_frame():
    data = load_debtags(as_frame=True, subset="test")
    assert data.frame.shape == (2300, 505)
    assert data.data.columns.tolist() == data.feature_names
    assert data.target.columns.tolist() == data.target_names.tolist()
    X, y = load_debtags(as_frame=True, subset="test", return_X_y=True)
    assert X.equals(data.data) and y.equals(data.target)


def test_debtags_unknown_part_raises():
    with pytest.raises(ValueError, match="'subset' parameter of load_debtags must be"):
        load_debtags(subset="valid")


def test_debtags_texts_have_the_documented_shape():
    texts = load_debtags_texts()
    assert texts.data.shape == (190,) and texts.target.shape == (190, 121)
    assert texts.target.dtype == np.int64
    n_labels = texts.target.sum(axis=1)
    assert (n_labels.min(), n_labels.max(), n_labels.mean().round(1)) == (2, 8, 4.5)
    assert texts.target.any(axis=0).sum() == 63
    assert "BSD 3-Clause" in texts.DESCR
    X, y = load_debtags_texts(return_X_y=True)
    assert X.tolist() == texts.data.tolist()
    np.testing.assert_array_equal(y, texts.target)


def test_debtags_texts_have_the_tags_of_debtags_and_other_packages():
    texts, debtags = load_debtags_texts(), load_debtags()
    assert texts.target_names.tolist() == debtags.target_names.tolist()
    assert len(set(texts.packages)) == len(texts.packages)
    assert not set(texts.packages).intersection(debtags.packages)
    for package, text in zip(texts.packages, texts.data, strict=True):
        assert text.startswith(f"{package}: ")


def test_tags_of_a_text():
    texts = load_debtags_texts()
    row = texts.packages.tolist().index("songthrush")
    tags = texts.target_names[texts.target[row] == 1]
    assert "music on a terminal" in texts.data[row]
    assert {"use::playing", "interface::text-mode", "implemented-in::c"} <= set(tags)


def test_each_shipped_file_has_terms():
    """A file without a line in the table of terms must not be shipped."""
    folder = resources.files("skmultitag.datasets.data")
    terms = (Path(__file__).parents[2] / "DATA_TERMS.rst").read_text(encoding="utf-8")
    files = {file.name for file in folder.iterdir() if file.is_file()}
    assert files - {"__init__.py"} == set(re.findall(r"\* - ``(.+)``", terms))


@pytest.mark.parametrize("noise", [0.05, 1.0, 5.0])
@pytest.mark.parametrize("label_dependence", [0.0, 0.8])
def test_frequencies_and_probabilities_are_as_asked(noise, label_dependence):
    _, y, proba = make_multitag_classification(
        40_000,
        n_labels=6,
        cardinality=1.5,
        imbalance=20,
        noise=noise,
        label_dependence=label_dependence,
        return_proba=True,
        random_state=0,
    )
    expected = 20 ** -np.linspace(0, 1, 6)
    expected *= 1.5 / expected.sum()
    np.testing.assert_allclose(proba.mean(axis=0), expected, rtol=0.1, atol=0.002)
    # calibrated: in each tenth of the probabilities, as many labels as they say
    for j in range(6):
        order = np.argsort(proba[:, j]).reshape(10, -1)
        gap = proba[:, j][order].mean(axis=1) - y[:, j][order].mean(axis=1)
        assert np.abs(gap).max() < 0.04


def test_dependence_is_beyond_the_features():
    correlations = []
    for dependence in (0.0, 0.9):
        _, y, proba = make_multitag_classification(
            20_000, label_dependence=dependence, return_proba=True, random_state=0
        )
        correlations.append(np.corrcoef((y - proba)[:, :2].T)[0, 1])
    assert abs(correlations[0]) < 0.03 and correlations[1] > 0.2


def test_little_noise_makes_labels_a_function_of_the_features():
    _, y, proba = make_multitag_classification(
        noise=1e-6, return_proba=True, random_state=0
    )
    np.testing.assert_array_equal(y, proba > 0.5)


def test_same_seed_same_data():
    first = make_multitag_classification(50, random_state=3)
    second = make_multitag_classification(50, random_state=3)
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, other)


def test_too_many_labels_a_row_raises():
    with pytest.raises(ValueError, match="needs a label on .*% of the rows"):
        make_multitag_classification(n_labels=3, cardinality=2.9)


@pytest.mark.parametrize("noise", [1e-300, 1e-3, 1e300])
def test_probabilities_are_inside_zero_and_one(noise):
    _, y, proba = make_multitag_classification(
        noise=noise, return_proba=True, random_state=0
    )
    assert proba.min() > 0 and proba.max() < 1
    assert y.mean() == pytest.approx(0.2, abs=0.02)

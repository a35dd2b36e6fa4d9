import numpy as np
import pytest
from scipy import sparse
from sklearn.metrics import confusion_matrix

from skmultitag.metrics import label_confusion_matrix


def test_counts_row_by_row():
    rng = np.random.RandomState(0)
    y, pred = rng.rand(2, 60, 5) < 0.4
    expected = np.zeros((5, 5), dtype=int)
    for truth, predicted in zip(y, pred, strict=True):
        for missed in np.flatnonzero(truth & ~predicted):
            for wrong in np.flatnonzero(predicted & ~truth):
                expected[missed, wrong] += 1
    assert expected.sum() > 50
    counts = label_confusion_matrix(y, pred)
    np.testing.assert_array_equal(counts, expected)
    counts = label_confusion_matrix(sparse.csr_array(y), sparse.csr_array(pred))
    np.testing.assert_array_equal(counts, expected)


def test_one_class_a_row_is_the_confusion_matrix():
    """With one label a row it is the usual matrix without its diagonal."""
    truth, predicted = np.random.RandomState(0).randint(4, size=(2, 100))
    expected = confusion_matrix(truth, predicted)
    np.fill_diagonal(expected, 0)
    counts = label_confusion_matrix(np.eye(4)[truth], np.eye(4)[predicted])
    np.testing.assert_array_equal(counts, expected)


def test_tags_need_names():
    y, pred = [["a"], ["a", "b"]], [["b"], ["a", "b"]]
    counts = label_confusion_matrix(y, pred, label_names=["a", "b"])
    assert counts.tolist() == [[0, 1], [0, 0]]
    with pytest.raises(ValueError, match="label_names must be given if y_pred has"):
        label_confusion_matrix(y, pred)

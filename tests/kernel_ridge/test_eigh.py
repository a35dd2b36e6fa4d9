import numpy as np
import pytest
import torch

from skmultitag.kernel_ridge import _eigh


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_torch_gives_what_scipy_gives(dtype):
    half = np.random.default_rng(0).normal(size=(20, 30)).astype(dtype)
    matrix = half @ half.T
    expected = np.linalg.eigvalsh(matrix)
    for values, vectors in (
        _eigh.eigh(matrix.copy()),
        _eigh._eigh_of_torch(matrix, torch.device("cpu")),
    ):
        assert values.dtype == vectors.dtype == dtype
        eps = 100 * np.finfo(dtype).eps * expected.max()
        np.testing.assert_allclose(values, expected, atol=eps)
        np.testing.assert_allclose((vectors * values) @ vectors.T, matrix, atol=eps)


def test_gpu_is_taken_for_large_matrices_and_may_be_too_small(monkeypatch):
    devices = []

    def without_memory(matrix, device):
        devices.append(device.type)
        raise torch.OutOfMemoryError("too small")

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(_eigh, "N_ROWS_FOR_GPU", 3)
    monkeypatch.setattr(_eigh, "_eigh_of_torch", without_memory)
    np.testing.assert_allclose(_eigh.eigh(np.diag([1.0, 2.0]))[0], [1, 2])
    assert devices == []
    np.testing.assert_allclose(_eigh.eigh(np.diag([1.0, 2.0, 3.0]))[0], [1, 2, 3])
    assert devices == ["cuda"]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_on_a_gpu(monkeypatch):
    monkeypatch.setattr(_eigh, "N_ROWS_FOR_GPU", 3)
    half = np.random.default_rng(0).normal(size=(50, 60))
    values, vectors = _eigh.eigh(half @ half.T)
    np.testing.assert_allclose((vectors * values) @ vectors.T, half @ half.T)

import numpy as np
import pytest
import torch

from skmultitag.kernel_ridge import _symmetric


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_torch_gives_what_scipy_gives(dtype):
    half = np.random.default_rng(0).normal(size=(20, 30)).astype(dtype)
    matrix = half @ half.T
    expected = np.linalg.eigvalsh(matrix)
    for values, vectors in (
        _symmetric.eigh(matrix.copy()),
        _symmetric._eigh_of_torch(matrix, torch.device("cpu")),
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
    monkeypatch.setattr(_symmetric, "N_ROWS_FOR_GPU", 3)
    monkeypatch.setattr(_symmetric, "_eigh_of_torch", without_memory)
    np.testing.assert_allclose(_symmetric.eigh(np.diag([1.0, 2.0]))[0], [1, 2])
    assert devices == []
    np.testing.assert_allclose(_symmetric.eigh(np.diag([1.0, 2.0, 3.0]))[0], [1, 2, 3])
    assert devices == ["cuda"]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_on_a_gpu(monkeypatch):
    monkeypatch.setattr(_symmetric, "N_ROWS_FOR_GPU", 3)
    half = np.random.default_rng(0).normal(size=(50, 60))
    values, vectors = _symmetric.eigh(half @ half.T)
    np.testing.assert_allclose((vectors * values) @ vectors.T, half @ half.T)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_solution_and_diagonal_of_the_inverse(dtype):
    half, target = np.random.default_rng(0).normal(size=(2, 20, 20)).astype(dtype)
    matrix = half @ half.T
    before = matrix.copy()
    solution, diagonal = _symmetric.solve_positive(matrix, 0.5, target)
    inverse = np.linalg.inv(matrix.astype(np.float64) + 0.5 * np.eye(20))
    rtol = 1e-9 if dtype == np.float64 else 1e-3
    np.testing.assert_allclose(solution, inverse @ target, rtol=rtol, atol=rtol)
    np.testing.assert_allclose(diagonal, inverse.diagonal(), rtol=rtol)
    assert solution.dtype == diagonal.dtype == dtype
    np.testing.assert_array_equal(matrix, before)
    assert _symmetric.solve_positive(-matrix, 0.5, target) is None
    with pytest.raises(ValueError, match="not finite"):
        _symmetric.solve_positive(matrix * np.nan, 0.5, target)

"""Linear algebra of symmetric matrices; eigenvectors on a GPU if there is one."""

import numpy as np
import scipy.linalg

# below, the import of torch and the way to the GPU take longer than the processor
N_ROWS_FOR_GPU = 3000


def eigh(matrix):
    """Eigenvalues in rising order, and eigenvectors as columns.

    Parameters
    ----------
    matrix : ndarray of shape (n, n)
        Symmetric; it may be overwritten.

    Returns
    -------
    values : ndarray of shape (n,)

    vectors : ndarray of shape (n, n)
        Of the dtype of `matrix`.

    Raises
    ------
    ValueError
        If an entry is not finite.
    """
    _check_finite(matrix)
    if len(matrix) >= N_ROWS_FOR_GPU:
        import torch

        if torch.cuda.is_available():
            try:
                return _eigh_of_torch(matrix, torch.device("cuda"))
            except torch.OutOfMemoryError:
                pass  # the memory of the processor is larger
    # the fastest driver, with three times the memory of the matrix; older versions of
    # scipy fail on one row with it
    driver = "evd" if len(matrix) > 1 else "ev"
    return scipy.linalg.eigh(
        matrix.T, driver=driver, overwrite_a=True, check_finite=False
    )


def solve_positive(matrix, alpha, target):
    """Solve (matrix + alpha) x = target, if that matrix is positive definite.

    Parameters
    ----------
    matrix : ndarray of shape (n, n)
        Symmetric.

    alpha : float

    target : ndarray of shape (n, n_targets)

    Returns
    -------
    solution : tuple of ndarray of shape (n, n_targets) and ndarray of shape (n,)
        x, and the diagonal of the inverse. Or None if it is not positive definite.

    Raises
    ------
    ValueError
        If an entry is not finite.
    """
    _check_finite(matrix)
    factor_of, inverse_of = scipy.linalg.get_lapack_funcs(("potrf", "potri"), (matrix,))
    # in the order of Fortran it is the same matrix, and needs no copy but this
    shifted = matrix.T.copy(order="F")
    shifted[np.diag_indices(len(shifted))] += alpha
    factor, failed = factor_of(shifted, lower=True, overwrite_a=True)
    if failed:
        return None
    solution = scipy.linalg.cho_solve((factor, True), target, check_finite=False)
    inverse, failed = inverse_of(factor, lower=True, overwrite_c=True)
    return None if failed else (solution, inverse.diagonal().copy())


def _check_finite(matrix):
    if not np.isfinite(matrix).all():
        raise ValueError(
            "The kernel has values that are not finite. If X has very large values,"
            " scale it, as sklearn.preprocessing.StandardScaler does."
        )


def _eigh_of_torch(matrix, device):
    import torch

    values, vectors = torch.linalg.eigh(torch.as_tensor(matrix, device=device))
    return values.cpu().numpy(), vectors.cpu().numpy()

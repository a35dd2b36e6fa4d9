"""Eigenvalues and eigenvectors, on a GPU if there is one."""

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
    if not np.isfinite(matrix).all():
        raise ValueError(
            "The kernel has values that are not finite. If X has very large values,"
            " scale it, as sklearn.preprocessing.StandardScaler does."
        )
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


def _eigh_of_torch(matrix, device):
    import torch

    values, vectors = torch.linalg.eigh(torch.as_tensor(matrix, device=device))
    return values.cpu().numpy(), vectors.cpu().numpy()

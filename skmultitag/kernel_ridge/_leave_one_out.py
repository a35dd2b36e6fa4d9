"""Ridge with an intercept, for many alphas at once, with its leave-one-out scores.

Both classes here give, for the number of an alpha, `loo_scores` and `coefficients`:
`DualRidge` by an eigendecomposition in the space of the rows, `PrimalRidge` in that of
features. Where both can be had they are equal.

Weights are numbers of repeated rows; only their ratio to alpha counts, so they are
divided by their mean, and alphas with them.
"""

import numpy as np

from skmultitag.kernel_ridge._symmetric import eigh, solve_positive
from skmultitag.utils._blocks import row_blocks


class DualRidge:
    """Ridge in the space of the rows, for any kernel.

    With weights w, S = diag(sqrt(w)) and s its diagonal, the coefficients are c = S u
    of the bordered system

        [S K S + alpha  s] [u]   [S y]
        [s'             0] [b] = [0  ].

    The block of its inverse that belongs to u, A, is that of the kernel that is
    centered at the weighted mean, without the direction s: so one decomposition serves
    all alphas. For a single one, a factorization by Cholesky is a good deal quicker.
    The score of row i by the fit on all others is y_i - u_i / (s_i A_ii): without its
    row and column, the system says what the row would get.

    Parameters
    ----------
    K : ndarray of shape (n_samples, n_samples)
        Kernel of the rows; it is overwritten.

    y : ndarray of uint8 of shape (n_samples, n_labels)
        Indicator, read as -1 and 1.

    sample_weight : ndarray of shape (n_samples,)
        Rows of weight 0 are not in the fit.

    alphas : ndarray of shape (n_alphas,)
    """

    def __init__(self, K, y, sample_weight, alphas):
        self._is_kept = is_kept = sample_weight > 0
        self._K_of_others = self._only_solution = None
        if not is_kept.all():
            self._K_of_others = K[~is_kept][:, is_kept]
            K, y = K[is_kept][:, is_kept], y[is_kept]
            sample_weight = sample_weight[is_kept]
        n_rows, dtype = len(K), K.dtype
        scale = sample_weight.mean()
        alphas = alphas / scale
        weight = (sample_weight / scale).astype(dtype)
        self._root = np.sqrt(weight)[:, None]
        self._y = coded(y, dtype)
        self._y_mean = weight @ self._y / n_rows
        self._K_mean = K @ weight / n_rows

        # centered, with an eigenvalue along s, the intercept's, that is like others:
        # at the eigenvalue 0 it would be lost in rounding where alpha is small
        K -= self._K_mean
        K -= (self._K_mean - self._K_mean @ weight / n_rows)[:, None]
        of_intercept = max(weight @ K.diagonal() / n_rows, 0) or 1.0
        K += of_intercept / n_rows
        K *= self._root
        K *= self._root.T
        target = self._root * (self._y - self._y_mean)
        solved = solve_positive(K, alphas[0], target) if len(alphas) == 1 else None
        if solved is None:
            values, self._vectors = eigh(K)
            values = _check_eigenvalues(values, alphas, scale)
            inverse = 1 / (values[:, None] + alphas)
            diagonal = self._diagonal_of(inverse)
            self._inverse = inverse.astype(dtype)
            self._projected = self._vectors.T @ target
        else:
            self._only_solution, diagonal = solved[0], solved[1][:, None]
        share = weight[:, None] / n_rows
        self._diagonal = diagonal - share / (of_intercept + alphas)

    def _diagonal_of(self, inverse):
        """The diagonal for each alpha, of V diag(inverse) V'."""
        inverse = inverse.astype(self._vectors.dtype)
        blocks = row_blocks(len(inverse), len(inverse))
        return np.concatenate([self._vectors[rows] ** 2 @ inverse for rows in blocks])

    def _solution(self, number):
        if self._only_solution is not None:
            return self._only_solution
        return self._vectors @ (self._inverse[:, number, None] * self._projected)

    def loo_scores(self, number):
        """Scores of shape (n_samples, n_labels), each row's without it."""
        diagonal = self._diagonal[:, number, None].astype(self._root.dtype)
        scores = self._y - self._solution(number) / (self._root * diagonal)
        if self._K_of_others is None:
            return scores
        coef, intercept = self.coefficients(number)
        coef = coef[self._is_kept]
        return self._spread(scores, self._K_of_others @ coef + intercept)

    def coefficients(self, number):
        """Coefficients of the kernel with the rows, and the intercepts."""
        dual_coef = self._root * self._solution(number)
        intercept = self._y_mean - self._K_mean @ dual_coef
        return self._spread(dual_coef, 0), intercept

    def _spread(self, of_kept, of_others):
        """Values of all rows."""
        if self._K_of_others is None:
            return of_kept
        values = np.empty((len(self._is_kept), of_kept.shape[1]), of_kept.dtype)
        values[self._is_kept], values[~self._is_kept] = of_kept, of_others
        return values


class PrimalRidge:
    """Ridge in the space of features that are made in blocks of rows.

    For the features z of the rows, with weights w, and h_i = w_i (1 / sum(w) + (z_i -
    mean)' (sum_j w_j (z_j - mean) (z_j - mean)' + alpha)^-1 (z_i - mean)), the leverage
    of a row, its score by the fit on all others is y_i - (y_i - f_i) / (1 - h_i).

    Parameters
    ----------
    features : callable
        Of a slice of rows, gives an ndarray of shape (n_rows, n_features).

    mapping : ndarray of shape (n_features, n_components) or None
        What the features are multiplied by. None leaves them as they are.

    origin : ndarray of shape (n_features,)
        Any point in the middle of the features, near to which moments lose no digits.

    y : ndarray of uint8 of shape (n_samples, n_labels)
        Indicator, read as -1 and 1.

    sample_weight : ndarray of shape (n_samples,)

    alphas : ndarray of shape (n_alphas,)

    landmarks : ndarray of int of shape (n_features,), default=None
        Number of the row whose kernel each feature is. A row that is one is left out as
        a landmark too, else its score would come from a feature that no new row has.
    """

    def __init__(
        self, features, mapping, origin, y, sample_weight, alphas, landmarks=None
    ):
        scale = sample_weight.mean()
        alphas = alphas / scale
        self._features, self._mapping, self._origin = features, mapping, origin
        self._y, self._dtype = y, origin.dtype
        self._weight = (sample_weight / scale).astype(self._dtype)
        self._mean, self._y_mean, gram, moment = self._moments()
        values, vectors = eigh(gram)
        self._inverse = 1 / (np.maximum(values, 0)[:, None] + alphas)
        self._vectors, self._projected = vectors, vectors.T @ moment
        leverage = self._leverages()
        self._landmarks = landmarks
        if landmarks is not None:
            self._shift, less = self._of_landmarks()
            leverage[landmarks] -= less
        leverage *= self._weight[:, None]
        # a row that alone decides on a direction has 1, but for rounding
        self._complement = np.maximum(1 - leverage, np.finfo(self._dtype).eps)

    def _blocks(self):
        width = max(len(self._origin), self._y.shape[1])
        return row_blocks(len(self._y), width)

    def _mapped(self, rows):
        features = self._features(rows) - self._origin
        return features if self._mapping is None else features @ self._mapping

    def _moments(self):
        """Means of features and targets, and second moments without these.

        Sums of a block are of its dtype, those of blocks in float64.
        """
        n_rows, total, gram, moment, y_total = len(self._y), 0.0, 0.0, 0.0, 0.0
        for rows in self._blocks():
            z, y = self._mapped(rows), coded(self._y[rows], self._dtype)
            weighted = z * self._weight[rows, None]
            total = total + weighted.sum(axis=0, dtype=np.float64)
            gram = gram + (weighted.T @ z).astype(np.float64)
            moment = moment + (weighted.T @ y).astype(np.float64)
            y_total = y_total + self._weight[rows].astype(np.float64) @ y
        mean, y_mean = total / n_rows, y_total / n_rows
        gram -= n_rows * np.outer(mean, mean)
        return mean, y_mean, gram, moment - n_rows * np.outer(mean, y_mean)

    def _in_eigenvectors(self, rows):
        """Centred features of rows, in the directions of the eigenvectors."""
        centered = self._mapped(rows) - self._mean.astype(self._dtype)
        return centered @ self._vectors.astype(self._dtype)

    def _leverages(self):
        """Leverage of each row and alpha, of a weight of 1."""
        inverse = self._inverse.astype(self._dtype)
        blocks = [self._in_eigenvectors(rows) ** 2 @ inverse for rows in self._blocks()]
        return np.concatenate(blocks) + 1 / len(self._y)

    def _of_landmarks(self):
        """Shifts of the landmarks, and what their leverages lose by these.

        A row that is a landmark is left out as one too.

        With a, the features of a row and 1, and e, the unit vector of its coefficient,
        which must be 0, and G, the inverse of the matrix of moments: f_i - shift * coef
        is its fitted score, and a'Ga - shift * a'Ge its leverage, for shift =
        a'Ge / e'Ge.
        """
        rows, inverse = self._landmarks, self._inverse.astype(self._dtype)
        units = self._mapping @ self._vectors.astype(self._dtype)
        mixed = (self._in_eigenvectors(rows) * units) @ inverse
        shift = mixed / (units**2 @ inverse)
        return shift, shift * mixed

    def loo_scores(self, number):
        """Scores of shape (n_samples, n_labels), each row's without it."""
        coef, intercept = self.coefficients(number)
        scores = np.empty(self._y.shape, self._dtype)
        for rows in self._blocks():
            scores[rows] = self._features(rows) @ coef + intercept
        if self._landmarks is not None:
            scores[self._landmarks] -= self._shift[:, number, None] * coef
        for rows in self._blocks():
            y = coded(self._y[rows], self._dtype)
            scores[rows] = y - (y - scores[rows]) / self._complement[rows, number, None]
        return scores

    def coefficients(self, number):
        """Coefficients of the features before the mapping, and the intercepts."""
        coef = self._vectors @ (self._inverse[:, number, None] * self._projected)
        intercept = self._y_mean - self._mean @ coef
        if self._mapping is not None:
            coef = self._mapping.astype(np.float64) @ coef
        intercept = intercept - self._origin @ coef
        return coef.astype(self._dtype), intercept.astype(self._dtype)


def coded(y, dtype):
    """An indicator as -1 and 1."""
    return 2 * y.astype(dtype) - 1


def _check_eigenvalues(values, alphas, scale):
    """Eigenvalues without what rounding makes negative; raise if the kernel is."""
    rounding = len(values) * np.finfo(values.dtype).eps * np.abs(values).max()
    values = np.where(np.abs(values) <= rounding, np.maximum(values, 0), values)
    if values[0] + alphas.min() <= 0:
        raise ValueError(
            "The kernel is not positive semi-definite on these rows: its smallest"
            f" eigenvalue is {values[0] * scale:.3g}, so all alphas must be larger than"
            f" {-values[0] * scale:.3g}. Pass larger alphas, or another kernel."
        )
    return values.astype(np.float64)
